"""Measures every figure, or those that are named, and prints one table.

Progress goes to standard error, the table to standard output. Exit codes: 0 measured,
2 something could not be measured.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn, Protocol

from benchmarks import (
    base64_replies,
    call,
    checking,
    collect,
    examples,
    fixture,
    links,
    many_tests,
    marks,
    memory,
    own_client,
    page,
    picture,
    proof,
    start,
    stuck,
    thread_server,
)
from benchmarks.harness import BenchmarkError, say
from benchmarks.options import check_machine, end_in_order, positive
from benchmarks.table import Row, table

README = Path(__file__).with_name("README.md")
_UNUSABLE = 2


class _Measured(Protocol):
    def rows(self) -> list[Row]: ...


class _Figure(NamedTuple):
    measure: Callable[..., _Measured]
    needs_wrk: bool = False
    takes: str = ""  # the option that makes it smaller for a look
    when_asked: bool = False  # it takes minutes


_FIGURES = {
    "links": _Figure(links.measure, needs_wrk=True),
    "base64": _Figure(base64_replies.measure, needs_wrk=True),
    "picture": _Figure(picture.measure),
    "start": _Figure(start.measure),
    "memory": _Figure(memory.measure, needs_wrk=True),
    "stuck": _Figure(stuck.measure),
    "collect": _Figure(collect.measure),
    "fixture": _Figure(fixture.measure),
    "call": _Figure(call.measure),
    "client": _Figure(own_client.measure),
    "server": _Figure(thread_server.measure),
    "suite": _Figure(many_tests.measure, takes="tests"),
    "examples": _Figure(examples.measure, takes="examples"),
    "check": _Figure(checking.measure),
    "page": _Figure(page.measure),
    "proof": _Figure(proof.measure, when_asked=True),
}


def main() -> None:
    """Measure, print, and keep the table if told to."""
    options = _options(sys.argv[1:])
    names = options.only or [
        name for name, figure in _FIGURES.items() if options.proof or not figure.when_asked
    ]
    try:
        check_machine(any(_FIGURES[name].needs_wrk for name in names))
    except BenchmarkError as problem:
        _stop(str(problem))
    end_in_order()
    rows, failed = _measure(names, options)
    text = table(rows, options.rounds)
    print(text)
    if failed:
        _stop(f"not measured: {', '.join(failed)}")
    if options.write:
        _keep(text)


def _measure(names: Sequence[str], options: argparse.Namespace) -> tuple[list[Row], list[str]]:
    """The rows of the table, and the names of what could not be measured."""
    rows: list[Row] = []
    failed: list[str] = []
    for name in names:
        say(f"{name}:")
        figure = _FIGURES[name]
        smaller = [getattr(options, figure.takes)] if figure.takes else []
        try:
            rows += figure.measure(options.rounds, *smaller).rows()
        except BenchmarkError as problem:
            say(f"  {problem}")
            failed.append(name)
    return rows, failed


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=positive, default=5, help="rounds of each figure (5)")
    parser.add_argument(
        "--tests", type=positive, default=many_tests.TESTS, help="tests of `suite` (1000)"
    )
    parser.add_argument(
        "--examples",
        type=positive,
        default=examples.EXAMPLES,
        help="generated requests of `examples` (300)",
    )
    parser.add_argument("--proof", action="store_true", help="measure `proof` too (minutes)")
    parser.add_argument("--only", nargs="+", choices=_FIGURES, help="measure these alone")
    parser.add_argument("--write", action="store_true", help="keep the table in the README")
    options = parser.parse_args(arguments)
    usual = (many_tests.TESTS, examples.EXAMPLES)
    if options.write and (options.only or (options.tests, options.examples) != usual):
        parser.error("--write keeps the whole table: not with --only, --tests or --examples")
    return options


def _stop(why: str) -> NoReturn:
    say(f"benchmarks: {why}")
    raise SystemExit(_UNUSABLE)


def _keep(text: str) -> None:
    try:
        marks.put(README, "figures", text)
    except BenchmarkError as problem:
        _stop(str(problem))
    say(f"kept in {README}")


if __name__ == "__main__":
    main()
