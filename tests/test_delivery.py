"""Replies that take their time, come in part or not at all, as bytes on a socket."""

import asyncio
import contextlib
import json
import logging
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import uvicorn
from wire import BODY, HEALTH, Line, asking, eventually, get, post, refused, seed_of

from conftest import GENERATIONS, HEADERS, MINIMAL
from stepfun_mock import MockServer, Request, Response, StepfunMock, faults
from stepfun_mock.clock import Clock
from stepfun_mock.message import Delivery
from stepfun_mock.transports import protocol, writer
from stepfun_mock.transports import server as serving
from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.delivery import BrokenOffError, pause
from stepfun_mock.transports.server import STOP_SECONDS, bind

pytestmark = pytest.mark.usefixtures("nothing_fails_unseen", "both_loops")

FOR_EVER = 86_400
QUIET = 0.08  # seconds in which a reply that is held back would have come
AT = 1_780_000_000


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


@pytest.fixture
def line(server: MockServer) -> Iterator[Line]:
    with contextlib.closing(Line(server.port)) as line:
        yield line


class Told(StepfunMock):
    """Delivers every reply of the API as it was told."""

    def __init__(self, delivery: Delivery, **given: Any) -> None:
        super().__init__(**given)
        self._delivery = delivery

    def handle(self, request: Request) -> Response:
        return super().handle(request)._replace(delivery=self._delivery)


def numbered(seed: int) -> bytes:
    return post(json.dumps({**MINIMAL, "seed": seed}).encode())


def quiet(line: Line) -> bool:
    """Whether nothing comes for a while."""
    return not select.select([line.socket], [], [], QUIET)[0]


def heard(line: Line, *, to_the_end: bool = False) -> bytes:
    """What comes next: until it is quiet again, or until the connection ends."""
    data = came = line.socket.recv(65536)
    while data and (to_the_end or not quiet(line)):
        data = line.socket.recv(65536)
        came += data
    return came if data else came + b"(end)"


def body_of(data: bytes) -> bytes:
    return data.partition(b"\r\n\r\n")[2]


def length_in(data: bytes) -> int:
    return int(data.partition(b"content-length: ")[2].partition(b"\r\n")[0])


def under_way(server: MockServer) -> int:
    """How many replies take their time at this moment."""
    assert server._run is not None
    return len(server._run.server.server_state.tasks)


# The time that it takes ------------------------------------------------------------


def test_a_slow_reply_comes_after_its_time_and_whole(server: MockServer, line: Line) -> None:
    server.script(faults.slow(seconds=0.3))
    started = time.monotonic()
    assert seed_of(line.ask(post())) == 5
    assert time.monotonic() - started >= 0.29
    assert seed_of(line.ask(post())) == 5


@pytest.mark.parametrize("frozen", [False, True])
def test_moving_the_clock_on_releases_a_slow_reply(
    server: MockServer, line: Line, frozen: bool
) -> None:
    if frozen:
        server.clock.freeze()
    server.script(faults.slow(seconds=10))
    line.send(post())
    eventually(lambda: under_way(server) == 1)
    server.clock.advance(seconds=9)
    assert quiet(line)
    server.clock.advance(seconds=1)
    assert seed_of(line.reply()) == 5


def test_steps_that_add_up_release_a_slow_reply(server: MockServer, line: Line) -> None:
    server.clock.freeze(at=AT + 1 / 3)
    server.script(faults.slow(seconds=1))
    line.send(post())
    eventually(lambda: under_way(server) == 1)
    for _ in range(10):
        server.clock.advance(seconds=0.1)
    assert seed_of(line.reply()) == 5


def test_a_clock_that_stands_still_holds_nobody_up(server: MockServer, line: Line) -> None:
    server.clock.freeze()
    server.script(faults.slow(seconds=0.2))
    assert seed_of(line.ask(post())) == 5


def test_a_clock_that_returns_to_real_time_lets_a_slow_reply_take_its_time(
    server: MockServer, line: Line
) -> None:
    server.clock.advance(hours=1)
    server.script(faults.slow(seconds=0.3))
    line.send(post())
    eventually(lambda: under_way(server) == 1)
    server.clock.reset()
    assert seed_of(line.reply()) == 5


