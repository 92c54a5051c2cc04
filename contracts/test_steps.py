"""The parameter steps: an integer in a range, with a default."""

from .accepted import judge_levels, rules_of
from .judge import Judge
from .likeness import NOISE_PROBES, judge_default
from .rows import EVERY
from .series import SPELLED, STEPS, changed_first, second_looks
from .table import Case, cases
from .ties import asks, judges, refusals


@refusals(cases("steps"))
def test_what_is_not_allowed_is_refused(judge: Judge, case: Case) -> None:
    judge.refused(case)


@judges(*rules_of("steps"))
@asks(*EVERY)
def test_what_is_allowed_is_accepted(judge: Judge) -> None:
    judge_levels(judge, "steps")


@judges("steps.default")
@asks(*NOISE_PROBES, SPELLED, STEPS, pictures=True)
@asks(*changed_first("steps"), *second_looks("steps"))
def test_left_out_it_means_its_default(judge: Judge) -> None:
    judge_default(judge, "steps", STEPS)
