"""What an account may send and spend: exact to the request, by the mock's clock."""

import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import GENERATIONS, HEADERS, MINIMAL, answered, asked, examples, item
from stepfun_mock import Choices, Clock, MockServer, Request, Response, StepfunMock, faults
from stepfun_mock.contract import BASE_URL, HOSTS, LATENCY, MODELS, TIERS
from stepfun_mock.errors import RefusedError
from stepfun_mock.faults import Fault
from stepfun_mock.limits import Limits, Meter, limits_of

NOON = 1_780_000_000
TOP_UP = "Please top up at https://platform.stepfun.com/top-up."
NO_BALANCE = {
    "error": {
        "message": "You exceeded your current quota, please check your plan and billing details",
        "type": "quota_exceeded",
    }
}


def limited(**choices: Any) -> StepfunMock:
    """A mock of these choices, whose time stands still, however long a test takes."""
    clock = Clock(elapsed=lambda: 0.0)
    clock.freeze(at=NOON)
    return StepfunMock(choices=Choices(**choices), clock=clock)


def draw(mock: StepfunMock, **fields: Any) -> Response:
    return asked(mock, {**MINIMAL, **fields})


def draw_waiting(mock: StepfunMock, **fields: Any) -> Response:
    """Ask as a socket does, on which requests overlap."""
    request = Request("POST", GENERATIONS, HEADERS, b"", waits=True)
    return mock.handle(request._replace(body=httpx.Request("POST", "/", json=fields).content))


def look(mock: StepfunMock, path: str = "/v1/models", **headers: str) -> Response:
    path, _, query = path.partition("?")
    return mock.handle(Request("GET", path, {**HEADERS, **headers}, query=query))


def statuses(ask: Callable[[], Response], times: int) -> list[int]:
    return [ask().status for _ in range(times)]


def rate_limited(what: str, limit: int) -> dict[str, Any]:
    message = f"request limited {what} reached, current: {limit + 1}, limit: {limit}. {TOP_UP}"
    return {"error": {"message": message, "type": "rate_limited"}}


# Requests a minute ---------------------------------------------------------------


def test_the_eleventh_request_in_a_minute_of_ten_is_refused() -> None:
    mock = limited(rpm=10)
    assert statuses(lambda: draw(mock), 10) == [200] * 10
    refused = draw(mock)
    assert refused.status == 429
    assert answered(refused) == rate_limited("RPM", 10)
    assert "retry-after" not in dict(refused.headers)
    assert mock.journal[-1].refusal == "rate.limited"


def test_refused_requests_do_not_count() -> None:
    mock = limited(rpm=2)
    assert statuses(lambda: draw(mock), 5) == [200, 200, 429, 429, 429]
    assert answered(draw(mock)) == rate_limited("RPM", 2)
    mock.clock.advance(seconds=60)
    assert statuses(lambda: draw(mock), 3) == [200, 200, 429]


def test_a_request_counts_for_exactly_sixty_seconds() -> None:
    mock = limited(rpm=2)
    assert draw(mock).status == 200
    mock.clock.advance(seconds=30)
    assert statuses(lambda: draw(mock), 2) == [200, 429]
    mock.clock.advance(seconds=29.75)
    assert draw(mock).status == 429
    mock.clock.advance(seconds=0.25)
    assert statuses(lambda: draw(mock), 2) == [200, 429]
    mock.clock.advance(seconds=30)
    assert statuses(lambda: draw(mock), 2) == [200, 429]


@pytest.mark.parametrize("real", [NOON, 1e9, 0])
@pytest.mark.parametrize("at", [NOON, NOON + 1 / 3, 253_000_000_000.3])
@pytest.mark.parametrize("frozen", [False, True])
def test_small_steps_of_the_clock_add_up_to_a_minute(frozen: bool, at: float, real: float) -> None:
    clock = Clock(lambda: real)
    clock.freeze(at=at)
    if not frozen:
        clock.unfreeze()
    meter, limits = Meter(clock), _limits(rpm=1)
    for _ in range(5):
        meter.admit(limits, overlaps=False)
        for _ in range(599):
            clock.advance(seconds=0.1)
        with pytest.raises(RefusedError, match="RPM"):
            meter.admit(limits, overlaps=False)
        clock.advance(seconds=0.1)


