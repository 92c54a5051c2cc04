"""The time of the mock: real time plus an offset that a test moves, or standing still.

Nobody else in the project asks the operating system what time it is.
"""

import time
from collections.abc import Callable


class Clock:
    """Seconds since 1970, by the mock's own reckoning.

    Args:
        source: Gives the real time in Unix seconds.
    """

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._offset = 0.0
        self._frozen: float | None = None

    def now(self) -> float:
        """The time in Unix seconds."""
        if self._frozen is not None:
            return self._frozen
        return self._source() + self._offset

    def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move the time on; a frozen clock moves too and stays frozen.

        Raises:
            ValueError: the step is negative or not finite. Time goes forward: links that died
                would come back to life otherwise. `reset` returns to real time.
        """
        step = hours * 3600 + minutes * 60 + seconds
        if not 0 <= step < float("inf"):
            raise ValueError(f"the clock moves forward only, but a step of {step} seconds came")
        if self._frozen is not None:
            self._frozen += step
        else:
            self._offset += step

    def freeze(self, at: float | None = None) -> None:
        """Stop the time, at `at` Unix seconds or at this moment."""
        self._frozen = self.now() if at is None else float(at)

    def unfreeze(self) -> None:
        """Let the time run on from where it stood."""
        if self._frozen is not None:
            self._offset = self._frozen - self._source()
            self._frozen = None

    def reset(self) -> None:
        """Return to real time."""
        self._offset = 0.0
        self._frozen = None
