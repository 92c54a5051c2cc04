"""Servers that say whatever bytes a test likes, and carriers that ask them; as fixtures."""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contracts.carrier import Wire
from contracts.exchange import Ask, NotCarriedError
from contracts.key import Key

VALUE = "sk-CANARY-0123456789"
KEY = Key(VALUE, "STEP_API_KEY")
PATH = "/v1/images/generations"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Talk = Callable[[socket.socket], None]


def heard(line: socket.socket) -> bytes:
    """One request, to the end of its body; nothing where the client has closed."""
    data = bytearray()
    while True:
        part = line.recv(65536)
        if not part:
            return b""
        data += part
        end = data.find(b"\r\n\r\n") + 4
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", data[:end])
        if end > 3 and len(data) >= end + int(length[1] if length else 0):
            return bytes(data)


def headers_of(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    headers = {
        name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)
    }
    assert len(headers) == len(lines)
    return headers


class Server:
    """Talks over raw connections, each in a thread of its own."""

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self.stopping = threading.Event()
        self.lines: list[socket.socket] = []
        self.requests: list[bytes] = []
        self._talk = talk
        self._tls = tls
        self._bound = socket.create_server(("127.0.0.1", 0))
        self.port = self._bound.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._bound.accept()
                line.settimeout(5)
                self.lines.append(line)
                self._threads.append(threading.Thread(target=self._serve, args=(line,)))
                self._threads[-1].start()

    def _serve(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.closing(line):
            if self._tls:
                line = self._tls.wrap_socket(line, server_side=True)
            with line:
                self._talk(line)

    def stop(self) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._bound.shutdown(socket.SHUT_RDWR)
        self._bound.close()
        for line in self.lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()


Listen = Callable[..., Server]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Start servers; they stop with the test."""
    servers: list[Server] = []

    def begin(
        *replies: bytes, talk: Talk | None = None, tls: ssl.SSLContext | None = None
    ) -> Server:
        def answer(line: socket.socket) -> None:
            """Each request gets the next reply; after the last the connection is closed."""
            for reply in replies:
                request = heard(line)
                if not request:
                    return
                requests.append(request)
                line.sendall(reply)

        server = Server(talk or answer, tls)
        requests = server.requests
        servers.append(server)
        return server

    yield begin
    for server in servers:
        server.stop()


WireTo = Callable[..., Wire]


@pytest.fixture
def wire_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[WireTo]:
    """Make carriers; they are closed with the test, and no proxy of this machine's is used."""
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "ssl_cert_file",
        "ssl_cert_dir",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    wires: list[Wire] = []

    def begin(origin: str | Server, **given: Any) -> Wire:
        origin = f"http://{origin.place}/v1" if isinstance(origin, Server) else origin
        wires.append(Wire(KEY, **{"origin": origin, "timeout": 5, "loopback": True, **given}))
        return wires[-1]

    yield begin
    for wire in wires:
        wire.close()


def get(server: Server, path: str = "/v1/models", **given: Any) -> Ask:
    return Ask("GET", f"http://{server.place}{path}", **given)


def post(server: Server, body: bytes = b"{}", **given: Any) -> Ask:
    headers = (("Content-Type", "application/json"),)
    return Ask("POST", f"http://{server.place}{PATH}", headers, body, **given)


def trouble(wire: Wire, ask: Ask) -> NotCarriedError:
    with pytest.raises(NotCarriedError) as problem:
        wire.carry(ask)
    return problem.value


def packed(body: bytes, coding: str) -> bytes:
    return reply(body, f"Content-Encoding: {coding}")


def reply(body: bytes, *headers: str) -> bytes:
    lines = "".join(f"{line}\r\n" for line in (*headers, f"Content-Length: {len(body)}"))
    return b"HTTP/1.1 200 OK\r\n" + lines.encode() + b"\r\n" + body
