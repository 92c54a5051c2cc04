"""Few requests that try every pair of values: a covering array, grown parameter by parameter.

The method is known as in-parameter-order generation (Lei and Tai, 1998): start with all pairs of
the two longest parameters, then add the others one by one, each row taking the value that covers
most of what is left, and rows only where something stays uncovered.
"""

from collections.abc import Mapping, Sequence
from itertools import product

_Row = dict[str, int]
_Pair = tuple[str, int, str, int]


def rows(levels: Mapping[str, Sequence[object]]) -> list[dict[str, int]]:
    """Rows of the numbers of levels, such that each pair of levels of two names meets in a row."""
    names = sorted(levels, key=lambda name: -len(levels[name]))
    first, second = names[:2]
    grown = [
        {first: one, second: other}
        for one, other in product(range(len(levels[first])), range(len(levels[second])))
    ]
    for position, name in enumerate(names[2:], start=2):
        _grow(grown, names[:position], name, levels)
    return [{name: row.get(name, 0) for name in levels} for row in grown]


def _grow(
    grown: list[_Row], before: list[str], name: str, levels: Mapping[str, Sequence[object]]
) -> None:
    count = len(levels[name])
    open_pairs: set[_Pair] = {
        (other, level, name, value)
        for other in before
        for level in range(len(levels[other]))
        for value in range(count)
    }
    for position, row in enumerate(grown):
        # Where values are equally good, take turns, so that each is tried about as often.
        turns = sorted(range(count), key=lambda value: (value - position) % count)
        best = max(turns, key=lambda value: len(_met(row, name, value) & open_pairs))
        row[name] = best
        open_pairs -= _met(row, name, best)
    for pair in sorted(open_pairs):
        _seat(grown, pair)


def _met(row: _Row, name: str, value: int) -> set[_Pair]:
    return {(other, level, name, value) for other, level in row.items() if other != name}


def _seat(grown: list[_Row], pair: _Pair) -> None:
    """Put a pair into a row that has room for it, or into a new one."""
    other, level, name, value = pair
    for row in grown:
        if row.get(other, level) == level and row.get(name, value) == value:
            row[other], row[name] = level, value
            return
    grown.append({other: level, name: value})
