"""The server on a port, seen from raw sockets: clients with manners cannot show what it endures."""

import base64
import contextlib
import http.client
import io
import json
import logging
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from conftest import GENERATIONS, MINIMAL, Running, opened
from stepfun_mock import Choices, StepfunMock
from stepfun_mock.contract import BODY_LIMIT
from stepfun_mock.transports import protocol, server, writer
from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.server import CannotListenError, Server, bind

HEALTH = "/__stepfun_mock/health"
PLAN = "/step_plan/v1/images/generations"
BODY = json.dumps({**MINIMAL, "seed": 5}).encode()
H2C = (
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
)


@pytest.fixture(autouse=True)
def nothing_fails_unseen(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A traceback in the log is a failure, whatever the client saw."""
    yield
    for phase in ("call", "teardown"):
        records = caplog.get_records(phase)
        assert [one.getMessage() for one in records if one.levelno >= logging.WARNING] == []


# A client without manners ------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    """One reply as it came over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Line:
    """One connection that sends whatever it is told."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self._file = self.socket.makefile("rb")

    def send(self, *parts: bytes, pause: float = 0.0) -> None:
        for part in parts:
            self.socket.sendall(part)
            time.sleep(pause)

    def line(self) -> bytes:
        return self._file.readline()

    def reply(self, method: str = "GET") -> Reply:
        """Read one reply; raises TimeoutError where none comes."""
        status = int(self.line().split(b" ")[1])
        headers = dict(
            line.decode("latin-1").rstrip("\r\n").split(": ", 1)
            for line in iter(self.line, b"\r\n")
        )
        length = 0 if method == "HEAD" or status == 204 else int(headers["content-length"])
        return Reply(status, headers, self._file.read(length))

    def ask(self, *parts: bytes, method: str = "GET") -> Reply:
        self.send(*parts)
        return self.reply(method)

    def is_closed(self) -> bool:
        """Whether nothing more comes; raises TimeoutError where the connection stays open."""
        try:
            return self._file.read(1) == b""
        except ConnectionResetError:
            return True

    def is_heard(self) -> bool:
        """Whether the server has said something, or has closed."""
        return bool(select.select([self.socket], [], [], 0)[0])

    def close(self) -> None:
        self._file.close()
        self.socket.close()


@pytest.fixture
def connect() -> Iterator[Callable[[Running], Line]]:
    """Open connections; they are closed with the test."""
    lines: list[Line] = []

    def open_one(to: Running) -> Line:
        lines.append(Line(to.port))
        return lines[-1]

    yield open_one
    for line in lines:
        line.close()


@pytest.fixture
def line(running: Running, connect: Callable[[Running], Line]) -> Line:
    """A connection to a server with the default choices."""
    return connect(running)


def get(target: str = "/v1/models", **given: Any) -> bytes:
    return asking("GET", target, **given)


def post(body: bytes = BODY, target: str = GENERATIONS, **given: Any) -> bytes:
    return asking("POST", target, body=body, **{"content_length": str(len(body)), **given})


def post_chunked(*chunks: bytes, extra: bytes = b"") -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))
    return post(body, content_length=None, transfer_encoding="chunked", extra=extra)


def asking(
    method: str,
    target: str,
    *,
    body: bytes = b"",
    version: str = "1.1",
    extra: bytes = b"",
    **headers: str | None,
) -> bytes:
    """One request; `headers` take the place of the usual ones, None leaves one out."""
    usual: dict[str, str | None] = {
        "host": "127.0.0.1:8793",
        "authorization": "Bearer a-key-of-the-test",
        "content_type": "application/json",
    }
    lines = [
        f"{name.replace('_', '-')}: {value}\r\n"
        for name, value in (usual | headers).items()
        if value is not None
    ]
    head = f"{method} {target} HTTP/{version}\r\n{''.join(lines)}".encode("latin-1")
    return head + extra + b"\r\n" + body


def refused(reply: Reply) -> tuple[int, str]:
    """Status and type of a refusal, which is in the envelope and nothing else."""
    assert reply.headers["content-type"] == "application/json"
    assert set(reply.json) == {"error"}
    assert set(reply.json["error"]) == {"message", "type"}
    assert reply.json["error"]["message"]
    return reply.status, reply.json["error"]["type"]


def seed_of(reply: Reply) -> int:
    assert reply.status == 200, reply.body
    return int(reply.json["data"][0]["seed"])


def statuses(mock: StepfunMock) -> list[int]:
    return [entry.status for entry in mock.journal]


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something is so; two seconds at most."""
    ends = time.monotonic() + 2
    while not holds():
        assert time.monotonic() < ends, "it did not come to be so"
        time.sleep(0.005)


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
        "program that has it, or choose another with --port (0 picks a free one)"
    )


