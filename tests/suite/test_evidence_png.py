"""The reader of PNG takes what is whole down to the last bit, and says what is not."""

import random
import tracemalloc
import zlib
from contextlib import suppress
from io import BytesIO
from struct import pack
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from contracts.evidence import png
from contracts.evidence.errors import BrokenPictureError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY_2X2 = b"\0\x10\x20\0\x30\x40"  # two rows of two pixels, each with its filter type
DEFLATED = zlib.compress(GREY_2X2)
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2))


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))


def ihdr(*fields: int) -> bytes:
    """An IHDR chunk: width, height, depth, colour, compression, filter, interlace."""
    return chunk(b"IHDR", pack(">IIBBBBB", *fields))


HEAD = ihdr(2, 2, 8, 0, 0, 0, 0)
PALETTE_HEAD = ihdr(2, 2, 8, 3, 0, 0, 0)
COLOUR_HEAD = ihdr(2, 2, 8, 2, 0, 0, 0)
TEXT = chunk(b"tEXt", b"Title\0A fox")
IDAT = chunk(b"IDAT", DEFLATED)
IEND = chunk(b"IEND")
SMALL = SIGNATURE + HEAD + TEXT + IDAT + IEND


def filed(image: Image.Image, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, "PNG", **options)
    return file.getvalue()


def photo(mode: str, width: int = 37, height: int = 23) -> Image.Image:
    noise = Image.frombytes("RGBA", (width, height), random.Random(7).randbytes(width * height * 4))
    if mode == "I;16":
        return Image.frombytes(
            mode, (width, height), random.Random(7).randbytes(width * height * 2)
        )
    return noise.convert("RGB").convert(mode) if mode == "P" else noise.convert(mode)


def interlaced(image: Image.Image) -> bytes:
    """An Adam7 PNG of a picture in RGB, which Pillow reads but cannot write."""
    lines = bytearray()
    for left, top, right, down in (*ADAM7, (0, 1, 1, 2)):
        part = [
            [image.getpixel((x, y)) for x in range(left, image.width, right)]
            for y in range(top, image.height, down)
        ]
        for row in filter(None, part):
            lines += b"\0" + b"".join(bytes(pixel) for pixel in row)  # type: ignore[arg-type]
    head = ihdr(image.width, image.height, 8, 2, 0, 0, 1)
    return SIGNATURE + head + chunk(b"IDAT", zlib.compress(bytes(lines))) + IEND


def refusal(data: bytes, limit: int = 4096 * 4096) -> str:
    with pytest.raises(BrokenPictureError) as caught:
        png.read(data, limit)
    return str(caught.value)


def with_idat(content: bytes, head: bytes = HEAD) -> bytes:
    return SIGNATURE + head + chunk(b"IDAT", content) + IEND


def test_a_small_png_is_read() -> None:
    assert png.read(SMALL) == png.Header(2, 2, depth=8, colour=0, interlaced=False)


@pytest.mark.parametrize(
    ("mode", "depth", "colour"),
    [
        ("1", 1, 0),
        ("L", 8, 0),
        ("I;16", 16, 0),
        ("LA", 8, 4),
        ("P", 8, 3),
        ("RGB", 8, 2),
        ("RGBA", 8, 6),
    ],
)
def test_what_pillow_writes_is_read(mode: str, depth: int, colour: int) -> None:
    assert png.read(filed(photo(mode))) == png.Header(37, 23, depth, colour, interlaced=False)
    assert png.read(filed(photo(mode), optimize=True)).width == 37


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_palettes_of_few_bits_are_read(bits: int) -> None:
    assert png.read(filed(photo("L").quantize(2**bits), bits=bits)).depth == bits


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (2, 1), (1, 2), (3, 5), (4, 4), (5, 1), (8, 8), (37, 23)]
)
def test_interlaced_pictures_are_read(width: int, height: int) -> None:
    image = photo("RGB", width, height)
    data = interlaced(image)
    assert Image.open(BytesIO(data)).tobytes() == image.tobytes()
    assert png.read(data) == png.Header(width, height, 8, 2, interlaced=True)


def test_one_image_stream_may_lie_in_many_chunks() -> None:
    parts = b"".join(chunk(b"IDAT", bytes([byte])) for byte in DEFLATED)
    empty = chunk(b"IDAT")
    assert png.read(SIGNATURE + HEAD + empty + parts + empty + IEND).height == 2


