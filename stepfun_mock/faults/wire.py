"""Faults of the wire: the reply, whatever it is, arrives late, in part or not at all.

On a socket they take their time. In process nothing sleeps and the clock stays where it is: a
client whose time-out is shorter than the wait is told so at once, another has its reply at once.
Source of all: ours; wires do so.
"""

from typing import Unpack

from stepfun_mock.faults.effects import Outage, Travelling
from stepfun_mock.faults.fault import Fault, Schedule, check_count, check_seconds, scheduled
from stepfun_mock.message import Delivery

_MOST_PIECES = 1000
_MOST_BYTES = 1_000_000


def slow(*, seconds: float = 10, **schedule: Unpack[Schedule]) -> Fault:
    """Nothing comes for a while, then the whole reply.

    Clients: with `seconds=60` and a time-out of 1 second, openai raises `APITimeoutError` after 3
    tries, requests `ReadTimeout`, aiohttp `TimeoutError`.

    Args:
        seconds: How long, from 0 to a day.
        schedule: Which tries meet it.

    Raises:
        ValueError: seconds out of range.
    """
    check_seconds("seconds", seconds)
    effect = Travelling(Delivery(delay=float(seconds)))
    return scheduled("slow", effect, schedule, {"seconds": seconds})


def drip(*, pieces: int = 8, pause: float = 0.25, **schedule: Unpack[Schedule]) -> Fault:
    """The body comes in small pieces with pauses: no single wait is long, the whole is.

    Clients: with `pieces=6`, `pause=0.5` and a time-out of 2 seconds, openai and requests hand on
    the picture; aiohttp raises `TimeoutError`.

    Args:
        pieces: How many, from 2 to 1000.
        pause: Seconds between two, from 0 to a day.
        schedule: Which tries meet it.

    Raises:
        ValueError: a number out of range.
    """
    check_count("pieces", pieces, 2)
    if pieces > _MOST_PIECES:
        raise ValueError(f"pieces is at most {_MOST_PIECES}, but {pieces} came")
    check_seconds("pause", pause)
    effect = Travelling(Delivery(pieces=pieces, pause=float(pause)))
    return scheduled("drip", effect, schedule, {"pieces": pieces, "pause": pause})


def stall(*, seconds: float = 10, **schedule: Unpack[Schedule]) -> Fault:
    """Half of the body comes, then nothing for a while, then the rest.

    Clients: with `seconds=60` and a time-out of 1 second, openai raises `APITimeoutError` after 3
    tries, requests `ConnectionError`, aiohttp `TimeoutError`.

    Args:
        seconds: How long, from 0 to a day.
        schedule: Which tries meet it.

    Raises:
        ValueError: seconds out of range.
    """
    check_seconds("seconds", seconds)
    effect = Travelling(Delivery(pieces=2, pause=float(seconds)))
    return scheduled("stall", effect, schedule, {"seconds": seconds})


def connection_refused(*, seconds: float = 1, **schedule: Unpack[Schedule]) -> Fault:
    """Nobody listens, as while a server is started anew.

    It begins when it is first in line, and with `after` when so many requests have passed; it ends
    when the mock's clock has gone on by `seconds`. Requests meanwhile stand in no journal, since
    nobody gets them.

    Clients: with `seconds=3600`, openai raises `APIConnectionError`, requests `ConnectionError`,
    aiohttp `ClientConnectorError`.

    Args:
        seconds: How long, from 0 to a day.
        schedule: `after` alone.

    Raises:
        ValueError: seconds out of range, or `times` or `when`.
    """
    check_seconds("seconds", seconds)
    effect = Outage(float(seconds))
    return scheduled("connection_refused", effect, schedule, {"seconds": seconds})


def connection_reset(**schedule: Unpack[Schedule]) -> Fault:
    """The connection is reset before a byte of the reply.

    Clients: openai raises `APIConnectionError` after 3 tries, requests `ConnectionError`, aiohttp
    `ClientOSError`.
    """
    return scheduled("connection_reset", Travelling(Delivery(ending="reset")), schedule)


def cut_off(**schedule: Unpack[Schedule]) -> Fault:
    """The connection is closed after half of the body.

    Clients: openai raises `APIConnectionError` after 3 tries, requests `ChunkedEncodingError`,
    aiohttp `ClientPayloadError`.
    """
    return scheduled("cut_off", Travelling(Delivery(share=0.5, ending="close")), schedule)


def wrong_length(*, by: int = -16, **schedule: Unpack[Schedule]) -> Fault:
    """`Content-Length` is not that of the body.

    Clients: openai and requests raise `JSONDecodeError`, aiohttp `ClientResponseError`. With
    `by=16` and a time-out of 1 second, openai raises `APITimeoutError` after 3 tries, requests
    `ConnectionError`, aiohttp `TimeoutError`.

    Args:
        by: Bytes that it says more than there are; the client then waits for them, on a
            connection that stays open. Below 0, bytes fewer: the body seems to stop early.
        schedule: Which tries meet it.

    Raises:
        ValueError: 0, or a number out of range.
    """
    if type(by) is not int or not by or abs(by) > _MOST_BYTES:
        raise ValueError(
            f"by is a whole number of bytes from -{_MOST_BYTES} to {_MOST_BYTES} but not 0, but "
            f"{by!r} came"
        )
    ending = Delivery(excess=by, ending="keep" if by > 0 else "close")
    return scheduled("wrong_length", Travelling(ending), schedule, {"by": by})