def test_a_slow_reply_goes_by_the_clock_of_its_own_mock(server: MockServer, line: Line) -> None:
    old, new = server.mock, StepfunMock()
    server.script(faults.slow(seconds=FOR_EVER))
    line.send(post())
    eventually(lambda: under_way(server) == 1)
    server.mock = new
    new.clock.advance(hours=48)
    assert quiet(line)
    old.clock.advance(hours=48)
    assert seed_of(line.reply()) == 5


def test_fifty_slow_replies_take_one_time_together(server: MockServer) -> None:
    server.script(faults.slow(seconds=0.5, times=50))

    def ask(seed: int) -> int:
        with contextlib.closing(Line(server.port)) as line:
            return seed_of(line.ask(numbered(seed)))

    started = time.monotonic()
    with ThreadPoolExecutor(50) as threads:
        assert sorted(threads.map(ask, range(50))) == list(range(50))
    assert time.monotonic() - started < 10  # one after the other: 25 seconds
    eventually(lambda: under_way(server) == 0)


def test_others_are_answered_at_once_meanwhile(server: MockServer, line: Line) -> None:
    server.script(faults.slow(seconds=FOR_EVER))
    line.send(post())
    eventually(lambda: under_way(server) == 1)
    with contextlib.closing(Line(server.port)) as other:
        assert other.ask(get(HEALTH)).json == {"status": "ok"}
        assert seed_of(other.ask(post())) == 5
    assert not line.is_heard()


def test_nobody_who_takes_their_time_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.1)
    monkeypatch.setattr(writer, "_LINGER_SECONDS", 0.1)
    monkeypatch.setattr(serving, "_KEEP_ALIVE", 0.1)
    monkeypatch.setattr(serving, "_TICK", 0.02)
    with MockServer() as server, contextlib.closing(Line(server.port)) as line:
        server.script(faults.slow(seconds=0.6), faults.slow(seconds=0.6))
        line.send(post() + post()[:-9])
        assert seed_of(line.reply()) == 5
        # The second request stood half for longer than the server waits.
        assert refused(line.reply()) == (408, "request_timeout")
        assert line.is_closed()


# What is sent ------------------------------------------------------------------------


