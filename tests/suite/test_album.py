"""A picture is taken out of its reply once, and a promise names what is wrong with it."""

import base64
import json
from io import BytesIO

import pytest
from PIL import Image

from contracts.album import Album, NoPictureError, Taken
from contracts.exchange import Ask, Exchange, NotCarriedError, Reply, Trouble
from contracts.shot import Shot, read
from contracts.verdict import CannotLookError, Verdict
from suite.labs import MINIMAL, PICTURE, picture_of
from suite.runs import JSON, png

LINK = "https://pictures.example/1.png"
IMAGE = (("content-type", "image/png"),)
FILE = Reply(200, IMAGE, PICTURE)
TEXT = base64.b64encode(PICTURE).decode()


def fetched(answer: Reply | NotCarriedError, url: str = LINK, number: int = 9) -> Exchange:
    reply, trouble = (answer, None) if isinstance(answer, Reply) else (None, answer)
    return Exchange(number, "link", Ask("GET", url), reply, trouble, 0.0, 0.0)


def shot_of(item: dict[str, object], wants: str | None = "b64_json", number: int = 3) -> Shot:
    body = json.dumps({"created": 1, "data": [item]}).encode()
    exchange = Exchange(number, "x", Ask("POST", LINK), Reply(200, JSON, body), None, 0.0, 0.0)
    asked = {**MINIMAL, **({"response_format": wants} if wants else {})}
    return read(picture_of(number), exchange, asked)


class Shelf:
    """An album whose links answer as a test likes."""

    def __init__(self, answer: Reply | NotCarriedError = FILE) -> None:
        self.answer = answer
        self.came: list[tuple[str, str]] = []
        self.album = Album(self._fetch)

    def _fetch(self, url: str, name: str) -> Exchange:
        self.came.append((url, name))
        return fetched(self.answer, url)

    def problem(self, shot: Shot) -> tuple[str, str, tuple[int, ...]]:
        with pytest.raises(NoPictureError) as problem:
            self.album.take(shot)
        return problem.value.rule, problem.value.sentence, problem.value.exchanges


def test_a_picture_in_base64_is_taken_out() -> None:
    shelf = Shelf()
    shot = shot_of({"b64_json": TEXT})
    taken = shelf.album.take(shot)
    assert (taken.data, taken.exchanges, taken.unlabelled) == (PICTURE, (3,), False)
    assert (taken.picture.width, taken.picture.height, taken.picture.format) == (48, 32, "png")
    assert shelf.came == []
    assert shelf.album.taken == {"picture/3": taken}


@pytest.mark.parametrize("wants", ["url", None])
def test_a_picture_behind_a_link_is_fetched_once(wants: str | None) -> None:
    shelf = Shelf()
    shot = shot_of({"url": LINK}, wants)
    taken = shelf.album.take(shot)
    assert shelf.album.take(shot) is taken
    assert (taken.data, taken.exchanges) == (PICTURE, (3, 9))
    assert shelf.came == [(LINK, "link of picture/3")]
    assert shelf.album.fetched["picture/3"].number == 9


def test_a_problem_is_remembered_as_well() -> None:
    shelf = Shelf(Reply(404, (), b""))
    shot = shot_of({"url": LINK}, "url")
    assert shelf.problem(shot) == shelf.problem(shot)
    assert len(shelf.came) == 1
    assert isinstance(shelf.album.taken["picture/3"], NoPictureError)


@pytest.mark.parametrize(
    ("item", "rule", "sentence"),
    [
        ({}, "payload.one", "the picture must come as b64_json, but none did"),
        ({"b64_json": None}, "payload.one", "the picture must come as b64_json, but none did"),
        ({"url": LINK}, "payload.one", "the picture must come as b64_json, but none did"),
        ({"b64_json": 7}, "reply.b64_json", "b64_json must be a text, but a number came"),
        ({"b64_json": True}, "reply.b64_json", "b64_json must be a text, but true or false came"),
        ({"b64_json": [TEXT]}, "reply.b64_json", "b64_json must be a text, but a list came"),
        ({"b64_json": {}}, "reply.b64_json", "b64_json must be a text, but an object came"),
    ],
)
def test_a_reply_without_its_payload_breaks_a_promise(
    item: dict[str, object], rule: str, sentence: str
) -> None:
    assert Shelf().problem(shot_of(item)) == (rule, sentence, (3,))


@pytest.mark.parametrize("text", ["", f"data:image/png;base64,{TEXT}", TEXT[:-1], f"{TEXT}\n"])
def test_base64_that_is_not_strict_breaks_a_promise_of_the_reply(text: str) -> None:
    rule, sentence, numbers = Shelf().problem(shot_of({"b64_json": text}))
    assert (rule, numbers) == ("reply.b64_json", (3,))
    assert sentence


