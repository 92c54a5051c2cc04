"""The server of `stepfun_server`: its start, a clean state for each test, its stop."""

import sys
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib import import_module
from statistics import median
from time import perf_counter

from benchmarks.harness import BenchmarkError, ask, compile_project, done, say
from benchmarks.table import Goal, Row, spread
from stepfun_mock.settings import Settings
from stepfun_mock.trial import Session

_SERVERS_PER_ROUND = 10
_PROCESSES_PER_ROUND = 2
_START, _CLEAN, _STOP = Goal(20, unit=" ms"), Goal(1, unit=" ms"), Goal(10, unit=" ms")
_IMPORTED = Goal(300, unit=" ms")
# The more of them a process has loaded, the more there is to watch in each test.
_WATCHED = ("aiohttp", "httpx", "httpx2", "uvloop")

_FIRST = """
from time import perf_counter
from benchmarks.harness import ask
start = perf_counter()
from stepfun_mock.trial import Session
session = Session(port=0)
status, _ = ask(session.start_server().port)
elapsed = perf_counter() - start
session.stop_server()
assert status == 200, status
print(elapsed * 1000)
"""


@dataclass(frozen=True)
class Figures:
    """What was measured, in milliseconds.

    Args:
        start_ms: Each start to its first 200, imports done.
        clean_ms: What each test costs that begins and ends while the server runs.
        stop_ms: Each stop.
        first_ms: The start to the first 200 of a process, imports included.
    """

    start_ms: list[float] = field(default_factory=list)
    clean_ms: list[float] = field(default_factory=list)
    stop_ms: list[float] = field(default_factory=list)
    first_ms: list[float] = field(default_factory=list)

    def rows(self) -> list[Row]:
        """The rows of the table."""
        name = f"`stepfun_server`, imports done, {len(self.start_ms)} times"
        return [
            _row(_START, f"{name}: start to first 200", self.start_ms),
            _row(_CLEAN, "a clean state for a test while it runs", self.clean_ms),
            _row(_STOP, "its stop", self.stop_ms),
            _row(_IMPORTED, "its start to first 200 with imports, new process", self.first_ms),
        ]


def _row(goal: Goal, figure: str, taken: list[float]) -> Row:
    return goal.row(figure, median(taken), spread(taken))


def measure(rounds: int) -> Figures:
    """Start servers in this process and in new ones, after one each that nobody counts."""
    compile_project("stepfun_mock", "benchmarks")
    for library in _WATCHED:
        import_module(library)
    _server(Figures())
    _first()
    figures = Figures()
    for _ in range(rounds):
        for _ in range(_SERVERS_PER_ROUND):
            _server(figures)
        figures.first_ms.extend(_first() for _ in range(_PROCESSES_PER_ROUND))
    for row in figures.rows():
        say(f"  {row.figure}: {row.ours}")
    return figures


def _server(figures: Figures) -> None:
    session = Session(port=0)
    start = perf_counter()
    status, _ = ask(session.start_server().port)
    figures.start_ms.append((perf_counter() - start) * 1000)
    figures.clean_ms.append(_clean(session))
    start = perf_counter()
    session.stop_server()
    figures.stop_ms.append((perf_counter() - start) * 1000)
    if status != HTTPStatus.OK:
        raise BenchmarkError(f"the server in a thread answered {status}")


def _clean(session: Session) -> float:
    start = perf_counter()
    trial = session.begin(Settings())
    begun = perf_counter() - start
    trial.served = True
    start = perf_counter()
    session.end(trial)
    return (begun + perf_counter() - start) * 1000


def _first() -> float:
    return float(done([sys.executable, "-c", _FIRST]).said)
