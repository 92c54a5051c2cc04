"""What the next requests meet: faults in a line, each met by as many tries as it says."""

from enum import Enum, auto
from threading import RLock

from stepfun_mock.faults import Fault
from stepfun_mock.matching import differences
from stepfun_mock.message import ImageRequest


class Verdict(Enum):
    """What the line says of a request that meets no fault, or none yet."""

    PASS = auto()
    READ_FIRST = auto()


class _Waiting:
    __slots__ = ("fault", "passing", "problem", "times")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.passing = fault.after
        self.times = fault.times
        self.problem = ""

    def __str__(self) -> str:
        met = self.fault.times - self.times
        return f"{self.fault} (met {met} of {self.fault.times} times{self.problem})"

    def fits(self, request: ImageRequest | None) -> bool:
        """Whether a request meets the condition; one that fails to tell is no match."""
        if request is None or not self.fault.when:
            return True
        try:
            return not differences(self.fault.when, request)
        except Exception as problem:
            self.problem = f"; its condition raised {type(problem).__name__}: {problem}"
            return False


class Script:
    """A line of faults, first come first served.

    A request looks at the first fault in line. While that lets requests pass (`after`), this
    one passes; a fault whose `when` does not fit is passed over for the next in line.
    """

    def __init__(self) -> None:
        self._line: list[_Waiting] = []
        self._lock = RLock()  # a condition is a test's own, and may ask what waits

    def __bool__(self) -> bool:
        return bool(self._line)

    def add(self, *faults: Fault) -> None:
        """Put faults at the end of the line.

        Raises:
            TypeError: something that is no fault.
        """
        for fault in faults:
            if not isinstance(fault, Fault):
                raise TypeError(_no_fault(fault))
        with self._lock:
            self._line += map(_Waiting, faults)

    def clear(self) -> None:
        """Forget all that waits."""
        with self._lock:
            self._line.clear()

    def unmet(self) -> list[str]:
        """What was scripted and has not been met as often as it should, in words."""
        with self._lock:
            return [str(waiting) for waiting in self._line]

    def take(self, request: ImageRequest | None = None) -> Fault | Verdict:
        """The fault that a request meets.

        Args:
            request: The valid request; None before it was read, where the answer may be that
                it takes the request to tell.
        """
        with self._lock:
            for waiting in self._line:
                if request is None and waiting.fault.reads:
                    return Verdict.READ_FIRST
                if waiting.fits(request):
                    return self._met(waiting)
        return Verdict.PASS

    def _met(self, waiting: _Waiting) -> Fault | Verdict:
        if waiting.passing:
            waiting.passing -= 1
            return Verdict.PASS
        waiting.times -= 1
        if not waiting.times:
            self._line.remove(waiting)
        return waiting.fault


def _no_fault(came: object) -> str:
    if isinstance(came, list | tuple):
        return "script takes faults one by one, as in script(*faults), but a list of them came"
    return f"script takes faults, as in faults.overloaded(), but {came!r} came"
