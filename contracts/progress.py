"""How far a run is: a bar on a terminal, plain lines elsewhere."""

from typing import TextIO

from .exchange import Exchange
from .run import Run

_EVERY = 25
_BAR = 30


class Progress:
    """Tells how far a run is, after each request.

    Args:
        run: The run.
        stream: Where to tell it.
        live: Whether the stream is a terminal, on which a line can be written again.
    """

    def __init__(self, run: Run, stream: TextIO, *, live: bool) -> None:
        self._run = run
        self._stream = stream
        self._live = live
        self._sent = 0

    def exchange(self, exchange: Exchange) -> None:
        """Count a request."""
        self._sent += 1
        if self._live:
            self._write(f"\r{self._bar()}\x1b[K")
        elif self._sent % _EVERY == 0:
            self._write(f"{self._words()}\n")

    def waiting(self, seconds: float) -> None:
        """Say that nothing is sent for a while, and why."""
        words = f"waiting {seconds:.0f} s for the first links to grow old"
        self._write(f"\r{words}\x1b[K" if self._live else f"{words}\n")

    def done(self) -> None:
        """Leave the line to what comes next."""
        if self._live:
            self._write("\r\x1b[K")

    def _total(self) -> int:
        return max(self._run.plan.requests + self._run.lab.retries, self._sent)

    def _words(self) -> str:
        return f"{self._sent} of about {self._total()} requests to {self._run.order.target.name}"

    def _bar(self) -> str:
        filled = _BAR * self._sent // max(self._total(), 1)
        return f"[{'#' * filled}{'.' * (_BAR - filled)}] {self._words()}"

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            self._sent = 0  # who read it has gone; the run goes on
