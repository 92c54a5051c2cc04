"""One line of a table of figures: written from what was measured, and read back from the page."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from statistics import median

from benchmarks.peers.bars import BARS
from benchmarks.peers.peer import Measured
from benchmarks.table import Ratio, digits

_FIRST = "| figure | beside | ours | theirs | ours to theirs (min..max) | bar | bar met |"
_SECOND = "|---|---|---|---|---|---|---|"
HEAD = f"{_FIRST}\n{_SECOND}"
"""The first two lines of a table."""

NOTHING = "–"
"""What stands where nothing was measured."""


@dataclass(frozen=True)
class Line:
    """Our figure and a peer's, a text for each column.

    Args:
        figure: By its name among `bars`.
        peer: Beside whom.
        ours: The median of our values, with their unit.
        theirs: The median of the peer's; a dash here and beside it where nothing was measured.
        ratio: The median of the rounds' ratios, with the least and the greatest; a dash where
            theirs was too little to be told from nothing.
        bar: What it has to reach; empty where there is none.
        met: Whether it does.
    """

    figure: str
    peer: str
    ours: str
    theirs: str
    ratio: str
    bar: str
    met: str

    @classmethod
    def of(cls, measured: Measured) -> "Line":
        """The line of a figure."""
        name = measured.peer.name
        bar = BARS.get((measured.figure, name))
        shown = "" if bar is None else str(bar)
        if not measured.theirs:
            nothing = (NOTHING, NOTHING, NOTHING)
            return cls(measured.figure, name, *nothing, shown, "not measured" if bar else "")
        ours, theirs = (_told(side, measured.unit) for side in (measured.ours, measured.theirs))
        if min(measured.theirs) <= 0:  # less than an empty test: all is noise
            return cls(measured.figure, name, ours, theirs, NOTHING, shown, "**no**" if bar else "")
        ratio = Ratio.of(measured.ours, measured.theirs)
        met = "" if bar is None else "yes" if bar.reached(ratio.median) else "**no**"
        return cls(measured.figure, name, ours, theirs, str(ratio), shown, met)

    @property
    def measured(self) -> bool:
        """Whether there is anything beside ours."""
        return self.theirs != NOTHING

    def __str__(self) -> str:
        return f"| {' | '.join(getattr(self, each.name) for each in fields(self))} |"


def lines(page: str) -> list[Line]:
    """All lines of the tables of figures on a page."""
    found: list[Line] = []
    inside = False
    for text in page.splitlines():
        inside = text == _FIRST or (inside and text.startswith("|"))
        if inside and text not in (_FIRST, _SECOND):
            found.append(Line(*(cell.strip() for cell in text.strip("|").split("|"))))
    return found


def number(cell: str) -> float:
    """The number in a cell, without its unit."""
    digits_alone = "".join(sign for sign in cell.split()[0] if sign.isdigit() or sign in "-.")
    return float(digits_alone)


def _told(values: Sequence[float], unit: str) -> str:
    middle = median(values)
    if unit in ("", "/s"):
        return f"{middle:,.0f}{unit}"
    return f"{middle:,.{digits(middle)}f} {unit}"
