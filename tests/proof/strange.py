"""Targets that are no image API at all, or that would harm a careless judge.

Every one opens a port of this machine and gives a base URL, as `serve` does.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from . import bombs
from .messages import JSON, Json, Reply, Request, Setting
from .reference import ReferenceServer
from .serving import serve

GIGABYTE = 1 << 30
Talk = Callable[[socket.socket, threading.Event], None]


@dataclass(frozen=True)
class Strange:
    """A target, and what it does. `open` gives its base URL while it is open."""

    name: str
    about: str
    open: Callable[[], AbstractContextManager[str]]


# Those that speak HTTP


def says(reply: Callable[[Request], Reply]) -> Callable[[], AbstractContextManager[str]]:
    """Says the same to everything."""

    class Saying(ReferenceServer):
        def answer(self, request: Request) -> Reply:
            return reply(request)

    return lambda: serve(Saying(Setting()))


def fails(status: int, kind: str, message: str) -> Callable[[], AbstractContextManager[str]]:
    """Says the same error to everything."""
    body = b'{"error": {"message": "%b", "type": "%b"}}' % (message.encode(), kind.encode())
    return says(lambda _: Reply(status, {"Content-Type": JSON}, body))


def page(
    status: int, text: str, kind: str = "text/html"
) -> Callable[[], AbstractContextManager[str]]:
    return says(lambda _: Reply(status, {"Content-Type": kind}, text.encode()))


class Bombing(ReferenceServer):
    """Replies as it should, but that the picture has 3.6 thousand million pixels."""

    def payload(self, *_: object) -> dict[str, Json]:
        return {"b64_json": bombs.picture_text()}


def bombed() -> AbstractContextManager[str]:
    bombs.picture_text()
    return serve(Bombing(Setting()))


def moved(_: Request) -> Reply:
    return Reply(301, {"Location": "http://127.0.0.1:1/elsewhere"})


def moved_here(request: Request) -> Reply:
    return Reply(307, {"Location": request.origin + request.target})


def compressed(_: Request) -> Reply:
    headers = {"Content-Type": JSON, "Content-Encoding": "gzip"}
    return Reply(200, headers, bombs.blanks_compressed())


def packed() -> AbstractContextManager[str]:
    # The first time takes a moment, which is better spent before anybody waits.
    bombs.blanks_compressed()
    return says(compressed)()


# Those that talk to a socket


@contextlib.contextmanager
def talking(talk: Talk) -> Iterator[str]:
    """A port on which every connection is talked to until it ends, or the port does."""
    stop = threading.Event()
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        listener.settimeout(0.01)
        greeter = threading.Thread(target=greet, args=(listener, talk, stop, threads))
        greeter.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        finally:
            stop.set()
            greeter.join()
            for thread in threads:
                thread.join()


def greet(
    listener: socket.socket, talk: Talk, stop: threading.Event, threads: list[threading.Thread]
) -> None:
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            line, _ = listener.accept()
            thread = threading.Thread(target=converse, args=(line, talk, stop))
            threads.append(thread)
            thread.start()


def converse(line: socket.socket, talk: Talk, stop: threading.Event) -> None:
    # So that nobody who stops reading holds this thread.
    line.settimeout(0.2)
    with line, contextlib.suppress(OSError):
        talk(line, stop)
        # Whoever closes on what is not yet read takes back what it said.
        line.shutdown(socket.SHUT_WR)
        while not stop.is_set() and line.recv(65536):
            pass


def hear(line: socket.socket, stop: threading.Event) -> None:
    """Read until the end of the headers of a request."""
    heard = b""
    while b"\r\n\r\n" not in heard and not stop.is_set():
        with contextlib.suppress(TimeoutError):
            piece = line.recv(65536)
            if not piece:
                return
            heard = heard[-3:] + piece


def tell(line: socket.socket, stop: threading.Event, told: bytes) -> None:
    """Send it all, however slowly it is read."""
    rest = memoryview(told)
    while rest and not stop.is_set():
        with contextlib.suppress(TimeoutError):
            rest = rest[line.send(rest) :]


def opening(length: str = "", kind: str = JSON) -> bytes:
    """The headers of a reply."""
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{length}\r\n".encode()


def noise(line: socket.socket, stop: threading.Event) -> None:
    hear(line, stop)
    tell(line, stop, b"SSH-2.0-OpenSSH_9.6\r\n" + bytes(range(256)))


def silence(line: socket.socket, stop: threading.Event) -> None:
    stop.wait()


def endless(line: socket.socket, stop: threading.Event) -> None:
    hear(line, stop)
    tell(line, stop, opening(f"Content-Length: {GIGABYTE}\r\n"))
    tell(line, stop, b'{"created": 1795000000, "data": [{"b64_json": "')
    piece = b"A" * (1 << 20)
    for _ in range(GIGABYTE // len(piece)):
        if stop.is_set():
            return
        tell(line, stop, piece)


def broken_off(line: socket.socket, stop: threading.Event) -> None:
    hear(line, stop)
    tell(line, stop, opening("Content-Length: 5000\r\n") + b'{"created": 1795000000, "data": [')


def closed(line: socket.socket, stop: threading.Event) -> None:
    line.close()


def dripping(pause: float) -> Talk:
    def drip(line: socket.socket, stop: threading.Event) -> None:
        hear(line, stop)
        tell(line, stop, opening())
        while not stop.wait(pause):
            tell(line, stop, b" ")

    return drip


def headed(line: socket.socket, stop: threading.Event) -> None:
    hear(line, stop)
    header = b"X-Padding: " + b"x" * 1000 + b"\r\n"
    tell(line, stop, b"HTTP/1.1 200 OK\r\n" + header * 1000 + b"Content-Length: 2\r\n\r\n{}")


def long_line(line: socket.socket, stop: threading.Event) -> None:
    hear(line, stop)
    tell(line, stop, b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * (1 << 20) + b"\r\n\r\n{}")


def on_line(talk: Talk) -> Callable[[], AbstractContextManager[str]]:
    return lambda: talking(talk)


HTML = "<!doctype html><title>Welcome</title><h1>It works!</h1>"

STRANGE: tuple[Strange, ...] = (
    Strange("noise", "speaks no HTTP", on_line(noise)),
    Strange("silence", "accepts, and never says anything", on_line(silence)),
    Strange("endless", "sends a reply of a gigabyte", on_line(endless)),
    Strange("broken-off", "closes in the middle of its reply", on_line(broken_off)),
    Strange("closed", "accepts, and closes at once", on_line(closed)),
    Strange("dripping", "sends one byte a second for ever", on_line(dripping(1.0))),
    Strange("headed", "sends a thousand headers of a kilobyte", on_line(headed)),
    Strange("long-line", "sends one header of a megabyte", on_line(long_line)),
    Strange("page", "shows a web page, whatever is asked for", page(200, HTML)),
    Strange("elsewhere", "sends everybody elsewhere", says(moved)),
    Strange("circle", "sends everybody round in a circle", says(moved_here)),
    Strange("nothing", "says 404 to everything", says(lambda _: Reply(404))),
    Strange(
        "overloaded", "is always overloaded", fails(503, "engine_overloaded", "try again later")
    ),
    Strange("unpaid", "always wants to be paid", fails(402, "quota_exceeded", "quota exceeded")),
    Strange("locked", "refuses every key", fails(401, "invalid_api_key", "Incorrect API key")),
    Strange(
        "retired", "says in JSON that it is gone", fails(410, "retired", "This API is retired.")
    ),
    Strange(
        "offline",
        "says in words that it is gone",
        page(404, "This model is offline since 10 October 2026.\n", "text/plain"),
    ),
    Strange("picture-bomb", "gives a picture too large for any memory", bombed),
    Strange("reply-bomb", "gives a small reply that unpacks to a gigabyte", packed),
)
