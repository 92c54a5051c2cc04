"""One connection of the server: what comes in on it, within bounds.

uvicorn waits for ever for a request that never ends and reads heads and bodies of any size; here
all of that ends, and what is no HTTP gets the error envelope too.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import unquote

import httptools

from stepfun_mock.body import too_large
from stepfun_mock.contract import BODY_LIMIT
from stepfun_mock.errors import BUG_MESSAGE, RefusedError
from stepfun_mock.message import Request
from stepfun_mock.refusals import (
    BODY_TOO_LARGE,
    HEAD_TOO_LARGE,
    HTTP_MALFORMED,
    METHOD_REFUSED,
    MOCK_BUG,
    REQUEST_LATE,
)
from stepfun_mock.transports.asgi import request_of
from stepfun_mock.transports.heads import Given, Heads
from stepfun_mock.transports.writer import Writer

_log = logging.getLogger("stepfun_mock")

REQUEST_SECONDS = 10.0
"""Seconds in which a request must have come whole, from its first byte to its last."""

HEAD_LIMIT = 64 * 1024
"""Bytes that the head of a request may have."""

# The least chunks carry one byte in six; trailers and chunk extensions count as well.
_RAW_LIMIT = 8 * BODY_LIMIT
_UPGRADE_HEADERS = (b"connection", b"upgrade", b"http2-settings")

# Made anew each time: an exception that is raised twice keeps the frames of both.
_head_too_large = partial(
    RefusedError,
    HEAD_TOO_LARGE,
    f"the head of a request may have {HEAD_LIMIT} bytes, and more came",
)
_bug = partial(RefusedError, MOCK_BUG, BUG_MESSAGE)
_gone = partial(RefusedError, REQUEST_LATE, "the client went away before it had sent all")
_malformed = partial(RefusedError, HTTP_MALFORMED, "what came is no HTTP/1.1 request")
_no_proxy = partial(
    RefusedError,
    METHOD_REFUSED,
    "the mock is no proxy, but CONNECT came; give its address as the base URL instead",
    headers=(("allow", "GET, HEAD, POST"),),
)


class Protocol(Writer):
    """One connection.

    Args:
        on_lost: Called when the connection is gone.
        given: What its sending half takes.
    """

    def __init__(self, *, on_lost: Callable[[], None], **given: Any) -> None:  # noqa: ANN401 (uvicorn's own)
        super().__init__(**given)
        self._on_lost = on_lost
        # What is coming in: nothing, the head of a request, or its body.
        self._part = ""
        self._body = bytearray()
        self._kept = False
        self._heads = Heads()
        # What this piece brought to its end, and kept the connection open.
        self._whole: list[tuple[Request, Given]] = []
        # Bytes that came: before this piece, in this piece, and where the head under way began.
        self._arrived = 0
        self._chunk = 0
        self._head_from = 0
        self._next_head_from = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock at once: some clients connect and never speak."""
        super().connection_made(transport)
        self._deadline = self.loop.time() + REQUEST_SECONDS
        if self._application.mock.waiting.down_until() is not None:
            self.transport.abort()  # it was accepted just before nobody listened any more

    def connection_lost(self, exc: Exception | None) -> None:
        """Write down a client that went away in the middle of its request."""
        if self._part and not self._refused:
            self._application.refuse(self._known(), _gone())
        super().connection_lost(exc)
        self._on_lost()

    def data_received(self, data: bytes) -> None:
        """Feed the parser, within bounds."""
        if self._refused or self._ending:
            return
        if self._kept:
            self._kept, self._deadline = False, None
        if not self._part and (known := self._heads.whole(data)) is not None:
            self._deadline = None
            self._take(*known, True)
            return
        begun = bool(self._part)
        self._chunk = len(data)
        self._next_head_from = self._arrived + (self._chunk if begun else 0)
        self._feed(data)
        self._arrived += self._chunk
        if self._whole and not begun:
            self._heads.learn(data, *self._whole[-1])
        self._whole.clear()
        if self._part and not self._refused:
            self._check_part()
        elif self._deadline is None and self._is_free() and not self._owed:
            # Blank lines alone start no request, and they have ended the timer of idle ones.
            self._deadline = self.loop.time() + REQUEST_SECONDS

    def _check_part(self) -> None:
        """Look at a request that is still coming in."""
        came = self._arrived - self._head_from
        if self._part == "head":
            if came > HEAD_LIMIT:
                self._stop_at(_head_too_large())
            return
        self.headers.clear()  # trailers; the scope has the headers
        length = self._announced()
        if length > BODY_LIMIT or came > _RAW_LIMIT:
            self._stop_at(RefusedError(BODY_TOO_LARGE, too_large(length or None)))
        elif self.expect_100_continue and not self._body and self._is_free():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.expect_100_continue = False

    def _feed(self, data: bytes) -> None:
        rest: bytes | None = None
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
        except httptools.HttpParserError as problem:
            self._stop_at(_refusal_of(problem))
        if rest is not None:
            self._pass_over_upgrade(rest)

    def _pass_over_upgrade(self, rest: bytes) -> None:
        # Java and `curl --http2` offer h2c with their first request. A server may pass that
        # over, but the parser drops the body then; so the head goes in again without the offer.
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        if method == b"CONNECT":
            self._stop_at(_no_proxy())
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
            raise _head_too_large()
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
        keep = self.parser.should_keep_alive() and self.parser.get_http_version() == "1.1"
        scope: Any = self.scope
        request = request_of(scope, bytes(self._body))
        if keep:
            self._whole.append((request, scope["headers"]))
        else:
            self._heads.forget()  # the parser answers nothing behind this one
        self._take(request, scope["headers"], keep)

    def _read_target(self) -> None:
        scope: Any = self.scope
        try:
            url = httptools.parse_url(self.url)
            path = url.path.decode("ascii")
        except (httptools.HttpParserError, UnicodeDecodeError, AttributeError):
            raise _malformed() from None
        scope["method"] = self.parser.get_method().decode("ascii")
        scope["path"] = unquote(path) if "%" in path else path
        scope["query_string"] = url.query or b""

    def _announced(self) -> int:
        for name, value in self.scope["headers"]:
            if name == b"content-length":
                return int(value)
        return 0

    def _rest(self) -> None:
        # uvicorn's timer for each reply costs a tenth of it; `expire` ends idle connections too.
        if not self._part:
            self._kept = True
            self._deadline = self.loop.time() + self.timeout_keep_alive

    def _read_on(self) -> None:
        if self.flow.read_paused and self._part:
            self._deadline = self.loop.time() + REQUEST_SECONDS  # we have kept it waiting
        super()._read_on()

    # Bounds ----------------------------------------------------------------------

    def expire(self, now: float) -> None:
        """Close the connection if its client holds it up at `now`, in the time of the loop."""
        super().expire(now)
        if self._deadline is None or now < self._deadline:
            return
        if self._delivering is not None or self.flow.read_paused:
            return  # it is we who hold it up
        if self._refused or not self._part:
            self.transport.abort()
        else:
            late = f"the {self._part} did not come whole within {REQUEST_SECONDS:g} seconds"
            self._stop_at(RefusedError(REQUEST_LATE, late))

    def _stop_at(self, refused: RefusedError) -> None:
        self._refuse(self._known(), refused)

    def _known(self) -> Any:  # noqa: ANN401 (an ASGI scope)
        """The scope of the request that is coming in, once its head is there."""
        return self.scope if self._part == "body" else None

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)


def _refusal_of(problem: httptools.HttpParserError) -> RefusedError:
    """What stopped the parser: a refusal raised in a callback, bytes that are no HTTP, or a bug."""
    cause = problem.__context__
    if isinstance(cause, RefusedError):
        return cause
    if isinstance(problem, httptools.HttpParserCallbackError):
        _log.error("stepfun-mock failed", exc_info=problem)
        return _bug()
    return _malformed()
