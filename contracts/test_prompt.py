"""The parameter prompt: required, a text of at most 512 characters."""

from .accepted import judge_levels, rules_of
from .judge import Judge
from .rows import EVERY, half_as_long
from .table import Case, cases
from .ties import asks, judges, refusals


@refusals(cases("prompt"))
def test_what_is_not_allowed_is_refused(judge: Judge, case: Case) -> None:
    judge.refused(case)


@judges(*rules_of("prompt"))
@asks(*EVERY, half_as_long("prompt"))
def test_what_is_allowed_is_accepted(judge: Judge) -> None:
    judge_levels(judge, "prompt")
