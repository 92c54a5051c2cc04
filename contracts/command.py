"""`stepfun-mock check`: from what the user wrote to an exit code."""

import os
import secrets
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile

from stepfun_mock.terms import unknown

from .check import SuiteError, execute
from .exchange import Exchange
from .key import Key
from .order import NoKeyError, key_for
from .progress import Progress
from .report import github, terminal
from .report.files import Partial, write_all
from .run import PLACEHOLDER, UNTOLD, USAGE, Order, Run
from .stopping import stop, stop_when_told
from .target import parse
from .verdict import RULE_BY_ID

Paint = Callable[[str, str], str]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line says; see `stepfun-mock check --help`."""

    target: str
    max_images: int
    max_requests: int
    rate: float | None
    timeout: float
    link_wait: float
    api_key_env: str
    only: tuple[str, ...]
    report: Path | None


class UsageError(Exception):
    """What the user wrote makes no sense; the text says what would."""


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """Where the command speaks.

    Args:
        echo: Prints a line on standard output.
        fail: Prints a sentence about what the user wrote on standard error.
        paint: Colours a text for its role.
        width: Columns.
        live: Whether standard error is a terminal, on which a bar can move.
    """

    echo: Callable[[str], None]
    fail: Callable[[str], None]
    paint: Paint
    width: int
    live: bool


def main(options: Options, shown: Terminal, *, plan: bool, list_rules: bool) -> int:
    """Do what the command line says; returns the exit code."""
    try:
        if plan:
            return _print_plan(options, shown)
        if list_rules:
            return _print_rules(options, shown)
        return _check(options, shown)
    except UsageError as problem:
        shown.fail(str(problem))
        return USAGE
    except SuiteError as problem:
        shown.fail(str(problem))
        return UNTOLD
    except KeyboardInterrupt:
        # Python's own exit code would be that of a broken contract.
        shown.fail("interrupted")
        return UNTOLD
    except Exception as problem:
        shown.fail(f"the check itself failed: {_where(problem)}")
        return UNTOLD


def _where(problem: Exception) -> str:
    """A problem of our own in a line; Python's traceback would end with the code for broken."""
    frame = traceback.extract_tb(problem.__traceback__)[-1]
    return f"{type(problem).__name__}: {problem} ({Path(frame.filename).name}:{frame.lineno})"


def ordered(options: Options) -> Order:
    """What is to be checked.

    Raises:
        UsageError: no target, or an unknown rule.
        NoKeyError: no key for a target that wants one.
    """
    for rule in options.only:
        if rule not in RULE_BY_ID:
            raise UsageError(unknown("there is no rule", rule, "The rules are", RULE_BY_ID))
    try:
        target = parse(options.target)
        key = key_for(target, options.api_key_env)
    except ValueError as problem:
        raise UsageError(str(problem)) from None
    return Order(
        target=target,
        key=key,
        max_images=options.max_images,
        max_requests=options.max_requests,
        rate=options.rate,
        only=frozenset(options.only),
        report=options.report,
        timeout=options.timeout,
        link_wait=options.link_wait,
    )


def _check(options: Options, shown: Terminal) -> int:
    if options.report is not None:
        _make_folder(options.report)
    try:
        run = Run(ordered(options))
    except NoKeyError as problem:
        run = Run(_without_key(options))
        run.reason = str(problem)
        return _told(run, shown)
    progress = Progress(run, sys.stderr, live=shown.live, width=shown.width)
    partial = Partial(run, options.report) if options.report is not None else None
    _tell_of(run, progress, partial)
    stop_when_told(run)
    try:
        execute(run)
    except SuiteError as problem:
        run.mishaps.append(str(problem))
    except KeyboardInterrupt:
        stop(run)
    run.close()
    progress.done()
    return _told(run, shown)


def _told(run: Run, shown: Terminal) -> int:
    """Report a run that is over; returns the exit code."""
    if run.order.report is not None:
        _write_report(run, run.order.report)
    # What a server says is printed, and must not be read as a command by who runs the workflow.
    token = secrets.token_hex(16) if os.environ.get("GITHUB_ACTIONS") == "true" else ""
    if token:
        shown.echo(f"::stop-commands::{token}")
    shown.echo(terminal.table(run, shown.width, shown.paint))
    if token:
        shown.echo(f"::{token}::")
    _tell_github(run, os.environ, shown)
    return run.exit_code()


def _write_report(run: Run, folder: Path) -> None:
    try:
        write_all(run, folder, complete=not run.mishaps)
    except OSError as problem:
        run.mishaps.append(_unwritable(folder, problem))


def _print_plan(options: Options, shown: Terminal) -> int:
    run = _planned(options)
    order = run.order
    rate = order.rate or order.target.pace
    for line in run.plan.lines(order.target, order.max_images, order.max_requests, rate):
        shown.echo(line)
    return 0


def _print_rules(options: Options, shown: Terminal) -> int:
    run = _planned(options)
    longest = max(map(len, RULE_BY_ID))
    for rule in RULE_BY_ID.values():
        if rule.id in run.planned:
            shown.echo(f"{rule.id:{longest}}  {rule.grade:8}  {rule.statement}")
    return 0


def _planned(options: Options) -> Run:
    try:
        order = ordered(options)
    except NoKeyError:
        order = _without_key(options)
    run = Run(order)
    execute(run, plan_only=True)
    return run


def _without_key(options: Options) -> Order:
    """The order where nothing is sent, so that no key is needed."""
    order = ordered(replace(options, target="mock"))
    key = Key(PLACEHOLDER, "a placeholder")
    return replace(order, target=parse(options.target), key=key)


def _tell_of(run: Run, progress: Progress, partial: Partial | None) -> None:
    def on_exchange(exchange: Exchange) -> None:
        progress.exchange(exchange)
        if partial is not None:
            partial.update()

    run.lab.dispatch.on_exchange = on_exchange
    run.on_waiting = progress.waiting
    if partial is not None:
        run.on_finding = partial.update


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass  # better to learn now that nothing can be written than when all is paid for
    except OSError as problem:
        raise UsageError(_unwritable(folder, problem)) from None


def _unwritable(folder: Path, problem: OSError) -> str:
    return f"--report {folder}: {problem.strerror or problem}"


def _tell_github(run: Run, environ: Mapping[str, str], shown: Terminal) -> None:
    if environ.get("GITHUB_ACTIONS") != "true":
        return
    for line in github.annotations(run):
        shown.echo(line)
    if path := environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(github.summary(run))
        except OSError as problem:
            shown.fail(f"GITHUB_STEP_SUMMARY {path}: {problem.strerror or problem}")
