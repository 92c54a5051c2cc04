"""Writes the reports of a run into a folder, while it lasts and when it is over."""

import json
import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ..run import Run
from .excerpt import cleaner
from .junit import junit
from .page import page
from .record import record

RECORD, JUNIT, PAGE = "report.json", "junit.xml", "index.html"

# What JSON lets pass as it is, and a terminal or an editor takes for a command.
_COMMANDS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def write_all(run: Run, folder: Path, *, complete: bool) -> None:
    """Write `report.json`, `junit.xml` and `index.html`.

    Raises:
        OSError: the folder cannot be made, or not be written to.
    """
    _write_what_lasts(run, folder, complete=complete)
    written(run, folder / JUNIT, junit(run, complete=complete))


def _write_what_lasts(run: Run, folder: Path, *, complete: bool) -> None:
    written(run, folder / RECORD, as_json(run, complete=complete))
    written(run, folder / PAGE, page(run, complete=complete))


def as_json(run: Run, *, complete: bool) -> str:
    """The record of a run as JSON that does nothing to whoever prints it."""
    text = json.dumps(record(run, complete=complete), indent=2, ensure_ascii=False)
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def written(run: Run, path: Path, text: str) -> None:
    """Write a file of a report, whole or not at all; every one goes through here.

    What a report shows has been cleaned of the key before; here it is looked for once more.

    Raises:
        OSError: it cannot be written.
    """
    data = cleaner(run.order.key)(text).encode("utf-8", "backslashreplace")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


class Partial:
    """Keeps a report up to date while a run lasts, so that one that is killed leaves it behind.

    `update` is to be called after each exchange and each finding, from any thread.

    Args:
        run: The run.
        folder: Where the reports go.
        every: Seconds between two reports.
        now: Tells the time in seconds, from whatever beginning.
    """

    def __init__(
        self,
        run: Run,
        folder: Path,
        every: float = 1.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run = run
        self._folder = folder
        self._every = every
        self._now = now
        self._due = -float("inf")
        self._lock = threading.Lock()

    def update(self) -> None:
        """Write the report, where the last one is old enough and nobody writes one already."""
        if self._now() < self._due or not self._lock.acquire(blocking=False):
            return
        try:
            _write_what_lasts(self._run, self._folder, complete=False)
        except OSError:
            pass  # a full disk must not end the run; at its end `write_all` says so
        finally:
            self._due = self._now() + self._every
            self._lock.release()
