"""Process start to the first reply: `stepfun-mock serve` beside a bare `uvicorn app:app`."""

from dataclasses import dataclass
from statistics import median

from benchmarks.commands import mock_command, uvicorn_command
from benchmarks.harness import compile_project, free_port, running, say
from benchmarks.table import Goal, Ratio, Row

_GOAL = Goal(1.35, 1.2)
_STARTS_PER_ROUND = 3


@dataclass(frozen=True)
class Figures:
    """What was measured, in milliseconds.

    Args:
        mock_ms: Each start of the mock.
        uvicorn_ms: Each start of uvicorn, in the same order.
    """

    mock_ms: list[float]
    uvicorn_ms: list[float]

    def rows(self) -> list[Row]:
        """The rows of the table."""
        ours, theirs = median(self.mock_ms), median(self.uvicorn_ms)
        ratio = Ratio.of(self.mock_ms, self.uvicorn_ms)
        name = f"process start to first 200, {len(self.mock_ms)} starts"
        told = f"{ratio}; of medians {ours / theirs:.2f}"
        peer = f"{theirs:.0f} ms (`uvicorn app:app`, fixed reply)"
        return [_GOAL.row(name, ratio.median, f"{ours:.0f} ms", peer, told)]


def measure(rounds: int) -> Figures:
    """Start both in turn, after one start each that nobody counts."""
    compile_project("benchmarks/peers")
    _mock()
    _uvicorn()
    figures = Figures([], [])
    for number in range(rounds * _STARTS_PER_ROUND):
        # Who comes second finds the files of both in memory, so they take turns in that too.
        for start in (_mock, _uvicorn) if number % 2 == 0 else (_uvicorn, _mock):
            (figures.mock_ms if start is _mock else figures.uvicorn_ms).append(start())
    say(f"  mock {median(figures.mock_ms):.0f} ms, uvicorn {median(figures.uvicorn_ms):.0f} ms")
    return figures


def _mock() -> float:
    port = free_port()
    with running(mock_command(port), port) as server:
        return server.first_ms


def _uvicorn() -> float:
    port = free_port()
    with running(uvicorn_command("fixed", port), port) as server:
        return server.first_ms
