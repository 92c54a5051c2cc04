"""A cap is never passed, by however many at once."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.budget import Budget, SpentError

CAPS = st.none() | st.integers(0, 6)


def spent(budget: Budget) -> tuple[int, int]:
    return budget.images, budget.requests


def tried(budget: Budget, images: int) -> int | None:
    """The pictures reserved; None where a cap was in the way."""
    try:
        budget.reserve(images)
    except SpentError:
        return None
    return images


def test_it_counts_pictures_and_requests() -> None:
    budget = Budget()
    budget.reserve(1)
    budget.reserve(0)
    assert spent(budget) == (1, 2)


def test_a_picture_that_was_refused_is_given_back_and_its_request_is_not() -> None:
    budget = Budget(max_images=1)
    budget.reserve(1)
    budget.give_back()
    assert spent(budget) == (0, 1)
    budget.reserve(1)
    assert spent(budget) == (1, 2)


def test_the_cap_on_pictures_lets_requests_without_one_pass() -> None:
    budget = Budget(max_images=1)
    budget.reserve(1)
    with pytest.raises(SpentError) as cap:
        budget.reserve(1)
    assert str(cap.value) == "the budget of 1 picture is spent (--max-images)"
    assert cap.value.flag == "--max-images"
    budget.reserve(0)
    assert spent(budget) == (1, 2)


def test_the_cap_on_requests_says_which_it_is() -> None:
    budget = Budget(max_requests=2)
    budget.reserve(0)
    budget.reserve(1)
    with pytest.raises(SpentError) as cap:
        budget.reserve(0)
    assert str(cap.value) == "the budget of 2 requests is spent (--max-requests)"
    assert cap.value.flag == "--max-requests"
    with pytest.raises(SpentError):
        budget.reserve(1)
    assert spent(budget) == (1, 2)


def test_hypothesis_does_not_take_a_spent_budget_for_a_failure() -> None:
    assert not issubclass(SpentError, Exception)
    calls = []

    @given(st.integers())
    def probe(number: int) -> None:
        calls.append(number)
        Budget(max_requests=0).reserve(0)

    with pytest.raises(SpentError):
        probe()
    assert len(calls) == 1


@pytest.mark.parametrize("images", [-1, 2, 10])
def test_a_request_draws_one_picture_at_most(images: int) -> None:
    with pytest.raises(ValueError, match=f"a request draws 0 or 1 pictures, but {images} came"):
        Budget().reserve(images)


def test_nothing_is_given_back_that_was_not_reserved() -> None:
    budget = Budget()
    budget.reserve(0)
    with pytest.raises(ValueError, match="there is no picture to give back"):
        budget.give_back()


@pytest.mark.parametrize(
    ("caps", "sentence"),
    [
        ((-1, None), "--max-images must be 0 or more, but -1 came"),
        ((None, -3), "--max-requests must be 0 or more, but -3 came"),
    ],
)
def test_a_cap_below_nothing_is_refused(caps: tuple[int | None, int | None], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        Budget(*caps)


@given(CAPS, CAPS, st.lists(st.sampled_from(["picture", "request", "back"]), max_size=30))
def test_no_order_of_events_passes_a_cap(
    max_images: int | None, max_requests: int | None, events: list[str]
) -> None:
    budget = Budget(max_images, max_requests)
    images = requests = 0
    for event in events:
        if event == "back":
            if images:
                budget.give_back()
                images -= 1
            continue
        got = tried(budget, wanted := int(event == "picture"))
        room = max_images is None or images + wanted <= max_images
        room = room and (max_requests is None or requests < max_requests)
        assert (got is not None) is room
        images += got or 0
        requests += room
        assert spent(budget) == (images, requests)
        assert max_images is None or images <= max_images
        assert max_requests is None or requests <= max_requests


@given(
    st.integers(0, 40),
    st.integers(0, 60),
    st.lists(st.integers(0, 1), min_size=1, max_size=100),
)
def test_threads_together_never_pass_a_cap(
    max_images: int, max_requests: int, wanted: list[int]
) -> None:
    budget = Budget(max_images, max_requests)
    with ThreadPoolExecutor(8) as pool:
        got = [
            one for one in pool.map(lambda images: tried(budget, images), wanted) if one is not None
        ]
    assert (sum(got), len(got)) == spent(budget)
    assert budget.images == min(max_images, sum(got))
    assert budget.requests <= max_requests
    if sum(wanted) <= max_images:
        assert budget.requests == min(max_requests, len(wanted))
