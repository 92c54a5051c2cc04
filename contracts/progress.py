"""How far a run is: a bar on a terminal, plain lines elsewhere."""

import math
import threading
import time
from collections.abc import Callable
from typing import TextIO

from .exchange import Exchange
from .run import Run

_EVERY = 5.0  # seconds between lines where no bar can move
_BAR = 30


class Progress:
    """Tells how far a run is, after each request.

    Args:
        run: The run.
        stream: Where to tell it.
        live: Whether the stream is a terminal, on which a line can be written again.
        width: Its columns; what is longer would stay behind on a line of its own.
        now: Tells the time in seconds, from whatever beginning.
    """

    def __init__(
        self,
        run: Run,
        stream: TextIO | None,
        *,
        live: bool,
        width: int = 100,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run = run
        self._stream = stream
        self._live = live
        self._width = width
        self._sent = 0
        self._now = now
        self._told = -math.inf
        self._lock = threading.Lock()

    def exchange(self, exchange: Exchange) -> None:
        """Count a request; from any thread."""
        with self._lock:
            self._count()

    def _count(self) -> None:
        self._sent += 1
        if self._live:
            self._write(f"\r{self._bar()[: self._width - 1]}\x1b[K")
        elif self._now() - self._told >= _EVERY:
            self._told = self._now()
            self._write(f"{self._words()}\n")

    def waiting(self, seconds: float) -> None:
        """Say that nothing is sent for a while, and why."""
        if self._run.order.target.in_process:
            return  # the mock's clock is moved, which takes no time
        words = f"waiting {seconds:.0f} s for the first links to grow old"
        self._write(f"\r{words}\x1b[K" if self._live else f"{words}\n")

    def done(self) -> None:
        """Leave the line to what comes next."""
        if self._live:
            self._write("\r\x1b[K")

    def _total(self) -> int:
        return self._run.plan.requests + self._run.lab.dispatch.retries

    def _words(self) -> str:
        # What Hypothesis tries on the mock is in no plan.
        about = f" of about {self._total()}" if self._sent <= self._total() else ""
        return f"{self._sent}{about} requests to {self._run.order.target.name}"

    def _bar(self) -> str:
        filled = min(_BAR * self._sent // max(self._total(), 1), _BAR)
        return f"[{'#' * filled}{'.' * (_BAR - filled)}] {self._words()}"

    def _write(self, text: str) -> None:
        if self._stream is None:
            return  # standard error was closed before the start
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            self._sent = 0  # who read it has gone; the run goes on
