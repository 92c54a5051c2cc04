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
_KINDS = {"valid": "{} generated valid requests, judged in process", "invalid": "{} invalid ones"}


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
        return [self._row(kind, name.format(self.examples)) for kind, name in _KINDS.items()]

    def _row(self, kind: str, name: str) -> Row:
        ratio = Ratio.of(self._rates("ours", kind), self._rates("peer", kind))
        peer = f"{self._told('peer', kind)} (Schemathesis {self.version})"
        return _GOAL.row(name, ratio.median, self._told("ours", kind), peer, f"{ratio} times")

    def _rates(self, side: str, kind: str) -> list[float]:
        return [run.rate for run in self.runs[side, kind]]

    def _told(self, side: str, kind: str) -> str:
        different = self.runs[side, kind][0].different
        return f"{median(self._rates(side, kind)):,.0f}/s, {different} different"


def measure(rounds: int, examples: int = EXAMPLES) -> Figures:
    """Run both in turn, in changing order, each in a new process of the same environment."""
    python = environments([SCHEMATHESIS])[SCHEMATHESIS]
    compile_project("stepfun_mock", "contracts", "benchmarks")
    version = ""
    runs: dict[tuple[str, str], list[Timed]] = {
        (side, kind): [] for side in _SIDES for kind in _KINDS
    }
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for side in _SIDES if number % 2 == 0 else reversed(_SIDES):
                told = _run(python, side, examples, folder)
                version = told.get("version", version)
                for kind in _KINDS:
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
