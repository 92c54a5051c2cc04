"""The line of faults: who meets which, what is left, and outages."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import GENERATIONS, HEADERS, MINIMAL, answered, asked, examples
from stepfun_mock import Clock, ImageRequest, Request, StepfunMock, faults
from stepfun_mock.chaos import Chaos
from stepfun_mock.faults import Fault
from stepfun_mock.script import UNTOUCHED, Script

IMAGE = ImageRequest(
    model="step-image-edit-2",
    prompt="A red fox",
    size="1024x1024",
    n=1,
    response_format="url",
    seed=7,
    steps=8,
    cfg_scale=1.0,
    negative_prompt="",
    text_mode=False,
)
NOW = 1_780_000_000


@pytest.fixture
def script(clock: Clock) -> Script:
    return Script(clock.now)


def statuses(mock: StepfunMock, tries: int, **fields: object) -> list[int]:
    return [asked(mock, {**MINIMAL, **fields}).status for _ in range(tries)]


def is_down(mock: StepfunMock) -> bool:
    delivery = asked(mock, MINIMAL).delivery
    return delivery is not None and delivery.ending == "refused"


@contextmanager
def begun(works: list[Callable[[], None]]) -> Iterator[None]:
    """Threads that run while a block does, and are over behind it."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()


# In order ---------------------------------------------------------------------------


def test_faults_are_met_in_order_one_try_each(mock: StepfunMock) -> None:
    mock.script(faults.rate_limited(), faults.overloaded(times=2))
    mock.script(faults.out_of_balance())
    assert statuses(mock, 5) == [429, 503, 503, 402, 200]
    assert mock.unmet_faults() == []


def test_after_lets_tries_pass_first(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(after=2), faults.rate_limited(after=1))
    assert statuses(mock, 6) == [200, 200, 503, 200, 429, 200]


def test_a_fault_that_does_not_fit_is_passed_over(mock: StepfunMock) -> None:
    mock.script(faults.censored(when={"prompt": "A wolf"}), faults.overloaded())
    assert statuses(mock, 2) == [503, 200]
    assert statuses(mock, 1, prompt="A wolf") == [451]


def test_a_condition_needs_a_valid_request(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(when={"steps": 9}))
    assert statuses(mock, 1, steps=99) == [400]
    assert statuses(mock, 2, steps=9) == [503, 200]


def test_without_a_condition_nobody_reads_the_request(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(times=2))
    assert asked(mock, b"no json", authorization="").status == 503
    assert asked(mock, MINIMAL, authorization="").status == 503
    assert asked(mock, MINIMAL, authorization="").status == 401


def test_behind_a_fault_that_reads_the_others_are_met_read_too(mock: StepfunMock) -> None:
    mock.script(faults.empty_data(when={"seed": 1}), faults.overloaded())
    assert statuses(mock, 1, steps=99) == [400]
    assert statuses(mock, 1, seed=2) == [503]
    assert statuses(mock, 1, seed=1) == [200]
    assert [entry.fault for entry in mock.journal] == [None, "overloaded", "empty_data"]


def test_a_fault_of_a_reply_needs_a_valid_request(mock: StepfunMock) -> None:
    mock.script(faults.content_filtered())
    assert asked(mock, MINIMAL, authorization="").status == 401
    assert statuses(mock, 1, steps=0) == [400]
    assert mock.unmet_faults() == ["content_filtered (met 0 of 1 times)"]
    asked(mock, MINIMAL)
    assert [entry.finish_reason for entry in mock.journal][-1] == "content_filtered"


def test_the_model_list_and_links_meet_no_fault(mock: StepfunMock) -> None:
    (good,) = answered(asked(mock, MINIMAL))["data"]
    mock.script(faults.overloaded())
    path, _, query = good["url"].removeprefix("http://127.0.0.1:8793").partition("?")
    for one in (Request("GET", "/v1/models", HEADERS), Request("GET", path, HEADERS, query=query)):
        assert mock.handle(one).status == 200
    assert mock.handle(Request("GET", "/v1/images/generations", HEADERS)).status == 405
    assert mock.unmet_faults() == ["overloaded (met 0 of 1 times)"]


