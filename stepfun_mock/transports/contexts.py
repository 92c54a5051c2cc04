"""One TLS context for all clients that ask for the default one, instead of one for each.

Loading the CA bundle is most of what it costs to make a client of httpx or httpx2; a test suite
makes hundreds.
"""

import os
import ssl
import sys
from collections.abc import Callable, Hashable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from stepfun_mock.transports.libraries import LIBRARIES, found
from stepfun_mock.transports.patches import Patches

_NAME = "create_ssl_context"
_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
_KEPT = 8

_Create = Callable[..., ssl.SSLContext]


class SharedContexts:
    """Lets clients with the default TLS arguments share a context, while a `with` block lasts.

    The contexts are the libraries' own, so a client trusts whom it would trust without this. One
    is kept for each library, `trust_env`, and state of the variables that it is made from; what
    clients ask for otherwise (`verify=False`, a context or a path, `cert`) is made as ever, and so
    is what anybody gets from the public `httpx.create_ssl_context()`.

    Keep one for as long as contexts are to be shared, and enter it as often as you like.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, ssl.SSLContext] = {}
        self._entered: list[Patches] = []

    def __enter__(self) -> Self:
        patches = Patches()
        for name in LIBRARIES:
            library, transports = found(name), found(f"{name}._transports.default")
            # The name is private: where a version does not have it, clients are as slow as ever.
            if hasattr(transports, _NAME) and hasattr(library, _NAME):
                self._share(patches, library, transports)
        self._entered.append(patches)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._entered.pop().undo()

    def _share(self, patches: Patches, library: Any, transports: Any) -> None:  # noqa: ANN401
        def make(below: _Create) -> _Create:
            return _Sharing(patches, library, below, self._kept)

        patches.replace(transports, _NAME, make)


class _Sharing:
    """What stands in for the private function of a library."""

    def __init__(
        self,
        patches: Patches,
        library: Any,  # noqa: ANN401 (a module)
        below: _Create,
        kept: dict[Hashable, ssl.SSLContext],
    ) -> None:
        self._patches = patches
        self._library = library.__name__
        self._below = below
        self._kept = kept
        # Somebody else's replacement has a reason to be asked every time.
        self.genuine: bool = below is library.create_ssl_context or (
            isinstance(below, _Sharing) and below.genuine
        )

    def __call__(
        self,
        verify: Any = True,  # noqa: ANN401 (what users give)
        cert: Any = None,  # noqa: ANN401 (what users give)
        trust_env: bool = True,
        **more: Any,  # noqa: ANN401 (what later versions may add)
    ) -> ssl.SSLContext:
        plain = verify is True and cert is None and not more
        if plain and self.genuine and self._patches.active:
            return self._shared(bool(trust_env))
        return self._below(verify=verify, cert=cert, trust_env=trust_env, **more)

    def _shared(self, trust_env: bool) -> ssl.SSLContext:
        key = (self._library, trust_env, _state())
        context = self._kept.get(key)
        if context is None:
            context = self._below(verify=True, cert=None, trust_env=trust_env)
            if len(self._kept) >= _KEPT:
                # A suite that sets its own SSL_CERT_FILE in each test must not grow with them.
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[key] = context
        return context


def _state() -> Hashable:
    """All that a default context is made from: variables, files, and the makers in `ssl`."""
    return (
        *(os.environ.get(name) for name in _VARIABLES),
        _stamp(os.environ.get("SSL_CERT_FILE")),
        _stamp(os.environ.get("SSL_CERT_DIR")),
        _bundle(),
        ssl.SSLContext,
        ssl.create_default_context,
    )


def _bundle() -> Hashable:
    """Which certificates certifi gives, since httpx asks it for them."""
    certifi = sys.modules.get("certifi")
    path = None if certifi is None else certifi.where()
    return path, _stamp(path)


def _stamp(path: str | None) -> Hashable:
    """What tells one content of a file from the next; None where there is no file."""
    try:
        found = Path(path).stat() if path else None
    except OSError:
        return None
    return found and (found.st_mtime_ns, found.st_size, found.st_ino)
