"""One connection of the server: uvicorn's own protocol, with bounds and a short way.

uvicorn waits for ever for a request that never ends and reads heads and bodies of any size; here
all of that ends, and what is no HTTP gets the error envelope too. A request of the API is answered
as soon as it is whole, without the task and the events that ASGI needs for the others.
"""

import asyncio
import logging
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from stepfun_mock.body import too_large
from stepfun_mock.contract import BODY_LIMIT
from stepfun_mock.errors import RefusedError
from stepfun_mock.message import Response
from stepfun_mock.refusals import (
    BODY_TOO_LARGE,
    HEAD_TOO_LARGE,
    HTTP_MALFORMED,
    METHOD_REFUSED,
    MOCK_BUG,
    REQUEST_LATE,
)
from stepfun_mock.transports.asgi import Application

_log = logging.getLogger("stepfun_mock")

REQUEST_SECONDS = 10.0
"""Seconds in which a request must have come whole, from its first byte to its last."""

HEAD_LIMIT = 64 * 1024
"""Bytes that the head of a request may have."""

STALL_SECONDS = 30.0
"""Seconds that a client may leave its replies unread."""

_LINGER_SECONDS = 2.0
_AT_ONCE = 4
# The least chunks carry one byte in six; trailers and chunk extensions count as well.
_RAW_LIMIT = 8 * BODY_LIMIT
_UPGRADE_HEADERS = (b"connection", b"upgrade", b"http2-settings")

_HEAD_TOO_LARGE = RefusedError(
    HEAD_TOO_LARGE, f"the head of a request may have {HEAD_LIMIT} bytes, and more came"
)
_BUG = RefusedError(
    MOCK_BUG, "stepfun-mock itself failed; please report the traceback that it logged"
)
_MALFORMED = RefusedError(HTTP_MALFORMED, "what came is no HTTP/1.1 request")
_NO_PROXY = RefusedError(
    METHOD_REFUSED,
    "the mock is no proxy, but CONNECT came; give its address as the base URL instead",
    headers=(("allow", "GET, HEAD, POST"),),
)


