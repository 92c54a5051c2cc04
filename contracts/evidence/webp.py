"""WebP: its structure, chunk by chunk, and the sizes that its parts agree on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .errors import MOST_PIXELS, BrokenPictureError, check_size

_IMAGES = (b"VP8 ", b"VP8L")
_ANIMATION = 0x02  # among the flags of VP8X
_FRAME_HEADER = 16  # bytes before the chunks of a frame


@dataclass(frozen=True, slots=True)
class Canvas:
    """The sides in pixels, and whether frames move on it."""

    width: int
    height: int
    animated: bool


class _Chunk(NamedTuple):
    kind: bytes
    content: memoryview
    at: int


def read(data: bytes, limit: int = MOST_PIXELS) -> Canvas:
    """Return the canvas of a WebP that is whole: lengths, sizes and image chunks fit.

    ``limit`` is the most pixels. What is inside an image chunk is left to a decoder, apart
    from its header.

    Raises:
        BrokenPictureError: With what is wrong and, for a chunk, at which byte.
    """
    chunks = _chunks(memoryview(data)[: _end(data)], 12)
    first = next(chunks, None)
    if first is None:
        raise BrokenPictureError("the WebP has no chunk")
    canvas = _canvas(first) if first.kind == b"VP8X" else Canvas(*_size(first), animated=False)
    check_size(canvas.width, canvas.height, limit)
    if first.kind == b"VP8X":
        _check_images(canvas, chunks)
    else:
        _check_alone(chunks)
    return canvas


def _end(data: bytes) -> int:
    """The byte after the last chunk."""
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise BrokenPictureError("the WebP does not start with a RIFF header of WEBP")
    said = int.from_bytes(data[4:8], "little") + 8
    # An odd file may bring the byte that makes it even, though it does not count it.
    if said % 2 and len(data) == said + 1 and data[-1] == 0:
        return said
    if said != len(data):
        raise BrokenPictureError(
            f"the RIFF header speaks of {said} bytes, but the WebP has {len(data)}"
        )
    return said


def _chunks(view: memoryview, at: int, offset: int = 0) -> Iterator[_Chunk]:
    """The chunks of a view from a byte on; ``offset`` is where in the file the view starts."""
    while at < len(view):
        if len(view) - at < 8:
            raise BrokenPictureError(f"the WebP breaks off in the chunk at byte {offset + at}")
        kind, length = bytes(view[at : at + 4]), int.from_bytes(view[at + 4 : at + 8], "little")
        chunk = _Chunk(kind, view[at + 8 : at + 8 + length], offset + at)
        if len(chunk.content) < length:
            raise BrokenPictureError(f"{_name(chunk)} is said to have {length} bytes, not there")
        at += 8 + length
        if length % 2 and at < len(view):
            if view[at]:
                raise BrokenPictureError(f"{_name(chunk)} is padded with another byte than 0")
            at += 1
        yield chunk


def _name(chunk: _Chunk) -> str:
    return f"the chunk {ascii(chunk.kind)[1:]} at byte {chunk.at} of the WebP"


def _size(chunk: _Chunk) -> tuple[int, int]:
    """Width and height of an image chunk, in pixels."""
    content = chunk.content
    if chunk.kind == b"VP8 ":
        return _lossy_size(chunk, content)
    if chunk.kind == b"VP8L":
        return _lossless_size(chunk, content)
    raise BrokenPictureError(f"{_name(chunk)} stands where the image should")


def _lossy_size(chunk: _Chunk, content: memoryview) -> tuple[int, int]:
    if len(content) < 10 or bytes(content[3:6]) != b"\x9d\x01\x2a":
        raise BrokenPictureError(f"{_name(chunk)} has no start code of VP8")
    tag = int.from_bytes(content[:3], "little")
    inter, version, shown, partition = tag & 1, tag >> 1 & 7, tag >> 4 & 1, tag >> 5
    if inter or version > 3 or not shown:
        raise BrokenPictureError(f"{_name(chunk)} is no key frame that is shown")
    if partition > len(content) - 10:
        raise BrokenPictureError(f"{_name(chunk)} is shorter than its first partition")
    width, height = (int.from_bytes(content[at : at + 2], "little") for at in (6, 8))
    return width & 0x3FFF, height & 0x3FFF


def _lossless_size(chunk: _Chunk, content: memoryview) -> tuple[int, int]:
    if len(content) < 5 or content[0] != 0x2F:
        raise BrokenPictureError(f"{_name(chunk)} has no signature of VP8L")
    bits = int.from_bytes(content[1:5], "little")
    if bits >> 29:
        raise BrokenPictureError(f"{_name(chunk)} is of version {bits >> 29} instead of 0")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _canvas(chunk: _Chunk) -> Canvas:
    content = chunk.content
    if len(content) != 10:
        raise BrokenPictureError(f"{_name(chunk)} has {len(content)} bytes instead of 10")
    width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (4, 7))
    return Canvas(width, height, bool(content[0] & _ANIMATION))


def _check_alone(chunks: Iterator[_Chunk]) -> None:
    for chunk in chunks:
        if chunk.kind in (*_IMAGES, b"VP8X", b"ANIM", b"ANMF"):
            raise BrokenPictureError(f"{_name(chunk)} follows the only image")


def _check_images(canvas: Canvas, chunks: Iterator[_Chunk]) -> None:
    """One image as large as the canvas, or frames within it."""
    images, prepared = 0, False
    for chunk in chunks:
        if chunk.kind == b"VP8X" or (chunk.kind in _IMAGES and (images or canvas.animated)):
            raise BrokenPictureError(f"{_name(chunk)} is one too many")
        if chunk.kind == b"ANMF" and not (canvas.animated and prepared):
            raise BrokenPictureError(f"{_name(chunk)} is a frame, but no animation is announced")
        prepared |= chunk.kind == b"ANIM"
        if chunk.kind == b"ANMF":
            _check_frame(canvas, chunk)
        elif chunk.kind in _IMAGES and _size(chunk) != (canvas.width, canvas.height):
            raise BrokenPictureError(f"{_name(chunk)} is not as large as the canvas")
        images += chunk.kind in (*_IMAGES, b"ANMF")
    if not images:
        raise BrokenPictureError("the WebP has no image chunk")


def _check_frame(canvas: Canvas, frame: _Chunk) -> None:
    content = frame.content
    if len(content) < _FRAME_HEADER:
        raise BrokenPictureError(f"{_name(frame)} has {len(content)} bytes, fewer than 16")
    left, top, width, height = (
        int.from_bytes(content[at : at + 3], "little") for at in (0, 3, 6, 9)
    )
    width, height = width + 1, height + 1
    if 2 * left + width > canvas.width or 2 * top + height > canvas.height:
        raise BrokenPictureError(f"{_name(frame)} reaches beyond the canvas")
    inside = _chunks(content, _FRAME_HEADER, frame.at + 8)
    sizes = [_size(chunk) for chunk in inside if chunk.kind in _IMAGES]
    if sizes != [(width, height)]:
        raise BrokenPictureError(f"{_name(frame)} does not hold one image of {width}x{height}")
