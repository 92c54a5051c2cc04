"""The clock: real time, an offset, and standing still."""

import threading
from contextlib import ExitStack
from typing import Any

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
    assert moved.frozen
    moved.unfreeze()
    assert (moved.frozen, moved.now()) == (False, 5000)
    real.seconds += 1
    assert moved.now() == 5001


def test_a_clock_knows_how_far_it_is_from_real_time(real: Real, moved: Clock) -> None:
    assert moved.ahead == 0
    moved.advance(hours=2)
    assert moved.ahead == 7200
    moved.freeze(at=500)
    real.seconds += 50
    assert moved.ahead == 500 - 1050


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


@pytest.mark.parametrize("name", ["hours", "minutes", "seconds"])
@pytest.mark.parametrize("value", ["2", None, True, [1]])
def test_a_step_that_is_no_number_is_refused(moved: Clock, name: str, value: Any) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole sentence is compared)
        moved.advance(**{name: value})
    assert str(caught.value) == f"{name} is a number, but {value!r} came"
    assert moved.now() == 1000


@pytest.mark.parametrize("at", [None, 1_780_000_000 + 1 / 3])
def test_many_small_steps_add_up(moved: Clock, at: float | None) -> None:
    moved.freeze(at=at)
    before = moved.now()
    for _ in range(600):
        moved.advance(seconds=0.1)
    assert abs(moved.now() - (before + 60)) < 1e-6


# Deadlines ------------------------------------------------------------------------------


def test_a_deadline_comes_after_real_seconds_though_the_time_stands_still(real: Real) -> None:
    elapsed = Real()
    clock = Clock(real, elapsed)
    clock.freeze()
    deadline = clock.deadline(5)
    assert deadline.left == 5
    elapsed.seconds += 4
    assert deadline.left == 1
    elapsed.seconds += 2
    assert deadline.left == 0


def test_a_deadline_comes_at_once_where_the_time_is_moved_on(real: Real) -> None:
    clock = Clock(real, Real())
    deadline, begun_before = clock.deadline(5), clock.deadline(5, since=999)
    clock.advance(seconds=4)
    assert (deadline.left, begun_before.left) == (5, 0)
    clock.advance(seconds=1)
    assert deadline.left == 0


# Who is told --------------------------------------------------------------------------


def test_whoever_watches_is_told_of_every_move_and_of_nothing_else(moved: Clock) -> None:
    told: list[float] = []
    with moved.watched(lambda: told.append(moved.now())):
        moved.now()
        moved.advance(seconds=5)
        moved.unfreeze()  # it runs already
        moved.freeze(at=2000)
        moved.advance(seconds=1)
        moved.unfreeze()
        moved.reset()
    moved.advance(seconds=1)
    assert told == [1005, 2000, 2001, 2001, 1000]


def test_nobody_is_told_of_a_move_that_is_refused(moved: Clock) -> None:
    told: list[float] = []
    with moved.watched(lambda: told.append(moved.now())):
        with pytest.raises(ValueError, match="forward only"):
            moved.advance(seconds=-1)
        with pytest.raises(ValueError, match="the years 1970 to 9999"):
            moved.freeze(at=-1)
    assert told == []


def test_several_may_watch_and_the_same_one_twice(moved: Clock) -> None:
    told: list[str] = []

    def tell() -> None:
        told.append("twice")

    with moved.watched(tell), moved.watched(lambda: told.append("once")):
        with moved.watched(tell):
            moved.advance(seconds=1)
        assert told == ["twice", "once", "twice"]
        moved.advance(seconds=1)
        assert told[3:] == ["twice", "once"]
    moved.advance(seconds=1)
    assert len(told) == 5


def test_a_watcher_is_let_go_where_its_block_fails(moved: Clock) -> None:
    told: list[str] = []
    with pytest.raises(ZeroDivisionError), moved.watched(lambda: told.append("told")):
        raise ZeroDivisionError
    moved.advance(seconds=1)
    assert told == []


def test_a_watcher_may_stop_watching_while_it_is_told(moved: Clock) -> None:
    told: list[str] = []

    with ExitStack() as stack:
        inner = stack.enter_context(ExitStack())

        def leave() -> None:
            told.append("left")
            inner.close()

        inner.enter_context(moved.watched(leave))
        stack.enter_context(moved.watched(lambda: told.append("stayed")))
        moved.advance(seconds=1)
        moved.advance(seconds=1)
    assert told == ["left", "stayed", "stayed"]


def test_a_watcher_is_told_in_the_thread_of_whoever_moves_the_time(moved: Clock) -> None:
    told: list[int] = []
    with moved.watched(lambda: told.append(threading.get_ident())):
        thread = threading.Thread(target=moved.advance, kwargs={"seconds": 1})
        thread.start()
        thread.join()
        assert told == [thread.ident]
