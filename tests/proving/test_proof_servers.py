"""The servers of the proof: the reference conforms, and all others start, answer and are known."""

import base64
import contextlib
import http.client
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageChops, ImageStat
from proof.conforming import CONFORMING, Conforming
from proof.faulty import FAULTY, Faulty
from proof.messages import Setting
from proof.reference import Make, ReferenceServer
from proof.serving import serve

SETTING = Setting()
MINIMAL: dict[str, Any] = {"model": "step-image-edit-2", "prompt": "A red fox in the snow"}
HEADERS = {"Authorization": f"Bearer {SETTING.key}", "Content-Type": "application/json"}
SIZES = ["1024x1024", "768x1360", "896x1184", "1360x768", "1184x896"]


@dataclass(frozen=True)
class Got:
    """A reply as a client got it."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def entry(self) -> Any:
        (entry,) = self.json["data"]
        return entry


Ask = Callable[..., Got]


@contextmanager
def asking(make: Make, setting: Setting = SETTING) -> Iterator[Ask]:
    """Ask a server of this kind for pictures over one connection."""
    with serve(make(setting)) as base:
        host = urlsplit(base).netloc
        line = http.client.HTTPConnection(host, timeout=5)

        def ask(
            method: str = "POST",
            path: str = "/v1/images/generations",
            headers: dict[str, str] = HEADERS,
            body: bytes | None = None,
            **fields: object,
        ) -> Got:
            if body is None and method == "POST":
                body = json.dumps({**MINIMAL, **fields}).encode()
            line.request(method, path, body, headers)
            reply = line.getresponse()
            return Got(reply.status, reply.headers, reply.read())

        try:
            yield ask
        finally:
            line.close()


def fetch(link: str) -> Got:
    """What is behind a link, on whatever host, one step further if it leads on."""
    place = urlsplit(link)
    line = http.client.HTTPConnection(place.netloc, timeout=5)
    try:
        line.request("GET", place.path + "?" * bool(place.query) + place.query)
        reply = line.getresponse()
        got = Got(reply.status, reply.headers, reply.read())
    finally:
        line.close()
    return fetch(got.headers["Location"]) if got.status == 302 else got


def opened(file: bytes) -> Image.Image:
    with Image.open(io.BytesIO(file)) as shown:
        shown.load()
        return shown.copy()


def picture(got: Got) -> Image.Image:
    return opened(base64.b64decode(got.entry["b64_json"], validate=True))


def apart(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are apart: the mean of their differences, where white is 1."""
    small = [shown.convert("RGB").resize((64, 64), Image.Resampling.BOX) for shown in (one, other)]
    means = ImageStat.Stat(ImageChops.difference(*small)).mean
    return sum(means) / len(means) / 255


@pytest.fixture
def ask() -> Iterator[Ask]:
    with asking(ReferenceServer) as ask:
        yield ask


def test_reference_gives_a_link_by_default(ask: Ask) -> None:
    got = ask()
    assert got.status == 200
    assert got.headers["Content-Type"] == "application/json"
    assert abs(got.json["created"] - time.time()) < 5
    assert set(got.entry) == {"url", "seed", "finish_reason"}
    assert got.entry["finish_reason"] == "success"
    assert 0 <= got.entry["seed"] <= 2147483647
    behind = fetch(got.entry["url"])
    assert (behind.status, behind.headers["Content-Type"]) == (200, "image/png")
    assert opened(behind.body).size == (1024, 1024)


@pytest.mark.parametrize("size", SIZES)
def test_reference_takes_the_height_first(ask: Ask, size: str) -> None:
    got = ask(size=size, response_format="b64_json")
    width, height = picture(got).size
    assert f"{height}x{width}" == size


def test_reference_draws_the_same_with_its_defaults(ask: Ask) -> None:
    defaults = {"n": 1, "steps": 8, "cfg_scale": 1, "negative_prompt": "", "text_mode": False}
    asked = {"seed": 0, "response_format": "b64_json"}
    assert ask(**asked).entry == ask(**asked, **defaults).entry
    assert ask(**asked).entry == ask(**asked, negative_prompt="fog", size=None).entry


