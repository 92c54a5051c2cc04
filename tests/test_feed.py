"""What open pages are told as it happens, over real sockets."""

import asyncio
import contextlib
import http.client
import json
import logging
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from looking import Stream, in_thread, listeners, served
from wire import eventually

from conftest import MINIMAL, Running, asked
from stepfun_mock import Request, StepfunMock, faults
from stepfun_mock.inspector import Inspector, feed, inspector
from stepfun_mock.inspector.assets import SAFE
from stepfun_mock.inspector.feed import Feed
from stepfun_mock.inspector.record import Record
from stepfun_mock.inspector.rows import row
from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.server import bind

pytestmark = pytest.mark.usefixtures("nothing_fails_unseen")

EVENT_SOURCE = {
    "Accept": "text/event-stream",
    "Cache-Control": "no-cache",
    "Last-Event-ID": "12",
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "cors",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36",
}


@contextlib.contextmanager
def under_uvicorn(mock: StepfunMock) -> Iterator[tuple[Inspector, Running]]:
    """Serve a mock with its page by a server that is not ours."""
    page = Inspector(mock)
    bound = bind("127.0.0.1", 0)
    config = uvicorn.Config(
        Application(mock, page=page), log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)

    def stop() -> None:
        server.should_exit = True

    with in_thread(lambda: server.run(sockets=[bound]), stop):
        yield page, Running(mock, server, bound.getsockname()[1])  # type: ignore[arg-type]


@pytest.fixture(params=["ours", "uvicorn"])
def open_page(request: pytest.FixtureRequest, mock: StepfunMock) -> Iterator[Inspector]:
    """The page of a mock on a port, under our own server and under another one."""
    serve = served if request.param == "ours" else under_uvicorn
    with serve(mock) as (page, running):
        page.port = running.port  # type: ignore[attr-defined]
        yield page


@pytest.fixture
def port(open_page: Inspector) -> int:
    found: int = open_page.port  # type: ignore[attr-defined]
    return found