def test_a_body_that_drips_comes_in_pieces(server: MockServer, line: Line) -> None:
    server.clock.freeze()
    server.script(faults.drip(pieces=4, pause=60))
    line.send(post())
    data = heard(line)
    length, sizes = length_in(data), [len(body_of(data))]
    for _ in range(3):
        server.clock.advance(seconds=59)
        assert quiet(line)
        server.clock.advance(seconds=1)
        piece = heard(line)
        data += piece
        sizes.append(len(piece))
    assert sum(sizes) == length
    assert max(sizes) == sizes[0] == -(-length // 4)
    assert json.loads(body_of(data))["data"][0]["seed"] == 5
    assert seed_of(line.ask(post())) == 5


def test_a_clock_moved_far_on_brings_all_pieces_at_once(server: MockServer, line: Line) -> None:
    server.clock.freeze()
    server.script(faults.drip(pieces=8, pause=60))
    line.send(post())
    eventually(lambda: under_way(server) == 1)
    server.clock.advance(hours=1)
    assert seed_of(line.reply()) == 5


def test_pieces_go_by_a_clock_that_stood_still_before(line: Line, server: MockServer) -> None:
    server.mock = Told(Delivery(delay=0.2, pieces=2, pause=60))
    server.clock.freeze()
    line.send(get())
    data = line.socket.recv(65536)
    server.clock.advance(seconds=60)
    data += heard(line)
    assert len(body_of(data)) == length_in(data)


def test_a_reply_that_stalls_stops_after_half_of_the_body(server: MockServer, line: Line) -> None:
    server.clock.freeze()
    server.script(faults.stall(seconds=60))
    line.send(post())
    data = heard(line)
    assert len(body_of(data)) == -(-length_in(data) // 2)
    server.clock.advance(seconds=60)
    data += heard(line)
    assert len(body_of(data)) == length_in(data)


def test_a_reply_that_is_cut_off_ends_in_the_middle_of_the_body(
    server: MockServer, line: Line
) -> None:
    server.script(faults.cut_off())
    line.send(post())
    data = heard(line, to_the_end=True)
    assert data.endswith(b"(end)")
    assert len(body_of(data)) == length_in(data) // 2 + len(b"(end)")
    assert b"connection:" not in data
    assert [entry.status for entry in server.journal] == [200]


def test_a_length_that_says_too_much_leaves_the_connection_open(
    server: MockServer, line: Line
) -> None:
    server.script(faults.wrong_length(by=16))
    line.send(post())
    data = heard(line)
    assert length_in(data) == len(body_of(data)) + 16
    assert json.loads(body_of(data))
    assert seed_of(line.ask(post())) == 5


@pytest.mark.parametrize("by", [-16, -1_000_000])
def test_a_length_that_says_too_little_leaves_bytes_over(
    server: MockServer, line: Line, by: int
) -> None:
    server.script(faults.wrong_length(by=by))
    line.send(post())
    data = heard(line, to_the_end=True)
    body = body_of(data).removesuffix(b"(end)")
    assert length_in(data) == max(0, len(body) + by)
    assert json.loads(body)
    assert data.endswith(b"(end)")


@pytest.mark.parametrize("delay", [0.0, 0.1])
def test_of_a_reply_that_is_reset_not_a_byte_comes(delay: float) -> None:
    mock = Told(Delivery(delay=delay, ending="reset"))
    with MockServer(mock) as server, contextlib.closing(Line(server.port)) as line:
        line.send(post())
        with pytest.raises(ConnectionResetError):
            line.socket.recv(1)
        eventually(lambda: under_way(server) == 0)


def test_a_reset_reply_is_written_down_without_a_status(server: MockServer, line: Line) -> None:
    server.script(faults.connection_reset())
    line.send(post())
    with pytest.raises(ConnectionResetError):
        line.socket.recv(1)
    assert [(entry.status, entry.fault) for entry in server.journal] == [(0, "connection_reset")]


def test_all_of_it_goes_together() -> None:
    delivery = Delivery(delay=60, pieces=3, pause=60, share=0.5, excess=7, ending="close")
    mock = Told(delivery, clock=Clock())
    mock.clock.freeze()
    with MockServer(mock) as server, contextlib.closing(Line(server.port)) as line:
        line.send(get())
        eventually(lambda: under_way(server) == 1)
        assert quiet(line)
        data = b""
        for to_the_end in (False, False, True):
            mock.clock.advance(seconds=60)
            data += heard(line, to_the_end=to_the_end)
        whole = length_in(data) - 7
        assert len(body_of(data).removesuffix(b"(end)")) == whole // 2
        assert data.endswith(b"(end)")


@pytest.mark.parametrize("fault", [faults.slow(seconds=0.1), faults.drip(pieces=3, pause=0.05)])
@pytest.mark.parametrize("given", [{"version": "1.0"}, {"connection": "close"}])
def test_the_connection_ends_after_it_where_the_client_wants_it_to(
    server: MockServer, line: Line, fault: faults.Fault, given: dict[str, Any]
) -> None:
    server.script(fault)
    reply = line.ask(post(**given))
    assert (seed_of(reply), reply.headers["connection"]) == (5, "close")
    assert line.is_closed()


@pytest.mark.parametrize(
    "delivery",
    [
        Delivery(delay=0.05),
        Delivery(pieces=3, pause=FOR_EVER),
        Delivery(share=0.5),
        Delivery(excess=9),
    ],
)
def test_head_has_no_body_however_it_travels(delivery: Delivery) -> None:
    with MockServer(Told(delivery)) as server, contextlib.closing(Line(server.port)) as line:
        for _ in range(2):
            head = line.ask(asking("HEAD", "/v1/models"), method="HEAD")
            assert (head.status, head.body) == (200, b"")
            assert int(head.headers["content-length"]) > 9


def test_a_slow_link_takes_its_time(server: MockServer, line: Line) -> None:
    server.clock.freeze()
    server.script(faults.slow_link(seconds=60))
    link = line.ask(post()).json["data"][0]["url"].removeprefix("http://127.0.0.1:8793")
    line.send(get(link))
    eventually(lambda: under_way(server) == 1)
    assert quiet(line)
    server.clock.advance(seconds=60)
    assert line.reply().body.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.slow(seconds=FOR_EVER), httpx.ReadTimeout),
        (faults.stall(seconds=FOR_EVER), httpx.ReadTimeout),
        (faults.wrong_length(by=3), httpx.ReadTimeout),
        (faults.cut_off(), httpx.RemoteProtocolError),
        (faults.connection_reset(), httpx.ReadError),
        (faults.connection_refused(seconds=FOR_EVER), httpx.ConnectError),
    ],
    ids=str,
)
def test_a_client_raises_its_own_error_and_can_be_used_again(
    server: MockServer, fault: faults.Fault, error: type[Exception]
) -> None:
    with httpx.Client(base_url=server.url, timeout=0.4) as client:
        headers = {name: HEADERS[name] for name in ("authorization", "content-type")}
        server.script(fault)
        with pytest.raises(error):
            client.post(GENERATIONS, headers=headers, content=BODY)
        server.reset()
        assert client.post(GENERATIONS, headers=headers, content=BODY).status_code == 200


