"""What the install adds to the time that pytest takes to collect one empty test."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.environments import NAMES, environments
from benchmarks.harness import Run, done, say
from benchmarks.table import Goal, Ratio, Row, spread

_PAIRS_PER_ROUND = 20
_COMMAND = ("-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
_ADDED = Goal(5, unit=" ms")
_TIMES = Goal(1.02)


@dataclass(frozen=True)
class Figures:
    """What was measured, a run for each pair.

    Args:
        runs: By environment: pytest alone, with the base install, with the extra respx.
    """

    runs: dict[str, list[Run]]

    def rows(self) -> list[Row]:
        """The rows of the table."""
        name = f"collecting one empty test, CPU, {len(self.runs['pytest'])} pairs"
        added, ratio = self._added("base", "cpu_ms"), self._ratio("base", "cpu_ms")
        ours, alone = self._median("base", "cpu_ms"), self._median("pytest", "cpu_ms")
        peer, of_medians = f"{alone:.0f} ms (pytest alone)", f"of medians {ours / alone:.3f}"
        shown = f"{_fine(ratio)}; {of_medians}"
        return [
            _ADDED.row(f"{name}: added by the base install", median(added), _signed(added), peer),
            _TIMES.row("the same as a ratio", ratio.median, f"{ours:.0f} ms", "the same", shown),
            self._further("base", "the same in wall time"),
            self._further("respx", "with the extra `respx`, wall time"),
        ]

    def _further(self, name: str, figure: str) -> Row:
        ratio, alone = self._ratio(name, "wall_ms"), self._median("pytest", "wall_ms")
        return Row(figure, _signed(self._added(name, "wall_ms")), f"{alone:.0f} ms", _fine(ratio))

    def _of(self, name: str, kind: str) -> list[float]:
        return [getattr(run, kind) for run in self.runs[name]]

    def _median(self, name: str, kind: str) -> float:
        return median(self._of(name, kind))

    def _added(self, name: str, kind: str) -> list[float]:
        pairs = zip(self._of(name, kind), self._of("pytest", kind), strict=True)
        return [ours - theirs for ours, theirs in pairs]

    def _ratio(self, name: str, kind: str) -> Ratio:
        return Ratio.of(self._of(name, kind), self._of("pytest", kind))


def _signed(added: list[float]) -> str:
    return spread(added, sign="+")


def _fine(ratio: Ratio) -> str:
    return f"{ratio.median:.3f} ({ratio.low:.2f}..{ratio.high:.2f})"


def measure(rounds: int) -> Figures:
    """Collect with each environment in turn, after one run each that nobody counts."""
    pythons = environments()
    with _one_test() as folder:
        for name in NAMES:
            done([pythons[name], *_COMMAND], folder)
        figures = Figures({name: [] for name in NAMES})
        orders = itertools.cycle(itertools.permutations(NAMES))
        for order in itertools.islice(orders, rounds * _PAIRS_PER_ROUND):
            for name in order:
                figures.runs[name].append(done([pythons[name], *_COMMAND], folder))
    for row in figures.rows():
        say(f"  {row.figure}: {row.ours}")
    return figures


@contextmanager
def _one_test() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "test_empty.py").write_text("def test_nothing():\n    pass\n")
        yield folder
