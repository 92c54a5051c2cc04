"""Judges defaults by their pictures: left out and spelled out must look the same."""

from .evidence.pictures import distance
from .judge import Judge
from .noise import MARGIN, Noise, measured
from .probe import Probe
from .series import BASE, CHANGED, SAME, SPELLED, changed_first, drawn_again
from .verdict import CannotLookError, Verdict

DROWNED = "the noise between two pictures of one request drowns what {} changes"

INVISIBLE = 0.005
"""A share of the full scale: what no eye sees."""

NOISE_PROBES = (*CHANGED, *SAME)
"""What `noise_of` asks, in this order."""


def noise_of(judge: Judge) -> Noise:
    """How much pictures of one request differ on this server.

    Raises:
        CannotLookError: fewer than two of them came.
    """
    if judge.lab.album.noise is not None:
        return judge.lab.album.noise
    for probe in CHANGED:
        judge.ask(probe)
    pictures = [taken.picture for _, taken in judge.pictures(SAME)]
    if len(pictures) < 2:
        reason = "the noise is not known: fewer than two pictures of one request came"
        raise CannotLookError(Verdict.INCONCLUSIVE, reason)
    judge.lab.album.noise = noise = measured(pictures)
    return noise


def judge_unlike(judge: Judge, rule: str, text: str, one: Probe, other: Probe) -> None:
    """Judge that two requests give two pictures where they must give one, at a second look.

    The noise may have been quiet when it was measured: what differs must differ again, each side
    must agree with itself, and an eye must be able to see it.
    """
    noise = noise_of(judge)
    pairs = [(judge.picture(probe), judge.picture(drawn_again(probe))) for probe in (one, other)]
    numbers = [number for pair in pairs for taken in pair for number in taken.exchanges]
    (left, left_again), (right, right_again) = [(a.picture, b.picture) for a, b in pairs]
    itself = max(distance(left, left_again), distance(right, right_again), noise.largest)
    apart = min(distance(left, right), distance(left_again, right_again))
    if apart > max(INVISIBLE, MARGIN * itself):
        judge.against(rule, text, *numbers)
    else:
        judge.unsure(rule, DROWNED.format("it"), *numbers)


def judge_default(judge: Judge, name: str, changed: Probe) -> None:
    """Judge that a parameter left out means its documented default.

    Args:
        judge: Looks and says.
        name: The parameter.
        changed: The request that gives it another value: what it changes must be seen beyond
            the noise.
    """
    rule = f"{name}.default"
    noise = noise_of(judge)
    base, spelled = judge.picture(BASE), judge.picture(SPELLED)
    if not noise.alike(base.picture, spelled.picture):
        before, left_out = changed_first(name)
        judge.ask(before)
        base = judge.picture(left_out)
        if not noise.alike(base.picture, spelled.picture):
            judge.ask(drawn_again(before))
            text = f"{name} left out must give the picture of its default, but gave another"
            judge_unlike(judge, rule, text, left_out, SPELLED)
            return
    numbers = (*base.exchanges, *spelled.exchanges)
    if noise.hides(base.picture, judge.picture(changed).picture):
        judge.unsure(rule, DROWNED.format(name), *numbers)
    else:
        judge.holds(rule, *numbers)
