"""The pictures of a run, small, with what was asked for."""

import base64
from io import BytesIO

import pytest
from PIL import Image

from contracts.evidence.errors import BrokenPictureError
from contracts.exchange import Reply
from contracts.report import gallery as room
from contracts.report.gallery import gallery
from suite.runs import CANARY, JSON, a_run, drawn, png, said, with_pictures

SIZED = {"size": "768x1360", "seed": 7, "negative_prompt": "fog", "steps": 8, "text_mode": True}


def test_a_picture_is_shown_small_with_its_size_in_words() -> None:
    run = with_pictures(drawn(png(1360, 768)), asks=[SIZED])
    (only,) = gallery(run)
    assert (only.name, only.exchange, only.status) == ("series/1", 1, 200)
    assert only.drawn == "768 high, 1360 wide, png"
    assert only.size == "size 768x1360: 768 high, 1360 wide"
    assert (only.prompt, only.negative) == ("a lighthouse", "fog")
    assert only.seed == "seed 7"
    assert only.others == ("response_format b64_json", "steps 8", "text_mode true")
    assert only.problem == ""
    with Image.open(BytesIO(base64.b64decode(only.image.partition(",")[2]))) as small:
        assert small.size == (256, 145)
    assert only.image.startswith("data:image/webp;base64,")
    assert (only.width, only.height) == (256, 145)


def test_a_small_picture_stays_as_it_is() -> None:
    (only,) = gallery(with_pictures(drawn(png(48, 32))))
    assert (only.width, only.height) == (48, 32)


@pytest.mark.parametrize(
    ("asked", "named", "told"),
    [
        ({}, 7, "no seed, the reply names 7"),
        ({}, "null", "no seed, the reply names null"),
        ({"seed": 7}, 7, "seed 7"),
        ({"seed": 7}, 8, "seed 7, the reply names 8"),
        ({"seed": 7}, "[1]", "seed 7, the reply names [1]"),
    ],
)
def test_the_seed_is_told_as_asked_and_as_named(
    asked: dict[str, object], named: object, told: str
) -> None:
    (only,) = gallery(with_pictures(drawn(png(), named), asks=[asked]))
    assert only.seed == told


@pytest.mark.parametrize(("named", "kind"), [(b"[[1]]", "a list"), (b'{"a":1}', "an object")])
def test_a_seed_that_is_no_single_value_is_not_spelled_out(named: bytes, kind: str) -> None:
    coded = base64.b64encode(png())
    body = b'{"data":[{"b64_json":"' + coded + b'","seed":' + named + b"}]}"
    (only,) = gallery(with_pictures(Reply(200, JSON, body)))
    assert only.seed == f"no seed, the reply names {kind}"


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (None, "size left out"),
        ("large", "size large"),
        ("1x", "size 1x"),
        (1024, "size 1024"),
        ([1024, 1024], "size a list"),
    ],
)
def test_a_size_that_is_none_is_told_as_it_is(size: object, told: str) -> None:
    asked = {} if size is None else {"size": size}
    (only,) = gallery(with_pictures(drawn(png()), asks=[asked]))
    assert only.size == told


def test_where_no_picture_came_it_says_why() -> None:
    (only,) = gallery(with_pictures(said('{"data":[{"b64_json":"AAAA"}]}')))
    assert only.image == ""
    assert only.drawn == ""
    assert only.problem.startswith("instead of a PNG, a JPEG or a WebP there is ")
    assert only.seed == "no seed"


def test_where_the_reply_is_no_json_it_names_no_seed() -> None:
    (only,) = gallery(with_pictures(said("[" * 100_000)))
    assert only.problem
    assert only.seed == "no seed"
    (only,) = gallery(with_pictures(said("[]")))
    assert only.seed == "no seed"


def test_a_picture_that_cannot_be_made_small_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def thumbnail(data: bytes, side: int) -> bytes:
        raise BrokenPictureError("it cannot be drawn")

    monkeypatch.setattr(room, "thumbnail", thumbnail)
    (only,) = gallery(with_pictures(drawn(png())))
    assert (only.image, only.problem) == ("", "it cannot be drawn")


def test_pictures_stand_in_the_order_of_the_requests_and_are_drawn_once() -> None:
    run = with_pictures(drawn(png()), drawn(png()))
    first = gallery(run)
    assert [one.exchange for one in first] == [1, 2]
    assert [one is other for one, other in zip(first, gallery(run), strict=True)] == [True, True]


def test_a_run_without_pictures_has_none() -> None:
    assert gallery(a_run()) == ()


def test_what_stands_beside_a_picture_is_short_and_holds_no_key() -> None:
    padded = "x" * 35 + CANARY
    asked = {"prompt": f"{'y' * 110}{CANARY}", "user": padded}
    (only,) = gallery(with_pictures(drawn(png(), padded), asks=[asked]))
    assert only.prompt == "y" * 110 + "***"
    assert only.others[-1] == "user " + "x" * 35 + "***"
    assert only.seed == "no seed, the reply names " + "x" * 35 + "***"
