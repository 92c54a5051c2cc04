"""What a test says of the rules that it is tied to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from . import envelope
from .album import NoPictureError, Taken
from .exchange import Exchange
from .lab import Lab
from .probe import Probe
from .shot import Shot
from .table import Case
from .verdict import RULE_BY_ID, CannotLookError, Finding, Verdict, breach

REFUSED = range(400, 500)

GENERATED = "generated/"
"""Begins the ids of the probes that Hypothesis made."""

_T = TypeVar("_T")


@dataclass
class Judge:
    """Looks through the lab, and writes down what it finds of its rules.

    Args:
        lab: Asks the target.
        rules: The rules that the test is tied to; it may speak of no other.
        probes: What the test may ask; the plan lists it.
        test: The test's name.
        generates: Whether it may ask what Hypothesis makes up.
        findings: Where everything that was found is kept.
    """

    lab: Lab
    rules: frozenset[str]
    probes: frozenset[str]
    test: str
    generates: bool = False
    findings: list[Finding] = field(default_factory=list)

    # Looking ------------------------------------------------------------------------

    def look(self, probe: Probe) -> Exchange:
        """What the target answers.

        Raises:
            CannotLookError: it says nothing of the contract.
        """
        self._planned(probe)
        return self.lab.look(probe)

    def ask(self, probe: Probe) -> None:
        """Ask, whatever comes: for what the server may remember of it."""
        self._planned(probe)
        self.lab.look_together([probe])

    def shots(self, probes: Iterable[Probe]) -> list[Shot]:
        """The accepted requests among these; those that tell nothing are left out.

        Raises:
            CannotLookError: none of them tells anything.
        """
        probes = tuple(probes)
        for probe in probes:
            self._planned(probe)
        self.lab.look_together(probes)
        found: list[Shot] = []
        reason = "no request for a picture was accepted"
        verdict = Verdict.INCONCLUSIVE
        for probe in probes:
            try:
                shot = self.lab.shot(probe)
            except CannotLookError as cannot:
                reason, verdict = cannot.reason, cannot.verdict
            else:
                found += [shot] if shot is not None else []
        if not found:
            raise CannotLookError(verdict, reason)
        return found

    def items(self, probes: Iterable[Probe]) -> list[Shot]:
        """The shots among these that hold an item which the filter let through."""
        return self.some(
            [shot for shot in self.shots(probes) if shot.item and not shot.filtered],
            "no reply holds an item of data that can be read",
        )

    def pictures(self, probes: Iterable[Probe]) -> Iterator[tuple[Shot, Taken]]:
        """The replies whose picture can be read, and the pictures; see `test_pictures`."""
        found = []
        reason = "no reply holds a picture that can be read"
        for shot in self.items(probes):
            try:
                found.append((shot, self.lab.album.take(shot)))
            except (NoPictureError, CannotLookError) as problem:
                reason = f"no picture can be read: {problem}"
        yield from self.some(found, reason)

    def picture(self, probe: Probe) -> Taken:
        """The picture that one probe brings.

        Raises:
            CannotLookError: it brings none that can be read.
        """
        ((_, taken),) = self.pictures([probe])
        return taken

    @staticmethod
    def some(found: list[_T], otherwise: str) -> list[_T]:
        """What was found; nothing is a reason not to judge.

        Raises:
            CannotLookError: nothing was found.
        """
        if not found:
            raise CannotLookError(Verdict.INCONCLUSIVE, otherwise)
        return found

    def _planned(self, probe: Probe) -> None:
        allowed = probe.id in self.probes or (self.generates and probe.id.startswith(GENERATED))
        assert allowed, f"{self.test} asks {probe.id} without having planned it"

    # Saying ---------------------------------------------------------------------------

    def holds(self, rule: str, *exchanges: int, note: str = "") -> None:
        """Say that a rule is kept."""
        self._say(rule, Verdict.HOLDS, note, exchanges)

    def against(self, rule: str, text: str, *exchanges: int, lenient: bool = False) -> None:
        """Say that a rule is not kept: broken where it was promised, else it differs.

        Args:
            rule: The rule.
            text: What was asked, what came and what is due, in a sentence.
            exchanges: The requests that show it.
            lenient: Whether the page can be read so that it is kept.
        """
        self._say(rule, Verdict.DIFFERS if lenient else breach(rule), text, exchanges)

    def unsure(self, rule: str, reason: str, *exchanges: int) -> None:
        """Say that it was looked at and cannot be told."""
        self._say(rule, Verdict.INCONCLUSIVE, reason, exchanges)

    def unsure_unless_judged(self, rule: str, reason: str = "no reply holds an item") -> None:
        """Say that nothing can be told, unless something was."""
        if not any(finding.rule == rule for finding in self.findings):
            self.unsure(rule, reason)

    def beyond(self, rule: str, reason: str) -> None:
        """Say that nobody can see it from outside; that stands in nobody's way."""
        self._say(rule, Verdict.NOT_RUN, reason, (), beyond=True)

    def cannot(self, cannot: CannotLookError) -> None:
        """Say of every rule that nothing was said of yet why it could not be looked at."""
        said = {finding.rule for finding in self.findings}
        for rule in sorted(self.rules - said):
            self._say(rule, cannot.verdict, cannot.reason, ())

    def _say(
        self,
        rule: str,
        verdict: Verdict,
        text: str,
        exchanges: tuple[int, ...],
        *,
        beyond: bool = False,
    ) -> None:
        assert rule in self.rules, f"{self.test} is not tied to {rule}"
        assert rule in RULE_BY_ID, f"there is no rule {rule}"
        self.findings.append(Finding(rule, verdict, text, self.test, exchanges, beyond))

    def seed_echoed(self, shot: Shot) -> None:
        """Judge that the reply names the seed that was given."""
        given, named = shot.asked.get("seed"), shot.item.get("seed")
        if named == given:
            self.holds("seed.echo", shot.number)
        else:
            text = f"the reply to seed {given} must name it, but names {named}"
            self.against("seed.echo", text, shot.number)

    # Refusals -------------------------------------------------------------------------

    def refused(self, case: Case) -> None:
        """Judge a request that must be refused."""
        exchange = self.look(case.probe)
        number = exchange.number
        if exchange.reply is None:
            assert exchange.trouble is not None
            self.against(case.rule, f"{case.about}: {exchange.trouble.sentence}", number)
            return
        status = exchange.reply.status
        if status in REFUSED:
            self.holds(case.rule, number)
            self.refused_as(case.refusal, exchange)
        elif status < 300 and envelope.is_error(exchange.reply.body):
            text = f"{case.about} must be refused with 400, but {status} came, and no picture"
            self.against(case.refusal, text, number)
        elif status < 300:
            text = f"the server must refuse {case.about}, but accepted it"
            self.against(case.rule, text, number, lenient=case.lenient)
        else:
            self.against(case.refusal, f"{case.about} was answered {status}", number)

    def refused_as(self, refusal: str, exchange: Exchange) -> None:
        """Judge the status of a refusal, and its envelope."""
        assert exchange.reply is not None
        due = RULE_BY_ID[refusal].figures["status"]
        status = exchange.reply.status
        if status == due:
            self.holds(refusal, exchange.number)
        else:
            self.against(refusal, f"the status must be {due}, but {status} came", exchange.number)
        self._enveloped(exchange)

    def _enveloped(self, exchange: Exchange) -> None:
        rule = "error.envelope"
        if rule not in self.rules:
            return
        assert exchange.reply is not None
        problem = envelope.problem(exchange.reply)
        if problem is None:
            self.holds(rule, exchange.number)
        else:
            self.against(rule, problem, exchange.number)
