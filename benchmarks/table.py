"""Figures, what they are held against, and the table that shows them."""

import datetime
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks import wrk
from benchmarks.environments import SERVERS, versions_in

_COLUMNS = ("figure", "ours", "peer", "ratio median (min..max)", "bar", "aim", "bar met")
_OF_SERVERS = ("uvicorn", "starlette", "httptools")
_PACKAGES = (
    "pillow",
    *("pytest", "httpx", "httpx2", "openai", "respx", "pytest-httpserver"),
)


@dataclass(frozen=True)
class Ratio:
    """Ratios of paired measurements, one for each round.

    Args:
        median: The one in the middle.
        low: The least.
        high: The greatest.
    """

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, ours: Iterable[float], peers: Iterable[float]) -> "Ratio":
        """Divide ours by theirs, pair by pair."""
        ratios = [our / peer for our, peer in zip(ours, peers, strict=True)]
        return cls(median(ratios), min(ratios), max(ratios))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}..{self.high:.2f})"


@dataclass(frozen=True)
class Goal:
    """What a figure is held against.

    Args:
        bar: What it must reach.
        aim: What it had better reach; None where the bar is all.
        unit: Written behind the numbers.
        at_least: Whether more is better.
    """

    bar: float
    aim: float | None = None
    unit: str = ""
    at_least: bool = False

    def row(self, figure: str, value: float, ours: str, peer: str = "", ratio: str = "") -> "Row":
        """A row of the table for a figure of this `value`."""
        sign = "≥" if self.at_least else "≤"
        aim = "" if self.aim is None else f"{sign} {self.aim:g}{self.unit}"
        bar = f"{sign} {self.bar:g}{self.unit}"
        return Row(figure, ours, peer, ratio, bar, aim, self._verdict(value))

    def _verdict(self, value: float) -> str:
        if not self._reached(value, self.bar):
            return "**no**"
        return "yes, and the aim" if self._reached(value, self.aim) else "yes"

    def _reached(self, value: float, goal: float | None) -> bool:
        return goal is not None and (value >= goal if self.at_least else value <= goal)


@dataclass(frozen=True)
class Row:
    """One row of the table, a text for each column."""

    figure: str
    ours: str
    peer: str = ""
    ratio: str = ""
    bar: str = ""
    aim: str = ""
    met: str = ""


def spread(values: Sequence[float], unit: str = " ms", sign: str = "") -> str:
    """Values in a cell: their median, then the least and the greatest.

    Args:
        values: One or more.
        unit: Written behind the median.
        sign: `+` for differences, which bear their sign.
    """
    middle, low, high = (f"{value:{sign}.{digits(median(values))}f}" for value in _of(values))
    return f"{middle}{unit} ({low}..{high})"


def _of(values: Sequence[float]) -> tuple[float, float, float]:
    return median(values), min(values), max(values)


def digits(value: float) -> int:
    """How many digits behind the point say enough of a value."""
    return 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0


def table(rows: Sequence[Row], rounds: int) -> str:
    """The rows in Markdown, under the day and the machine."""
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    for row in rows:
        cells = (row.figure, row.ours, row.peer, row.ratio, row.bar, row.aim, row.met)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([_header(rounds), "", *lines])


def _header(rounds: int) -> str:
    today = datetime.datetime.now(tz=datetime.UTC).date()
    versions = versions_in(SERVERS, _OF_SERVERS)
    versions += [f"{name} {version(name)}" for name in _PACKAGES]
    return (
        f"Measured on {today}, {rounds} rounds; load average {os.getloadavg()[2]:.1f}.\n"
        f"{machine()};\n"
        f"{', '.join([interpreter(), *versions])}, wrk {wrk.version()}."
    )


def machine() -> str:
    """Cores, processor, memory and system."""
    return f"{os.cpu_count()} cores, {_processor()}, {_memory_gib():.0f} GiB, {platform.system()}"


def interpreter() -> str:
    """The Python that measures, and its version."""
    return f"{platform.python_implementation()} {platform.python_version()}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
