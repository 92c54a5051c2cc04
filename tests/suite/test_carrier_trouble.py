"""No exchange lasts too long, and what goes wrong is told in a sentence without the key."""

import io
import logging
import re
import socket
import struct
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

import httpcore
import pytest

from contracts.errand import Errand
from contracts.exchange import Ask, Exchange, NotCarriedError, Trouble
from contracts.key import KeyUse
from suite.talking import KEY, OK, VALUE, Listen, Talk, WireTo, get, heard, post, reply, trouble

# The deadline -----------------------------------------------------------------------------------


def drip(data: bytes) -> Talk:
    """Answer with the first line at once, and with a byte now and then."""

    def talk(line: socket.socket) -> None:
        heard(line)
        line.sendall(b"HTTP/1.1 200 OK\r\n")
        for one in data:
            line.sendall(bytes([one]))
            time.sleep(0.02)

    return talk


def continues(line: socket.socket) -> None:
    heard(line)
    while True:
        line.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        time.sleep(0.001)


def stays_silent(line: socket.socket) -> None:
    heard(line)
    line.recv(1)


def reads_nothing(line: socket.socket) -> None:
    time.sleep(0.6)


@pytest.mark.parametrize(
    ("talk", "what"),
    [
        (stays_silent, "did not answer within 0.3 s"),
        (reads_nothing, "did not answer within 0.3 s"),
        (drip(b"X: " + b"y" * 1000), "had not sent its whole reply after 0.3 s"),
        (drip(b"Content-Length: 5\r\n\r\n" + b"y" * 1000), "had not sent its whole reply"),
        (drip(b"\r\n" + b"y" * 1000), "had not sent its whole reply after 0.3 s"),
        (drip(b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\ny\r\n" * 100), "had not sent its"),
        (continues, "had not sent its whole reply after 0.3 s"),
    ],
    ids=["silent", "deaf", "head", "head, then body", "body", "chunks", "continue"],
)
def test_the_time_is_for_the_whole_exchange(
    talk: Talk, what: str, listen: Listen, wire_to: WireTo
) -> None:
    server = listen(talk=talk)
    started = time.monotonic()
    problem = trouble(
        wire_to(server, timeout=0.3), post(server, bytes(8_000_000 if talk is reads_nothing else 9))
    )
    assert 0.25 < time.monotonic() - started < 1.5
    assert problem.kind is Trouble.TIMEOUT
    assert str(problem).startswith(f"{server.place} {what}")


def test_the_time_is_for_each_exchange_on_a_kept_connection(
    listen: Listen, wire_to: WireTo
) -> None:
    def slow(line: socket.socket) -> None:
        while heard(line):
            time.sleep(0.2)
            line.sendall(OK)

    server = listen(talk=slow)
    wire = wire_to(server, timeout=0.5)
    assert [wire.carry(get(server)).status for _ in range(4)] == [200] * 4
    assert len(server.lines) == 1


def test_a_slow_handshake_is_bounded_too(listen: Listen, wire_to: WireTo) -> None:
    server = listen(talk=lambda line: time.sleep(0.6))
    wire = wire_to(f"https://{server.place}", timeout=0.3)
    problem = trouble(wire, Ask("GET", f"https://{server.place}/"))
    assert problem.kind is Trouble.TIMEOUT
    assert str(problem) == f"{server.place} took no connection within 0.3 s"


@pytest.mark.parametrize("origin", ["http://slow.test:81", "http://127.0.0.1:1"])
def test_a_slow_look_up_is_bounded_too(origin: str, wire_to: WireTo) -> None:
    never = threading.Event()

    def resolve(*place: object) -> Sequence[tuple[Any, ...]]:
        never.wait(5)
        return []

    wire = wire_to(origin, timeout=0.2, resolve=resolve)
    problem = trouble(wire, Ask("GET", "http://slow.test:81/"))
    never.set()
    assert problem.kind is Trouble.TIMEOUT
    assert str(problem) == "slow.test:81: the name could not be looked up in time"


# Trouble -----------------------------------------------------------------------------------------


def reset(line: socket.socket, after: bytes = b"") -> None:
    heard(line)
    line.sendall(after)
    time.sleep(0.05)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def says(data: bytes) -> Talk:
    def talk(line: socket.socket) -> None:
        heard(line)
        line.sendall(data)
        line.shutdown(socket.SHUT_WR)
        line.recv(1)

    return talk


HEAD = b"HTTP/1.1 200 OK\r\n"
TROUBLES: dict[str, tuple[Talk, Trouble, str]] = {
    "closed at once": (
        lambda line: line.shutdown(socket.SHUT_RDWR),
        Trouble.NETWORK,
        "(closed|broke off) the connection before it answered",
    ),
    "closed without an answer": (
        says(b""),
        Trouble.NETWORK,
        "closed the connection before it answered",
    ),
    "closed in the head": (
        says(HEAD),
        Trouble.NETWORK,
        "closed the connection in the middle of its reply, after 17 bytes",
    ),
    "closed in the body": (
        says(HEAD + b"Content-Length: 9\r\n\r\nhalf"),
        Trouble.NETWORK,
        "closed the connection in the middle of its reply, after 42 bytes",
    ),
    "closed in a chunk": (
        says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\nhalf"),
        Trouble.NETWORK,
        "closed the connection in the middle of its reply, after 54 bytes",
    ),
    "reset": (reset, Trouble.NETWORK, "broke off the connection before it answered"),
    "reset in the body": (
        lambda line: reset(line, HEAD + b"Content-Length: 9\r\n\r\nhalf"),
        Trouble.NETWORK,
        "broke off the connection in the middle of its reply, after 42 bytes",
    ),
    "no HTTP": (
        says(b"SSH-2.0-OpenSSH\r\n\r\n"),
        Trouble.PROTOCOL,
        "sent what is no HTTP/1.1: illegal status line",
    ),
    "a bad header": (
        says(HEAD + b"SECRET : SECRET\r\n\r\n"),
        Trouble.PROTOCOL,
        "sent what is no HTTP/1.1: illegal header line",
    ),
    "a bad length": (
        says(HEAD + b"Content-Length: SECRET\r\n\r\n"),
        Trouble.PROTOCOL,
        "sent what is no HTTP/1.1: bad Content-Length",
    ),
    "two lengths": (
        says(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        Trouble.PROTOCOL,
        "sent what is no HTTP/1.1: conflicting Content-Length headers",
    ),
    "a bad chunk": (
        says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nSECRET\r\n"),
        Trouble.PROTOCOL,
        "sent what is no HTTP/1.1: illegal chunk header",
    ),
    "an endless head": (
        says(HEAD + b"X: y\r\n" * 100_000),
        Trouble.PROTOCOL,
        "sent what is no HTTP/1.1: Receive buffer too long",
    ),
}


@pytest.mark.parametrize(("talk", "kind", "what"), TROUBLES.values(), ids=TROUBLES)
def test_trouble_is_told_in_a_sentence(
    talk: Talk, kind: Trouble, what: str, listen: Listen, wire_to: WireTo
) -> None:
    server = listen(talk=talk)
    problem = trouble(wire_to(server), get(server, "/?sig=SECRET"))
    assert re.fullmatch(f"{server.place} {what}", str(problem))
    assert problem.kind is kind


def test_nobody_listens(wire_to: WireTo) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        place = f"127.0.0.1:{bound.getsockname()[1]}"
    problem = trouble(wire_to(f"http://{place}"), Ask("GET", f"http://{place}/"))
    assert problem.kind is Trouble.NETWORK
    assert str(problem) == f"{place} refused the connection; is anybody listening there?"


def test_a_name_that_nobody_has(wire_to: WireTo) -> None:
    url = f"http://{'a' * 64}.test"  # longer than a name may be, so that nobody is asked
    problem = trouble(wire_to(url), Ask("GET", f"{url}/?sig=SECRET"))
    assert problem.kind is Trouble.NETWORK
    assert str(problem) == (
        f"{'a' * 64}.test:80: there is no host of this name, or it cannot be looked up"
    )


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        ({"headers": (("X", "a\nSECRET"),)}, "Illegal header value"),
        ({"headers": (("X Y", "SECRET"),)}, "Illegal header name"),
    ],
)
def test_what_cannot_be_sent_is_trouble_too(
    ask: dict[str, Any], what: str, listen: Listen, wire_to: WireTo
) -> None:
    server = listen(OK)
    problem = trouble(wire_to(server), get(server, **ask))
    assert problem.kind is Trouble.PROTOCOL
    assert str(problem).startswith(f"a request to {server.place} is no HTTP/1.1: {what}")
    assert "SECRET" not in str(problem)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://me:SECRET@127.0.0.1/", "http://[x/"])
def test_what_is_no_link_is_not_asked(url: str, wire_to: WireTo) -> None:
    problem = trouble(wire_to("http://127.0.0.1:1"), Ask("GET", url))
    assert problem.kind is Trouble.ADDRESS
    assert "SECRET" not in str(problem)
    with pytest.raises(NotCarriedError, match="a URL was not followed: "):
        wire_to(url)


# The key is seen nowhere --------------------------------------------------------------------------


def shown(problem: BaseException) -> str:
    """All that anybody may print of an error: its chain, and the variables of every frame."""
    told = traceback.TracebackException.from_exception(problem, capture_locals=True)
    chain = [problem]
    while nearest := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(nearest)
    return "".join(told.format()) + repr([(one, vars(one)) for one in chain])


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """What all loggers say at the lowest level."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    known = [logging.getLogger(f"httpcore.{name}") for name in ("connection", "http11", "proxy")]
    before = [(one, one.level) for one in (root, *known)]
    root.addHandler(handler)
    for one, _ in before:
        one.setLevel(1)
    yield log
    for one, level in before:
        one.setLevel(level)
    root.removeHandler(handler)


@pytest.mark.parametrize("use", [KeyUse.RIGHT, KeyUse.BASIC, KeyUse.LONGER])
@pytest.mark.parametrize("talk", [talk for talk, *_ in TROUBLES.values()], ids=TROUBLES)
def test_no_trouble_shows_the_key(
    talk: Talk, use: KeyUse, listen: Listen, wire_to: WireTo, everything_logged: io.StringIO
) -> None:
    server = listen(talk=talk)
    wire = wire_to(server, timeout=0.5)
    problem = trouble(wire, post(server, bytes(100_000), key=use))
    text = shown(problem) + repr(wire) + repr(vars(wire)) + everything_logged.getvalue()
    assert KEY.blot(text) == text
    assert (problem.__cause__, problem.__context__) == (None, None)


@pytest.mark.parametrize("step", range(4))
def test_an_interrupt_does_not_show_the_key(
    step: int, listen: Listen, wire_to: WireTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps are the looking up, the connecting, the writing and the reading."""
    steps = iter(range(step))
    left = Errand.left

    def interrupted(self: Errand) -> float:
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return left(self)

    server = listen(OK)
    wire = wire_to(server)
    monkeypatch.setattr(Errand, "left", interrupted)
    with pytest.raises(KeyboardInterrupt) as interrupt:
        wire.carry(post(server))
    assert VALUE not in shown(interrupt.value)


def test_the_log_has_neither_the_key_nor_links_nor_cookies(
    listen: Listen, wire_to: WireTo, everything_logged: io.StringIO
) -> None:
    server = listen(
        reply(b"", "Set-Cookie: a=SECRET", "Location: http://a/?sig=SECRET"),
        reply(b"", f"X-Key: {VALUE}"),
        OK,
    )
    wire = wire_to(server)
    wire.carry(get(server, "/?sig=SECRET"))
    wire.carry(get(server))
    wire.close()  # while the server waits for a third request
    assert everything_logged.getvalue() == ""


def test_what_others_do_with_httpcore_is_logged_as_ever(
    listen: Listen, wire_to: WireTo, everything_logged: io.StringIO
) -> None:
    server = listen(OK)
    wire_to(server).carry(get(server))
    with httpcore.ConnectionPool() as pool:
        pool.request("GET", f"http://{server.place}/")
    assert "receive_response_headers.complete" in everything_logged.getvalue()


def test_a_reply_and_its_exchange_hold_no_key(listen: Listen, wire_to: WireTo) -> None:
    server = listen(OK)
    ask = post(server)
    answer = wire_to(server).carry(ask)
    exchange = Exchange(1, "a-probe", ask, answer, None, 1_780_000_000.0, 0.1)
    assert "CANARY" not in repr(exchange)
    assert exchange.as_curl() == ask.as_curl()
