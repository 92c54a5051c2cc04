"""A reply that holds a picture, or should, is read without trust."""

import pytest

from contracts.exchange import Ask, Exchange, Reply
from contracts.shot import Shot, read
from suite.labs import MINIMAL, drawn, picture_of


def shot_of(reply: Reply, **asked: object) -> Shot:
    exchange = Exchange(3, "x", Ask("POST", "https://image.example"), reply, None, 0.0, 0.0)
    return read(picture_of(), exchange, {**MINIMAL, **asked})


def test_a_good_reply_shows_its_parts() -> None:
    shot = shot_of(drawn(5), response_format="b64_json")
    assert shot.problem is None
    assert shot.number == 3
    assert shot.top["created"] == 1_790_000_000
    assert shot.item["seed"] == 5
    assert shot.wants == "b64_json"
    assert not shot.filtered


def test_a_picture_comes_as_a_link_unless_asked_for_otherwise() -> None:
    assert shot_of(drawn()).wants == "url"
    assert shot_of(drawn(), response_format="url").wants == "url"


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"7",
        b"null",
        b"{}",
        b'{"data": null}',
        b'{"data": []}',
        b'{"data": {"url": "x"}}',
        b'{"data": "url"}',
        b'{"data": [[1]]}',
        b'{"data": ["x"]}',
    ],
)
def test_a_reply_of_another_shape_has_no_item(body: bytes) -> None:
    shot = shot_of(Reply(200, (), body))
    assert shot.problem is None
    assert shot.item == {}
    assert not shot.filtered


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"data": [{"url": "x"}],}', b'{"seed": NaN}'])
def test_what_is_no_json_says_why_and_holds_nothing(body: bytes) -> None:
    shot = shot_of(Reply(200, (), body))
    assert shot.problem
    assert (shot.json, shot.top, shot.item) == (None, {}, {})


@pytest.mark.parametrize(
    ("reason", "filtered"),
    [("content_filtered", True), ("success", False), ("CONTENT_FILTERED", False), (None, False)],
)
def test_a_picture_that_the_filter_stopped_is_known_by_its_reason(
    reason: str | None, filtered: bool
) -> None:
    assert shot_of(drawn(finish_reason=reason)).filtered is filtered
