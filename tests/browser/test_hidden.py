"""Signs that hide, or turn a line round, are written out wherever a client chose them."""

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from browser.chromium import expect, pane, row
from browser.shown import Shown
from stepfun_mock import Request

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAME = "evil\u202egnp.exe\x07"
FIELD: dict[str, Any] = {NAME: 1}
WRITTEN = "evil\\u202egnp.exe\\u0007"
RAW = ("\u202e", "\x07", "\x85", "\u200b")


def is_plain(page: "Page") -> bool:
    """Whether none of these signs stands in the page."""
    text = str(page.evaluate("document.body.textContent"))
    return not any(sign in text for sign in RAW)


def test_the_name_of_an_unknown_field_turns_no_line_round(page: "Page", shown: Shown) -> None:
    shown.ask(**FIELD)
    advice = row(page, 1).locator("p.remark")
    expect(advice.locator("bdi")).to_contain_text(f'the field "{WRITTEN}" is none of this API\'s')
    row(page, 1).get_by_role("link").click()
    details = pane(page, "Request 1")
    expect(details.locator("p.message.differs bdi")).to_contain_text(f'"{WRITTEN}" is none')
    passed = details.get_by_text("Passed over, as the API does not know it:")
    expect(passed.locator("bdi")).to_have_text([WRITTEN])
    assert is_plain(page)


def test_the_name_of_a_refused_field_turns_no_line_round(page: "Page", shown: Shown) -> None:
    shown.mock.choose(unknown_fields="refuse")
    shown.ask(**FIELD)
    shown.ask(seed=5)
    expect(row(page, 1).locator("code.field")).to_have_text(WRITTEN)
    row(page, 1).get_by_role("link").click()
    details = pane(page, "Request 1")
    expect(details.locator("dl .wrong dt bdi")).to_have_text(WRITTEN)
    expect(details.locator("mark")).to_contain_text(WRITTEN)
    assert is_plain(page)
    page.goto(f"{shown.address}#compare-1-2")
    expect(page.get_by_role("dialog").get_by_role("rowheader", name=WRITTEN)).to_be_visible()
    assert is_plain(page)


def test_a_path_and_headers_turn_no_line_round(page: "Page", shown: Shown) -> None:
    headers = {"host": f"127.0.0.1:{shown.port}", "accept": "a\x85b"}
    shown.mock.handle(Request("GET", f"/v1/{NAME}", headers))
    row(page, 1).get_by_role("link").click()
    details = pane(page, "Request 1")
    expect(details.locator(".summary bdi")).to_have_text(f"GET /v1/{WRITTEN}")
    details.get_by_text("Request headers").click()
    expect(details).to_contain_text("accept: a\\u0085b")
    assert is_plain(page)


@pytest.mark.parametrize("name", ["curl", "Request"])
def test_what_hides_in_a_body_is_written_out_and_copied_as_it_came(
    page: "Page", shown: Shown, name: str
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown.send("no JSON: a\u202eb\u200bc".encode())
    row(page, 1).get_by_role("link").click()
    details = pane(page, "Request 1")
    block = details.get_by_role("region", name=name, exact=True)
    expect(block).to_contain_text("no JSON: a\\u202eb\\u200bc")
    assert is_plain(page)
    button = details.get_by_role("button", name=f"Copy {name}", exact=True)
    button.click()
    expect(button).to_have_text("Copied")
    assert "no JSON: a\u202eb\u200bc" in page.evaluate("navigator.clipboard.readText()")


def test_a_copied_curl_sends_what_hides(page: "Page", shown: Shown) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    body = '{"model": "step-image-edit-2", "prompt": "a\u200bb", "n\u202em": 1}'
    shown.send(body.encode())
    row(page, 1).get_by_role("link").click()
    button = pane(page, "Request 1").get_by_role("button", name="Copy curl")
    button.click()
    expect(button).to_have_text("Copied")
    line = page.evaluate("navigator.clipboard.readText()")
    subprocess.run(["bash", "-c", line], check=True, capture_output=True)
    first, again = shown.mock.requests
    assert again == first


def test_emoji_and_scripts_that_run_from_right_to_left_stay_as_they_are(
    page: "Page", shown: Shown
) -> None:
    prompt = "👨‍👩‍👧‍👦 שועל אדום 红狐"
    shown.ask(prompt)
    expect(row(page, 1).locator(".prompt")).to_have_text(prompt)
