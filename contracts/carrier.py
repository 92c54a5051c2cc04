"""Takes requests to a server and brings its replies back; the only room that sends the key.

It stands on httpcore, the engine of httpx, and not on its client: that one logs signed links,
fails at a reply whose `Location` it cannot read, and bounds each read instead of the exchange.
"""

import socket
import ssl
import threading
import weakref
from contextlib import closing
from functools import cache
from importlib import metadata
from typing import Any, NoReturn, Protocol
from urllib.parse import quote, unquote_to_bytes, urlsplit

import httpcore
import httpx

from .addresses import Origin, Resolve, check_link, origin_of, proxy_for, within
from .errand import TROUBLES, Backend, Errand, underway
from .exchange import Ask, NotCarriedError, Reply, Trouble
from .key import Key
from .packing import unpacked

LIMIT = 32 * 1024 * 1024
"""Bytes of a reply body, unpacked, that are read unless told otherwise."""

_IDLE = 0.5  # seconds; a server may be about to close a connection that is idle for longer
_WITH_BODY = ("POST", "PUT", "PATCH")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


class Carrier(Protocol):
    """Whoever takes requests to a server; from several threads at once."""

    def carry(self, ask: Ask) -> Reply:
        """Send a request, and wait for the whole reply.

        Raises:
            NotCarriedError: there is none.
        """


class Wire:
    """Carries requests over the network, each once: it neither repeats nor follows redirects.

    The key goes to the target's own scheme, host and port and nowhere else; where links lead is
    looked at first (`check_link`). Connections are kept, idle ones for half a second. The proxies
    of the environment hold unless the target is on this machine.

    Args:
        key: The key.
        origin: A URL of the target; what follows its host and port does not matter.
        timeout: Seconds for a whole exchange: looking up, connecting, asking, reading to the end.
        limit: Bytes of a reply body, unpacked, that are too many if exceeded.
        loopback: Whether the target is on this machine.
        resolve: Finds the addresses of a host.

    Raises:
        NotCarriedError: of the kind ADDRESS, where `origin` is no URL that can be asked.
    """

    def __init__(
        self,
        key: Key,
        *,
        origin: str,
        timeout: float,
        limit: int = LIMIT,
        loopback: bool,
        inside: bool = False,
        resolve: Resolve = socket.getaddrinfo,
    ) -> None:
        self._key = key
        self._own = origin_of(origin)
        self._timeout = timeout
        self._limit = limit
        self._loopback = loopback
        self._inside = inside
        self._resolve = resolve
        self._pools: dict[tuple[str, str | None], httpcore.ConnectionPool] = {}
        self._lock = threading.Lock()
        weakref.finalize(self, _close, self._pools, self._own)

    def close(self) -> None:
        """Close all connections; the end of the program does so too."""
        _close(self._pools, self._own)

    def carry(self, ask: Ask) -> Reply:
        """Send a request, and wait for the whole reply; safe to call from several threads.

        Raises:
            NotCarriedError: there is none; the sentence says why.
        """
        outcome = self._outcome(ask)
        if isinstance(outcome, NotCarriedError):
            raise outcome  # here, where no frame and no cause holds the request with the key
        return outcome

    def _outcome(self, ask: Ask) -> Reply | NotCarriedError:
        try:
            seconds = min(self._timeout, ask.seconds or self._timeout)
            errand = Errand(origin_of(ask.url), seconds)
            with underway(errand):
                try:
                    return self._exchanged(ask, errand)
                except TROUBLES as problem:
                    return errand.explained(problem)
        except NotCarriedError as problem:
            return NotCarriedError(problem.kind, problem.sentence)
        except BaseException as problem:
            _raise_bare(problem)

    def _exchanged(self, ask: Ask, errand: Errand) -> Reply:
        origin = errand.origin
        proxy = None if self._loopback else proxy_for(origin)
        if origin != self._own:
            resolve = None if proxy else within(errand.left(), self._resolve)
            found = check_link(
                ask.url,
                loopback_target=self._loopback,
                inside_target=self._inside,
                resolve=resolve,
            )
            errand.addresses = () if proxy else found
        request = httpcore.Request(
            ask.method,
            httpcore.URL(
                scheme=origin.scheme, host=origin.host, port=origin.port, target=_target(ask.url)
            ),
            headers=self._headers(ask, origin),
            content=ask.body,
        )
        with closing(self._pool(origin, proxy).handle_request(request)) as response:
            headers = tuple(
                (self._key.blot(name.decode("latin-1")).lower(), value.decode("latin-1"))
                for name, value in response.headers
            )
            coding = ",".join(value for name, value in headers if name == "content-encoding")
            body = unpacked(response.iter_stream(), coding, self._limit, str(origin))
        return self._without_key(Reply(response.status, headers, body))

    def _without_key(self, reply: Reply) -> Reply:
        """The reply as everybody but the server may see it.

        Here, for who shortens a text leaves half a key, and that is found by nobody.
        """
        blot = self._key.blot
        headers = tuple((name, blot(value)) for name, value in reply.headers)
        return Reply(reply.status, headers, self._key.blot_bytes(reply.body))

    def _headers(self, ask: Ask, origin: Origin) -> list[tuple[bytes, bytes]]:
        given = [*ask.headers]
        if origin == self._own:
            given += self._key.headers(ask.key).items()
        names = {name.lower() for name, _ in given}
        usual = {
            "host": origin.authority,
            "user-agent": _user_agent(),
            "accept": "*/*",
            "accept-encoding": "identity",
        }
        if (ask.body or ask.method in _WITH_BODY) and "transfer-encoding" not in names:
            usual["content-length"] = str(len(ask.body))
        ours = [(name, value) for name, value in usual.items() if name not in names]
        return [(name.encode(), value.encode()) for name, value in ours + given]

    def _pool(self, origin: Origin, proxy: str | None) -> httpcore.ConnectionPool:
        with self._lock:
            pool = self._pools.get((origin.scheme, proxy))
            if pool is None:
                pool = self._pools[origin.scheme, proxy] = httpcore.ConnectionPool(
                    ssl_context=_trust(origin) if origin.scheme == "https" else None,
                    proxy=_proxy(proxy, origin) if proxy else None,
                    max_connections=None,
                    keepalive_expiry=_IDLE,
                    network_backend=Backend(self._resolve),
                )
            return pool


