"""A thousand tests that each build a client and make one call, on ours and on two peers."""

from dataclasses import dataclass
from statistics import median

from benchmarks.harness import HEADERS, PATH, Run, body
from benchmarks.suites import Suite, in_turn, written
from benchmarks.table import Goal, Ratio, Row

TESTS = 1000
"""Tests of one run, unless told otherwise."""

_MOST_ROUNDS = 3  # a round takes a minute
_GOAL = Goal(0.2)
_HEAD = f"""import httpx

PATH, HEADERS, BODY = {PATH!r}, {HEADERS!r}, {body()!r}
REPLY = {{"created": 1589478378, "data": [{{"url": "x", "finish_reason": "success", "seed": 1}}]}}


def ask(url):
    with httpx.Client() as client:
        reply = client.post(url, content=BODY, headers=HEADERS)
    assert reply.json()["data"][0]["finish_reason"] == "success"
"""
_URL = f'"https://api.stepfun.ai{PATH}"'
_SUITES = {
    "stepfun_mock": Suite(_HEAD, "stepfun_mock", (f"ask({_URL})",), "stepfun_mock.pytest_plugin"),
    "respx": Suite(
        _HEAD,
        "respx_mock",
        (f"respx_mock.post({_URL}).respond(json=REPLY)", f"ask({_URL})"),
        "respx.plugin",
    ),
    "httpserver": Suite(
        _HEAD,
        "httpserver",
        (
            "httpserver.expect_request(PATH, method='POST').respond_with_json(REPLY)",
            "ask(httpserver.url_for(PATH))",
        ),
        "pytest_httpserver.pytest_plugin",
    ),
}


@dataclass(frozen=True)
class Figures:
    """What was measured, a run of pytest for each round.

    Args:
        tests: How many tests a run has.
        runs: By fixture.
    """

    tests: int
    runs: dict[str, list[Run]]

    def rows(self) -> list[Row]:
        """The rows of the table."""
        name = f"{self.tests:,} tests, each with a client of its own and a call"
        respx, server = "`respx_mock`, static route", "pytest-httpserver"
        return [self._row(name, "respx", respx), self._row("the same", "httpserver", server)]

    def _row(self, figure: str, peer: str, shown: str) -> Row:
        ratio = Ratio.of(self._seconds("stepfun_mock"), self._seconds(peer))
        ours, theirs = self._told("stepfun_mock"), f"{self._told(peer)} ({shown})"
        return _GOAL.row(figure, ratio.median, ours, theirs, str(ratio))

    def _seconds(self, name: str) -> list[float]:
        return [run.wall_ms / 1000 for run in self.runs[name]]

    def _told(self, name: str) -> str:
        cpu = median(run.cpu_ms for run in self.runs[name]) / 1000
        return f"{median(self._seconds(name)):.2f} s, {cpu:.2f} s CPU"


def measure(rounds: int, tests: int = TESTS) -> Figures:
    """Run the three in turn, a process for each, three rounds at most."""
    with written(_SUITES, dict.fromkeys(_SUITES, tests)) as ready:
        return Figures(tests, in_turn(ready, min(rounds, _MOST_ROUNDS)))
