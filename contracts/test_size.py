"""The parameter size: height x width, one of those listed."""

from .accepted import judge_levels, rules_of
from .evidence.pictures import Picture
from .judge import Judge
from .rows import EVERY
from .series import LATE
from .table import Case, cases
from .ties import asks, judges, late, refusals
from .verdict import RULE_BY_ID


@refusals(cases("size"))
def test_what_is_not_allowed_is_refused(judge: Judge, case: Case) -> None:
    judge.refused(case)


@judges(*rules_of("size"))
@asks(*EVERY)
def test_what_is_allowed_is_accepted(judge: Judge) -> None:
    judge_levels(judge, "size")


@judges("size.default")
@asks(LATE, pictures=True)
@late
def test_left_out_after_others_it_still_means_its_default(judge: Judge) -> None:
    taken = judge.picture(LATE)
    size = str(RULE_BY_ID["size.default"].figures["default"])
    if (text := _wrong(taken.picture, size)) is None:
        judge.holds("size.default", *taken.exchanges)
    else:
        judge.against("size.default", f"after other sizes were asked for, {text}", *taken.exchanges)


@judges("size.default", "size.order", "reply.url")
@asks(*EVERY, pictures=True)
def test_the_picture_is_as_high_and_as_wide_as_was_asked_for(judge: Judge) -> None:
    right_in_base64 = False
    wrong: dict[str, list[tuple[str, str, tuple[int, ...]]]] = {"url": [], "b64_json": []}
    for shot, taken in judge.pictures(EVERY):
        rule = "size.order" if "size" in shot.asked else "size.default"
        size = str(shot.asked.get("size", RULE_BY_ID["size.default"].figures["default"]))
        if (text := _wrong(taken.picture, size)) is None:
            judge.holds(rule, *taken.exchanges)
            right_in_base64 |= shot.wants == "b64_json"
            if shot.wants == "url":
                judge.holds("reply.url", *taken.exchanges)
            continue
        wrong[shot.wants].append((rule, text, taken.exchanges))
    # Where Base64 brings the right sizes, it is the links that bring the wrong pictures.
    links_alone = wrong["url"] and right_in_base64 and not wrong["b64_json"]
    for way, found in wrong.items():
        for rule, text, exchanges in found:
            blamed = "reply.url" if links_alone and way == "url" else rule
            judge.against(blamed, text, *exchanges)
    for rule in ("size.default", "size.order"):
        judge.unsure_unless_judged(rule, "no picture tells")
    judge.unsure_unless_judged("reply.url", "no picture came by a link")


def _wrong(picture: Picture, size: str) -> str | None:
    """What is wrong with the size of a picture, in a sentence; None where nothing is."""
    height, width = map(int, size.split("x"))
    if (picture.height, picture.width) == (height, width):
        return None
    return (
        f"size {size} must be {height} high and {width} wide, but the picture is "
        f"{picture.height} high and {picture.width} wide"
    )
