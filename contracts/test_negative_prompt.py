"""The parameter negative_prompt: a text of limited length, without effect at no guidance."""

from stepfun_mock import contract

from .accepted import judge_levels, rules_of
from .judge import Judge
from .likeness import DROWNED, NOISE_PROBES, judge_unlike, noise_of
from .rows import EVERY, half_as_long
from .series import GUIDED, GUIDED_EMPTY, GUIDED_NEGATIVE, SPELLED, WHOLE, drawn_again
from .table import Case, cases
from .ties import asks, judges, refusals


@refusals(cases("negative_prompt"))
def test_what_is_not_allowed_is_refused(judge: Judge, case: Case) -> None:
    judge.refused(case)


@judges(*rules_of("negative_prompt"))
@asks(*EVERY, half_as_long("negative_prompt"))
def test_what_is_allowed_is_accepted(judge: Judge) -> None:
    judge_levels(judge, "negative_prompt")


@judges("negative_prompt.default")
@asks(
    *NOISE_PROBES,
    GUIDED,
    GUIDED_EMPTY,
    drawn_again(GUIDED_NEGATIVE),
    drawn_again(GUIDED),
    drawn_again(GUIDED_EMPTY),
    pictures=True,
)
def test_left_out_it_is_empty(judge: Judge) -> None:
    noise = noise_of(judge)
    left_out, empty = judge.picture(GUIDED), judge.picture(GUIDED_EMPTY)
    numbers = (*left_out.exchanges, *empty.exchanges)
    if not noise.alike(left_out.picture, empty.picture):
        text = "negative_prompt left out must give the picture of an empty one, but gave another"
        judge.ask(drawn_again(GUIDED_NEGATIVE))
        judge_unlike(judge, "negative_prompt.default", text, GUIDED, GUIDED_EMPTY)
    elif noise.hides(left_out.picture, judge.picture(GUIDED_NEGATIVE).picture):
        judge.unsure("negative_prompt.default", DROWNED.format("negative_prompt"), *numbers)
    else:
        judge.holds("negative_prompt.default", *numbers)


@judges("negative_prompt.neutral")
@asks(
    *NOISE_PROBES,
    SPELLED,
    WHOLE,
    GUIDED,
    drawn_again(SPELLED),
    drawn_again(WHOLE),
    pictures=True,
)
def test_without_guidance_it_changes_nothing(judge: Judge) -> None:
    noise = noise_of(judge)
    without, neutral = judge.picture(SPELLED), judge.picture(WHOLE)
    numbers = (*without.exchanges, *neutral.exchanges)
    if not noise.alike(without.picture, neutral.picture):
        text = (
            f"at cfg_scale {contract.NEUTRAL_CFG_SCALE} a negative prompt must change nothing, "
            "but the picture is another"
        )
        judge_unlike(judge, "negative_prompt.neutral", text, SPELLED, WHOLE)
        return
    guided, changed = judge.picture(GUIDED), judge.picture(GUIDED_NEGATIVE)
    if noise.hides(guided.picture, changed.picture):
        judge.unsure("negative_prompt.neutral", DROWNED.format("a negative prompt"), *numbers)
    else:
        judge.holds("negative_prompt.neutral", *numbers)
