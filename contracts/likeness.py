"""Judges defaults by their pictures: left out and spelled out must look the same."""

from .judge import Judge
from .noise import Noise, measured
from .probe import Probe
from .series import BASE, CHANGED, SAME, SPELLED, changed_first
from .verdict import CannotLookError, Verdict

DROWNED = "the noise between two pictures of one request drowns what {} changes"

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
    numbers = (*base.exchanges, *spelled.exchanges)
    if not noise.alike(base.picture, spelled.picture):
        text = f"{name} left out must give the picture of its default, but gave another"
        judge.against(rule, text, *numbers)
    elif noise.hides(base.picture, judge.picture(changed).picture):
        judge.unsure(rule, DROWNED.format(name), *numbers)
    else:
        judge.holds(rule, *numbers)