@pytest.mark.parametrize("data", [PICTURE[:-4], PICTURE + b"x", b"<html></html>"])
def test_base64_that_holds_no_whole_picture_breaks_another(data: bytes) -> None:
    rule, sentence, numbers = Shelf().problem(
        shot_of({"b64_json": base64.b64encode(data).decode()})
    )
    assert (rule, numbers) == ("picture.whole", (3,))
    assert sentence


@pytest.mark.parametrize(
    "url",
    [
        "/1.png",
        "pictures.example/1.png",
        "",
        "file:///1.png",
        "https://",
        "data:image/png,",
        f"{LINK} ",
        "https://a.example/1 2.png",
        "https://user@a.example/1.png",
    ],
)
def test_a_link_must_be_a_whole_url(url: str) -> None:
    shelf = Shelf()
    sentence = f'url must be a whole http or https URL, but "{url}" came'
    assert shelf.problem(shot_of({"url": url}, "url")) == ("reply.url", sentence, (3,))
    assert shelf.came == []


def test_a_long_link_is_not_repeated_whole() -> None:
    url = "data:" + "x" * 5000
    _, sentence, _ = Shelf().problem(shot_of({"url": url}, "url"))
    assert sentence == f'url must be a whole http or https URL, but "{url[:80]}" came'


@pytest.mark.parametrize("url", ["http://[::1/1.png", "https://[pictures]/1.png"])
def test_a_link_that_cannot_be_read_is_no_fault_of_the_suite(url: str) -> None:
    sentence = f'url must be a whole http or https URL, but "{url}" came'
    assert Shelf().problem(shot_of({"url": url}, "url")) == ("reply.url", sentence, (3,))


@pytest.mark.parametrize(
    ("answer", "rule", "sentence"),
    [
        (Reply(404, (), b""), "reply.url", "the link must answer 200, but answered 404"),
        (Reply(302, (), b""), "reply.url", "the link must answer 200, but answered 302"),
        (Reply(206, IMAGE, PICTURE), "reply.url", "the link must answer 200, but answered 206"),
        (
            Reply(200, (("content-type", "text/html; charset=utf-8"),), PICTURE),
            "reply.url",
            'the link must answer with an image type, but "text/html" came',
        ),
        (
            Reply(200, (), PICTURE),
            "reply.url",
            'the link must answer with an image type, but "" came',
        ),
        (
            Reply(200, (("content-type", "image/jpeg"),), PICTURE),
            "picture.whole",
            "the link says image/jpeg, but the picture is image/png",
        ),
        (
            NotCarriedError(Trouble.TOO_LARGE, "more than 32 MiB came"),
            "reply.url",
            "the link: more than 32 MiB came",
        ),
    ],
)
def test_a_link_that_brings_no_picture_breaks_a_promise(
    answer: Reply | NotCarriedError, rule: str, sentence: str
) -> None:
    assert Shelf(answer).problem(shot_of({"url": LINK}, "url")) == (rule, sentence, (3, 9))


def test_a_link_that_is_not_followed_from_here_says_nothing_of_the_server() -> None:
    shelf = Shelf(NotCarriedError(Trouble.ADDRESS, "it leads to 10.0.0.1"))
    with pytest.raises(CannotLookError) as problem:
        shelf.album.take(shot_of({"url": LINK}, "url"))
    assert (problem.value.verdict, problem.value.reason) == (
        Verdict.INCONCLUSIVE,
        "the link was not followed: it leads to 10.0.0.1",
    )


@pytest.mark.parametrize("media_type", ["IMAGE/PNG", "image/png; charset=binary", "image/x-png"])
def test_a_media_type_may_be_spelled_in_other_ways(media_type: str) -> None:
    shelf = Shelf(Reply(200, (("content-type", media_type),), PICTURE))
    assert isinstance(shelf.album.take(shot_of({"url": LINK}, "url")), Taken)


@pytest.mark.parametrize("media_type", ["application/octet-stream", "binary/octet-stream"])
def test_bytes_of_which_nobody_says_what_they_are_are_marked(media_type: str) -> None:
    shelf = Shelf(Reply(200, (("content-type", media_type),), PICTURE))
    assert shelf.album.take(shot_of({"url": LINK}, "url")).unlabelled


@pytest.mark.parametrize("media_type", ["image/jpg", "image/pjpeg"])
def test_another_name_of_jpeg_is_jpeg(media_type: str) -> None:
    file = BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    shelf = Shelf(Reply(200, (("content-type", media_type),), file.getvalue()))
    taken = shelf.album.take(shot_of({"url": LINK}, "url"))
    assert (taken.picture.media_type, taken.unlabelled) == ("image/jpeg", False)


def test_a_link_that_is_fetched_again_does_not_hide_the_first() -> None:
    shelf = Shelf()
    shot = shot_of({"url": LINK}, "url")
    first = shelf.album.take(shot)
    shelf.answer = Reply(200, IMAGE, png(10, 10))
    later = shelf.album.linked(LINK, shot, "the first link, later")
    assert later.picture.width == 10
    assert shelf.came[-1] == (LINK, "the first link, later")
    assert shelf.album.take(shot) is first
