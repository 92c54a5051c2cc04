"""Chaos: the same seed brings the same days, as often as its rate says."""

import threading
from collections import Counter
from collections.abc import Callable
from math import sqrt
from typing import Any

import pytest

from conftest import GENERATIONS, HEADERS, MINIMAL, asked
from stepfun_mock import Request, StepfunMock, faults
from stepfun_mock.chaos import WEATHER, Chaos
from stepfun_mock.message import Delivery, Response

BODY = b'{"model":"step-image-edit-2","prompt":"A red fox","seed":1}'
BASE64 = b'{"model":"step-image-edit-2","prompt":"A red fox","seed":1,"response_format":"b64_json"}'
MANY = 10_000


def ask(mock: StepfunMock, body: bytes = BODY) -> Response:
    return mock.handle(Request("POST", GENERATIONS, HEADERS, body))


def day(response: Response) -> tuple[int, Delivery | None]:
    return response.status, response.delivery


def days(mock: StepfunMock, count: int) -> list[tuple[int, Delivery | None]]:
    return [day(ask(mock)) for _ in range(count)]


def loose(rate: float, seed: int, *among: faults.Fault) -> StepfunMock:
    mock = StepfunMock()
    mock.chaos(rate, seed, among or WEATHER)
    return mock


# The same days ----------------------------------------------------------------------


def test_ten_thousand_requests_are_replayed_exactly() -> None:
    first, second = (loose(0.3, 42) for _ in range(2))
    once, again = days(first, MANY), days(second, MANY)
    assert once == again
    assert [entry.fault for entry in first.journal] == [entry.fault for entry in second.journal]
    assert len(set(once)) > len(WEATHER) - 2  # the two that limit a rate look alike


def test_another_seed_brings_other_days() -> None:
    assert days(loose(0.5, 1), 100) != days(loose(0.5, 2), 100)


def test_the_days_are_the_same_from_release_to_release() -> None:
    mock = loose(0.5, 7)
    days(mock, 12)
    assert [entry.fault for entry in mock.journal] == [
        "server_error",
        "rate_limited",
        "rate_limited",
        "rate_limited",
        None,
        "connection_reset",
        "overloaded",
        "connection_reset",
        "rate_limited",
        None,
        None,
        "overloaded",
    ]


def test_what_else_is_asked_in_between_changes_no_day() -> None:
    alone, among_others = loose(0.4, 3), loose(0.4, 3)
    seen = []
    for _ in range(300):
        among_others.handle(Request("GET", "/v1/models", HEADERS))
        seen.append(day(ask(among_others)))
        among_others.handle(Request("GET", "/image_gen/20260528/x.png", HEADERS))
        among_others.handle(Request("PUT", GENERATIONS, HEADERS))
    assert seen == days(alone, 300)
    assert {entry.fault for entry in among_others.journal if entry.method != "POST"} == {None}


def test_what_a_request_asks_for_changes_no_day_but_its_own() -> None:
    """An invalid one, or one that a fault does not fit, has had its day all the same."""
    same, other = (loose(0.5, 3, faults.overloaded(), faults.empty_data()) for _ in range(2))
    bodies = (BODY, b"no json", BASE64)
    for place in range(300):
        usual, odd = ask(same), ask(other, bodies[place % 3])
        if place % 3 == 0:
            assert day(usual) == day(odd)
            assert same.journal[-1].fault == other.journal[-1].fault


def test_threads_share_out_the_same_days() -> None:
    alone, shared = loose(0.3, 5), loose(0.3, 5)
    met: Counter[Any] = Counter()
    lock = threading.Lock()

    def work() -> None:
        mine = Counter(days(shared, 250))
        with lock:
            met.update(mine)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert met == Counter(days(alone, 2000))


# How often ----------------------------------------------------------------------------


def test_a_rate_of_0_brings_nothing_and_of_1_something_each_time() -> None:
    calm, wild = loose(0, 1), loose(1, 1)
    days(calm, 200)
    days(wild, 200)
    assert {entry.fault for entry in calm.journal} == {None}
    assert None not in {entry.fault for entry in wild.journal}


