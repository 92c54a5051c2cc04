"""One exchange on its way: until when it may last, how far it came, and why it failed."""

import logging
import re
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpcore

from .addresses import Origin, Resolve, addresses_of, within
from .exchange import NotCarriedError, Trouble

TROUBLES = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    OSError,
)
"""What an exchange may raise because of others, besides NotCarriedError."""

_PART = 16 * 1024


@dataclass(slots=True)
class Errand:
    """One exchange on its way.

    Attributes:
        origin: Where it goes.
        seconds: How long it may take.
        addresses: The only addresses that it may be connected to; empty for any of the host's.
        asked: Whether anything was sent.
        received: Bytes that came back.
        ended: Whether the other side has closed the connection.
    """

    origin: Origin
    seconds: float
    addresses: tuple[str, ...] = ()
    asked: bool = False
    received: int = 0
    ended: bool = False
    _deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self._deadline = time.monotonic() + self.seconds

    def left(self) -> float:
        """Seconds that are left, above 0.

        Raises:
            httpcore.TimeoutException: there are none.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.TimeoutException
        return left

    def explained(self, problem: Exception) -> NotCarriedError:
        """One of TROUBLES as a sentence with host and port; no byte of request or reply in it."""
        match problem:
            case httpcore.TimeoutException() | TimeoutError():
                return NotCarriedError(Trouble.TIMEOUT, f"{self.origin} {self._late()}")
            case httpcore.ConnectError():
                return NotCarriedError(Trouble.NETWORK, self._unconnected(problem.args[0]))
            case httpcore.ProxyError():
                sentence = f"the proxy did not connect to {self.origin}: {problem}"
                return NotCarriedError(Trouble.NETWORK, sentence)
            case httpcore.LocalProtocolError():
                sentence = f"a request to {self.origin} is no HTTP/1.1: {_outline(problem)}"
                return NotCarriedError(Trouble.PROTOCOL, sentence)
            case httpcore.RemoteProtocolError() if not self.ended:
                sentence = f"{self.origin} sent what is no HTTP/1.1: {_outline(problem)}"
                return NotCarriedError(Trouble.PROTOCOL, sentence)
        return NotCarriedError(Trouble.NETWORK, f"{self.origin} {self._broken()}")

    def _late(self) -> str:
        if self.received:
            return f"had not sent its whole reply after {self.seconds:g} s"
        if self.asked:
            return f"did not answer within {self.seconds:g} s"
        return f"took no connection within {self.seconds:g} s"

    def _broken(self) -> str:
        how = "closed" if self.ended else "broke off"
        if self.received:
            return f"{how} the connection in the middle of its reply, after {self.received} bytes"
        return f"{how} the connection before it answered"

    def _unconnected(self, problem: object) -> str:
        match problem:
            case ssl.SSLCertVerificationError():
                return f"the certificate of {self.origin} is refused: {problem.verify_message}"
            case ssl.SSLError():
                reason = (problem.reason or "no reason given").replace("_", " ").lower()
                return f"{self.origin} does not speak TLS as it should: {reason}"
            case ConnectionRefusedError():
                return f"{self.origin} refused the connection; is anybody listening there?"
            case OSError() if problem.strerror:
                return f"{self.origin} cannot be connected to: {problem.strerror}"
        return f"{self.origin} cannot be connected to"


def _outline(problem: Exception) -> str:
    """What the parser says, up to where it repeats what it read."""
    return re.split(r"[:;(]|\s?\bb['\"]", str(problem))[0].strip()


# The errand of this thread ------------------------------------------------------------------


class _Here(threading.local):
    errand: Errand | None = None


# No ContextVar: connections are closed by the garbage collector too, which may come while one is
# being set, and CPython 3.11 crashes where it is set again meanwhile.
_HERE = _Here()


@contextmanager
def underway(errand: Errand) -> Iterator[None]:
    """While the errand is underway: its deadline holds, and httpcore logs nothing of it."""
    _quiet()
    before, _HERE.errand = _HERE.errand, errand
    try:
        yield
    finally:
        _HERE.errand = before


@cache
def _quiet() -> None:
    # At DEBUG it logs the headers of replies: cookies, and links with their signatures.
    for name in ("connection", "http11", "proxy"):
        logging.getLogger(f"httpcore.{name}").addFilter(lambda _: _HERE.errand is None)


def _errand() -> Errand:
    assert _HERE.errand is not None, "connections are used while an errand is underway"
    return _HERE.errand


class Backend(httpcore.NetworkBackend):
    """Connects for the errand of this thread."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that takes the connection.

        Raises:
            NotCarriedError: the host has no address.
            httpcore.ConnectError: none takes it.
            httpcore.TimeoutException: the time is over.
        """
        errand = _errand()
        there = Origin("", host, port)  # a proxy, maybe
        addresses = errand.addresses or addresses_of(there, within(errand.left(), self._resolve))
        for place, address in enumerate(addresses, 1):
            # One that stays silent must not take the time of the others.
            seconds = errand.left() / (len(addresses) - place + 1)
            try:
                return _Stream(httpcore.SyncBackend().connect_tcp(address, port, seconds))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if place == len(addresses):
                    raise
        raise AssertionError("a host has one address or more")


class _Stream(httpcore.NetworkStream):
    """A connection on which every step ends with the errand of the thread that takes it.

    httpcore would give each read the whole time again, so that a server which sends a byte now
    and then could hold it for ever.
    """

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        errand = _errand()
        data = self._inner.read(max_bytes, errand.left())
        errand.received += len(data)
        errand.ended = not data
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        errand = _errand()
        errand.asked = True
        for start in range(0, len(buffer), _PART):
            self._inner.write(buffer[start : start + _PART], errand.left())

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        errand = _errand()
        secured = self._inner.start_tls(ssl_context, server_hostname, errand.left())
        errand.received = 0  # what came before was a proxy's
        return _Stream(secured)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 (httpcore's own type)
        return self._inner.get_extra_info(info)

    def close(self) -> None:
        self._inner.close()
