"""Whether numbers look drawn from a range, as far as few of them can tell."""

from itertools import pairwise

from .table import PARAMETER

_SEED = PARAMETER["seed"]
assert _SEED.maximum is not None

MIN_DRAWN = 3
"""Fewer drawn seeds than this say nothing."""

# By chance, five seeds lie within such a part of the range less than once in 10,000 times.
_NARROW = _SEED.maximum / 16
_ENOUGH_FOR_NARROW = 5
_COUNTING = 16


def spread(seeds: list[int]) -> tuple[str, bool]:
    """Judge drawn seeds, given in ascending order.

    Returns:
        What is wrong with them, empty where nothing is; and whether the page can be read so that
        nothing is.
    """
    shown = ", ".join(map(str, seeds))
    if len(set(seeds)) < len(seeds):
        return f"each request without a seed must draw another, but these came: {shown}", False
    steps = [after - before for before, after in pairwise(seeds)]
    if max(steps) <= _COUNTING:
        return f"seeds must be drawn at random, but these seem counted: {shown}", False
    if len(seeds) >= _ENOUGH_FOR_NARROW and max(seeds) - min(seeds) < _NARROW:
        return f"drawn seeds should spread over their range, but these came: {shown}", True
    return "", False
