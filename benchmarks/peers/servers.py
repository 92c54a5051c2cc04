"""The servers: the mock in two ways, and each peer in the way that is fairest to it."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

from benchmarks.commands import SILENT, mock_command, quiet_command, uvicorn_command
from benchmarks.harness import LOOPBACK, BenchmarkError, Server, ask, free_port, running
from benchmarks.peers import configurations
from benchmarks.peers.installed import Installed, MissingError, jar, npm, pypi
from benchmarks.peers.peer import Peer
from benchmarks.peers.pictures import link

Command = Callable[[Path, int], list[str]]
"""What starts a server, from a folder of its own and its port."""


@dataclass(frozen=True)
class Contender:
    """A server that can be started.

    Args:
        peer: Who it is; nobody starts one that is missing.
        command: What starts it.
    """

    peer: Peer
    command: Command

    def named(self, name: str) -> "Contender":
        """The same under another name."""
        return replace(self, peer=replace(self.peer, name=name))


@dataclass(frozen=True)
class _Recipe:
    name: str
    setup: str
    install: Callable[[], Installed]
    command: Callable[[Installed, Path, int], list[str]]


def _mock(how: str, command: Callable[[int], list[str]]) -> Contender:
    ours = Peer("stepfun-mock", version("stepfun-mock"), how)
    return Contender(ours, lambda _, port: command(port))


QUIET = _mock("Without its request log and its page; every check and the journal.", quiet_command)
"""The mock as its rates are measured: the peers write no log either."""

SERVE = _mock("`stepfun-mock serve`, its output thrown away.", mock_command)
"""The mock as its users start it."""


LOGGED = _mock(
    "As its users start it: with its request log, thrown away here, and its page.", mock_command
).named("stepfun-mock serve")
"""The same again, beside the quiet one."""

FLOOR = Contender(
    Peer(
        "fixed reply",
        "",  # it stands on the servers' uvicorn, which the page names
        "An ASGI function under stock uvicorn that reads the body, parses nothing and sends one "
        "reply of the same length; no access log.",
    ),
    lambda _, port: uvicorn_command("fixed", port, *SILENT),
)
"""What nobody who reads a request over the same uvicorn gets below."""


@contextmanager
def serving(contender: Contender) -> Iterator[Server]:
    """Run a server, from its first reply to the end of the block.

    Raises:
        BenchmarkError: it ended, did not answer in time, or its reply bears no link.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        port = free_port()
        reply_bytes = str(configurations.REPLY_BYTES)
        command = contender.command(Path(home), port)
        with running(command, port, HOME=home, REPLY_BYTES=reply_bytes) as server:
            _check_reply(contender.peer, server)
            yield server


def _check_reply(peer: Peer, server: Server) -> None:
    # wrk tells a success by its status alone, so a page or an empty list would count.
    _, told = ask(server.port)
    if not link(told):
        raise BenchmarkError(f"{peer.name} answered no JSON with data[0].url: {told[:200]!r}")


@cache
def contenders() -> list[Contender]:
    """Every other project, installed where it was not yet; what cannot be is there as missing."""
    return [_contender(recipe) for recipe in _RECIPES]


def _contender(recipe: _Recipe) -> Contender:
    try:
        there = recipe.install()
    except MissingError as why:
        return Contender(Peer(recipe.name, "", recipe.setup, str(why)), lambda folder, port: [])
    peer = Peer(recipe.name, there.version, recipe.setup)
    return Contender(peer, partial(recipe.command, there))


def _aimock(there: Installed, folder: Path, port: int) -> list[str]:
    return [str(there.commands / "aimock"), "--config", str(configurations.aimock(folder, port))]


def _prism(there: Installed, folder: Path, port: int) -> list[str]:
    where = ("--host", LOOPBACK, "--port", str(port))
    described = str(configurations.prism(folder, port))
    return [str(there.commands / "prism"), "mock", described, *where, "--verboseLevel", "silent"]


def _mockoon(there: Installed, folder: Path, port: int) -> list[str]:
    data = str(configurations.mockoon(folder, port))
    # To repair also means to bring an older file up to date, and otherwise Mockoon asks.
    flags = ("--disable-log-to-file", "--repair")
    return [str(there.commands / "mockoon-cli"), "start", "--data", data, *flags]


def _wiremock(there: Installed, folder: Path, port: int) -> list[str]:
    (archive,) = (there.folder / "build").glob("*.jar")
    where = ("--bind-address", LOOPBACK, "--port", str(port))
    root = ("--root-dir", str(configurations.wiremock(folder, port)))
    silent = ("--disable-banner", "--disable-request-logging")
    return ["java", "-jar", str(archive), *where, *root, *silent]


def _httpserver(there: Installed, folder: Path, port: int) -> list[str]:
    reply = str(configurations.httpserver(folder, port))
    return [str(there.commands / "python"), "-m", "benchmarks.peers.httpserver", str(port), reply]


def _llmock(there: Installed, _: Path, port: int) -> list[str]:
    where = ("--host", LOOPBACK, "--port", str(port))
    return [str(there.commands / "llmock"), "serve", *where, "--log-level", "error"]


_RECIPES = (
    _Recipe(
        "aimock",
        "`aimock --config` with a fixture for images that holds a link, `logLevel` silent; its "
        "journal as by default (the last 1,000 requests). Its reply has the link and no more, so "
        "it is shorter than the mock's. Nothing stands behind the link.",
        partial(npm, "@copilotkit/aimock"),
        _aimock,
    ),
    _Recipe(
        "Prism",
        "`prism mock` with the mock's own OpenAPI document, `--verboseLevel silent`; it checks "
        "each request against the document and replies with the example in it, which is set to a "
        "link on itself. Nothing stands behind the link.",
        partial(npm, "@stoplight/prism-cli"),
        _prism,
    ),
    _Recipe(
        "Mockoon",
        "`mockoon-cli start` with one route and a fixed body, templating off for it, no log file; "
        "its output, which no flag silences, is thrown away; its log of requests as by default "
        "(the last 100). Nothing stands behind the link in the body.",
        partial(npm, "@mockoon/cli"),
        _mockoon,
    ),
    _Recipe(
        "WireMock",
        "`java -jar` of the archive in the package `wiremock`, without the Node process around "
        "it, with `--disable-request-logging`, one stub and a fixed body; its journal as by "
        "default (every request), and so the JVM's heap, which goes by the machine's memory. "
        "Nothing stands behind the link in the body.",
        partial(jar, "wiremock"),
        _wiremock,
    ),
    _Recipe(
        "pytest-httpserver",
        "`HTTPServer` in a process of its own, with one handler and a fixed body; werkzeug's "
        "line for each request switched off, its log of requests as by default (every request). "
        "Nothing stands behind the link in the body.",
        partial(pypi, "pytest-httpserver"),
        _httpserver,
    ),
    _Recipe(
        "llmock",
        "`llmock serve --log-level error`, on uvloop, which it installs; the reply is its own, "
        "longer than the mock's, with the picture in the link; its journal as by default (the last "
        "10,000 requests).",
        partial(pypi, "llmock"),
        _llmock,
    ),
)
