"""A picture is what its structure and Pillow agree on; all else is named for what it is."""

import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from struct import pack
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFile

from contracts.evidence import pictures
from contracts.evidence.errors import BrokenPictureError

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


def filed(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def scene(width: int = 96, height: int = 80, mode: str = "RGB") -> Image.Image:
    """A red disc on green and blue."""
    image = Image.linear_gradient("L").resize((width, height))
    image = Image.merge("RGB", (Image.new("L", image.size, 40), image, image.rotate(180)))
    ImageDraw.Draw(image).ellipse((width // 4, height // 4, width // 2, height // 2), "red")
    return image.convert(mode)


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, depth: int, colour: int, lines: bytes, *more: bytes) -> bytes:
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)),
            *more,
            chunk(b"IDAT", zlib.compress(lines)),
            chunk(b"IEND"),
        )
    )


def refusal(data: bytes) -> str:
    with pytest.raises(BrokenPictureError) as caught:
        pictures.read(data)
    return str(caught.value)


SMALL = {kind: filed(scene(9, 7), kind) for kind in MEDIA_TYPES}


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_a_picture_says_its_format_and_size(kind: str) -> None:
    picture = pictures.read(filed(scene(), kind))
    assert (picture.format, picture.media_type) == (kind.lower(), MEDIA_TYPES[kind])
    assert (picture.width, picture.height) == (96, 80)
    assert len(picture.sample) == 64 * 64 * 3
    assert len(bytes.fromhex(picture.pixels)) == 32


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I;16", "P", "RGB", "RGBA"])
def test_pngs_of_every_mode_are_read(mode: str) -> None:
    image = Image.new("I;16", (96, 80), 50_000) if mode == "I;16" else scene(mode=mode)
    assert pictures.read(filed(image)).width == 96


@pytest.mark.parametrize(("mode", "kind"), [("L", "JPEG"), ("CMYK", "JPEG"), ("RGBA", "WEBP")])
def test_the_other_formats_of_other_modes_are_read(mode: str, kind: str) -> None:
    assert pictures.read(filed(scene(mode=mode), kind)).height == 80


def test_the_first_frame_of_an_animation_is_the_picture() -> None:
    moving = filed(
        scene(), "WEBP", save_all=True, append_images=[scene().rotate(90)], lossless=True
    )
    assert pictures.read(moving).pixels == pictures.read(filed(scene())).pixels


def test_the_same_pixels_are_the_same_picture_in_every_file() -> None:
    simple = scene().quantize(16)
    files = [
        filed(simple),
        filed(simple.convert("RGB")),
        filed(simple.convert("RGBA"), compress_level=1),
        filed(simple.convert("RGB"), "WEBP", lossless=True),
    ]
    assert len({pictures.read(data).pixels for data in files}) == 1


def test_one_other_pixel_makes_another_picture() -> None:
    one, other = scene(), scene()
    other.putpixel((95, 79), (1, 2, 3))
    assert pictures.read(filed(one)).pixels != pictures.read(filed(other)).pixels


def test_the_same_bytes_in_another_shape_are_another_picture() -> None:
    wide, high = Image.new("RGB", (8, 2)), Image.new("RGB", (2, 8))
    assert pictures.read(filed(wide)).pixels != pictures.read(filed(high)).pixels


def test_alpha_makes_another_picture_only_where_it_is_not_full() -> None:
    full, thin = scene(mode="RGBA"), scene(mode="RGBA")
    thin.putpixel((0, 0), (*scene().getpixel((0, 0)), 254))  # type: ignore[misc]
    plain = pictures.read(filed(scene())).pixels
    assert pictures.read(filed(full)).pixels == plain
    assert pictures.read(filed(thin)).pixels != plain


def test_what_is_transparent_is_seen_on_white() -> None:
    assert set(pictures.read(filed(Image.new("RGBA", (5, 5), (255, 0, 0, 0)))).sample) == {255}


def test_a_sample_is_the_mean_of_each_part() -> None:
    board = Image.new("RGB", (128, 128), "black")
    for at in range(128 * 64):
        y, x = divmod(at, 64)
        board.putpixel((2 * x + y % 2, y), (255, 255, 255))
    assert set(pictures.read(filed(board)).sample) <= {127, 128}


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_greys_of_every_depth_are_as_bright_as_they_are(depth: int) -> None:
    brightest = png(1, 1, depth, 0, b"\0" + (b"\x80\0" if depth == 16 else b"\xff"))
    expected = 0x80 if depth == 16 else 0xFF
    assert set(pictures.read(brightest).sample) == {expected}