@pytest.mark.parametrize("when", [{"steps": 8}, {"size": "1024x1024", "seed": None}])
def test_conditions_see_defaults_filled_in(mock: StepfunMock, when: dict[str, object]) -> None:
    mock.script(faults.overloaded(when=when))
    assert statuses(mock, 1) == [503]


# What is left -------------------------------------------------------------------------


def test_what_is_left_is_told_in_words(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(times=3), faults.censored(when={"prompt": "x", "seed": 1}))
    statuses(mock, 1)
    assert mock.unmet_faults() == [
        "overloaded (met 1 of 3 times)",
        "censored when prompt='x' and seed=1 (met 0 of 1 times)",
    ]


def test_what_waits_is_shown_in_order_with_what_is_left_of_it(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(times=3), faults.slow(after=2))
    statuses(mock, 1)
    assert [(one.fault.name, one.times, one.passing) for one in mock.waiting.waiting()] == [
        ("overloaded", 2, 0),
        ("slow", 1, 2),
    ]


def test_a_condition_that_fails_to_tell_is_no_match_and_says_so(mock: StepfunMock) -> None:
    class Odd:
        def __eq__(self, other: object) -> bool:
            if other == 1:
                return True
            raise ZeroDivisionError("no such thing")

        def __repr__(self) -> str:
            return "Odd()"

        __hash__ = None  # type: ignore[assignment]

    mock.script(faults.overloaded(when={"seed": Odd()}))
    assert statuses(mock, 1, seed=2) == [200]
    assert mock.unmet_faults() == [
        "overloaded when seed=Odd() (met 0 of 1 times; its condition raised ZeroDivisionError: "
        "no such thing)"
    ]
    assert statuses(mock, 1, seed=1) == [503]


def test_what_was_wrong_with_an_earlier_try_is_forgotten(mock: StepfunMock) -> None:
    mock.script(faults.dead_link(times=2))
    statuses(mock, 1, response_format="b64_json")
    assert "it takes a request with" in mock.unmet_faults()[0]
    statuses(mock, 1)
    assert mock.unmet_faults() == ["dead_link(status=404) (met 1 of 2 times)"]


def test_a_condition_may_ask_what_waits(mock: StepfunMock) -> None:
    class Nosy:
        def __eq__(self, other: object) -> bool:
            return len(mock.waiting.waiting()) == 1 and mock.unmet_faults() != []

        __hash__ = None  # type: ignore[assignment]

    mock.script(faults.overloaded(when={"seed": Nosy()}))
    assert statuses(mock, 2) == [503, 200]


def test_reset_forgets_the_line(mock: StepfunMock) -> None:
    mock.script(faults.overloaded())
    mock.reset()
    assert mock.unmet_faults() == []
    assert statuses(mock, 1) == [200]


def test_what_a_mock_starts_with_it_has_again_after_a_reset() -> None:
    mock = StepfunMock(faults=(faults.overloaded(), faults.rate_limited()))
    assert statuses(mock, 1) == [503]
    mock.script(faults.censored())
    mock.reset()
    assert statuses(mock, 3) == [503, 429, 200]


def test_what_is_no_fault_cannot_be_what_a_mock_starts_with() -> None:
    with pytest.raises(TypeError, match="script takes faults"):
        StepfunMock(faults=("overloaded",))  # type: ignore[arg-type]


def test_none_of_several_faults_is_added_where_one_is_none(script: Script) -> None:
    with pytest.raises(TypeError):
        script.add(faults.overloaded(), "slow")  # type: ignore[arg-type]
    assert script.waiting() == ()
    assert not script.busy


# Tries, one by one --------------------------------------------------------------------


def test_an_empty_line_lets_everything_pass(script: Script) -> None:
    assert not script.busy
    tried = script.begin()
    assert (tried.early, tried.late(IMAGE)) == (None, None)
    assert (UNTOUCHED.early, UNTOUCHED.late(IMAGE)) == (None, None)


