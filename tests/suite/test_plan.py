"""What a run means to send, and what that costs at best and at worst."""

import pytest

from contracts.key import KeyUse
from contracts.plan import Plan
from contracts.probe import Probe, asking
from contracts.target import parse
from suite.labs import MINIMAL, fault, picture_of
from suite.whole import plan_of

URL = "https://image.example/v1"
CHINA = "https://api.stepfun.com/v1"


def made(*probes: Probe, fetches: int = 0, generated: int = 0, drawn: int = 0) -> Plan:
    plan = Plan()
    plan.add(probes, fetches, generated, drawn)
    return plan


def lines(
    plan: Plan,
    target: str = URL,
    max_images: int | None = 40,
    max_requests: int | None = 150,
    rate: float | None = None,
) -> list[str]:
    return list(plan.lines(parse(target), max_images, max_requests, rate))


def sums(plan: Plan, *more: object, **given: object) -> list[str]:
    """What stands below the requests."""
    found = lines(plan, *more, **given)  # type: ignore[arg-type]
    return found[found.index("") + 1 :]


def test_what_two_tests_ask_is_sent_once_and_what_they_make_up_twice() -> None:
    plan = Plan()
    plan.add((picture_of(1), fault(1)), 2, 1, 1)
    plan.add((picture_of(1), picture_of(2)), 1, 2, 0)
    assert list(plan.probes) == ["picture/1", "fault/1", "picture/2"]
    assert (plan.fetches, plan.generated, plan.drawn) == (3, 3, 1)
    assert (plan.requests, plan.pictures) == (3 + 3 + 3, 2 + 1)


def test_each_picture_that_comes_as_a_link_is_fetched_once() -> None:
    by_link = asking("by link", MINIMAL, draws=True)
    spare = asking("spare", MINIMAL, draws=True, spare=True)
    plan = Plan()
    plan.add((by_link,))
    assert plan.links == 0
    plan.add((by_link, picture_of(1), fault(1), spare), pictures=True)
    plan.add((by_link,), fetches=2, pictures=True)
    assert (plan.linked, plan.links) == ({"by link"}, 3)
    assert plan.requests == 3 + 3


def test_what_is_sent_only_if_need_be_is_counted_apart() -> None:
    plan = made(picture_of(1), picture_of(2, spare=True))
    assert (list(plan.probes), list(plan.spares)) == (["picture/1"], ["picture/2"])
    assert (plan.requests, plan.pictures) == (1, 1)


def test_there_is_a_line_to_a_request() -> None:
    models = Probe(id="models", method="GET", path="/models", headers=(), key=KeyUse.NONE)
    plan = made(fault(1), picture_of(1), models, picture_of(2, spare=True))
    told = '{"prompt": "a lighthouse", '
    drawn = f'{told}"response_format": "b64_json"}}'
    assert lines(plan)[:4] == [
        f'   1  free     POST /images/generations  fault/1  {told}"steps": 51}}',
        f"   2  picture  POST /images/generations  picture/1  {drawn}",
        "   3  free     GET  /models  models",
        f"   if  picture  POST /images/generations  picture/2  {drawn}",
    ]


def test_a_long_body_is_cut_and_stands_on_one_line() -> None:
    long = asking("long", {**MINIMAL, "prompt": "one\ntwo" + "x" * 200})
    odd = Probe(id="odd", body=b'{"a":\n  "\xff"}')
    first, second = lines(made(long, odd))[:2]
    shown = first.partition("  long  ")[2]
    assert shown.endswith("xxx...")
    assert len(shown) == 103
    assert second.endswith('  odd  {"a": "\N{REPLACEMENT CHARACTER}"}')


def test_what_has_no_line_of_its_own_is_counted() -> None:
    shown = lines(made(fault(1), fetches=4, generated=3, drawn=1))
    assert shown[1:3] == [
        "      and 3 that are made up from reviewed words",
        "      and 4 links to pictures",
    ]
    assert not any("links" in line or "words" in line for line in lines(made(fault(1))))


PLAN = made(picture_of(1), picture_of(2), fault(1), fetches=2, generated=3, drawn=1)


@pytest.mark.parametrize(
    ("target", "cost"),
    [
        ("live", "cost: 0.009 USD, at worst 0.120 USD"),
        (CHINA, "cost: 0.060 CNY, at worst 0.800 CNY"),
        (URL, "cost: 3 pictures, at worst 40, at what they cost there"),
    ],
)
def test_a_plan_says_what_it_costs_and_what_it_may_cost(target: str, cost: str) -> None:
    assert sums(PLAN, target) == [
        f"8 requests, 3 pictures, sent to {parse(target).base_url}",
        cost,
    ]


def test_without_a_cap_the_worst_is_a_picture_for_each_request() -> None:
    assert sums(PLAN, "live", max_images=None)[1] == "cost: 0.009 USD, at worst 0.012 USD"
    assert sums(PLAN, max_images=None)[1] == (
        "cost: 3 pictures, at worst 4, at what they cost there"
    )


def test_a_plan_says_how_long_it_takes_at_its_rate() -> None:
    assert sums(PLAN, rate=8.0)[2] == (
        "time: 1.0 minutes at 8 requests a minute, at worst 18.8, and what the pictures take"
    )
    assert sums(PLAN, rate=0.5, max_requests=None)[2] == (
        "time: 16.0 minutes at 0.5 requests a minute, at worst 16.0, and what the pictures take"
    )


def test_on_the_mock_nothing_costs_and_nothing_takes_long() -> None:
    assert sums(PLAN, "mock", rate=8.0) == [
        "8 requests, 3 pictures, sent to http://127.0.0.1:8793/v1",
        "to the mock in this process; what Hypothesis tries there comes on top",
    ]


def test_the_plan_of_a_whole_run_says_what_is_in_the_documentation() -> None:
    plan = plan_of("live")
    assert sums(plan, "live", rate=60.0) == [
        f"{plan.requests} requests, {plan.pictures} pictures, sent to https://api.stepfun.ai/v1",
        "cost: 0.093 USD, at worst 0.120 USD",
        "time: 2.4 minutes at 60 requests a minute, at worst 2.5, and what the pictures take",
    ]


def test_another_server_is_not_asked_what_only_the_mock_shows() -> None:
    only_there = set(plan_of("mock").probes) - set(plan_of(URL).probes)
    assert {"models/plan", "path/elsewhere", "generate/GET"} <= only_there
    assert not set(plan_of(URL).probes) - set(plan_of("mock").probes)


def test_what_costs_nothing_is_sent_before_the_pictures_and_the_late_one_last() -> None:
    first, picture, *others = plan_of(URL).probes.values()
    assert (first.id, picture.id) == ("body/empty", "series/all left out")
    draws = [probe.draws for probe in others]
    assert draws == sorted(draws)
    assert others[-1].id == "series/all left out, late"