class Protocol(HttpToolsProtocol):
    """One connection.

    Args:
        application: Answers requests that are whole, and what never became one.
        given: What uvicorn hands to its protocols.
    """

    def __init__(self, *, application: Application, **given: Any) -> None:  # noqa: ANN401
        super().__init__(**given)
        self._application = application
        # What is coming in: nothing, the head of a request, or its body.
        self._part = ""
        self._body = bytearray()
        self._deadline: float | None = None
        # Bytes that came: before this piece, in this piece, and where the head under way began.
        self._arrived = 0
        self._chunk = 0
        self._head_from = 0
        self._next_head_from = 0
        # What is going out: replies for the next turn of the loop, and the one that ends it all.
        self._owed = 0
        self._kept = False
        self._running: RequestResponseCycle | None = None
        self._stalled: float | None = None
        self._refused = False
        self._last: Response | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock at once: some clients connect and never speak."""
        super().connection_made(transport)
        self._deadline = self.loop.time() + REQUEST_SECONDS

    def connection_lost(self, exc: Exception | None) -> None:
        """Write down a client that went away in the middle of its request."""
        if self._part and not self._refused:
            self._reply_to(
                RefusedError(REQUEST_LATE, "the client went away before it had sent all")
            )
        if self._running is not None:
            # uvicorn tells the newest request of a queue, and the one being answered writes on.
            self._running.disconnected = True
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, within bounds."""
        if self._refused:
            return
        self._unset_keepalive_if_required()
        if self._kept:
            self._kept, self._deadline = False, None
        self._chunk = len(data)
        self._next_head_from = self._arrived + (self._chunk if self._part else 0)
        self._feed(data)
        self._arrived += self._chunk
        if self._part and not self._refused:
            self._check_part()
        elif self._deadline is None and self._is_idle():
            # Blank lines alone start no request, and they have ended the timer of idle ones.
            self._deadline = self.loop.time() + REQUEST_SECONDS

    def _check_part(self) -> None:
        """Look at a request that is still coming in."""
        came = self._arrived - self._head_from
        if self._part == "head":
            if came > HEAD_LIMIT:
                self._refuse(_HEAD_TOO_LARGE)
            return
        self.headers.clear()  # trailers; the scope has the headers
        length = self._announced()
        if length > BODY_LIMIT or came > _RAW_LIMIT:
            self._refuse(RefusedError(BODY_TOO_LARGE, too_large(length or None)))
        elif self.expect_100_continue and not self._body:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.expect_100_continue = False

    def _feed(self, data: bytes) -> None:
        rest: bytes | None = None
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
        except httptools.HttpParserError as problem:
            self._refuse(_refusal_of(problem))
        if rest is not None:
            self._pass_over_upgrade(rest)

    def _pass_over_upgrade(self, rest: bytes) -> None:
        # Java and `curl --http2` offer h2c with their first request. A server may pass that
        # over, but the parser drops the body then; so the head goes in again without the offer.
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        if method == b"CONNECT":
            self._refuse(_NO_PROXY)
            return
        head = [method, b" ", self.url, b" HTTP/", version, b"\r\n"]
        for name, value in self.scope["headers"]:
            if name not in _UPGRADE_HEADERS:
                head += [name, b": ", value, b"\r\n"]
            elif name == b"connection" and b"close" in value.lower():
                head += [b"connection: close\r\n"]
        self.parser = httptools.HttpRequestParser(self)
        self._feed(b"".join([*head, b"\r\n", rest]))

    # What the parser reports ---------------------------------------------------

    def on_message_begin(self) -> None:
        """Start the clock of the next request on a kept connection."""
        super().on_message_begin()
        self._deadline = self.loop.time() + REQUEST_SECONDS
        self._head_from = self._next_head_from
        # Only the parser knows where in this piece another one starts: count from its end then.
        self._next_head_from = self._arrived + self._chunk
        self._part = "head"

    def on_headers_complete(self) -> None:
        """Check the size of the head, and get ready for the body."""
        if self._chunk > HEAD_LIMIT and self._head_size() > HEAD_LIMIT:
            raise _HEAD_TOO_LARGE
        if self.parser.should_upgrade():
            return
        self._read_target()
        self._part = "body"
        self._body = bytearray()
        self.headers = []  # takes the trailers, which are no headers; the scope has those

    def on_body(self, body: bytes) -> None:
        """Keep the body, up to its limit."""
        if self.parser.should_upgrade():
            return
        self._body += body
        if len(self._body) > BODY_LIMIT:
            raise RefusedError(BODY_TOO_LARGE, too_large())

    def on_message_complete(self) -> None:
        """Stop the clock and answer."""
        if self.parser.should_upgrade():
            return
        self._deadline = None
        self._part = ""
        if not (self._may_answer() and self._answer()):
            super().on_headers_complete()
            super().on_body(bytes(self._body))
            super().on_message_complete()

    def _read_target(self) -> None:
        scope: Any = self.scope
        try:
            url = httptools.parse_url(self.url)
            path = url.path.decode("ascii")
        except (httptools.HttpParserError, UnicodeDecodeError, AttributeError):
            raise _MALFORMED from None
        scope["method"] = self.parser.get_method().decode("ascii")
        scope["path"] = unquote(path) if "%" in path else path
        scope["query_string"] = url.query or b""

    def _announced(self) -> int:
        for name, value in self.scope["headers"]:
            if name == b"content-length":
                return int(value)
        return 0

    # Ways to answer ------------------------------------------------------------

    def _is_free(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered and not self.pipeline and not self.flow.write_paused

    def _may_answer(self) -> bool:
        # Of many requests in one piece the first few are answered at once, and the rest queue:
        # nobody else is served meanwhile.
        return self._is_free() and self._owed < _AT_ONCE

    def _answer(self) -> bool:
        scope = self.scope
        response = self._application.respond(scope, bytes(self._body))
        if response is None:
            return False
        keep = self.parser.should_keep_alive() and self.parser.get_http_version() == "1.1"
        # Written with the next turn of the loop, together with the replies to others: a client
        # that waits is woken once for many of them, which halves the cost of a reply under load.
        data = self._written(response, scope["method"], keep=keep)
        self._owed += 1
        self.loop.call_soon(self._finish, data, keep)
        return True

    def _finish(self, data: bytes, keep: bool) -> None:
        self._owed -= 1
        if self.transport.is_closing():
            return
        self.transport.write(data)
        if not keep:
            self.transport.close()
        elif self._refused:
            self._write_last()
        elif not self._part and self._is_free():
            # uvicorn's timer for each reply costs a tenth of it; `expire` ends idle ones as well.
            self._kept = True
            self._deadline = self.loop.time() + self.timeout_keep_alive

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
        self.loop.call_soon(super().shutdown)

    # Bounds ----------------------------------------------------------------------

    def expire(self, now: float) -> None:
        """Close the connection if its client holds it up at `now`, in the time of the loop."""
        if not self.flow.write_paused:
            self._stalled = None
        elif self._stalled is None:
            self._stalled = now
        elif now - self._stalled > STALL_SECONDS:
            self.transport.abort()
        if self._deadline is None or now < self._deadline or self.flow.read_paused:
            return
        if self._refused or not self._part:
            self.transport.abort()
        else:
            late = f"the {self._part} did not come whole within {REQUEST_SECONDS:g} seconds"
            self._refuse(RefusedError(REQUEST_LATE, late))

    def _is_idle(self) -> bool:
        return self._is_free() and not self._owed and self.timeout_keep_alive_task is None

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _refuse(self, refused: RefusedError) -> None:
        """Answer what cannot be read on; whatever else comes is thrown away."""
        self._refused = True
        self._deadline = self.loop.time() + _LINGER_SECONDS
        self._last = self._reply_to(refused)
        self._write_last()

    def _reply_to(self, refused: RefusedError) -> Response:
        return self._application.refuse(self.scope if self._part == "body" else None, refused)

    def _write_last(self) -> None:
        """Write the refusal, once the replies to the requests before it have been written."""
        if self._last is None or self._owed or not self._is_free():
            return
        self.transport.write(self._written(self._last, "", keep=False))
        self._last = None
        # Closing with bytes unread would reset the connection, and the client lose the reply.
        if self.transport.can_write_eof():
            self.transport.write_eof()


@lru_cache(maxsize=64)
def _lines(headers: tuple[tuple[str, str], ...]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("latin-1")


def _refusal_of(problem: httptools.HttpParserError) -> RefusedError:
    """What stopped the parser: a refusal raised in a callback, bytes that are no HTTP, or a bug."""
    cause = problem.__context__
    if isinstance(cause, RefusedError):
        return cause
    if isinstance(problem, httptools.HttpParserCallbackError):
        _log.error("stepfun-mock failed", exc_info=problem)
        return _BUG
    return _MALFORMED