@pytest.mark.parametrize("path", ["/v1/models", "/step_plan/v1/models/step-image-edit-2"])
def test_models_count_as_pictures_do(path: str) -> None:
    mock = limited(rpm=2)
    assert statuses(lambda: look(mock, path), 1) == [200]
    assert draw(mock).status == 200
    assert answered(look(mock, path)) == rate_limited("RPM", 2)
    assert draw(mock).status == 429


def test_a_request_that_is_invalid_counts_and_is_not_read_beyond_the_limit() -> None:
    mock = limited(rpm=1)
    assert [asked(mock, b"{").status for _ in range(2)] == [400, 429]
    assert mock.requests == []


def test_who_is_refused_by_a_limit_is_among_the_requests_as_who_meets_a_fault() -> None:
    mock = limited(rpm=2, concurrency=1, latency=5)
    for seed in (1, 2):
        draw_waiting(mock, **MINIMAL, seed=seed)
    mock.clock.advance(seconds=5)
    for seed in (3, 4):
        draw_waiting(mock, **MINIMAL, seed=seed)
    assert [entry.status for entry in mock.journal] == [200, 429, 200, 429]
    told = [str(entry.message) for entry in mock.journal]
    assert ["concurrency" in told[1], "RPM" in told[3]] == [True, True]
    assert [request.seed for request in mock.requests] == [1, 2, 3, 4]


def test_a_request_that_no_limit_lets_in_is_written_down_without_its_key() -> None:
    mock = limited(rpm=1)
    key = HEADERS["authorization"].removeprefix("Bearer ")
    assert statuses(lambda: draw(mock, prompt=f"draw {key}"), 2) == [200, 429]
    assert key not in repr(mock.requests)


def test_what_is_no_request_of_the_account_does_not_count() -> None:
    mock = limited(rpm=1, api_keys=("good-key-1",))
    assert look(mock, authorization="Bearer another-key").status == 401
    assert asked(mock, MINIMAL, authorization="Bearer another-key").status == 401
    assert look(mock, "/v1/chat").status == 404
    assert look(mock, GENERATIONS).status == 405
    assert look(mock, authorization="Bearer good-key-1").status == 200
    assert look(mock, authorization="Bearer good-key-1").status == 429


def test_picture_links_do_not_count_and_are_not_limited() -> None:
    mock = limited(rpm=1)
    link = item(draw(mock))["url"].removeprefix("http://127.0.0.1:8793")
    assert draw(mock).status == 429
    assert statuses(lambda: look(mock, link), 3) == [200] * 3


def test_a_fault_that_is_met_unread_does_not_count() -> None:
    mock = limited(rpm=1)
    mock.script(faults.overloaded(times=2))
    assert statuses(lambda: draw(mock), 4) == [503, 503, 200, 429]


def test_time_that_is_moved_back_begins_anew() -> None:
    mock = limited(rpm=1)
    assert statuses(lambda: draw(mock), 2) == [200, 429]
    mock.clock.freeze(at=NOON - 3600)
    assert statuses(lambda: draw(mock), 2) == [200, 429]


@examples(100)
@given(
    limit=st.integers(1, 5),
    steps=st.lists(
        st.sampled_from([0.0, 0.5, 1.0, 7.0, 29.5, 30.0, 59.0, 60.0, 61.0]), max_size=60
    ),
)
def test_the_window_is_that_of_a_plain_list(limit: int, steps: list[float]) -> None:
    now = float(NOON)
    meter = Meter(Clock(lambda: now))
    limits = _limits(rpm=limit)
    admitted: list[float] = []
    for step in steps:
        now += step
        free = sum(now - 60 < at <= now for at in admitted) < limit
        try:
            meter.admit(limits, overlaps=False)
        except RefusedError:
            assert not free
        else:
            assert free
            admitted.append(now)


