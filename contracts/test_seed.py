"""The parameter seed: an integer in a range; echoed, drawn where none is given."""

from .accepted import judge_levels, rules_of
from .evidence.pictures import Picture, distance
from .judge import Judge
from .likeness import noise_of
from .plan import EVERY
from .rows import PROBES
from .series import FIRST, REPLAY, REPLAY_BY_LINK, SAME
from .spread import MIN_DRAWN, spread
from .table import Case, cases
from .ties import asks, judges, refusals

# Shares of the distance between two seeds, and of the full scale.
UNLIKE = 0.6
UNSURE = 0.4
INVISIBLE = 0.005


@refusals(cases("seed"))
def test_what_is_not_allowed_is_refused(judge: Judge, case: Case) -> None:
    judge.refused(case)


@judges(*rules_of("seed"))
@asks(*PROBES)
def test_what_is_allowed_is_accepted(judge: Judge) -> None:
    judge_levels(judge, "seed")


@judges("seed.echo")
@asks(*EVERY)
def test_the_reply_names_the_seed_that_was_given(judge: Judge) -> None:
    for shot in judge.items(EVERY):
        given, named = shot.asked.get("seed"), shot.item.get("seed")
        if given is None or type(named) is not int:
            continue  # what is no integer is judged with the reply's fields
        judge.seed_echoed(shot)
    judge.unsure_unless_judged("seed.echo", "no reply to a given seed names an integer")


@judges("seed.zero")
@asks(*PROBES)
def test_zero_is_a_seed_like_any_other(judge: Judge) -> None:
    for shot in judge.items(PROBES):
        if shot.asked.get("seed") != 0:
            continue
        if shot.item.get("seed") == 0:
            judge.holds("seed.zero", shot.number)
        else:
            text = f"the reply to seed 0 must name 0, but names {shot.item.get('seed')}"
            judge.against("seed.zero", text, shot.number)
    judge.unsure_unless_judged("seed.zero", "no request with seed 0 was accepted")


@judges("seed.random")
@asks(*EVERY)
def test_without_a_seed_another_is_drawn_each_time(judge: Judge) -> None:
    drawn = {
        shot.number: shot.item.get("seed")
        for shot in judge.items(EVERY)
        if "seed" not in shot.asked
    }
    seeds = {number: seed for number, seed in drawn.items() if type(seed) is int}
    if len(seeds) < MIN_DRAWN:
        judge.unsure("seed.random", f"{len(seeds)} drawn seeds came, too few to judge")
        return
    text, lenient = spread(sorted(seeds.values()))
    if text:
        judge.against("seed.random", text, *seeds, lenient=lenient)
    else:
        judge.holds("seed.random", *seeds)


@judges("seed.echo")
@asks(*SAME, FIRST, REPLAY, REPLAY_BY_LINK, fetches=1)
def test_a_drawn_seed_gives_its_picture_again(judge: Judge) -> None:
    first, again = judge.picture(FIRST), judge.picture(REPLAY)
    numbers = (*first.exchanges, *again.exchanges)
    if _alike(judge, first.picture, again.picture):
        judge.holds("seed.echo", *numbers)
    elif _alike(judge, again.picture, judge.picture(REPLAY_BY_LINK).picture):
        text = "the seed that a reply names must give its picture again, but gave another"
        judge.against("seed.echo", text, *numbers)
    else:
        # By link even a given seed brings another picture: the link is wrong, and says nothing.
        judge.unsure("seed.echo", "links bring other pictures than Base64 does", *numbers)


@judges("seed.similar")
@asks(*SAME, FIRST)
def test_one_seed_gives_similar_pictures_and_another_does_not(judge: Judge) -> None:
    noise = noise_of(judge)
    other = judge.picture(FIRST)
    same = [taken for _, taken in judge.pictures(SAME)]
    apart = min(distance(taken.picture, other.picture) for taken in same)
    numbers = [number for taken in (*same, other) for number in taken.exchanges]
    words = f"pictures of one seed differ by {noise.middle:.1%}, of two seeds by {apart:.1%}"
    if max(apart, noise.middle) < INVISIBLE:
        judge.against(
            "seed.similar", f"every seed gives one picture: {words}", *numbers, lenient=True
        )
    elif noise.middle > UNLIKE * apart:
        judge.against("seed.similar", f"one seed must give similar pictures: {words}", *numbers)
    elif noise.middle > UNSURE * apart:
        judge.unsure("seed.similar", words, *numbers)
    else:
        judge.holds("seed.similar", *numbers, note=words)


def _alike(judge: Judge, one: Picture, other: Picture) -> bool:
    """Whether two pictures are of one seed: links and Base64 may be compressed differently."""
    away = min(distance(one, taken.picture) for _, taken in judge.pictures(SAME))
    return distance(one, other) <= max(away / 2, noise_of(judge).largest)
