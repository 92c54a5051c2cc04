"""How a reply travels that does not arrive whole and at once: late, in pieces, or not to its end.

Our own server does all that a delivery says. Other ASGI servers alone can cut their connections,
and they judge replies by their length; under them

- a wait and pieces are as said;
- a reply that ends early, or is reset, ends in a `BrokenOffError` for the server to act on: it
  closes the connection, or answers 500 where nothing has been sent;
- bytes that are missing at the end (`excess` above 0) are not waited for: the reply breaks off;
- bytes too many (`excess` below 0) are not sent: no client reads beyond the length;
- while nobody is to listen, each request ends in a `BrokenOffError`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, MutableMapping
from typing import Any

from stepfun_mock.clock import Clock
from stepfun_mock.message import Delivery, Response


class BrokenOffError(Exception):
    """A reply ends here because its delivery says so.

    Raised under ASGI servers other than ours: the server then cuts the connection, or answers 500
    where nothing has been sent.
    """


async def pause(clock: Clock, seconds: float, since: float) -> None:
    """Wait for real seconds, or until somebody has moved the mock's clock on by as many.

    So a clock that stands still holds nobody up.

    Args:
        clock: The clock of the mock.
        seconds: How long, from 0.
        since: When it began, in the mock's time.
    """
    if not seconds:
        return
    loop = asyncio.get_running_loop()
    deadline = clock.deadline(seconds, since)
    moved = asyncio.Event()

    def tell() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(moved.set)

    with clock.watched(tell):
        # Some loops wake a little early; the place of the request would not be free yet.
        while left := deadline.left:
            moved.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await moved.wait()


async def timed(
    response: Response, delivery: Delivery, clock: Clock, since: float, *, empty: bool
) -> AsyncIterator[bytes]:
    """What is sent of a body, piece by piece, each when it is due.

    Args:
        response: The reply.
        delivery: How it travels.
        clock: The clock of the mock.
        since: When the reply was ready, in the mock's time.
        empty: Whether the head alone is sent; there is one piece then, without a byte.
    """
    wait = delivery.delay
    if delivery.parts is not None and not empty:
        async for part in delivery.parts():
            yield part
        return
    for piece in [b""] if empty else delivery.split(response.body):
        await pause(clock, wait, since)
        # A clock that was moved far on makes the next pieces due as well; one that stands still
        # has not come as far.
        since = min(since + wait, clock.now())
        wait = delivery.pause
        yield piece


async def while_heard(
    sending: Coroutine[Any, Any, None], receive: Callable[[], Awaitable[MutableMapping[str, Any]]]
) -> None:
    """Send what has no end until the client goes away, which servers do not tell who sends.

    Args:
        sending: Sends it.
        receive: The ASGI callable, of a request whose body has been read.
    """

    async def listen() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        task.cancel()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(sending)
        listening = group.create_task(listen())
        task.add_done_callback(lambda _: listening.cancel())
