"""The clock: real time, an offset, and standing still."""

import pytest

from stepfun_mock import Clock


class Real:
    """A real time that the test moves by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def real() -> Real:
    return Real()


@pytest.fixture
def moved(real: Real) -> Clock:
    return Clock(real)


def test_a_clock_ticks_with_real_time_plus_what_it_was_advanced(real: Real, moved: Clock) -> None:
    moved.advance(hours=2, minutes=1, seconds=0.5)
    assert moved.now() == 1000 + 7260.5
    real.seconds += 3
    assert moved.now() == 1003 + 7260.5


def test_a_frozen_clock_stands_still_and_can_be_advanced(real: Real, moved: Clock) -> None:
    moved.freeze()
    real.seconds += 50
    assert moved.now() == 1000
    moved.advance(seconds=5)
    assert moved.now() == 1005


def test_an_unfrozen_clock_runs_on_from_where_it_stood(real: Real, moved: Clock) -> None:
    moved.freeze(at=5000)
    real.seconds += 50
    moved.unfreeze()
    assert moved.now() == 5000
    real.seconds += 1
    assert moved.now() == 5001


def test_unfreezing_a_running_clock_changes_nothing(moved: Clock) -> None:
    moved.unfreeze()
    assert moved.now() == 1000


def test_reset_returns_to_real_time(real: Real, moved: Clock) -> None:
    moved.advance(hours=1)
    moved.freeze()
    moved.reset()
    assert moved.now() == 1000


@pytest.mark.parametrize("at", [-5, float("nan"), float("inf"), 253_402_300_800])
def test_the_clock_shows_the_years_1970_to_9999(moved: Clock, at: float) -> None:
    with pytest.raises(ValueError, match="the clock shows the years 1970 to 9999, but"):
        moved.freeze(at=at)
    with pytest.raises(ValueError, match="the clock"):
        moved.advance(seconds=at)
    assert moved.now() == 1000


@pytest.mark.parametrize("step", [-1, float("nan")])
def test_time_goes_forward_only(moved: Clock, step: float) -> None:
    with pytest.raises(ValueError, match="the clock moves forward only"):
        moved.advance(seconds=step)
    assert moved.now() == 1000
