"""A test that builds its own client, whose TLS context the fixture keeps, beside one without it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import httpx
import httpx2
import openai

from benchmarks.harness import HEADERS, PATH, BenchmarkError, body, say
from benchmarks.table import Goal, Ratio, Row
from benchmarks.under_test import a_test
from stepfun_mock import StepfunMock
from stepfun_mock.contract import BASE_URL
from stepfun_mock.transports.intercept import Interception
from stepfun_mock.trial import Session

_TESTS_PER_ROUND = 10
_GOAL = Goal(5, unit=" ms")
_BODY = body()

_Use = Callable[[], object]


@dataclass(frozen=True)
class Figures:
    """What was measured, in milliseconds, each use after the first of a kind.

    Args:
        fixture_ms: By client, within a test with `stepfun_mock`.
        bare_ms: The same, answered in process without the fixture.
    """

    fixture_ms: dict[str, list[float]]
    bare_ms: dict[str, list[float]]

    def rows(self) -> list[Row]:
        """The rows of the table."""
        return [self._row(client) for client in self.fixture_ms]

    def _row(self, client: str) -> Row:
        ours, bare = self.fixture_ms[client], self.bare_ms[client]
        figure = f"`{client}` made, one call, closed, in a test with `stepfun_mock`"
        told = f"{median(ours):.2f} ms, at worst {max(ours):.2f}"
        peer = f"{median(bare):.1f} ms (without the fixture)"
        return _GOAL.row(figure, median(ours), told, peer, str(Ratio.of(ours, bare)))


def measure(rounds: int) -> Figures:
    """Use each client with and without the fixture in turn."""
    session = Session(port=0)
    ways = (lambda: a_test(session), _bare)
    for use in _USES.values():
        for way in ways:
            _timed(way, use)
    figures = Figures({name: [] for name in _USES}, {name: [] for name in _USES})
    for number in range(rounds * _TESTS_PER_ROUND):
        for name, use in _USES.items():
            pairs = list(zip(ways, (figures.fixture_ms, figures.bare_ms), strict=True))
            for way, taken in pairs if number % 2 == 0 else pairs[::-1]:
                taken[name].append(_timed(way, use))
    for row in figures.rows():
        say(f"  {row.figure}: {row.ours}, {row.peer}")
    return figures


def _bare() -> AbstractContextManager[object]:
    return Interception(StepfunMock())


def _timed(way: Callable[[], AbstractContextManager[object]], use: _Use) -> float:
    with way():
        start = perf_counter()
        got = use()
        elapsed = (perf_counter() - start) * 1000
    if not got:
        raise BenchmarkError("a client of its own got no picture")
    return elapsed


def _by_httpx(library: Any) -> _Use:  # noqa: ANN401 (a module)
    def use() -> object:
        with library.Client() as client:
            reply = client.post(f"https://api.stepfun.ai{PATH}", content=_BODY, headers=HEADERS)
        return reply.json()["data"]

    return use


def _by_openai() -> object:
    with openai.OpenAI(api_key="any-key", base_url=BASE_URL) as client:
        reply = client.images.generate(
            model="step-image-edit-2", prompt="A serene alpine lake at sunset"
        )
    return reply.data


_USES: dict[str, _Use] = {
    "httpx.Client()": _by_httpx(httpx),
    "httpx2.Client()": _by_httpx(httpx2),
    "openai.OpenAI()": _by_openai,
}