def test_a_host_that_is_no_address_of_this_machine_is_refused() -> None:
    with pytest.raises(CannotListenError, match=r"cannot listen on 192\.0\.2\.1 port 0: "):
        bind("192.0.2.1", 0)


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


# Requests in pieces ------------------------------------------------------------


def bytes_of(data: bytes) -> list[bytes]:
    return [bytes([one]) for one in data]


HEAD = post()[: -len(BODY)]


@pytest.mark.parametrize(
    "parts",
    [
        [*bytes_of(HEAD), BODY],
        [HEAD, *bytes_of(BODY)],
        [HEAD, BODY[:7], BODY[7:20], BODY[20:]],
        [post()[:30], post()[30:-3], post()[-3:]],
        bytes_of(post_chunked(BODY)),
        [post_chunked(BODY[:9], BODY[9:])],
        [post_chunked(*bytes_of(BODY))],
        [b"\r\n\r\n", post()],
        bytes_of(post(extra=H2C)),
    ],
    ids=[
        "head by byte",
        "body by byte",
        "body in pieces",
        "cut in the head and in the body",
        "chunked, by byte",
        "two chunks",
        "a chunk a byte",
        "blank lines first",
        "an upgrade offer by byte",
    ],
)
def test_a_request_in_pieces_is_answered(line: Line, parts: list[bytes]) -> None:
    line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.send(*parts, pause=0.0005)
    assert seed_of(line.reply()) == 5
    assert line.ask(get()).status == 200


def test_a_client_that_waits_for_100_continue_is_told_to_go_on(line: Line) -> None:
    line.send(post(BODY, expect="100-continue")[: -len(BODY)])
    assert (line.line(), line.line()) == (b"HTTP/1.1 100 Continue\r\n", b"\r\n")
    assert seed_of(line.ask(BODY)) == 5


def test_a_client_that_does_not_wait_for_100_continue_is_answered(line: Line) -> None:
    assert seed_of(line.ask(post(expect="100-continue"))) == 5


def test_trailers_are_no_headers(line: Line) -> None:
    body = post_chunked(BODY)[:-2] + b"Authorization: Bearer of-the-trailer\r\nHost: evil\r\n\r\n"
    without_key = body.replace(b"authorization: Bearer a-key-of-the-test\r\n", b"")
    assert seed_of(line.ask(body)) == 5
    assert refused(line.ask(without_key)) == (401, "invalid_api_key")


# Bodies and their lengths ------------------------------------------------------

FULL = BODY.ljust(BODY_LIMIT)
OVER = BODY.ljust(BODY_LIMIT + 1)
HUGE = BODY.ljust(3 * BODY_LIMIT)


@pytest.mark.parametrize("request_", [post(FULL), post_chunked(FULL[:500_000], FULL[500_000:])])
def test_a_body_of_the_limit_is_read(line: Line, request_: bytes) -> None:
    assert seed_of(line.ask(request_)) == 5


@pytest.mark.parametrize(
    "request_",
    [
        post(OVER),
        post(HUGE),
        post_chunked(OVER),
        post_chunked(*[b" " * 65536] * 40),
        post(HUGE, target=HEALTH),
        post(HUGE, extra=H2C),
    ],
    ids=["length", "huge", "one chunk", "chunks", "a route of ours", "with an upgrade offer"],
)
def test_a_body_over_the_limit_is_refused_so_that_the_client_reads_it(
    running: Running, line: Line, request_: bytes
) -> None:
    started = time.monotonic()
    assert refused(line.ask(request_)) == (413, "body_too_large")
    assert line.is_closed()
    assert time.monotonic() - started < 1, "it waited for more than there is"
    assert statuses(running.mock) == [413]