def test_a_fault_that_reads_nothing_is_met_early(script: Script) -> None:
    script.add(faults.overloaded())
    assert script.busy
    tried = script.begin()
    assert (tried.early, tried.late(IMAGE)) == (faults.overloaded(), None)
    assert not script.busy


def test_a_fault_that_reads_is_met_late(script: Script) -> None:
    script.add(faults.empty_data())
    tried = script.begin()
    assert tried.early is None
    assert script.busy
    assert tried.late(IMAGE) == faults.empty_data()
    assert not script.busy


def test_one_who_begins_while_a_fault_waits_may_find_it_gone(script: Script) -> None:
    script.add(faults.empty_data())
    first, second = script.begin(), script.begin()
    assert second.late(IMAGE) == faults.empty_data()
    assert first.late(IMAGE) is None


def test_clearing_makes_the_line_idle(script: Script) -> None:
    script.add(faults.content_filtered())
    script.let_loose(Chaos(1, 1))
    script.clear()
    assert not script.busy
    assert script.chaos is None
    assert script.begin().early is None


# Threads ------------------------------------------------------------------------------


def test_threads_meet_a_fault_exactly_as_often_as_it_says(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(times=100), faults.rate_limited(times=50))
    met: Counter[int] = Counter()
    lock = threading.Lock()

    def work() -> None:
        mine = Counter(statuses(mock, 50))
        with lock:
            met.update(mine)

    with begun([work] * 8):
        pass
    assert met == {503: 100, 429: 50, 200: 250}


def test_threads_meet_faults_that_read_exactly_as_often_as_they_say(mock: StepfunMock) -> None:
    mock.script(
        faults.empty_data(times=60, after=20), faults.slow(times=40, when={"seed": 7}, after=10)
    )

    def work() -> None:
        statuses(mock, 40, seed=7)

    with begun([work] * 6):
        pass
    assert Counter(entry.fault for entry in mock.journal) == {
        "empty_data": 60,
        "slow": 40,
        None: 140,
    }
    assert mock.unmet_faults() == []


# Outages ------------------------------------------------------------------------------


def test_an_outage_begins_at_once_where_it_is_first_in_line(mock: StepfunMock) -> None:
    mock.script(faults.connection_refused(seconds=5))
    assert mock.waiting.down_until() == NOW + 5
    assert mock.unmet_faults() == []
    assert is_down(mock)


def test_an_outage_waits_for_those_before_it(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(times=2), faults.connection_refused())
    assert statuses(mock, 1) == [503]
    assert mock.waiting.down_until() is None
    assert statuses(mock, 1) == [503]
    assert mock.waiting.down_until() == NOW + 1
    assert is_down(mock)


LASTING = [
    (faults.slow(seconds=3), 3.0),
    (faults.stall(seconds=4), 4.0),
    (faults.drip(pieces=5, pause=0.5), 2.0),
    (faults.slow(seconds=3, when={"seed": 7}), 3.0),
    (faults.connection_reset(), 0.0),
    (faults.cut_off(), 0.0),
    (faults.overloaded(), 0.0),
    (faults.slow_link(seconds=3), 0.0),
]


@pytest.mark.parametrize(("fault", "seconds"), LASTING, ids=str)
def test_an_outage_behind_a_reply_that_travels_begins_with_its_last_byte(
    mock: StepfunMock, fault: Fault, seconds: float
) -> None:
    mock.script(fault, faults.connection_refused(seconds=10))
    body = json.dumps({**MINIMAL, "seed": 7}).encode()
    mock.handle(Request("POST", GENERATIONS, HEADERS, body, waits=True))
    assert mock.waiting.down_until() == NOW + seconds + 10


@pytest.mark.parametrize(("fault", "seconds"), LASTING, ids=str)
def test_in_process_no_reply_takes_time_and_an_outage_begins_at_once(
    mock: StepfunMock, fault: Fault, seconds: float
) -> None:
    mock.script(fault, faults.connection_refused(seconds=10))
    asked(mock, {**MINIMAL, "seed": 7})
    assert mock.waiting.down_until() == NOW + 10


