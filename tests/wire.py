"""A client without manners: it sends what bytes a test likes, and reads one reply at a time."""

import json
import select
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from conftest import GENERATIONS, MINIMAL
from stepfun_mock import StepfunMock
from stepfun_mock.contract import BODY_LIMIT

HEALTH = "/__stepfun_mock/health"
PLAN = "/step_plan/v1/images/generations"
BODY = json.dumps({**MINIMAL, "seed": 5}).encode()
H2C = (
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
)
HUGE = BODY.ljust(3 * BODY_LIMIT)


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


def bytes_of(data: bytes) -> list[bytes]:
    return [bytes([one]) for one in data]


def link_of(reply: Reply) -> str:
    assert reply.status == 200, reply.body
    url = str(reply.json["data"][0]["url"])
    assert url.startswith("http://127.0.0.1:8793/")
    return url.removeprefix("http://127.0.0.1:8793")