def test_a_body_over_the_limit_is_not_waited_for_where_the_client_asks_first(
    running: Running, line: Line
) -> None:
    head = post(b"", content_length=str(BODY_LIMIT + 1), expect="100-continue")
    assert refused(line.ask(head)) == (413, "body_too_large")
    assert line.is_closed()
    assert statuses(running.mock) == [413]


def test_a_body_longer_than_its_length_is_cut_and_its_rest_is_no_request(line: Line) -> None:
    assert refused(line.ask(post(content_length="10"))) == (400, "input_invalid")
    assert refused(line.reply()) == (400, "http_invalid")
    assert line.is_closed()


LENGTHS = {
    "both, length first": post_chunked(BODY, extra=b"Content-Length: 5\r\n"),
    "both, chunked first": post(extra=b"Transfer-Encoding: chunked\r\n"),
    "two lengths that differ": post(extra=b"Content-Length: 5\r\n"),
    "negative": post(content_length="-5"),
    "with a sign": post(content_length=f"+{len(BODY)}"),
    "hexadecimal": post(content_length="0x10"),
    "a list": post(content_length="5, 5"),
    "beyond 64 bits": post(content_length="9" * 24),
    "no figure": post(content_length="many"),
    "empty": post(content_length=""),
    "an encoding that is not chunked": post(content_length=None, transfer_encoding="gzip"),
    "chunked, but not last": post(content_length=None, transfer_encoding="chunked, gzip"),
    "a chunk size that is none": post(b"zz\r\n", content_length=None, transfer_encoding="chunked"),
    "a negative chunk size": post(b"-1\r\n", content_length=None, transfer_encoding="chunked"),
    "a chunk longer than its size": post(
        b"2\r\nabcd\r\n0\r\n\r\n", content_length=None, transfer_encoding="chunked"
    ),
}


@pytest.mark.parametrize("request_", LENGTHS.values(), ids=LENGTHS.keys())
def test_a_length_that_cannot_be_trusted_is_refused(line: Line, request_: bytes) -> None:
    assert refused(line.ask(request_)) == (400, "http_invalid")
    assert line.is_closed()


def test_a_chunk_size_that_breaks_after_a_while_is_refused(running: Running, line: Line) -> None:
    line.send(post_chunked(BODY)[:-5], b"nonsense\r\n", pause=0.02)
    assert refused(line.reply()) == (400, "http_invalid")
    assert line.is_closed()
    (entry,) = running.mock.journal
    assert (entry.method, entry.path, entry.status) == ("POST", GENERATIONS, 400)


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "application/x-www-form-urlencoded", "json"]
)
def test_a_body_of_another_type_is_refused(line: Line, content_type: str | None) -> None:
    reply = line.ask(post(content_type=content_type))
    assert refused(reply) == (415, "content_type_invalid")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"]
)
def test_a_json_type_passes_however_it_is_written(line: Line, content_type: str) -> None:
    assert seed_of(line.ask(post(content_type=content_type))) == 5


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_compressed_body_is_refused(line: Line, encoding: str) -> None:
    reply = line.ask(post(content_encoding=encoding))
    assert refused(reply) == (415, "content_type_invalid")
    assert encoding in reply.json["error"]["message"]


# Keys --------------------------------------------------------------------------


@pytest.mark.parametrize("request_", [post, get], ids=["post", "get"])
@pytest.mark.parametrize(
    "key", [None, "", "Bearer", "Bearer ", "Bearer   ", "Basic YTpi", "a-key-of-the-test"]
)
def test_a_request_without_a_bearer_key_is_refused(
    line: Line, request_: Callable[..., bytes], key: str | None
) -> None:
    assert refused(line.ask(request_(authorization=key))) == (401, "invalid_api_key")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_word_bearer_may_be_written_in_any_case(line: Line, scheme: str) -> None:
    assert line.ask(get(authorization=f"{scheme} some-key")).status == 200


