"""The command: `stepfun-mock serve`, `stepfun-mock check` and `stepfun-mock contract`.

Reads flags and variables, prints, and leaves the work to the other rooms.
"""

import gc
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from stepfun_mock import suite
from stepfun_mock.choices import Choices

_USAGE = 2
_UNTOLD = 3
_COLOURS = {
    "title": {"bold": True},
    "heading": {"dim": True},
    "name": {"fg": "cyan"},
    "page": {"fg": "green"},
    "vendor": {"fg": "green"},
    "reported": {"fg": "yellow"},
    "ours": {"fg": "magenta"},
    "holds": {"fg": "green"},
    "broken": {"fg": "red", "bold": True},
    "differs": {"fg": "yellow"},
    "inconclusive": {"fg": "yellow"},
    "not run": {"dim": True},
}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="stepfun-mock", prog_name="stepfun-mock")
def main() -> None:
    """StepFun's image API on your own computer."""


@main.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="STEPFUN_MOCK_HOST",
    show_envvar=True,
    help="Address to listen on; another than a loopback one opens the mock to the network.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8793,
    show_default=True,
    envvar="STEPFUN_MOCK_PORT",
    show_envvar=True,
    help="Port to listen on; 0 picks a free one.",
)
@click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="NAME",
    envvar="STEPFUN_MOCK_ALLOW_HOST",
    show_envvar=True,
    help="Answer to this host name too; repeatable.",
)
@click.option(
    "--api-key",
    "api_keys",
    multiple=True,
    metavar="KEY",
    envvar="STEPFUN_MOCK_API_KEY",
    show_envvar=True,
    help="Accept this key and no other; repeatable. Without it any key that is not empty will do.",
)
@click.option(
    "--choice",
    "choices",
    multiple=True,
    metavar="NAME=VALUE",
    envvar="STEPFUN_MOCK_CHOICE",
    show_envvar=True,
    help="Decide what the documentation leaves open; repeatable. `contract` lists the choices.",
)
def serve(
    host: str,
    port: int,
    allow_hosts: Sequence[str],
    api_keys: tuple[str, ...],
    choices: Sequence[str],
) -> None:
    """Serve the image API until Ctrl-C."""
    host = host.strip("[]")
    # Collecting garbage while modules load finds none, and takes a tenth of the time to start.
    gc.disable()
    from stepfun_mock.requestlog import line
    from stepfun_mock.service import StepfunMock
    from stepfun_mock.transports.asgi import Application
    from stepfun_mock.transports.server import CannotListenError, Server, bind

    try:
        mock = StepfunMock(choices=_chosen(choices, api_keys))
        bound = bind(host, port)
        application = Application(mock, allow_hosts=(host, *allow_hosts))
    except (ValueError, CannotListenError) as problem:
        _fail(str(problem))
    finally:
        gc.enable()
    mock.watch(lambda exchange: _tell(line(exchange.entry)))
    address = (host, bound.getsockname()[1])
    Server(application, bound, on_ready=lambda: _announce(*address)).run_until_stopped()
    _tell(f"stopped after {mock.journal.total} requests")


def _announce(host: str, port: int) -> None:
    from stepfun_mock.transports.door import is_loopback
    from stepfun_mock.transports.server import root_url

    gc.freeze()  # what is loaded by now stays, and need not be looked through again
    root = root_url(host, port)
    click.echo(f"stepfun-mock listening on {root}/v1")
    sys.stdout.flush()
    _tell(f"the contract that it keeps: {root}/__stepfun_mock/openapi.json")
    if not is_loopback(host):
        _tell(_open_warning(host))


@main.command()
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "json", "markdown", "openapi"]),
    default="table",
    show_default=True,
    envvar="STEPFUN_MOCK_FORMAT",
    show_envvar=True,
)
def contract(style: str) -> None:
    """Print what StepFun documents, and how sure that is."""
    click.echo(_printed(style), nl=False)


