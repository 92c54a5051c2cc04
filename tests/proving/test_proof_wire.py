"""How the servers of the proof are served, in which weather, and the targets that are no API."""

import ast
import gzip
import io
import json
import socket
import sys
import threading
import time
import zlib
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import proof
import pytest
from proof import bombs
from proof.messages import Reply, Request, Setting, Wire
from proof.reference import ReferenceServer
from proof.serving import serve
from proof.strange import STRANGE, Strange
from proof.weather import (
    Sky,
    bucket,
    dropping,
    limited,
    overloaded,
    slow,
    storm,
    throttled,
    under,
)

GET = b"GET /v1/models HTTP/1.1\r\nHost: proof\r\n\r\n"
CALL = Request("GET", "/v1/models", {}, b"", "http://127.0.0.1:8000")
FETCH = Request("GET", "/image_gen/x.png", {}, b"", "http://127.0.0.1:8000")
BODY = b'{"created": 1, "data": []}'


class Saying(ReferenceServer):
    """Says the same over a wire of a test's choice."""

    wire = Wire()

    def answer(self, request: Request) -> Reply:
        return Reply(200, {"Content-Type": "application/json"}, BODY, self.wire)


class Crashing(ReferenceServer):
    def answer(self, request: Request) -> Reply:
        raise LookupError("a mistake")


def heard(base: str, patience: float = 5.0, most: int = 1 << 21) -> bytes:
    """All that a target says to one request until it ends, or patience does."""
    place = urlsplit(base)
    end = time.monotonic() + patience
    said = b""
    with socket.create_connection((place.hostname or "", place.port or 0), patience) as line:
        line.sendall(GET.replace(b"proof", b"proof\r\nConnection: close"))
        while len(said) < most and (left := end - time.monotonic()) > 0:
            line.settimeout(left)
            try:
                piece = line.recv(65536)
            except TimeoutError:
                break
            if not piece:
                break
            said += piece
    return said


def said(**wire: Any) -> bytes:
    """What comes over such a wire."""
    server = Saying(Setting())
    server.wire = Wire(**wire)
    with serve(server) as base:
        return heard(base)


def test_plain_reply() -> None:
    head, _, body = said().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Length: 26" in head
    assert b"Date: " in head
    assert body == BODY


def test_odd_replies() -> None:
    assert said(chunked=True).endswith(b"\r\n\r\n1a\r\n" + BODY + b"\r\n0\r\n\r\n")
    assert b"CONTENT-LENGTH: 26" in said(spelled=str.upper)
    assert b"Content-Length: 31" in said(length_off=5)
    assert said(cut=7).endswith(b"\r\n\r\n" + BODY[:7])
    assert said(drip=(9, 0.001)).endswith(BODY)
    old = said(bare=True)
    assert old.startswith(b"HTTP/1.0 200")
    assert b"Content-Length" not in old


def test_late_reply() -> None:
    start = time.perf_counter()
    assert said(delay=0.05).endswith(BODY)
    assert time.perf_counter() - start > 0.05


def test_reset() -> None:
    with pytest.raises(ConnectionResetError):
        said(reset=True)


def test_crash_is_told_at_the_end() -> None:
    with pytest.raises(ExceptionGroup) as told, serve(Crashing(Setting())) as base:
        assert b" 500 " in heard(base)
    assert told.group_contains(LookupError)


def test_serving_ends_at_once_though_a_connection_is_open() -> None:
    with serve(ReferenceServer(Setting())) as base:
        line = socket.create_connection((urlsplit(base).hostname or "", urlsplit(base).port or 0))
        line.sendall(GET)
        line.recv(65536)
        start = time.perf_counter()
    assert time.perf_counter() - start < 0.5
    assert line.recv(1) == b""
    line.close()


def statuses(*skies: Sky, seed: int = 0, calls: int = 1000) -> Counter[int]:
    server = under(ReferenceServer, *skies)(Setting(seed=seed))
    return Counter(server.answer(CALL).status for _ in range(calls))


