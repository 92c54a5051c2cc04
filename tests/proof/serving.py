"""Puts a server on a port of this machine, and replies on the wire in odd ways if they ask for it.

A server that crashes is a mistake in it, none of its judge; `serve` says so when it ends.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Protocol

from .messages import Reply, Request, header

LARGEST_BODY = 16 * 1024 * 1024
PIECE = 7919
ABRUPT = struct.pack("ii", 1, 0)


class Answering(Protocol):
    """What can be served."""

    second_listener: bool
    link_origin: str

    def answer(self, request: Request) -> Reply: ...


class Listener(ThreadingHTTPServer):
    """Listens on a port that is free, and ends with all its connections."""

    daemon_threads = False
    request_queue_size = 256

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.crashes: list[Exception] = []
        self.stopping = threading.Event()
        self.abrupt: set[Any] = set()
        self.connections: set[Any] = set()
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)

    def server_bind(self) -> None:
        # The one of HTTPServer asks for this machine's name, which may take seconds.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.lock:
            self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self.lock:
            self.connections.discard(request)
        if request in self.abrupt:
            self.abrupt.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked is gone; nobody is left to tell."""

    def stop(self) -> None:
        """End, and break every connection that is still open."""
        self.stopping.set()
        self.shutdown()
        with self.lock:
            for connection in self.connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def respond(self) -> None:
        request = self.asked()
        try:
            reply = self.server.answering.answer(request)
        except Exception as crash:
            self.server.crashes.append(crash)
            reply = Reply(500)
        self.ship(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = respond

    def asked(self) -> Request:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.body(headers)
        return Request(self.command, self.path, headers, body, self.server.origin)

    def body(self, headers: Mapping[str, str]) -> bytes:
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return b"".join(self.chunks())
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            raise ConnectionError("a body without end")
        return self.rfile.read(int(length))

    def chunks(self) -> Iterator[bytes]:
        left = LARGEST_BODY
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            left -= size
            if left < 0:
                raise ConnectionError("a body without end")
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def ship(self, reply: Reply) -> None:
        wire = reply.wire
        if wire.delay:
            self.server.stopping.wait(wire.delay)
        if wire.reset:
            self.break_off()
            return
        head = self.head(reply)
        body = b"" if self.command == "HEAD" else reply.body
        if wire.chunked and body:
            body = b"".join(pieces(body)) + b"0\r\n\r\n"
        if wire.cut is not None:
            body = body[: wire.cut]
        self.close_connection |= wire.close or wire.bare or wire.cut is not None
        if wire.drip is None:
            self.wfile.write(head + body)
        else:
            self.wfile.write(head)
            self.drip(body, *wire.drip)

    def head(self, reply: Reply) -> bytes:
        wire = reply.wire
        version = "HTTP/1.0" if wire.bare else "HTTP/1.1"
        phrase = HTTPStatus(reply.status).phrase
        headers = {**self.added(reply), **reply.headers}
        lines = [f"{wire.spelled(name)}: {value}" for name, value in headers.items()]
        return "\r\n".join([f"{version} {reply.status} {phrase}", *lines, "", ""]).encode("latin-1")

    def added(self, reply: Reply) -> dict[str, str]:
        """The headers that belong to the wire."""
        wire = reply.wire
        added = {} if header(reply.headers, "Date") else {"Date": formatdate(usegmt=True)}
        if wire.chunked and reply.body:
            added["Transfer-Encoding"] = "chunked"
        elif not wire.bare:
            added["Content-Length"] = str(len(reply.body) + wire.length_off)
        if wire.close or self.close_connection:
            added["Connection"] = "close"
        return added

    def drip(self, body: bytes, many: int, pause: float) -> None:
        for start in range(0, len(body), many):
            if self.server.stopping.wait(pause):
                return
            self.wfile.write(body[start : start + many])

    def break_off(self) -> None:
        """Reset the connection, as a machine does that lost it."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABRUPT)
        self.server.abrupt.add(self.connection)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def pieces(body: bytes) -> Iterator[bytes]:
    """The body in chunks."""
    for start in range(0, len(body), PIECE):
        piece = body[start : start + PIECE]
        yield b"%x\r\n" % len(piece) + piece + b"\r\n"


@contextlib.contextmanager
def listening(answering: Answering) -> Iterator[Listener]:
    """The server on a port of its own."""
    listener = Listener(answering)
    # Python looks this often whether it should end.
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield listener
    finally:
        listener.stop()
        thread.join()
    if listener.crashes:
        raise ExceptionGroup("the served server crashed", listener.crashes)


@contextlib.contextmanager
def serve(server: Answering) -> Iterator[str]:
    """The server on a port, under this base URL."""
    with contextlib.ExitStack() as open_ports:
        if server.second_listener:
            server.link_origin = open_ports.enter_context(listening(server)).origin
        yield open_ports.enter_context(listening(server)).origin + "/v1"