def test_every_flipped_bit_is_refused() -> None:
    for bit in range(len(SMALL) * 8):
        flipped = bytearray(SMALL)
        flipped[bit // 8] ^= 1 << bit % 8
        assert refusal(bytes(flipped)).isprintable()


def test_every_truncation_is_refused() -> None:
    for length in range(len(SMALL)):
        assert refusal(SMALL[:length]).isprintable()


@given(st.binary(min_size=1))
def test_appended_bytes_are_refused(more: bytes) -> None:
    assert refusal(SMALL + more) == f"bytes follow the IEND chunk of the PNG: {len(more)}"


FAULTS = {
    b"\x89PNG\n\x1a\n" + HEAD: "the PNG does not start with the signature of PNG",
    SIGNATURE: "the PNG ends without an IEND chunk",
    SIGNATURE + HEAD + IDAT: "the PNG ends without an IEND chunk",
    SIGNATURE
    + HEAD
    + IDAT
    + IEND[:-1]: f"the PNG breaks off in the chunk at byte {33 + len(IDAT)}",
    SIGNATURE + HEAD + IDAT[:-4]: (
        "the chunk 'IDAT' at byte 33 of the PNG is said to have 14 bytes, more than are there"
    ),
    SIGNATURE + HEAD + IDAT[:-4] + b"\0\0\0\0" + IEND: (
        "the chunk 'IDAT' at byte 33 of the PNG does not match its CRC"
    ),
    SIGNATURE + HEAD + chunk(b"t\0Xt") + IDAT + IEND: (
        "the chunk 't\\x00Xt' at byte 33 of the PNG has a type of more than letters"
    ),
    SIGNATURE + TEXT + HEAD + IDAT + IEND: "the PNG does not start with an IHDR chunk",
    SIGNATURE + IEND: "the PNG does not start with an IHDR chunk",
    SIGNATURE + chunk(b"IHDR", b"\0" * 12) + IEND: "the IHDR chunk has 12 bytes instead of 13",
    SIGNATURE + ihdr(2, 2, 16, 3, 0, 0, 0): "IHDR has the colour type 3 with the bit depth 16",
    SIGNATURE + ihdr(2, 2, 8, 1, 0, 0, 0): "IHDR has the colour type 1 with the bit depth 8",
    SIGNATURE + ihdr(2, 2, 8, 0, 0, 0, 2): (
        "IHDR names methods that PNG does not have: compression 0, filter 0, interlace 2"
    ),
    SIGNATURE + ihdr(2**31, 1, 8, 0, 0, 0, 0): f"IHDR has a side beyond {2**31 - 1}: {2**31}x1",
    SIGNATURE + ihdr(0, 2, 8, 0, 0, 0, 0): "the picture measures 0x2: a side is missing",
    SIGNATURE + HEAD + HEAD + IDAT + IEND: "the PNG has more than one IHDR chunk",
    SIGNATURE + HEAD + IDAT + TEXT + IDAT + IEND: "other chunks stand between the IDAT chunks",
    SIGNATURE + HEAD + chunk(b"FoXY") + IDAT + IEND: (
        "the PNG has a critical chunk that is unknown: b'FoXY'"
    ),
    SIGNATURE + HEAD + IEND: "the PNG has no IDAT chunk",
    SIGNATURE + HEAD + IDAT + chunk(b"IEND", b"!"): "the IEND chunk has 1 bytes instead of none",
    SIGNATURE + PALETTE_HEAD + IDAT + IEND: "the PNG counts on a palette, but has no PLTE chunk",
    SIGNATURE + HEAD + chunk(b"PLTE", b"abc") + IDAT + IEND: (
        "the PNG is grey, and yet has a PLTE chunk"
    ),
    SIGNATURE + PALETTE_HEAD + chunk(b"PLTE", b"abcd") + IDAT + IEND: (
        "the PLTE chunk has 4 bytes, which is not 1 to 256 colours of 3"
    ),
    SIGNATURE + ihdr(2, 2, 1, 3, 0, 0, 0) + chunk(b"PLTE", b"abc" * 3) + IDAT + IEND: (
        "the PLTE chunk has 9 bytes, which is not 1 to 2 colours of 3"
    ),
    SIGNATURE + PALETTE_HEAD + chunk(b"PLTE", b"abc") * 2 + IDAT + IEND: (
        "the PNG has more than one PLTE chunk"
    ),
    SIGNATURE + COLOUR_HEAD + IDAT + chunk(b"PLTE", b"abc") + IEND: (
        "the PLTE chunk stands after the image data"
    ),
    with_idat(DEFLATED[:-1]): "the image data breaks off: its deflate stream has no end",
    with_idat(DEFLATED[:-1] + b"!"): "the image data cannot be inflated: incorrect data check",
    with_idat(b"not deflated"): "the image data cannot be inflated: incorrect header check",
    with_idat(zlib.compress(GREY_2X2[:-1])): "the image data ends before the last scanline",
    with_idat(zlib.compress(GREY_2X2 + b"\0")): "the image data goes on after the last scanline",
    with_idat(DEFLATED + b"\0"): "the IDAT chunks go on after the end of the deflate stream",
    with_idat(zlib.compress(b"\0\x10\x20\5\x30\x40")): "a scanline has the filter type 5, beyond 4",
    SIGNATURE + ihdr(4097, 4096, 8, 0, 0, 0, 0) + IDAT + IEND: (
        "the picture measures 4097x4096, more than 16777216 pixels in all"
    ),
}


@pytest.mark.parametrize(("data", "sentence"), FAULTS.items(), ids=FAULTS.values())
def test_what_is_wrong_is_said_in_a_sentence(data: bytes, sentence: str) -> None:
    assert refusal(data) == sentence


def test_an_image_stream_may_begin_with_much_that_inflates_to_nothing() -> None:
    empty_blocks = b"\0\0\0\xff\xff" * 50_000
    assert png.read(with_idat(DEFLATED[:2] + empty_blocks + DEFLATED[2:])).width == 2


def test_bytes_after_the_image_stream_are_seen_however_far_they_are() -> None:
    sentence = "the IDAT chunks go on after the end of the deflate stream"
    assert refusal(with_idat(DEFLATED + b"\0" * 200_000)) == sentence
    assert refusal(SIGNATURE + HEAD + IDAT + chunk(b"IDAT", b"\0") + IEND) == sentence


def test_every_filter_type_up_to_4_is_read() -> None:
    lines = b"".join(bytes([kind, 1, 2]) for kind in range(5))
    assert png.read(with_idat(zlib.compress(lines), ihdr(2, 5, 8, 0, 0, 0, 0))).height == 5


@pytest.mark.parametrize("row", [0, 1, 700, 1499])
def test_a_wrong_filter_type_is_found_in_any_row(row: int) -> None:
    lines = bytearray(1500 * 1001)  # several of the pieces that are inflated at a time
    head = ihdr(1000, 1500, 8, 0, 0, 0, 0)
    lines[row * 1001 + 1 : row * 1001 + 1001] = b"\xff" * 1000
    assert png.read(with_idat(zlib.compress(bytes(lines)), head)).width == 1000
    lines[row * 1001] = 200
    assert "filter type 200" in refusal(with_idat(zlib.compress(bytes(lines)), head))


def test_the_limit_is_in_pixels() -> None:
    assert png.read(SMALL, limit=4).width == 2
    assert refusal(SMALL, limit=3) == "the picture measures 2x2, more than 3 pixels in all"


def test_bombs_are_refused_fast_and_in_little_memory() -> None:
    nothing = zlib.compressobj(9)
    deflated = b"".join(nothing.compress(bytes(1 << 20)) for _ in range(400)) + nothing.flush()
    huge = with_idat(deflated, ihdr(60_000, 60_000, 8, 6, 0, 0, 0))
    hidden = with_idat(deflated)
    tracemalloc.start()
    start = perf_counter()
    assert refusal(huge) == "the picture measures 60000x60000, more than 16777216 pixels in all"
    assert refusal(hidden) == "the image data goes on after the last scanline"
    took, (_, peak) = perf_counter() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 0.5
    assert peak < 2 * len(deflated)


def test_the_largest_picture_is_read_in_little_memory() -> None:
    head = ihdr(2**24, 1, 16, 6, 0, 0, 0)  # one scanline of 128 MiB
    deflate = zlib.compressobj(1)
    deflated = deflate.compress(b"\0")
    deflated += b"".join(deflate.compress(bytes(1 << 20)) for _ in range(128)) + deflate.flush()
    data = with_idat(deflated, head)
    tracemalloc.start()
    assert png.read(data).width == 2**24
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(data) * 2 + (2 << 20)


@settings(deadline=None)
@given(st.binary())
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    assert refusal(data)
    assert refusal(SIGNATURE + data)


KINDS = st.sampled_from([b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tEXt", b"tRNS", b"CgBI"])


@settings(deadline=None)
@given(st.lists(st.tuples(KINDS, st.binary(max_size=13)), max_size=6), st.booleans())
def test_random_chunks_raise_nothing_else(chunks: list[tuple[bytes, bytes]], headed: bool) -> None:
    data = SIGNATURE + (HEAD if headed else b"") + b"".join(chunk(*one) for one in chunks)
    assert refusal(data).isprintable()


@settings(deadline=None)
@given(st.binary(min_size=13, max_size=13), st.binary())
def test_random_headers_and_image_data_raise_nothing_else(fields: bytes, content: bytes) -> None:
    data = SIGNATURE + chunk(b"IHDR", fields) + chunk(b"IDAT", zlib.compress(content)) + IEND
    with suppress(BrokenPictureError):
        assert png.read(data).width > 0
