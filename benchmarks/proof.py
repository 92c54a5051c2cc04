"""The proof matrix: the contract suite on servers with one fault each, and on odd ones."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import BenchmarkError, Run, compile_project, done, say
from benchmarks.table import Goal, Row

_GOAL = Goal(180, unit=" s")
_CHECK = Path(sys.executable).parent / "stepfun-mock"
_SUMS = re.compile(r"^(\d+) of (\d+) ", re.MULTILINE)


@dataclass(frozen=True)
class Figures:
    """What was measured.

    Args:
        run: The one run.
        servers: How many runs of the suite it was.
    """

    run: Run
    servers: int

    def rows(self) -> list[Row]:
        """The rows of the table."""
        seconds = self.run.wall_ms / 1000
        name = f"`stepfun-mock check --self-test`, {self.servers} runs of the suite, once"
        told = f"{seconds:.0f} s, {self.run.cpu_ms / 1000:.0f} s CPU"
        return [_GOAL.row(name, seconds, told)]


def measure(rounds: int) -> Figures:
    """Run it once, however many rounds are wanted: it takes minutes.

    Raises:
        BenchmarkError: a server was not told as it is, or nothing was proved.
    """
    compile_project("stepfun_mock", "contracts", "tests/proof")
    run = done([_CHECK, "check", "--self-test"])
    servers = sum(int(total) for _, total in _SUMS.findall(run.said))
    if not servers:
        raise BenchmarkError(f"the proof printed no sums: {run.said[-300:]}")
    say(f"  {servers} runs in {run.wall_ms / 1000:.0f} s")
    return Figures(run, servers)
