"""What can be said of a rule, and how what was seen becomes one word."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from stepfun_mock.rules import RULES
from stepfun_mock.terms import Grade, Rule

RULE_BY_ID = {rule.id: rule for rule in RULES}

# The sources that bind a server, by their ids: its own documentation and the list of statuses.
# Guides and pages on other routes explain much, but nobody is held to them here.
_PROMISES = {"page", "errors"}


class Verdict(StrEnum):
    """What a run says of a rule, worst first."""

    BROKEN = "broken"
    DIFFERS = "differs"
    HOLDS = "holds"
    INCONCLUSIVE = "inconclusive"
    NOT_RUN = "not run"

    @property
    def conclusive(self) -> bool:
        """Whether somebody has looked, and seen."""
        return self in (Verdict.BROKEN, Verdict.DIFFERS, Verdict.HOLDS)


_ORDER = tuple(Verdict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was seen of one rule.

    `test` names the test that looked; `exchanges` are the numbers of the requests that show it.
    `beyond` tells what nobody can see from outside from what was not looked at this time.
    """

    rule: str
    verdict: Verdict
    text: str
    test: str
    exchanges: tuple[int, ...] = ()
    beyond: bool = False


class CannotLookError(BaseException):
    """A reply that says nothing of the contract: the weather, or no leave to ask.

    No `Exception`, for Hypothesis would take one for a counterexample and try a hundred others.
    """

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason


def breach(rule_id: str) -> Verdict:
    """What it means that a rule is not kept: broken where it was promised, else it differs."""
    promised = RULE_BY_ID[rule_id].source.id in _PROMISES
    return Verdict.BROKEN if promised else Verdict.DIFFERS


def overall(findings: Iterable[Finding]) -> Verdict:
    """The one word for a rule: the worst that was seen; then why nothing was."""
    seen = {finding.verdict for finding in findings}
    return next((verdict for verdict in _ORDER if verdict in seen), Verdict.NOT_RUN)


def page_rules() -> tuple[Rule, ...]:
    """The rules that the documentation page itself states."""
    return tuple(rule for rule in RULES if rule.grade is Grade.PAGE)