def _raise_bare(problem: BaseException) -> NoReturn:
    """Raise it without its frames and what led to it, which hold the request with the key."""
    problem.__cause__ = problem.__context__ = None
    raise problem.with_traceback(None)


def _close(pools: dict[Any, httpcore.ConnectionPool], origin: Origin) -> None:
    with underway(Errand(origin, 0)):
        for pool in pools.values():
            pool.close()


# Asking -------------------------------------------------------------------------------------


def _target(url: str) -> str:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return quote(target, safe=_PRINTABLE)


@cache
def _user_agent() -> str:
    try:
        version = metadata.version("stepfun-mock")
    except metadata.PackageNotFoundError:
        version = "0"
    return f"stepfun-mock-check/{version}"


def _trust(origin: Origin) -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()  # certifi's, or what SSL_CERT_FILE names
    except OSError:
        sentence = f"{origin} was not asked: the certificates of SSL_CERT_FILE cannot be read"
        raise NotCarriedError(Trouble.NETWORK, sentence) from None


def _proxy(url: str, origin: Origin) -> httpcore.Proxy:
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError
        proxy = httpcore.URL(scheme=parts.scheme, host=parts.hostname, port=parts.port, target="/")
    except ValueError:
        sentence = f"{origin} was not asked: its proxy must be an http or https URL"
        raise NotCarriedError(Trouble.NETWORK, sentence) from None
    if parts.username is None:
        return httpcore.Proxy(proxy)
    words = parts.username, parts.password or ""
    return httpcore.Proxy(proxy, auth=(unquote_to_bytes(words[0]), unquote_to_bytes(words[1])))
