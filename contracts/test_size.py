"""The parameter size: height x width, one of those listed."""

from .accepted import judge_levels, rules_of
from .judge import Judge
from .plan import EVERY
from .rows import PROBES
from .table import Case, cases
from .ties import asks, judges, refusals
from .verdict import RULE_BY_ID


@refusals(cases("size"))
def test_what_is_not_allowed_is_refused(judge: Judge, case: Case) -> None:
    judge.refused(case)


@judges(*rules_of("size"))
@asks(*PROBES)
def test_what_is_allowed_is_accepted(judge: Judge) -> None:
    judge_levels(judge, "size")


@judges("size.default")
@asks(*EVERY)
def test_left_out_it_means_its_default(judge: Judge) -> None:
    height, width = map(int, str(RULE_BY_ID["size.default"].figures["default"]).split("x"))
    for shot, taken in judge.pictures(EVERY):
        if "size" in shot.asked:
            continue
        picture = taken.picture
        if (picture.height, picture.width) == (height, width):
            judge.holds("size.default", *taken.exchanges)
        else:
            text = (
                f"without size the picture must be {height} high and {width} wide, but is "
                f"{picture.height} high and {picture.width} wide"
            )
            judge.against("size.default", text, *taken.exchanges)


@judges("size.order")
@asks(*EVERY)
def test_the_height_comes_first(judge: Judge) -> None:
    for shot, taken in judge.pictures(EVERY):
        if "size" not in shot.asked:
            continue
        height, width = map(int, str(shot.asked["size"]).split("x"))
        picture = taken.picture
        if (picture.height, picture.width) == (height, width):
            judge.holds("size.order", *taken.exchanges)
        else:
            text = (
                f"size {shot.asked['size']} must be {height} high and {width} wide, but is "
                f"{picture.height} high and {picture.width} wide"
            )
            judge.against("size.order", text, *taken.exchanges)
