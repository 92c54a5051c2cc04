"""The paper margin under the picture with two lines of text; it draws no scenery."""

import zlib

from stepfun_mock.images.font import CELL, ROWS, glyphs, printable
from stepfun_mock.images.inks import INK, PAPER, SOFT
from stepfun_mock.images.png import Fragment, fragment

HEIGHT = 56
"""Rows of the margin."""

_MARGIN = 16


def caption(width: int, label: str, prompt: str, large: bool) -> Fragment:
    """Return the margin with the label above the prompt, which ``large`` draws half as big again.

    Both are cut to ``width`` with an ellipsis.
    """
    top, gap, scale = (5, 4, 3) if large else (10, 5, 2)
    rows = (
        _paper(width, top)
        + _line(width, label, 2, SOFT)
        + _paper(width, gap)
        + _line(width, prompt, scale, INK)
        + _paper(width, HEIGHT - top - gap - ROWS * (2 + scale))
    )
    # Level 1 with plain run lengths: 57 KB of mostly equal bytes in well under 0.1 ms.
    return fragment(rows, 1, zlib.Z_RLE)


def _paper(width: int, rows: int) -> bytes:
    return b"\x00" + bytes([PAPER]) * width + _same(width) * (rows - 1)


def _same(width: int) -> bytes:
    # Filter type 2 and no difference: the row above once more.
    return b"\x02" + bytes(width)


def _line(width: int, text: str, scale: int, ink: int) -> bytes:
    shown = _cut(text, (width - 2 * _MARGIN) // (CELL * scale))
    start = b"\x00" + bytes([PAPER]) * _MARGIN
    rest = width - _MARGIN - len(shown) * CELL * scale
    end = bytes([PAPER]) * rest + _same(width) * (scale - 1)
    return b"".join(
        [
            start + b"".join([row[character] for character in shown]) + end
            for row in glyphs(scale, PAPER, ink)
        ]
    )


def _cut(text: str, most: int) -> str:
    shown = printable(text[: most + 1])
    return shown if len(shown) <= most else shown[: max(most - 3, 0)] + "..."
