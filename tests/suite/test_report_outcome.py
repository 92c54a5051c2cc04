"""A run is told in one sentence and some figures."""

import pytest

from contracts.report.outcome import (
    EXITS,
    counted,
    duration,
    exit_code,
    figures,
    headline,
    moment,
    version,
)
from contracts.run import Order, Run
from contracts.target import parse
from stepfun_mock.rules import RULES
from suite.runs import (
    BEGUN,
    CANARY,
    HOST,
    LATE,
    REFUSED,
    a_run,
    all_hold,
    broken,
    differs,
    drawn,
    holds,
    not_run,
    png,
    said,
    unsure,
)

UNTOLD = "It cannot be told whether the contract is kept: "


def test_a_contract_that_is_kept() -> None:
    run = a_run(findings=all_hold())
    assert headline(run, complete=True) == f"The contract is kept: {len(RULES)} rules hold."
    run = a_run(findings=[holds("n.type"), differs("n.default")])
    assert headline(run, complete=True) == (
        "The contract is kept: 1 rule holds, 1 rule differs where nobody promised."
    )


def test_a_contract_that_is_broken() -> None:
    run = a_run(findings=[broken("n.type"), holds("n.values"), unsure("n.default")])
    told = "The contract is broken: 1 of the 2 rules that were seen is not kept."
    assert headline(run, complete=True) == told
    assert headline(run, complete=False) == told
    run.findings.append(broken("n.values"))
    assert headline(run, complete=True) == (
        "The contract is broken: 2 of the 2 rules that were seen are not kept."
    )


def test_a_contract_of_which_nobody_can_tell() -> None:
    run = a_run(findings=[unsure("n.type"), holds("n.values")])
    assert headline(run, complete=True) == f"{UNTOLD}1 rule of the page was not seen."
    run.findings.append(unsure("seed.type"))
    run.planned.add("seed.type")
    assert headline(run, complete=True) == f"{UNTOLD}2 rules of the page were not seen."


def test_a_run_that_failed_itself() -> None:
    run = a_run(findings=[holds("n.type")])
    run.mishaps.append("interrupted before all was asked")
    told = f"{UNTOLD}interrupted before all was asked."
    assert headline(run, complete=False) == headline(run, complete=True) == told
    run.mishaps.append("test_x: the suite itself failed: TypeError")
    assert headline(run, complete=True) == (
        f"{UNTOLD}interrupted before all was asked (and 1 more)."
    )


def test_a_run_that_has_not_ended() -> None:
    run = a_run(findings=[holds("n.type"), holds("n.values")])
    assert headline(run, complete=False) == (
        "The run has not ended: so far 2 rules hold, none is broken."
    )


def test_a_run_that_looked_at_nothing() -> None:
    assert headline(a_run(findings=[not_run("price.usd")]), complete=True) == (
        "No rule was looked at."
    )
    run = a_run()
    run.reason = f"the server refused the key {CANARY}: 401"
    told = "Nothing could be looked at: the server refused the key ***: 401."
    assert headline(run, complete=True) == told


@pytest.mark.parametrize("complete", [True, False])
def test_a_run_that_was_not_done_is_no_success(complete: bool) -> None:
    assert exit_code(a_run(findings=[holds("n.type")]), complete=complete) == (0 if complete else 3)
    assert exit_code(a_run(findings=[broken("n.type")]), complete=complete) == 1
    assert exit_code(a_run(findings=[unsure("n.type")]), complete=complete) == 3
    assert set(EXITS) == {0, 1, 3}


def test_the_figures_count_what_was_sent_and_drawn() -> None:
    run = a_run(drawn(png()), REFUSED, LATE)
    run.lab.dispatch.times.sleep(130)
    taken = figures(run)
    assert (taken.requests, taken.pictures, taken.retries, taken.inconclusive) == (3, 2, 0, 1)
    assert taken.amount == 0.006
    assert taken.cost == "about 0.006 USD"
    assert taken.time.startswith("2 min 1")


def test_a_second_try_is_counted() -> None:
    run = a_run(said("", 429), REFUSED)
    assert figures(run).retries == 1
    assert figures(run).inconclusive == 1


def test_the_cost_is_known_where_the_price_is() -> None:
    assert figures(a_run(drawn(png()), base_url="https://api.stepfun.com/v1")).cost == (
        "about 0.02 CNY"
    )
    assert figures(a_run(base_url="http://localhost:9/v1")).cost == "no cost"
    assert figures(a_run(base_url="https://elsewhere.example/v1")).cost == "cost not known"
    assert figures(a_run(base_url=HOST)).cost == "about 0 USD"


def test_the_time_of_the_mock_is_called_so() -> None:
    run = Run(Order(target=parse("mock"), key=a_run().order.key))
    run.lab.dispatch.times.sleep(7200)
    assert figures(run).time == "2 h 0 min by the mock's clock"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0042, "4 ms"), (1.25, "1.2 s"), (59.4, "59 s"), (61, "1 min 1 s"), (7260, "2 h 1 min")],
)
def test_a_duration_is_told_as_people_do(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_moment_is_told_in_utc() -> None:
    assert moment(BEGUN) == "2026-09-21T14:13:20.250Z"


def test_things_are_counted_with_their_plural() -> None:
    assert [counted(number, "request") for number in (0, 1, 1234)] == [
        "0 requests",
        "1 request",
        "1,234 requests",
    ]


def test_the_version_is_that_of_the_package() -> None:
    assert version().count(".") == 2
