"""What a test with `stepfun_mock` and one call costs more than an empty one."""

from dataclasses import dataclass
from statistics import median

from benchmarks.harness import HEADERS, PATH, Run, body
from benchmarks.suites import Suite, in_turn, written
from benchmarks.table import Goal, Row, spread

_TESTS = 500
_GOAL = Goal(1, unit=" ms")
# Both have the client, so that making it counts on neither side.
_HEAD = f"""import httpx

URL, HEADERS, BODY = "https://api.stepfun.ai{PATH}", {HEADERS!r}, {body()!r}
client = httpx.Client()
"""
_CALL = "assert client.post(URL, content=BODY, headers=HEADERS).json()['data']"
_EMPTY = Suite(_HEAD)
# The tests do not fetch their links. A warning of that is pytest's to pay for.
_PASSED_OVER = "--stepfun-ignore-advice=link.unfetched"
_MOCKED = Suite(_HEAD, "stepfun_mock", (_CALL,), "stepfun_mock.pytest_plugin", (_PASSED_OVER,))


@dataclass(frozen=True)
class Figures:
    """What was measured, a run of pytest for each round.

    Args:
        empty: 500 empty tests.
        mocked: 500 tests with the fixture and a call.
        one_empty: One empty test.
        one_mocked: One test with the fixture and a call.
    """

    empty: list[Run]
    mocked: list[Run]
    one_empty: list[Run]
    one_mocked: list[Run]

    def rows(self) -> list[Row]:
        """The rows of the table."""
        all_ms, first_ms = _added(self.mocked, self.empty), _added(self.one_mocked, self.one_empty)
        each = [added / _TESTS for added in all_ms]
        further = [
            (added - first) / (_TESTS - 1) for added, first in zip(all_ms, first_ms, strict=True)
        ]
        name = "a test with `stepfun_mock` and a call through a kept client, after the first"
        empty = median(run.wall_ms for run in self.empty) / _TESTS
        peer = f"{empty:.2f} ms (an empty test)"
        return [
            _GOAL.row(f"{name}: added", median(further), spread(further, sign="+"), peer),
            Row("the first of a process, which imports", spread(first_ms, sign="+")),
            Row(f"each of {_TESTS}, the first among them", spread(each, sign="+")),
        ]


def _added(ours: list[Run], theirs: list[Run]) -> list[float]:
    return [our.wall_ms - their.wall_ms for our, their in zip(ours, theirs, strict=True)]


def measure(rounds: int) -> Figures:
    """Run the four in turn, a process for each."""
    suites = {"empty": _EMPTY, "mocked": _MOCKED, "one_empty": _EMPTY, "one_mocked": _MOCKED}
    tests = {"empty": _TESTS, "mocked": _TESTS, "one_empty": 1, "one_mocked": 1}
    with written(suites, tests) as ready:
        return Figures(**in_turn(ready, rounds))
