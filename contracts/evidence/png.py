"""PNG: its structure, chunk by chunk down to the scanlines, without drawing a pixel."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack_from
from typing import NamedTuple

from .errors import MOST_PIXELS, BrokenPictureError, check_size

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_GREY, _COLOUR, _PALETTE, _GREY_ALPHA, _COLOUR_ALPHA = 0, 2, 3, 4, 6
_SAMPLES = {_GREY: 1, _COLOUR: 3, _PALETTE: 1, _GREY_ALPHA: 2, _COLOUR_ALPHA: 4}
_DEPTHS = {
    _GREY: (1, 2, 4, 8, 16),
    _COLOUR: (8, 16),
    _PALETTE: (1, 2, 4, 8),
    _GREY_ALPHA: (8, 16),
    _COLOUR_ALPHA: (8, 16),
}
# Adam7: first column and row of each pass, and the steps to the next ones.
_ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_LAST_FILTER = 4
_LONGEST = 2**31 - 1  # bytes of a chunk, and pixels of a side
_PIECE = 1 << 18  # inflated bytes that are held at a time
_FEED = 1 << 16  # deflated bytes that are fed at a time: zlib copies what it did not get to


@dataclass(frozen=True, slots=True)
class Header:
    """What IHDR says: the sides in pixels, the bits of a sample, the colour type, interlacing."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool


class _Chunk(NamedTuple):
    kind: bytes
    content: memoryview


def read(data: bytes, limit: int = MOST_PIXELS) -> Header:
    """Return the header of a PNG that is whole: every checksum, every scanline, nothing more.

    Nothing is inflated before ``limit``, the most pixels, is kept; then never more than
    256 KiB are held at a time.

    Raises:
        BrokenPictureError: With what is wrong and, for a chunk, at which byte.
    """
    if not data.startswith(SIGNATURE):
        raise BrokenPictureError("the PNG does not start with the signature of PNG")
    chunks = _chunks(data)
    header = _header(next(chunks))
    check_size(header.width, header.height, limit)
    stream = _Stream(_image_data(header, chunks))
    for rows, stride in _passes(header):
        _check_scanlines(stream, rows, stride)
    stream.finish()
    return header


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """The chunks up to IEND; after it nothing may come."""
    at, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        if at == len(data):
            raise BrokenPictureError("the PNG ends without an IEND chunk")
        chunk = _chunk(data, at)
        kind = chunk.kind
        yield chunk
        at += len(chunk.content) + 12
    if at < len(data):
        raise BrokenPictureError(f"bytes follow the IEND chunk of the PNG: {len(data) - at}")


def _chunk(data: bytes, at: int) -> _Chunk:
    if len(data) - at < 12:
        raise BrokenPictureError(f"the PNG breaks off in the chunk at byte {at}")
    length, kind = unpack_from(">I4s", data, at)
    name = f"the chunk {ascii(kind)[1:]} at byte {at} of the PNG"
    if length > min(_LONGEST, len(data) - at - 12):
        raise BrokenPictureError(f"{name} is said to have {length} bytes, more than are there")
    end = at + 8 + length
    checked = memoryview(data)[at + 4 : end]
    if zlib.crc32(checked) != unpack_from(">I", data, end)[0]:
        raise BrokenPictureError(f"{name} does not match its CRC")
    if not kind.isalpha():
        raise BrokenPictureError(f"{name} has a type of more than letters")
    return _Chunk(kind, checked[4:])


def _header(chunk: _Chunk) -> Header:
    if chunk.kind != b"IHDR":
        raise BrokenPictureError("the PNG does not start with an IHDR chunk")
    if len(chunk.content) != 13:
        raise BrokenPictureError(f"the IHDR chunk has {len(chunk.content)} bytes instead of 13")
    width, height, depth, colour, *methods = unpack_from(">IIBBBBB", chunk.content)
    if depth not in _DEPTHS.get(colour, ()):
        raise BrokenPictureError(f"IHDR has the colour type {colour} with the bit depth {depth}")
    if methods not in ([0, 0, 0], [0, 0, 1]):
        raise BrokenPictureError(
            "IHDR names methods that PNG does not have: compression {}, filter {}, "
            "interlace {}".format(*methods)
        )
    if max(width, height) > _LONGEST:
        raise BrokenPictureError(f"IHDR has a side beyond {_LONGEST}: {width}x{height}")
    return Header(width, height, depth, colour, methods[2] == 1)


