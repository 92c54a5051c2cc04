"""The contract as a page."""

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from browser.chromium import expect, picture_of
from browser.shown import Shown
from stepfun_mock.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page


@pytest.fixture
def contract(look: "Callable[..., Page]", shown: Shown) -> "Page":
    page = look(f"{shown.address}contract")
    expect(page.locator("li.rule")).to_have_count(len(RULES))
    return page


def test_every_rule_stands_there_with_source_and_grade(contract: "Page") -> None:
    told = contract.locator("li.rule").evaluate_all(
        "rules => rules.map(rule => ['code.quiet', '.grade', '.said']"
        ".map(part => rule.querySelector(part).textContent))"
    )
    assert {(rule, grade) for rule, grade, _ in told} == {
        (rule.id, str(rule.grade)) for rule in RULES
    }
    sources = {rule: said for rule, _, said in told}
    assert [rule.id for rule in RULES if rule.source.title not in sources[rule.id]] == []
    picture_of(contract, "contract")


def test_rules_are_found_by_their_words(contract: "Page") -> None:
    contract.get_by_role("searchbox", name="Find a rule").fill("SIZE.ORDER")
    expect(contract.locator("li.rule")).to_have_count(
        sum(
            "size.order" in f"{rule.id} {rule.statement} {rule.source.title}".lower()
            for rule in RULES
        )
    )
    contract.get_by_role("searchbox", name="Find a rule").fill("no such rule")
    expect(contract.get_by_text("No rule matches.")).to_be_visible()


def test_rules_are_narrowed_by_grade(contract: "Page") -> None:
    for grade, count in Counter(str(rule.grade) for rule in RULES).items():
        contract.get_by_label("Grade").select_option(grade)
        expect(contract.locator("li.rule")).to_have_count(count)


def test_the_way_leads_from_the_list_to_the_contract_and_back(page: "Page") -> None:
    page.get_by_role("link", name="Contract").click()
    expect(page.get_by_role("heading", name="The contract")).to_be_visible()
    page.get_by_role("link", name="Requests").click()
    expect(page.get_by_role("heading", name="Requests", exact=True)).to_be_visible()
