"""Requests that came again as they were, where that cannot help or came too soon."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple

from stepfun_mock import contract, refusals
from stepfun_mock.advice.habits import (
    RETRY_BALANCE,
    RETRY_CENSORED,
    RETRY_FILTERED,
    RETRY_HURRIED,
    RETRY_INVALID,
    RETRY_KEY,
    Advice,
    Habit,
)
from stepfun_mock.journal import Entry, Exchange
from stepfun_mock.message import Request, Response
from stepfun_mock.terms import Refusal

LEAST_PAUSE = 0.1
"""Seconds; who asks again sooner after a 429 has not waited."""

MENDING = 60.0
"""Seconds by the mock's clock; later than that a key may be known, or an account topped up."""

_KEPT = 1024
_HABITS = {
    refusals.PARAMETER_REFUSED.status: RETRY_INVALID,
    refusals.KEY_REFUSED.status: RETRY_KEY,
    refusals.BALANCE_EMPTY.status: RETRY_BALANCE,
    refusals.PROMPT_CENSORED.status: RETRY_CENSORED,
    refusals.RATE_LIMITED.status: RETRY_HURRIED,
}


_MENDED = (RETRY_KEY, RETRY_BALANCE)


def _again(refusal: Refusal, how: str, way_out: str) -> str:
    return f"a request that was refused with {refusal.status} came again {how}; {way_out}"


_MESSAGES = {
    RETRY_FILTERED: (
        f"a picture that came back {contract.FILTERED} was asked for again unchanged; "
        "look at finish_reason, and change the prompt before asking again"
    ),
    RETRY_INVALID: _again(
        refusals.PARAMETER_REFUSED,
        "unchanged",
        "do not repeat it: its message says what to send instead",
    ),
    RETRY_KEY: _again(
        refusals.KEY_REFUSED, "with the same key", "do not repeat it: ask for another key"
    ),
    RETRY_BALANCE: _again(
        refusals.BALANCE_EMPTY,
        "unchanged",
        "do not repeat it: say that the account has to be topped up first",
    ),
    RETRY_CENSORED: _again(
        refusals.PROMPT_CENSORED,
        "unchanged",
        "do not repeat it: the same words are refused again, so change the prompt",
    ),
    RETRY_HURRIED: _again(
        refusals.RATE_LIMITED,
        f"within {LEAST_PAUSE} seconds",
        "wait before asking again, longer each time, and as long as a Retry-After says",
    ),
}


class _Refused(NamedTuple):
    """A request that was refused: what repeating it shows, when it was, the pause due; seconds."""

    habit: Habit
    at: float
    pause: float


class Retries:
    """Remembers the newest refused requests by a hash of all that makes them what they are.

    Args:
        pauses_visible: Whether the mock's clock would show that a client waited. Where it
            would not, nothing is said of pauses.
        sender: Tells who sends; what came from another is not the same request.
    """

    def __init__(self, pauses_visible: Callable[[], bool], sender: Callable[[], Hashable]) -> None:
        self._pauses_visible = pauses_visible
        self._sender = sender
        self._refused: OrderedDict[int, _Refused] = OrderedDict()

    def clear(self) -> None:
        """Forget all requests."""
        self._refused.clear()

    def look(self, exchange: Exchange) -> Advice | None:
        """Note a request that was refused; give advice where it should not have come again."""
        entry, request, response = exchange
        habit = _habit(entry, response)
        if habit is None and not self._refused:
            return None
        same = self._same(request)
        before = self._refused.pop(same, None)
        if habit is not None:
            pause = _pause(response) if self._pauses_visible() else 0.0
            self._refused[same] = _Refused(habit, entry.at, pause)
            if len(self._refused) > _KEPT:
                self._refused.popitem(last=False)
        if before is None or (before.habit in _MENDED and entry.at - before.at > MENDING):
            return None
        if before.habit is RETRY_HURRIED and not self._hurried(before, entry):
            return None
        return before.habit.advice(_MESSAGES[before.habit], entry.number)

    def _same(self, request: Request) -> int:
        key = request.headers.get("authorization")
        url = request.method, request.path, request.query
        return hash((*url, request.body, key, self._sender()))

    def _hurried(self, before: _Refused, entry: Entry) -> bool:
        # No time at all has passed only where the clock stands still.
        return 0 < entry.at - before.at < before.pause and self._pauses_visible()


def _habit(entry: Entry, response: Response) -> Habit | None:
    """What asking for the same again would be; None where it would be fine."""
    if entry.status == 200:
        filtered = entry.finish_reason == contract.FILTERED
        return RETRY_FILTERED if filtered and not _has_picture(response) else None
    # Of what is no HTTP nobody knows whether it is the same.
    return None if entry.refusal == refusals.HTTP_MALFORMED.id else _HABITS.get(entry.status)


def _has_picture(response: Response) -> bool:
    return b'"url":' in response.body or b'"b64_json":' in response.body


def _pause(response: Response) -> float:
    """Seconds to wait before asking again: the least, or what the reply says where that is less."""
    said = next((value for name, value in response.headers if name == "retry-after"), "")
    try:
        return min(LEAST_PAUSE, float(said))
    except ValueError:
        return LEAST_PAUSE
