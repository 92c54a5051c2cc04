"""What goes out on a connection: replies at once, refusals last, and nobody who leaves them unread.

The short way lies here: a request that is whole is answered without the task and the
events that ASGI needs, and replies that are ready at the same time leave together.
"""

from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from stepfun_mock.errors import RefusedError
from stepfun_mock.message import Response
from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.outbox import Outbox

STALL_SECONDS = 30.0
"""Seconds that a client may leave its replies unread."""

_LINGER_SECONDS = 2.0
_AT_ONCE = 4


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
        self._running: RequestResponseCycle | None = None
        self._stalled: float | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the application that its client is gone."""
        if self._running is not None:
            # uvicorn tells the newest request of a queue, and the one being answered writes on.
            self._running.disconnected = True
        super().connection_lost(exc)

    def _is_free(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered and not self.pipeline and not self.flow.write_paused

    def _may_answer(self) -> bool:
        # Of many requests in one piece the first few are answered at once, and the rest queue:
        # nobody else is served meanwhile.
        return self._is_free() and self._owed < _AT_ONCE

    def _answer(self, body: bytes) -> None:
        scope = self.scope
        response = self._application.respond(scope, body)
        keep = self.parser.should_keep_alive() and self.parser.get_http_version() == "1.1"
        self._owed += 1
        data = self._written(response, scope["method"], keep=keep)
        self._outbox.add(self.loop, self._finish, data, keep)

    def _finish(self, data: bytes, keep: bool) -> None:
        self._owed -= 1
        if self.transport.is_closing():
            return
        self.transport.write(data)
        if not keep:
            self.transport.close()
        elif self._refused:
            self._write_last()
        elif self._is_free():
            self._rest()

    def _rest(self) -> None:
        """Wait for the next request."""
        raise NotImplementedError

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _written(self, response: Response, method: str, *, keep: bool) -> bytes:
        parts = [STATUS_LINE[response.status]]
        for name, value in self.server_state.default_headers:
            parts += (name, b": ", value, b"\r\n")
        parts.append(_lines(response.headers))
        if response.status != 204:
            parts.append(b"content-length: %d\r\n" % len(response.body))
        parts.append(b"\r\n" if keep else b"connection: close\r\n\r\n")
        if method != "HEAD":
            parts.append(response.body)
        return b"".join(parts)

    def on_response_complete(self) -> None:
        """Go on with the next request, or with the refusal that ends the connection."""
        super().on_response_complete()
        if self._last is not None:
            self._write_last()

    def shutdown(self) -> None:
        """Close once the replies that are ready have been written; uvicorn calls this."""
        self._outbox.flush()
        super().shutdown()

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
        self.transport.write(self._written(self._last, "", keep=False))
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