@pytest.mark.parametrize("rate", [0.01, 0.2, 0.5, 0.97])
def test_as_many_meet_a_fault_as_the_rate_says(rate: float) -> None:
    chaos = Chaos(rate, 11)
    met = sum(chaos.draw() is not None for _ in range(MANY))
    assert abs(met - rate * MANY) < 5 * sqrt(MANY * rate * (1 - rate))


def test_each_fault_is_as_likely_as_the_others() -> None:
    chaos = Chaos(1, 11)
    met = Counter(chaos.draw() for _ in range(MANY))
    share = 1 / len(WEATHER)
    bound = 5 * sqrt(MANY * share * (1 - share))
    assert set(met) == set(WEATHER)
    assert all(abs(count - share * MANY) < bound for count in met.values())


def test_the_weather_passes_by_itself() -> None:
    assert [fault.name for fault in WEATHER] == [
        "rate_limited",
        "rate_limited",
        "server_error",
        "overloaded",
        "gateway_timeout",
        "slow",
        "connection_reset",
        "cut_off",
    ]


# Who meets it ------------------------------------------------------------------------


def test_a_fault_that_does_not_fit_leaves_the_request_unharmed() -> None:
    mock = loose(1, 1, faults.truncated_base64())
    assert [ask(mock, body).status for body in (BODY, BASE64, BODY)] == [200, 200, 200]
    assert [entry.fault for entry in mock.journal] == [None, "truncated_base64", None]
    square = loose(1, 1, faults.turned_picture())
    ask(square)
    assert square.journal[0].fault is None


def test_a_fault_that_reads_leaves_invalid_requests_refused() -> None:
    mock = loose(1, 1, faults.empty_data())
    assert [asked(mock, {**MINIMAL, "steps": 99}).status, ask(mock).status] == [400, 200]
    assert [entry.fault for entry in mock.journal] == [None, "empty_data"]


def test_a_fault_that_reads_nothing_is_met_by_invalid_requests_too() -> None:
    mock = loose(1, 1, faults.overloaded())
    assert ask(mock, b"no json").status == 503


def test_what_is_scripted_comes_before_chaos() -> None:
    mock = loose(1, 1, faults.overloaded())
    mock.script(faults.rate_limited(), faults.censored(after=1), faults.empty_data())
    assert [ask(mock).status for _ in range(5)] == [429, 200, 451, 200, 503]
    assert [entry.fault for entry in mock.journal] == [
        "rate_limited",
        None,  # lets pass, and chaos is for those who find nobody in line
        "censored",
        "empty_data",
        "overloaded",
    ]


def test_one_that_a_fault_lets_pass_meets_no_chaos_either() -> None:
    mock = loose(1, 1, faults.overloaded())
    mock.script(faults.empty_data(after=1))
    assert [ask(mock).status for _ in range(3)] == [200, 200, 503]
    assert [entry.fault for entry in mock.journal] == [None, "empty_data", "overloaded"]


def test_those_whom_a_condition_passes_over_meet_chaos() -> None:
    mock = loose(1, 1, faults.overloaded())
    mock.script(faults.censored(when={"seed": 2}))
    assert ask(mock).status == 503
    assert asked(mock, {**MINIMAL, "seed": 2}).status == 451
    assert mock.unmet_faults() == []


def test_a_scripted_fault_takes_its_day_from_chaos() -> None:
    alone, behind = loose(0.5, 3), loose(0.5, 3)
    behind.script(faults.censored(times=5))
    assert days(behind, 60)[5:] == days(alone, 60)[5:]


def test_an_outage_takes_no_days() -> None:
    alone, down = loose(0.5, 3), loose(0.5, 3)
    down.clock.freeze()
    down.script(faults.connection_refused(seconds=60))
    days(down, 10)
    down.clock.advance(seconds=60)
    assert days(down, 60) == days(alone, 60)


