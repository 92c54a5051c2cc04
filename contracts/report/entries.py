"""The rules of the contract, each with its verdict and with what was found of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from stepfun_mock.rules import RULES
from stepfun_mock.terms import Rule

from ..run import Run
from ..verdict import Finding, Verdict, overall
from .excerpt import cleaner, shortened

_LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule in the report.

    Args:
        rule: The rule.
        verdict: The word for it.
        planned: Whether it was to be looked at.
        findings: All that was found of it, in the order in which it was.
        reason: Why nobody looked; empty where somebody did.
    """

    rule: Rule
    verdict: Verdict
    planned: bool
    findings: tuple[Finding, ...]
    reason: str

    @property
    def telling(self) -> tuple[Finding, ...]:
        """The findings that gave the verdict; what was found twice stands once."""
        found: dict[str, Finding] = {}
        for finding in self.findings:
            if finding.verdict is self.verdict:
                known = found.setdefault(finding.text, finding)
                exchanges = dict.fromkeys((*known.exchanges, *finding.exchanges))
                found[finding.text] = replace(known, exchanges=tuple(exchanges))
        return tuple(found.values())

    @property
    def numbers(self) -> tuple[int, ...]:
        """The exchanges that show it, each once."""
        return tuple(sorted({one for finding in self.findings for one in finding.exchanges}))


def entries(run: Run) -> tuple[Entry, ...]:
    """Every rule, in the order of the contract."""
    clean = cleaner(run.order.key)
    by_rule: dict[str, list[Finding]] = {rule.id: [] for rule in RULES}
    for finding in tuple(run.findings):
        text = shortened(clean(finding.text), _LONGEST_TEXT)
        by_rule[finding.rule].append(replace(finding, text=text))
    return tuple(_entry(run, rule, tuple(by_rule[rule.id])) for rule in RULES)


def _entry(run: Run, rule: Rule, findings: tuple[Finding, ...]) -> Entry:
    verdict = overall(findings)
    planned = rule.id in run.planned
    reason = ""
    if verdict is Verdict.NOT_RUN:
        reason = findings[0].text if findings else _silence(run, planned)
    return Entry(rule, verdict, planned, findings, reason)


def _silence(run: Run, planned: bool) -> str:
    """Why there is no word of a rule at all."""
    if run.reason is not None:
        return cleaner(run.order.key)(run.reason)
    if planned:
        return "the run ended before it was looked at"
    return "not asked for" if run.order.only else "no test speaks of it"


def cited(found: Iterable[Entry]) -> frozenset[int]:
    """The exchanges that show anything but that a rule holds."""
    return frozenset(
        number
        for entry in found
        for finding in entry.findings
        if finding.verdict is not Verdict.HOLDS
        for number in finding.exchanges
    )


def of(found: Iterable[Entry], verdict: Verdict) -> tuple[Entry, ...]:
    """The entries with a verdict."""
    return tuple(entry for entry in found if entry.verdict is verdict)


def by_words(found: Iterable[Entry]) -> list[list[Entry]]:
    """The entries of which the same is said, together; one bad day of a network has many."""
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for entry in found:
        groups.setdefault(tuple(finding.text for finding in entry.telling), []).append(entry)
    return list(groups.values())


def by_part(found: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The entries by part of the contract, in its order."""
    parts: dict[str, list[Entry]] = {}
    for entry in found:
        parts.setdefault(entry.rule.part, []).append(entry)
    return parts


def tally(found: Iterable[Entry]) -> dict[Verdict, int]:
    """How many rules have which verdict; those that none has are there too."""
    counted = dict.fromkeys(Verdict, 0)
    for entry in found:
        counted[entry.verdict] += 1
    return counted
