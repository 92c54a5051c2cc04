"""The parameter cfg_scale: a number in a range, with a default."""

from .accepted import judge_levels, rules_of
from .judge import Judge
from .likeness import NOISE_PROBES, judge_default
from .rows import EVERY
from .series import GUIDED, SPELLED, changed_first, second_looks
from .table import Case, cases
from .ties import asks, judges, refusals


@refusals(cases("cfg_scale"))
def test_what_is_not_allowed_is_refused(judge: Judge, case: Case) -> None:
    judge.refused(case)


@judges(*rules_of("cfg_scale"))
@asks(*EVERY)
def test_what_is_allowed_is_accepted(judge: Judge) -> None:
    judge_levels(judge, "cfg_scale")


@judges("cfg_scale.default")
@asks(
    *NOISE_PROBES,
    SPELLED,
    GUIDED,
    *changed_first("cfg_scale"),
    *second_looks("cfg_scale"),
    pictures=True,
)
def test_left_out_it_means_its_default(judge: Judge) -> None:
    judge_default(judge, "cfg_scale", GUIDED)
