"""The mock as an ASGI application: Starlette for our own routes, a plain endpoint for the API's.

Checks the door and reads the body under its limit; decides nothing else. How long a request
may take to arrive is the server's to bound.
"""

import asyncio
import contextlib
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse
from starlette.responses import Response as StarletteResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from stepfun_mock.body import too_large
from stepfun_mock.contract import BODY_LIMIT, BODY_TOO_LARGE
from stepfun_mock.errors import RefusedError
from stepfun_mock.message import Request, Response
from stepfun_mock.service import StepfunMock
from stepfun_mock.transports.door import Door

CONTROL_PREFIX = "/__stepfun_mock/"
"""All routes of our own start with this."""

# A client that is still sending does not listen: what is too large is read on for a while and
# thrown away, so that the refusal arrives instead of a broken pipe.
_DRAINED_BYTES = 16 * BODY_LIMIT
_DRAINED_SECONDS = 2.0

_CLOSE = (("connection", "close"),)


class Application(Starlette):
    """The mock as an ASGI application, for any ASGI server.

    Args:
        mock: The core that answers.
        allow_hosts: Host names to answer to, beside the loopback ones; without ports.
    """

    def __init__(self, mock: StepfunMock, *, allow_hosts: Collection[str] = ()) -> None:
        super().__init__(routes=_control_routes())
        self.mock = mock
        self._door = Door(allow_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        try:
            body = await _read(scope, receive)
            response = self.respond(scope, body)
            if response is None:
                self._check_control(scope)
                await super().__call__(scope, _replayed(body), send)
                return
        except RefusedError as refused:
            response = self.mock.refuse(_request(scope), refused)
        except _GoneError:
            return
        await _send(response, send)

    def respond(self, scope: Mapping[str, Any], body: bytes) -> Response | None:
        """Answer a request of the API whose body is whole; checks the door first.

        Args:
            scope: The ASGI scope.
            body: The whole body.

        Returns:
            The response, or None for a path that Starlette is to answer.
        """
        if _is_control(scope["path"]):
            return None
        request = _request(scope, body)
        try:
            self._door.check_host(request.headers, scope["headers"])
        except RefusedError as refused:
            return self.mock.refuse(request, refused)
        return self.mock.handle(request)

    def _check_control(self, scope: Scope) -> None:
        headers = _request(scope).headers
        self._door.check_host(headers, scope["headers"])
        self._door.check_origin(headers.get("origin"))


def _is_control(path: str) -> bool:
    """Whether a path is one of our own, for Starlette to answer."""
    return path.startswith(CONTROL_PREFIX)


class _GoneError(Exception):
    """The client went away before its body was whole; there is nobody to answer."""


async def _read(scope: Scope, receive: Receive) -> bytes:
    headers = _request(scope).headers
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length[:18]) > BODY_LIMIT:
        if "expect" not in headers:
            await _drain(receive)
        raise RefusedError(BODY_TOO_LARGE, too_large(int(length[:18])), _CLOSE)
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


async def _drain(receive: Receive) -> None:
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


def _replayed(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _request(scope: Mapping[str, Any], body: bytes = b"") -> Request:
    return Request(
        scope["method"],
        scope["path"],
        {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body,
        scope["query_string"].decode("latin-1"),
        scope["scheme"],
    )


async def _send(response: Response, send: Send) -> None:
    headers = _encoded(response.headers)
    if response.status != 204:
        headers = [*headers, (b"content-length", b"%d" % len(response.body))]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


@lru_cache(maxsize=64)
def _encoded(headers: tuple[tuple[str, str], ...]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


# Routes of our own -----------------------------------------------------------


def _control_routes() -> list[Route]:
    return [
        Route(f"{CONTROL_PREFIX}health", _health),
        Route(f"{CONTROL_PREFIX}openapi.json", _openapi),
    ]


async def _health(request: StarletteRequest) -> StarletteResponse:
    return JSONResponse({"status": "ok"})


async def _openapi(request: StarletteRequest) -> StarletteResponse:
    from stepfun_mock.openapi import document  # only those who ask for it pay for building it

    return JSONResponse(document(f"{request.url.scheme}://{request.headers['host']}"))
