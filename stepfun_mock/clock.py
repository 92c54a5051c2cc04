"""The time of the mock: real time plus an offset that a test moves, or standing still.

Nobody else in the project asks the operating system what time it is.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock

_END = 253_402_300_800  # the first second of the year 10000


class Clock:
    """Seconds since 1970, by the mock's own reckoning.

    Args:
        source: Gives the real time in Unix seconds.
    """

    def __init__(self, source: Callable[[], float] = lambda: time.time()) -> None:
        # `time.time` is looked up at each call: a test may have replaced it while this loaded.
        self._source = source
        self._offset = 0.0
        self._frozen: float | None = None
        self._watchers: tuple[Callable[[], None], ...] = ()
        self._lock = Lock()

    @contextmanager
    def watched(self, moved: Callable[[], None]) -> Iterator[None]:
        """Call `moved` whenever somebody moves the time, while a `with` block lasts.

        It is called in the thread of whoever moves it.
        """
        watcher = partial(moved)  # the same function may watch twice
        with self._lock:
            self._watchers = (*self._watchers, watcher)
        try:
            yield
        finally:
            # The tuple is new each time: another thread may be going through the one before.
            with self._lock:
                self._watchers = tuple(one for one in self._watchers if one is not watcher)

    def _moved(self) -> None:
        for moved in self._watchers:
            moved()

    def now(self) -> float:
        """The time in Unix seconds."""
        frozen = self._frozen
        return self._source() + self._offset if frozen is None else frozen

    @property
    def frozen(self) -> bool:
        """Whether the time stands still."""
        return self._frozen is not None

    def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move the time on; a frozen clock moves too and stays frozen.

        Raises:
            ValueError: the step is negative, since links that died would come back to life, or
                it leads beyond the year 9999. `reset` returns to real time.
        """
        step = hours * 3600 + minutes * 60 + seconds
        if not step >= 0:
            raise ValueError(f"the clock moves forward only, but a step of {step} seconds came")
        _check(self.now() + step)
        if self._frozen is not None:
            self._frozen += step
        else:
            self._offset += step
        self._moved()

    def freeze(self, at: float | None = None) -> None:
        """Stop the time, at `at` Unix seconds or at this moment.

        Raises:
            ValueError: a time before 1970 or beyond the year 9999.
        """
        self._frozen = self.now() if at is None else _check(float(at))
        self._moved()

    def unfreeze(self) -> None:
        """Let the time run on from where it stood."""
        if self._frozen is not None:
            self._offset = self._frozen - self._source()
            self._frozen = None
            self._moved()

    def reset(self) -> None:
        """Return to real time."""
        self._offset = 0.0
        self._frozen = None
        self._moved()


def _check(at: float) -> float:
    if not 0 <= at < _END:
        raise ValueError(f"the clock shows the years 1970 to 9999, but {at} Unix seconds came")
    return at
