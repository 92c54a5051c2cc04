"""Measures everything beside the peers, or what is named, and prints one page.

Progress goes to standard error, the page to standard output. Exit codes: 0 measured, 2 something
could not be measured; a peer that cannot be installed is listed on the page.
"""

import argparse
import datetime
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import NamedTuple, NoReturn

from benchmarks import marks, wrk
from benchmarks.environments import SERVERS, versions_in
from benchmarks.harness import ROOT, BenchmarkError, say
from benchmarks.options import check_machine, end_in_order, positive
from benchmarks.peers import behaviour, fixtures, memories, rates, rooms, servers, starts, suite
from benchmarks.peers.chart import chart
from benchmarks.peers.line import lines
from benchmarks.peers.peer import Behaviour, Measured
from benchmarks.peers.report import Group, Occasion, report
from benchmarks.peers.summary import summary
from benchmarks.table import interpreter, machine

PAGE, CHART, README = ROOT / "benchmarks/PEERS.md", ROOT / "docs/peers.svg", ROOT / "README.md"
"""All figures; the picture of some; what tells of both."""

_BEHAVIOUR = "behaviour"
_OF_SERVERS = ("uvicorn", "httptools")
_UNUSABLE = 2
_FEWEST_KEPT = 3


class _Part(NamedTuple):
    title: str
    ours: str
    measure: Callable[[int], list[Measured]]
    needs_wrk: bool = False


_PARTS = {
    "links": _Part("Link replies", servers.QUIET.peer.setup, rates.measure, needs_wrk=True),
    "start": _Part("Start", servers.SERVE.peer.setup, starts.measure),
    "memory": _Part("Memory", servers.SERVE.peer.setup, memories.measure, needs_wrk=True),
    "fixtures": _Part("A test with one call", rooms.OURS.setup, fixtures.measure),
    "suite": _Part("The contract suite", suite.OURS, suite.measure),
}


def main() -> None:
    """Measure, print, and keep the page, the picture and the README's table if told to."""
    options = _options(sys.argv[1:])
    names = options.only or [*_PARTS, _BEHAVIOUR]
    end_in_order()
    try:
        check_machine(any(_PARTS[name].needs_wrk for name in names if name in _PARTS))
        page, failed = _page(names, options.rounds)
        print(page)
        if failed:
            _stop(f"not measured: {', '.join(failed)}")
        if options.write:
            keep(page)
    except BenchmarkError as problem:
        _stop(str(problem))


def keep(page: str) -> None:
    """Write the page, and from it the picture and the README's table.

    Raises:
        BenchmarkError: a file has lost its marks.
    """
    marks.put(PAGE, "peers", page)
    CHART.write_text(chart(lines(page)), "utf-8")
    marks.put(README, "peers", summary(page))
    say(f"kept in {PAGE}, {CHART} and {README}")


def _page(names: Sequence[str], rounds: int) -> tuple[str, list[str]]:
    """The page, and the names of what could not be measured."""
    groups: list[Group] = []
    answers: list[Behaviour] = []
    failed: list[str] = []
    for name in names:
        say(f"{name}:")
        try:
            if name == _BEHAVIOUR:
                answers = behaviour.behaviours()
            else:
                part = _PARTS[name]
                groups.append(Group(part.title, part.ours, part.measure(rounds)))
        except BenchmarkError as problem:
            say(f"  {problem}")
            failed.append(name)
    return report(_occasion(rounds), groups, answers), failed


def _occasion(rounds: int) -> Occasion:
    versions = [*versions_in(SERVERS, _OF_SERVERS), f"pytest {version('pytest')}"]
    if wrk.is_there():
        versions.append(f"wrk {wrk.version()}")
    return Occasion(
        day=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        rounds=rounds,
        load=os.getloadavg()[2],
        machine=machine(),
        versions=", ".join([interpreter(), *versions]),
    )


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--rounds", type=positive, default=5, help="rounds of each figure (5)")
    parser.add_argument(
        "--only", nargs="+", choices=[*_PARTS, _BEHAVIOUR], help="measure these alone"
    )
    parser.add_argument(
        "--write", action="store_true", help="keep PEERS.md, its picture and the README's table"
    )
    options = parser.parse_args(arguments)
    if options.write and (options.only or options.rounds < _FEWEST_KEPT):
        parser.error(
            f"--write keeps the whole page, of {_FEWEST_KEPT} rounds or more: not with --only, "
            f"nor with --rounds {options.rounds}"
        )
    return options


def _stop(why: str) -> NoReturn:
    say(f"benchmarks: {why}")
    raise SystemExit(_UNUSABLE)


if __name__ == "__main__":
    main()
