"""What starts the servers that are measured: from the wheel, in an environment of their own.

Nothing is there that an installation does not bring: a development environment has uvloop, say,
which uvicorn takes where it finds it.
"""

from functools import cache
from pathlib import Path

from benchmarks.environments import SERVERS, environments
from benchmarks.harness import ROOT

_PEERS = ROOT / "benchmarks" / "peers"

SILENT = ("--no-access-log", "--log-level", "error")
"""Flags that take from a uvicorn what the mock under measure does not do either."""


def mock_command(port: int) -> list[str]:
    """The mock as its users start it."""
    return [str(_commands() / "stepfun-mock"), "serve", "--port", str(port)]


def quiet_command(port: int) -> list[str]:
    """The mock without its request log and its page."""
    # By its path: as a module it would find the project's sources, and not the wheel.
    return [str(_commands() / "python"), str(ROOT / "benchmarks" / "quiet_server.py"), str(port)]


def uvicorn_command(peer: str, port: int, *flags: str) -> list[str]:
    """A module of `benchmarks/peers` under uvicorn as it comes."""
    app = [f"{peer}:app", "--app-dir", str(_PEERS), "--port", str(port)]
    return [str(_commands() / "uvicorn"), *app, *flags]


@cache
def _commands() -> Path:
    return environments([SERVERS])[SERVERS].parent
