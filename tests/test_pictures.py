"""What a picture or its link gives under a fault, and that the fault travels in the link."""

import io
import zlib
from struct import unpack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from conftest import HEADERS, MINIMAL, asked, examples, item, opened
from stepfun_mock import Clock, ImageRequest, Request, Response, StepfunMock, faults, pictures
from stepfun_mock.faults import Fault
from stepfun_mock.faults.effects import Pictured
from stepfun_mock.images import draw
from stepfun_mock.message import Delivery

REQUEST = ImageRequest(
    model="step-image-edit-2",
    prompt="A red fox",
    size="768x1360",
    n=1,
    response_format="url",
    seed=7,
    steps=8,
    cfg_scale=1.0,
    negative_prompt="",
    text_mode=False,
)
PNG = (("content-type", "image/png"),)
IN_LINKS = [
    faults.turned_picture(),
    faults.resized_picture(size="300x400"),
    faults.jpeg_picture(),
    faults.truncated_picture(),
    faults.flipped_bit(),
    faults.not_a_picture(),
    faults.dead_link(status=410),
    faults.slow_link(seconds=3),
    faults.redirected_link(),
    faults.html_link(),
]


def fetched(mock: StepfunMock, url: str, method: str = "GET") -> Response:
    path, _, query = url.removeprefix("http://127.0.0.1:8793").partition("?")
    return mock.handle(Request(method, path, HEADERS, query=query))


def link(mock: StepfunMock, fault: Fault, **fields: object) -> str:
    mock.script(fault)
    url: str = item(asked(mock, {**MINIMAL, "size": "768x1360", "seed": 7, **fields}))["url"]
    assert mock.unmet_faults() == []
    return url


# What is shown ----------------------------------------------------------------------


def test_without_a_code_the_picture_is_as_it_should_be() -> None:
    assert pictures.shown("", REQUEST, 7) == Response(200, PNG, draw(REQUEST, 7))


def test_a_turned_picture_is_the_one_that_the_other_size_gives() -> None:
    turned = REQUEST._replace(size="1360x768")
    assert pictures.shown("turned", REQUEST, 7) == Response(200, PNG, draw(turned, 7))


@pytest.mark.parametrize("size", ["256x256", "257x2047", "2048x2048", "1999x301", "512x512"])
def test_a_resized_picture_is_whole_and_of_the_size_named(size: str) -> None:
    picture = opened(pictures.shown(f"resized {size}", REQUEST, 7).body)
    assert f"{picture.height}x{picture.width}" == size
    assert picture.format == "PNG"


@pytest.mark.parametrize("seed", [0, 7, 128, 255, 2**31 - 1])
def test_a_jpeg_is_whole_and_of_the_right_size_and_says_so(seed: int) -> None:
    response = pictures.shown("jpeg", REQUEST, seed)
    assert response.headers == (("content-type", "image/jpeg"),)
    picture = opened(response.body)
    assert (picture.format, picture.height, picture.width) == ("JPEG", 768, 1360)
    assert picture.getextrema() == (seed % 256, seed % 256)