# Tiers ---------------------------------------------------------------------------


@pytest.mark.parametrize(("tier", "rpm"), [("com/V0", 10), ("ai/V0", 100), ("ai/V3", 800)])
def test_a_tier_brings_its_limit(tier: str, rpm: int) -> None:
    mock = limited(tier=tier)
    assert statuses(lambda: look(mock), rpm) == [200] * rpm
    assert answered(look(mock)) == rate_limited("RPM", rpm)


@pytest.mark.parametrize("tier", TIERS, ids=lambda tier: tier.id)
def test_every_tier_has_its_figures_and_the_prices_of_its_host(tier: Any) -> None:
    limits = _limits(tier=tier.id)
    assert (limits.rpm, limits.concurrency) == (tier.rpm, tier.concurrency)
    (price,) = [price for price in MODELS[0].prices if price.host == tier.host]
    assert limits.prices == {MODELS[0].id: Decimal(str(price.amount))}
    assert limits.currency == price.currency


@pytest.mark.parametrize("rpm", [3, 12])
def test_a_limit_of_ones_own_goes_before_that_of_the_tier(rpm: int) -> None:
    mock = limited(tier="com/V0", rpm=rpm)
    assert statuses(lambda: look(mock), rpm + 1) == [200] * rpm + [429]
    limits = _limits(tier="com/V0", concurrency=3)
    assert (limits.rpm, limits.concurrency) == (10, 3)


def test_without_a_choice_there_are_no_limits() -> None:
    assert limits_of(Choices()) is None
    mock = limited()
    assert set(statuses(lambda: look(mock), 300)) == {200}
    assert draw(mock).delivery is None


def test_limits_need_no_latency_to_be_there() -> None:
    assert draw(limited(tier="ai/V0")).delivery is None


# The balance ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choices", "pictures"),
    [
        ({"balance": 0}, 0),
        ({"balance": 0.0029}, 0),
        ({"balance": 0.003}, 1),
        ({"balance": 0.0299}, 9),
        ({"balance": 0.03}, 10),
        ({"balance": 0.3}, 100),
        ({"balance": 0.03, "tier": "ai/V4"}, 10),
        ({"balance": 0.02, "tier": "com/V4"}, 1),
        ({"balance": 0.6, "tier": "com/V4"}, 30),
    ],
    ids=str,
)
@pytest.mark.parametrize("form", ["url", "b64_json"])
def test_a_balance_pays_for_as_many_pictures_as_the_price_says(
    choices: dict[str, Any], pictures: int, form: str
) -> None:
    mock = limited(**choices)
    assert statuses(lambda: draw(mock, response_format=form), pictures) == [200] * pictures
    refused = draw(mock, response_format=form)
    assert refused.status == 402
    assert answered(refused) == NO_BALANCE
    entry = mock.journal[-1]
    assert (entry.refusal, entry.finish_reason) == ("balance.empty", None)


def test_what_is_refused_costs_nothing() -> None:
    mock = limited(balance=0.003, filter_words=("blood",))
    assert draw(mock, size="1x1").status == 400
    mock.script(faults.overloaded(), faults.censored(when={"steps": 8}))
    assert statuses(lambda: draw(mock), 2) == [503, 451]
    assert look(mock).status == 200
    assert statuses(lambda: draw(mock), 2) == [200, 402]
    assert draw(mock, size="1x1").status == 400
    assert look(mock).status == 200


