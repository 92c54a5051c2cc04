"""Named ways in which a reply goes wrong, as values that a test scripts.

    mock.script(faults.rate_limited(retry_after=2), faults.overloaded(times=2))

Every function takes `times` (how many tries meet the fault, from 1), `after` (how many tries
pass untouched before) and `when` (the fields that a request must have, compared with `==`).
A try is one request, so a client's own retries count.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, NoReturn, TypedDict, Unpack

from stepfun_mock import refusals
from stepfun_mock.matching import check_fields, described
from stepfun_mock.moderation import CENSORED
from stepfun_mock.terms import Refusal, unknown

__all__ = [
    "bad_key",
    "censored",
    "content_filtered",
    "gateway_timeout",
    "out_of_balance",
    "overloaded",
    "rate_limited",
    "server_error",
]


class Refused(NamedTuple):
    """The request is refused before anybody reads it."""

    refusal: Refusal
    message: str
    headers: tuple[tuple[str, str], ...] = ()


class Filtered(NamedTuple):
    """The picture is held back by the filter, or comes with the filter's mark."""

    with_picture: bool


class Schedule(TypedDict, total=False):
    """Which tries meet a fault."""

    times: int
    after: int
    when: Mapping[str, object]


_SCHEDULE = tuple(Schedule.__annotations__)


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which replies go wrong, and which tries meet it.

    Raises:
        ValueError: `times` below 1 or `after` below 0.
        TypeError: `when` names a field that no request has.
    """

    name: str
    effect: Refused | Filtered
    times: int = 1
    after: int = 0
    when: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        _check_count("times", self.times, 1)
        _check_count("after", self.after, 0)
        if self.when is not None:
            _check_condition(self.when)

    def __str__(self) -> str:
        condition = f" when {described(self.when)}" if self.when else ""
        return f"{self.name}{condition}"

    @property
    def reads(self) -> bool:
        """Whether it takes a valid request to meet it."""
        return bool(self.when) or isinstance(self.effect, Filtered)


def bad_key(**schedule: Unpack[Schedule]) -> Fault:
    """401 `invalid_api_key`: the key is not known, or no longer."""
    effect = Refused(refusals.KEY_REFUSED, "Incorrect API key provided")
    return _scheduled("bad_key", effect, schedule)


def out_of_balance(**schedule: Unpack[Schedule]) -> Fault:
    """402 `quota_exceeded`: the account has nothing left to pay with."""
    text = "You exceeded your current quota, please check your plan and billing details"
    return _scheduled("out_of_balance", Refused(refusals.BALANCE_EMPTY, text), schedule)


def rate_limited(*, retry_after: float | None = None, **schedule: Unpack[Schedule]) -> Fault:
    """429 `rate_limited`: more requests in a minute than the account may send.

    Args:
        retry_after: Seconds, from 0 and finite, for a `Retry-After` header. None was seen live,
            so none is the default.
        schedule: Which tries meet it.

    Raises:
        ValueError: `retry_after` below 0, or without end.
    """
    if retry_after is not None and not 0 <= retry_after < math.inf:
        raise ValueError(f"retry_after is a number of seconds from 0, but {retry_after!r} came")
    headers = () if retry_after is None else (("retry-after", _seconds(retry_after)),)
    text = "request limited RPM reached, current: 11, limit: 10."
    return _scheduled("rate_limited", Refused(refusals.RATE_LIMITED, text, headers), schedule)


def censored(**schedule: Unpack[Schedule]) -> Fault:
    """451 `censorship_blocked`: the prompt is refused, and will be each time."""
    return _scheduled("censored", Refused(refusals.PROMPT_CENSORED, CENSORED), schedule)


def server_error(**schedule: Unpack[Schedule]) -> Fault:
    """500 without a body: something broke on the service's side; nobody says what it looks like."""
    return _scheduled("server_error", Refused(refusals.SERVICE_FAILED, "internal error"), schedule)


def overloaded(**schedule: Unpack[Schedule]) -> Fault:
    """503 `engine_overloaded`: the service has too much to do."""
    text = "the engine is overloaded, please try again later"
    return _scheduled("overloaded", Refused(refusals.SERVICE_OVERLOADED, text), schedule)


def gateway_timeout(**schedule: Unpack[Schedule]) -> Fault:
    """504 without a body: the service's gateway stopped waiting."""
    return _scheduled(
        "gateway_timeout", Refused(refusals.SERVICE_LATE, "gateway timeout"), schedule
    )


def content_filtered(*, with_picture: bool = False, **schedule: Unpack[Schedule]) -> Fault:
    """200 with `finish_reason` `content_filtered`: the picture was made, then held back.

    Args:
        with_picture: Whether the reply has the picture all the same; nobody documents which.
        schedule: Which tries meet it.
    """
    return _scheduled("content_filtered", Filtered(with_picture), schedule)


if not TYPE_CHECKING:  # to a type checker every name would be there

    def __getattr__(name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)  # asked by Python's own machinery, not by a test
        raise AttributeError(unknown("there is no fault", name, "The faults are", __all__))


def _seconds(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(float(number))


def _check_count(name: str, value: object, lowest: int) -> None:
    if type(value) is not int or value < lowest:
        raise ValueError(f"{name} is a whole number from {lowest}, but {value!r} came")


def _check_condition(when: object) -> None:
    if not isinstance(when, Mapping):
        raise TypeError(
            f'when is a dict of fields, as in when={{"prompt": "A wolf"}}, but {when!r} came'
        )
    check_fields(when)


def _scheduled(name: str, effect: Refused | Filtered, schedule: Schedule) -> Fault:
    for argument in schedule:
        if argument not in _SCHEDULE:
            raise TypeError(unknown(f"{name} has no argument", argument, "It has", _SCHEDULE))
    return Fault(name, effect, **schedule)