@pytest.mark.parametrize(
    ("depth", "colour", "line", "transparent"),
    [
        (8, 0, b"\x11\x22", b"\0\x11"),
        (1, 0, b"\x40", b"\0\0"),
        (16, 0, b"\x11\x11\x22\x22", b"\x11\x11"),
        (8, 2, b"\x11\x22\x33" * 2, b"\0\x11\0\x22\0\x33"),
        (16, 2, b"\x11\x11\x22\x22\x33\x33" * 2, b"\x11\x11\x22\x22\x33\x33"),
        (8, 3, b"\0\1", b"\x80\xff"),
        (8, 3, b"\0\1", b"\0"),
    ],
)
def test_pngs_with_a_transparent_colour_are_read(
    depth: int, colour: int, line: bytes, transparent: bytes
) -> None:
    palette = [chunk(b"PLTE", b"abcdef")] if colour == 3 else []
    data = png(2, 1, depth, colour, b"\0" + line, *palette, chunk(b"tRNS", transparent))
    assert pictures.read(data).width == 2


def test_pictures_have_a_distance_between_0_and_1() -> None:
    black, white, grey, plain = (
        pictures.read(filed(image))
        for image in (
            Image.new("RGB", (64, 64), "black"),
            Image.new("L", (9, 200), "white"),
            Image.new("RGB", (30, 30), (51, 51, 51)),
            scene(),
        )
    )
    assert pictures.distance(plain, plain) == 0
    assert pictures.distance(black, white) == pictures.distance(white, black) == 1
    assert pictures.distance(black, grey) == pytest.approx(0.2)


def test_a_lossy_or_smaller_copy_is_near_and_another_picture_far() -> None:
    original = pictures.read(filed(scene(512, 384)))
    for copy in (filed(scene(512, 384), "JPEG"), filed(scene(512, 384).resize((256, 192)), "WEBP")):
        assert pictures.distance(original, pictures.read(copy)) < 0.03
    turned = pictures.read(filed(scene(512, 384).rotate(180)))
    assert pictures.distance(original, turned) > 0.2


@pytest.mark.parametrize("kind", MEDIA_TYPES)
@pytest.mark.parametrize(("size", "shown"), [((400, 100), (256, 64)), ((30, 20), (30, 20))])
def test_a_thumbnail_is_small_and_of_its_media_type(
    kind: str, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    small = pictures.read(pictures.thumbnail(filed(scene(*size), kind)))
    assert small.media_type == pictures.THUMBNAIL_MEDIA_TYPE
    assert (small.width, small.height) == shown
    assert pictures.distance(small, pictures.read(filed(scene(*size)))) < 0.05


def test_a_thumbnail_of_a_single_line_has_one_row() -> None:
    small = pictures.read(pictures.thumbnail(filed(Image.new("L", (4000, 1))), side=20))
    assert (small.width, small.height) == (20, 1)


def test_a_thumbnail_that_webp_cannot_hold_is_refused() -> None:
    with pytest.raises(BrokenPictureError, match="Pillow gives up on the png: "):
        pictures.thumbnail(filed(Image.new("L", (20_000, 1))), side=20_000)


def test_a_thumbnail_of_no_picture_is_refused() -> None:
    with pytest.raises(BrokenPictureError, match="there is nothing"):
        pictures.thumbnail(b"")


OTHERS = {
    b"": "nothing",
    b"\0" * 40: "a run of zero bytes",
    b"\0" * 4000: "a run of zero bytes",
    filed(scene(), "GIF"): "a GIF",
    filed(scene(), "BMP"): "a BMP",
    filed(scene(), "TIFF"): "a TIFF",
    filed(scene(), "ICO"): "an icon",
    filed(scene(), "PDF"): "a PDF",
    b"\0\0\0\x1cftypavif\0\0\0\0": "an AVIF picture",
    b"\0\0\0\x1cftypheic\0\0\0\0": "a HEIC picture",
    b"\0\0\0\x18ftypmp42\0\0\0\0isommp42": "an MP4 header",
    b"\x1aE\xdf\xa3\x01\0\0": "a WebM header",
    b"\xff\x0a\xfa\x7f": "a JPEG XL picture",
    b"RIFF\x24\0\0\0WAVEfmt ": "a RIFF file that is not WebP",
    b"PK\3\4\x14\0": "a ZIP archive",
    b"\x1f\x8b\x08\0": "gzip-compressed bytes",
    b"data:image/png;base64,iVBORw0KGgo": "a data: URL",
    b"iVBORw0KGgoAAAANSUhEUg": "the base64 of a picture, not decoded",
    b"/9j/4AAQSkZJRgABAQ": "the base64 of a picture, not decoded",
    b"<!DOCTYPE html><html><title>502": "an HTML page",
    b"\xef\xbb\xbf\r\n <!doctype\nHTML>": "an HTML page",
    b"<html>\r\n<head><title>403 Forbidden": "an HTML page",
    b"<svg xmlns='http://www.w3.org/2000/svg'/>": "an SVG drawing",
    b"<?xml version='1.0'?>\n<svg/>": "an SVG drawing",
    b"<?xml version='1.0'?><Error><Code>NoSuchKey": "an XML document",
    b'{"error": {"message": "expired"}}': "JSON",
    b'[\n  {"url": ""}]': "JSON",
    b"upstream connect error\n": 'text: "upstream connect error\\n"',
    "错误：图片已过期".encode(): 'text: "\\u9519\\u8bef\\uff1a\\u56fe\\u7247\\u5df2\\u8fc7\\u671f"',
    b"a" + "错误".encode() * 400: 'text: "a' + "\\u9519\\u8bef" * 19 + '\\u9519"',
    b"{ curly": 'text: "{ curly"',
    b"\xff": "something of no known format",
    b"\xff\xd8": "something of no known format",
    b"\x89PN": "something of no known format",
    b"abc\0def": "something of no known format",
    "错".encode()[:2]: "something of no known format",
}


@pytest.mark.parametrize(("data", "name"), OTHERS.items(), ids=OTHERS.values())
def test_what_is_no_picture_is_named_for_what_it_looks_like(data: bytes, name: str) -> None:
    assert refusal(data) == f"instead of a PNG, a JPEG or a WebP there is {name}"


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_every_truncation_is_refused(kind: str) -> None:
    for length in range(len(SMALL[kind])):
        assert refusal(SMALL[kind][:length]).isprintable()


@pytest.mark.parametrize("kind", MEDIA_TYPES)
@given(more=st.binary(min_size=1))
def test_appended_bytes_are_refused(kind: str, more: bytes) -> None:
    assert refusal(SMALL[kind] + more).isprintable()


@pytest.mark.parametrize(
    "data",
    [
        png(60_000, 60_000, 8, 6, b""),
        b"\xff\xd8\xff\xc0\0\x0b\x08\xea\x60\xea\x60\1\1\x11\0\xff\xd9",
        b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x5f\xea\0\x5f\xea\0",
    ],
    ids=list(MEDIA_TYPES),
)
def test_bombs_are_refused_for_their_size(data: bytes) -> None:
    assert refusal(data) == "the picture measures 60000x60000, more than 16777216 pixels in all"


def test_a_whole_structure_that_no_decoder_reads_is_refused() -> None:
    webp = b"RIFF\x1a\0\0\0WEBPVP8L\x0e\0\0\0\x2f\x03\x40\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    assert refusal(webp).startswith("Pillow ")


def test_a_size_that_pillow_sees_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image.Image, "size", property(lambda _: (1, 2)))
    assert refusal(SMALL["PNG"]) == "its header says 9x7, but Pillow sees 1x2"


