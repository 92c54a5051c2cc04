"""The command: `stepfun-mock serve`, `stepfun-mock check` and `stepfun-mock contract`.

Reads flags and variables, prints, and leaves the work to the other rooms.
"""

import gc
import os
import secrets
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from stepfun_mock.checking import check, tell_problem
from stepfun_mock.choices import Choices
from stepfun_mock.colours import paint
from stepfun_mock.flags import Phrase, flag, strange
from stepfun_mock.suite import USAGE

if TYPE_CHECKING:
    from stepfun_mock.faults import Fault
    from stepfun_mock.startup import Startup

_HOST = "127.0.0.1"
_PORT = 8793
_SEEDS = 1_000_000  # few digits to type again


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="stepfun-mock", prog_name="stepfun-mock")
def main() -> None:
    """StepFun's image API on your own computer."""


main.add_command(check)


@main.command()
@flag(
    "--host",
    default=_HOST,
    help="Address to listen on; another than a loopback one opens the mock to the network.",
)
@flag(
    "--port",
    type=click.IntRange(0, 65535),
    default=_PORT,
    help="Port to listen on; 0 picks a free one.",
)
@flag(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="NAME",
    help="Answer to this host name too; repeatable.",
)
@flag(
    "--api-key",
    "api_keys",
    multiple=True,
    metavar="KEY",
    help="Accept this key and no other; repeatable. Without it any key that is not empty will do.",
)
@flag(
    "--choice",
    "choices",
    multiple=True,
    metavar="NAME=VALUE",
    help="Decide what the documentation leaves open; repeatable. `contract` lists the choices.",
)
@flag(
    "--fault",
    "faults",
    type=Phrase(),
    multiple=True,
    metavar="TEXT",
    help='Let requests meet this fault, as in "rate_limited times=2"; repeatable, met in order.',
)
@flag(
    "--chaos",
    "rate",
    type=float,
    metavar="RATE",
    help="Let requests that meet no fault meet one at random: this share of them, from 0 to 1.",
)
@flag(
    "--chaos-seed",
    "seed",
    type=int,
    metavar="N",
    help="Start chaos here, for the same days again; without it a seed is drawn and printed.",
)
@flag(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read all of these from a TOML file; a flag or a variable wins over it.",
)
def serve(config: Path | None, **flags: Any) -> None:  # noqa: ANN401 (each flag has its own type)
    """Serve the image API until Ctrl-C."""
    # Collecting garbage while modules load finds none, and takes a tenth of the time to start.
    gc.disable()
    from stepfun_mock.inspector import Inspector
    from stepfun_mock.requestlog import line
    from stepfun_mock.service import StepfunMock
    from stepfun_mock.transports.asgi import Application
    from stepfun_mock.transports.server import CannotListenError, Server, bind

    try:
        startup = _startup(config, **flags)
        host = (startup.host or _HOST).strip("[]")
        port = _PORT if startup.port is None else startup.port
        mock = StepfunMock(
            choices=startup.made_choices(), faults=startup.faults, chaos=startup.made_chaos()
        )
        bound = bind(host, port)
        application = Application(
            mock, allow_hosts=(host, *startup.allow_hosts), page=Inspector(mock)
        )
    except (ValueError, CannotListenError) as problem:
        _fail(str(problem))
    finally:
        gc.enable()
    mock.watch(lambda exchange: _tell(line(exchange.entry, exchange.response.held)))
    address = (host, bound.getsockname()[1])
    page = mock.choices.control_routes

    def announce() -> None:
        _announce(*address, startup.scripted(), page=page)

    Server(application, bound, on_ready=announce).run_until_stopped()
    _tell(f"stopped after {mock.journal.total} request{'' if mock.journal.total == 1 else 's'}")


def _startup(config: Path | None, **flags: Any) -> "Startup":  # noqa: ANN401 (see `serve`)
    """What flags and variables say, over what the file says."""
    from stepfun_mock.startup import Startup

    flags["choices"] = Choices.named(flags["choices"])
    flags["faults"] = tuple(map(_fault, flags["faults"]))
    source = click.get_current_context().get_parameter_source
    said = {
        name: value for name, value in flags.items() if source(name) is not ParameterSource.DEFAULT
    }
    startup = Startup(**said)
    if config is not None:
        from stepfun_mock.startup.file import read

        startup = startup.over(read(config))
    if startup.rate and startup.seed is None:
        startup = replace(startup, seed=secrets.randbelow(_SEEDS))
    return startup


def _fault(text: str) -> "Fault":
    from stepfun_mock.faults.catalogue import from_text

    try:
        return from_text(text)
    except ValueError as problem:
        raise ValueError(f"--fault: {problem}") from None


def _announce(host: str, port: int, scripted: str, *, page: bool) -> None:
    from stepfun_mock.transports.door import is_loopback
    from stepfun_mock.transports.server import root_url

    gc.freeze()  # what is loaded by now stays, and need not be looked through again
    root = root_url(host, port)
    click.echo(f"stepfun-mock listening on {root}/v1")
    sys.stdout.flush()
    if page:
        _tell(f"what it is asked, with the pictures: {root}/__stepfun_mock/")
    if scripted:
        _tell(scripted)
    if not is_loopback(host):
        _tell(_open_warning(host))
    for sentence in strange(main, os.environ):
        _tell(f"warning: {sentence}")


@main.command()
@flag(
    "--format",
    "style",
    type=click.Choice(["table", "json", "markdown", "openapi"]),
    default="table",
)
def contract(style: str) -> None:
    """Print what StepFun documents, and how sure that is."""
    click.echo(_printed(style), nl=False)


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
    return handbook.as_table(shutil.get_terminal_size((200, 24)).columns, paint)


def _open_warning(host: str) -> str:
    return (
        f"warning: {host} can be reached from the network, and the mock takes any key unless "
        "--api-key names some; the page and the control routes ask for none, and are closed by "
        "--choice control_routes=off; machines that use another name than the loopback ones need "
        "--allow-host NAME"
    )


def _fail(message: str) -> NoReturn:
    tell_problem(message)
    raise SystemExit(USAGE)