@pytest.mark.parametrize(
    ("fields", "low", "high"),
    [
        ({"seed": 2}, 0.1, 1.0),
        ({"prompt": "A blue bird"}, 0.1, 1.0),
        ({"steps": 50}, 0.01, 0.1),
        ({"steps": 20}, 0.01, 0.1),
        ({"cfg_scale": 10}, 0.01, 0.1),
        ({"text_mode": True}, 0.01, 0.1),
        ({"cfg_scale": 10, "negative_prompt": "fog"}, 0.01, 0.1),
    ],
)
def test_reference_shows_what_was_asked_for(
    ask: Ask, fields: dict[str, object], low: float, high: float
) -> None:
    asked = {"seed": 1, "response_format": "b64_json"}
    plain = ask(**{**asked, **{name: 10 for name in fields if name == "cfg_scale"}})
    if list(fields) == ["cfg_scale"]:
        plain = ask(**asked)
    assert low < apart(picture(plain), picture(ask(**{**asked, **fields}))) < high


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b"\xef\xbb\xbf{}", b'{"steps": NaN}', b'{"n": 1, "n": 1}', b"\xff",
        b"[" * 100_000,
    ],
)  # fmt: skip
def test_reference_refuses_what_is_no_proper_json(ask: Ask, body: bytes) -> None:
    got = ask(body=body)
    assert got.status == 400
    assert set(got.json["error"]) == {"message", "type"}


def test_reference_asks_for_the_key_first(ask: Ask) -> None:
    for shown in ("", "Bearer", "Bearer ", "Bearer x", f"Basic {SETTING.key}", HEADERS_LONGER):
        assert ask(headers={"Authorization": shown}, body=b"{").status == 401
    assert ask("GET", "/v1/models", headers={}).status == 401


HEADERS_LONGER = HEADERS["Authorization"] + "r"


def test_reference_knows_its_routes(ask: Ask) -> None:
    assert ask(path="/step_plan/v1/images/generations").status == 200
    assert ask("GET", "/v1/models").json["data"][0]["id"] == "step-image-edit-2"
    assert ask("GET", "/v1/models/step-image-edit-2").json["owned_by"] == "stepai"
    assert ask("GET", "/v1/models/other").status == 404
    assert (ask("GET", "/v1/zzz").status, ask("GET", "/v1/zzz").body) == (404, b"")
    assert ask("GET", "/v1/images/generations").status == 405


def test_links_of_the_reference_live_as_long_as_they_are_told() -> None:
    now = [1_780_000_000.0]
    with asking(ReferenceServer, Setting(clock=lambda: now[0], link_life=10)) as ask:
        link = ask().entry["url"]
        now[0] += 9.9
        assert fetch(link).status == 200
        now[0] += 0.1
        assert fetch(link).status == 404


@pytest.mark.parametrize("faulty", FAULTY, ids=lambda faulty: faulty.name)
def test_faulty_server_answers(faulty: Faulty) -> None:
    with asking(faulty.server) as ask:
        try:
            got = ask()
        except http.client.IncompleteRead:
            assert faulty.rule == "reply.json"
        else:
            assert got.status in (200, 202, 400, 404)


@pytest.mark.parametrize("odd", CONFORMING, ids=lambda odd: odd.name)
def test_odd_server_gives_whole_pictures_of_the_right_size(odd: Conforming) -> None:
    with asking(odd.server) as ask:
        for size in SIZES[:2]:
            for form in ("b64_json", "url"):
                got = patiently(ask, size=size, response_format=form)
                assert got.status == 200
                shown = behind(got)
                assert shown is None or f"{shown.height}x{shown.width}" == size


def patiently(ask: Ask, **fields: object) -> Got:
    """Ask until the weather lets it through."""
    while True:
        with contextlib.suppress(ConnectionError, http.client.RemoteDisconnected):
            if (got := ask(**fields)).status not in (429, 503):
                return got


def behind(got: Got) -> Image.Image | None:
    """The picture of a reply, fetched if need be; none if it was filtered away."""
    if "url" in got.entry:
        return opened(fetch(got.entry["url"]).body)
    return picture(got) if "b64_json" in got.entry else None
