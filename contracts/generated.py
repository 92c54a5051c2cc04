"""Hypothesis under a budget: what it tries, and what becomes of what it finds."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .judge import GENERATED, Judge
from .probe import Probe, encoded
from .verdict import Finding, Verdict

_T = TypeVar("_T")

# A server that is paid for is never asked to shrink a failure, which takes a hundred requests.
_WITHOUT_SHRINKING = (Phase.explicit, Phase.generate)
_WITH_SHRINKING = (*_WITHOUT_SHRINKING, Phase.shrink)


class _Broken(Exception):
    """An example that breaks a rule."""


def explore(
    judge: Judge,
    values: st.SearchStrategy[_T],
    look: Callable[[Judge, _T], None],
    *,
    examples: int,
    free: bool,
) -> None:
    """Judge many values; where one breaks a rule, tell of the smallest that does.

    Args:
        judge: Is told what was found.
        values: What is tried.
        look: Judges one value.
        examples: How many are tried.
        free: Whether requests cost nothing, so that a failure may be made smaller.

    Raises:
        CannotLookError: the first value that tells nothing; none is tried after it.
    """
    seen: list[Finding] = []
    worst: list[Finding] = []

    @settings(
        max_examples=examples,
        phases=_WITH_SHRINKING if free else _WITHOUT_SHRINKING,
        derandomize=True,
        database=None,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(values)
    def examine(value: _T) -> None:
        scratch = replace(judge, findings=[])
        look(scratch, value)
        broken = [found for found in scratch.findings if found.verdict is Verdict.BROKEN]
        if broken:
            worst[:] = broken
            raise _Broken
        seen.extend(scratch.findings)

    try:
        examine()
    except _Broken:
        judge.findings += worst
    judge.findings += _once_each(seen)


def _once_each(findings: list[Finding]) -> list[Finding]:
    """One finding for each rule and verdict: a thousand times the same is no news."""
    return list({(found.rule, found.verdict): found for found in reversed(findings)}.values())


def made_up(fields: object, *, draws: bool) -> Probe:
    """A probe for a body that Hypothesis made; the same body is the same probe."""
    body = encoded(fields)
    name = hashlib.blake2s(body, digest_size=6).hexdigest()
    known = fields if isinstance(fields, dict) else None
    return Probe(id=f"{GENERATED}{name}", fields=known, body=body, draws=draws)
