"""How fast requests may follow each other, and how long to wait when a server has had enough."""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock

from .exchange import Reply

_MINUTE = 60.0
_AFTER_THE_FIRST_429 = 600.0  # requests a minute, where there was no pace before
_SLOWEST = 6.0  # a minute; below it a run would not end
_CALM = 10  # good replies in a row after which the pace may rise again
_FASTER = 1.5
_LONGEST_ASKED_FOR = 30.0
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 15.0


class Pace:
    """Keeps requests apart, for any number of threads.

    Args:
        per_minute: Requests a minute, above 0; None for no limit.
        now: Tells the time in seconds, from whatever beginning.
        sleep: Waits for so many seconds.

    Raises:
        ValueError: a rate that is not above 0.
    """

    def __init__(
        self, per_minute: float | None, now: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        if per_minute is not None and not per_minute > 0:
            raise ValueError(f"--rate must be above 0 requests a minute, but {per_minute} came")
        self._rate = self._wanted = per_minute
        self._calm = 0
        self._now = now
        self._sleep = sleep
        self._latest = -math.inf  # the time when it was last looked at
        self._sent = -math.inf  # when the latest request was, or will be, sent
        self._peace_until = -math.inf
        self._refusals = 0
        self._lock = Lock()

    @property
    def per_minute(self) -> float | None:
        """Requests a minute as of now; None for no limit."""
        return self._rate

    def wait(self) -> None:
        """Wait until the next request may be sent, and count it as sent then."""
        with self._lock:
            now = self._time()
            gap = _MINUTE / self._rate if self._rate else 0.0
            self._sent = max(now, self._sent + gap, self._peace_until)
            pause = self._sent - now
        if pause > 0:
            self._sleep(pause)

    def went_well(self) -> None:
        """Note that the server took a request: after ten in a row the pace rises half as much
        again, up to where it began.
        """
        with self._lock:
            self._refusals = 0
            self._calm += 1
            if self._calm % _CALM or self._rate is None or self._rate == self._wanted:
                return
            self._rate *= _FASTER
            if self._wanted is not None:
                self._rate = min(self._rate, self._wanted)
            elif self._rate > _AFTER_THE_FIRST_429:
                self._rate = None

    def slow_down(self, retry_after: float | None = None) -> float:
        """Note that the server answered 429: from now on half the rate, or 600 a minute.

        Args:
            retry_after: Seconds for which the server wants peace, where it says so.

        Returns:
            Seconds to wait before the next try: what the server wants, if that is 30 or less;
            otherwise 2, then twice as much each time, at most 15. Other threads wait as long.
        """
        with self._lock:
            self._rate = _slower(self._rate)
            self._calm = 0
            if retry_after is not None and 0 <= retry_after <= _LONGEST_ASKED_FOR:
                pause = retry_after
            else:
                pause = min(_FIRST_PAUSE * 2.0**self._refusals, _LONGEST_PAUSE)
                self._refusals = min(self._refusals + 1, 10)
            self._peace_until = max(self._peace_until, self._time() + pause)
            return pause

    def _time(self) -> float:
        """The time; where the clock was set back, what was planned moves with it."""
        now = self._now()
        back = max(self._latest - now, 0.0)
        self._sent -= back
        self._peace_until -= back
        self._latest = now
        return now


def _slower(rate: float | None) -> float:
    if rate is None:
        return _AFTER_THE_FIRST_429
    return max(rate / 2, min(rate, _SLOWEST))


def retry_after(reply: Reply, now: float) -> float | None:
    """Seconds for which a reply asks for peace, from 0; None where it does not, or unreadably.

    Args:
        reply: The reply; `Retry-After` has seconds or a date.
        now: Unix seconds, for a date; the reply's own `Date` goes before it.
    """
    said = (reply.header("retry-after") or "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", said):
        return float(said)
    until = _unix(said)
    if until is None:
        return None
    since = _unix(reply.header("date") or "")
    return max(until - (now if since is None else since), 0.0)


def _unix(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