# The order of requests ------------------------------------------------------------------


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("before", [0, 1, 3, 6])
def test_requests_behind_a_slow_one_are_answered_after_it(
    server: MockServer, line: Line, before: int, together: bool
) -> None:
    server.clock.freeze()
    server.script(faults.slow(seconds=60, after=before))
    requests = [numbered(seed) for seed in range(20)]
    if together:
        line.send(b"".join(requests))
    else:
        line.send(*requests, pause=0.01)
    assert [seed_of(line.reply()) for _ in range(before)] == list(range(before))
    eventually(lambda: under_way(server) == 1)
    assert quiet(line)
    assert len(server.journal) == before + 1
    server.clock.advance(seconds=60)
    assert [seed_of(line.reply()) for _ in range(20 - before)] == list(range(before, 20))
    assert seed_of(line.ask(post())) == 5


def test_slow_replies_on_one_connection_take_their_time_one_by_one(
    server: MockServer, line: Line
) -> None:
    server.clock.freeze()
    server.script(faults.slow(seconds=60, times=2), faults.drip(pieces=2, pause=60))
    line.send(b"".join(map(numbered, range(4))))
    for seed in range(2):
        eventually(lambda: len(server.journal) == seed + 1)  # noqa: B023 (called at once)
        assert quiet(line)
        server.clock.advance(seconds=60)
        assert seed_of(line.reply()) == seed
    # Half of the third comes, maybe along with the second, and the fourth waits for the rest.
    eventually(lambda: len(server.journal) == 3 and under_way(server) == 1)
    server.clock.advance(seconds=60)
    assert [seed_of(line.reply()) for _ in range(2)] == [2, 3]


def test_more_than_is_read_at_once_waits_behind_a_slow_reply(
    server: MockServer, line: Line
) -> None:
    server.script(faults.slow(seconds=0.5))
    requests = [
        post(json.dumps({**MINIMAL, "seed": seed}).encode().ljust(100_000)) for seed in range(12)
    ]
    sender = threading.Thread(target=line.send, args=requests)
    sender.start()
    assert [seed_of(line.reply()) for _ in range(12)] == list(range(12))
    sender.join(5)


@pytest.mark.parametrize("slowly", [False, True])
def test_replies_that_were_left_unread_for_a_while_all_come(
    server: MockServer, line: Line, slowly: bool
) -> None:
    if slowly:
        server.mock = Told(Delivery(pieces=2, pause=0.001))
    line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 17)
    fields = {**MINIMAL, "response_format": "b64_json"}
    requests = [post(json.dumps({**fields, "seed": seed}).encode()) for seed in range(500)]
    sender = threading.Thread(target=line.send, args=requests)
    sender.start()
    quieter = len(server.journal)
    while len(server.journal) > quieter or not quieter:
        quieter = len(server.journal)
        time.sleep(QUIET)
    assert len(server.journal) < 500
    assert [seed_of(line.reply()) for _ in range(500)] == list(range(500))
    sender.join(5)


def test_nonsense_behind_a_slow_request_is_refused_after_its_reply(
    server: MockServer, line: Line
) -> None:
    server.script(faults.slow(seconds=0.3))
    line.send(post() + b"\x00nonsense\r\n\r\n")
    assert seed_of(line.reply()) == 5
    assert refused(line.reply()) == (400, "http_invalid")
    assert line.is_closed()


