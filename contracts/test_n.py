"""The parameter n: one picture a request."""

from .accepted import judge_levels, rules_of
from .judge import Judge
from .rows import EVERY
from .series import FIRST
from .table import Case, cases
from .ties import asks, judges, refusals


@refusals(cases("n"))
def test_what_is_not_allowed_is_refused(judge: Judge, case: Case) -> None:
    judge.refused(case)


@judges(*rules_of("n"))
@asks(*EVERY)
def test_what_is_allowed_is_accepted(judge: Judge) -> None:
    judge_levels(judge, "n")


@judges("n.default")
@asks(FIRST)
def test_left_out_it_means_one_picture(judge: Judge) -> None:
    (shot,) = judge.shots([FIRST])
    data = shot.top.get("data")
    count = len(data) if isinstance(data, list) else 0
    if count == 1:
        judge.holds("n.default", shot.number)
    else:
        judge.against("n.default", f"without n one picture must come, but {count} did", shot.number)
