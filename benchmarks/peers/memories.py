"""What a server holds after load (PSS of its processes), beside each peer."""

from time import perf_counter

from benchmarks import wrk
from benchmarks.harness import Server
from benchmarks.peers import bars
from benchmarks.peers.peer import Measured
from benchmarks.peers.servers import FLOOR, SERVE, Contender, contenders, serving
from benchmarks.peers.turns import in_turn
from benchmarks.usage import pss_mib

_REQUESTS = 20_000
_MOST_SECONDS = 20


def measure(rounds: int) -> list[Measured]:
    """Load a new server of each in each round.

    It gets at least 20,000 requests for a link, or what it answers in 20 seconds where that is
    less; how many is a figure of its own.
    """
    turns = in_turn(SERVE, [FLOOR, *contenders()], rounds, _loaded)
    held = turns.measured(bars.MEMORY, "MiB", lambda one: one[0])
    return held + turns.measured(bars.MEMORY_REQUESTS, "", lambda one: one[1])


def _loaded(contender: Contender) -> tuple[float, int]:
    with serving(contender) as server:
        requests = _send(server)
        return pss_mib(server.pid), requests


def _send(server: Server) -> int:
    sent, until = 0, perf_counter() + _MOST_SECONDS
    while sent < _REQUESTS and perf_counter() < until:
        sent += wrk.load(server, "url", seconds=1).requests
    return sent
