"""What goes out on a connection: replies at once or in their time, refusals last, all in order.

The short way lies here: a request that is whole is answered without the task and the
events that ASGI needs, and replies that are ready at the same time leave together.
"""

import asyncio
import logging
import socket
import struct
from collections import deque
from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from stepfun_mock.clock import Clock
from stepfun_mock.errors import RefusedError
from stepfun_mock.message import Delivery, Request, Response
from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.delivery import pause, timed
from stepfun_mock.transports.heads import Given
from stepfun_mock.transports.outbox import Outbox

_log = logging.getLogger("stepfun_mock")

STALL_SECONDS = 30.0
"""Seconds that a client may leave its replies unread."""

_LINGER_SECONDS = 2.0
_AT_ONCE = 4
_RESET = struct.pack("ii", 1, 0)

_Whole = tuple[Request, Given, bool]
# A request that has come whole, its headers as they came, whether the connection is kept after it.


class Writer(HttpToolsProtocol):
    """The sending half of a connection.

    Args:
        application: Answers requests that are whole, and what never became one.
        outbox: Keeps the replies of all connections that are ready.
        given: What uvicorn hands to its protocols.
    """

    def __init__(self, *, application: Application, outbox: Outbox, **given: Any) -> None:  # noqa: ANN401
        super().__init__(**given)
        self._application = application
        self._outbox = outbox
        # When the connection is closed unless something happens, in the time of the loop.
        self._deadline: float | None = None
        # Replies in the outbox, and the refusal that ends it all.
        self._owed = 0
        self._refused = False
        self._last: Response | None = None
        # Whole requests that wait for the replies before theirs, and the reply that takes its time.
        self._queue: deque[_Whole] = deque()
        self._delivering: asyncio.Task[None] | None = None
        self._ending = False
        self._stalled: float | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Send nothing more."""
        self._queue.clear()
        if self._delivering is not None:
            self._delivering.cancel()
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        """Go on with what has waited for the client to read."""
        super().resume_writing()
        self.loop.call_soon(self._go_on)  # the transport is in the middle of writing

    def _may_answer(self) -> bool:
        # Of many requests in one piece the first few are answered at once, and the rest queue:
        # nobody else is served meanwhile.
        return self._delivering is None and self._owed < _AT_ONCE and not self.flow.write_paused

    def _is_free(self) -> bool:
        return self._delivering is None and not self._queue and not self.flow.write_paused

    def _take(self, request: Request, given: Given, keep: bool) -> None:
        """Answer a whole request now, or when it is its turn."""
        if not self._queue and self._may_answer():
            self._answer(request, given, keep)
            return
        self._queue.append((request, given, keep))
        if len(self._queue) >= _AT_ONCE:
            self.flow.pause_reading()

    def _answer(self, request: Request, given: Given, keep: bool) -> None:
        mock = self._application.mock
        response = self._application.respond(request, given, mock)
        if response.delivery is not None:
            self._begin(request.method, keep, response, mock.clock)
            return
        self._owed += 1
        data = self._written(response, request.method, keep)
        self._outbox.add(self.loop, self._finish, data, keep)

    def _finish(self, data: bytes, keep: bool) -> None:
        self._owed -= 1
        if self.transport.is_closing():
            return
        self.transport.write(data)
        if not keep:
            self.transport.close()
        elif self._queue or self._refused or self._ending:
            self._go_on()
        elif self._is_free():
            self._rest()

    def _go_on(self) -> None:
        """After a reply: to the next request, to the refusal that ends it all, or to rest."""
        if self._owed or self._delivering is not None or self.transport.is_closing():
            return
        while self._queue and self._may_answer():
            self._answer(*self._queue.popleft())
        if len(self._queue) < _AT_ONCE:
            self._read_on()
        if self._owed or not self._is_free():
            return
        if self._refused:
            self._write_last()
        elif self._ending:
            self.transport.close()
        else:
            self._rest()

    def _read_on(self) -> None:
        """Read again, where too much has come before."""
        self.flow.resume_reading()

    def _rest(self) -> None:
        """Wait for the next request."""
        raise NotImplementedError

    # Replies that take their time ------------------------------------------------

    def _begin(self, method: str, keep: bool, response: Response, clock: Clock) -> None:
        # The time now: who sees the request in the journal may move the clock at once.
        sending = self._deliver(method, keep, response, clock, clock.now())
        self._delivering = self.loop.create_task(sending)
        self.tasks.add(self._delivering)
        self._delivering.add_done_callback(self.tasks.discard)
        self._outbox.flush()  # what is ready goes before

    async def _deliver(
        self, method: str, keep: bool, response: Response, clock: Clock, since: float
    ) -> None:
        try:
            await self._send(method, keep, response, clock, since)
        except Exception:
            # Nobody awaits this, and a client that waits for more would wait for ever.
            _log.exception("a reply under way failed")
            self.transport.abort()

    async def _send(
        self, method: str, keep: bool, response: Response, clock: Clock, since: float
    ) -> None:
        delivery = response.delivery or Delivery()
        if delivery.silent:
            await pause(clock, delivery.delay, since)
            self._reset()
            return
        keep = keep and delivery.parts is None
        head = self._written(response, "HEAD", keep)
        async for piece in timed(response, delivery, clock, since, empty=method == "HEAD"):
            await self.flow.drain()
            self.transport.write(head + piece)
            head = b""
        self._delivering = None
        if delivery.ending == "keep" and keep:
            self._go_on()
        else:
            self.transport.close()

    def _reset(self) -> None:
        if self.transport.is_closing():
            return
        link: socket.socket = self.transport.get_extra_info("socket")
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()

    # What is written -------------------------------------------------------------

    def _written(self, response: Response, method: str, keep: bool) -> bytes:
        parts = [STATUS_LINE[response.status]]
        for name, value in self.server_state.default_headers:
            parts += (name, b": ", value, b"\r\n")
        parts.append(_lines(response.headers))
        announced = response.announced
        if announced is not None:
            parts.append(b"content-length: %d\r\n" % announced)
        parts.append(b"\r\n" if keep else b"connection: close\r\n\r\n")
        if method != "HEAD":
            parts.append(response.body)
        return b"".join(parts)

    # The end -----------------------------------------------------------------------

    def shutdown(self) -> None:
        """Close once what was asked is answered; uvicorn calls this."""
        self._ending = True
        self._outbox.flush()
        self._go_on()

    def retire(self) -> None:
        """Close once the reply under way has been written."""
        self._queue.clear()
        self.shutdown()

    def _refuse(self, scope: Any, refused: RefusedError) -> None:  # noqa: ANN401 (an ASGI scope)
        """Answer what cannot be read on; whatever else comes is thrown away."""
        self._refused = True
        self._deadline = self.loop.time() + _LINGER_SECONDS
        self._last = self._application.refuse(scope, refused)
        self._write_last()

    def _write_last(self) -> None:
        """Write the refusal, once the replies to the requests before it have been written."""
        if self._last is None or self._owed or not self._is_free():
            return
        self._deadline = self.loop.time() + _LINGER_SECONDS
        self.transport.write(self._written(self._last, "", False))
        self._last = None
        # Closing with bytes unread would reset the connection, and the client lose the reply.
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def expire(self, now: float) -> None:
        """Close the connection if its client leaves the replies unread at `now`."""
        if not self.flow.write_paused:
            self._stalled = None
        elif self._stalled is None:
            self._stalled = now
        elif now - self._stalled > STALL_SECONDS:
            self.transport.abort()


@lru_cache(maxsize=64)
def _lines(headers: tuple[tuple[str, str], ...]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("latin-1")