def test_only_the_last_of_the_tries_that_travel_counts_for_an_outage(script: Script) -> None:
    script.add(faults.slow(seconds=3, times=2), faults.connection_refused(seconds=10))
    assert script.begin(timed=True).early is not None
    assert script.down_until() is None
    assert script.begin(timed=True).early is not None
    assert script.down_until() == NOW + 13


def test_an_outage_is_over_where_the_clock_was_moved_behind_its_begin(mock: StepfunMock) -> None:
    mock.clock.advance(hours=1)
    mock.script(faults.connection_refused(seconds=5))
    assert is_down(mock)
    mock.clock.freeze(at=NOW)
    assert not is_down(mock)


def test_an_outage_lets_as_many_pass_as_after_says(mock: StepfunMock) -> None:
    mock.script(faults.connection_refused(after=2))
    assert mock.unmet_faults() == ["connection_refused(seconds=1) (met 0 of 1 times)"]
    assert statuses(mock, 1) == [200]
    assert mock.waiting.down_until() is None
    assert statuses(mock, 1) == [200]
    assert is_down(mock)


def test_requests_of_any_sort_count_for_after_where_nobody_need_read_them(
    mock: StepfunMock,
) -> None:
    mock.script(faults.connection_refused(after=2))
    assert statuses(mock, 1, steps=99) == [400]
    assert asked(mock, b"no json", authorization="").status == 401
    assert is_down(mock)


def test_behind_a_fault_that_waits_an_outage_lets_pass_and_then_waits_to_be_first(
    mock: StepfunMock,
) -> None:
    mock.script(faults.empty_data(when={"seed": 1}), faults.connection_refused(after=1))
    mock.script(faults.overloaded())
    assert statuses(mock, 3, seed=2) == [200, 503, 200]
    assert mock.waiting.down_until() is None
    assert statuses(mock, 1, seed=1) == [200]
    assert is_down(mock)


def test_the_clock_ends_an_outage(mock: StepfunMock) -> None:
    mock.script(faults.connection_refused(seconds=10))
    mock.clock.advance(seconds=9.5)
    assert is_down(mock)
    mock.clock.advance(seconds=0.5)
    assert not is_down(mock)
    assert mock.waiting.down_until() is None


def test_two_outages_in_a_row_add_up(mock: StepfunMock) -> None:
    mock.script(faults.connection_refused(seconds=10), faults.connection_refused(seconds=5))
    assert mock.waiting.down_until() == NOW + 15
    mock.script(faults.connection_refused(seconds=1))
    assert mock.waiting.down_until() == NOW + 16
    mock.clock.advance(seconds=16)
    assert not is_down(mock)
    mock.script(faults.connection_refused(seconds=3))
    assert mock.waiting.down_until() == NOW + 19


def test_an_outage_counts_from_its_own_begin_where_another_is_over(mock: StepfunMock) -> None:
    mock.script(faults.connection_refused(seconds=10))
    mock.clock.advance(seconds=60)
    mock.script(faults.connection_refused(seconds=3))
    assert mock.waiting.down_until() == NOW + 63


def test_an_outage_of_no_time_is_none(mock: StepfunMock) -> None:
    mock.script(faults.connection_refused(seconds=0))
    assert not is_down(mock)


def test_reset_ends_an_outage(mock: StepfunMock) -> None:
    mock.script(faults.connection_refused(seconds=1000))
    mock.reset()
    assert not is_down(mock)


def test_a_mock_may_start_with_an_outage_and_has_it_again_after_a_reset(clock: Clock) -> None:
    mock = StepfunMock(clock=clock, faults=(faults.connection_refused(seconds=1000),))
    assert is_down(mock)
    mock.reset()
    assert is_down(mock)


