"""The mock as an ASGI application: the API and the routes of our own, behind one door.

Checks the door and reads the body under its limit; decides nothing else. How long a request
may take to arrive is the server's to bound. What a server other than ours makes of a reply that
is to travel badly stands in `delivery`.
"""

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from typing import Any

from stepfun_mock.body import too_large
from stepfun_mock.clock import Clock
from stepfun_mock.contract import BODY_LIMIT
from stepfun_mock.errors import BUG_MESSAGE, RefusedError, to_response
from stepfun_mock.message import Request, Response
from stepfun_mock.refusals import BODY_TOO_LARGE, MOCK_BUG, PATH_ELSEWHERE
from stepfun_mock.service import StepfunMock
from stepfun_mock.transports.control import CONTROL_PREFIX, Control, Page
from stepfun_mock.transports.delivery import BrokenOffError, pause, timed, while_heard
from stepfun_mock.transports.door import Door
from stepfun_mock.transports.headers import encoded
from stepfun_mock.transports.heads import Given

_log = logging.getLogger("stepfun_mock")

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]

# A client that is still sending does not listen: what is too large is read on for a while and
# thrown away, so that the refusal arrives instead of a broken pipe.
_DRAINED_BYTES = 16 * BODY_LIMIT
_DRAINED_SECONDS = 2.0

_SWITCHED_OFF = "the control routes are switched off, by the choice control_routes"
_CLOSE = (("connection", "close"),)
_DIGITS = re.compile(r"[0-9]{1,20}")


class Application:
    """The mock as an ASGI application, for any ASGI server.

    Args:
        mock: The core that answers.
        allow_hosts: Host names to answer to, beside the loopback ones; without ports.
        page: What people look at, beside the control routes.
    """

    def __init__(
        self, mock: StepfunMock, *, allow_hosts: Collection[str] = (), page: Page | None = None
    ) -> None:
        self._mock = mock
        self.on_swap: Callable[[], None] | None = None
        """Called when another mock has been put in the place of this one."""
        self._control = Control(page)
        self._door = Door(allow_hosts)

    @property
    def mock(self) -> StepfunMock:
        """The core that answers; a new one answers the requests that come after it was set."""
        return self._mock

    @mock.setter
    def mock(self, mock: StepfunMock) -> None:
        self._mock = mock
        if self.on_swap is not None:
            self.on_swap()

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: _Receive, send: _Send
    ) -> None:
        """Serve one ASGI scope.

        Raises:
            ValueError: the scope is of a kind that ASGI does not have today.
            BrokenOffError: the reply ends here, by the wish of a test.
        """
        serve = {"http": self._exchange, "lifespan": _live, "websocket": _hang_up}
        if scope["type"] not in serve:
            kinds = ", ".join(serve)
            raise ValueError(f'the mock serves scopes of {kinds}, but "{scope["type"]}" came')
        await serve[scope["type"]](scope, receive, send)

    async def _exchange(self, scope: Mapping[str, Any], receive: _Receive, send: _Send) -> None:
        request = request_of(scope)
        mock = self._mock
        try:
            request = request._replace(body=await _read(request.headers, receive))
            mock = self._mock  # a body takes its time, and another mock may have come meanwhile
            response = self.respond(request, scope["headers"], mock)
        except RefusedError as refused:
            response = mock.refuse(request, refused)
        except _GoneError:
            return
        sending = _send(response, send, mock.clock, empty=request.method == "HEAD")
        if response.delivery is not None and response.delivery.parts is not None:
            await while_heard(sending, receive)
        else:
            await sending

    def respond(self, request: Request, given: Given, mock: StepfunMock) -> Response:
        """Answer a request that is whole; checks the door first.

        Args:
            request: The request.
            given: Its headers as they came, doubles included.
            mock: The core that answers, read once: who puts another in its place does so in the
                middle of requests.
        """
        try:
            self._door.check_host(request.headers, given)
            if request.path.startswith(CONTROL_PREFIX):
                self._door.check_origin(request.headers)
                if not mock.choices.control_routes:
                    return to_response(RefusedError(PATH_ELSEWHERE, _SWITCHED_OFF))
                return self._control.answer(request, mock)
        except RefusedError as refused:
            return mock.refuse(request, refused)
        except Exception:
            _log.exception("a control route failed")
            return mock.refuse(request, RefusedError(MOCK_BUG, BUG_MESSAGE))
        return mock.handle(request)

    def close(self) -> None:
        """End what would go on for ever: a server that stops says so."""
        self._control.close()

    def refuse(self, scope: Mapping[str, Any] | None, refused: RefusedError) -> Response:
        """Answer what never became a whole request, as far as its scope is known."""
        known = scope is not None and "path" in scope
        request = request_of(scope) if known else Request("", "")  # type: ignore[arg-type]
        return self._mock.refuse(request, refused)


