"""One connection of the server: uvicorn's own protocol, with bounds and a short way.

uvicorn waits for ever for a request that never ends and reads heads of any size; here both end,
and what is no HTTP gets the error envelope too. A request that arrives in one piece is answered
at once, without the task and the events that ASGI needs for the others.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from stepfun_mock.contract import HEAD_TOO_LARGE, HTTP_MALFORMED, METHOD_REFUSED, REQUEST_LATE
from stepfun_mock.errors import RefusedError
from stepfun_mock.message import Request, Response

REQUEST_SECONDS = 10.0
"""Seconds in which a request must have come whole, from its first byte to its last."""

HEAD_LIMIT = 64 * 1024
"""Bytes that the head of a request may have."""

_LINGER_SECONDS = 2.0
_UPGRADE_HEADERS = (b"connection", b"upgrade", b"http2-settings")
_NO_PROXY = "the mock is no proxy, but CONNECT came; give its address as the base URL instead"
_ALLOWED = (("allow", "GET, HEAD, POST"),)

Refuse = Callable[[Request, RefusedError], Response]
Respond = Callable[[Mapping[str, Any], bytes], Response | None]


class Protocol(HttpToolsProtocol):
    """One connection.

    Args:
        refuse: Turns what is wrong with a request into its reply, and writes it down.
        respond: Answers a request that is whole, given its ASGI scope and its body, or gives
            None where the ASGI application is to answer.
        given: What uvicorn hands to its protocols.
    """

    def __init__(self, *, refuse: Refuse, respond: Respond, **given: Any) -> None:  # noqa: ANN401
        super().__init__(**given)
        self._refuse_request = refuse
        self._respond = respond
        self._deadline: float | None = None
        self._part = ""
        self._refused = False
        self._last: Response | None = None
        self._arrived = 0
        self._head_from = 0
        self._next_head_from = 0
        self._chunk = 0
        self._waiting = False
        self._body = b""
        self._owed = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock at once: some clients connect and never speak."""
        super().connection_made(transport)
        self._deadline = self.loop.time() + REQUEST_SECONDS

    def connection_lost(self, exc: Exception | None) -> None:
        """Write down a client that went away in the middle of its request."""
        if self._part and not self._refused and not self._is_answered():
            self._reply_to(
                RefusedError(REQUEST_LATE, "the client went away before it had sent all")
            )
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, within bounds."""
        if self._refused:
            return
        self._unset_keepalive_if_required()
        self._chunk = len(data)
        self._next_head_from = self._arrived + (self._chunk if self._part else 0)
        self._feed(data)
        self._arrived += self._chunk
        if self._waiting:
            self._hand_over()
        if self._part == "head" and self._arrived - self._head_from > HEAD_LIMIT:
            self._refuse_head_size()
        elif self._deadline is None and self._is_idle():
            # Blank lines alone start no request, and they have ended the timer of idle ones.
            self._deadline = self.loop.time() + REQUEST_SECONDS

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._pass_over_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            if self._chunk > HEAD_LIMIT and self._head_size() > HEAD_LIMIT:
                self._refuse_head_size()
            else:
                self._refuse(RefusedError(HTTP_MALFORMED, "what came is no HTTP/1.1 request"))

    def _pass_over_upgrade(self, rest: bytes) -> None:
        # Java and `curl --http2` offer h2c with their first request. A server may pass that
        # over, but the parser drops the body then; so the head goes in again without the offer.
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        if method == b"CONNECT":
            self._refuse(RefusedError(METHOD_REFUSED, _NO_PROXY, _ALLOWED))
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
        """Wait for the body, unless the head is too large."""
        if self._chunk > HEAD_LIMIT and self._head_size() > HEAD_LIMIT:
            raise _HeadTooLargeError
        self._part = "body"
        self._waiting = not self.parser.should_upgrade()
        self._body = b""
        self.headers = []  # takes the trailers, which are no headers; the scope has those

    def on_body(self, body: bytes) -> None:
        """Keep the body, or pass it on where the application has the request already."""
        if self._waiting:
            self._body += body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop the clock and answer, or tell the application that the body is whole."""
        self._deadline = None
        self._part = ""
        if self.parser.should_upgrade():
            return
        if self._waiting:
            self._waiting = False
            if self._is_free() and self._answer():
                return
            self._hand_over()
        super().on_message_complete()

    # Ways to answer ------------------------------------------------------------

    def _is_free(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered and not self.pipeline and not self.flow.write_paused

    def _answer(self) -> bool:
        scope: Any = self.scope
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        scope["method"] = self.parser.get_method().decode("ascii")
        scope["path"] = unquote(path) if "%" in path else path
        scope["query_string"] = url.query or b""
        response = self._respond(scope, self._body)
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
        self.transport.write(data)
        if not keep:
            self.transport.close()
        self.on_response_complete()

    def _hand_over(self) -> None:
        """Let uvicorn start the application on this request."""
        self._waiting = False
        super().on_headers_complete()
        if self._body:
            super().on_body(self._body)

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
        """Close the connection if its request is late at `now`, in the time of the event loop."""
        if self._deadline is None or now < self._deadline or self.flow.read_paused:
            return
        if self._refused or not self._part or self._is_answered():
            self.transport.abort()
        else:
            late = f"the {self._part} did not come whole within {REQUEST_SECONDS:g} seconds"
            self._refuse(RefusedError(REQUEST_LATE, late))

    def _has_cycle(self) -> bool:
        """Whether the application has the request that is coming in."""
        return self._part == "body" and not self._waiting and self.cycle is not None

    def _is_answered(self) -> bool:
        """Whether the request that is coming in has its reply already."""
        return self._has_cycle() and self.cycle.response_complete

    def _is_idle(self) -> bool:
        return self._is_free() and not self._owed and self.timeout_keep_alive_task is None

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _refuse_head_size(self) -> None:
        self._refuse(
            RefusedError(HEAD_TOO_LARGE, f"the head of a request may have {HEAD_LIMIT} bytes")
        )

    def _refuse(self, refused: RefusedError) -> None:
        if self._refused:
            return
        self._refused = True
        self._deadline = self.loop.time() + _LINGER_SECONDS
        self._last = self._reply_to(refused)
        if self._has_cycle():
            if self.cycle.response_started:
                self.transport.abort()  # a reply has begun, and a second one cannot follow it
            # The application may wait for the rest of a body; it learns that nobody listens.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._write_last()

    def _reply_to(self, refused: RefusedError) -> Response:
        known = self._part == "body" and "method" in self.scope
        method, path = (self.scope["method"], self.scope["path"]) if known else ("", "")
        return self._refuse_request(Request(method, path), refused)

    def _write_last(self) -> None:
        """Write the refusal, once the replies to the requests before it have been written."""
        cycle = self.cycle
        waits = cycle is not None and not cycle.response_complete and not cycle.disconnected
        if self._last is None or self._owed or waits:
            return
        self.transport.write(self._written(self._last, "", keep=False))
        self._last = None
        # Closing with bytes unread would reset the connection, and the client lose the reply.
        if self.transport.can_write_eof():
            self.transport.write_eof()


@lru_cache(maxsize=64)
def _lines(headers: tuple[tuple[str, str], ...]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("latin-1")


class _HeadTooLargeError(Exception):
    """Stops the parser, which reports it as an error of its own."""