def test_chaos_leaves_nothing_unmet() -> None:
    mock = loose(1, 1)
    days(mock, 3)
    assert mock.unmet_faults() == []


# Begin and end ------------------------------------------------------------------------


def test_a_rate_of_0_ends_it() -> None:
    mock = loose(1, 1, faults.overloaded())
    assert ask(mock).status == 503
    mock.chaos(0, 1)
    assert ask(mock).status == 200
    assert mock.waiting.chaos is None


def test_chaos_that_is_let_loose_again_begins_its_days_anew() -> None:
    mock = loose(0.5, 3)
    first = days(mock, 50)
    mock.chaos(0.5, 3)
    assert days(mock, 50) == first


def test_reset_ends_it() -> None:
    mock = loose(1, 1, faults.overloaded())
    mock.reset()
    assert ask(mock).status == 200
    assert mock.waiting.chaos is None


def test_reset_brings_the_chaos_that_a_mock_starts_with_anew() -> None:
    mock = StepfunMock(chaos=lambda: Chaos(0.5, 3))
    first = days(mock, 50)
    mock.chaos(1, 9, [faults.censored()])
    ask(mock)
    mock.reset()
    assert days(mock, 50) == first == days(loose(0.5, 3), 50)
    assert mock.waiting.chaos is not None
    assert (mock.waiting.chaos.rate, mock.waiting.chaos.seed) == (0.5, 3)
    assert mock.waiting.chaos.among == WEATHER


# What cannot be ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        *(
            (lambda rate=rate: Chaos(rate, 1), f"rate is a number from 0 to 1, but {rate!r} came")
            for rate in (-0.1, 1.1, float("nan"), float("inf"), True, "0.5", None)
        ),
        *(
            (lambda seed=seed: Chaos(0.5, seed), f"seed is a whole number, but {seed!r} came")
            for seed in (1.0, True, "1", None)
        ),
        (lambda: Chaos(0.5, 1, []), "chaos needs some faults to bring, but none came"),
        *(
            (
                lambda fault=fault: Chaos(0.5, 1, [faults.slow(), fault]),
                "overloaded in chaos takes no times, after or when: chance says which tries meet "
                "it",
            )
            for fault in (
                faults.overloaded(times=2),
                faults.overloaded(after=1),
                faults.overloaded(when={"seed": 1}),
            )
        ),
        (
            lambda: Chaos(0.5, 1, [faults.connection_refused()]),
            "chaos cannot bring connection_refused, which no single try meets",
        ),
    ],
)
def test_chaos_that_cannot_be_is_refused(make: Callable[[], Chaos], sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole sentence is compared)
        make()
    assert str(caught.value) == sentence


@pytest.mark.parametrize("none", ["overloaded", faults.overloaded, None])
def test_what_is_no_fault_cannot_be_brought(none: Any) -> None:
    with pytest.raises(TypeError) as caught:
        Chaos(0.5, 1, [faults.slow(), none])
    assert str(caught.value) == (
        f"chaos brings faults, as in faults.overloaded(), but {none!r} came"
    )


@pytest.mark.parametrize(
    ("one", "came"), [(faults.slow(seconds=2), "slow(seconds=2)"), ("overloaded", "overloaded")]
)
def test_one_fault_that_is_no_list_is_refused(one: Any, came: str) -> None:
    with pytest.raises(TypeError) as caught:
        StepfunMock().chaos(0.5, 1, one)
    assert str(caught.value) == (
        f"among is a list of faults, as in [faults.overloaded()], but {came} came"
    )


def test_chaos_that_is_refused_leaves_the_one_that_is_loose() -> None:
    mock = loose(1, 1, faults.overloaded())
    with pytest.raises(ValueError, match="rate is a number"):
        mock.chaos(2, 1)
    assert ask(mock).status == 503


def test_faults_may_come_from_anything_that_yields_them() -> None:
    mock = StepfunMock()
    mock.chaos(1, 1, (make() for make in (faults.overloaded, faults.censored)))
    assert {response[0] for response in days(mock, 40)} == {503, 451}
