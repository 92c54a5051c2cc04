"""Bodies that are no JSON object are refused, and so is what is not said to be JSON."""

from .judge import Judge
from .table import BODIES, Case
from .ties import refusals


@refusals(BODIES)
def test_what_is_no_json_object_is_refused(judge: Judge, case: Case) -> None:
    judge.refused(case)
