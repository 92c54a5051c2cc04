"""One run of the suite: what was wanted, the lab, and what was found."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from stepfun_mock import StepfunMock
from stepfun_mock.suite import LINK_WAIT, MAX_IMAGES, MAX_REQUESTS, TIMEOUT
from stepfun_mock.suite import UNTOLD as UNTOLD  # handed on to those who end a run
from stepfun_mock.suite import USAGE as USAGE

from .budget import Budget
from .carrier import Carrier, Wire
from .dispatch import Dispatch, Times
from .inprocess import MockCarrier, MockTimes, mock_with
from .key import Key
from .lab import Lab
from .pace import Pace
from .plan import Plan
from .series import FIRST
from .table import BODIES
from .target import Target
from .verdict import RULE_BY_ID, Finding, Verdict, overall, page_rules

PLACEHOLDER = "stepfun-mock-key"
STAND_IN = "a placeholder for "

OPENING = (BODIES[0].probe, FIRST)
"""What is asked first: a request that costs nothing, then one that tells whether pictures come."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be checked, and how much may be spent on it.

    Args:
        target: The server.
        key: The key to send.
        max_images: Pictures that may be drawn at most.
        max_requests: Requests that may be sent at most, links included.
        rate: Requests a minute; None for the target's own pace.
        only: The rules to check; empty for all.
        report: A folder for the reports.
        timeout: Seconds that a reply may take, whole.
        link_wait: Seconds after which the first links are fetched again.
    """

    target: Target
    key: Key
    max_images: int | None = MAX_IMAGES
    max_requests: int | None = MAX_REQUESTS
    rate: float | None = None
    only: frozenset[str] = frozenset()
    report: Path | None = None
    timeout: float = TIMEOUT
    link_wait: float = LINK_WAIT

    def wants(self, rule: str) -> bool:
        """Whether a rule is to be checked."""
        return not self.only or rule in self.only


class WallTimes:
    """The time of the world."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(eq=False)
class Run:
    """One run of the suite.

    Args:
        order: What was wanted.
        carrier: Takes requests to the target; made from the order where none is given.
        times: Tells the time.
    """

    order: Order
    carrier: Carrier | None = None
    times: Times | None = None
    mock: StepfunMock | None = None
    findings: list[Finding] = field(default_factory=list)
    planned: set[str] = field(default_factory=set)
    plan: Plan = field(default_factory=Plan)
    shown_by_the_mock: dict[str, str] = field(default_factory=dict)
    mishaps: list[str] = field(default_factory=list)
    on_finding: Callable[[], None] = lambda: None
    on_waiting: Callable[[float], None] = lambda seconds: None
    reason: str | None = None

    def __post_init__(self) -> None:
        order, target = self.order, self.order.target
        budget = Budget(order.max_images, order.max_requests)
        if target.in_process:
            self.mock = self.mock or mock_with(PLACEHOLDER)
            self.carrier = self.carrier or MockCarrier(self.mock, target, order.key)
            self.times = self.times or MockTimes(self.mock)
            budget = Budget(None, None)
        carrier = self.carrier or Wire(
            order.key,
            timeout=order.timeout,
            origin=target.root,
            loopback=target.loopback,
            inside=target.inside,
        )
        times = self.times or WallTimes()
        pace = Pace(order.rate or target.pace, times.now, times.sleep)
        self.lab = Lab(target, Dispatch(carrier, budget=budget, pace=pace, times=times))
        self.started = times.now()

    def open(self) -> str | None:
        """See whether there is an API to look at; returns why there is none."""
        self.reason = self.lab.open(OPENING)
        origin = self.order.key.origin
        if self.reason and "refused the key" in self.reason and origin.startswith(STAND_IN):
            variable = origin.removeprefix(STAND_IN)
            self.reason += f"; no key is set, so a stand-in was sent: set {variable}"
        return self.reason

    def wait_for(self, moment: float) -> float:
        """Wait until a moment lies as far back as old links must; returns the age in seconds."""
        age = self.lab.dispatch.times.now() - moment
        if age < self.order.link_wait:
            self.on_waiting(self.order.link_wait - age)
            self.lab.dispatch.times.sleep(self.order.link_wait - age)
        return self.lab.dispatch.times.now() - moment

    def close(self) -> None:
        """Say why the run ended early, where it did."""
        closed = self.lab.dispatch.closed
        if closed is not None and self.reason is None:
            self.mishaps.append(closed)

    def verdicts(self) -> dict[str, Verdict]:
        """The word for every rule."""
        by_rule: dict[str, list[Finding]] = {rule: [] for rule in RULE_BY_ID}
        for finding in self.findings:
            by_rule[finding.rule].append(finding)
        return {rule: overall(found) for rule, found in by_rule.items()}

    def exit_code(self) -> int:
        """0 where the contract is kept, 1 where it is broken, 3 where that cannot be told."""
        verdicts = self.verdicts()
        if Verdict.BROKEN in verdicts.values():
            return 1
        if not any(word.conclusive for rule, word in verdicts.items() if self.order.wants(rule)):
            return UNTOLD
        return UNTOLD if self.reason or self.mishaps or self.untold() else 0

    def untold(self) -> list[str]:
        """The rules of the page that were to be looked at, and were not seen."""
        verdicts = self.verdicts()
        beyond = {found.rule for found in self.findings if found.beyond}
        return [
            rule.id
            for rule in page_rules()
            if rule.id in self.planned - beyond and not verdicts[rule.id].conclusive
        ]
