"""Half-sent requests: 500 connections that hang must disturb nobody, and be closed in time.

`python -m benchmarks.stuck` runs this alone.
"""

import argparse
import contextlib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from benchmarks.commands import mock_command
from benchmarks.harness import (
    LOOPBACK,
    PATH,
    BenchmarkError,
    Server,
    ask,
    body,
    free_port,
    running,
    say,
)
from benchmarks.table import Goal, Row
from benchmarks.usage import open_files

_STUCK = 500
_ASKED = 100
_PAUSE_SECONDS = 0.12  # so that the hundred last until the stuck ones have been closed
_PATIENCE_SECONDS = 30.0
_REPLY = Goal(100, unit=" ms")
_CLOSED = Goal(15, unit=" s")

_HALF_HEAD = f"POST {PATH} HTTP/1.1\r\nHost: {LOOPBACK}\r\nContent-Ty".encode()
_HALF_BODY = (
    f"POST {PATH} HTTP/1.1\r\nHost: {LOOPBACK}\r\nAuthorization: Bearer any-key\r\n"
    'Content-Type: application/json\r\nContent-Length: 4096\r\n\r\n{"model": "step-im'
).encode()
_KINDS = (_HALF_HEAD, _HALF_BODY, b"")


@dataclass(frozen=True)
class Figures:
    """What was measured.

    Args:
        reply_ms: Each normal request, sent while the others hang and while they are closed.
        closed_s: Seconds until the server had closed the last one, a figure for each round.
    """

    reply_ms: list[float]
    closed_s: list[float]

    def rows(self) -> list[Row]:
        """The rows of the table."""
        worst, last = max(self.reply_ms), max(self.closed_s)
        told = (
            f"{worst:.1f} ms at worst of {len(self.reply_ms)}, median {median(self.reply_ms):.1f}"
        )
        name = f"a request beside {_STUCK} half-sent ones, on a new connection"
        return [
            _REPLY.row(name, worst, told),
            _CLOSED.row("the last half-sent request is closed after", last, f"{last:.1f} s"),
        ]


def measure(rounds: int) -> Figures:
    """Measure a new server in each round."""
    figures = Figures([], [])
    for number in range(rounds):
        port = free_port()
        with running(mock_command(port), port) as server:
            times, closed = _beside_stuck(server)
        figures.reply_ms.extend(times)
        figures.closed_s.append(closed)
        say(f"  round {number + 1} of {rounds}: worst {max(times):.1f} ms, closed {closed:.1f} s")
    return figures


def _beside_stuck(server: Server) -> tuple[list[float], float]:
    time.sleep(_PAUSE_SECONDS)  # until the server has closed the connection of its first reply
    quiet = open_files(server.pid)
    times: list[float] = []
    closed = 0.0
    with _stuck(server.port):
        start = perf_counter()
        _await_accepted(server, quiet + _STUCK)
        while not closed or len(times) < _ASKED:
            times.append(_timed(server.port))
            time.sleep(_PAUSE_SECONDS)
            elapsed = perf_counter() - start
            # The server's own count: one that is only half closed would look closed from here.
            if not closed and open_files(server.pid) <= quiet:
                closed = elapsed
            if elapsed > _PATIENCE_SECONDS:
                raise BenchmarkError(f"half-sent requests still hang after {elapsed:.0f} s")
    return times, closed


@contextlib.contextmanager
def _stuck(port: int) -> Iterator[None]:
    with contextlib.ExitStack() as held:
        for number in range(_STUCK):
            one = held.enter_context(socket.create_connection((LOOPBACK, port), timeout=5))
            one.sendall(_KINDS[number % len(_KINDS)])
        yield


def _await_accepted(server: Server, due: int) -> None:
    deadline = perf_counter() + 5
    while (missing := due - open_files(server.pid)) > 0:
        if perf_counter() > deadline:
            raise BenchmarkError(f"{missing} of {_STUCK} connections were not accepted in 5 s")
        time.sleep(0.01)


def _timed(port: int) -> float:
    payload = body()
    start = perf_counter()
    status, _ = ask(port, payload)
    elapsed = (perf_counter() - start) * 1000
    if status != 200:
        raise BenchmarkError(f"a normal request beside the stuck ones was answered {status}")
    return elapsed


def main() -> None:
    """Print the figures, a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    for row in measure(parser.parse_args().rounds).rows():
        print(f"{row.figure}: {row.ours} (bar {row.bar}, met: {row.met})")


if __name__ == "__main__":
    main()