def call(port: int, verb: str, name: str, body: str | None = None) -> None:
    """Call a control route."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    link.request(verb, f"/__stepfun_mock/{name}", body)
    assert link.getresponse().status == 200
    link.close()


# What is told -----------------------------------------------------------------------


def test_a_page_that_opens_is_told_the_state_and_when_to_come_again(
    port: int, mock: StepfunMock
) -> None:
    stream = Stream(port, EVENT_SOURCE)
    head = stream.head()
    assert head["status"] == "HTTP/1.1 200 OK"
    assert head["content-type"] == "text/event-stream"
    assert set(SAFE) <= set(head.items())
    assert "content-length" not in head
    assert stream.block() == "retry: 1000"
    name, state, number = stream.next()
    assert (name, number) == ("state", "")
    assert state["base_url"] == f"http://127.0.0.1:{port}/v1"
    assert state["total"] == 0
    stream.close()


def test_a_row_is_told_as_it_comes_with_its_number_as_id(port: int, mock: StepfunMock) -> None:
    with Stream(port) as stream:
        stream.next("state")
        for prompt in ("狐 🦊", "two\nlines\r\n\u2028of 'it'"):
            asked(mock, {**MINIMAL, "prompt": prompt, "response_format": "b64_json"})
            row = stream.next()
            number = mock.journal.total
            assert (row.name, row.id, row.data["number"]) == ("row", str(number), number)
            assert row.data["parameters"]["prompt"] == prompt


def test_a_row_is_told_again_when_its_link_is_fetched(port: int, mock: StepfunMock) -> None:
    with Stream(port) as stream:
        url = json.loads(asked(mock, MINIMAL).body)["data"][0]["url"]
        stream.next("row")
        path = url.partition("://")[2].partition("/")[2]
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        link.request("GET", f"/{path}")
        assert link.getresponse().read()
        link.close()
        fetched, again = stream.next("row"), stream.next("row")
        assert (fetched.id, fetched.data["kind"]) == ("2", "picture")
        assert (again.id, again.data["link"]["fetched"]) == ("1", 1)


def test_the_state_is_told_when_a_control_route_or_a_fault_has_changed_it(
    port: int, mock: StepfunMock
) -> None:
    with Stream(port) as stream:
        stream.next("state")
        call(port, "POST", "faults", '"overloaded times=2"')
        assert [one["left"] for one in stream.next().data["faults"]["waiting"]] == [2]
        call(port, "PATCH", "choices", '{"link_life": 60}')
        assert stream.next("state")
        asked(mock, MINIMAL)
        assert stream.next().name == "row"
        assert [one["left"] for one in stream.next().data["faults"]["waiting"]] == [1]
        call(port, "GET", "faults")
        mock.script(faults.rate_limited())
        asked(mock, MINIMAL)
        assert stream.next().name == "row"


def test_the_state_is_told_where_a_link_expires_before_what_was_next(
    port: int, mock: StepfunMock
) -> None:
    def ask() -> object:
        """The row that comes, and what is told to expire next."""
        asked(mock, MINIMAL)
        assert stream.next().name == "row"
        return stream.next("state").data["next_expiry"]["number"]

    with Stream(port) as stream:
        stream.next("state")
        assert ask() == 1
        mock.clock.advance(seconds=1)
        asked(mock, MINIMAL)
        assert stream.next().id == "2"  # it expires later, and nothing more is told
        mock.script(faults.expired_link(life=60))
        assert ask() == 3
        mock.clock.advance(hours=3)
        assert ask() == 4


def test_a_reset_and_a_cleared_journal_are_told(port: int, mock: StepfunMock) -> None:
    with Stream(port) as stream:
        for verb, name in (("POST", "reset"), ("DELETE", "journal")):
            asked(mock, MINIMAL)
            stream.next("row")
            call(port, verb, name)
            assert stream.next("reset").data == {"everything": name == "reset"}
            assert stream.next("state").data["total"] == 0
        asked(mock, MINIMAL)
        mock.journal.clear()
        asked(mock, MINIMAL)
        assert stream.next("reset").data == {"everything": False}
        assert stream.next("row").id == "1"


def test_states_are_gathered_and_the_last_one_is_told(port: int, mock: StepfunMock) -> None:
    with Stream(port) as stream:
        stream.next("state")
        mock.script(faults.overloaded(times=300))
        began = time.monotonic()
        for _ in range(300):
            asked(mock, MINIMAL)
        took = time.monotonic() - began
        told: list[int] = []
        while not told or told[-1] != 300:
            told.append(stream.next("state").data["total"])
        assert told == sorted(set(told))
        assert len(told) <= took / feed._SPACING + 2  # one may wait from before, one comes after


def test_a_page_is_told_under_the_address_that_it_asked(port: int) -> None:
    for host in (f"127.0.0.1:{port}", f"localhost:{port}"):
        with Stream(port, {"Host": host}) as stream:
            assert stream.next("state").data["base_url"] == f"http://{host}/v1"


def test_an_idle_stream_says_that_it_lives(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_BREATH", 0.01)
    with Stream(port) as stream:
        blocks = [stream.block() for _ in range(5)]
        assert blocks[2:] == [": here"] * 3


def test_head_asks_for_the_head_alone(open_page: Inspector, port: int) -> None:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    link.request("HEAD", "/__stepfun_mock/events")
    reply = link.getresponse()
    assert (reply.status, reply.headers["content-type"]) == (200, "text/event-stream")
    assert reply.read() == b""
    link.close()
    assert listeners(open_page) == 0


# Many, slow and gone ----------------------------------------------------------------


def test_all_open_pages_are_told_the_same_from_any_thread(port: int, mock: StepfunMock) -> None:
    def ask() -> None:
        for _ in range(10):
            asked(mock, {**MINIMAL, "response_format": "b64_json"})

    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(Stream(port)) for _ in range(20)]
        for stream in streams:
            stream.next("state")
        threads = [threading.Thread(target=ask) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for stream in streams:
            assert {stream.next("row").id for _ in range(50)} == {str(n) for n in range(1, 51)}


def test_who_reads_too_slowly_is_told_that_something_is_missing(
    open_page: Inspector, port: int, mock: StepfunMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def make(record: Record) -> object:
        made.append(record.entry.number)
        return row(record)

    monkeypatch.setattr(inspector, "row", make)
    body = {**MINIMAL, "note": {}, **{f"field {number}" + "x" * 500: 1 for number in range(100)}}
    with Stream(port, receive_buffer=4096) as slow:
        slow.next("state")
        for _ in range(1500):
            asked(mock, body)  # 50 KB in each row
        (listener,) = open_page._feed._listeners
        assert len(listener._unread) <= feed._WAITING
        assert len(made) < 1500  # what nobody has room for is not even made
        events = slow.events()
        assert any(event.name == "missed" for event in events)
        asked(mock, {**MINIMAL, "seed": 4242})
        assert next(one for one in events if one.name == "row" and one.data["seed"] == 4242)


def test_pages_that_close_are_forgotten(open_page: Inspector, port: int, mock: StepfunMock) -> None:
    for _ in range(40):
        streams = [Stream(port) for _ in range(5)]
        streams[0].head()
        asked(mock, MINIMAL)
        for stream in streams:
            stream.close()
    eventually(lambda: listeners(open_page) == 0)
    assert not open_page._feed


def test_a_page_that_closes_in_the_middle_of_what_it_does_not_read_is_forgotten(
    open_page: Inspector, port: int, mock: StepfunMock
) -> None:
    body = {**MINIMAL, **{f"field {number}" + "x" * 500: 1 for number in range(100)}}
    with Stream(port, receive_buffer=4096) as slow:
        slow.next("state")
        for _ in range(300):
            asked(mock, body)
    eventually(lambda: listeners(open_page) == 0)


def test_nothing_is_made_where_nobody_listens() -> None:
    def never() -> object:
        raise AssertionError("nobody asked for it")

    feed = Feed()
    feed.publish("row", never)
    assert not feed


# The end ----------------------------------------------------------------------------


def test_streams_end_where_the_control_routes_are_switched_off(
    open_page: Inspector, port: int, mock: StepfunMock
) -> None:
    with Stream(port) as one, Stream(port) as other:
        for stream in (one, other):
            stream.next("state")
        call(port, "PATCH", "choices", '{"control_routes": false}')
        assert one.is_ended()
        assert other.is_ended()
        eventually(lambda: listeners(open_page) == 0)
    refused = Stream(port)
    assert refused.head()["status"] == "HTTP/1.1 404 Not Found"
    refused.close()


def test_a_stream_tells_nothing_once_a_test_has_switched_the_routes_off(
    port: int, mock: StepfunMock
) -> None:
    with Stream(port) as stream:
        stream.next("state")
        mock.choose(control_routes=False)
        asked(mock, MINIMAL)
        with pytest.raises(EOFError):
            stream.block()


def test_a_server_that_stops_ends_its_streams_at_once(mock: StepfunMock) -> None:
    with contextlib.ExitStack() as stack:
        with served(mock) as (page, running):
            streams = [stack.enter_context(Stream(running.port)) for _ in range(5)]
            for stream in streams:
                stream.next("state")
            began = time.monotonic()
        assert time.monotonic() - began < 0.9  # a second is given to those who do not end
        assert all(stream.is_ended() for stream in streams)
        assert listeners(page) == 0


def test_another_server_ends_its_streams_when_told(mock: StepfunMock) -> None:
    with contextlib.ExitStack() as stack, under_uvicorn(mock) as (page, running):
        stream = stack.enter_context(Stream(running.port))
        stream.next("state")
        page.close()
        assert stream.is_ended()
        eventually(lambda: listeners(page) == 0)


def test_a_page_outlives_the_loop_of_its_listeners(mock: StepfunMock) -> None:
    feed = Feed()

    async def listen() -> None:
        stream = feed.stream(dict)
        assert await anext(stream) == b"retry: 1000\n\n"
        held.append(stream)

    held: list[object] = []
    loop = asyncio.new_event_loop()
    loop.run_until_complete(listen())
    loop.close()
    feed.publish("row", dict)  # who listened there is told no more, and harms nobody
    feed.close()


def test_half_a_character_does_not_end_a_stream(port: int, mock: StepfunMock) -> None:
    with Stream(port) as stream:
        mock.handle(Request("GET", "/v1/\ud800", {"host": "127.0.0.1"}))
        assert stream.next("row").data["path"] == "/v1/?"


def test_a_page_that_fails_does_not_spoil_the_reply(
    mock: StepfunMock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(record: object) -> None:
        raise RuntimeError("oh")

    with served(mock) as (_, running), Stream(running.port) as stream:
        stream.next("state")
        monkeypatch.setattr(inspector, "row", fail)
        assert asked(mock, MINIMAL).status == 200
    (logged,) = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert logged.getMessage() == "a watcher failed"
    caplog.clear()
