"""Each rule has a test and each test a rule; nobody speaks of another, or asks what is not planned.

This is what `--only`, the plan and the report stand on.
"""

import inspect
from collections.abc import Iterable

import pytest

from contracts.exchange import Reply
from contracts.probe import asking
from contracts.ties import MARKERS
from contracts.verdict import RULE_BY_ID, Verdict
from stepfun_mock.contract import OURS
from stepfun_mock.rules import RULES
from stepfun_mock.terms import Rule
from suite.labs import MINIMAL, Asking, drawn, picture_of
from suite.whole import on_the_mock, the_marks, the_modules, the_tests

Tied = Iterable[tuple[str, frozenset[str]]]


def without_a_test(rules: Iterable[Rule], tests: Tied) -> set[str]:
    """The rules to which no test is tied."""
    return {rule.id for rule in rules} - {rule for _, tied in tests for rule in tied}


def without_a_rule(rules: Iterable[Rule], tests: Tied) -> set[str]:
    """The tests that are tied to no rule, or to one that is not there."""
    known = {rule.id for rule in rules}
    return {name for name, tied in tests if not tied or tied - known}


def test_every_rule_of_the_contract_has_a_test() -> None:
    assert without_a_test(RULES, the_tests()) == set()


def test_a_rule_that_is_added_without_a_test_is_found() -> None:
    added = Rule("steps.even", "request", "steps is even", OURS)
    assert without_a_test((*RULES, added), the_tests()) == {"steps.even"}


def test_every_test_is_tied_to_rules_of_the_contract() -> None:
    assert without_a_rule(RULES, the_tests()) == set()


def test_a_test_of_a_rule_that_is_taken_away_is_found() -> None:
    left = [rule for rule in RULES if rule.id != "steps.default"]
    assert without_a_rule(left, the_tests()) == {
        "test_steps.py::test_left_out_it_means_its_default"
    }


def test_each_test_has_a_name_of_its_own() -> None:
    names = [name for name, _ in the_tests()]
    assert len(set(names)) == len(names) > 150


def test_each_module_of_tests_says_what_it_is_about() -> None:
    modules = the_modules()
    assert len(modules) > 15
    assert [module.__name__ for module in modules if not inspect.getdoc(module)] == []


def test_on_the_mock_each_test_says_something_of_each_rule_that_it_is_tied_to() -> None:
    run = on_the_mock()
    spoken = {(found.test, found.rule) for found in run.findings}
    silent = {(name, rule) for name, tied in the_tests() for rule in tied} - spoken
    assert silent == set()


def test_on_the_mock_nothing_is_said_by_anybody_who_is_no_test() -> None:
    run = on_the_mock()
    assert {found.test for found in run.findings} == {name for name, _ in the_tests()}
    assert {found.rule for found in run.findings} == set(RULE_BY_ID)


def test_on_the_mock_every_test_passes_and_the_contract_is_kept() -> None:
    run = on_the_mock()
    assert set(run.became.values()) == {"passed"}
    assert len(run.became) == len(run.items)
    assert run.mishaps == []
    assert run.exit_code() == 0


def test_on_the_mock_nothing_is_left_untold_but_what_nobody_sees_from_outside() -> None:
    verdicts = on_the_mock().verdicts()
    assert {rule for rule, word in verdicts.items() if word is not Verdict.HOLDS} == {
        "host.china",
        "host.international",
        "price.cny",
        "price.usd",
        "request.late",
    }


# What a judge may do ------------------------------------------------------------------------------


def test_a_judge_speaks_of_no_rule_that_its_test_is_not_tied_to() -> None:
    judge = Asking(drawn()).judge("steps.range")
    with pytest.raises(AssertionError, match=r"^test_x.py::test_it is not tied to seed\.range"):
        judge.holds("seed.range")
    assert judge.findings == []


def test_a_judge_speaks_of_no_rule_that_is_not_there() -> None:
    judge = Asking(drawn()).judge("steps.even")
    with pytest.raises(AssertionError, match=r"^there is no rule steps\.even"):
        judge.unsure("steps.even", "nobody knows")


@pytest.mark.parametrize("how", ["look", "ask", "picture", "shots"])
def test_a_judge_asks_nothing_that_is_not_planned(how: str) -> None:
    asked = Asking(drawn())
    planned, other = picture_of(1), picture_of(2)
    judge = asked.judge("steps.range", probes=(planned,))
    with pytest.raises(AssertionError, match="test_it asks picture/2 without having planned it"):
        getattr(judge, how)([other] if how == "shots" else other)
    judge.look(planned)
    assert judge.findings == []
    assert asked.tries["picture/2"] == 0


def test_only_a_judge_who_may_make_up_requests_does() -> None:
    asked = Asking(Reply(400, (), b""))
    judge = asked.judge("steps.range")
    made_up = asking("generated/1", MINIMAL)
    with pytest.raises(AssertionError, match="test_it asks generated/1 without having planned it"):
        judge.look(made_up)
    judge.generates = True
    judge.look(made_up)
    assert asked.tries == {"generated/1": 1}


# Marks --------------------------------------------------------------------------------------------


def test_the_marks_that_tests_bear_are_those_that_pytest_is_told_of() -> None:
    assert {name.partition("(")[0] for name in MARKERS} == the_marks()
