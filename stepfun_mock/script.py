"""What the next requests meet: a line of faults, each met as often as it says, and chaos."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import RLock

from stepfun_mock.chaos import Chaos
from stepfun_mock.faults import Fault
from stepfun_mock.faults.effects import Outage, Travelling, misfit
from stepfun_mock.matching import differences
from stepfun_mock.message import ImageRequest
from stepfun_mock.watchers import Watchers


class Waiting:
    """A fault in line: how many tries pass before it, and how many meet it."""

    __slots__ = ("fault", "passing", "problem", "times")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.passing = fault.after
        self.times = fault.times
        self.problem = ""

    def __str__(self) -> str:
        met = self.fault.times - self.times
        return f"{self.fault} (met {met} of {self.fault.times} times{self.problem})"

    @property
    def begins(self) -> bool:
        """Whether it is an outage that lets nobody pass any more."""
        return isinstance(self.fault.effect, Outage) and not self.passing

    def fits(self, request: ImageRequest) -> bool:
        """Whether a request meets the condition; one that fails to tell is no match."""
        self.problem = ""
        if self.begins:
            return False  # nobody meets it; it comes of itself
        if needed := misfit(self.fault.effect, request):
            self.problem = f"; it takes a request with {needed}"
            return False
        try:
            return not differences(self.fault.when or {}, request)
        except Exception as problem:
            self.problem = f"; its condition raised {type(problem).__name__}: {problem}"
            return False


class Try:
    """What one request for a picture meets: asked before it is read, and after."""

    __slots__ = ("_drawn", "_line", "_timed", "early")

    def __init__(
        self,
        line: "Script | None" = None,
        *,
        early: Fault | None = None,
        drawn: Fault | None = None,
        timed: bool = False,
    ) -> None:
        self.early = early
        """The fault that it meets unread, or None."""
        self._line = line  # where it has something to meet once it has been read
        self._drawn = drawn
        self._timed = timed

    def late(self, request: ImageRequest) -> Fault | None:
        """The fault that it meets as a valid request, or None."""
        if self._line is not None:
            fault, found = self._line.met_by(request, timed=self._timed)
            if found:
                return fault
        drawn = self._drawn
        return None if drawn is None or misfit(drawn.effect, request) else drawn


UNTOUCHED = Try()
"""What a request meets where nothing waits."""


class Script:
    """A line of faults, first come first served; whoever meets none of them may meet chaos.

    A request looks at the first fault in line. While that lets requests pass (`after`), this
    one passes; a fault whose `when` does not fit is passed over for the next in line.

    Args:
        now: The mock's time in Unix seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._line: list[Waiting] = []
        self._chaos: Chaos | None = None
        self._down_until: float | None = None
        self._began = 0.0
        self._lock = RLock()  # a condition is a test's own, and may ask what waits
        self._turned = False
        self._watchers = Watchers()
        self.busy = False
        """Whether there is anything to meet."""

    def add(self, *faults: Fault) -> None:
        """Put faults at the end of the line.

        Raises:
            TypeError: something that is no fault.
        """
        for fault in faults:
            if not isinstance(fault, Fault):
                raise TypeError(_no_fault(fault))
        with self._lock:
            self._line += map(Waiting, faults)
            self._settle()
        self._tell()

    def let_loose(self, chaos: Chaos | None) -> None:
        """Let chaos have those who meet no fault of the line; None ends it."""
        with self._lock:
            self._chaos = chaos
            self._settle()

    @property
    def chaos(self) -> Chaos | None:
        """The chaos that is loose."""
        return self._chaos

    def clear(self) -> None:
        """Forget all that waits, and end chaos and outages."""
        with self._lock:
            self._line.clear()
            self._chaos = None
            self._turned = self._down_until is not None
            self._down_until = None
            self._settle()
        self._tell()

    def waiting(self) -> tuple[Waiting, ...]:
        """What waits, in order; nobody else's to change."""
        with self._lock:
            return tuple(self._line)

    def unmet(self) -> list[str]:
        """What was scripted and has not been met as often as it should, in words."""
        with self._lock:
            return [str(waiting) for waiting in self._line]

    def down_until(self) -> float | None:
        """When somebody listens again, in the mock's time; None while somebody does."""
        if self._down_until is None:
            return None
        with self._lock:
            # For good, even if the clock returns to real time; and it may have been moved back.
            if self._down_until is not None and not self._began <= self._now() < self._down_until:
                self._down_until = None
            return self._down_until

    def watched(self, turned: Callable[[], None]) -> AbstractContextManager[None]:
        """Call `turned` whenever an outage begins, or is called off, while a `with` block lasts.

        It is called in the thread of whoever begins it, or calls it off.
        """
        return self._watchers.watched(turned)

    def _tell(self) -> None:
        # Outside the lock: who is told may wait for a thread that is about to look at the line.
        if self._turned:
            self._turned = False
            self._watchers.tell()

    def begin(self, *, timed: bool = False) -> Try:
        """Let a request for a picture look at what waits for it.

        Args:
            timed: Whether its reply takes the time that a fault says.
        """
        with self._lock:
            drawn = self._chaos.draw() if self._chaos else None
            first = self._line[0] if self._line else None
            if first is not None:
                if first.fault.reads:
                    return Try(self, drawn=drawn, timed=timed)
                drawn = self._met(first, timed)  # chaos is for those who find nobody in line
        self._tell()
        if drawn is not None and drawn.reads:
            return Try(drawn=drawn)
        return Try(early=drawn)

    def met_by(self, request: ImageRequest, *, timed: bool = False) -> tuple[Fault | None, bool]:
        """The fault in line that a valid request meets, and whether it fits one.

        One that fits a fault which lets it pass meets none.
        """
        with self._lock:
            # A condition is a test's own, and may clear the line while it is asked.
            line = tuple(self._line)
            fits = (waiting for waiting in line if waiting.fits(request) and waiting in self._line)
            fitting = next(fits, None)
            fault = self._met(fitting, timed) if fitting else None
        self._tell()
        return fault, fitting is not None

    def _met(self, waiting: Waiting, timed: bool) -> Fault | None:
        if waiting.passing:
            waiting.passing -= 1
            self._settle()
            return None
        waiting.times -= 1
        if not waiting.times:
            self._line.remove(waiting)
            self._settle(_lasting(waiting.fault) if timed else 0.0)
        return waiting.fault

    def _settle(self, lasting: float = 0.0) -> None:
        """Begin the outage that is first in line, when a reply under way has had its seconds."""
        while self._line and self._line[0].begins:
            effect = self._line.pop(0).fault.effect
            assert isinstance(effect, Outage)
            self._began = min(self._now(), self._began) if self._down_until else self._now()
            self._down_until = max(self._now() + lasting, self._down_until or 0) + effect.seconds
            self._turned = True
        self.busy = bool(self._line or self._chaos)


def _lasting(fault: Fault) -> float:
    """Seconds that the reply which meets a fault is under way."""
    return fault.effect.delivery.seconds if isinstance(fault.effect, Travelling) else 0.0


def _no_fault(came: object) -> str:
    if isinstance(came, list | tuple):
        return "script takes faults one by one, as in script(*faults), but a list of them came"
    return f"script takes faults, as in faults.overloaded(), but {came!r} came"
