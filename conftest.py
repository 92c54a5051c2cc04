"""Fixtures that the tests of several rooms share."""

import asyncio
import base64
import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from hypothesis import settings
from PIL import Image

from stepfun_mock import Choices, Clock, Request, Response, StepfunMock
from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.server import Server, bind

if TYPE_CHECKING:
    from wire import Line

pytest_plugins = ["pytester"]

GENERATIONS = "/v1/images/generations"
MINIMAL: dict[str, Any] = {"model": "step-image-edit-2", "prompt": "A red fox in the snow"}
HEADERS = {
    "host": "127.0.0.1:8793",
    "authorization": "Bearer a-key-of-the-test",
    "content-type": "application/json",
}

# By `--hypothesis-profile thorough`, before the tests ask for their examples.
THOROUGH = "thorough"
settings.register_profile(THOROUGH)


def examples(count: int, **given: Any) -> settings:
    """Let Hypothesis try `count` examples in `make proof`, and a fifth of them in `make test`."""
    tried = count if settings.get_current_profile_name() == THOROUGH else count // 5
    return settings(max_examples=tried, deadline=None, **given)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at a round second until a test moves it."""
    clock = Clock()
    clock.freeze(at=1_780_000_000)
    return clock


@pytest.fixture
def mock(clock: Clock) -> StepfunMock:
    return StepfunMock(clock=clock)


@pytest.fixture
def generate(mock: StepfunMock) -> Callable[..., Response]:
    """Ask `mock` for a picture, with the fields that a test adds to the required ones."""

    def ask(**fields: Any) -> Response:
        return asked(mock, {**MINIMAL, **fields})

    return ask


def asked(mock: StepfunMock, body: object, **headers: str) -> Response:
    """Ask a mock for a picture; a body that is not bytes goes as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return mock.handle(Request("POST", GENERATIONS, {**HEADERS, **headers}, raw))


def answered(response: Response) -> Any:
    """The JSON of a reply."""
    return json.loads(response.body)


def item(response: Response) -> Any:
    """The one item of a reply that went well."""
    assert response.status == 200, response.body
    (only,) = answered(response)["data"]
    return only


def decoded(b64_json: str) -> Image.Image:
    """The picture of a reply, read to its last byte."""
    return opened(base64.b64decode(b64_json, validate=True))


def opened(png: bytes) -> Image.Image:
    """A picture, read to its last byte."""
    picture = Image.open(io.BytesIO(png))
    picture.load()
    return picture


@dataclass
class Running:
    """A mock on a port of this machine."""

    mock: StepfunMock
    server: Server
    port: int

    @property
    def root(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """What clients take as their base URL."""
        return f"{self.root}/v1"


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Start servers, each in a thread of its own; they stop with the test."""
    running: list[tuple[Running, threading.Thread]] = []

    def begin(choices: Choices | None = None, **given: Any) -> Running:
        mock = StepfunMock(choices=choices)
        bound = bind("127.0.0.1", 0)
        ready = threading.Event()
        server = Server(Application(mock, **given), bound, on_ready=ready.set)
        thread = threading.Thread(target=server.run_until_stopped, daemon=True)
        thread.start()
        assert ready.wait(10)
        running.append((Running(mock, server, server.port), thread))
        return running[-1][0]

    yield begin
    for one, thread in running:
        one.server.stop()
        thread.join(5)
        assert not thread.is_alive()


@pytest.fixture(params=["asyncio", "uvloop"])
def both_loops(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server runs on both loops that uvicorn knows."""
    made_by: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    if request.param == "uvloop":
        made_by = pytest.importorskip("uvloop").new_event_loop
    monkeypatch.setattr(uvicorn.Config, "get_loop_factory", lambda config: made_by)


@pytest.fixture
def running(start: Callable[..., Running]) -> Running:
    """A server with the default choices."""
    return start()


# Clients without manners; see tests/wire.py -----------------------------------------


@pytest.fixture
def nothing_fails_unseen(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A traceback in the log is a failure, whatever the client saw."""
    yield
    for phase in ("call", "teardown"):
        records = caplog.get_records(phase)
        assert [one.getMessage() for one in records if one.levelno >= logging.WARNING] == []


@pytest.fixture
def connect() -> "Iterator[Callable[[Running], Line]]":
    """Open connections; they are closed with the test."""
    from wire import Line  # beside the tests, where this file cannot look before they are found

    lines: list[Line] = []

    def open_one(to: Running) -> "Line":
        lines.append(Line(to.port))
        return lines[-1]

    yield open_one
    for line in lines:
        line.close()


@pytest.fixture
def line(running: Running, connect: "Callable[[Running], Line]") -> "Line":
    """A connection to a server with the default choices."""
    return connect(running)
