"""The parameter model: required, and one of those listed."""

from .judge import Judge
from .table import Case, cases
from .ties import refusals


@refusals(cases("model"))
def test_what_is_not_allowed_is_refused(judge: Judge, case: Case) -> None:
    judge.refused(case)
