"""All of it from the keyboard, and by the names that a screen reader reads."""

from typing import TYPE_CHECKING

import pytest

from browser.chromium import expect, pane, row, rows
from browser.shown import Shown

if TYPE_CHECKING:
    from playwright.sync_api import Page


def tab_to(page: "Page", name: str, limit: int = 40) -> None:
    """Go on with Tab until what has the focus bears this name."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "[document.activeElement.getAttribute('aria-label'),"
            " document.activeElement.textContent].find(Boolean)"
        )
        if found and found.strip() == name:
            return
    raise AssertionError(f"Tab never came to {name}")


def asked(page: "Page", shown: Shown, count: int = 3) -> None:
    for number in range(1, count + 1):
        shown.ask(f"Fox {number}")
    expect(rows(page)).to_have_count(count)


def test_tab_comes_to_a_request_enter_opens_it_and_escape_leads_back(
    page: "Page", shown: Shown
) -> None:
    asked(page, shown)
    tab_to(page, "Request 2: Fox 2")
    page.keyboard.press("Enter")
    details = pane(page, "Request 2")
    expect(page.get_by_role("heading", name="Request 2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(details).to_be_hidden()
    expect(row(page, 2).get_by_role("link")).to_be_focused()


def test_j_and_k_go_from_request_to_request(page: "Page", shown: Shown) -> None:
    asked(page, shown)
    page.keyboard.press("j")
    expect(row(page, 3).get_by_role("link")).to_be_focused()
    page.keyboard.press("j")
    expect(row(page, 2).get_by_role("link")).to_be_focused()
    page.keyboard.press("Enter")
    pane(page, "Request 2")
    page.keyboard.press("Escape")
    expect(row(page, 2).get_by_role("link")).to_be_focused()
    page.keyboard.press("j")
    expect(row(page, 1).get_by_role("link")).to_be_focused()


def test_j_and_k_in_the_list_lead_what_is_open_along_and_stay_in_the_list(
    page: "Page", shown: Shown
) -> None:
    asked(page, shown)
    row(page, 2).get_by_role("link").click()
    pane(page, "Request 2")
    row(page, 2).get_by_role("link").focus()
    for key, number in (("j", 1), ("k", 2), ("ArrowUp", 3)):
        page.keyboard.press(key)
        pane(page, f"Request {number}")
        expect(row(page, number).get_by_role("link")).to_be_focused()


@pytest.mark.parametrize("key", ["j", "ArrowDown"])
def test_from_the_heading_of_what_was_opened_keys_lead_on_in_the_list(
    page: "Page", shown: Shown, key: str
) -> None:
    asked(page, shown)
    row(page, 3).get_by_role("link").click()
    expect(page.get_by_role("heading", name="Request 3")).to_be_focused()
    page.keyboard.press(key)
    pane(page, "Request 2")
    expect(row(page, 2).get_by_role("link")).to_be_focused()


def test_from_the_heading_keys_lead_on_where_what_is_open_covers_the_list(
    page: "Page", shown: Shown
) -> None:
    asked(page, shown)
    page.set_viewport_size({"width": 400, "height": 800})
    row(page, 3).get_by_role("link").click()
    expect(page.get_by_role("heading", name="Request 3")).to_be_focused()
    for number in (2, 1):
        page.keyboard.press("j")
        pane(page, f"Request {number}")
        expect(page.get_by_role("heading", name=f"Request {number}")).to_be_focused()


def test_j_is_no_shortcut_on_a_link_a_button_or_the_heading_of_the_controls(
    page: "Page", shown: Shown
) -> None:
    asked(page, shown)
    link = page.get_by_role("link", name="Controls")
    link.focus()
    page.keyboard.press("j")
    expect(link).to_be_focused()
    link.click()
    heading = page.get_by_role("heading", name="Controls")
    expect(heading).to_be_focused()
    page.keyboard.press("j")
    expect(heading).to_be_focused()
    row(page, 3).get_by_role("link").click()
    close = pane(page, "Request 3").get_by_role("button", name="Close")
    close.focus()
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    expect(close).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    pane(page, "Request 2")


def test_j_in_a_text_is_a_letter(page: "Page", shown: Shown) -> None:
    asked(page, shown, 1)
    box = page.get_by_role("searchbox", name="Find text")
    box.focus()
    page.keyboard.type("jk")
    expect(box).to_have_value("jk")
    expect(box).to_be_focused()


def test_the_first_tab_offers_to_skip_to_the_requests(page: "Page") -> None:
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the requests")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_a_request_is_sent_without_a_mouse(page: "Page", shown: Shown) -> None:
    tab_to(page, "Send a request")
    page.keyboard.press("Enter")
    form = pane(page, "Send a request")
    page.keyboard.press("Tab")  # the button that closes
    page.keyboard.press("Tab")
    page.keyboard.type("A lake at dawn")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Send")
    page.keyboard.press("Enter")
    expect(form.get_by_role("status")).to_contain_text("200: request 1")
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    expect(page.get_by_role("link", name="Send a request")).to_be_focused()


def test_two_requests_are_compared_without_a_mouse(page: "Page", shown: Shown) -> None:
    asked(page, shown)
    for number in (3, 2):
        tab_to(page, f"Compare request {number}")
        page.keyboard.press("Space")
    button = page.get_by_role("button", name="Compare", exact=True)
    expect(button).to_be_visible()
    tab_to(page, "Compare")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Requests 3 and 2")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


def test_in_a_narrow_window_nothing_under_what_is_open_can_have_the_focus(
    page: "Page", shown: Shown
) -> None:
    asked(page, shown, 1)
    page.get_by_role("checkbox", name="Compare request 1").check()
    page.set_viewport_size({"width": 400, "height": 800})
    row(page, 1).get_by_role("link").click()
    close = pane(page, "Request 1").get_by_role("button", name="Close")
    close.focus()
    expect(close).to_be_focused()
    for under in (".skip", "nav a", "#rows a", "#rows input", "#choosing-clear", "#text"):
        page.locator(under).first.evaluate("node => node.focus()")
        expect(close).to_be_focused()
    expect(page.locator("#choosing")).to_be_hidden()
    # A server that stops meanwhile adds a button there.
    shown.stop()
    again = page.locator("#again")
    expect(page.locator("body")).to_have_attribute("data-connection", "lost")
    again.evaluate("node => node.focus()")
    expect(close).to_be_focused()
    shown.begin()
    close.click()
    expect(row(page, 1).get_by_role("link")).to_be_focused()


@pytest.mark.parametrize("name", ["Compare request 1", "less"])
def test_what_becomes_of_a_request_leaves_the_focus_and_the_row_as_they_are(
    page: "Page", shown: Shown, name: str
) -> None:
    reply = shown.ask("A fox " * 85)
    more = row(page, 1).get_by_role("button", name="more")
    more.click()
    less = row(page, 1).get_by_role("button", name="less")
    control = row(page, 1).get_by_label(name).or_(less.filter(has_text=name))
    control.focus()
    shown.fetch(reply)
    shown.ask("to be heard after it")
    expect(row(page, 3)).to_be_visible()
    expect(control).to_be_focused()
    expect(less).to_have_attribute("aria-expanded", "true")


def test_what_becomes_of_a_link_leaves_the_focus_on_the_button_that_copies_it(
    page: "Page", shown: Shown
) -> None:
    reply = shown.ask()
    row(page, 1).get_by_role("link").click()
    details = pane(page, "Request 1")
    copy = details.get_by_role("button", name="Copy the link")
    copy.focus()
    shown.fetch(reply)
    expect(details).to_contain_text("was fetched once")
    expect(copy).to_be_focused()


def test_escape_takes_back_what_is_being_composed_and_leaves_the_form_open(
    page: "Page",
) -> None:
    page.get_by_role("link", name="Send a request").click()
    form = pane(page, "Send a request")
    prompt = form.get_by_label("prompt (required)")
    prompt.focus()
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.imeSetComposition", {"text": "狐", "selectionStart": 1, "selectionEnd": 1})
    expect(prompt).to_have_value("狐")
    page.keyboard.press("Escape")
    expect(form).to_be_visible()
    keyboard.send("Input.insertText", {"text": "狐"})
    expect(prompt).to_have_value("狐")
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()


def test_what_has_the_focus_is_seen(page: "Page", shown: Shown) -> None:
    asked(page, shown, 1)
    tab_to(page, "Request 1: Fox 1")
    outline = page.evaluate("getComputedStyle(document.activeElement.closest('.row')).outline")
    assert "solid 3px" in outline


def test_what_happens_is_read_out(page: "Page", shown: Shown) -> None:
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    asked(page, shown, 1)
    heard = page.locator("#notice")
    expect(heard).to_have_role("status")
    expect(heard).to_have_text("1 request, the last with status 200")
