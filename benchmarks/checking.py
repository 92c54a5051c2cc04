"""What `stepfun-mock check` takes: seconds on the mock, money on a server that is paid for."""

import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import BenchmarkError, Run, compile_project, done, say
from benchmarks.table import Goal, Row, spread

_SECONDS = Goal(10, unit=" s")
_REQUESTS, _PICTURES, _USD = Goal(150), Goal(32), Goal(0.099, unit=" USD")  # below 0.10
_CHECK = Path(sys.executable).parent / "stepfun-mock"
_SUITE = {
    "`stepfun-mock check mock`, start to end": (_CHECK, "check", "mock"),
    "`pytest contracts`, start to end": (
        *(sys.executable, "-m", "pytest", "contracts"),
        *("-q", "-p", "no:cacheprovider"),
    ),
}
_PLANNED = re.compile(r"^(\d+) requests, (\d+) pictures, sent to ", re.MULTILINE)
_COST = re.compile(r"^cost: ([\d.]+) USD, at worst ([\d.]+) USD$", re.MULTILINE)


@dataclass(frozen=True)
class Planned:
    """What a default run on StepFun's own API would send, as `--plan` prints it."""

    requests: int
    pictures: int
    usd: float
    worst_usd: float

    @classmethod
    def read(cls, text: str) -> "Planned":
        """Read what `--plan` printed.

        Raises:
            BenchmarkError: the sums are not there.
        """
        sums, cost = _PLANNED.search(text), _COST.search(text)
        if sums is None or cost is None:
            raise BenchmarkError(f"--plan printed no sums: {text[-300:]}")
        return cls(int(sums[1]), int(sums[2]), float(cost[1]), float(cost[2]))

    def rows(self) -> list[Row]:
        """The rows of the table."""
        cost = f"{self.usd:.3f} USD, at worst {self.worst_usd:.3f}"
        return [
            _REQUESTS.row(
                "requests of a run on `live`, planned", self.requests, f"{self.requests}"
            ),
            _PICTURES.row("pictures that it draws", self.pictures, f"{self.pictures}"),
            _USD.row("their price", self.usd, cost),
        ]


@dataclass(frozen=True)
class Figures:
    """What was measured.

    Args:
        runs: By figure, a run for each round.
        planned: What a run on a paid server would send.
    """

    runs: dict[str, list[Run]]
    planned: Planned

    def rows(self) -> list[Row]:
        """The rows of the table."""
        return [*(self._row(figure) for figure in self.runs), *self.planned.rows()]

    def _row(self, figure: str) -> Row:
        seconds = sorted(run.wall_ms / 1000 for run in self.runs[figure])
        return _SECONDS.row(figure, seconds[len(seconds) // 2], spread(seconds, " s"))


def measure(rounds: int) -> Figures:
    """Run the suite both ways in turn, and once the plan, which sends nothing."""
    compile_project("stepfun_mock", "contracts")
    runs: dict[str, list[Run]] = {figure: [] for figure in _SUITE}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for figure in _SUITE if number % 2 == 0 else reversed(_SUITE):
                run = done(_SUITE[figure], HYPOTHESIS_STORAGE_DIRECTORY=folder)
                runs[figure].append(run)
            last = (f"{told[-1].wall_ms / 1000:.2f} s" for told in runs.values())
            say(f"  round {number + 1} of {rounds}: check and pytest {', '.join(last)}")
    return Figures(runs, Planned.read(done([_CHECK, "check", "--plan", "live"]).said))
