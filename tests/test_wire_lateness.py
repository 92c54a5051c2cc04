"""Requests as bytes that come late, or not at all, and replies that nobody reads."""

import contextlib
import time
from collections.abc import Callable

import pytest
from wire import (
    BODY,
    H2C,
    HEALTH,
    HUGE,
    Line,
    bytes_of,
    eventually,
    flood,
    get,
    post,
    post_chunked,
    refused,
    seed_of,
    statuses,
)

from conftest import GENERATIONS, Running
from stepfun_mock.transports import protocol, server, writer

pytestmark = pytest.mark.usefixtures("nothing_fails_unseen")

# Lateness ----------------------------------------------------------------------

DEADLINE = 0.2
TICK = 0.01  # of the loop: uvloop counts whole milliseconds, from a time that it keeps
SOON = 2.0


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch, start: Callable[..., Running]) -> Running:
    """A server that waits for requests as long as DEADLINE."""
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", DEADLINE)
    monkeypatch.setattr(writer, "_LINGER_SECONDS", DEADLINE)
    monkeypatch.setattr(server, "_TICK", 0.05)
    return start()


def test_a_client_that_leaves_its_replies_unread_is_let_go(
    hurried: Running,
    connect: Callable[[Running], Line],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "STALL_SECONDS", DEADLINE)
    line = connect(hurried)
    with contextlib.suppress(ConnectionError):
        flood(line)
    eventually(lambda: not hurried.server.server_state.connections)


def test_a_pause_in_reading_is_forgiven(
    start: Callable[..., Running],
    connect: Callable[[Running], Line],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "_TICK", 0.05)
    line = connect(start())
    flood(line)
    line.socket.settimeout(20)
    assert [line.reply().status for _ in range(2)] == [200, 200]


