"""Looks at the page of a mock: within the process, and over a socket."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlencode

from conftest import GENERATIONS, HEADERS, MINIMAL, Running
from stepfun_mock import Request, Response, StepfunMock
from stepfun_mock.inspector import Inspector
from stepfun_mock.inspector.record import Record
from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.control import CONTROL_PREFIX, Control
from stepfun_mock.transports.server import Server, bind

HOST = "127.0.0.1:8793"


class Looking:
    """A mock and its page, without a socket."""

    def __init__(self, mock: StepfunMock) -> None:
        self.mock = mock
        self.page = Inspector(mock)
        self._control = Control(self.page)

    def post(self, body: object = None, **headers: str) -> Response:
        """Ask for a picture, with fields beside the required ones or with a body as it is."""
        fields = {**MINIMAL, **body} if isinstance(body, dict) else body or MINIMAL
        raw = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
        return self.mock.handle(Request("POST", GENERATIONS, {**HEADERS, **headers}, raw))

    def fetch(self, url: str, method: str = "GET", **headers: str) -> Response:
        """Follow a link."""
        path, _, query = url.partition("://")[2].partition("/")[2].partition("?")
        return self.mock.handle(Request(method, f"/{path}", {"host": HOST, **headers}, b"", query))

    def get(self, name: str, method: str = "GET", body: bytes = b"", query: str = "") -> Response:
        """What a route of our own answers; what comes in parts has no body yet."""
        asked = Request(method, CONTROL_PREFIX + name, {"host": HOST}, body, query)
        return self._control.answer(asked, self.mock)

    def body(self, name: str, query: str = "") -> bytes:
        """All that a route answers, in parts or not."""
        return whole(self.get(name, query=query))

    def json(self, name: str, **query: object) -> Any:
        """The JSON of a route that answers well."""
        response = self.get(name, query=urlencode(query))
        assert response.status == 200, response.body
        return json.loads(whole(response))

    def rows(self, **query: object) -> list[Any]:
        rows: list[Any] = self.json("requests", **query)["rows"]
        return rows

    def numbers(self, **query: object) -> list[int]:
        return [row["number"] for row in self.rows(**query)]

    def only(self) -> Any:
        """The details of the one request."""
        (row,) = self.rows()
        return self.json(f"requests/{row['number']}")

    def refused(self, name: str, **query: object) -> tuple[int, str]:
        """The status and the sentence of a refusal."""
        response = self.get(name, query=urlencode(query))
        return response.status, json.loads(response.body)["error"]["message"]


def picture_of(row: Mapping[str, Any]) -> str | None:
    """Where the picture of a row is, without what tells it from others of the same number."""
    image: str | None = row["image"]
    return image and image.partition("?")[0]


def whole(response: Response) -> bytes:
    """The body of a reply, put together where it comes in parts."""
    delivery = response.delivery
    if delivery is None or delivery.parts is None:
        return response.body
    parts = delivery.parts()

    async def read() -> bytes:
        return b"".join([part async for part in parts])

    return asyncio.run(read())


def record_of(looking: Looking, number: int = 1) -> Record:
    """What is kept of a request."""
    found = looking.page._records.get(number)
    assert found is not None
    return found


def listeners(page: Inspector) -> int:
    """How many pages are open."""
    return len(page._feed._listeners)


def everything(looking: Looking) -> str:
    """All that the page shows, stores and exports, as one text."""
    names = ["requests", "state", "session.json", "session.har", "journal", "choices", "faults"]
    names += [f"requests/{number}" for number in looking.numbers(limit=500)]
    shown = [looking.body(name).decode() for name in names]
    kept = [repr(record) for record in looking.page._records.newest_first()]
    return "\n".join((*shown, *kept))


# Over a socket ----------------------------------------------------------------------


class Event(NamedTuple):
    """One server-sent event."""

    name: str
    data: Any
    id: str = ""


class Stream:
    """An open page, as a browser's EventSource is one."""

    def __init__(
        self, port: int, headers: Mapping[str, str] = MappingProxyType({}), receive_buffer: int = 0
    ) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        self._file = self.socket.makefile("rb")
        given = {"Host": f"127.0.0.1:{port}", "Accept": "text/event-stream", **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        head = f"GET {CONTROL_PREFIX}events HTTP/1.1\r\n{lines}\r\n"
        self.socket.sendall(head.encode())
        self._left = b""
        self._chunked = False

    def head(self) -> dict[str, str]:
        """The status line, under `status`, and the headers."""
        found = {"status": self._file.readline().decode().strip()}
        for line in iter(self._file.readline, b"\r\n"):
            name, _, value = line.decode().rstrip("\r\n").partition(": ")
            found[name.lower()] = value
        self._chunked = found.get("transfer-encoding") == "chunked"
        return found

    def block(self) -> str:
        """The lines up to the next blank one; raises EOFError at the end."""
        while b"\n\n" not in self._left:
            came = self._piece()
            if not came:
                raise EOFError
            self._left += came
        block, _, self._left = self._left.partition(b"\n\n")
        return block.decode()

    def _piece(self) -> bytes:
        if not self._chunked:
            return self._file.read1(65536)
        size = int(self._file.readline() or b"0", 16)
        piece = self._file.read(size)
        self._file.readline()
        return piece

    def events(self) -> Iterator[Event]:
        while True:
            fields = dict(
                line.split(": ", 1) for line in self.block().split("\n") if line[:1] != ":"
            )
            if "event" in fields:
                yield Event(fields["event"], json.loads(fields["data"]), fields.get("id", ""))

    def next(self, *names: str) -> Event:
        """The next event; of these names, where some are given."""
        return next(event for event in self.events() if not names or event.name in names)

    def is_ended(self) -> bool:
        """Whether it ends; raises TimeoutError where it goes on for long."""
        try:
            for _ in self.events():
                pass
        except (EOFError, ConnectionResetError):
            return True
        return False

    def close(self) -> None:
        self._file.close()
        self.socket.close()

    def __enter__(self) -> "Stream":
        self.head()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def served(mock: StepfunMock) -> Iterator[tuple[Inspector, Running]]:
    """Serve a mock with its page while a `with` block lasts."""
    page = Inspector(mock)
    with running(mock, Application(mock, page=page)) as found:
        yield page, found


@contextmanager
def running(mock: StepfunMock, application: Application) -> Iterator[Running]:
    bound = bind("127.0.0.1", 0)
    ready = threading.Event()
    server = Server(application, bound, on_ready=ready.set)
    with in_thread(server.run_until_stopped, server.stop):
        assert ready.wait(10)
        yield Running(mock, server, server.port)


@contextmanager
def in_thread(run: Callable[[], object], stop: Callable[[], None]) -> Iterator[None]:
    """Let a server run in a thread of its own; it must end when told."""
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join(10)
        assert not thread.is_alive()
