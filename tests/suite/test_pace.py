"""Requests keep their distance, and a server that has had enough gets its peace."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.exchange import Reply
from contracts.pace import Pace, retry_after

NOON = 1_780_000_000.0
DATE = "Thu, 28 May 2026 20:26:40 GMT"  # NOON


class Hands:
    """A clock that moves when somebody sleeps."""

    def __init__(self, time: float = NOON) -> None:
        self.time = time
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.time += seconds


def paced(per_minute: float | None) -> tuple[Pace, Hands]:
    hands = Hands()
    return Pace(per_minute, hands.now, hands.sleep), hands


def sent(pace: Pace, hands: Hands, count: int) -> list[float]:
    """When so many requests were sent."""
    times = []
    for _ in range(count):
        pace.wait()
        times.append(hands.time)
    return times


def busiest_minute(times: list[float]) -> int:
    """How many fall into any one minute, both ends included."""
    return max(sum(start <= time <= start + 60 for time in times) for start in times)


def test_without_a_pace_nobody_waits() -> None:
    pace, hands = paced(None)
    sent(pace, hands, 1000)
    assert hands.slept == []


def test_the_first_request_goes_at_once_and_the_next_keep_their_distance() -> None:
    pace, hands = paced(8)
    sent(pace, hands, 3)
    assert hands.slept == [7.5, 7.5]


def test_time_that_passed_anyhow_counts() -> None:
    pace, hands = paced(60)
    pace.wait()
    hands.time += 0.75
    pace.wait()
    hands.time += 100
    pace.wait()
    assert hands.slept == [0.25]


def test_time_without_requests_is_not_saved_up() -> None:
    pace, hands = paced(60)
    hands.time += 3600
    times = sent(pace, hands, 100)
    assert busiest_minute(times) <= 61


@given(
    st.floats(0.5, 600),
    st.lists(st.just(0.0) | st.floats(0, 90), min_size=1, max_size=80),
)
def test_no_minute_has_more_than_it_may(per_minute: float, pauses: list[float]) -> None:
    pace, hands = paced(per_minute)
    times = []
    for pause in pauses:
        hands.time += pause
        times += sent(pace, hands, 2)
    assert busiest_minute(times) <= per_minute + 1


@given(
    st.none() | st.floats(2, 600),
    st.lists(st.none() | st.floats(0, 90), min_size=1, max_size=12),
)
def test_after_each_429_there_is_more_time_between_requests(
    per_minute: float | None, asked: list[float | None]
) -> None:
    pace, hands = paced(per_minute)
    pace.wait()
    for wish in asked:
        before = pace.per_minute
        refused_at = hands.time
        pause = pace.slow_down(wish)
        now = pace.per_minute
        assert now is not None
        assert 0 <= pause <= 30
        assert now == (600 if before is None else max(before / 2, min(before, 6)))
        times = sent(pace, hands, 20)
        assert times[0] >= refused_at + pause - 1e-6
        assert busiest_minute(times) <= now + 1


def test_threads_keep_their_distance_too() -> None:
    hands, lock, times = Hands(), threading.Lock(), []

    def note(seconds: float) -> None:
        with lock:
            times.append(NOON + seconds)  # the clock stands, so each sleeps from the beginning

    pace = Pace(120, hands.now, note)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: pace.wait(), range(200)))
    apart = [later - earlier for earlier, later in pairwise(sorted(times))]
    assert apart == pytest.approx([0.5] * 198)


def test_a_clock_that_is_set_back_keeps_nobody_waiting() -> None:
    pace, hands = paced(60)
    sent(pace, hands, 2)
    hands.time -= 3600
    pace.wait()
    pace.slow_down(10)
    hands.time -= 3600
    pace.wait()
    assert hands.slept == pytest.approx([1, 2, 10])  # from when it was last looked at


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_of_nothing_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="--rate must be above 0 requests a minute, but"):
        Pace(rate, Hands().now, Hands().sleep)


# After a 429 --------------------------------------------------------------------------------


def test_a_429_halves_the_rate() -> None:
    pace, hands = paced(60)
    pace.slow_down(0)
    assert pace.per_minute == 30
    sent(pace, hands, 2)
    assert hands.slept == [2]


def test_a_target_without_a_pace_gets_one() -> None:
    pace, _ = paced(None)
    rates = []
    for _ in range(9):
        pace.slow_down(0)
        rates.append(pace.per_minute)
    assert rates == [600, 300, 150, 75, 37.5, 18.75, 9.375, 6, 6]


def test_a_rate_that_is_slow_already_stays() -> None:
    pace, _ = paced(0.5)
    pace.slow_down()
    assert pace.per_minute == 0.5


@pytest.mark.parametrize("wish", [0.0, 0.5, 7.0, 30.0])
def test_the_pause_is_what_the_server_wants(wish: float) -> None:
    assert paced(8)[0].slow_down(wish) == wish


@pytest.mark.parametrize("wish", [None, 30.1, 3600.0, -1.0, float("nan"), float("inf")])
def test_a_wish_beyond_reason_gives_pauses_that_grow(wish: float | None) -> None:
    pace, _ = paced(8)
    assert [pace.slow_down(wish) for _ in range(5)] == [2, 4, 8, 15, 15]


def rates_when_all_goes_well(pace: Pace, replies: int) -> list[float | None]:
    """The rates in the order in which they held, each once."""
    rates = [pace.per_minute]
    for _ in range(replies):
        pace.went_well()
        if pace.per_minute != rates[-1]:
            rates.append(pace.per_minute)
    return rates


def test_ten_good_replies_in_a_row_raise_the_rate_to_where_it_began_and_no_further() -> None:
    pace, _ = paced(60)
    pace.slow_down()
    assert rates_when_all_goes_well(pace, 9) == [30]
    pace.slow_down()
    assert rates_when_all_goes_well(pace, 9) == [15]
    assert rates_when_all_goes_well(pace, 100) == [15, 22.5, 33.75, 50.625, 60]


def test_a_target_without_a_pace_is_without_one_again_when_all_goes_well() -> None:
    pace, _ = paced(None)
    pace.slow_down()
    pace.slow_down()
    assert rates_when_all_goes_well(pace, 100) == [300, 450, None]


def test_a_good_reply_makes_the_next_pause_short_again() -> None:
    pace, _ = paced(8)
    assert [pace.slow_down(), pace.slow_down()] == [2, 4]
    pace.went_well()
    assert pace.slow_down() == 2


def test_whoever_slept_the_pause_does_not_wait_for_it_again() -> None:
    pace, hands = paced(60)
    pace.wait()
    hands.sleep(pace.slow_down(5))
    pace.wait()
    assert hands.slept == [5]


# Retry-After ----------------------------------------------------------------------------------


def asking(*headers: tuple[str, str]) -> float | None:
    return retry_after(Reply(429, headers, b""), NOON)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("2", 2),
        (" 2 ", 2),
        ("0", 0),
        ("1.5", 1.5),
        ("120", 120),
        ("Thu, 28 May 2026 20:26:50 GMT", 10),
        ("Thu, 28 May 2026 20:26:30 GMT", 0),
        ("Thursday, 28-May-26 20:26:50 GMT", 10),
        ("Thu, 28 May 2026 22:26:50 +0200", 10),
    ],
)
def test_both_forms_are_read(said: str, seconds: float) -> None:
    assert asking(("retry-after", said)) == seconds


@pytest.mark.parametrize("said", ["", "soon", "-1", "1e3", "inf", "nan", "١", "9" * 400, "2, 3"])
def test_what_cannot_be_read_is_no_wish(said: str) -> None:
    assert asking(("retry-after", said)) is None
    assert asking() is None


def test_a_date_is_seen_by_the_clock_of_the_server() -> None:
    ahead = "Thu, 28 May 2026 21:26:40 GMT"
    assert asking(("date", ahead), ("retry-after", "Thu, 28 May 2026 21:26:47 GMT")) == 7
    assert asking(("date", "nonsense"), ("retry-after", DATE)) == 0


@given(st.text(max_size=40) | st.text("0123456789 ,:-+GMTJanThu", max_size=40))
def test_any_text_is_read_or_left_alone(said: str) -> None:
    seconds = asking(("retry-after", said))
    assert seconds is None or seconds >= 0