@main.command()
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
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    envvar="STEPFUN_MOCK_REPORT",
    show_envvar=True,
    help="Write report.json, junit.xml and index.html into this folder.",
)
@click.option(
    "--max-images",
    type=click.IntRange(min=1),
    default=40,
    show_default=True,
    envvar="STEPFUN_MOCK_MAX_IMAGES",
    show_envvar=True,
    help="Pictures that may be drawn at most.",
)
@click.option(
    "--max-requests",
    type=click.IntRange(min=1),
    default=150,
    show_default=True,
    envvar="STEPFUN_MOCK_MAX_REQUESTS",
    show_envvar=True,
    help="Requests that may be sent at most, links included.",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    envvar="STEPFUN_MOCK_RATE",
    show_envvar=True,
    help="Requests a minute. Left out: 60, 8 at api.stepfun.com, no limit on this machine.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    envvar="STEPFUN_MOCK_TIMEOUT",
    show_envvar=True,
    help="How long a reply may take, whole; 10 s where no picture is drawn.",
)
@click.option(
    "--link-wait",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    envvar="STEPFUN_MOCK_LINK_WAIT",
    show_envvar=True,
    help="After how long the first link is fetched again.",
)
@click.option(
    "--api-key-env",
    default="STEP_API_KEY",
    show_default=True,
    metavar="NAME",
    envvar="STEPFUN_MOCK_API_KEY_ENV",
    show_envvar=True,
    help="The variable that holds the key; a server on this machine needs none.",
)
def check(*, plan: bool, list_rules: bool, self_test: bool, **given: Any) -> None:  # noqa: ANN401
    """Tell whether a server keeps the contract.

    TARGET is mock (the default), live or a base URL such as http://127.0.0.1:8793/v1; the
    variable STEPFUN_MOCK_TARGET names it too.

    Exit codes: 0 the contract is kept, 1 it is broken, 2 usage, 3 could not tell.
    """
    try:
        code = _checked(given, plan=plan, list_rules=list_rules, self_test=self_test)
    except KeyboardInterrupt:
        # The exit code that click gives it says that the contract is broken.
        _tell_problem("interrupted")
        code = _UNTOLD
    raise SystemExit(code)


def _checked(given: dict[str, Any], *, plan: bool, list_rules: bool, self_test: bool) -> int:
    with suppress(FileNotFoundError):  # a current folder that is gone
        # A project's own files lie here, and PYTHONPATH may name it.
        sys.path[:] = [entry for entry in sys.path if entry not in ("", str(Path.cwd()))]
    try:
        command = suite.module("command")
        matrix = suite.module("matrix") if self_test else None
    except suite.NoSuiteError as problem:
        _fail(str(problem))
    shown = command.Terminal(
        echo=click.echo,
        fail=_tell_problem,
        paint=_paint,
        width=shutil.get_terminal_size((100, 24)).columns,
        live=sys.stderr.isatty(),
    )
    if matrix is not None:
        return int(matrix.prove(shown))
    options = command.Options(**given)
    return int(command.main(options, shown, plan=plan, list_rules=list_rules))


def _tell(text: str) -> None:
    try:
        sys.stderr.write(f"{text}\n")
    except OSError:
        # Who read the log has gone, as after `2>&1 | head`; requests are answered all the same.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _printed(style: str) -> str:
    from stepfun_mock import handbook

    if style == "json":
        return handbook.as_json()
    if style == "markdown":
        return handbook.as_markdown()
    if style == "openapi":
        import json

        from stepfun_mock.openapi import document

        return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    # What is no terminal is searched and stored rather than looked at.
    return handbook.as_table(shutil.get_terminal_size((200, 24)).columns, _paint)


def _paint(text: str, role: str) -> str:
    if os.environ.get("NO_COLOR"):
        return text
    return click.style(text, **_COLOURS.get(role, {}))  # type: ignore[arg-type]


def _chosen(choices: Sequence[str], api_keys: tuple[str, ...]) -> Choices:
    return Choices.from_texts(choices, **({"api_keys": api_keys} if api_keys else {}))


def _open_warning(host: str) -> str:
    return (
        f"warning: {host} can be reached from the network, and the mock takes any key unless "
        "--api-key names some; machines that use another name than the loopback ones need "
        "--allow-host NAME"
    )


def _fail(message: str) -> NoReturn:
    _tell_problem(message)
    raise SystemExit(_USAGE)


def _tell_problem(message: str) -> None:
    click.echo(f"stepfun-mock: {message}", err=True)
