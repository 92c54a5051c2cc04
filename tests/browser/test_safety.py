"""What clients send cannot run, what is foreign cannot read or drive, and no key is shown."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from browser.chromium import REBOUND, expect, pane, row, rows, until
from browser.foreign import site
from browser.shown import KEY, Shown
from stepfun_mock import Request, faults

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCRIPT = "<script>window.ran = 1</script>"
IMAGE = '<img src=x onerror="window.ran = 1">'
SCREENS = ("", "#request-1", "#compare-1-2", "#send", "#controls", "contract")


def test_markup_in_a_prompt_is_shown_and_does_not_run(page: "Page", shown: Shown) -> None:
    for prompt in (SCRIPT, IMAGE):
        shown.ask(prompt, negative_prompt=prompt, **{prompt: prompt})
    for number, prompt in enumerate((SCRIPT, IMAGE), 1):
        expect(row(page, number).locator(".prompt")).to_have_text(prompt)
        row(page, number).get_by_role("link").click()
        details = pane(page, f"Request {number}")
        expect(details.get_by_role("region", name="Request", exact=True)).to_contain_text(
            json.dumps(prompt)
        )
    page.goto(f"{shown.address}#compare-1-2")
    expect(page.get_by_role("dialog")).to_contain_text(IMAGE)
    assert page.evaluate("window.ran") is None


def test_markup_in_a_path_a_key_or_a_client_name_does_not_run(page: "Page", shown: Shown) -> None:
    headers = {"host": f"127.0.0.1:{shown.port}", "user-agent": IMAGE}
    shown.mock.handle(Request("GET", f"/v1/{IMAGE}", headers))
    expect(rows(page)).to_have_count(1)
    expect(rows(page).locator(".client")).to_have_text(IMAGE)
    assert page.evaluate("window.ran") is None


def test_every_screen_keeps_to_the_policy_and_to_its_own_address(
    look: "Callable[..., Page]", shown: Shown
) -> None:
    shown.ask()
    shown.ask()
    page = look(shown.address)  # which checks both when it is closed
    for screen in SCREENS:
        reply = page.goto(f"{shown.address}{screen}")
        expect(page.get_by_role("heading").first).to_be_visible()
        if reply is not None:
            policy = reply.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; ")
            assert "unsafe" not in policy


def test_a_script_that_got_into_the_page_would_be_stopped(browser: "Browser", shown: Shown) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(shown.address)
    with page.expect_console_message(lambda said: "Content Security Policy" in said.text):
        page.evaluate(
            "document.body.append(Object.assign("
            "document.createElement('script'), { textContent: 'window.ran = 1' }))"
        )
    assert page.evaluate("window.ran") is None
    context.close()


def test_a_key_is_shown_nowhere(page: "Page", shown: Shown) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    shown.ask(f"the key is {KEY}", response_format="b64_json")
    shown.ask(f"the key is {KEY}", steps=f"{KEY}")
    expect(rows(page)).to_have_count(2)
    for screen in ("#request-1", "#request-2", "#compare-1-2", "#controls"):
        page.goto(f"{shown.address}{screen}")
        page.reload()
        expect(rows(page)).to_have_count(2)
        expect(page.locator("#view h3, #compared h3, #compared tr").first).to_be_attached()
        assert KEY not in page.content()
    for route in ("requests", "requests/1", "requests/2", "state", "session.json", "session.har"):
        assert KEY not in page.request.get(f"{shown.address}{route}").text()
    assert [text for text in said if KEY in text] == []


def refused(shown: Shown, path: str) -> list[int]:
    """How the requests of others were answered whose path ends so."""
    return [
        entry.status
        for entry in shown.mock.journal
        if entry.refusal == "origin.refused" and entry.path.endswith(path)
    ]


def test_a_foreign_site_can_neither_read_nor_drive_the_mock(
    browser: "Browser", shown: Shown
) -> None:
    shown.ask()
    shown.mock.script(faults.overloaded())
    context = browser.new_context()
    with site(shown.root) as address:
        page = context.new_page()
        page.goto(address)
        until(page, lambda: page.evaluate("window.found !== undefined"))
        found = dict(word.split(": ") for word in page.evaluate("window.found"))
        # By the script, by a form, and by a form of a page without a name.
        until(page, lambda: len(refused(shown, "/reset")) == 3)
        frame = page.frame("framed")
        assert frame is not None
        assert "chrome-error" in frame.url  # which shows that it refused to be framed
    context.close()
    assert refused(shown, "/reset") == [403, 403, 403]
    assert len(refused(shown, "")) >= 12
    blind = {"fetch blind", "reset", "faults"}
    assert {name for name, word in found.items() if word not in ("refused", "blind")} == set()
    assert {name for name, word in found.items() if word == "blind"} <= blind
    assert [entry.status for entry in shown.mock.journal if entry.status == 200] == [200]
    assert shown.mock.waiting.chaos is None
    assert [shown.ask().status for _ in range(3)] == [503, 200, 200]  # as it was scripted


def test_a_foreign_site_that_opens_the_page_cannot_lead_it_elsewhere(
    browser: "Browser", shown: Shown
) -> None:
    shown.ask()
    context = browser.new_context()
    with site(shown.root) as address:
        page = context.new_page()
        page.goto(address)
        with context.expect_page() as opened:
            page.evaluate("address => { window.opened = open(address); }", shown.address)
        expect(rows(opened.value).first).to_be_visible()
        until(page, lambda: page.evaluate("window.opened.closed"))  # as far as it can tell
        page.evaluate("to => { window.opened.location = to; }", f"{shown.address}#request-1")
        opened.value.evaluate("fetch('state').then(reply => reply.json())")
        assert opened.value.url == shown.address
    context.close()


def test_a_name_that_was_rebound_to_this_machine_is_refused(
    browser: "Browser", shown: Shown
) -> None:
    context = browser.new_context()
    page = context.new_page()
    root = f"http://{REBOUND}:{shown.port}"
    for route in ("", "state", "requests"):
        reply = page.goto(f"{root}/__stepfun_mock/{route}")
        assert reply is not None
        assert 400 <= reply.status < 500
        said = reply.json()["error"]["message"]
        assert f'names "{REBOUND}:{shown.port}", which is not this machine' in said
    context.close()


@pytest.mark.parametrize("route", ["reset", "faults", "chaos"])
def test_a_control_route_refuses_a_form_of_a_page_without_a_name(shown: Shown, route: str) -> None:
    shown.ask()
    reply = httpx.post(f"{shown.address}{route}", headers={"origin": "null"}, content=b"{}")
    assert reply.status_code == 403
    assert shown.mock.journal[0].status == 200
