"""Replies with a new picture in Base64 under load, beside a small JSON route of Starlette."""

from dataclasses import dataclass

from benchmarks import wrk
from benchmarks.commands import SILENT, quiet_command, uvicorn_command
from benchmarks.harness import free_port, running
from benchmarks.table import Goal, Ratio, Row

_GOAL = Goal(0.15, 0.4, at_least=True)


@dataclass(frozen=True)
class Figures:
    """What was measured, one load for each round.

    Args:
        mock: The mock without its request log, a new picture each time.
        route: Starlette, JSON in and 240 bytes of JSON out.
    """

    mock: list[wrk.Load]
    route: list[wrk.Load]

    def rows(self) -> list[Row]:
        """The rows of the table."""
        ratio = Ratio.of([load.rate for load in self.mock], [load.rate for load in self.route])
        name = f"replies with Base64, a new picture each, {wrk.CONNECTIONS} connections"
        route = f"{wrk.shown(self.route)} (Starlette JSON route of 240 bytes)"
        return [_GOAL.row(name, ratio.median, wrk.shown(self.mock), route, str(ratio))]


def measure(rounds: int) -> Figures:
    """Load both in turn; the warm-up fills the mock's caches of scenery."""
    ours, theirs = free_port(), free_port()
    with (
        running(quiet_command(ours), ours) as mock,
        running(uvicorn_command("json_route", theirs, *SILENT), theirs) as route,
    ):
        return Figures(**wrk.in_turn({"mock": mock, "route": route}, "b64_json", rounds))
