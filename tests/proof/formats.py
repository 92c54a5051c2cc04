"""The pictures of the reference in other formats: other files, and the same to look at."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from random import Random

from PIL import Image, ImageChops

from .drawing import CELLS, chunk, image, saved
from .messages import Parameters, Picture
from .reference import Make, ReferenceServer

HEAD = b"\x89PNG\r\n\x1a\n"
COLOUR, GREY, PALETTE = 2, 0, 3
# Adam7: where each pass begins in x and y, and how far apart its pixels are.
PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
SAME_AS_ABOVE, AS_IT_IS = b"\2", b"\0"
FAINT = bytes(value % 16 for value in range(256))


def formatted(changed: Callable[[Picture], Picture]) -> Make:
    """A server that gives its pictures in another format."""

    class Formatting(ReferenceServer):
        def draw(self, parameters: Parameters, seed: int) -> Picture:
            return changed(super().draw(parameters, seed))

    return Formatting


def jpeg(picture: Picture) -> Picture:
    return Picture(saved(image(picture.file), "JPEG", quality=85), "image/jpeg", ".jpg")


def webp(picture: Picture) -> Picture:
    # The quickest that there is.
    file = saved(image(picture.file), "WEBP", lossless=True, method=0, quality=0)
    return Picture(file, "image/webp", ".webp")


def see_through(picture: Picture) -> Picture:
    """With an alpha channel in which nothing is transparent."""
    return replace(
        picture, file=saved(image(picture.file).convert("RGBA"), "PNG", compress_level=1)
    )


def full_colour(picture: Picture) -> Picture:
    return replace(picture, file=saved(image(picture.file), "PNG", compress_level=1))


def deep(picture: Picture) -> Picture:
    """With 16 bits for each colour."""
    return replace(picture, file=deep_file(picture, 3, COLOUR))


def deep_grey(picture: Picture) -> Picture:
    """Without colours, and with 16 bits for each shade."""
    return replace(picture, file=deep_file(picture, 1, GREY))


def deep_file(picture: Picture, channels: int, kind: int) -> bytes:
    shown = image(picture.file)
    cells = shown.resize((CELLS, CELLS), Image.Resampling.NEAREST)
    shades = (cells if channels == 3 else cells.convert("L")).tobytes()
    wide, high = shown.width // CELLS, shown.height // CELLS
    again = (SAME_AS_ABOVE + bytes(2 * channels * shown.width)) * (high - 1)
    rows = []
    for start in range(0, len(shades), CELLS * channels):
        row = shades[start : start + CELLS * channels]
        pixels = [row[at : at + channels] for at in range(0, len(row), channels)]
        # A shade of 8 bits twice is the same shade of 16.
        wider = [bytes(half for shade in pixel for half in (shade, shade)) for pixel in pixels]
        rows += [AS_IT_IS, *(pixel * wide for pixel in wider), again]
    return png_of(shown.size, 16, kind, 0, b"".join(rows))


def interlaced(picture: Picture) -> Picture:
    """In seven passes, from coarse to fine."""
    start = picture.file.index(b"PLTE") - 4
    palette = picture.file[start : start + 12 + 3 * CELLS * CELLS]
    before, after = passes(*image(picture.file).size)
    return replace(picture, file=before + palette + after)


@lru_cache
def passes(width: int, height: int) -> tuple[bytes, bytes]:
    """What stands before and after the palette in a picture that is interlaced."""
    cells = bytes(range(CELLS * CELLS))
    rows = []
    for start in range(0, len(cells), CELLS):
        row = b"".join(bytes([cell]) * (width // CELLS) for cell in cells[start : start + CELLS])
        rows += [row] * (height // CELLS)
    scanned = [
        AS_IT_IS + rows[y][x::across]
        for x, top, across, down in PASSES
        for y in range(top, height, down)
    ]
    file = png_of((width, height), 8, PALETTE, 1, b"".join(scanned))
    cut = len(HEAD) + 25
    return file[:cut], file[cut:]


def png_of(
    size: tuple[int, int], depth: int, kind: int, lacing: int, rows: bytes, level: int = 1
) -> bytes:
    head = struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, lacing)
    data = chunk(b"IDAT", zlib.compress(rows, level))
    return HEAD + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


def large(picture: Picture) -> Picture:
    """With a faint grain that nothing compresses; three megabytes of it at 1024x1024."""
    shown = image(picture.file)
    grain = Random(picture.file).randbytes(3 * shown.width * shown.height).translate(FAINT)
    pixels = ImageChops.add(shown, Image.frombytes("RGB", shown.size, grain)).tobytes()
    wide = 3 * shown.width
    rows = b"".join(AS_IT_IS + pixels[at : at + wide] for at in range(0, len(pixels), wide))
    return replace(picture, file=png_of(shown.size, 8, COLOUR, 0, rows, level=0))