def test_warnings_of_pillow_do_not_leak() -> None:
    palette = scene(9, 7).quantize(4)
    data = filed(palette, transparency=b"\x80\xff", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert pictures.read(data).width == 9
    assert not caught


def test_a_truncated_picture_is_refused_though_the_process_lets_pillow_be_lenient(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    cut = bytearray(filed(scene(300, 300), "WEBP", lossless=True))
    del cut[200:]
    cut[4:8], cut[16:20] = pack("<I", len(cut) - 8), pack("<I", len(cut) - 20)
    assert refusal(bytes(cut)).startswith("Pillow ")
    assert ImageFile.LOAD_TRUNCATED_IMAGES


def test_threads_may_read_at_once_and_leave_the_filters_of_warnings_alone() -> None:
    before = list(warnings.filters)
    data = filed(scene(300, 300))
    with ThreadPoolExecutor(8) as pool:
        seen = set(pool.map(lambda _: pictures.read(data).pixels, range(40)))
    assert len(seen) == 1
    assert warnings.filters == before


STARTS = [b"", b"\x89PNG", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x10\0\0\0WEBP"]


@settings(deadline=None)
@given(st.sampled_from(STARTS), st.binary())
def test_random_bytes_raise_nothing_else(start: bytes, data: bytes) -> None:
    assert refusal(start + data).isprintable()
    with pytest.raises(BrokenPictureError):
        pictures.thumbnail(start + data)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(list(SMALL.values())), st.data())
def test_changed_bytes_raise_nothing_else(real: bytes, draws: st.DataObject) -> None:
    at = draws.draw(st.integers(0, len(real) - 1))
    other = draws.draw(st.binary(min_size=1, max_size=4))
    with suppress(BrokenPictureError):
        assert pictures.read(real[:at] + other + real[at + len(other) :]).width > 0


ANCILLARY = [
    b"tRNS",
    b"gAMA",
    b"cHRM",
    b"iCCP",
    b"zTXt",
    b"iTXt",
    b"eXIf",
    b"pHYs",
    b"acTL",
    b"fcTL",
]


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from([0, 2, 3, 4, 6]),
    st.lists(st.tuples(st.sampled_from(ANCILLARY), st.binary(max_size=40)), max_size=4),
)
def test_random_ancillary_chunks_raise_nothing_else(
    colour: int, chunks: list[tuple[bytes, bytes]]
) -> None:
    line = b"\0" + b"\0" * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    palette = [chunk(b"PLTE", b"abc")] if colour == 3 else []
    data = png(1, 1, 8, colour, line, *palette, *(chunk(*one) for one in chunks))
    with suppress(BrokenPictureError):
        assert pictures.read(data).width == 1