def test_what_follows_a_reply_that_is_cut_off_is_not_answered(
    server: MockServer, line: Line
) -> None:
    server.script(faults.connection_reset())
    line.send(post() + post())
    assert line.is_closed()
    assert len(server.journal) == 1


def test_nothing_comes_between_the_pieces_of_a_reply(server: MockServer, line: Line) -> None:
    server.clock.freeze()
    server.script(faults.stall(seconds=60))
    line.send(post())
    data = heard(line)
    expecting = post(expect="100-continue")
    line.send(expecting[: -len(BODY)])
    assert quiet(line)
    server.clock.advance(seconds=60)
    data += heard(line)
    assert json.loads(body_of(data))["data"][0]["seed"] == 5
    assert seed_of(line.ask(BODY)) == 5


# Clients that go away, and servers that stop ----------------------------------------------


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("behind", [0, 2])
@pytest.mark.parametrize(
    "fault", [faults.slow(seconds=FOR_EVER), faults.drip(pause=FOR_EVER)], ids=["slow", "drip"]
)
def test_a_client_that_goes_away_ends_its_reply(
    server: MockServer, line: Line, fault: faults.Fault, behind: int, reset: bool
) -> None:
    server.script(fault)
    watchers = len(server.clock._watchers)
    line.send(post() + post() * behind)
    eventually(lambda: under_way(server) == 1)
    if reset:
        linger = struct.pack("ii", 1, 0)
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    line.close()
    eventually(lambda: under_way(server) == 0)
    assert len(server.clock._watchers) == watchers
    assert len(server.journal) == 1


def test_a_stopping_server_finishes_what_is_soon_ready() -> None:
    with MockServer() as server:
        server.script(faults.slow(seconds=0.3))
        line = Line(server.port)
        line.send(post())
        eventually(lambda: under_way(server) == 1)
    assert seed_of(line.reply()) == 5
    assert line.is_closed()
    line.close()


@pytest.mark.parametrize(
    "fault", [faults.slow(seconds=FOR_EVER), faults.drip(pause=FOR_EVER)], ids=["slow", "drip"]
)
def test_a_stopping_server_cuts_what_takes_too_long(fault: faults.Fault) -> None:
    with MockServer() as server:
        server.script(fault)
        line = Line(server.port)
        line.send(post() + post())
        eventually(lambda: under_way(server) == 1)
        started = time.monotonic()
    assert STOP_SECONDS - 0.05 <= time.monotonic() - started < STOP_SECONDS + 1
    with contextlib.suppress(ConnectionResetError):
        assert b'"seed":5}]' not in heard(line, to_the_end=True)
    line.close()
    assert server._run is None


def test_the_clock_of_a_stopped_server_can_be_moved() -> None:
    mock = StepfunMock()
    with MockServer(mock) as server:
        server.script(faults.slow(seconds=FOR_EVER))
        line = Line(server.port)
        line.send(post())
        eventually(lambda: under_way(server) == 1)
    mock.clock.advance(hours=1)
    assert len(mock.clock._watchers) == 0
    line.close()


# Waiting ---------------------------------------------------------------------------


def test_a_pause_of_no_time_is_none() -> None:
    clock = Clock(lambda: pytest.fail("nobody needs the time"))
    asyncio.run(pause(clock, 0, 0))


def test_a_clock_can_be_moved_after_the_loop_of_a_pause_has_ended() -> None:
    clock = Clock()
    clock.freeze(at=AT)
    loop = asyncio.new_event_loop()
    task = loop.create_task(pause(clock, FOR_EVER, AT))
    loop.call_later(0.05, loop.stop)
    loop.run_forever()
    loop.close()
    clock.advance(hours=1)
    with contextlib.suppress(RuntimeError):
        task.get_coro().close()
    task._log_destroy_pending = False  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("body", "delivery", "sent"),
    [
        (b"", Delivery(pieces=3), [b""]),
        (b"ab", Delivery(pieces=3), [b"a", b"b"]),
        (b"abcde", Delivery(pieces=2), [b"abc", b"de"]),
        (b"abcde", Delivery(share=0), [b""]),
        (b"abcde", Delivery(share=0.5), [b"ab"]),
        (b"abcde", Delivery(), [b"abcde"]),
    ],
)
def test_a_body_is_cut_in_pieces(body: bytes, delivery: Delivery, sent: list[bytes]) -> None:
    assert delivery.split(body) == sent