# Host names --------------------------------------------------------------------


@pytest.mark.parametrize("port", ["", ":80", ":65000"])
@pytest.mark.parametrize("target", ["/v1/models", HEALTH])
@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "[::1]"])
def test_the_names_of_this_machine_pass_with_any_port(
    line: Line, name: str, target: str, port: str
) -> None:
    assert line.ask(get(target, host=name + port)).status == 200


FOREIGN = [
    "localhost.evil.example",
    "127.0.0.1.evil",
    "evil",
    "",
    "evil:8793",
    "api.stepfun.ai",
    "127.0.0.1@evil",
    "localhost:80:80",
    "localhost:evil",
    "0.0.0.0",
    "::1",
    "[::1",
    "[::2]",
    "2130706433",
]


@pytest.mark.parametrize("target", ["/v1/models", HEALTH])
@pytest.mark.parametrize("host", FOREIGN)
def test_the_name_of_another_machine_is_refused(line: Line, host: str, target: str) -> None:
    assert refused(line.ask(get(target, host=host))) == (421, "host_not_allowed")


def test_a_foreign_name_keeps_a_picture_from_being_drawn(running: Running, line: Line) -> None:
    assert refused(line.ask(post(host="evil"))) == (421, "host_not_allowed")
    assert running.mock.requests == []


def test_allowed_names_pass_and_others_still_do_not(
    start: Callable[..., Running], connect: Callable[[Running], Line]
) -> None:
    line = connect(start(allow_hosts=["mock.example", "Other.Example"]))
    for host in ("mock.example", "MOCK.example:81", "other.example", "localhost"):
        assert line.ask(get(host=host)).status == 200
    for host in ("evil", "sub.mock.example", "mock.example.evil"):
        assert refused(line.ask(get(host=host))) == (421, "host_not_allowed")


@pytest.mark.parametrize("target", ["/v1/models", HEALTH])
@pytest.mark.parametrize(
    "given",
    [
        {"host": None},
        {"extra": b"Host: 127.0.0.1\r\n"},
        {"extra": b"Host: evil\r\n"},
        {"host": "evil", "extra": b"Host: 127.0.0.1\r\n"},
    ],
    ids=["none", "the same twice", "ours, then evil", "evil, then ours"],
)
def test_one_host_header_is_due(line: Line, target: str, given: dict[str, Any]) -> None:
    assert refused(line.ask(get(target, **given))) == (400, "http_invalid")


# Large heads, and what is no HTTP ----------------------------------------------

LARGE = {
    "one header": get(extra=b"X-Large: %s\r\n" % (b"x" * 1_000_000)),
    "one of 250 KB": get(extra=b"X-Large: %s\r\n" % (b"x" * 250_000)),
    "many headers": get(extra=b"".join(b"X-%d: small\r\n" % number for number in range(50_000))),
    "a long path": get("/v1/" + "x" * 1_000_000),
    "never ending": get(extra=b"X-Large: " + b"x" * 1_000_000)[:-2],
    "with a body": post(extra=b"X-Large: %s\r\n" % (b"x" * 1_000_000)),
}


@pytest.mark.parametrize("request_", LARGE.values(), ids=LARGE.keys())
def test_a_head_that_is_too_large_is_refused_so_that_the_client_reads_it(
    running: Running, line: Line, request_: bytes
) -> None:
    assert refused(line.ask(request_)) == (431, "headers_too_large")
    assert line.is_closed()
    assert statuses(running.mock) == [431]


def test_a_head_that_begins_in_a_large_packet_is_not_counted_with_it(
    running: Running, line: Line
) -> None:
    assert line.ask(get()).status == 200
    packet = b"".join([post(BODY.ljust(3000))] * 80)
    loop = running.server._loop
    assert loop is not None
    loop.call_soon_threadsafe(time.sleep, 0.1)  # so that the packet lies there when it is read
    line.send(packet[:-3100], packet[-3100:], pause=0.2)
    for _ in range(80):
        assert seed_of(line.reply()) == 5


def test_a_large_head_after_another_request_is_refused_too(line: Line) -> None:
    line.send(get() + LARGE["one header"])
    assert line.reply().status == 200
    assert refused(line.reply()) == (431, "headers_too_large")


