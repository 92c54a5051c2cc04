"""The time of the mock: real time plus an offset that a test moves, or standing still.

Nobody else in the project asks the operating system what time it is.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from stepfun_mock.watchers import Watchers

TOLERANCE = 1e-4
"""Seconds by which times may differ that ought to be the same.

They are floats, and as such 3e-5 seconds apart in the year 9999.
"""

_END = 253_402_300_800  # the first second of the year 10000


class Clock:
    """Seconds since 1970, by the mock's own reckoning.

    Args:
        source: Gives the real time in Unix seconds.
        elapsed: Gives real seconds since any moment, which nobody sets back.
    """

    def __init__(
        self,
        source: Callable[[], float] = lambda: time.time(),
        elapsed: Callable[[], float] = lambda: time.monotonic(),
    ) -> None:
        # `time.time` is looked up at each call: a test may have replaced it while this loaded.
        self._source = source
        self._elapsed = elapsed
        # Where it stands still, if it does, and the steps since: in one piece, since other threads
        # read it, and apart, since small steps that are added to a large figure lose their ends.
        self._setting: tuple[float | None, float] = (None, 0.0)
        self._watchers = Watchers()

    def watched(self, moved: Callable[[], None]) -> AbstractContextManager[None]:
        """Call `moved` whenever somebody moves the time, while a `with` block lasts.

        It is called in the thread of whoever moves it.
        """
        return self._watchers.watched(moved)

    def now(self) -> float:
        """The time in Unix seconds."""
        frozen, offset = self._setting
        return (self._source() if frozen is None else frozen) + offset

    @property
    def frozen(self) -> bool:
        """Whether the time stands still."""
        return self._setting[0] is not None

    @property
    def ahead(self) -> float:
        """Seconds by which it is ahead of real time; below 0 where it is behind."""
        return self.now() - self._source()

    def deadline(self, seconds: float, since: float | None = None) -> "Deadline":
        """The end of something that takes a while and begins now.

        Args:
            seconds: How long it takes, from 0.
            since: When it began in the mock's time, where that is not this moment.
        """
        until = (self.now() if since is None else since) + seconds
        return Deadline(self.now, until, self._elapsed, self._elapsed() + seconds)

    def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move the time on; a frozen clock moves too and stays frozen.

        Raises:
            ValueError: the step is negative, since links that died would come back to life, or
                it leads beyond the year 9999. `reset` returns to real time.
        """
        for name, value in (("hours", hours), ("minutes", minutes), ("seconds", seconds)):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"{name} is a number, but {value!r} came")
        step = hours * 3600 + minutes * 60 + seconds
        if not step >= 0:
            raise ValueError(f"the clock moves forward only, but a step of {step} seconds came")
        _check(self.now() + step)
        frozen, offset = self._setting
        self._setting = (frozen, offset + step)
        self._watchers.tell()

    def freeze(self, at: float | None = None) -> None:
        """Stop the time, at `at` Unix seconds or at this moment.

        Raises:
            ValueError: a time before 1970 or beyond the year 9999.
        """
        self._setting = (self.now() if at is None else _check(float(at)), 0.0)
        self._watchers.tell()

    def unfreeze(self) -> None:
        """Let the time run on from where it stood."""
        if self.frozen:
            self._setting = (None, self.ahead)
            self._watchers.tell()

    def reset(self) -> None:
        """Return to real time."""
        self._setting = (None, 0.0)
        self._watchers.tell()


class Deadline:
    """A moment that has come once real seconds have passed, or the mock's time was moved so far.

    So a clock that stands still holds nobody up. `Clock.deadline` makes them.
    """

    __slots__ = ("_elapsed", "_ends", "_now", "_until")

    def __init__(
        self, now: Callable[[], float], until: float, elapsed: Callable[[], float], ends: float
    ) -> None:
        self._now = now
        self._until = until
        self._elapsed = elapsed
        self._ends = ends

    @property
    def left(self) -> float:
        """Real seconds until it has come, if nobody moves the time; 0 once it has."""
        if self._now() >= self._until - TOLERANCE:
            return 0.0
        return max(0.0, self._ends - self._elapsed())


def _check(at: float) -> float:
    if not 0 <= at < _END:
        raise ValueError(f"the clock shows the years 1970 to 9999, but {at} Unix seconds came")
    return at