async def _live(scope: Mapping[str, Any], receive: _Receive, send: _Send) -> None:
    """Tell a server that the mock needs nothing to start and nothing to stop."""
    for stage in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{stage}.complete"})


async def _hang_up(scope: Mapping[str, Any], receive: _Receive, send: _Send) -> None:
    """Close a websocket before it opens; the mock has none."""
    if (await receive())["type"] == "websocket.connect":
        await send({"type": "websocket.close"})


def _announced(headers: Mapping[str, str]) -> int:
    """The length that a body is said to have, in bytes; 0 where nothing is said."""
    length = headers.get("content-length", "")
    return int(length) if _DIGITS.fullmatch(length) else 0


class _GoneError(Exception):
    """The client went away before its body was whole; there is nobody to answer."""


async def _read(headers: Mapping[str, str], receive: _Receive) -> bytes:
    length = _announced(headers)
    if length > BODY_LIMIT:
        if "expect" not in headers:
            await _drain(receive)
        raise RefusedError(BODY_TOO_LARGE, too_large(length), _CLOSE)
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body", False):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            if message.get("more_body", False):
                await _drain(receive)
            raise RefusedError(BODY_TOO_LARGE, too_large(), _CLOSE)
    if message["type"] == "http.disconnect":
        raise _GoneError
    return body


async def _drain(receive: _Receive) -> None:
    read = 0
    more = True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAINED_SECONDS):
            while more and read < _DRAINED_BYTES:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _GoneError
                read += len(message.get("body", b""))
                more = message.get("more_body", False)


def request_of(scope: Mapping[str, Any], body: bytes = b"") -> Request:
    """The request of an ASGI scope, with this body."""
    return Request(
        scope["method"],
        scope["path"],
        # Spaces around a value are no part of it, and not every parser takes them off.
        {
            name.decode("latin-1"): value.decode("latin-1").strip()
            for name, value in scope["headers"]
        },
        body,
        scope["query_string"].decode("latin-1"),
        scope.get("scheme", "http"),
        True,  # it waits
    )


async def _send(response: Response, send: _Send, clock: Clock, *, empty: bool = False) -> None:
    delivery = response.delivery
    if delivery is None:
        await send(_start(response))
        await send(_part(b"" if empty else response.body))
        return
    since = clock.now()
    if delivery.silent:
        await pause(clock, delivery.delay, since)
        raise BrokenOffError("not a byte of the reply is sent")
    endless = delivery.parts is not None
    missing = 0 if empty or endless else response.length
    begun = False
    async for piece in timed(response, delivery, clock, since, empty=empty):
        if not begun:
            await send(_start(response))
            begun = True
        sent = piece if endless else piece[:missing]
        missing -= 0 if endless else len(sent)
        await send(_part(sent, more=True))
    if missing:
        raise BrokenOffError(f"{missing} bytes of the reply are not sent")
    await send(_part(b""))


def _start(response: Response) -> _Message:
    headers = encoded(response.headers)
    announced = response.announced
    if announced is not None:
        headers = [*headers, (b"content-length", b"%d" % announced)]
    return {"type": "http.response.start", "status": response.status, "headers": headers}


def _part(body: bytes, *, more: bool = False) -> _Message:
    return {"type": "http.response.body", "body": body, "more_body": more}