@pytest.mark.parametrize("reply", ["without_picture", "with_picture", "http_451"])
def test_a_filtered_picture_costs_nothing(reply: Any) -> None:
    mock = limited(balance=0.003, filter_words=("blood",), filtered_reply=reply)
    assert draw(mock, prompt="blood").status == (451 if reply == "http_451" else 200)
    mock.script(faults.content_filtered())
    assert statuses(lambda: draw(mock), 3) == [200, 200, 402]


@pytest.mark.parametrize(
    "fault",
    [
        faults.connection_reset(),
        faults.cut_off(when={"steps": 8}),
        faults.empty_data(),
        faults.dead_link(),
        faults.expired_link(),
    ],
    ids=str,
)
def test_a_picture_that_never_arrives_is_paid_for_once(fault: Fault) -> None:
    mock = limited(balance=0.009)
    mock.script(fault)
    draw(mock)
    assert statuses(lambda: draw(mock), 3) == [200, 200, 402]


def test_a_slow_reply_to_a_filtered_prompt_costs_nothing() -> None:
    mock = limited(balance=0.003, filter_words=("blood",))
    mock.script(faults.slow(seconds=1), faults.slow(seconds=1, when={"steps": 8}))
    assert statuses(lambda: draw(mock, prompt="blood"), 2) == [200, 200]
    assert statuses(lambda: draw(mock), 2) == [200, 402]


def test_a_refund_gives_back_one_price_and_never_more_than_was_spent() -> None:
    meter, limits = Meter(Clock()), _limits(balance=0.006)
    (model,) = limits.prices
    for _ in range(2):
        meter.charge(limits, model)
    meter.refund(limits, model)
    meter.charge(limits, model)
    meter.top_up()
    meter.refund(limits, model)
    for _ in range(2):
        meter.charge(limits, model)
    with pytest.raises(RefusedError, match="You exceeded your current quota"):
        meter.charge(limits, model)
    boundless = _limits(rpm=1)
    meter.refund(boundless, model)
    with pytest.raises(RefusedError, match="You exceeded your current quota"):
        meter.charge(limits, model)


# Choosing and resetting ------------------------------------------------------------------


def test_counts_outlive_a_new_choice() -> None:
    mock = limited(rpm=2, balance=0.006)
    assert statuses(lambda: draw(mock), 2) == [200, 200]
    mock.choose(rpm=3)
    assert statuses(lambda: draw(mock), 2) == [402, 429]
    mock.choose(rpm=None)
    assert draw(mock).status == 402
    mock.choose(balance=None)
    assert draw(mock).status == 200


def test_a_balance_that_is_chosen_is_what_the_account_has_from_then_on() -> None:
    mock = limited(balance=0.006)
    assert statuses(lambda: draw(mock), 3) == [200, 200, 402]
    mock.choose(balance=0.006)
    assert statuses(lambda: draw(mock), 3) == [200, 200, 402]
    mock.choose(balance=0.009, latency=1)
    assert statuses(lambda: draw(mock), 2) == [200, 200]
    mock.choose(balance=0.003)
    assert statuses(lambda: draw(mock), 2) == [200, 402]
    with pytest.raises(ValueError, match="balance"):
        mock.choose(balance=-1)
    assert draw(mock).status == 402


def test_dollars_and_yuan_are_spent_apart() -> None:
    mock = limited(balance=0.02)
    assert statuses(lambda: draw(mock), 7) == [200] * 6 + [402]
    mock.choose(tier="com/V1")
    assert statuses(lambda: draw(mock), 2) == [200, 402]


def test_a_lower_limit_holds_at_once() -> None:
    mock = limited(rpm=5)
    assert statuses(lambda: look(mock), 5) == [200] * 5
    mock.choose(rpm=2)
    assert answered(look(mock)) == rate_limited("RPM", 2)


