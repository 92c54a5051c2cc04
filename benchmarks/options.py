"""What both commands that measure check of their options, and of the machine."""

import argparse
import signal
import sys
from pathlib import Path
from typing import NoReturn

from benchmarks import wrk
from benchmarks.harness import BenchmarkError

_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def positive(text: str) -> int:
    """A number of 1 or more, for argparse.

    Raises:
        argparse.ArgumentTypeError: the text is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no such number; give 1 or more")
    return int(text)


def check_machine(needs_wrk: bool) -> None:
    """Whether figures can be measured here.

    Raises:
        BenchmarkError: they cannot; what is missing.
    """
    if not Path("/proc/self/smaps_rollup").exists():
        raise BenchmarkError(
            "memory and CPU time are read from /proc, so the benchmarks run on Linux only"
        )
    if needs_wrk and not wrk.is_there():
        raise BenchmarkError(wrk.MISSING)


def end_in_order() -> None:
    """End by an exception when told to end, so that every server that was started ends too.

    Who is told once more is ending already, and goes on with that.
    """
    for told in _ENDS:
        signal.signal(told, _end)


def _end(number: int, _: object) -> NoReturn:
    for told in _ENDS:
        signal.signal(told, signal.SIG_IGN)
    sys.exit(128 + number)
