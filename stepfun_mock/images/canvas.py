"""A part of the picture as rows of palette indexes; it knows no scenery and no colours."""

from collections.abc import Iterable, Sequence
from math import isqrt

from stepfun_mock.images.inks import Ink, Ramp

TALLEST = 255
"""Rows that a silhouette can rise above its base: heights have to fit into bytes."""

_STEP = bytes(256) + b"\xff" * 256


class Canvas:
    """Rows of palette indexes, the top row first; shapes that stick out are cut off."""

    def __init__(self, width: int, rows: int, background: Ink) -> None:
        self.width = width
        self._ones = int.from_bytes(b"\x01" * width, "big")
        self.rows = [bytearray([background(y)]) * width for y in range(rows)]

    def scanlines(self) -> bytes:
        """Return the rows as PNG wants them, every one with filter type 0.

        The gradients are flat along a row, so deflate finds the row above on its own:
        differences (type 2) came out a quarter larger.
        """
        return b"".join([b"\x00" + row for row in self.rows])

    def span(self, y: int, left: int, right: int, index: int) -> None:
        """Paint the columns from ``left`` up to, not including, ``right`` of row ``y``."""
        left, right = max(left, 0), min(right, self.width)
        if left < right and 0 <= y < len(self.rows):
            self.rows[y][left:right] = bytes([index]) * (right - left)

    def box(self, left: int, top: int, width: int, height: int, ink: Ink) -> None:
        """Paint a rectangle."""
        left, right = max(left, 0), min(left + width, self.width)
        for y in range(max(top, 0), min(top + height, len(self.rows))):
            self.rows[y][left:right] = bytes([ink(y)]) * (right - left)

    def capsule(self, x: int, y: int, radius: int, ink: Ink, stretch: int = 0) -> None:
        """Paint a disc around ``x``, ``y``, drawn out by ``stretch`` columns to either side."""
        for dy in range(-radius, radius + 1):
            half = isqrt(radius * radius - dy * dy) + stretch
            self.span(y + dy, x - half, x + half + 1, ink(y + dy))

    def silhouette(self, heights: Sequence[int], ramp: Ramp, floor: int = 0) -> None:
        """Paint every column up to its height in half rows, the odd half in the ramp's edge.

        Heights are 0 to twice TALLEST, a ValueError beyond, and count from ``floor`` rows above
        the bottom; all below that is painted too.
        """
        whole = bytes([height >> 1 for height in heights])
        rounded = bytes([height + 1 >> 1 for height in heights])
        base, peak = len(self.rows) - floor, max(rounded)
        solid = base - min(whole)
        ink = ramp.over(floor + peak, base - peak)
        for y in range(max(base - peak, 0), solid):
            slope = _STEP[256 - base + y : 512 - base + y]
            masks = (rounded.translate(slope), ramp.edge), (whole.translate(slope), ink(y))
            self._stencil(y, masks)
        self.box(0, solid, self.width, len(self.rows) - solid, ink)

    def _stencil(self, y: int, masks: Iterable[tuple[bytes, int]]) -> None:
        # A whole row as one number: thousands of columns in a handful of operations.
        row = int.from_bytes(self.rows[y], "big")
        for mask, index in masks:
            row ^= (row ^ self._ones * index) & int.from_bytes(mask, "big")
        self.rows[y][:] = row.to_bytes(self.width, "big")