def _image_data(header: Header, chunks: Iterator[_Chunk]) -> bytearray:
    """The joined content of the IDAT chunks; all others are checked on the way."""
    joined = bytearray()
    seen = {b"IHDR"}
    before = b"IHDR"
    for kind, content in chunks:
        if kind in seen and (kind != b"IDAT" or before != b"IDAT"):
            raise BrokenPictureError(
                "other chunks stand between the IDAT chunks"
                if kind == b"IDAT"
                else f"the PNG has more than one {kind.decode()} chunk"
            )
        if kind == b"IDAT":
            joined += content
        elif kind == b"PLTE":
            _check_palette(header, len(content), b"IDAT" in seen)
        elif kind == b"IEND":
            _check_end(header, len(content), seen)
        elif kind[:1].isupper():
            raise BrokenPictureError(f"the PNG has a critical chunk that is unknown: {kind!a}")
        if kind[:1].isupper():
            seen.add(kind)
        before = kind
    return joined


def _check_palette(header: Header, length: int, late: bool) -> None:
    if late:
        raise BrokenPictureError("the PLTE chunk stands after the image data")
    if header.colour in (_GREY, _GREY_ALPHA):
        raise BrokenPictureError("the PNG is grey, and yet has a PLTE chunk")
    most = 2**header.depth if header.colour == _PALETTE else 256
    colours, rest = divmod(length, 3)
    if rest or not 1 <= colours <= most:
        raise BrokenPictureError(
            f"the PLTE chunk has {length} bytes, which is not 1 to {most} colours of 3"
        )


def _check_end(header: Header, length: int, seen: set[bytes]) -> None:
    if length:
        raise BrokenPictureError(f"the IEND chunk has {length} bytes instead of none")
    if b"IDAT" not in seen:
        raise BrokenPictureError("the PNG has no IDAT chunk")
    if header.colour == _PALETTE and b"PLTE" not in seen:
        raise BrokenPictureError("the PNG counts on a palette, but has no PLTE chunk")


def _passes(header: Header) -> Iterator[tuple[int, int]]:
    """The rows of each pass, and the bytes of each of them with its filter type."""
    bits = _SAMPLES[header.colour] * header.depth
    for left, top, right, down in _ADAM7 if header.interlaced else ((0, 0, 1, 1),):
        columns = -((left - header.width) // right)
        rows = -((top - header.height) // down)
        if columns > 0 and rows > 0:
            yield rows, 1 + (columns * bits + 7) // 8


class _Stream:
    """The scanlines, inflated piece by piece, so that a bomb does not unfold."""

    def __init__(self, deflated: bytearray) -> None:
        self._deflated = deflated
        self._fed = 0
        self._inflate = zlib.decompressobj()

    def more(self, most: int) -> bytes:
        """Return 1 to ``most`` bytes, or none where the stream ends."""
        while not self._inflate.eof:
            pending = self._inflate.unconsumed_tail or self._feed()
            try:
                piece = self._inflate.decompress(pending, most)
            except zlib.error as error:
                why = str(error).rpartition(": ")[2]
                raise BrokenPictureError(f"the image data cannot be inflated: {why}") from None
            if piece:
                return piece
            if not pending:
                raise BrokenPictureError("the image data breaks off: its deflate stream has no end")
        return b""

    def finish(self) -> None:
        """Make sure that nothing is left."""
        if self.more(1):
            raise BrokenPictureError("the image data goes on after the last scanline")
        if self._inflate.unused_data or self._fed < len(self._deflated):
            raise BrokenPictureError("the IDAT chunks go on after the end of the deflate stream")

    def _feed(self) -> bytes:
        pending = bytes(self._deflated[self._fed : self._fed + _FEED])
        self._fed += len(pending)
        return pending


def _check_scanlines(stream: _Stream, rows: int, stride: int) -> None:
    at, end = 0, rows * stride
    while at < end:
        piece = stream.more(min(_PIECE, end - at))
        if not piece:
            raise BrokenPictureError("the image data ends before the last scanline")
        greatest = max(piece[-at % stride :: stride], default=0)
        if greatest > _LAST_FILTER:
            raise BrokenPictureError(f"a scanline has the filter type {greatest}, beyond 4")
        at += len(piece)