def test_a_bug_behind_the_parser_is_a_500_in_the_envelope(
    running: Running,
    connect: Callable[[Running], Line],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(running.server.config.loaded_app, "respond", broken)
    assert refused(connect(running).ask(post())) == (500, "mock_error")
    assert "ZeroDivisionError" in caplog.text
    caplog.clear()


def test_outside_of_tests_a_request_has_less_than_15_seconds() -> None:
    assert protocol.REQUEST_SECONDS + 2 * server._TICK < 15


LATE = {
    "half a head": (get()[:30], "", "", "the head did not come whole within 0.2 seconds"),
    "a head without its end": (get()[:-2], "", "", "the head did not come whole within"),
    "a head alone": (post()[: -len(BODY)], "POST", GENERATIONS, "the body did not come whole"),
    "half a body": (post()[:-9], "POST", GENERATIONS, "the body did not come whole within"),
    "a length too large": (post(content_length="99"), "POST", GENERATIONS, "the body did not"),
    "half of an upgrade": (post(extra=H2C)[:-9], "POST", GENERATIONS, "the body did not"),
    "no last chunk": (post_chunked(BODY)[:-5], "POST", GENERATIONS, "the body did not come"),
    "no end of trailers": (post_chunked(BODY)[:-2], "POST", GENERATIONS, "the body did not"),
}


@pytest.mark.parametrize(
    "data", [post(HUGE)[:-9], post_chunked(HUGE)[:-9]], ids=["announced", "in chunks"]
)
def test_what_is_too_large_is_refused_before_it_has_come_whole(
    running: Running, connect: Callable[[Running], Line], data: bytes
) -> None:
    assert refused(connect(running).ask(data)) == (413, "body_too_large")
    assert statuses(running.mock) == [413]


def test_trailers_without_end_are_refused(
    running: Running, connect: Callable[[Running], Line]
) -> None:
    line = connect(running)
    trailers = b"a: b\r\n" * 10_000
    with contextlib.suppress(OSError):
        line.send(post_chunked(BODY)[:-2], *[trailers] * 200)
    assert refused(line.reply()) == (413, "body_too_large")


@pytest.mark.parametrize(("data", "method", "path", "message"), LATE.values(), ids=LATE.keys())
def test_a_request_that_does_not_come_whole_is_closed_and_written_down(
    hurried: Running,
    connect: Callable[[Running], Line],
    data: bytes,
    method: str,
    path: str,
    message: str,
) -> None:
    line = connect(hurried)
    started = time.monotonic()
    reply = line.ask(data)
    assert refused(reply) == (408, "request_timeout")
    assert reply.headers["connection"] == "close"
    assert line.is_closed()
    assert DEADLINE - TICK <= time.monotonic() - started < SOON
    (entry,) = hurried.mock.journal
    assert (entry.status, entry.method, entry.path) == (408, method, path)
    assert str(entry.message).startswith(message)
    assert reply.json["error"]["message"] == entry.message


@pytest.mark.parametrize("first", [b"", get(), get(HEALTH)], ids=["new", "served", "served ours"])
@pytest.mark.parametrize("data", [post(), post(BODY.ljust(2000))], ids=["small", "larger"])
def test_a_request_that_comes_byte_by_byte_ends_at_the_deadline_all_the_same(
    hurried: Running, connect: Callable[[Running], Line], first: bytes, data: bytes
) -> None:
    line = connect(hurried)
    if first:
        assert line.ask(first).status == 200
    started = time.monotonic()
    for byte in bytes_of(data):
        line.send(byte, pause=0.01)
        if line.is_heard():
            break
    assert refused(line.reply()) == (408, "request_timeout")
    assert time.monotonic() - started < SOON
    assert statuses(hurried.mock)[-1] == 408


@pytest.mark.parametrize("first", [b"", get(), get(HEALTH)], ids=["new", "served", "served ours"])
def test_a_connection_of_blank_lines_is_closed_without_a_word(
    hurried: Running, connect: Callable[[Running], Line], first: bytes
) -> None:
    line = connect(hurried)
    if first:
        assert line.ask(first).status == 200
    started = time.monotonic()
    while not line.is_heard():
        line.send(b"\r\n", pause=0.02)
        assert time.monotonic() - started < SOON
    assert line.is_closed()
    assert 408 not in statuses(hurried.mock)


def test_a_silent_connection_is_closed_without_a_word(
    hurried: Running, connect: Callable[[Running], Line]
) -> None:
    started = time.monotonic()
    assert connect(hurried).is_closed()
    assert DEADLINE - TICK <= time.monotonic() - started < SOON
    assert len(hurried.mock.journal) == 0


@pytest.mark.parametrize("request_", [get(), get(HEALTH), post(extra=H2C)])
def test_an_idle_connection_that_was_served_is_kept(
    hurried: Running, connect: Callable[[Running], Line], request_: bytes
) -> None:
    line = connect(hurried)
    for _ in range(2):
        assert line.ask(request_).status == 200
        time.sleep(2 * DEADLINE)
    assert not line.is_heard()
    line.send(post()[:50], post()[50:], pause=0.05)
    assert seed_of(line.reply()) == 5


def test_a_client_that_does_not_listen_to_its_refusal_is_cut_off(
    hurried: Running, connect: Callable[[Running], Line]
) -> None:
    line = connect(hurried)
    line.send(b"nonsense\r\n\r\n")
    started = time.monotonic()
    with pytest.raises(ConnectionError):
        line.send(*[b"more nonsense\r\n"] * 1000, pause=0.01)
    assert time.monotonic() - started < SOON


@pytest.mark.parametrize(
    ("data", "method"),
    [
        (get()[:30], ""),
        (post()[:-9], "POST"),
        (post()[: -len(BODY)], "POST"),
    ],
    ids=["head", "body", "before the body"],
)
def test_a_client_that_goes_away_in_the_middle_is_written_down_once(
    running: Running, connect: Callable[[Running], Line], data: bytes, method: str
) -> None:
    line = connect(running)
    line.send(data, pause=0.05)
    line.close()
    eventually(lambda: bool(statuses(running.mock)))
    assert connect(running).ask(get()).status == 200
    entry, after = running.mock.journal
    assert (entry.status, entry.method, after.status) == (408, method, 200)
    assert entry.message == "the client went away before it had sent all"


def test_a_client_that_comes_and_goes_without_a_word_is_not_written_down(
    running: Running, connect: Callable[[Running], Line]
) -> None:
    connect(running).close()
    assert connect(running).ask(get()).status == 200
    assert statuses(running.mock) == [200]


@pytest.mark.parametrize("stuck", [get()[:30], post()[:-9], b""], ids=["head", "body", "silent"])
def test_sixty_stuck_connections_disturb_nobody(
    running: Running, connect: Callable[[Running], Line], stuck: bytes
) -> None:
    for _ in range(60):
        connect(running).send(stuck)
    started = time.monotonic()
    assert seed_of(connect(running).ask(post())) == 5
    assert time.monotonic() - started < 1
