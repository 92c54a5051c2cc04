"""The reader of WebP holds the lengths and sizes in a file against each other."""

import random
from contextlib import suppress
from io import BytesIO
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from contracts.evidence import webp
from contracts.evidence.errors import BrokenPictureError

NOISE = Image.frombytes("RGBA", (37, 23), random.Random(7).randbytes(37 * 23 * 4))


def filed(image: Image.Image, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, "WEBP", **options)
    return file.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)


def riff(*chunks: bytes) -> bytes:
    joined = b"WEBP" + b"".join(chunks)
    return b"RIFF" + len(joined).to_bytes(4, "little") + joined


def vp8(width: int = 4, height: int = 2, tag: int = 0x10) -> bytes:
    sides = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return chunk(b"VP8 ", tag.to_bytes(3, "little") + b"\x9d\x01\x2a" + sides + b"data")


def vp8l(width: int = 4, height: int = 2, version: int = 0) -> bytes:
    bits = width - 1 | height - 1 << 14 | version << 29
    return chunk(b"VP8L", b"\x2f" + bits.to_bytes(4, "little") + b"data!")


def small(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(3, "little") for number in numbers)


def vp8x(width: int = 4, height: int = 2, flags: int = 0) -> bytes:
    return chunk(b"VP8X", bytes([flags, 0, 0, 0]) + small(width - 1, height - 1))


