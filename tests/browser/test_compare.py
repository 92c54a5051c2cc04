"""What is marked as differing where two requests are compared."""

from typing import TYPE_CHECKING, Any

import pytest

from browser.chromium import expect
from browser.shown import Shown

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

CIRCUMSTANCES = ["status", "refusal"]


def compared(page: "Page", shown: Shown) -> "Locator":
    """The dialog with the first two requests."""
    page.goto(f"{shown.address}#compare-1-2")
    dialog = page.get_by_role("dialog", name="Requests 1 and 2")
    expect(dialog.locator("tbody tr").first).to_be_visible()
    return dialog


def test_a_refused_request_differs_from_one_that_was_drawn_by_what_was_asked_alone(
    page: "Page", shown: Shown
) -> None:
    shown.ask(seed=5)
    shown.ask(seed=5, steps=51, size="1024x1024", cfg_scale=1.0, text_mode=None)
    dialog = compared(page, shown)
    expect(dialog.locator("tr.differs th")).to_have_text(["steps", *CIRCUMSTANCES])
    expect(dialog).to_contain_text("1 parameter of 10 differs")
    expect(dialog.locator("tr").filter(has_text="size").locator("td bdi")).to_have_text(
        ["1024 wide, 1024 high"] * 2
    )


def test_null_differs_from_nothing_where_it_is_refused(page: "Page", shown: Shown) -> None:
    shown.mock.choose(null_fields="refuse")
    shown.ask(seed=5)
    shown.ask(seed=5, steps=None)
    dialog = compared(page, shown)
    expect(dialog.locator("tr.differs th")).to_have_text(["steps", *CIRCUMSTANCES])
    expect(dialog.locator("tr.differs").first).to_contain_text("null")


@pytest.mark.parametrize("size", ["300 x 900", 1024, "3", []])
def test_a_size_that_is_none_is_shown_as_it_came(page: "Page", shown: Shown, size: Any) -> None:
    shown.ask(seed=5)
    shown.ask(seed=5, size=size)
    dialog = compared(page, shown)
    expect(dialog.locator("tr.differs th")).to_have_text(["size", *CIRCUMSTANCES])
    expect(dialog.locator("tr.differs").first).to_contain_text(str(size))


def test_a_field_that_was_passed_over_is_the_same_in_a_request_that_was_refused(
    page: "Page", shown: Shown
) -> None:
    shown.ask(seed=5, quality="hd")
    shown.ask(seed=5, steps=51, quality="hd")
    dialog = compared(page, shown)
    expect(dialog.locator("tr.differs th")).to_have_text(["steps", *CIRCUMSTANCES])


def test_a_body_that_nobody_can_read_asked_for_nothing(page: "Page", shown: Shown) -> None:
    shown.send(b"{")
    shown.send(b"{{")
    dialog = compared(page, shown)
    expect(dialog).to_contain_text("No parameter differs")
    expect(dialog.get_by_role("row").filter(has_text="steps")).to_have_count(0)


def test_numbers_that_differ_in_their_last_digit_differ(page: "Page", shown: Shown) -> None:
    shown.ask(seed=9007199254740992)
    shown.ask(seed=9007199254740993)
    dialog = compared(page, shown)
    expect(dialog.locator("tr.differs th").first).to_have_text("seed")
    expect(dialog.locator("tr.differs td bdi").first).to_have_text("9007199254740992")


@pytest.mark.parametrize("sign", ["\u00ad", "\u180e", "\u200b", "\u2060", "\ufeff"])
def test_prompts_that_differ_in_a_sign_without_width_show_it(
    page: "Page", shown: Shown, sign: str
) -> None:
    shown.ask("red fox", seed=5)
    shown.ask(f"red{sign} fox", seed=5)
    prompts = compared(page, shown).locator("tr.differs").first.locator("td bdi")
    expect(prompts).to_have_text(["red fox", f"red\\u{ord(sign):04x} fox"])
