"""From the start of a server's process to its first 200, beside each peer."""

from benchmarks.harness import compile_project
from benchmarks.peers import bars
from benchmarks.peers.peer import Measured
from benchmarks.peers.servers import FLOOR, SERVE, Contender, contenders, serving
from benchmarks.peers.turns import in_turn

_STARTS_PER_ROUND = 3


def measure(rounds: int) -> list[Measured]:
    """Start everybody in turn, three times a round, after one start each that nobody counts."""
    compile_project("stepfun_mock", "benchmarks/peers")
    in_turn(SERVE, [FLOOR, *contenders()], 1, _first_ms)
    turns = in_turn(SERVE, [FLOOR, *contenders()], rounds * _STARTS_PER_ROUND, _first_ms)
    return turns.measured(bars.START, "ms", float)


def _first_ms(contender: Contender) -> float:
    with serving(contender) as server:
        return server.first_ms
