"""The server on a port: connections that are kept, stopping, and many clients at once."""

import asyncio
import base64
import http.client
import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from wire import (
    BODY,
    HEALTH,
    HUGE,
    Line,
    asking,
    eventually,
    flood,
    get,
    link_of,
    post,
    refused,
    seed_of,
    statuses,
)

from conftest import GENERATIONS, MINIMAL, Running, opened
from stepfun_mock import StepfunMock
from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.server import STOP_SECONDS, CannotListenError, Server, bind

pytestmark = pytest.mark.usefixtures("nothing_fails_unseen")

# The port ----------------------------------------------------------------------


def test_port_0_picks_a_port_and_the_server_names_it(running: Running) -> None:
    assert running.port > 0
    link = http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)
    link.request("GET", HEALTH)
    reply = link.getresponse()
    assert (reply.status, reply.read()) == (200, b'{"status":"ok"}')
    link.close()


def test_two_servers_pick_two_ports(start: Callable[..., Running]) -> None:
    assert start().port != start().port


def test_a_taken_port_is_refused_in_a_sentence(running: Running) -> None:
    with pytest.raises(CannotListenError) as caught:
        bind("127.0.0.1", running.port)
    assert str(caught.value) == (
        f"cannot listen on 127.0.0.1 port {running.port}: Address already in use; stop the "
        "program that has it, or choose another port (0 picks a free one)"
    )


def test_a_host_that_is_no_address_of_this_machine_is_refused() -> None:
    with pytest.raises(CannotListenError) as caught:
        bind("192.0.2.1", 0)
    assert str(caught.value).startswith("cannot listen on 192.0.2.1 port 0: ")
    assert str(caught.value).endswith(
        "; choose an address of this machine as the host, and a port that you may open"
    )


# Connections that are kept -----------------------------------------------------


def test_many_requests_go_over_one_connection(running: Running, line: Line) -> None:
    for seed in range(30):
        reply = line.ask(post(json.dumps({**MINIMAL, "seed": seed}).encode()))
        assert seed_of(reply) == seed
        assert "connection" not in reply.headers
    assert statuses(running.mock) == [200] * 30


@pytest.mark.parametrize(
    "request_",
    [
        get(version="1.0"),
        get(version="1.0", connection="keep-alive"),
        get(connection="close"),
        get(HEALTH, connection="close"),
        get(HEALTH, version="1.0"),
        post(connection="close"),
        post(connection="Upgrade, close", extra=b"Upgrade: h2c\r\n"),
    ],
)
def test_the_connection_ends_where_the_client_wants_it_to(line: Line, request_: bytes) -> None:
    reply = line.ask(request_)
    assert (reply.status, reply.headers["connection"]) == (200, "close")
    assert line.is_closed()


@pytest.mark.parametrize("target", ["/v1/models", HEALTH])
def test_head_is_get_without_the_body(line: Line, target: str) -> None:
    whole = line.ask(get(target))
    head = line.ask(asking("HEAD", target), method="HEAD")
    assert (head.status, head.headers, head.body) == (200, whole.headers, b"")
    assert line.ask(get(target)).body == whole.body


def test_what_follows_a_request_to_close_is_not_answered(running: Running, line: Line) -> None:
    assert line.ask(get(connection="close") + post()).status == 200
    assert line.is_closed()
    assert statuses(running.mock) == [200]


@pytest.mark.parametrize("target", [GENERATIONS, HEALTH])
def test_a_client_that_has_nothing_more_to_send_gets_its_reply(line: Line, target: str) -> None:
    line.send(post() if target == GENERATIONS else get(target))
    line.socket.shutdown(socket.SHUT_WR)
    assert line.reply().status == 200
    assert line.is_closed()


PIPELINES: dict[str, list[str]] = {
    "two of the API": ["a", "b"],
    "the API, then ours": ["a", "h"],
    "ours, then the API": ["h", "a"],
    "ours between": ["a", "h", "b"],
    "the API between": ["h", "a", "h"],
    "many": list("abhhbahab"),
}
KINDS = {
    "a": (post(b'{"model": "step-image-edit-2", "prompt": "a", "seed": 1}'), b'"seed":1'),
    "b": (post(b'{"model": "step-image-edit-2", "prompt": "b", "seed": 2}'), b'"seed":2'),
    "h": (get(HEALTH), b'{"status":"ok"}'),
}


@pytest.mark.parametrize("cut", [None, 40, -10], ids=["one packet", "cut early", "cut late"])
@pytest.mark.parametrize("kinds", PIPELINES.values(), ids=PIPELINES.keys())
def test_requests_sent_at_once_are_answered_in_order(
    line: Line, kinds: list[str], cut: int | None
) -> None:
    packet = b"".join(KINDS[kind][0] for kind in kinds)
    line.send(*([packet] if cut is None else [packet[:cut], packet[cut:]]), pause=0.01)
    for kind in kinds:
        reply = line.reply()
        assert reply.status == 200
        assert KINDS[kind][1] in reply.body
    assert line.ask(get()).status == 200


@pytest.mark.parametrize("before", ["a", "h", "hah"])
@pytest.mark.parametrize("nonsense", [b"\x00\x01\x02", b"GET / HTTP/1.1\r\nno header\r\n\r\n"])
def test_replies_before_nonsense_are_not_lost(line: Line, before: str, nonsense: bytes) -> None:
    line.send(b"".join(KINDS[kind][0] for kind in before) + nonsense)
    for kind in before:
        assert KINDS[kind][1] in line.reply().body
    assert refused(line.reply()) == (400, "http_invalid")
    assert line.is_closed()