def anmf(*inside: bytes, left: int = 0, top: int = 0, width: int = 4, height: int = 2) -> bytes:
    head = small(left // 2, top // 2, width - 1, height - 1, 100) + b"\0"
    return chunk(b"ANMF", head + b"".join(inside))


ANIM = chunk(b"ANIM", b"\0" * 6)
MOVING = vp8x(flags=2)
REALS = {
    "lossy": filed(NOISE.convert("RGB")),
    "lossless": filed(NOISE.convert("RGB"), lossless=True),
    "lossy with alpha": filed(NOISE),
    "lossless with alpha": filed(NOISE, lossless=True),
    "with metadata": filed(NOISE, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0", xmp=b"<x/>"),
    "animated": filed(NOISE, save_all=True, append_images=[NOISE.rotate(180)], duration=40),
}


def refusal(data: bytes, limit: int = 4096 * 4096) -> str:
    with pytest.raises(BrokenPictureError) as caught:
        webp.read(data, limit)
    return str(caught.value)


@pytest.mark.parametrize("name", REALS)
def test_what_pillow_writes_is_read(name: str) -> None:
    assert webp.read(REALS[name]) == webp.Canvas(37, 23, animated=name == "animated")


@pytest.mark.parametrize(
    "chunks",
    [
        (vp8(),),
        (vp8l(),),
        (vp8(4 | 1 << 14, 2 | 3 << 14),),  # the upper two bits ask for a larger display
        (vp8x(), vp8()),
        (vp8x(), chunk(b"ALPH", b"odd"), vp8(), chunk(b"EXIF", b"")),
        (vp8(), chunk(b"what", b"ever")),
        (
            MOVING,
            ANIM,
            anmf(vp8()),
            anmf(chunk(b"ALPH", b"odd"), vp8(2, 1), left=2, width=2, height=1),
        ),
    ],
)
def test_a_webp_that_is_whole_is_read(chunks: tuple[bytes, ...]) -> None:
    canvas = webp.read(riff(*chunks))
    assert (canvas.width, canvas.height) == (4, 2)


def test_the_byte_that_makes_a_file_even_need_not_be_counted() -> None:
    odd = bytearray(riff(vp8() + chunk(b"EXIF", b"odd")))
    odd[4:8] = (len(odd) - 9).to_bytes(4, "little")
    assert webp.read(bytes(odd)).width == 4
    assert webp.read(bytes(odd[:-1])).width == 4
    assert refusal(bytes(odd[:-1]) + b"!").startswith("the RIFF header speaks of")


@pytest.mark.parametrize("name", REALS)
def test_every_truncation_is_refused(name: str) -> None:
    for length in range(len(REALS[name])):
        assert refusal(REALS[name][:length]).isprintable()


@pytest.mark.parametrize("name", REALS)
@given(more=st.binary(min_size=1))
def test_appended_bytes_are_refused(name: str, more: bytes) -> None:
    said = len(REALS[name])
    sentence = f"the RIFF header speaks of {said} bytes, but the WebP has {said + len(more)}"
    assert refusal(REALS[name] + more) == sentence


FAULTS = {
    b"RIFF\0\0\0\0WAVE": "the WebP does not start with a RIFF header of WEBP",
    b"RIFF": "the WebP does not start with a RIFF header of WEBP",
    riff(): "the WebP has no chunk",
    riff(vp8(), b"tail"): "the WebP breaks off in the chunk at byte 34",
    riff(vp8()[:-4]): "the chunk 'VP8 ' at byte 12 of the WebP is said to have 14 bytes, not there",
    riff(chunk(b"EXIF", b"odd")[:-1] + b"!", vp8()): (
        "the chunk 'EXIF' at byte 12 of the WebP is padded with another byte than 0"
    ),
    riff(chunk(b"EXIF", b"even"), vp8()): (
        "the chunk 'EXIF' at byte 12 of the WebP stands where the image should"
    ),
    riff(chunk(b"VP8 ", b"\x10\0\0\x9d\x01\x2b\4\0\2\0")): (
        "the chunk 'VP8 ' at byte 12 of the WebP has no start code of VP8"
    ),
    riff(vp8(tag=0x11)): "the chunk 'VP8 ' at byte 12 of the WebP is no key frame that is shown",
    riff(vp8(tag=0x10 | 5 << 5)): (
        "the chunk 'VP8 ' at byte 12 of the WebP is shorter than its first partition"
    ),
    riff(vp8(width=0)): "the picture measures 0x2: a side is missing",
    riff(chunk(b"VP8L", b"\x2e\0\0\0\0")): (
        "the chunk 'VP8L' at byte 12 of the WebP has no signature of VP8L"
    ),
    riff(vp8l(version=1)): "the chunk 'VP8L' at byte 12 of the WebP is of version 1 instead of 0",
    riff(vp8l(16384, 16384)): "the picture measures 16384x16384, more than 16777216 pixels in all",
    riff(vp8x(2**24, 2**24)): (
        "the picture measures 16777216x16777216, more than 16777216 pixels in all"
    ),
    riff(vp8(), vp8l()): "the chunk 'VP8L' at byte 34 of the WebP follows the only image",
    riff(chunk(b"VP8X", b"")): "the chunk 'VP8X' at byte 12 of the WebP has 0 bytes instead of 10",
    riff(vp8x()): "the WebP has no image chunk",
    riff(MOVING, ANIM): "the WebP has no image chunk",
    riff(vp8x(), vp8(), vp8()): "the chunk 'VP8 ' at byte 52 of the WebP is one too many",
    riff(vp8x(), vp8x(), vp8()): "the chunk 'VP8X' at byte 30 of the WebP is one too many",
    riff(MOVING, ANIM, vp8()): "the chunk 'VP8 ' at byte 44 of the WebP is one too many",
    riff(
        vp8x(), vp8(4, 3)
    ): "the chunk 'VP8 ' at byte 30 of the WebP is not as large as the canvas",
    riff(vp8x(), anmf(vp8())): (
        "the chunk 'ANMF' at byte 30 of the WebP is a frame, but no animation is announced"
    ),
    riff(MOVING, anmf(vp8())): (
        "the chunk 'ANMF' at byte 30 of the WebP is a frame, but no animation is announced"
    ),
    riff(MOVING, ANIM, chunk(b"ANMF", b"")): (
        "the chunk 'ANMF' at byte 44 of the WebP has 0 bytes, fewer than 16"
    ),
    riff(MOVING, ANIM, anmf(vp8(), left=2)): (
        "the chunk 'ANMF' at byte 44 of the WebP reaches beyond the canvas"
    ),
    riff(MOVING, ANIM, anmf(vp8(4, 1))): (
        "the chunk 'ANMF' at byte 44 of the WebP does not hold one image of 4x2"
    ),
    riff(MOVING, ANIM, anmf(vp8()[:-4])): (
        "the chunk 'VP8 ' at byte 68 of the WebP is said to have 14 bytes, not there"
    ),
}


@pytest.mark.parametrize(("data", "sentence"), FAULTS.items(), ids=FAULTS.values())
def test_what_is_wrong_is_said_in_a_sentence(data: bytes, sentence: str) -> None:
    assert refusal(data) == sentence


def test_the_limit_is_in_pixels() -> None:
    assert webp.read(riff(vp8()), limit=8).width == 4
    assert refusal(riff(vp8()), limit=7) == "the picture measures 4x2, more than 7 pixels in all"


def test_no_megabytes_take_long() -> None:
    start = perf_counter()
    assert webp.read(riff(vp8(), chunk(b"what", b"") * 250_000)).width == 4
    assert perf_counter() - start < 2


@settings(deadline=None)
@given(st.binary())
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    assert refusal(data).isprintable()
    for chunks in (riff(data), riff(vp8x(), data), riff(MOVING, ANIM, anmf(data))):
        assert refusal(chunks).isprintable()


@settings(deadline=None)
@given(st.sampled_from(list(REALS.values())), st.data())
def test_changed_bytes_raise_nothing_else(real: bytes, draws: st.DataObject) -> None:
    at = draws.draw(st.integers(0, len(real) - 1))
    other = draws.draw(st.binary(min_size=1, max_size=4))
    with suppress(BrokenPictureError):
        assert webp.read(real[:at] + other + real[at + len(other) :]).width > 0
