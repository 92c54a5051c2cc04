"""Requests as bytes: in pieces, with bodies of every length, and with keys."""

import socket
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
    get,
    post,
    post_chunked,
    refused,
    seed_of,
    statuses,
)

from conftest import GENERATIONS, Running
from stepfun_mock.contract import BODY_LIMIT

pytestmark = pytest.mark.usefixtures("nothing_fails_unseen")

# Requests in pieces ------------------------------------------------------------


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