def test_requests_that_find_nobody_are_in_no_journal_and_change_nothing(
    mock: StepfunMock,
) -> None:
    mock.script(faults.connection_refused(seconds=5), faults.overloaded())
    seen: list[object] = []
    mock.watch(seen.append)
    for one in (
        Request("GET", "/v1/models", HEADERS),
        Request("GET", "/nowhere"),
        Request("POST", "/v1/images/generations", HEADERS, b"{}"),
    ):
        response = mock.handle(one)
        assert response.delivery is not None
        assert response.delivery.ending == "refused"
        assert response.delivery.silent
        assert response.body == b""
    assert seen == []
    assert (len(mock.journal), mock.journal.total) == (0, 0)
    assert mock.unmet_faults() == ["overloaded (met 0 of 1 times)"]
    mock.clock.advance(seconds=5)
    assert statuses(mock, 2) == [503, 200]


@contextmanager
def told(script: Script) -> Iterator[list[float | None]]:
    """When somebody listens again, each time that somebody is told of a turn."""
    turns: list[float | None] = []
    with script.watched(lambda: turns.append(script.down_until())):
        yield turns


def test_watchers_are_told_of_each_turn_and_of_nothing_else(mock: StepfunMock) -> None:
    with told(mock.waiting) as turns:
        mock.script(faults.overloaded(), faults.connection_refused(seconds=5, after=1))
        statuses(mock, 1)
        assert turns == []
        statuses(mock, 1)
        assert turns == [NOW + 5]
        mock.script(faults.connection_refused(seconds=2))
        assert turns == [NOW + 5, NOW + 7]
        statuses(mock, 3)
        mock.waiting.let_loose(Chaos(1, 1))
        assert turns == [NOW + 5, NOW + 7]
        mock.waiting.clear()
        assert turns == [NOW + 5, NOW + 7, None]
        mock.waiting.clear()
        assert turns == [NOW + 5, NOW + 7, None]
    mock.script(faults.connection_refused())
    assert len(turns) == 3


def test_watchers_are_told_once_of_outages_that_begin_together(script: Script) -> None:
    with told(script) as turns:
        script.add(faults.connection_refused(seconds=1), faults.connection_refused(seconds=2))
    assert turns == [NOW + 3]


def test_watchers_are_told_where_a_fault_that_reads_was_the_last_before_an_outage(
    mock: StepfunMock,
) -> None:
    with told(mock.waiting) as turns:
        mock.script(faults.empty_data(), faults.connection_refused(seconds=4))
        assert turns == []
        statuses(mock, 1)
        assert turns == [NOW + 4]


def test_every_watcher_is_told_and_may_leave_alone(script: Script) -> None:
    with told(script) as first:
        with told(script) as second:
            script.add(faults.connection_refused())
        script.clear()
    assert (first, second) == ([NOW + 1, None], [NOW + 1])


def test_the_same_watcher_may_watch_twice(script: Script) -> None:
    turns: list[str] = []

    def tell() -> None:
        turns.append("told")

    with script.watched(tell):
        with script.watched(tell):
            script.add(faults.connection_refused())
        script.clear()
    assert turns == ["told"] * 3


def test_an_outage_that_the_clock_ended_does_not_come_back_with_real_time(
    mock: StepfunMock,
) -> None:
    mock.script(faults.connection_refused(seconds=5))
    mock.clock.advance(seconds=5)
    assert not is_down(mock)
    mock.clock.freeze(at=NOW)
    assert not is_down(mock)


@pytest.mark.parametrize(
    "turn",
    [
        lambda mock: mock.script(faults.connection_refused()),
        lambda mock: (mock.script(faults.connection_refused(after=1)), asked(mock, MINIMAL)),
        lambda mock: (
            mock.script(faults.empty_data(), faults.connection_refused()),
            asked(mock, MINIMAL),
        ),
    ],
)
def test_watchers_are_told_outside_the_lock(
    mock: StepfunMock, turn: Callable[[StepfunMock], Any]
) -> None:
    """Who is told may wait for a thread that looks at the line: a server that stops listening."""
    looked: list[bool] = []

    def tell() -> None:
        other = threading.Thread(target=mock.waiting.waiting)
        other.start()
        other.join(10)
        looked.append(not other.is_alive())

    with mock.waiting.watched(tell):
        turn(mock)
        mock.reset()
    assert looked == [True, True]


