"""How long the page takes until it shows something, with 1,000 requests in the journal."""

import os
import shutil
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median
from typing import Any

from benchmarks.commands import mock_command
from benchmarks.harness import (
    HEADERS,
    LOOPBACK,
    PATH,
    BenchmarkError,
    body,
    free_port,
    running,
    say,
)
from benchmarks.table import Goal, Row, spread

ENTRIES = 1000
"""Requests that the journal holds when the page is opened."""

_GOAL = Goal(200, unit=" ms")
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_VARIABLE = "STEPFUN_MOCK_CHROMIUM"
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)

# Both count from the moment at which the browser set out for the page.
_PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => {
  const [first] = list.getEntriesByName("first-contentful-paint");
  if (first) done(first.startTime);
}).observe({ type: "paint", buffered: true }))"""
_LISTED = """() => new Promise((done) => {
  const look = () => document.querySelectorAll("#rows > li").length >= 50
    ? done(performance.now()) : requestAnimationFrame(look);
  look();
})"""


@dataclass(frozen=True)
class Figures:
    """What was measured, in milliseconds.

    Args:
        painted_ms: Each time until something was to be seen.
        listed_ms: Each time until the newest requests stood there.
    """

    painted_ms: list[float]
    listed_ms: list[float]

    def rows(self) -> list[Row]:
        """The rows of the table."""
        name = f"first paint of the page, {ENTRIES:,} requests in the journal, nothing cached"
        listed = "the same until the newest 50 requests stand there"
        return [
            _GOAL.row(name, median(self.painted_ms), spread(self.painted_ms)),
            Row(listed, spread(self.listed_ms)),
        ]


def measure(rounds: int) -> Figures:
    """Open the page in a fresh browser context each round, after one that nobody counts.

    Raises:
        BenchmarkError: there is no Chromium, or nothing to drive it.
    """
    executable = os.environ.get(_VARIABLE) or next(filter(None, map(shutil.which, _NAMES)), None)
    if executable is None:
        raise BenchmarkError(f"no Chromium was found: install one, or name it in {_VARIABLE}")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise BenchmarkError("playwright drives the browser, and is not installed") from None
    figures = Figures([], [])
    port = free_port()
    with running(mock_command(port), port), sync_playwright() as playwright:
        _fill(port)
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        try:
            _look(browser, port)
            for _ in range(rounds):
                painted, listed = _look(browser, port)
                figures.painted_ms.append(painted)
                figures.listed_ms.append(listed)
        finally:
            browser.close()
    say(f"  first paint {spread(figures.painted_ms)}, listed {spread(figures.listed_ms)}")
    return figures


def _fill(port: int) -> None:
    connection = HTTPConnection(LOOPBACK, port, timeout=20)
    for seed in range(ENTRIES):
        connection.request("POST", PATH, body(seed=seed), HEADERS)
        connection.getresponse().read()
    connection.close()


def _look(browser: Any, port: int) -> tuple[float, float]:  # noqa: ANN401 (playwright's)
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(f"http://{LOOPBACK}:{port}/__stepfun_mock/", wait_until="commit")
        return page.evaluate(_PAINTED), page.evaluate(_LISTED)
    finally:
        context.close()


if __name__ == "__main__":
    for row in measure(5).rows():
        print(f"{row.figure}: {row.ours} {row.bar} {row.met}".rstrip())
