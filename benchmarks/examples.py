"""Generated requests judged in process: the contract suite beside Schemathesis."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.environments import SCHEMATHESIS, environments
from benchmarks.harness import BenchmarkError, compile_project, done, say
from benchmarks.table import Goal, Ratio, Row

EXAMPLES = 300
"""Examples of one measurement, unless told otherwise."""

_GOAL = Goal(5, unit=" times", at_least=True)
_SIDES = {"ours": "benchmarks.judged", "peer": "benchmarks.peers.schemathesis_cases"}
_KINDS = {"ours": ("valid", "invalid"), "peer": ("valid", "invalid", "as it comes")}


@dataclass(frozen=True)
class Timed:
    """One kind of examples on one side.

    Args:
        seconds: What they took together.
        examples: How many were judged.
        different: How many bodies there were among them.
    """

    seconds: float
    examples: int
    different: int

    @property
    def rate(self) -> float:
        """Examples a second."""
        return self.examples / self.seconds


@dataclass(frozen=True)
class Figures:
    """What was measured, a process for each round and side.

    Args:
        examples: How many either side was asked for.
        version: Schemathesis's.
        runs: By side and kind.
    """

    examples: int
    version: str
    runs: dict[tuple[str, str], list[Timed]]

    def rows(self) -> list[Row]:
        """The rows of the table."""
        name = f"{self.examples} generated valid requests, judged in process"
        shown = f"Schemathesis {self.version}"
        fast = self._row("the same", "valid", "valid", f"{shown} at its fastest")
        return [
            self._row(name, "valid", "as it comes", f"{shown}, call_and_validate()"),
            Row(fast.figure, fast.ours, fast.peer, fast.ratio),
            self._row(f"{self.examples} invalid ones", "invalid", "invalid", shown),
        ]

    def _row(self, figure: str, kind: str, peers: str, shown: str) -> Row:
        ratio = Ratio.of(self.rates("ours", kind), self.rates("peer", peers))
        ours, peer = self._told("ours", kind), f"{self._told('peer', peers)} ({shown})"
        return _GOAL.row(figure, ratio.median, ours, peer, f"{ratio} times")

    def rates(self, side: str, kind: str) -> list[float]:
        """Examples a second, round by round, of a side (`ours`, `peer`) and a kind."""
        return [run.rate for run in self.runs[side, kind]]

    def different(self, side: str, kind: str) -> int:
        """How many bodies there were; the same in each round, since random numbers are fixed."""
        return self.runs[side, kind][0].different

    def _told(self, side: str, kind: str) -> str:
        return f"{median(self.rates(side, kind)):,.0f}/s, {self.different(side, kind)} different"


def measure(rounds: int, examples: int = EXAMPLES) -> Figures:
    """Run both in turn, in changing order, each in a new process of the same environment."""
    python = environments([SCHEMATHESIS])[SCHEMATHESIS]
    compile_project("stepfun_mock", "contracts", "benchmarks")
    version = ""
    runs: dict[tuple[str, str], list[Timed]] = {
        (side, kind): [] for side in _SIDES for kind in _KINDS[side]
    }
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for side in _SIDES if number % 2 == 0 else reversed(_SIDES):
                told = _run(python, side, examples, folder)
                version = told.get("version", version)
                for kind in _KINDS[side]:
                    runs[side, kind].append(_timed(side, told[kind], examples))
            last = (f"{side} {kind} {told[-1].rate:.0f}/s" for (side, kind), told in runs.items())
            say(f"  round {number + 1} of {rounds}: {', '.join(last)}")
    return Figures(examples, version, runs)


def _run(python: Path, side: str, examples: int, folder: str) -> Any:  # noqa: ANN401
    command: list[str | Path] = [python, "-m", _SIDES[side], str(examples)]
    said = done(command, HYPOTHESIS_STORAGE_DIRECTORY=folder).said
    return json.loads(said.splitlines()[-1])


def _timed(side: str, told: dict[str, Any], examples: int) -> Timed:
    timed = Timed(**told)
    if timed.examples != examples:
        raise BenchmarkError(f"{side} judged {timed.examples} examples instead of {examples}")
    return timed
