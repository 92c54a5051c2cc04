"""What an account may send and spend, and what it is told when it wants more."""

from collections import deque
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Literal, NamedTuple

from stepfun_mock.choices import Choices
from stepfun_mock.clock import TOLERANCE, Clock, Deadline
from stepfun_mock.contract import HOSTS, LATENCY, MODELS, TIERS
from stepfun_mock.errors import RefusedError
from stepfun_mock.refusals import BALANCE_EMPTY, RATE_LIMITED

if TYPE_CHECKING:
    from decimal import Decimal

TOP_UP = "Please top up at https://platform.stepfun.com/top-up."
BALANCE_TEXT = "You exceeded your current quota, please check your plan and billing details"
"""What was seen live where nothing is left to pay with."""

WINDOW = 60.0
"""Seconds in which requests are counted together."""

_TIERS = {tier.id: tier for tier in TIERS}


def reached(what: Literal["RPM", "concurrency"], current: int, limit: int) -> str:
    """What was seen live where a limit is reached."""
    return f"request limited {what} reached, current: {current}, limit: {limit}. {TOP_UP}"


class Limits(NamedTuple):
    """What an account may send and spend.

    Args:
        rpm: Requests in any 60 seconds; None for any number.
        concurrency: Pictures drawn at a time; None for any number.
        balance: Money that it had at the start; None for any amount.
        prices: What a picture costs by model, in the money of the balance.
        currency: That money, an ISO 4217 code.
        latency: Seconds that a picture takes.
    """

    rpm: int | None
    concurrency: int | None
    balance: "Decimal | None"
    prices: "Mapping[str, Decimal]"
    currency: str
    latency: float


def limits_of(choices: Choices) -> Limits | None:
    """The limits that were chosen; None where there are none."""
    tier = _TIERS.get(choices.tier)
    rpm, concurrency = choices.rpm, choices.concurrency
    if tier is not None:
        rpm, concurrency = rpm or tier.rpm, concurrency or tier.concurrency
    latency = LATENCY.seconds if choices.latency == "reported" else float(choices.latency)
    if (rpm, concurrency, choices.balance, latency) == (None, None, None, 0.0):
        return None
    host = HOSTS[0] if tier is None else tier.host
    prices = [(model.id, price) for model in MODELS for price in model.prices if price.host == host]
    return Limits(
        rpm=rpm,
        concurrency=concurrency,
        balance=None if choices.balance is None else _exactly(choices.balance),
        prices={model: _exactly(price.amount) for model, price in prices},
        currency=prices[0][1].currency,
        latency=latency,
    )


class Meter:
    """Counts what one account sent and spent.

    Time that is moved back begins the counts of requests anew, since none was sent yet. Threads
    may share a meter.

    Args:
        clock: The clock of the mock.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._latest = 0.0
        self._sent: deque[float] = deque()
        self._under_way: list[Deadline] = []
        self._spent: dict[str, Decimal | int] = {}

    def clear(self) -> None:
        """Forget what was sent and spent."""
        with self._lock:
            self._forget_sent()
            self._spent.clear()

    def top_up(self) -> None:
        """Forget what was spent: the account has a balance anew."""
        with self._lock:
            self._spent.clear()

    def admit(self, limits: Limits, *, overlaps: bool) -> Deadline | None:
        """Count a request; one that is refused does not count.

        Args:
            limits: Those of the account.
            overlaps: Whether it is under way for as long as a picture takes, beside others.

        Returns:
            When its place is free again, for `release`: as its reply, it takes real seconds, or
            a clock that is moved on. None where nobody counts those under way.

        Raises:
            RefusedError: a limit is reached.
        """
        with self._lock:
            now = self._clock.now()
            if now < self._latest:
                self._forget_sent()
            self._latest = now
            if limits.rpm is not None:
                self._check_sent(limits.rpm, now)
            end = None
            if overlaps and limits.concurrency is not None:
                self._check_under_way(limits.concurrency)
                end = self._clock.deadline(limits.latency)
                self._under_way.append(end)
            if limits.rpm is not None:
                self._sent.append(now)
            return end

    def release(self, end: Deadline | None) -> None:
        """End at once a request that would have ended later: it was refused."""
        with self._lock:
            if end in self._under_way:
                self._under_way.remove(end)

    def charge(self, limits: Limits, model: str) -> None:
        """Pay for a picture.

        Raises:
            RefusedError: what is left of the balance does not pay for it.
        """
        if limits.balance is None:
            return
        price = limits.prices[model]
        with self._lock:
            spent = self._spent.get(limits.currency, 0) + price
            if spent > limits.balance:
                raise RefusedError(BALANCE_EMPTY, BALANCE_TEXT)
            self._spent[limits.currency] = spent

    def refund(self, limits: Limits, model: str) -> None:
        """Give back what was paid for a picture that nobody gets."""
        if limits.balance is None:
            return
        with self._lock:
            # Less than nothing was spent where the account had a balance anew in between.
            spent = self._spent.get(limits.currency, 0) - limits.prices[model]
            self._spent[limits.currency] = spent if spent > 0 else 0

    def _check_sent(self, limit: int, now: float) -> None:
        while self._sent and self._sent[0] <= now - WINDOW + TOLERANCE:
            self._sent.popleft()
        if len(self._sent) >= limit:
            raise RefusedError(RATE_LIMITED, reached("RPM", limit + 1, limit))

    def _check_under_way(self, limit: int) -> None:
        self._under_way = [end for end in self._under_way if end.left]
        if len(self._under_way) >= limit:
            raise RefusedError(RATE_LIMITED, reached("concurrency", limit + 1, limit))

    def _forget_sent(self) -> None:
        self._sent.clear()
        self._under_way.clear()
        self._latest = 0.0


def _exactly(amount: float) -> "Decimal":
    # By its digits: 0.003 as a float is a little more than three thousandths.
    from decimal import Decimal  # few accounts have a balance

    return Decimal(str(amount))
