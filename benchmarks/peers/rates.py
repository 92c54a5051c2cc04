"""Replies with a link per second, how soon they come and what CPU they take, beside each peer.

All servers run at once, and one at a time is loaded.
"""

from contextlib import ExitStack

from benchmarks import wrk
from benchmarks.harness import Server
from benchmarks.peers import bars
from benchmarks.peers.peer import Measured
from benchmarks.peers.servers import FLOOR, LOGGED, QUIET, Contender, contenders, serving
from benchmarks.peers.turns import TROUBLES, Turns, in_turn

_WARM_UP_SECONDS = 5  # Java and Node compile while they run
_ROUND_SECONDS = 3


def measure(rounds: int) -> list[Measured]:
    """Load everybody in turn, over 32 connections and then over one, after a warm-up."""
    with ExitStack() as stack:
        fleet = _Fleet(stack)
        fleet.start()
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
    """Servers that run until the stack unwinds; one that failed is started anew when it is next."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[str, tuple[Server, ExitStack]] = {}

    def start(self) -> None:
        """Start and warm up everybody, so that all run before the first is measured."""
        in_turn(QUIET, [LOGGED, FLOOR, *contenders()], 1, self._server)

    def load(self, rounds: int, seconds: int, connections: int) -> Turns[wrk.Load]:
        def loaded(contender: Contender) -> wrk.Load:
            server = self._server(contender)
            try:
                return wrk.load(server, "url", seconds, connections)
            except TROUBLES:
                self._end(contender)
                raise

        return in_turn(QUIET, [LOGGED, FLOOR, *contenders()], rounds, loaded)

    def _server(self, contender: Contender) -> Server:
        name = contender.peer.name
        if name not in self._running:
            with ExitStack() as started:
                server = started.enter_context(serving(contender))
                wrk.load(server, "url", _WARM_UP_SECONDS)
                self._running[name] = server, self._stack.enter_context(started.pop_all())
        return self._running[name][0]

    def _end(self, contender: Contender) -> None:
        _, started = self._running.pop(contender.peer.name)
        started.close()
