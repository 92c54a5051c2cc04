"""PNG: chunks, text and an image stream stitched from parts compressed beforehand; no pixels."""

import zlib
from collections.abc import Iterable, Mapping
from struct import pack
from typing import NamedTuple

_ADLER_BASE = 65521
_HEADER = b"\x78\x01"
_LAST_BLOCK = b"\x03\x00"
_LONG = 512  # bytes of text; two prompts of 512 emoji would else be a quarter of the file


class Fragment(NamedTuple):
    """A compressed run of whole scanlines that can stand anywhere in a picture.

    Args:
        deflated: Raw deflate blocks, none of them the last, ending on a byte boundary.
        adler: The Adler-32 of the scanlines.
        length: The bytes of the scanlines.
    """

    deflated: bytes
    adler: int
    length: int


def fragment(scanlines: bytes, level: int, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> Fragment:
    """Compress scanlines of palette indexes, each with its filter type, the first with type 0."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, 9, strategy)
    deflated = deflate.compress(scanlines) + deflate.flush(zlib.Z_FULL_FLUSH)
    return Fragment(deflated, zlib.adler32(scanlines), len(scanlines))


def png(
    width: int, palette: bytes, texts: Mapping[str, str], fragments: Iterable[Fragment]
) -> bytes:
    """Return a PNG of ``width`` columns whose rows are the fragments', one below the other.

    ``palette`` holds red, green and blue of the 256 indexes. The texts become chunks: tEXt
    where they are ASCII, iTXt otherwise. U+0000, which PNG forbids, becomes U+2400, and a
    lone surrogate, which has no UTF-8, a question mark.
    """
    parts = tuple(fragments)
    height = sum(part.length for part in parts) // (width + 1)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette),
            *(_text(keyword, text) for keyword, text in texts.items()),
            _chunk(b"IDAT", _stitched(parts)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return b"%b%b%b" % (pack(">I", len(content)), checked, pack(">I", zlib.crc32(checked)))


def _text(keyword: str, text: str) -> bytes:
    allowed = text.replace("\x00", "\u2400")
    if allowed.isascii():
        return _chunk(b"tEXt", f"{keyword}\x00{allowed}".encode())
    encoded = allowed.encode(errors="replace")
    # After the keyword: whether it is compressed, how, no language, no translated keyword.
    start, content = b"\x00\x00\x00\x00\x00", encoded
    if len(encoded) > _LONG:
        start, content = b"\x00\x01\x00\x00\x00", zlib.compress(encoded, 6)
    return _chunk(b"iTXt", keyword.encode() + start + content)


def _stitched(fragments: Iterable[Fragment]) -> bytes:
    low, high = 1, 0
    for _, adler, length in fragments:
        high = (high + (adler >> 16) + length * (low - 1)) % _ADLER_BASE
        low = (low + (adler & 0xFFFF) - 1) % _ADLER_BASE
    checksum = pack(">HH", high, low)
    return b"".join((_HEADER, *(part.deflated for part in fragments), _LAST_BLOCK, checksum))
