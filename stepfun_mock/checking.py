"""The command `stepfun-mock check`: its flags; the work is done by the contract suite."""

import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from stepfun_mock import suite
from stepfun_mock.colours import paint
from stepfun_mock.flags import flag
from stepfun_mock.suite import LINK_WAIT, MAX_IMAGES, MAX_REQUESTS, TIMEOUT, UNTOLD, USAGE


@click.command()
@click.argument("target", default="mock", envvar="STEPFUN_MOCK_TARGET")
@click.option(
    "--plan", is_flag=True, help="Print every request, what it costs at worst, and send nothing."
)
@click.option("--list", "list_rules", is_flag=True, help="Print the rules that can be checked.")
@click.option(
    "--self-test",
    is_flag=True,
    help="Prove the suite on servers with one fault each, and on odd ones without any.",
)
@click.option("--only", multiple=True, metavar="RULE", help="Check this rule alone; repeatable.")
@flag(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write report.json, junit.xml and index.html into this folder.",
)
@flag(
    "--max-images",
    type=click.IntRange(min=1),
    default=MAX_IMAGES,
    help="Pictures that may be drawn at most.",
)
@flag(
    "--max-requests",
    type=click.IntRange(min=1),
    default=MAX_REQUESTS,
    help="Requests that may be sent at most, links included.",
)
@flag(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="Requests a minute. Left out: 60, 8 at api.stepfun.com, no limit on this machine.",
)
@flag(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=TIMEOUT,
    metavar="SECONDS",
    help="How long a reply may take, whole; 10 s where no picture is drawn.",
)
@flag(
    "--link-wait",
    type=click.FloatRange(min=0),
    default=LINK_WAIT,
    metavar="SECONDS",
    help="After how long the first link is fetched again.",
)
@flag(
    "--api-key-env",
    default="STEP_API_KEY",
    metavar="NAME",
    help="The variable that holds the key; a server on this machine needs none.",
)
def check(*, plan: bool, list_rules: bool, self_test: bool, **given: Any) -> None:  # noqa: ANN401
    """Tell whether a server keeps the contract.

    TARGET is mock (the default), live or a base URL such as http://127.0.0.1:8793/v1; the
    variable STEPFUN_MOCK_TARGET names it too.

    Exit codes: 0 the contract is kept, 1 it is broken, 2 usage, 3 could not tell.
    """
    _open_what_is_closed()
    # Who stops a job in CI sends SIGTERM, and wants the report all the same.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = _checked(given, plan=plan, list_rules=list_rules, self_test=self_test)
    except KeyboardInterrupt:
        # The exit code that click gives it says that the contract is broken.
        tell_problem("interrupted")
        code = UNTOLD
    raise SystemExit(code)


def _checked(given: dict[str, Any], *, plan: bool, list_rules: bool, self_test: bool) -> int:
    with suppress(FileNotFoundError):  # a current folder that is gone
        # A project's own files lie here, and PYTHONPATH may name it.
        sys.path[:] = [entry for entry in sys.path if entry not in ("", str(Path.cwd()))]
    try:
        command = suite.module("command")
        matrix = suite.module("matrix") if self_test else None
    except suite.NoSuiteError as problem:
        tell_problem(str(problem))
        return USAGE
    shown = command.Terminal(
        echo=_say,
        fail=tell_problem,
        paint=paint,
        width=shutil.get_terminal_size((100, 24)).columns,
        live=sys.stderr.isatty(),
    )
    if matrix is not None:
        return int(matrix.prove(shown))
    options = command.Options(**given)
    return int(command.main(options, shown, plan=plan, list_rules=list_rules))


def _open_what_is_closed() -> None:
    """Put something in place of an output that was closed before the start, as cron may do."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    try:
        click.echo(text)
    except OSError as problem:
        # Who read it has gone, as after `| head`; the exit code and the report are due.
        if not isinstance(problem, BrokenPipeError):
            tell_problem(f"standard output: {problem.strerror or problem}")
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell_problem(message: str) -> None:
    """Say on standard error what is wrong."""
    with suppress(OSError):
        click.echo(f"stepfun-mock: {message}", err=True)
