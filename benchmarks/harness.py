"""Starts what is measured, and asks it. Judges nothing.

Loopback only; every process has a deadline, and is ended by its own id whatever happens, with
those that it started.
"""

import compileall
import http.client
import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the project."""

LOOPBACK = "127.0.0.1"
"""The only address that anything here speaks to."""

PATH = "/v1/images/generations"
"""The path that is asked, of the mock and of its peers."""

HEADERS = {"authorization": "Bearer any-key", "content-type": "application/json"}
"""What a request bears beside its body."""

_START_SECONDS = 60.0  # of what starts slowest, on a busy machine
_STOP_SECONDS = 5.0
_RUN_SECONDS = 600.0
_TOLD = 2000
_POLL_SECONDS = 0.002
_PORTS = set(range(20_000, 32_000))


class BenchmarkError(Exception):
    """Something could not be measured; the sentence says why."""


@dataclass(frozen=True)
class Run:
    """A command that ran to its end.

    Args:
        wall_ms: Milliseconds that it took.
        cpu_ms: Milliseconds of CPU, the kernel's included, that it and its children used.
        said: What it wrote to standard output.
    """

    wall_ms: float
    cpu_ms: float
    said: str


@dataclass(frozen=True)
class Server:
    """A server that answers.

    Args:
        pid: Its process.
        port: Where it listens, on the loopback address.
        first_ms: Milliseconds from the start of its process to its first reply.
    """

    pid: int
    port: int
    first_ms: float


def say(text: str) -> None:
    """Tell the person who waits what is going on."""
    print(text, file=sys.stderr, flush=True)


# Processes -----------------------------------------------------------------


@contextmanager
def running(command: Sequence[str], port: int, **variables: str) -> Iterator[Server]:
    """Run a server, from its first reply to the end of the block.

    Args:
        command: What to start; its output is thrown away.
        port: Where it is going to listen.
        variables: Environment variables for it.

    Raises:
        BenchmarkError: it ended, or did not answer in time.
    """
    start = perf_counter()
    process = _started(command, ROOT, variables, subprocess.DEVNULL)
    try:
        _await_reply(process, port, start + _START_SECONDS)
        yield Server(process.pid, port, (perf_counter() - start) * 1000)
    finally:
        _end(process)


def done(command: Sequence[str | Path], folder: Path = ROOT, **variables: str) -> Run:
    """Run a command to its end, alone: what else this process waits for counts too.

    Args:
        command: What to run.
        folder: Where it runs.
        variables: Environment variables for it.

    Raises:
        BenchmarkError: it failed, or did not end in time.
    """
    words = [str(word) for word in command]
    used, start = _children_cpu_ms(), perf_counter()
    with _started(words, folder, variables, subprocess.PIPE) as process:
        try:
            said, complained = process.communicate(timeout=_RUN_SECONDS)
        except subprocess.TimeoutExpired:
            raise BenchmarkError(f"{' '.join(words)} did not end in {_RUN_SECONDS:.0f} s") from None
        finally:
            _end(process)
    wall_ms = (perf_counter() - start) * 1000
    if process.returncode:
        told = (said + complained).decode(errors="replace").strip()[-_TOLD:]
        raise BenchmarkError(f"{' '.join(words)} ended with {process.returncode}: {told}")
    return Run(wall_ms, _children_cpu_ms() - used, said.decode(errors="replace"))


def _started(
    command: Sequence[str], folder: Path, variables: Mapping[str, str], output: int
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**_environment(), **variables},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        process_group=0,  # so that what it starts can be ended with it
    )


def _children_cpu_ms() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


def compile_project(*folders: str) -> None:
    """Compile folders of the project to byte code.

    It is not installed but linked, so nobody else has.

    Raises:
        BenchmarkError: a file that is no Python.
    """
    for folder in folders:
        if not compileall.compile_dir(ROOT / folder, quiet=2):
            raise BenchmarkError(f"{folder} could not be compiled to byte code")


def _environment() -> dict[str, str]:
    # Byte code may be written and read as for any user, and no flag may come in unseen.
    foreign = (
        *("PYTHONDONTWRITEBYTECODE", "PYTEST_", "STEPFUN_MOCK_", "UVICORN_"),
        *("AIMOCK_", "LLMOCK_", "MOCKOON_", "NODE_ENV", "NODE_OPTIONS", "JAVA_TOOL_OPTIONS"),
    )
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def _await_reply(process: subprocess.Popen[bytes], port: int, deadline: float) -> None:
    while perf_counter() < deadline and process.poll() is None:
        try:
            status, _ = ask(port)
        except ConnectionRefusedError:
            time.sleep(_POLL_SECONDS)
        except (OSError, http.client.HTTPException) as problem:
            raise BenchmarkError(f"{_shown(process)} broke off: {problem!r}") from problem
        else:
            if status != http.HTTPStatus.OK:
                raise BenchmarkError(f"{_shown(process)} answered {status} instead of 200")
            return
    raise BenchmarkError(f"{_shown(process)} did not answer; start it by hand to see why")


def _shown(process: subprocess.Popen[bytes]) -> str:
    return " ".join(map(str, process.args)) if isinstance(process.args, list) else "a server"


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
    finally:  # whoever measures may be told to end meanwhile
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(_STOP_SECONDS)


def free_port() -> int:
    """A port that nobody listens on.

    Below those that the system gives to clients: who polls one of those can be given it
    as its own, and is then connected to itself.
    """
    for port in random.sample(sorted(_PORTS), 100):
        _PORTS.remove(port)  # no port is given twice, since the first may not be taken yet
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise BenchmarkError("100 ports were tried and none is free")


# Requests ------------------------------------------------------------------


def body(response_format: str = "url", seed: int = 1) -> bytes:
    """The documentation page's example."""
    return json.dumps(
        {
            "model": "step-image-edit-2",
            "prompt": "A serene alpine lake at sunset, mirror reflection, photorealistic",
            "response_format": response_format,
            "cfg_scale": 1.0,
            "steps": 8,
            "seed": seed,
            "text_mode": True,
        }
    ).encode()


def ask(port: int, payload: bytes | None = None) -> tuple[int, bytes]:
    """Send one request over a new connection, and read the whole reply."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_START_SECONDS)
    try:
        connection.request("POST", PATH, payload or body(), HEADERS)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()
