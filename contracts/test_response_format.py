"""The parameter response_format: b64_json or url, and url by default."""

from .accepted import judge_levels, rules_of
from .judge import Judge
from .rows import PROBES
from .series import FIRST
from .table import Case, cases
from .ties import asks, judges, refusals


@refusals(cases("response_format"))
def test_what_is_not_allowed_is_refused(judge: Judge, case: Case) -> None:
    judge.refused(case)


@judges(*rules_of("response_format"))
@asks(*PROBES)
def test_what_is_allowed_is_accepted(judge: Judge) -> None:
    judge_levels(judge, "response_format")


@judges("response_format.default")
@asks(FIRST)
def test_left_out_it_means_a_link(judge: Judge) -> None:
    (shot,) = judge.items([FIRST])
    if shot.item.get("url") is not None:
        judge.holds("response_format.default", shot.number)
    else:
        text = "without response_format the picture must come as url, but no url came"
        judge.against("response_format.default", text, shot.number)