def test_a_head_of_a_few_kilobytes_is_read(line: Line) -> None:
    extra = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 100) for number in range(300))
    assert seed_of(line.ask(post(extra=extra))) == 5


NO_HTTP = {
    "a TLS hello": bytes.fromhex("16030100a5010000a10303") + bytes(range(1, 161)),
    "garbage": bytes(range(128, 256)) * 4,
    "a line of text": b"hello, is anybody there?\r\n\r\n",
    "a verb in small letters": get().replace(b"GET", b"get"),
    "an unknown verb": get().replace(b"GET", b"BREW"),
    "a space before the colon": get(extra=b"X-Spaced : value\r\n"),
    "a header over two lines": get(extra=b"X-Folded: one\r\n two\r\n"),
    "a header without a colon": get(extra=b"nonsense\r\n"),
    "a NUL in a header": get(extra=b"X-Nul: a\x00b\r\n"),
    "line feeds alone": get().replace(b"\r\n", b"\n"),
    "a version that is none": get(version="9.9"),
    "a path of bytes that are not ASCII": get("/v1/\xe9\xff"),
    "a space in the path": get("/v1/ models"),
    "an address without a path": get("http://127.0.0.1"),
    "HTTP/2 without asking": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
}


@pytest.mark.parametrize("data", NO_HTTP.values(), ids=NO_HTTP.keys())
def test_what_is_no_http_is_refused_and_the_connection_closed(line: Line, data: bytes) -> None:
    line.socket.settimeout(1)
    assert refused(line.ask(data)) == (400, "http_invalid")
    assert line.is_closed()


# Verbs and paths ---------------------------------------------------------------


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize(
    ("target", "allowed"),
    [
        (GENERATIONS, "POST"),
        (PLAN, "POST"),
        ("/v1/models", "GET, HEAD"),
        ("/step_plan/v1/models/step-image-edit-2", "GET, HEAD"),
        ("/image_gen/20260101/0123456789abcdef0123456789abcdef.png", "GET, HEAD"),
    ],
)
def test_another_verb_is_refused_and_the_right_ones_are_named(
    line: Line, method: str, target: str, allowed: str
) -> None:
    reply = line.ask(asking(method, target))
    assert refused(reply) == (405, "method_not_allowed")
    assert reply.headers["allow"] == allowed
    assert line.ask(get()).status == 200


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [("GET", GENERATIONS, "POST"), ("POST", "/v1/models", "GET, HEAD")],
)
def test_the_two_verbs_are_not_mixed_up(line: Line, method: str, target: str, allowed: str) -> None:
    reply = line.ask(asking(method, target))
    assert refused(reply) == (405, "method_not_allowed")
    assert reply.headers["allow"] == allowed


def test_a_head_request_is_answered_405_without_a_body_where_get_is(line: Line) -> None:
    assert line.ask(asking("HEAD", GENERATIONS), method="HEAD").status == 405
    assert line.ask(get()).status == 200


def test_the_mock_is_no_proxy(line: Line) -> None:
    reply = line.ask(asking("CONNECT", "api.stepfun.ai:443", host="api.stepfun.ai:443"))
    assert refused(reply) == (405, "method_not_allowed")
    assert line.is_closed()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "target", ["/v1", "/v1/", "/v1/image", "/v1/images", "/v1/models/", "/v1/images/edits"]
)
def test_unknown_paths_of_the_api_get_404_and_no_body(line: Line, method: str, target: str) -> None:
    reply = line.ask(asking(method, target))
    assert (reply.status, reply.body) == (404, b"")
    assert "content-type" not in reply.headers


@pytest.mark.parametrize("target", ["/step_plan", "/step_plan/v1", "/step_plan/v1/images"])
def test_unknown_paths_of_the_step_plan_get_404_in_plain_text(line: Line, target: str) -> None:
    reply = line.ask(asking("POST", target))
    assert (reply.status, reply.body) == (404, b"404 page not found")
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"


