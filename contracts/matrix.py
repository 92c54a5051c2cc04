"""Proves the suite: it catches each server with a fault, and flags none that conforms.

The servers were written apart from the tests. Time is handed to both, so nobody waits.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from stepfun_mock import suite

from .check import execute
from .command import Terminal
from .key import Key
from .run import UNTOLD, Order, Run
from .target import parse
from .verdict import Verdict

KEY = "key-of-the-proof-servers"
GROUPS = ("FAULTY", "UNTOLD", "CONFORMING", "STORMY")
STORMS = 100
"""Runs against one server in bad weather, each with other weather."""


class VirtualTimes:
    """Time that passes when somebody sleeps, without anybody waiting."""

    def __init__(self) -> None:
        self._slept = 0.0

    def now(self) -> float:
        """Unix seconds, and what was slept."""
        return time.time() + self._slept

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._slept += seconds


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the suite said of one server.

    Args:
        group: One of `GROUPS`.
        name: The server.
        expected: The rule that must be found broken, or to differ; empty where none may be.
        caught: The rules by which it was caught.
        also: Rules found broken that this fault does not break.
        code: The exit code.
        right: Whether that is what the proof expects.
    """

    group: str
    name: str
    expected: str
    caught: tuple[str, ...]
    also: tuple[str, ...]
    code: int
    right: bool


def check_server(server: Any, seed: int = 0) -> Run:  # noqa: ANN401
    """Run the whole suite on a proof server, on a port of this machine.

    Args:
        server: Makes the server, given its setting.
        seed: Where the server's randomness starts.
    """
    times = VirtualTimes()
    setting = suite.proof("messages").Setting(key=KEY, clock=times.now, seed=seed)
    with suite.proof("serving").serve(server(setting)) as base_url:
        order = Order(target=parse(base_url), key=Key(KEY, "the proof"))
        run = Run(order, times=times)
        execute(run)
    return run


def judged(group: str, position: int) -> Outcome:
    """Prove the suite on one server."""
    server = _servers(group)[position]
    run = check_server(server.server, seed=position)
    found = {
        verdict: {rule for rule, word in run.verdicts().items() if word is verdict}
        for verdict in (Verdict.BROKEN, Verdict.DIFFERS)
    }
    code = run.exit_code()
    if group != "FAULTY":
        right = not found[Verdict.BROKEN] and not run.mishaps
        right &= group != "UNTOLD" or code == UNTOLD
        return Outcome(group, server.name, "", (), tuple(found[Verdict.BROKEN]), code, right)
    allowed = {server.rule, *server.also}
    caught = found[Verdict(server.verdict)] & allowed
    beside = found[Verdict.BROKEN] - allowed
    right = bool(caught) and not beside and not run.mishaps
    return Outcome(
        group, server.name, server.rule, tuple(sorted(caught)), tuple(sorted(beside)), code, right
    )


def outcomes(workers: int | None = None) -> Iterator[Outcome]:
    """Prove the suite on every server, in as many processes as there are cores."""
    jobs = [(group, at) for group in GROUPS for at in range(len(_servers(group)))]
    # A new process for each worker: one that is forked while threads run may hang.
    context = get_context("spawn")
    with ProcessPoolExecutor(workers or os.cpu_count(), mp_context=context) as pool:
        yield from pool.map(judged, *zip(*jobs, strict=True))


def prove(shown: Terminal) -> int:
    """Print the matrix; returns 0 where all is as it should be."""
    counts: Counter[tuple[str, bool]] = Counter()
    wrong = []
    for outcome in outcomes():
        counts[outcome.group, outcome.right] += 1
        shown.echo(_line(outcome, shown))
        wrong += [] if outcome.right else [outcome.name]
    shown.echo("")
    for group in GROUPS:
        total = counts[group, True] + counts[group, False]
        shown.echo(f"{counts[group, True]} of {total} {_SUMS[group]}")
    if wrong:
        shown.echo(f"not proved: {', '.join(wrong)}")
    return int(bool(wrong))


_SUMS = {
    "FAULTY": "servers with a fault were caught, by a rule that they break and by no other",
    "UNTOLD": "servers that look like bad weather were taken for neither sound nor broken",
    "CONFORMING": "odd servers that keep the contract were not flagged",
    "STORMY": "runs in bad weather (503, 429, resets) ended without a false alarm",
}


def _line(outcome: Outcome, shown: Terminal) -> str:
    word = shown.paint("ok   ", "page") if outcome.right else shown.paint("WRONG", "ours")
    if outcome.group != "FAULTY":
        tail = f"exit {outcome.code}"
    elif outcome.caught:
        tail = f"caught by {', '.join(outcome.caught)}"
    else:
        tail = f"not caught; breaks {outcome.expected}"
    if outcome.also:
        tail += f"; flagged for {', '.join(outcome.also)}"
    return f"{word}  {outcome.group.lower():10}  {outcome.name:32}  {tail}"


def _servers(group: str) -> Any:  # noqa: ANN401 (the proof is written apart, and not imported)
    conforming = suite.proof("conforming").CONFORMING
    if group == "STORMY":
        return [next(one for one in conforming if one.name == "stormy")] * STORMS
    return conforming if group == "CONFORMING" else getattr(suite.proof("faulty"), group)