def test_weather_comes_as_often_as_it_should() -> None:
    assert statuses(throttled(10))[429] == 100
    assert 15 < statuses(overloaded(0.03))[503] < 45
    assert 15 < statuses(limited(0.03))[429] < 45
    assert statuses(overloaded(0.03), seed=1) == statuses(overloaded(0.03), seed=1)
    assert statuses(overloaded(0.5), seed=1) != statuses(overloaded(0.5), seed=2)


def test_weather_is_on_calls_alone() -> None:
    server = under(ReferenceServer, overloaded(1.0))(Setting())
    assert server.answer(CALL).status == 503
    assert server.answer(FETCH).status == 404


def test_bucket_fills_with_time() -> None:
    now = [0.0]
    server = under(ReferenceServer, bucket(2, 3))(Setting(clock=lambda: now[0]))
    assert [server.answer(CALL).status for _ in range(4)] == [401, 401, 401, 429]
    now[0] += 1
    assert [server.answer(CALL).status for _ in range(3)] == [401, 401, 429]


def test_throttle_says_when_to_come_again_if_told_to() -> None:
    polite = under(ReferenceServer, throttled(1, "1"))(Setting()).answer(CALL)
    blunt = under(ReferenceServer, throttled(1))(Setting()).answer(CALL)
    assert polite.headers["Retry-After"] == "1"
    assert "Retry-After" not in blunt.headers


def test_slow_server_is_slow() -> None:
    server = under(ReferenceServer, slow(0.02), slow(9.0, pictures_only=True))(Setting())
    start = time.perf_counter()
    server.answer(CALL)
    assert 0.02 <= time.perf_counter() - start < 1


def test_dropped_call_is_reset() -> None:
    assert under(ReferenceServer, dropping(1.0))(Setting()).answer(CALL).wire.reset
    assert storm(ReferenceServer)(Setting()).answer(FETCH).status == 404


def heard_at_most(base: str) -> bytes:
    try:
        return heard(base, patience=0.3)
    except ConnectionError:
        return b""


@pytest.mark.parametrize("strange", STRANGE, ids=lambda strange: strange.name)
def test_strange_target_opens_and_ends(strange: Strange) -> None:
    before = threading.active_count()
    with strange.open() as base:
        got = heard_at_most(base)
        start = time.perf_counter()
    assert time.perf_counter() - start < 1
    assert threading.active_count() == before
    assert base.endswith("/v1")
    if strange.name in ("silence", "closed"):
        assert got == b""
    elif strange.name == "noise":
        assert got.startswith(b"SSH")
    else:
        assert got.startswith(b"HTTP/1.1 ")


def test_endless_target_sends_on() -> None:
    (endless,) = (strange for strange in STRANGE if strange.name == "endless")
    with endless.open() as base:
        assert len(heard(base, most=1 << 24)) >= 1 << 24


def test_bombs_are_small() -> None:
    assert len(bombs.picture_text()) < 200_000
    packed = bombs.blanks_compressed()
    assert len(packed) < 2_000_000
    with gzip.open(io.BytesIO(packed)) as unpacked:
        assert unpacked.read(1 << 20).isspace()
    assert zlib.decompressobj(31).decompress(packed, 10) == b" " * 10


def test_proof_stands_on_its_own() -> None:
    allowed = {*sys.stdlib_module_names, "PIL"}
    for file in Path(proof.__path__[0]).rglob("*.py"):
        text = file.read_text("utf-8")
        assert len(text.splitlines()) <= 250, file
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                assert {name.name.partition(".")[0] for name in node.names} <= allowed, file
            if isinstance(node, ast.ImportFrom) and not node.level:
                assert (node.module or "").partition(".")[0] in allowed, file


def test_json_of_the_picture_bomb_is_proper() -> None:
    (bomb,) = (strange for strange in STRANGE if strange.name == "picture-bomb")
    body = json.dumps({"model": "step-image-edit-2", "prompt": "fox"}).encode()
    key = Setting().key
    head = f"POST /v1/images/generations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    with bomb.open() as base:
        place = urlsplit(base)
        with socket.create_connection((place.hostname or "", place.port or 0)) as line:
            line.sendall(head.encode() + b"Connection: close\r\n\r\n" + body)
            got = b"".join(iter(lambda: line.recv(65536), b""))
    assert json.loads(got.partition(b"\r\n\r\n")[2])["data"][0]["b64_json"].startswith("iVBOR")