def test_other_unknown_paths_get_404_in_the_envelope(line: Line) -> None:
    assert refused(line.ask(get("/"))) == (404, "path_unknown")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/v1/%6dodels", 200),
        ("/v1/models?limit=%FF", 200),
        ("http://127.0.0.1:8793/v1/models", 200),
        ("/%5F_stepfun_mock/health", 200),
        ("/v1/%C3%A9%0d%0aX", 404),
        ("/v1/%zz%", 404),
        ("/v1//models", 404),
        ("/v1/../v1/models", 404),
    ],
)
def test_targets_are_decoded_once_and_not_made_nice(line: Line, target: str, status: int) -> None:
    assert line.ask(get(target)).status == status
    assert line.ask(get()).status == 200


def test_a_picture_is_posted_to_an_absolute_target(line: Line) -> None:
    assert seed_of(line.ask(post(target=f"http://localhost{PLAN}"))) == 5


def link_of(reply: Reply) -> str:
    assert reply.status == 200, reply.body
    url = str(reply.json["data"][0]["url"])
    assert url.startswith("http://127.0.0.1:8793/")
    return url.removeprefix("http://127.0.0.1:8793")


def test_head_of_a_picture_link_has_its_headers_and_no_body(line: Line) -> None:
    target = link_of(line.ask(post()))
    head = line.ask(asking("HEAD", target, authorization=None), method="HEAD")
    picture = line.ask(get(target, authorization=None))
    assert (head.status, picture.status) == (200, 200)
    assert head.headers["content-type"] == picture.headers["content-type"] == "image/png"
    assert int(head.headers["content-length"]) == len(picture.body)
    assert opened(picture.body).size == (1024, 1024)


def test_a_reply_of_204_has_no_length(
    start: Callable[..., Running], connect: Callable[[Running], Line]
) -> None:
    line = connect(start(Choices(cors=True)))
    reply = line.ask(asking("OPTIONS", GENERATIONS))
    assert (reply.status, reply.body) == (204, b"")
    assert "content-length" not in reply.headers
    assert line.ask(get()).status == 200


# Offers to speak something else ------------------------------------------------

OFFERS = {
    "h2c with a body": (post(extra=H2C), b'"seed":5'),
    "h2c with chunks": (post_chunked(BODY[:20], BODY[20:], extra=H2C), b'"seed":5'),
    "h2c without a body": (get(extra=H2C), b"step-image-edit-2"),
    "h2c on a route of ours": (get(HEALTH, extra=H2C), b"ok"),
    "a websocket": (
        get(
            connection="keep-alive, Upgrade",
            upgrade="websocket",
            sec_websocket_version="13",
            sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ==",
        ),
        b"step-image-edit-2",
    ),
}


@pytest.mark.parametrize(("request_", "expected"), OFFERS.values(), ids=OFFERS.keys())
def test_offers_to_upgrade_are_passed_over(
    running: Running, line: Line, request_: bytes, expected: bytes
) -> None:
    for data in (request_, get() + request_):
        line.send(data)
        if data != request_:
            assert line.reply().status == 200
        reply = line.reply()
        assert (reply.status, expected in reply.body) == (200, True)
        assert "upgrade" not in reply.headers
    assert set(statuses(running.mock)) == {200}


def test_an_offer_with_a_head_and_a_body_apart_is_passed_over(line: Line) -> None:
    request_ = post(extra=H2C)
    line.send(request_[: -len(BODY)], BODY[:8], BODY[8:], pause=0.02)
    assert seed_of(line.reply()) == 5


# Lateness ----------------------------------------------------------------------

DEADLINE = 0.2
SOON = 2.0


def flood(line: Line) -> int:
    """Ask for pictures, and read none, until no more can be sent; give how many pieces went."""
    line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.socket.settimeout(0.3)
    pictures = post(json.dumps({**MINIMAL, "seed": 1, "response_format": "b64_json"}).encode())
    for sent in range(10_000):
        try:
            line.send(pictures * 50)
        except TimeoutError:
            return sent
    pytest.fail("the server reads on although nobody reads its replies")


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
    assert DEADLINE <= time.monotonic() - started < SOON
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
    assert DEADLINE <= time.monotonic() - started < SOON
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
