"""Ends a run when somebody wants it to end, with what was found until then."""

import signal
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from .run import Run


def stop_when_told(run: Run) -> None:
    """End at SIGINT and SIGTERM.

    That the run was told is written down: an exception that is raised while garbage is collected
    gets lost.
    """

    def told(number: int, frame: FrameType | None) -> NoReturn:
        stop(run)
        raise KeyboardInterrupt

    with suppress(ValueError):  # signals are for the main thread alone
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, told)


def stop(run: Run) -> None:
    """Send nothing more, and say that this is why."""
    run.lab.dispatch.closed = run.lab.dispatch.closed or "interrupted before all was asked"