# Any line, against the words of the documentation ----------------------------------------

NAMES: dict[str, tuple[bool, str]] = {  # whether it reads; the payload that it needs
    "overloaded": (False, ""),
    "slow": (False, ""),
    "empty_data": (True, ""),
    "data_uri": (True, "b64_json"),
    "dead_link": (True, "url"),
    "connection_refused": (False, ""),
}


@dataclass
class Row:
    """A fault as the documentation speaks of it."""

    name: str
    times: int = 1
    after: int = 0
    seed: int | None = None

    @property
    def fault(self) -> Fault:
        if self.name == "connection_refused":
            return faults.connection_refused(seconds=10, after=self.after)
        when = None if self.seed is None else {"seed": self.seed}
        fault: Fault = getattr(faults, self.name)(times=self.times, after=self.after, when=when)
        return fault

    @property
    def reads(self) -> bool:
        return NAMES[self.name][0] or (self.seed is not None and not self.outage)

    @property
    def outage(self) -> bool:
        return self.name == "connection_refused"

    def fits(self, seed: int, payload: str) -> bool:
        if self.outage:
            return self.after > 0
        return self.seed in (None, seed) and NAMES[self.name][1] in ("", payload)


@dataclass
class Model:
    """First come, first served; `after` lets pass; what does not fit is passed over."""

    line: list[Row] = field(default_factory=list)
    now: int = 0
    down: int = 0

    def settle(self) -> None:
        while self.line and self.line[0].outage and not self.line[0].after:
            self.line.pop(0)
            self.down = max(self.down, self.now) + 10

    def ask(self, seed: int, payload: str, valid: bool) -> str | None:
        if not self.line:
            return None
        if not self.line[0].reads:
            return self.meet(self.line[0])
        fitting = [row for row in self.line if valid and row.fits(seed, payload)]
        return self.meet(fitting[0]) if fitting else None

    def meet(self, row: Row) -> str | None:
        if row.after:
            row.after -= 1
            self.settle()
            return None
        row.times -= 1
        if not row.times:
            self.line = [other for other in self.line if other is not row]
        self.settle()
        return row.name


rows = st.builds(
    Row,
    name=st.sampled_from(sorted(NAMES)),
    times=st.integers(1, 3),
    after=st.sampled_from([0, 0, 0, 1, 2]),
    seed=st.sampled_from([None, None, 1, 2]),
)
asks = st.tuples(
    st.sampled_from([1, 2]),
    st.sampled_from(["url", "b64_json"]),
    st.sampled_from([True, True, True, False]),
)
steps = st.one_of(st.lists(rows, min_size=1, max_size=4), asks, asks, asks, st.integers(1, 12))


@examples(300)
@given(st.lists(steps, max_size=40))
def test_any_line_of_faults_is_met_as_documented(days: list[Any]) -> None:
    clock = Clock()
    clock.freeze(at=NOW)
    mock, model = StepfunMock(clock=clock), Model()
    for step in days:
        if isinstance(step, int):
            clock.advance(seconds=step)
            model.now += step
        elif isinstance(step, list):
            mock.script(*(row.fault for row in step))
            # A row may stand in the line twice; what is left of each is its own.
            model.line += [Row(row.name, row.times, row.after, row.seed) for row in step]
            model.settle()
        else:
            seed, payload, valid = step
            steps_asked = 8 if valid else 99
            fields = {"seed": seed, "response_format": payload, "steps": steps_asked}
            before = mock.journal.total
            response = asked(mock, {**MINIMAL, **fields})
            if model.down > model.now:  # nobody gets it
                assert response.delivery is not None
                assert response.delivery.ending == "refused"
                assert mock.journal.total == before
                continue
            assert mock.journal[-1].fault == model.ask(seed, payload, valid)
        left = [(one.fault.name, one.times, one.passing) for one in mock.waiting.waiting()]
        assert left == [(row.name, 1 if row.outage else row.times, row.after) for row in model.line]
        down = mock.waiting.down_until()
        assert (down is not None) is (model.down > model.now)
