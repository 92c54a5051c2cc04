"""Replies with a link under load, beside an ASGI function that does nothing but reply."""

from dataclasses import dataclass

from benchmarks import wrk
from benchmarks.commands import SILENT, mock_command, quiet_command, uvicorn_command
from benchmarks.harness import ask, free_port, running
from benchmarks.table import Goal, Ratio, Row

_GOAL = Goal(0.60, 0.75, at_least=True)


@dataclass(frozen=True)
class Figures:
    """What was measured, one load for each round.

    Args:
        mock: The mock without its request log.
        command: `stepfun-mock serve`, its log thrown away.
        floor: The fixed reply.
        reply_bytes: The length of the replies of all three.
    """

    mock: list[wrk.Load]
    command: list[wrk.Load]
    floor: list[wrk.Load]
    reply_bytes: int

    def rows(self) -> list[Row]:
        """The rows of the table."""
        ratio, logged = self._ratio(self.mock), self._ratio(self.command)
        floor = f"{wrk.shown(self.floor)} (fixed reply of {self.reply_bytes} bytes, uvicorn)"
        name = f"replies with a link, {wrk.CONNECTIONS} connections"
        with_log = "the same from `stepfun-mock serve`, request log to /dev/null"
        return [
            _GOAL.row(name, ratio.median, wrk.shown(self.mock), floor, str(ratio)),
            Row(with_log, wrk.shown(self.command), "the same", str(logged)),
        ]

    def _ratio(self, loads: list[wrk.Load]) -> Ratio:
        return Ratio.of([load.rate for load in loads], [load.rate for load in self.floor])


def measure(rounds: int) -> Figures:
    """Load the three in turn."""
    ports = [free_port() for _ in range(3)]
    with running(quiet_command(ports[0]), ports[0]) as mock:
        reply_bytes = len(ask(mock.port)[1])
        floor_command = uvicorn_command("fixed", ports[1], *SILENT)
        with (
            running(floor_command, ports[1], REPLY_BYTES=str(reply_bytes)) as floor,
            running(mock_command(ports[2]), ports[2]) as command,
        ):
            servers = {"mock": mock, "floor": floor, "command": command}
            loads = wrk.in_turn(servers, "url", rounds)
    return Figures(**loads, reply_bytes=reply_bytes)
