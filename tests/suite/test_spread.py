"""Whether few numbers look drawn: what a generator gives passes, and what counts does not."""

from random import Random

import pytest

from contracts.spread import spread

LAST = 2147483647
ANOTHER = "each request without a seed must draw another, but these came"
COUNTED = "seeds must be drawn at random, but these seem counted"
NARROW = "drawn seeds should spread over their range, but these came"


@pytest.mark.parametrize(
    ("seeds", "text", "lenient"),
    [
        (
            [5, 5, 900_000_000, 2_000_000_000],
            ANOTHER,
            False,
        ),
        ([0, 0, 0, 0], ANOTHER, False),
        ([41, 42, 43, 44], COUNTED, False),
        ([100, 116, 132, 148], COUNTED, False),
        ([41, 42, 43], COUNTED, False),
        ([1, 20_000, 40_000, 50_000, 65_535], NARROW, True),
        ([0, 1, 2, 3, LAST // 16], NARROW, True),
    ],
)
def test_what_does_not_look_drawn_is_named_with_what_came(
    seeds: list[int], text: str, lenient: bool
) -> None:
    words = f"{text}: {', '.join(map(str, seeds))}"
    assert spread(seeds) == (words, lenient)


@pytest.mark.parametrize(
    "seeds",
    [
        [0, 1, 2, 3, LAST // 16 + 1],
        [0, 1, 2, 19],  # of so few nobody can tell
        [0, LAST],
        [1, 500_000_000, 1_000_000_000, 2_000_000_000],
    ],
)
def test_what_looks_drawn_passes(seeds: list[int]) -> None:
    assert spread(seeds) == ("", False)


@pytest.mark.parametrize("count", [3, 4, 5, 7])
def test_a_generator_is_hardly_ever_taken_for_something_else(count: int) -> None:
    random = Random(20261010)
    drawn = [sorted(random.randint(0, LAST) for _ in range(count)) for _ in range(4000)]
    found = [spread(seeds) for seeds in drawn]
    assert {lenient for text, lenient in found if text} <= {True}
    assert sum(bool(text) for text, _ in found) <= 1
