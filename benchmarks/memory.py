"""The memory of `stepfun-mock serve` after its start, when warm, and after many requests."""

from dataclasses import dataclass
from statistics import median

from benchmarks import wrk
from benchmarks.commands import mock_command
from benchmarks.harness import Server, free_port, running, say
from benchmarks.table import Goal, Row
from benchmarks.usage import pss_mib

_WARM, _MANY = 20_000, 100_000
_GOAL = Goal(64, 40, " MiB")
_FLAT = Goal(2, unit=" MiB")


@dataclass(frozen=True)
class Figures:
    """What was measured, PSS in MiB, one figure for each server.

    Args:
        idle: After its first reply.
        warm: After 20,000 requests, which fill the journal and the caches.
        full: After 100,000.
    """

    idle: list[float]
    warm: list[float]
    full: list[float]

    def rows(self) -> list[Row]:
        """The rows of the table."""
        idle, warm, full = median(self.idle), median(self.warm), median(self.full)
        told = f"{full:.1f} MiB (idle {idle:.1f}, worst {max(self.full):.1f})"
        grown = median(after - before for before, after in zip(self.warm, self.full, strict=True))
        return [
            _GOAL.row(f"memory (PSS) after {_MANY:,} requests", full, told),
            _FLAT.row(f"its growth since {_WARM:,} requests ({warm:.1f} MiB)", grown, _mib(grown)),
        ]


def measure(rounds: int) -> Figures:
    """Measure a new server in each round: mostly links, some Base64, some fetches of links."""
    figures = Figures([], [], [])
    for number in range(rounds):
        port = free_port()
        with running(mock_command(port), port) as server:
            figures.idle.append(pss_mib(server.pid))
            sent = _send(server, 0, _WARM)
            figures.warm.append(pss_mib(server.pid))
            _send(server, sent, _MANY)
            figures.full.append(pss_mib(server.pid))
        say(f"  round {number + 1} of {rounds}: {figures.full[-1]:.1f} MiB")
    return figures


def _send(server: Server, sent: int, until: int) -> int:
    while sent < until:
        sent += wrk.load(server, "mixed", seconds=1).requests
    return sent


def _mib(amount: float) -> str:
    return f"{amount:+.1f} MiB"
