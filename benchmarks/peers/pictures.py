"""The picture in a reply, wherever it is: in Base64, in a data URL, or behind a link."""

import base64
import binascii
import http.client
import io
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from PIL import Image, UnidentifiedImageError

from benchmarks.harness import HEADERS, LOOPBACK, PATH

_SECONDS = 20.0
_DATA_URL = re.compile(r"data:([^;,]+);base64,(.*)", re.DOTALL)
_SVG_SIZE = re.compile(rb"<svg\b[^>]*?\bwidth=['\"](\d+)['\"][^>]*?\bheight=['\"](\d+)['\"]")


@dataclass(frozen=True)
class Reply:
    """What came back.

    Args:
        status: Its status.
        head: Its headers, as text.
        content_type: Without parameters.
        body: Its bytes.
    """

    status: int
    head: str
    content_type: str
    body: bytes

    @property
    def items(self) -> list[dict[str, Any]]:
        """The pictures of a reply to a generation; none where it is no such reply."""
        return items(self.body)


@dataclass(frozen=True)
class Found:
    """Where a picture was looked for.

    Args:
        where: In words.
        data: What was there; empty where nothing was.
    """

    where: str
    data: bytes = b""

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height in pixels; None where there is no picture."""
        if vector := _SVG_SIZE.search(self.data):
            return int(vector[1]), int(vector[2])
        try:
            return Image.open(io.BytesIO(self.data)).size
        except UnidentifiedImageError:
            return None


def items(body: bytes) -> list[dict[str, Any]]:
    """The pictures in the body of a reply to a generation; none where it is no such body."""
    try:
        told = json.loads(body)["data"]
    except (ValueError, KeyError, TypeError):
        return []
    return told if isinstance(told, list) else []


def link(body: bytes) -> str:
    """The link of the first picture in such a body; empty where it has none."""
    first = (items(body) or [{}])[0]
    return str(first.get("url") or "") if isinstance(first, dict) else ""


def generation(port: int, parameters: object) -> Reply:
    """Ask for a picture."""
    return _exchange(port, "POST", PATH, json.dumps(parameters).encode())


def found(port: int, item: dict[str, Any]) -> Found:
    """The picture of an item; a link is fetched from the server itself, and from nowhere else."""
    if encoded := item.get("b64_json"):
        try:
            return Found("Base64", base64.b64decode(encoded, validate=True))
        except binascii.Error:
            return Found("Base64 that cannot be decoded")
    url = str(item.get("url") or "")
    if inline := _DATA_URL.match(url):
        return Found(f"a data URL, {inline[1]}", base64.b64decode(inline[2]))
    if not url:
        return Found("neither a link nor Base64")
    address = urlsplit(url)
    if (address.hostname, address.port) != (LOOPBACK, port):
        return Found("a link to another server")
    reply = _exchange(port, "GET", url.removeprefix(f"http://{LOOPBACK}:{port}"))
    there = reply.status == http.client.OK
    return Found(
        f"{reply.status}, {reply.content_type}" if there else f"{reply.status}", reply.body
    )


def _exchange(port: int, method: str, path: str, payload: bytes | None = None) -> Reply:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_SECONDS)
    try:
        connection.request(method, path, payload, HEADERS if payload else {})
        reply = connection.getresponse()
        body = reply.read()
        return Reply(reply.status, str(reply.headers), reply.headers.get_content_type(), body)
    finally:
        connection.close()
