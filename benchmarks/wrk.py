"""The load generator: runs wrk against servers in turn and reads what it reports."""

import itertools
import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.harness import LOOPBACK, BenchmarkError, Server, say
from benchmarks.usage import cpu_seconds

MISSING = (
    "the load generator wrk is missing; install it with the system's package manager "
    "(apt-get install wrk, dnf install wrk, brew install wrk)"
)
"""What to tell who has no wrk."""

CONNECTIONS = 32
"""Connections that are open at once, each with one request under way."""

_SCRIPT = Path(__file__).with_name("load.lua")
_WARM_UP_SECONDS = 2
_ROUND_SECONDS = 3
_PATIENCE_SECONDS = 20
# Every run has numbers of its own, so that no picture is ever asked for twice.
_firsts = itertools.count(1_000_000, 1_000_000)


@dataclass(frozen=True)
class Load:
    """What one run of wrk saw.

    Args:
        requests: Requests that were answered, all of them with success.
        seconds: How long it took.
        cpu_us: Microseconds of CPU that the server and its children used for each.
        p50_ms: Half of the replies came within this.
        p99_ms: All but one in a hundred came within this.
    """

    requests: int
    seconds: float
    cpu_us: float
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def is_there() -> bool:
    """Whether wrk is installed."""
    return shutil.which("wrk") is not None


def version() -> str:
    """The version of wrk, as it prints it."""
    if not is_there():
        return "none"
    done = subprocess.run(["wrk", "-v"], capture_output=True, text=True, timeout=10, check=False)
    words = (done.stdout + done.stderr).split()
    return words[1].removeprefix("debian/") if len(words) > 1 else "unknown"


def load(
    server: Server, asked: str, seconds: int = _ROUND_SECONDS, connections: int = CONNECTIONS
) -> Load:
    """Load a server.

    Args:
        server: The server.
        asked: `url`, `b64_json`, or `mixed` for both and link fetches.
        seconds: For how long.
        connections: How many are open at once, each with one request under way.

    Raises:
        BenchmarkError: a reply was not a success, or none came.
    """
    before = cpu_seconds(server.pid)
    said = _run(server.port, asked, seconds, connections)
    used = cpu_seconds(server.pid) - before
    if said["refused"] or said["broken"] or not said["requests"]:
        raise BenchmarkError(f"not every request of a wrk run was answered with success: {said}")
    cpu_us = used / said["requests"] * 1e6
    return Load(said["requests"], said["seconds"], cpu_us, said["p50_ms"], said["p99_ms"])


def _run(port: int, asked: str, seconds: int, connections: int) -> dict[str, int]:
    shape = ("-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(_SCRIPT))
    url, first = f"http://{LOOPBACK}:{port}", str(next(_firsts))
    done = subprocess.run(
        ["wrk", *shape, url, "--", asked, first],
        capture_output=True,
        text=True,
        timeout=seconds + _PATIENCE_SECONDS,
        check=False,
    )
    told = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not told:
        raise BenchmarkError(f"wrk failed: {done.stdout}{done.stderr}".strip())
    said: dict[str, int] = json.loads(told[-1])
    return said


def in_turn(servers: Mapping[str, Server], asked: str, rounds: int) -> dict[str, list[Load]]:
    """Load servers in turn, round by round, in changing order, after a warm-up of each."""
    for server in servers.values():
        load(server, asked, _WARM_UP_SECONDS)
    loads: dict[str, list[Load]] = {name: [] for name in servers}
    for number in range(rounds):
        order = list(servers) if number % 2 == 0 else list(servers)[::-1]
        for name in order:
            loads[name].append(load(servers[name], asked))
        rates = ", ".join(f"{name} {loads[name][-1].rate:,.0f}/s" for name in servers)
        say(f"  round {number + 1} of {rounds}: {rates}")
    return loads


def shown(loads: list[Load]) -> str:
    """Loads in a cell of the table: their medians."""
    rate, cpu = median(one.rate for one in loads), median(one.cpu_us for one in loads)
    return f"{rate:,.0f}/s, {cpu:.0f} µs CPU"
