"""Replies with a link per second, how soon they come and what CPU they take, beside each peer.

All servers run at once, and one at a time is loaded.
"""

from contextlib import ExitStack

from benchmarks import wrk
from benchmarks.harness import Server
from benchmarks.peers import bars
from benchmarks.peers.peer import Measured
from benchmarks.peers.servers import FLOOR, LOGGED, QUIET, Contender, contenders, serving
from benchmarks.peers.turns import Turns, in_turn

_WARM_UP_SECONDS = 5  # Java and Node compile while they run
_ROUND_SECONDS = 3


def measure(rounds: int) -> list[Measured]:
    """Load everybody in turn, over 32 connections and then over one, after a warm-up."""
    with ExitStack() as stack:
        fleet = _Fleet(stack)
        fleet.load(1, _WARM_UP_SECONDS, wrk.CONNECTIONS)
        many = fleet.load(rounds, _ROUND_SECONDS, wrk.CONNECTIONS)
        single = fleet.load(rounds, _ROUND_SECONDS, 1)
    return [
        *many.measured(bars.LINKS_32, "/s", lambda load: load.rate),
        *many.measured(bars.P50_32, "ms", lambda load: load.p50_ms),
        *many.measured(bars.CPU_32, "µs", lambda load: load.cpu_us),
        *single.measured(bars.LINKS_1, "/s", lambda load: load.rate),
        *single.measured(bars.P50_1, "ms", lambda load: load.p50_ms),
    ]


class _Fleet:
    """Servers that run until the stack unwinds, each started when it is loaded first."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._servers: dict[str, Server] = {}

    def load(self, rounds: int, seconds: int, connections: int) -> Turns[wrk.Load]:
        def loaded(contender: Contender) -> wrk.Load:
            return wrk.load(self._server(contender), "url", seconds, connections)

        return in_turn(QUIET, [LOGGED, FLOOR, *contenders()], rounds, loaded)

    def _server(self, contender: Contender) -> Server:
        name = contender.peer.name
        if name not in self._servers:
            self._servers[name] = self._stack.enter_context(serving(contender))
        return self._servers[name]