def test_a_length_is_never_below_0() -> None:
    lengths = [Response(200, (), b"abc", Delivery(excess=by)).length for by in (-9, -1, 0, 2)]
    assert lengths == [0, 2, 3, 5]
    assert Response(200, (), b"abc").length == 3


# Under servers of others -------------------------------------------------------------


def sent_by(mock: StepfunMock, method: str = "GET") -> list[dict[str, Any]]:
    """What the application sends another server, and the error that it ends in."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": "/v1/models",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in HEADERS.items()],
    }
    try:
        asyncio.run(Application(mock)(scope, receive, send))
    except BrokenOffError as broken:
        sent.append({"error": str(broken)})
    return sent


WHOLE = StepfunMock().handle(Request("GET", "/v1/models", HEADERS)).body


def told(*bodies: bytes, length: int = len(WHOLE)) -> list[dict[str, Any]]:
    """The messages of a reply of these pieces; the last of them ends it."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % length)]
    return [
        {"type": "http.response.start", "status": 200, "headers": headers},
        *({"type": "http.response.body", "body": body, "more_body": True} for body in bodies),
    ]


END = {"type": "http.response.body", "body": b"", "more_body": False}


@pytest.mark.parametrize(
    ("delivery", "messages"),
    [
        (Delivery(delay=0.05), [*told(WHOLE), END]),
        (
            Delivery(pieces=2, pause=0.05),
            [*told(WHOLE[: -(-len(WHOLE) // 2)], WHOLE[-(-len(WHOLE) // 2) :]), END],
        ),
        (
            Delivery(share=0.25, ending="close"),
            [
                *told(WHOLE[: len(WHOLE) // 4]),
                {"error": f"{len(WHOLE) - len(WHOLE) // 4} bytes of the reply are not sent"},
            ],
        ),
        (
            Delivery(excess=7),
            [*told(WHOLE, length=len(WHOLE) + 7), {"error": "7 bytes of the reply are not sent"}],
        ),
        (Delivery(excess=-7, ending="close"), [*told(WHOLE[:-7], length=len(WHOLE) - 7), END]),
        (
            Delivery(delay=0.05, ending="reset"),
            [{"error": "not a byte of the reply is sent"}],
        ),
        (Delivery(ending="refused"), [{"error": "not a byte of the reply is sent"}]),
    ],
    ids=str,
)
def test_another_server_is_given_what_it_can_send(
    delivery: Delivery, messages: list[dict[str, Any]]
) -> None:
    assert sent_by(Told(delivery)) == messages


def test_another_server_is_given_no_body_for_head() -> None:
    sent = sent_by(Told(Delivery(pieces=3, pause=FOR_EVER, share=0.5)), "HEAD")
    assert sent == [*told(b""), END]


@pytest.mark.parametrize("http", ["httptools", "h11"])
@pytest.mark.parametrize(
    ("delivery", "error"),
    [
        (Delivery(delay=0.05, pieces=3, pause=0.02), None),
        (Delivery(share=0.5, ending="close"), httpx.RemoteProtocolError),
        (Delivery(excess=7), httpx.RemoteProtocolError),
        (Delivery(ending="reset"), httpx.HTTPStatusError),
    ],
    ids=str,
)
def test_plain_uvicorn_makes_of_it_what_the_documentation_says(
    delivery: Delivery,
    error: type[Exception] | None,
    http: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.getLogger("uvicorn.error"), "disabled", True)
    if http == "h11":
        pytest.importorskip("h11")
    application = Application(Told(delivery))
    config = uvicorn.Config(application, http=http, lifespan="off", log_config=None)
    plain = uvicorn.Server(config)
    with bind("127.0.0.1", 0) as bound:
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/v1/models"
        thread = threading.Thread(target=plain.run, args=([bound],), daemon=True)
        thread.start()
        headers = {"authorization": HEADERS["authorization"]}
        with contextlib.nullcontext() if error is None else pytest.raises(error):
            reply = httpx.get(url, headers=headers)
            assert reply.raise_for_status().content == WHOLE
        plain.should_exit = True
        thread.join(5)
        assert not thread.is_alive()