# Stopping ----------------------------------------------------------------------


@dataclass
class Stopping:
    """A server whose end a test watches."""

    server: Server
    thread: threading.Thread
    mock: StepfunMock

    def stop(self) -> float:
        """Stop it, and give the seconds that it took."""
        started = time.monotonic()
        self.server.stop()
        self.thread.join(5)
        assert not self.thread.is_alive()
        return time.monotonic() - started


@pytest.fixture
def stopping() -> Iterator[Stopping]:
    mock = StepfunMock()
    ready = threading.Event()
    server_ = Server(Application(mock), bind("127.0.0.1", 0), on_ready=ready.set)
    thread = threading.Thread(target=server_.run_until_stopped, daemon=True)
    thread.start()
    assert ready.wait(5)
    one = Stopping(server_, thread, mock)
    yield one
    one.stop()


HELD = {
    "nothing": b"",
    "half a head": get()[:30],
    "half a body": post()[:-9],
    "half of what is too large": post(HUGE)[:-9],
    "a body that is awaited": post(expect="100-continue")[: -len(BODY)],
    "a refused connection": b"nonsense\r\n\r\n",
}


@pytest.mark.parametrize("data", HELD.values(), ids=HELD.keys())
def test_the_server_stops_within_two_seconds_and_leaves_its_port(
    stopping: Stopping, data: bytes
) -> None:
    lines = [Line(stopping.server.port) for _ in range(6)]
    for line, before in zip(lines, (b"", get(), get(HEALTH)) * 2, strict=True):
        if before:
            assert line.ask(before).status == 200
        line.send(data)
    time.sleep(0.05)
    assert stopping.stop() < 2
    with bind("127.0.0.1", stopping.server.port) as again:
        assert again.getsockname()[1] == stopping.server.port
    for line in lines:
        line.close()


def test_the_server_stops_although_a_client_never_reads(stopping: Stopping) -> None:
    line = Line(stopping.server.port)
    flood(line)
    assert stopping.stop() < 2
    line.close()


def test_the_server_stops_twice_without_harm(stopping: Stopping) -> None:
    stopping.stop()
    assert stopping.stop() < 1


def test_connections_that_were_just_opened_are_closed_with_the_server(stopping: Stopping) -> None:
    lines = [Line(stopping.server.port) for _ in range(50)]
    assert stopping.stop() < 2
    for line in lines:
        assert line.is_closed()
        line.close()


def test_a_reply_that_is_ready_is_sent_before_the_end(stopping: Stopping) -> None:
    lines = [Line(stopping.server.port) for _ in range(20)]
    for line in lines:
        line.send(post())
    eventually(lambda: len(stopping.mock.journal) == 20)
    stopping.stop()
    for line in lines:
        assert seed_of(line.reply()) == 5
        assert line.is_closed()
        line.close()


def test_the_end_waits_for_an_answer_whose_client_is_gone(stopping: Stopping) -> None:
    loop, tasks = stopping.server._loop, stopping.server.server_state.tasks
    assert loop is not None
    ended = threading.Event()

    async def answer() -> None:
        await asyncio.sleep(0.1)
        ended.set()

    def begin() -> None:
        task = loop.create_task(answer())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    loop.call_soon_threadsafe(begin)
    eventually(lambda: bool(tasks))
    assert stopping.stop() < STOP_SECONDS
    assert ended.is_set()


# Many at once ------------------------------------------------------------------


def test_each_of_200_requests_from_16_threads_gets_its_own_picture(running: Running) -> None:
    local = threading.local()
    links: list[http.client.HTTPConnection] = []

    def ask(seed: int) -> tuple[int, int, str]:
        if not hasattr(local, "link"):
            local.link = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
            links.append(local.link)
        body = {**MINIMAL, "seed": seed, "response_format": "b64_json"}
        headers = {"Authorization": "Bearer key", "Content-Type": "application/json"}
        local.link.request("POST", GENERATIONS, json.dumps(body), headers)
        (item,) = json.loads(local.link.getresponse().read())["data"]
        picture = opened(base64.b64decode(item["b64_json"]))
        return seed, item["seed"], str(picture.info["seed"])

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(ask, range(1000, 1200)))
    for link in links:
        link.close()
    assert answers == [(seed, seed, str(seed)) for seed in range(1000, 1200)]
    assert sorted(entry.seed or 0 for entry in running.mock.journal) == [*range(1000, 1200)]


def test_replies_of_many_connections_are_not_mixed_up(
    running: Running, connect: Callable[[Running], Line]
) -> None:
    lines = [connect(running) for _ in range(40)]
    for seed, line in enumerate(lines):
        line.send(post(json.dumps({**MINIMAL, "seed": seed}).encode()))
    assert [seed_of(line.reply()) for line in lines] == list(range(40))


def test_a_picture_over_the_wire_is_the_one_of_the_core(running: Running, line: Line) -> None:
    body = json.dumps({**MINIMAL, "seed": 5, "response_format": "b64_json"}).encode()
    reply = line.ask(post(body))
    linked = line.ask(get(link_of(line.ask(post())), authorization=None))
    (item,) = reply.json["data"]
    assert base64.b64decode(item["b64_json"]) == linked.body
    assert opened(io.BytesIO(linked.body).getvalue()).size == (1024, 1024)
