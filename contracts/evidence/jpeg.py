"""JPEG: its structure, marker by marker from SOI to EOI, without decoding a block."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack_from
from typing import NamedTuple

from .errors import MOST_PIXELS, BrokenPictureError, check_size

SIGNATURE = b"\xff\xd8"

_EOI, _SOS, _DRI = 0xD9, 0xDA, 0xDD
_FRAMES = {0xC0: "baseline", 0xC1: "extended", 0xC2: "progressive"}
# DHT, DQT, APPn and COM are left to decoders.
_KNOWN = {*_FRAMES, _SOS, _DRI, 0xC4, 0xDB, *range(0xE0, 0xF0), 0xFE}
_MARKER = re.compile(rb"\xff+([^\x00\xff])")
# Inside a scan FF 00 is a byte of data and FF D0..D7 a restart; any other marker ends it.
_SCAN_END = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
# Every scan makes a decoder go over the whole picture, however few bytes it has. Encoders write
# about ten.
_MOST_SCANS = 100


@dataclass(frozen=True, slots=True)
class Frame:
    """What SOF says: the sides in pixels, the coding (such as "baseline"), the components."""

    width: int
    height: int
    coding: str
    components: frozenset[int]


class _Segment(NamedTuple):
    marker: int
    at: int
    content: memoryview
    scan: memoryview


def read(data: bytes, limit: int = MOST_PIXELS) -> Frame:
    """Return the frame of a JPEG that is whole: one frame, its scans, nothing after the end.

    ``limit`` is the most pixels. What is inside a scan is left to a decoder, apart from its
    markers.

    Raises:
        BrokenPictureError: With what is wrong and, for a marker, at which byte.
    """
    if not data.startswith(SIGNATURE):
        raise BrokenPictureError("the JPEG does not start with an SOI marker")
    frame: Frame | None = None
    scans = restarts = 0
    for segment in _segments(data):
        if segment.marker in _FRAMES:
            if frame:
                raise BrokenPictureError(f"a second frame (SOF) stands at byte {segment.at}")
            frame = _frame(segment)
            check_size(frame.width, frame.height, limit)
        elif segment.marker == _DRI:
            restarts = _restart_interval(segment)
        elif segment.marker == _SOS:
            scans += 1
            _check_scan(segment, frame, scans, restarts > 0)
    if not frame or not scans:
        raise BrokenPictureError(f"the JPEG has no {'scan (SOS)' if frame else 'frame (SOF)'}")
    return frame


def _segments(data: bytes) -> Iterator[_Segment]:
    """The segments between SOI and EOI, a scan with the data that follow its header."""
    view, at = memoryview(data), len(SIGNATURE)
    while (found := _marker(data, at))[0] != _EOI:
        marker, start = found
        length = _length(data, marker, start)
        at = start + length
        scan = view[at : _scan_end(data, at)] if marker == _SOS else view[at:at]
        yield _Segment(marker, start - 2, view[start + 2 : at], scan)
        at += len(scan)
    if found[1] < len(data):
        raise BrokenPictureError(f"bytes follow the end (EOI) of the JPEG: {len(data) - found[1]}")


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """The marker at a byte, and the byte after it; any number of FF may stand before."""
    if found := _MARKER.match(data, at):
        return found[1][0], found.end()
    if data[at:].strip(b"\xff"):
        raise BrokenPictureError(f"a marker should stand at byte {at} of the JPEG, but none does")
    raise BrokenPictureError("the JPEG breaks off: it has no end (EOI)")


def _length(data: bytes, marker: int, start: int) -> int:
    """The bytes of the segment with its length field, which stands at ``start``."""
    if len(data) - start < 2:
        raise BrokenPictureError("the JPEG breaks off: it has no end (EOI)")
    if marker not in _KNOWN:
        raise BrokenPictureError(
            f"the marker FF {marker:02X} at byte {start - 2} has no place in a JPEG that all "
            "clients read"
        )
    length = int.from_bytes(data[start : start + 2])
    if not 2 <= length <= len(data) - start:
        raise BrokenPictureError(
            f"the segment FF {marker:02X} at byte {start - 2} is said to have {length} bytes, "
            + ("less than its length field" if length < 2 else "more than are there")
        )
    return length


def _scan_end(data: bytes, at: int) -> int:
    if found := _SCAN_END.search(data, at):
        return found.start()
    raise BrokenPictureError("the JPEG breaks off inside a scan: it has no end (EOI)")


def _frame(segment: _Segment) -> Frame:
    content = segment.content
    if len(content) < 6 or len(content) != 6 + 3 * content[5]:
        raise BrokenPictureError(f"the frame (SOF) at byte {segment.at} has the wrong length")
    precision, height, width, count = unpack_from(">BHHB", content)
    if precision != 8:
        raise BrokenPictureError(f"the JPEG has samples of {precision} bits instead of 8")
    components = frozenset(content[6::3])
    if not 1 <= count <= 4 or len(components) != count:
        raise BrokenPictureError(f"the frame has {count} components, {len(components)} different")
    odd = {side for pair in content[7::3] for side in (pair >> 4, pair & 15)} - {1, 2, 3, 4}
    if odd:
        raise BrokenPictureError(f"the frame has the sampling factor {min(odd)}, not 1 to 4")
    return Frame(width, height, _FRAMES[segment.marker], components)


def _restart_interval(segment: _Segment) -> int:
    if len(segment.content) != 2:
        raise BrokenPictureError(f"the segment DRI at byte {segment.at} has the wrong length")
    return int.from_bytes(segment.content)


def _check_scan(segment: _Segment, frame: Frame | None, number: int, restarts: bool) -> None:
    name = f"the scan at byte {segment.at} of the JPEG"
    if not frame:
        raise BrokenPictureError(f"{name} stands before the frame (SOF)")
    if number > _MOST_SCANS:
        raise BrokenPictureError(f"{name} is one too many: decoders stop after {_MOST_SCANS}")
    content = segment.content
    if not content or len(content) != 4 + 2 * content[0]:
        raise BrokenPictureError(f"{name} has a header of the wrong length")
    if not content[0] or not frame.components.issuperset(content[1:-3:2]):
        raise BrokenPictureError(f"{name} is of components that the frame does not have")
    if not segment.scan:
        raise BrokenPictureError(f"{name} is empty")
    for count, restart in enumerate(_RESTART.finditer(segment.scan)):
        if not restarts or restart[1][0] != 0xD0 + count % 8:
            raise BrokenPictureError(f"{name} has a restart marker (RST) that is not due")
