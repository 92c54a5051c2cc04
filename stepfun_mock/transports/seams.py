"""Where a request to a real host shows, whoever sends it: functions, and which argument."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from stepfun_mock.contract import HOSTS

# Whether it is one of ours ---------------------------------------------------------


def real_host(host: object) -> str | None:
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
def uvloop() -> Any:  # noqa: ANN401 (a module, or None)
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


class Seam(NamedTuple):
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

STANDARD = (
    Seam("socket", "", "getaddrinfo", (_Argument(0, "host"),)),
    Seam("socket", "", "gethostbyname", (_Argument(0, "host"),)),
    Seam("socket", "", "gethostbyname_ex", (_Argument(0, "host"),)),
    Seam("socket", "socket", "connect", (_ADDRESS,)),
    Seam("socket", "socket", "connect_ex", (_ADDRESS,)),
    # Here the client still waits on the stack; the thread that looks the name up has none.
    Seam("asyncio", "BaseEventLoop", "getaddrinfo", (_Argument(1, "host"),), True),
    Seam("asyncio", "BaseEventLoop", "create_connection", _CONNECTION, True),
    Seam("asyncio", "BaseEventLoop", "start_tls", (_SERVER,), True),
    # Whoever found the address some other way, or goes through a proxy, says the name here.
    Seam("ssl", "SSLContext", "wrap_socket", (_Argument(5, "server_hostname"),)),
    Seam("ssl", "SSLContext", "wrap_bio", (_Argument(4, "server_hostname"),)),
    Seam("http.client", "HTTPConnection", "set_tunnel", (_Argument(1, "host", _addressee),)),
    # Connections that are open already, and plain http through a proxy.
    Seam(
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

UVLOOP = (
    Seam("uvloop", "Loop", "getaddrinfo", (_Argument(1, "host"),), True),
    Seam("uvloop", "Loop", "create_connection", _CONNECTION, True),
    Seam("uvloop", "Loop", "start_tls", (_SERVER,), True),
)

IF_LOADED = (
    # It keeps connections and has resolvers of its own; a Unix socket's connector is let be.
    Seam(
        "aiohttp",
        "TCPConnector",
        "connect",
        (_Argument(1, "req", lambda request: request.url.host),),
        True,
    ),
    # httpx's open connections and proxies. The mocks for httpx stand above it, so that what
    # they answer is never seen here.
    *(
        Seam(library, f"{kind}{version}Connection", name, _PROXIED, awaited=bool(kind))
        for library in ("httpcore", "httpcore2")
        for version in ("HTTP11", "HTTP2")
        for kind, name in (("", "handle_request"), ("Async", "handle_async_request"))
    ),
)