def test_a_truncated_picture_is_the_first_half_and_stops_among_the_pixels() -> None:
    whole, half = draw(REQUEST, 7), pictures.shown("truncated", REQUEST, 7).body
    assert half == whole[: len(whole) // 2]
    picture = Image.open(io.BytesIO(half))
    assert picture.size == (1360, 768)
    with pytest.raises(OSError, match="truncated"):
        picture.load()


def broken_chunks(png: bytes) -> list[bytes]:
    """The kinds of the chunks whose checksum is wrong."""
    place, found = 8, []
    while place < len(png):
        (length,) = unpack(">I", png[place : place + 4])
        checked = png[place + 4 : place + 8 + length]
        (crc,) = unpack(">I", png[place + 8 + length : place + 12 + length])
        if zlib.crc32(checked) != crc:
            found.append(checked[:4])
        place += 12 + length
    assert place == len(png)
    return found


# Among the hardest to compress, so that as much as can be stands before the pixels.
letters = st.text(st.characters(min_codepoint=0x10000), max_size=512)


@examples(60)
@given(
    prompt=letters,
    negative=letters,
    seed=st.integers(0, 2**31 - 1),
    size=st.sampled_from(["1024x1024", "768x1360", "1360x768", "896x1184"]),
)
def test_a_flipped_bit_lies_among_the_pixels_whatever_was_asked(
    prompt: str, negative: str, seed: int, size: str
) -> None:
    asked_for = REQUEST._replace(prompt=prompt, negative_prompt=negative, size=size)
    whole, flipped = draw(asked_for, seed), pictures.shown("flipped", asked_for, seed).body
    assert broken_chunks(whole) == []
    assert broken_chunks(flipped) == [b"IDAT"]
    pairs = zip(whole, flipped, strict=True)
    assert sum((one ^ other).bit_count() for one, other in pairs) == 1


def test_what_is_no_picture_is_a_text_that_says_it_is_one() -> None:
    assert pictures.shown("text", REQUEST, 7) == Response(200, PNG, b"This is no picture.\n")


def test_links_that_give_no_picture_give_a_status_or_a_page() -> None:
    assert pictures.shown("dead 403", REQUEST, 7) == Response(403)
    page = pictures.shown("html", REQUEST, 7)
    assert (page.status, page.headers) == (200, (("content-type", "text/html; charset=utf-8"),))
    assert page.body.startswith(b"<!doctype html>")


def test_a_slow_picture_is_as_it_should_be_and_late() -> None:
    good = pictures.shown("", REQUEST, 7)
    late = pictures.shown("slow 0.25", REQUEST, 7)
    assert late == good._replace(delivery=Delivery(delay=0.25))


def test_every_code_of_a_fault_names_the_fault_that_it_is_of() -> None:
    made = [getattr(faults, name)() for name in faults.__all__]
    codes = {one.effect.code: one.name for one in made if isinstance(one.effect, Pictured)}
    assert {code.partition(" ")[0]: name for code, name in codes.items()} == pictures.FAULTS


# How it travels ----------------------------------------------------------------------


@pytest.mark.parametrize("fault", IN_LINKS, ids=str)
def test_a_fault_travels_in_the_link_to_whoever_shares_the_secret(
    clock: Clock, fault: Fault
) -> None:
    maker, server, stranger = (
        StepfunMock(clock=clock, secret=secret) for secret in (b"one", b"one", b"other")
    )
    url = link(maker, fault)
    here, there = fetched(maker, url), fetched(server, url)
    assert here == there
    assert here != pictures.shown("", maker.requests[0], 7)
    assert fetched(stranger, url).status == 404
    assert maker.journal[0].fault == fault.name
    assert [entry.fault for entry in server.journal] == [fault.name]


@pytest.mark.parametrize("fault", IN_LINKS, ids=str)
def test_a_link_with_a_fault_can_be_fetched_again_until_it_expires(
    mock: StepfunMock, fault: Fault
) -> None:
    url = link(mock, fault)
    first = fetched(mock, url)
    mock.clock.advance(seconds=7199)
    again = fetched(mock, url)
    # A redirection leads to a link that is new each time.
    assert again._replace(headers=()) == first._replace(headers=())
    mock.clock.advance(seconds=1)
    assert fetched(mock, url).status == 404
    assert mock.journal[-1].refusal == "link.dead"


@pytest.mark.parametrize("fault", IN_LINKS, ids=str)
def test_no_fault_shows_in_the_letters_of_a_link(mock: StepfunMock, fault: Fault) -> None:
    url = link(mock, fault)
    usual = item(asked(mock, MINIMAL))["url"]
    assert [part.partition("=")[0] for part in url.partition("?")[2].split("&")] == [
        part.partition("=")[0] for part in usual.partition("?")[2].split("&")
    ]
    assert url.partition("?")[0].endswith(".png")
    forged = url.replace("&signature=", "&signature=0")[:-1]
    assert fetched(mock, forged).status == 404


def test_head_of_a_link_with_a_fault_is_answered_like_get(mock: StepfunMock) -> None:
    url = link(mock, faults.jpeg_picture())
    assert fetched(mock, url, "HEAD") == fetched(mock, url)


def test_a_redirected_link_leads_to_a_good_one_on_the_same_address(mock: StepfunMock) -> None:
    mock.script(faults.redirected_link())
    fields = {**MINIMAL, "seed": 7}
    url = item(asked(mock, fields, host="localhost:1234"))["url"]
    path, _, query = url.removeprefix("http://localhost:1234").partition("?")
    response = mock.handle(Request("GET", path, {"host": "127.0.0.1:8793"}, query=query))
    assert (response.status, response.body) == (302, b"")
    target = dict(response.headers)["location"]
    assert target.startswith("http://127.0.0.1:8793/image_gen/")
    assert target != url
    good = fetched(mock, target)
    assert (good.status, good.headers) == (200, PNG)
    assert good.body == draw(mock.requests[0], 7)


def test_the_journal_shows_what_links_with_faults_gave(mock: StepfunMock) -> None:
    for fault in (faults.dead_link(status=403), faults.html_link(), faults.slow_link()):
        fetched(mock, link(mock, fault))
    pairs = list(mock.journal)
    assert [entry.fault for entry in pairs] == [
        *["dead_link"] * 2,
        *["html_link"] * 2,
        *["slow_link"] * 2,
    ]
    assert [entry.status for entry in pairs[::2]] == [200, 200, 200]
    assert [entry.status for entry in pairs[1::2]] == [403, 200, 200]
    assert [entry.seed for entry in pairs] == [7] * 6


def test_links_outlive_the_line_that_spoiled_them(mock: StepfunMock) -> None:
    url = link(mock, faults.dead_link())
    mock.script(faults.overloaded())
    mock.choose(link_life=1)
    assert fetched(mock, url).status == 404
    assert mock.unmet_faults() == ["overloaded (met 0 of 1 times)"]
