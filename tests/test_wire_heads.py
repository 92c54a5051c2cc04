"""Requests as bytes: hosts, heads, verbs, paths, and what is no HTTP."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from wire import (
    BODY,
    H2C,
    HEALTH,
    PLAN,
    Line,
    asking,
    get,
    link_of,
    post,
    post_chunked,
    refused,
    seed_of,
    statuses,
)

from conftest import GENERATIONS, Running, opened
from stepfun_mock import Choices

pytestmark = pytest.mark.usefixtures("nothing_fails_unseen")

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
