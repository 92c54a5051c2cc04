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
from collections.abc import Callable, Mapping
from functools import cache, partial, wraps
from importlib import import_module
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from stepfun_mock.contract import HOSTS
from stepfun_mock.transports.callers import client_of
from stepfun_mock.transports.patches import Patches


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

    def __enter__(self) -> Self:
        self._patches = Patches()
        try:
            for seam in _STANDARD:
                self._watch(seam, import_module(seam.module))
            for seam in _UVLOOP:
                self._watch(seam, _uvloop())
            for seam in _IF_LOADED:
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

    def _watch(self, seam: "_Seam", module: Any) -> None:  # noqa: ANN401 (a module, or None)
        owner = getattr(module, seam.owner, None) if seam.owner else module
        if hasattr(owner, seam.name):  # a library of another version may lack it
            make = self._awaited if seam.awaited else self._called
            self._patches.replace(owner, seam.name, partial(make, seam, self._patches))

    def _called(self, seam: "_Seam", patches: Patches, before: _Function) -> _Function:
        @wraps(before)
        def stand_in(*given: Any, **named: Any) -> Any:  # noqa: ANN401
            if patches.active:
                self._check(seam, given, named)
            return before(*given, **named)

        return stand_in

    def _awaited(self, seam: "_Seam", patches: Patches, before: _Function) -> _Function:
        @wraps(before)
        async def stand_in(*given: Any, **named: Any) -> Any:  # noqa: ANN401
            if patches.active:
                self._check(seam, given, named)
            return await before(*given, **named)

        return stand_in

    def _check(self, seam: "_Seam", given: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Raise an EscapedError where an argument names a real host."""
        for argument in seam.hosts:
            if host := _real(argument.host(given, named)):
                raise self._stopped(host, seam)

    def _stopped(self, host: str, seam: "_Seam") -> EscapedError:
        client = client_of(seam.module, sys._getframe())
        message = (
            f"{client} asked the real {host}, and stepfun-mock stopped it: {self._remedy(client)}"
        )
        self.escapes.append(Escape(host, client, message))
        return _error_for(client)(message)


def proxy_exceptions(environ: Mapping[str, str]) -> dict[str, str]:
    """NO_PROXY and no_proxy with StepFun's hosts added, so that no proxy hides them from the guard.

    Args:
        environ: The environment as it is; it is not changed.

    Returns:
        The new values of both variables. Where only one of them was set, both get its hosts,
        since clients that find one do not look at the other.
    """
    upper, lower = environ.get("NO_PROXY", ""), environ.get("no_proxy", "")
    return {"NO_PROXY": _with_hosts(upper or lower), "no_proxy": _with_hosts(lower or upper)}


def _with_hosts(value: str) -> str:
    named = [name for part in value.split(",") if (name := part.strip())]
    if named == ["*"]:
        return "*"  # urllib knows it only where it stands alone
    return ",".join([*named, *(host for host in HOSTS if host not in named)])


def _error_for(client: str) -> type[EscapedError]:
    """EscapedError; for the openai SDK also an error of its own, since it retries all others."""
    openai = sys.modules.get("openai")
    if openai is None or not client.startswith("openai"):
        return EscapedError
    return type("EscapedError", (EscapedError, openai.OpenAIError), {"__module__": __name__})


# Whether it is one of ours ---------------------------------------------------------


def _real(host: object) -> str | None:
    """The real host that a name stands for, or None."""
    if isinstance(host, bytes | bytearray):
        host = host.decode("latin-1")
    if not isinstance(host, str):
        return None
    name = host.lower().removesuffix(".")
    return name if name in HOSTS else None


def _addressee(target: object) -> str | None:
    """The host in the target of a request to a proxy: a whole URL, or `host:port`."""
    if isinstance(target, bytes | bytearray):
        target = target.decode("latin-1")
    if not isinstance(target, str) or target.startswith("/"):
        return None  # a path, as nearly always: it is meant for the server that it is sent to
    try:
        return urlsplit(target if "//" in target else f"//{target}").hostname
    except ValueError:
        return None  # clients refuse it themselves


@cache
def _uvloop() -> Any:  # noqa: ANN401 (a module, or None)
    """uvloop, where it is installed; loaded or not, since it must never meet the seams of ssl.

    An error there, while it connects a socket of the client's, makes it close that one twice.
    """
    try:
        return import_module("uvloop")
    except ImportError:
        return None


# Where it is looked for ---------------------------------------------------------------


class _Argument(NamedTuple):
    """An argument that may hold a host; `place` counts `self`, and 99 stands for keyword only."""

    place: int
    name: str
    read: Callable[[Any], object] = lambda value: value

    def host(self, given: tuple[Any, ...], named: dict[str, Any]) -> object:
        value = given[self.place] if self.place < len(given) else named.get(self.name)
        return None if value is None else self.read(value)


class _Seam(NamedTuple):
    """A function that is looked through; `owner` is a class of the module, or "" for none."""

    module: str
    owner: str
    name: str
    hosts: tuple[_Argument, ...]
    awaited: bool = False


_ADDRESS = _Argument(1, "address", lambda it: it[0] if it and isinstance(it, tuple) else None)
_SERVER = _Argument(99, "server_hostname")
_CONNECTION = (_Argument(2, "host"), _SERVER)
_PROXIED = (
    _Argument(1, "request", lambda request: request.url.host),
    _Argument(1, "request", lambda request: _addressee(request.url.target)),
)

_STANDARD = (
    _Seam("socket", "", "getaddrinfo", (_Argument(0, "host"),)),
    _Seam("socket", "", "gethostbyname", (_Argument(0, "host"),)),
    _Seam("socket", "", "gethostbyname_ex", (_Argument(0, "host"),)),
    _Seam("socket", "socket", "connect", (_ADDRESS,)),
    _Seam("socket", "socket", "connect_ex", (_ADDRESS,)),
    # Here the client still waits on the stack; the thread that looks the name up has none.
    _Seam("asyncio", "BaseEventLoop", "getaddrinfo", (_Argument(1, "host"),), True),
    _Seam("asyncio", "BaseEventLoop", "create_connection", _CONNECTION, True),
    _Seam("asyncio", "BaseEventLoop", "start_tls", (_SERVER,), True),
    # Whoever found the address some other way, or goes through a proxy, says the name here.
    _Seam("ssl", "SSLContext", "wrap_socket", (_Argument(5, "server_hostname"),)),
    _Seam("ssl", "SSLContext", "wrap_bio", (_Argument(4, "server_hostname"),)),
    _Seam("http.client", "HTTPConnection", "set_tunnel", (_Argument(1, "host", _addressee),)),
    # Connections that are open already, and plain http through a proxy.
    _Seam(
        "http.client",
        "HTTPConnection",
        "putrequest",
        (
            _Argument(0, "self", lambda connection: getattr(connection, "host", None)),
            _Argument(0, "self", lambda connection: getattr(connection, "_tunnel_host", None)),
            _Argument(2, "url", _addressee),
        ),
    ),
)

_UVLOOP = (
    _Seam("uvloop", "Loop", "getaddrinfo", (_Argument(1, "host"),), True),
    _Seam("uvloop", "Loop", "create_connection", _CONNECTION, True),
    _Seam("uvloop", "Loop", "start_tls", (_SERVER,), True),
)

_IF_LOADED = (
    # It keeps connections and has resolvers of its own; a Unix socket's connector is let be.
    _Seam(
        "aiohttp",
        "TCPConnector",
        "connect",
        (_Argument(1, "req", lambda request: request.url.host),),
        True,
    ),
    # httpx's open connections and proxies. The mocks for httpx stand above it, so that what
    # they answer is never seen here.
    *(
        _Seam(library, f"{kind}{version}Connection", name, _PROXIED, awaited=bool(kind))
        for library in ("httpcore", "httpcore2")
        for version in ("HTTP11", "HTTP2")
        for kind, name in (("", "handle_request"), ("Async", "handle_async_request"))
    ),
)