def test_a_reset_forgets_what_was_sent_and_spent() -> None:
    clock = Clock(lambda: NOON, lambda: 0.0)
    choices = Choices(rpm=2, balance=0.006, concurrency=2, latency=5)
    mock = StepfunMock(choices=choices, clock=clock)
    assert statuses(lambda: draw_waiting(mock, **MINIMAL), 3) == [200, 200, 429]
    mock.reset()
    assert statuses(lambda: draw_waiting(mock, **MINIMAL), 3) == [200, 200, 429]
    clock.advance(seconds=60)
    assert draw(mock).status == 402


# Latency ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("latency", "seconds"), [(0.5, 0.5), (2, 2.0), ("reported", 7.4)])
def test_a_picture_takes_as_long_as_was_chosen(latency: Any, seconds: float) -> None:
    delivery = draw(limited(latency=latency)).delivery
    assert delivery is not None
    assert delivery.delay == seconds
    assert LATENCY.seconds == 7.4


def test_what_draws_no_picture_does_not_take_its_time() -> None:
    mock = limited(latency=2, rpm=4)
    mock.script(faults.overloaded(when={"steps": 9}))
    replies = [draw(mock, size="1x1"), draw(mock, steps=9), look(mock)]
    link = item(draw(mock))["url"].removeprefix("http://127.0.0.1:8793")
    replies += [look(mock, link), look(mock)]
    assert [reply.status for reply in replies] == [400, 503, 200, 200, 429]
    assert [reply.delivery for reply in replies] == [None] * 5


def test_latency_and_the_delay_of_a_fault_add_up() -> None:
    mock = limited(latency=2)
    mock.script(faults.slow(seconds=3), faults.slow(seconds=3, when={"steps": 8}))
    for _ in range(2):
        delivery = draw(mock).delivery
        assert delivery is not None
        assert delivery.delay == 5


# Requests at a time ----------------------------------------------------------------------------


def test_a_place_is_taken_for_exactly_the_latency() -> None:
    mock = limited(concurrency=2, latency=4)
    assert statuses(lambda: draw_waiting(mock, **MINIMAL), 2) == [200, 200]
    assert answered(draw_waiting(mock, **MINIMAL)) == rate_limited("concurrency", 2)
    mock.clock.advance(seconds=3.75)
    assert draw_waiting(mock, **MINIMAL).status == 429
    mock.clock.advance(seconds=0.25)
    assert statuses(lambda: draw_waiting(mock, **MINIMAL), 3) == [200, 200, 429]


@pytest.mark.parametrize("at", [NOON, NOON + 1 / 3, 253_000_000_000.3])
def test_small_steps_of_the_clock_add_up_to_the_latency(at: float) -> None:
    mock = limited(concurrency=1, latency=0.4)
    mock.clock.freeze(at=at)
    for _ in range(50):
        assert draw_waiting(mock, **MINIMAL).status == 200
        for _ in range(3):
            mock.clock.advance(seconds=0.1)
        assert draw_waiting(mock, **MINIMAL).status == 429
        mock.clock.advance(seconds=0.1)


def test_a_place_is_free_after_real_seconds_where_time_stands_still() -> None:
    real = 100.0
    clock = Clock(elapsed=lambda: real)
    clock.freeze(at=NOON)
    mock = StepfunMock(choices=Choices(concurrency=2, latency=4), clock=clock)
    assert statuses(lambda: draw_waiting(mock, **MINIMAL), 3) == [200, 200, 429]
    real += 3.75
    assert draw_waiting(mock, **MINIMAL).status == 429
    real += 0.25
    assert statuses(lambda: draw_waiting(mock, **MINIMAL), 3) == [200, 200, 429]
    clock.advance(seconds=4)
    assert statuses(lambda: draw_waiting(mock, **MINIMAL), 3) == [200, 200, 429]


def test_within_a_process_and_without_latency_nothing_overlaps() -> None:
    mock = limited(concurrency=1, latency=4)
    assert statuses(lambda: draw(mock), 3) == [200] * 3
    mock.choose(latency=0)
    assert statuses(lambda: draw_waiting(mock, **MINIMAL), 3) == [200] * 3


