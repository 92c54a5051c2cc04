"""What can be said of a rule, and which word wins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.verdict import (
    RULE_BY_ID,
    CannotLookError,
    Finding,
    Verdict,
    breach,
    overall,
    page_rules,
)
from stepfun_mock.rules import RULES
from stepfun_mock.terms import Grade

WORST_FIRST = ["broken", "differs", "holds", "inconclusive", "not run"]


def found(*words: str) -> list[Finding]:
    return [Finding("steps.range", Verdict(word), "", "test_x.py::test_it") for word in words]


@pytest.mark.parametrize("at", range(len(WORST_FIRST)))
def test_the_worst_that_was_seen_is_the_word_for_a_rule(at: int) -> None:
    assert overall(found(*WORST_FIRST[at:])) == WORST_FIRST[at]
    assert overall(found(*reversed(WORST_FIRST[at:]))) == WORST_FIRST[at]


@given(st.lists(st.sampled_from(WORST_FIRST), min_size=1))
def test_it_does_not_matter_what_was_seen_first_or_how_often(words: list[str]) -> None:
    assert overall(found(*words)) == min(words, key=WORST_FIRST.index)


def test_a_rule_of_which_nothing_was_said_was_not_run() -> None:
    assert overall([]) is Verdict.NOT_RUN


def test_three_words_come_from_looking() -> None:
    assert [word for word in Verdict if word.conclusive] == ["broken", "differs", "holds"]


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ("steps.range", "broken"),  # the documentation page
        ("seed.zero", "broken"),
        ("parameter.refused", "broken"),  # the vendor's page of errors
        ("balance.empty", "broken"),
        ("route.generate.plan", "differs"),  # the vendor's other pages
        ("route.models", "differs"),
        ("model.owned_by", "differs"),
        ("picture.png", "differs"),  # what live calls showed
        ("error.envelope", "differs"),
        ("size.refused", "differs"),
        ("n.default", "differs"),  # what the mock chose
        ("cfg_scale.integer", "differs"),
    ],
)
def test_a_promise_is_broken_and_what_nobody_promised_differs(rule: str, word: str) -> None:
    assert breach(rule) == word


def test_every_promise_is_one_of_the_page_or_of_the_page_of_errors() -> None:
    promised = {rule.source.id for rule in RULES if breach(rule.id) is Verdict.BROKEN}
    assert promised == {"page", "errors"}
    others = {rule.source.id for rule in RULES if breach(rule.id) is Verdict.DIFFERS}
    assert not promised & others


def test_each_rule_has_an_id_of_its_own() -> None:
    assert list(RULE_BY_ID.values()) == list(RULES)


def test_the_rules_of_the_page_are_those_of_its_grade() -> None:
    assert {rule.id for rule in page_rules()} == {
        rule.id for rule in RULES if rule.grade is Grade.PAGE
    }
    assert {"steps.range", "seed.echo", "route.generate"} <= {rule.id for rule in page_rules()}


def test_hypothesis_does_not_take_what_says_nothing_for_a_failure() -> None:
    calls = []

    @given(st.integers())
    def look(number: int) -> None:
        calls.append(number)
        raise CannotLookError(Verdict.INCONCLUSIVE, "the line is bad")

    with pytest.raises(CannotLookError, match="the line is bad"):
        look()
    assert len(calls) == 1
