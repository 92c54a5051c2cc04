"""The reader of JPEG walks from SOI to EOI, and says where it stumbles."""

import random
from contextlib import suppress
from io import BytesIO
from struct import pack
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from contracts.evidence import jpeg
from contracts.evidence.errors import BrokenPictureError

NOISE = Image.frombytes("RGB", (37, 23), random.Random(7).randbytes(37 * 23 * 3))


def filed(image: Image.Image, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


def segment(marker: int, content: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + pack(">H", len(content) + 2) + content


def sof(
    width: int = 8, height: int = 8, components: bytes = b"\1\x11\0", precision: int = 8
) -> bytes:
    return pack(">BHHB", precision, height, width, len(components) // 3) + components


SOI, EOI = b"\xff\xd8", b"\xff\xd9"
FRAME = segment(0xC0, sof())
SCAN = segment(0xDA, b"\1\1\0\0\x3f\0") + b"data\xff\x00data"
MINIMAL = SOI + FRAME + SCAN + EOI
REAL = filed(NOISE, comment="A fox")


def refusal(data: bytes, limit: int = 4096 * 4096) -> str:
    with pytest.raises(BrokenPictureError) as caught:
        jpeg.read(data, limit)
    return str(caught.value)


def test_the_smallest_jpeg_is_read() -> None:
    assert jpeg.read(MINIMAL) == jpeg.Frame(8, 8, "baseline", frozenset({1}))


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_what_pillow_writes_is_read(mode: str, progressive: bool) -> None:
    frame = jpeg.read(filed(NOISE.convert(mode), progressive=progressive))
    assert (frame.width, frame.height) == (37, 23)
    assert frame.coding == ("progressive" if progressive else "baseline")
    assert len(frame.components) == len(mode)


def test_restart_markers_are_read_in_their_turn() -> None:
    data = filed(NOISE, restart_marker_blocks=1)
    assert data.count(b"\xff\xd7") == 0
    assert jpeg.read(filed(NOISE.resize((200, 90)), restart_marker_blocks=1)).width == 200
    at = data.index(b"\xff\xd1")
    sentence = refusal(data[:at] + b"\xff\xd2" + data[at + 2 :])
    assert sentence.endswith("of the JPEG has a restart marker (RST) that is not due")


def test_any_number_of_ff_may_stand_before_a_marker() -> None:
    assert jpeg.read(SOI + b"\xff\xff" + FRAME + SCAN + b"\xff" + EOI).width == 8


def test_a_thumbnail_inside_does_not_end_the_picture() -> None:
    inside = segment(0xE1, b"Exif\0\0" + MINIMAL)
    data = SOI + inside + FRAME + SCAN + EOI
    assert jpeg.read(data).height == 8
    end = data.index(EOI) + 2
    assert refusal(data[:end]) == "the JPEG breaks off: it has no end (EOI)"


@pytest.mark.parametrize("data", [REAL, filed(NOISE, progressive=True)], ids=["base", "prog"])
def test_every_truncation_is_refused(data: bytes) -> None:
    for length in range(len(data)):
        assert refusal(data[:length]).isprintable()


@given(st.binary(min_size=1))
def test_appended_bytes_are_refused(more: bytes) -> None:
    assert refusal(REAL + more) == f"bytes follow the end (EOI) of the JPEG: {len(more)}"


FAULTS = {
    b"\xff\xd9": "the JPEG does not start with an SOI marker",
    SOI: "the JPEG breaks off: it has no end (EOI)",
    SOI + b"\xff\xff": "the JPEG breaks off: it has no end (EOI)",
    SOI + b"\xff\xc0\0": "the JPEG breaks off: it has no end (EOI)",
    SOI + FRAME: "the JPEG breaks off: it has no end (EOI)",
    SOI + FRAME + SCAN: "the JPEG breaks off inside a scan: it has no end (EOI)",
    SOI + FRAME + SCAN + b"\xff": "the JPEG breaks off inside a scan: it has no end (EOI)",
    SOI + b"!" + FRAME: "a marker should stand at byte 2 of the JPEG, but none does",
    SOI + b"\xff\x00": "a marker should stand at byte 2 of the JPEG, but none does",
    SOI + EOI: "the JPEG has no frame (SOF)",
    SOI + FRAME + EOI: "the JPEG has no scan (SOS)",
    SOI + SCAN + EOI: "the scan at byte 2 of the JPEG stands before the frame (SOF)",
    SOI + FRAME + FRAME + SCAN + EOI: "a second frame (SOF) stands at byte 15",
    SOI + b"\xff\xc0\0\1" + EOI: (
        "the segment FF C0 at byte 2 is said to have 1 bytes, less than its length field"
    ),
    SOI + b"\xff\xfe\0\7" + EOI: (
        "the segment FF FE at byte 2 is said to have 7 bytes, more than are there"
    ),
    SOI + segment(0xC3, sof()) + SCAN + EOI: (
        "the marker FF C3 at byte 2 has no place in a JPEG that all clients read"
    ),
    SOI + FRAME + SCAN + SOI + EOI: (
        "the marker FF D8 at byte 35 has no place in a JPEG that all clients read"
    ),
    SOI + segment(0xC0, b"\x08") + SCAN + EOI: "the frame (SOF) at byte 2 has the wrong length",
    SOI + segment(0xC0, sof() + b"!") + SCAN + EOI: (
        "the frame (SOF) at byte 2 has the wrong length"
    ),
    SOI + segment(0xC1, sof(precision=12)) + SCAN + EOI: (
        "the JPEG has samples of 12 bits instead of 8"
    ),
    SOI + segment(0xC0, sof(components=b"\1\x11\0" * 3)) + SCAN + EOI: (
        "the frame has 3 components, 1 different"
    ),
    SOI + segment(0xC0, sof(components=b"")) + SCAN + EOI: (
        "the frame has 0 components, 0 different"
    ),
    SOI + segment(0xC0, sof(components=b"\1\x50\0")) + SCAN + EOI: (
        "the frame has the sampling factor 0, not 1 to 4"
    ),
    SOI + segment(0xC0, sof(height=0)) + SCAN + EOI: (
        "the picture measures 8x0: a side is missing"
    ),
    SOI + segment(0xC2, sof(65535, 65535)) + SCAN + EOI: (
        "the picture measures 65535x65535, more than 16777216 pixels in all"
    ),
    SOI + FRAME + segment(0xDA, b"\2\1\0\0\x3f\0") + b"data" + EOI: (
        "the scan at byte 15 of the JPEG has a header of the wrong length"
    ),
    SOI + FRAME + segment(0xDA, b"") + b"data" + EOI: (
        "the scan at byte 15 of the JPEG has a header of the wrong length"
    ),
    SOI + FRAME + segment(0xDA, b"\1\2\0\0\x3f\0") + b"data" + EOI: (
        "the scan at byte 15 of the JPEG is of components that the frame does not have"
    ),
    SOI + FRAME + segment(0xDA, b"\0\0\x3f\0") + b"data" + EOI: (
        "the scan at byte 15 of the JPEG is of components that the frame does not have"
    ),
    SOI + FRAME + segment(0xDA, b"\1\1\0\0\x3f\0") + EOI: (
        "the scan at byte 15 of the JPEG is empty"
    ),
    SOI + FRAME + SCAN + b"\xff\xd0data" + EOI: (
        "the scan at byte 15 of the JPEG has a restart marker (RST) that is not due"
    ),
    SOI + segment(0xDD, b"\1") + FRAME + SCAN + EOI: (
        "the segment DRI at byte 2 has the wrong length"
    ),
    SOI + FRAME + SCAN * 101 + EOI: (
        "the scan at byte 2015 of the JPEG is one too many: decoders stop after 100"
    ),
}


@pytest.mark.parametrize(("data", "sentence"), FAULTS.items(), ids=FAULTS.values())
def test_what_is_wrong_is_said_in_a_sentence(data: bytes, sentence: str) -> None:
    assert refusal(data) == sentence


def test_the_limit_is_in_pixels() -> None:
    assert jpeg.read(MINIMAL, limit=64).width == 8
    assert refusal(MINIMAL, limit=63) == "the picture measures 8x8, more than 63 pixels in all"


@pytest.mark.parametrize(
    "data",
    [
        SOI + b"\xff" * 4_000_000,
        SOI + FRAME + SCAN + b"\xff" * 4_000_000,
        SOI + FRAME + SCAN + b"\xff\x00" * 2_000_000,
        SOI + segment(0xDD, b"\0\1") + FRAME + SCAN + b"\xff\xd0" * 2_000_000,
        SOI + FRAME + SCAN * 200_000,
    ],
    ids=["fill", "fill in a scan", "stuffing", "restarts", "scans"],
)
def test_no_megabytes_take_long(data: bytes) -> None:
    start = perf_counter()
    assert refusal(data)
    assert perf_counter() - start < 1


@settings(deadline=None)
@given(st.binary())
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    for start in (b"", SOI, SOI + b"\xff", SOI + FRAME, SOI + FRAME + SCAN):
        with suppress(BrokenPictureError):
            assert jpeg.read(start + data).width > 0


@settings(deadline=None)
@given(st.integers(0, len(REAL) - 1), st.binary(min_size=1, max_size=4))
def test_changed_bytes_raise_nothing_else(at: int, other: bytes) -> None:
    with suppress(BrokenPictureError):
        assert jpeg.read(REAL[:at] + other + REAL[at + len(other) :]).width > 0
