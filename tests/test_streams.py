"""A reply that goes on for ever, and what becomes of it when it cannot."""

import socket
import threading
from collections.abc import AsyncIterator

import pytest

from stepfun_mock import Request, Response, StepfunMock
from stepfun_mock.message import Delivery
from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.server import Server, bind


def test_a_stream_that_fails_ends_its_connection_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"begun"
        raise OSError("no more")

    class Broken:
        def answer(self, request: Request) -> Response:
            return Response(200, delivery=Delivery(parts=broken))

        def changed(self) -> None: ...

        def close(self) -> None: ...

    bound = bind("127.0.0.1", 0)
    ready = threading.Event()
    server = Server(Application(StepfunMock(), page=Broken()), bound, on_ready=ready.set)
    thread = threading.Thread(target=server.run_until_stopped, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
            line.sendall(b"GET /__stepfun_mock/x HTTP/1.1\r\nhost: localhost\r\n\r\n")
            came = b""
            try:
                while part := line.recv(4096):
                    came += part
            except ConnectionResetError:
                pass
        assert came.endswith(b"begun")
    finally:
        server.stop()
        thread.join(10)
    assert "a reply under way failed" in caplog.text
