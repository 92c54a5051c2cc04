"""The parameter response_format: b64_json or url, and url by default."""

import pytest

from .accepted import judge_levels, rules_of
from .judge import Judge
from .probe import Probe
from .rows import EVERY
from .series import FIRST, LATE
from .table import Case, cases
from .ties import asks, judges, late, refusals


@refusals(cases("response_format"))
def test_what_is_not_allowed_is_refused(judge: Judge, case: Case) -> None:
    judge.refused(case)


@judges(*rules_of("response_format"))
@asks(*EVERY)
def test_what_is_allowed_is_accepted(judge: Judge) -> None:
    judge_levels(judge, "response_format")


@judges("response_format.default")
@pytest.mark.parametrize(
    "probe",
    [
        pytest.param(FIRST, id="at first", marks=asks(FIRST)),
        pytest.param(LATE, id="after it was spelled out", marks=[asks(LATE), late]),
    ],
)
def test_left_out_it_means_a_link(judge: Judge, probe: Probe) -> None:
    (shot,) = judge.items([probe])
    if shot.item.get("url") is not None:
        judge.holds("response_format.default", shot.number)
    elif shot.item.get("b64_json") is not None:
        text = "without response_format the picture must come as url, but came as b64_json"
        judge.against("response_format.default", text, shot.number)
    else:
        judge.unsure("response_format.default", "the picture came as neither", shot.number)
