"""Runs `stepfun-mock check` as a process, away from whatever this machine's environment says."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from proof.faulty import FAULTY
from proof.messages import Reply, Request, Setting
from proof.reference import Make, ReferenceServer
from proof.serving import serve

MODULE = (sys.executable, "-m", "stepfun_mock", "check")
SCRIPT = (str(Path(sys.executable).with_name("stepfun-mock")), "check")
FILES = {"index.html", "junit.xml", "report.json"}
LONGEST = 60

_FOREIGN = re.compile(
    r"STEP_API_KEY|STEPFUN_|GITHUB_|PYTEST_|HYPOTHESIS_|NO_COLOR|FORCE_COLOR|PYTHONPATH"
    r"|(?i:https?|all|no)_proxy"
)


def surroundings(**variables: str) -> dict[str, str]:
    """The environment without what bears upon the command, and with these variables."""
    kept = {name: value for name, value in os.environ.items() if not _FOREIGN.match(name)}
    return {**kept, **{name.upper(): value for name, value in variables.items()}}


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def words(self) -> str:
        """Standard output on one line, however wide the terminal was."""
        return " ".join(self.out.split())


def check(
    *arguments: str | Path,
    folder: Path | None = None,
    command: tuple[str, ...] = MODULE,
    **variables: str,
) -> Done:
    """Run the command to its end."""
    began = time.monotonic()
    done = subprocess.run(
        [*command, *map(str, arguments)],
        cwd=folder,
        env=surroundings(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - began)


@contextmanager
def checking(*arguments: str | Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """The command while it runs; it does not outlive the test."""
    process = subprocess.Popen(
        [*MODULE, *map(str, arguments)],
        env=surroundings(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str], by: signal.Signals) -> Done:
    """Send a signal, and wait for the end."""
    began = time.monotonic()
    process.send_signal(by)
    out, err = process.communicate(timeout=LONGEST)
    return Done(process.returncode, out, err, time.monotonic() - began)


def until(there: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 30
    while not there():
        assert time.monotonic() < end
        time.sleep(0.02)


# Servers --------------------------------------------------------------------------------


class Counting(ReferenceServer):
    """Keeps the requests that came."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.came: list[Request] = []

    def answer(self, request: Request) -> Reply:
        self.came.append(request)
        return super().answer(request)


KEY = Setting().key


@contextmanager
def serving(make: Make = ReferenceServer) -> Iterator[str]:
    """A server of the proof, under its base URL; it accepts KEY."""
    with serve(make(Setting())) as base_url:
        yield base_url


@contextmanager
def counted() -> Iterator[tuple[Counting, str]]:
    """A server that conforms, with the requests that it got, and its base URL."""
    server = Counting(Setting())
    with serve(server) as base_url:
        yield server, base_url


def faulty(name: str) -> Make:
    """The server with the fault of that name."""
    return next(one.server for one in FAULTY if one.name == name)


class Door:
    """A port that counts who comes, and says nothing."""

    def __init__(self) -> None:
        self.visits = 0
        self._bound = socket.create_server(("127.0.0.1", 0))
        self._open = True
        self.url = f"http://127.0.0.1:{self._bound.getsockname()[1]}"
        self._thread = threading.Thread(target=self._count)
        self._thread.start()

    def _count(self) -> None:
        while True:
            line, _ = self._bound.accept()
            line.close()
            if not self._open:
                return
            self.visits += 1

    def close(self) -> None:
        self._open = False
        socket.create_connection(self._bound.getsockname()).close()
        self._thread.join()
        self._bound.close()


@contextmanager
def door() -> Iterator[Door]:
    opened = Door()
    try:
        yield opened
    finally:
        opened.close()


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])
