"""The parameter seed: an integer in a range; echoed, drawn where none is given."""

from .accepted import judge_levels, rules_of
from .evidence.pictures import Picture, distance
from .judge import Judge
from .likeness import DROWNED, NOISE_PROBES, noise_of
from .rows import EVERY
from .series import BASE, FIRST, REPLAY, REPLAY_BY_LINK, SAME, ZERO, ZERO_AGAIN
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
@asks(*EVERY)
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
@asks(*EVERY)
def test_zero_is_named_like_any_other_seed(judge: Judge) -> None:
    others_named = False
    zeros = []
    for shot in judge.items(EVERY):
        given, named = shot.asked.get("seed"), shot.item.get("seed")
        if given is None or type(named) is not int:
            continue
        if given == 0:
            zeros.append((shot.number, named))
        others_named |= given != 0 and given == named
    wrong = [(number, named) for number, named in zeros if named != 0]
    if not zeros or (wrong and not others_named):
        judge.unsure("seed.zero", "no reply tells seed 0 from the others")
    for number, named in zeros:
        if named == 0:
            judge.holds("seed.zero", number)
        elif others_named:
            judge.against(
                "seed.zero", f"the reply to seed 0 must name 0, but names {named}", number
            )


@judges("seed.zero")
@asks(*NOISE_PROBES, FIRST, ZERO, ZERO_AGAIN, pictures=True)
def test_zero_gives_its_picture_again(judge: Judge) -> None:
    noise = noise_of(judge)
    zero, again = judge.picture(ZERO), judge.picture(ZERO_AGAIN)
    numbers = (*zero.exchanges, *again.exchanges)
    apart = distance(judge.picture(BASE).picture, judge.picture(FIRST).picture)
    if noise.alike(zero.picture, again.picture):
        judge.holds("seed.zero", *numbers)
    elif distance(zero.picture, again.picture) > UNLIKE * apart > UNLIKE * 2 * noise.middle:
        text = "seed 0 must give its picture again, as other seeds do, but gave another"
        judge.against("seed.zero", text, *numbers)
    else:
        judge.unsure("seed.zero", DROWNED.format("the seed"), *numbers)


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


@judges("seed.echo", "reply.url")
@asks(*NOISE_PROBES, FIRST, REPLAY, REPLAY_BY_LINK, pictures=True)
def test_a_drawn_seed_gives_its_picture_again(judge: Judge) -> None:
    first, again = judge.picture(FIRST), judge.picture(REPLAY)
    numbers = (*first.exchanges, *again.exchanges)
    if _alike(judge, first.picture, again.picture):
        judge.holds("seed.echo", *numbers)
        judge.holds("reply.url", *numbers)
        return
    linked = judge.picture(REPLAY_BY_LINK)
    if _alike(judge, again.picture, linked.picture):
        judge.holds("reply.url", *linked.exchanges)
        text = "the seed that a reply names must give its picture again, but gave another"
        judge.against("seed.echo", text, *numbers)
    elif noise_of(judge).middle > INVISIBLE:
        judge.unsure("seed.echo", DROWNED.format("the seed"), *numbers)
        judge.unsure("reply.url", DROWNED.format("the seed"), *numbers)
    else:
        # Even a given seed brings another picture by link than in Base64.
        text = "a link must bring the picture of its own request, but brought another"
        judge.unsure("seed.echo", text, *numbers)
        judge.against("reply.url", text, *again.exchanges, *linked.exchanges)


@judges("seed.similar")
@asks(*NOISE_PROBES, FIRST, pictures=True)
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
