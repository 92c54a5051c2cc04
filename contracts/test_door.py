"""What the mock refuses at its door: seen on a port of this machine alone."""

import gzip
import socket
from collections.abc import Iterator

import pytest

from stepfun_mock import MockServer, StepfunMock, contract

from .judge import Judge
from .probe import encoded
from .table import MINIMAL
from .ties import judges, on_the_mock
from .verdict import RULE_BY_ID

pytestmark = on_the_mock

_SECONDS = 5.0
_PATH = "/v1/images/generations"
_KEY = "Authorization: Bearer stepfun-mock-key"
_TYPE = "Content-Type: application/json"
_HOST = "Host: 127.0.0.1"


@pytest.fixture(scope="module")
def door() -> Iterator[tuple[str, int]]:
    with MockServer(StepfunMock()) as server:
        host, _, port = server.base_url.split("/")[2].rpartition(":")
        yield host, int(port)


def said(door: tuple[str, int], head: list[str], body: bytes = b"") -> int:
    """The status that raw bytes are answered with; 0 where nothing is."""
    length = [f"Content-Length: {len(body)}"] if body else []
    raw = "\r\n".join([*head, *length, "Connection: close", "", ""]).encode() + body
    with socket.create_connection(door, _SECONDS) as line:
        line.sendall(raw)
        reply = line.makefile("rb").readline().split()
    return int(reply[1]) if len(reply) > 1 else 0


def judged(judge: Judge, rule: str, status: int, due: object = None) -> None:
    due = RULE_BY_ID[rule].figures["status"] if due is None else due
    if status == due:
        judge.holds(rule)
    else:
        judge.against(rule, f"{due} is due, but {status} came")


def post(*lines: str) -> list[str]:
    return [f"POST {_PATH} HTTP/1.1", _HOST, _KEY, *lines]


@judges("host.refused")
def test_a_host_name_of_elsewhere_is_refused(judge: Judge, door: tuple[str, int]) -> None:
    judged(
        judge, "host.refused", said(door, ["GET /v1/models HTTP/1.1", "Host: evil.example", _KEY])
    )


@judges("origin.refused")
def test_a_web_page_of_elsewhere_is_refused(judge: Judge, door: tuple[str, int]) -> None:
    head = ["GET /__stepfun_mock/health HTTP/1.1", _HOST, "Origin: https://evil.example"]
    judged(judge, "origin.refused", said(door, head))


@judges("http.malformed")
def test_what_is_no_http_is_refused(judge: Judge, door: tuple[str, int]) -> None:
    judged(judge, "http.malformed", said(door, ["GET /v1/models HTTP/1.1", _KEY]))


@judges("head.too_large")
def test_too_many_headers_are_refused(judge: Judge, door: tuple[str, int]) -> None:
    judged(judge, "head.too_large", said(door, post(_TYPE, f"X-Long: {'x' * 70_000}")))


@judges("content.refused")
@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (("Content-Type: text/plain",), encoded(MINIMAL)),
        ((_TYPE, "Content-Encoding: gzip"), gzip.compress(encoded(MINIMAL))),
    ],
    ids=["no JSON", "compressed"],
)
def test_what_is_not_said_to_be_json_is_refused(
    judge: Judge, door: tuple[str, int], lines: tuple[str, ...], body: bytes
) -> None:
    judged(judge, "content.refused", said(door, post(*lines), body))


@judges("body.limit", "body.too_large")
def test_a_body_has_a_limit(judge: Judge, door: tuple[str, int]) -> None:
    body = encoded(MINIMAL)
    longest = body + b" " * (contract.BODY_LIMIT - len(body))
    judged(judge, "body.limit", said(door, post(_TYPE), longest), due=200)
    judged(judge, "body.too_large", said(door, post(_TYPE), longest + b" "))


@judges("body.nesting")
@pytest.mark.parametrize(("lists", "status"), [(0, 200), (1, 400)], ids=["deepest", "deeper"])
def test_a_body_has_a_depth(judge: Judge, door: tuple[str, int], lists: int, status: int) -> None:
    deep = contract.NESTING_LIMIT - 1 + lists
    body = encoded(MINIMAL)[:-1] + b', "deep": ' + b"[" * deep + b"]" * deep + b"}"
    judged(judge, "body.nesting", said(door, post(_TYPE), body), due=status)
