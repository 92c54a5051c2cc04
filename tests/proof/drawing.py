"""The pictures: sixteen cells by sixteen, whose colours say what was asked for.

A picture has a palette of one colour a cell, so that all pictures of one size differ in nothing
but the palette. The rest of the file is drawn once for each size.
"""

import io
import struct
import zlib
from collections.abc import Mapping
from functools import lru_cache
from hashlib import shake_256

from PIL import Image

CELLS = 16
COLOURS = 3 * CELLS * CELLS
# The subject takes 136 of 256 shades and each of four strokes 31, so that their sum is a shade.
SUBJECT = bytes(value * 136 // 256 for value in range(256))
STROKE = bytes(value * 31 // 256 for value in range(256))


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_comment(file: bytes, length: int) -> bytes:
    """The PNG with a comment of so many bytes before its end; it grows by 12 bytes more."""
    return file[:-12] + chunk(b"tEXt", b"Comment\0".ljust(length, b".")) + file[-12:]


def shades(*of: object) -> bytes:
    """Bytes that look random and are the same for the same things."""
    return shake_256(repr(of).encode("utf-8", "surrogatepass")).digest(COLOURS)


def colours(prompt: str, seed: int, looks: Mapping[str, object]) -> bytes:
    """The palette: another for another prompt or seed, a similar one for other looks."""
    layers = [shades(prompt, seed).translate(SUBJECT)]
    layers += [shades(prompt, seed, *look).translate(STROKE) for look in looks.items()]
    return bytes(map(sum, zip(*layers, strict=True)))


@lru_cache
def template(width: int, height: int) -> tuple[bytes, bytes]:
    """The file of a picture of this size: what stands before its palette, and after it."""
    cells = Image.frombytes("P", (CELLS, CELLS), bytes(range(CELLS * CELLS)))
    cells.putpalette(bytes(COLOURS))
    file = io.BytesIO()
    whole = cells.resize((width, height), Image.Resampling.NEAREST)
    whole.save(file, "PNG", compress_level=1)
    before, palette, after = file.getvalue().partition(chunk(b"PLTE", bytes(COLOURS)))
    assert palette
    return before, after


def png(width: int, height: int, palette: bytes) -> bytes:
    """A picture of this size as a PNG."""
    before, after = template(width, height)
    return before + chunk(b"PLTE", palette) + after


def image(file: bytes) -> Image.Image:
    """The picture in a file, in full colour."""
    with Image.open(io.BytesIO(file)) as opened:
        return opened.convert("RGB")


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    """A picture's file, of whatever kind Pillow writes."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()
