"""What a client in this process is told of a reply that does not arrive whole and at once.

Nothing waits here and no clock moves: a client that would lose patience on the wire is told so at
once, by the error that its own library raises there, and another has its reply at once. As on the
wire, its patience is for one read at a time: for the first byte, and for each piece of the body.
"""

import errno
import os
from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import Any, NamedTuple

from stepfun_mock.message import Delivery, Response

KEPT_SECONDS = 65.0
"""Seconds after which our server closes a connection on which nothing more comes."""


class Trouble(NamedTuple):
    """An error of a library, by its name; with asyncio it often says something else."""

    name: str
    text: str
    text_in_loop: str

    def raised(self, library: Any, *, in_loop: bool) -> Exception:  # noqa: ANN401 (a module)
        """The error as the library has it; its clients add the request, as on the wire."""
        text = self.text_in_loop if in_loop else self.text
        error: Exception = getattr(library, self.name)(text)
        return error


def _system(number: int) -> str:
    return str(OSError(number, os.strerror(number)))


LATE = Trouble("ReadTimeout", "timed out", "")
RESET = Trouble("ReadError", _system(errno.ECONNRESET), "")
REFUSED = Trouble("ConnectError", _system(errno.ECONNREFUSED), "All connection attempts failed")


class Arrival(NamedTuple):
    """What arrives of a body, and the trouble after it, if any."""

    pieces: tuple[bytes, ...]
    trouble: Trouble | None = None


def stream(library: Any, request: Any, response: Response, *, in_loop: bool) -> Any:  # noqa: ANN401
    """The body of a reply as its client gets it, as a stream of the library.

    Args:
        library: The module whose types these are, httpx or httpx2.
        request: Its request, which says how long the client waits.
        response: What the mock answered.
        in_loop: Whether the client is an async one; its errors say something else.

    Raises:
        Exception: the library's ConnectError, ReadError or ReadTimeout, where not even the
            status arrives; what happens later is raised by the stream.
    """
    delivery = response.delivery
    if delivery is None:
        return library.ByteStream(b"" if request.method == "HEAD" else response.body)
    patience = (request.extensions.get("timeout") or {}).get("read")
    if trouble := _before(delivery, patience):
        raise trouble.raised(library, in_loop=in_loop)
    whole = Arrival(()) if request.method == "HEAD" else _arriving(response, delivery, patience)
    return _stream_of(library)(whole)


def _before(delivery: Delivery, patience: float | None) -> Trouble | None:
    if delivery.ending == "refused":
        return REFUSED
    if _too_long(delivery.delay, patience):
        return LATE
    return RESET if delivery.ending == "reset" else None


def _arriving(response: Response, delivery: Delivery, patience: float | None) -> Arrival:
    length = missing = response.length
    came: list[bytes] = []
    for piece in delivery.split(response.body):
        if not missing:
            break  # nobody reads beyond the length
        if came and _too_long(delivery.pause, patience):
            return Arrival(tuple(came), LATE)
        came.append(piece[:missing])
        missing -= len(came[-1])
    if not missing:
        return Arrival(tuple(came))
    if delivery.ending == "keep" and _too_long(KEPT_SECONDS, patience):
        return Arrival(tuple(came), LATE)
    return Arrival(tuple(came), _broken_off(length - missing, length))


def _too_long(seconds: float, patience: float | None) -> bool:
    # Of equal times the client's ends first: it began to wait before the reply was under way.
    return patience is not None and seconds > 0 and seconds >= patience


def _broken_off(came: int, length: int) -> Trouble:
    text = (
        "peer closed connection without sending complete message body "
        f"(received {came} bytes, expected {length})"
    )
    return Trouble("RemoteProtocolError", text, text)


@cache
def _stream_of(library: Any) -> Any:  # noqa: ANN401 (a module, and a class of its kind)
    # A client takes streams of its own library alone, and which one that is shows only here.
    class Stream(library.SyncByteStream, library.AsyncByteStream):  # type: ignore[misc]
        """Can be read again and again, with the same end each time."""

        def __init__(self, arrival: Arrival) -> None:
            self._arrival = arrival

        def __iter__(self) -> Iterator[bytes]:
            yield from self._arrival.pieces
            if trouble := self._arrival.trouble:
                raise trouble.raised(library, in_loop=False)

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in self._arrival.pieces:
                yield piece
            if trouble := self._arrival.trouble:
                raise trouble.raised(library, in_loop=True)

    return Stream
