"""Nothing escapes: a request to a real StepFun host stops before it leaves this machine.

What the guard cannot see:

- child processes, and clients that bring their own sockets in C: pycurl, grpc;
- a name that c-ares or a SOCKS proxy is asked for by somebody whom no seam knows: the name may
  leave, the TLS handshake does not;
- aiohttp, httpx and httpx2 where they are first imported while the guard is up: lookups and TLS
  are watched as ever, plain http through a proxy is not;
- connections that were open before, but for those of http.client, urllib3, requests, aiohttp,
  httpx and httpx2: those are watched per request;
- TLS by pyOpenSSL and QUIC, which leave the ssl module alone: only their name lookup is stopped.

It looks at names, so a fake of StepFun's host that lies below a client (a faked DNS, a proxy on
this machine) counts as the real one.
"""

import sys
from collections.abc import Callable, Collection, Mapping
from functools import partial, wraps
from importlib import import_module
from types import TracebackType
from typing import Any, NamedTuple, Self

from stepfun_mock.contract import HOSTS
from stepfun_mock.transports.callers import client_of
from stepfun_mock.transports.patches import Patches
from stepfun_mock.transports.seams import IF_LOADED, STANDARD, UVLOOP, Seam, real_host, uvloop


class EscapedError(RuntimeError):
    """A request would have reached a real StepFun host.

    No OSError, since HTTP libraries wrap those and try again.
    """


class Escape(NamedTuple):
    """One attempt that was stopped: at which host, by which client, and the whole sentence."""

    host: str
    client: str
    message: str


_Function = Callable[..., Any]


class Guard:
    """Stops every request of this process to a real StepFun host, while its `with` block lasts.

    Other hosts are left alone, and so is what an interception entered after the guard answers.

    Args:
        remedy: Gets the client, such as `requests (urllib3)`, and returns the way out, which
            ends the sentence.
    """

    def __init__(self, remedy: Callable[[str], str]) -> None:
        self.escapes: list[Escape] = []
        """Every attempt that was stopped, oldest first; swallowed ones included."""
        self._remedy = remedy
        self._patches = Patches()
        # Kept from one time to the next: making them is most of what it costs to put it up.
        self._stand_ins: dict[tuple[str, str, str], tuple[_Function, _Function]] = {}

    def __enter__(self) -> Self:
        self._patches = Patches()
        try:
            for seam in STANDARD:
                self._watch(seam, sys.modules.get(seam.module) or import_module(seam.module))
            for seam in UVLOOP:
                self._watch(seam, uvloop())
            for seam in IF_LOADED:
                self._watch(seam, sys.modules.get(seam.module))
        except BaseException:
            self._patches.undo()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._patches.undo()

    def _watch(self, seam: Seam, module: Any) -> None:  # noqa: ANN401 (a module, or None)
        owner = getattr(module, seam.owner, None) if seam.owner else module
        if hasattr(owner, seam.name):  # a library of another version may lack it
            self._patches.replace(owner, seam.name, partial(self._stand_in, seam))

    def _stand_in(self, seam: Seam, before: _Function) -> _Function:
        place = seam.module, seam.owner, seam.name
        kept = self._stand_ins.get(place)
        if kept is None or kept[0] is not before:
            make = self._awaited if seam.awaited else self._called
            kept = self._stand_ins[place] = before, make(seam, before)
        return kept[1]

    def _called(self, seam: Seam, before: _Function) -> _Function:
        @wraps(before)
        def stand_in(*given: Any, **named: Any) -> Any:  # noqa: ANN401
            if self._patches.active:
                self._check(seam, given, named)
            return before(*given, **named)

        return stand_in

    def _awaited(self, seam: Seam, before: _Function) -> _Function:
        @wraps(before)
        async def stand_in(*given: Any, **named: Any) -> Any:  # noqa: ANN401
            if self._patches.active:
                self._check(seam, given, named)
            return await before(*given, **named)

        return stand_in

    def _check(self, seam: Seam, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Raise an EscapedError where an argument names a real host."""
        for argument in seam.hosts:
            if host := real_host(argument.host(given, named)):
                raise self._stopped(host, seam)

    def _stopped(self, host: str, seam: Seam) -> EscapedError:
        client = client_of(seam.module, sys._getframe())
        message = (
            f"{client} asked the real {host}, and stepfun-mock stopped it: {self._remedy(client)}"
        )
        self.escapes.append(Escape(host, client, message))
        return _error_for(client)(message)


def proxy_exceptions(environ: Mapping[str, str], more: Collection[str] = ()) -> dict[str, str]:
    """NO_PROXY and no_proxy with StepFun's hosts added, so that no proxy hides them from the guard.

    Args:
        environ: The environment as it is; it is not changed.
        more: Further hosts to add.

    Returns:
        The new values of both variables. Where only one of them was set, both get its hosts,
        since clients that find one do not look at the other.
    """
    upper, lower = environ.get("NO_PROXY", ""), environ.get("no_proxy", "")
    hosts = (*HOSTS, *more)
    return {
        "NO_PROXY": _with_hosts(upper or lower, hosts),
        "no_proxy": _with_hosts(lower or upper, hosts),
    }


def _with_hosts(value: str, hosts: Collection[str]) -> str:
    named = [name for part in value.split(",") if (name := part.strip())]
    if named == ["*"]:
        return "*"  # urllib knows it only where it stands alone
    return ",".join([*named, *(host for host in hosts if host not in named)])


def _error_for(client: str) -> type[EscapedError]:
    """EscapedError; for the openai SDK also an error of its own, since it retries all others."""
    openai = sys.modules.get("openai")
    if openai is None or not client.startswith("openai"):
        return EscapedError
    return type("EscapedError", (EscapedError, openai.OpenAIError), {"__module__": __name__})
