"""Every pair of values meets, in few requests."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import pairs

COUNTS = st.lists(st.integers(1, 6), min_size=2, max_size=7)

Levels = dict[str, range]


def levels_of(counts: list[int]) -> Levels:
    return {f"p{number}": range(count) for number, count in enumerate(counts)}


def wanted(levels: Levels) -> set[tuple[str, int, str, int]]:
    return {
        (one, here, other, there)
        for one, other in combinations(levels, 2)
        for here in levels[one]
        for there in levels[other]
    }


def met(rows: list[dict[str, int]]) -> set[tuple[str, int, str, int]]:
    return {
        (one, row[one], other, row[other]) for row in rows for one, other in combinations(row, 2)
    }


@given(COUNTS)
def test_every_pair_of_levels_meets_in_a_row_and_no_others_do(counts: list[int]) -> None:
    levels = levels_of(counts)
    assert met(pairs.rows(levels)) == wanted(levels)


@given(COUNTS)
def test_each_row_names_every_parameter_in_the_order_given(counts: list[int]) -> None:
    levels = levels_of(counts)
    assert all(list(row) == list(levels) for row in pairs.rows(levels))


@given(COUNTS)
def test_the_same_levels_give_the_same_rows(counts: list[int]) -> None:
    assert pairs.rows(levels_of(counts)) == pairs.rows(levels_of(counts))


@given(COUNTS)
def test_there_are_no_fewer_rows_than_two_parameters_need_and_few_more(counts: list[int]) -> None:
    *_, second, first = sorted(counts)
    rows = pairs.rows(levels_of(counts))
    assert first * second <= len(rows) <= first * second + first * len(counts)


@pytest.mark.parametrize(
    ("counts", "rows"), [([2, 3], 6), ([2, 2, 2], 4), ([3, 3, 3, 3], 9), ([5, 1, 1], 5)]
)
def test_the_smallest_arrays_are_found_where_they_are_known(counts: list[int], rows: int) -> None:
    assert len(pairs.rows(levels_of(counts))) == rows
