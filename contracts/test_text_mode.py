"""The parameter text_mode: true or false, and false by default."""

from .accepted import judge_levels, rules_of
from .judge import Judge
from .likeness import NOISE_PROBES, judge_default
from .rows import EVERY
from .series import SPELLED, TEXT_MODE, changed_first, second_looks
from .table import Case, cases
from .ties import asks, judges, refusals


@refusals(cases("text_mode"))
def test_what_is_not_allowed_is_refused(judge: Judge, case: Case) -> None:
    judge.refused(case)


@judges(*rules_of("text_mode"))
@asks(*EVERY)
def test_what_is_allowed_is_accepted(judge: Judge) -> None:
    judge_levels(judge, "text_mode")


@judges("text_mode.default")
@asks(
    *NOISE_PROBES,
    SPELLED,
    TEXT_MODE,
    *changed_first("text_mode"),
    *second_looks("text_mode"),
    pictures=True,
)
def test_left_out_it_means_its_default(judge: Judge) -> None:
    judge_default(judge, "text_mode", TEXT_MODE)