def test_a_request_that_is_refused_gives_its_place_back() -> None:
    mock = limited(concurrency=1, latency=4, balance=0.003)
    mock.script(faults.retired(when={"steps": 9}))
    assert draw_waiting(mock, model="another").status == 400
    assert draw_waiting(mock, **MINIMAL, steps=9).status == 404
    assert draw_waiting(mock, **MINIMAL).status == 200
    mock.clock.advance(seconds=4)
    assert statuses(lambda: draw_waiting(mock, **MINIMAL), 2) == [402, 402]


def test_a_request_that_finds_no_place_does_not_count_for_the_minute() -> None:
    mock = limited(concurrency=1, latency=4, rpm=2)
    assert statuses(lambda: draw_waiting(mock, **MINIMAL), 2) == [200, 429]
    mock.clock.advance(seconds=4)
    assert statuses(lambda: draw_waiting(mock, **MINIMAL), 1) == [200]
    assert answered(draw_waiting(mock, **MINIMAL)) == rate_limited("RPM", 2)


def test_models_take_no_place() -> None:
    mock = limited(concurrency=1, latency=4)
    waiting = Request("GET", "/v1/models", HEADERS, waits=True)
    assert statuses(lambda: mock.handle(waiting), 3) == [200] * 3


# Many at once ------------------------------------------------------------------------------------


def test_limits_are_exact_with_fifty_threads() -> None:
    mock = limited(rpm=120, balance=0.3)
    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda _: draw(mock).status, range(300)))
    assert {status: found.count(status) for status in set(found)} == {200: 100, 402: 20, 429: 180}


def test_places_are_exact_with_fifty_threads() -> None:
    mock = limited(concurrency=5, latency=60)
    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda _: draw_waiting(mock, **MINIMAL).status, range(300)))
    assert (found.count(200), found.count(429)) == (5, 295)


def test_five_of_fifty_clients_get_a_picture_where_five_may_ask_at_a_time() -> None:
    # Nobody waits so long: the five overlap until the clock is moved, however slow the machine is.
    mock = limited(concurrency=5, latency=3600)
    with MockServer(mock) as server, ThreadPoolExecutor(50) as pool:
        url = f"{server.base_url}/images/generations"
        headers = {"authorization": f"Bearer {server.api_key}"}
        context = ssl.create_default_context()  # once: it takes longer than all else

        def ask() -> int:
            with httpx.Client(verify=context, timeout=120) as client:
                return client.post(url, headers=headers, json=MINIMAL).status_code

        for clients in (50, 6):
            asking = [pool.submit(ask) for _ in range(clients)]
            ended = as_completed(asking, timeout=120)
            assert [next(ended).result() for _ in range(clients - 5)] == [429] * (clients - 5)
            mock.clock.advance(hours=1)
            assert [reply.result() for reply in ended] == [200] * 5


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("concurrency", [1, 2])
def test_a_client_that_waits_for_each_reply_never_overlaps_with_itself(
    concurrency: int, frozen: bool
) -> None:
    mock = StepfunMock(choices=Choices(concurrency=concurrency, latency=0.05))
    if frozen:
        mock.clock.freeze()
    with MockServer(mock) as server, httpx.Client() as client:
        headers = {"authorization": f"Bearer {server.api_key}"}
        url = f"{server.base_url}/images/generations"
        replies = [client.post(url, headers=headers, json=MINIMAL) for _ in range(6)]
    assert [reply.status_code for reply in replies] == [200] * 6


def test_the_first_host_is_that_of_an_account_without_a_tier() -> None:
    assert HOSTS[0] in BASE_URL
    assert _limits(balance=1).currency == "USD"


def _limits(**choices: Any) -> Limits:
    limits = limits_of(Choices(**choices))
    assert limits is not None
    return limits
