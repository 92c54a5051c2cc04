"""What goes wrong: a server that stops, texts of every sort, and very many requests."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from browser.chromium import expect, pane, picture_of, row, rows
from browser.shown import Shown

if TYPE_CHECKING:
    from playwright.sync_api import Page

ARABIC = "ثعلب أحمر في الثلج"
TEXTS = (ARABIC, f"fox {ARABIC} fox", "雪地里的红狐狸", "🦊❄️ 👨‍👩‍👧‍👦", "one\ntwo\tthree")
BODIES = (b"", b"\xff\xfe", b"[[[[", b"null", b'{"model": 1}', b"{" * 99_999)
STOPPED = "The server does not answer; it may have stopped."


def test_a_stopped_server_is_told_and_what_came_stays(page: "Page", shown: Shown) -> None:
    shown.ask("before it stopped")
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    shown.stop()
    expect(page.get_by_text(STOPPED)).to_be_visible()
    expect(page.get_by_text("not connected", exact=True)).to_be_visible()
    expect(page.locator("#notice")).to_have_text("The server does not answer")
    expect(rows(page)).to_have_count(1)
    row(page, 1).get_by_role("link").click()
    expect(pane(page, "Request 1").get_by_role("alert")).to_contain_text("No reply came.")
    picture_of(page, "stopped")
    shown.ask("while nobody listened")
    shown.begin()
    expect(page.get_by_text(STOPPED)).to_be_hidden()
    expect(rows(page)).to_have_count(2)
    expect(rows(page).first).to_contain_text("while nobody listened")
    shown.ask("after it came back")
    expect(rows(page).first).to_contain_text("after it came back")


def test_what_was_opened_while_the_server_was_stopped_loads_when_it_is_back(
    page: "Page", shown: Shown
) -> None:
    shown.ask("before it stopped")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    shown.stop()
    expect(page.get_by_text(STOPPED)).to_be_visible()
    row(page, 1).get_by_role("link").click()
    details = pane(page, "Request 1")
    expect(details.get_by_role("alert")).to_contain_text("No reply came.")
    field = page.get_by_role("searchbox", name="Find text")
    field.focus()
    shown.begin()
    expect(details.get_by_role("region", name="Reply", exact=True)).to_be_visible()
    expect(details.get_by_role("alert")).to_have_count(0)
    expect(field).to_be_focused()


def test_what_was_compared_while_the_server_was_stopped_loads_when_it_is_back(
    page: "Page", shown: Shown
) -> None:
    shown.ask()
    shown.ask()
    page.goto(f"{shown.address}#compare-1-2")
    dialog = page.get_by_role("dialog", name="Requests 1 and 2")
    expect(dialog).to_contain_text("differs")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    shown.stop()
    expect(page.get_by_text(STOPPED)).to_be_visible()
    page.goto(f"{shown.address}#compare-2-1")
    dialog = page.get_by_role("dialog", name="Requests 2 and 1")
    expect(dialog.get_by_role("alert")).to_contain_text("No reply came.")
    shown.begin()
    expect(dialog).to_contain_text("differs")


def test_a_filter_chosen_while_the_server_was_stopped_holds_when_it_is_back(
    page: "Page", shown: Shown
) -> None:
    shown.ask()
    shown.ask(steps=51)
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    shown.stop()
    expect(page.get_by_text(STOPPED)).to_be_visible()
    page.get_by_label("Status").select_option("4xx refused")
    expect(page.locator("#problem")).to_contain_text("No reply came.")
    shown.begin()
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#problem")).to_be_empty()


def test_another_server_on_the_port_leaves_nothing_of_the_one_before(
    page: "Page", shown: Shown
) -> None:
    shown.ask("of the server before")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    page.get_by_role("checkbox", name="Compare request 1").check()
    row(page, 1).get_by_role("link").click()
    details = pane(page, "Request 1")
    shown.stop()
    shown.become_another()
    shown.ask("of the server after")
    shown.begin()
    gone = "The server is another one now; 1 request is gone"
    expect(page.locator("#notice")).to_have_text(gone)
    expect(page.locator("#shown")).to_have_text(gone)
    expect(page.locator("#shown")).to_be_in_viewport(ratio=1)
    picture_of(page, "another-server")
    expect(details).to_be_hidden()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("of the server after")
    expect(page.get_by_role("checkbox", name="Compare request 1")).not_to_be_checked()
    expect(page.get_by_role("region", name="Compare", exact=True)).to_be_hidden()


def test_a_notice_that_is_seen_goes_by_itself(page: "Page", shown: Shown) -> None:
    page.clock.install()
    page.reload()
    shown.ask()
    shown.ask()
    expect(rows(page)).to_have_count(2)
    shown.mock.reset()
    notice = page.locator("#shown")
    expect(notice).to_have_text("Everything was reset; 2 requests are gone")
    page.clock.fast_forward(10_000)
    expect(notice).to_be_hidden()


def test_try_now_connects_at_once(page: "Page", shown: Shown) -> None:
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    shown.stop()
    button = page.get_by_role("button", name="Try now")
    expect(button).to_be_visible()
    shown.begin()
    button.click()
    expect(page.get_by_text("live", exact=True)).to_be_visible()


def test_a_server_that_forgot_everything_empties_the_list(page: "Page", shown: Shown) -> None:
    shown.ask("before it stopped")
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    shown.stop()
    expect(page.get_by_text(STOPPED)).to_be_visible()
    shown.mock.reset()
    shown.begin()
    expect(rows(page)).to_have_count(0)
    expect(page.get_by_role("heading", name="No request yet")).to_be_visible()


def test_a_text_of_any_script_is_shown_as_it_came(page: "Page", shown: Shown) -> None:
    for number, text in enumerate(TEXTS, 1):
        shown.ask(text, negative_prompt=text, cfg_scale=2.0)
        prompt = row(page, number).locator(".prompt")
        expect(prompt).to_have_text(text.replace("\n", " ").replace("\t", " "))
        expect(prompt).to_have_css("direction", "rtl" if text == ARABIC else "ltr")
        expect(row(page, number).locator("bdi").first).to_contain_text(text.split("\n")[0])
    row(page, 1).get_by_role("link").click()
    expect(pane(page, "Request 1")).to_contain_text(ARABIC)
    picture_of(page, "right-to-left")


def test_signs_that_turn_a_line_round_are_written_out(page: "Page", shown: Shown) -> None:
    shown.ask("a fox \u202egnp.exe")
    expect(row(page, 1).locator(".prompt")).to_have_text("a fox \\u202egnp.exe")


def test_a_prompt_of_512_emoji_folds_and_unfolds(page: "Page", shown: Shown) -> None:
    shown.ask("🦊" * 512)
    shown.ask("a fox")
    prompt = row(page, 1).locator(".prompt")
    expect(prompt).to_have_text("🦊" * 512)
    folded = prompt.bounding_box()
    row(page, 1).get_by_role("button", name="more").click()
    unfolded = prompt.bounding_box()
    assert folded is not None
    assert unfolded is not None
    assert unfolded["height"] > folded["height"]
    expect(row(page, 1).get_by_role("button", name="less")).to_have_attribute(
        "aria-expanded", "true"
    )
    expect(row(page, 2).get_by_role("button", name="more")).to_have_count(0)


def test_a_body_that_is_no_request_is_shown_as_it_came(page: "Page", shown: Shown) -> None:
    for number, body in enumerate(BODIES, 1):
        shown.send(body)
        expect(row(page, number)).to_contain_text("400 refused")
        row(page, number).get_by_role("link").click()
        opened = pane(page, f"Request {number}")
        expect(opened.get_by_role("heading", name="Reply", exact=True)).to_be_visible()


def fill(shown: Shown, numbers: range) -> None:
    for number in numbers:
        if number % 100 == 50:
            shown.ask(f"A lake {number}", steps=51)
        else:
            shown.ask(f"A fox {number}")


def test_10_000_requests_keep_the_page_small_and_the_filter_quick(
    look: "Callable[..., Page]", shown: Shown
) -> None:
    fill(shown, range(-100, 9_900))
    page = look(shown.address)
    expect(page.get_by_text("10,000 requests", exact=True)).to_be_visible()
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    fill(shown, range(9_900, 10_000))
    expect(page.get_by_text("10,100 requests; the newest 10,000 are kept")).to_be_visible()
    page.reload()
    expect(rows(page)).to_have_count(50)
    expect(rows(page).first).to_contain_text("A fox 9999")
    page.get_by_role("button", name="Load older requests").click()
    expect(rows(page)).to_have_count(100)
    page.get_by_label("Status").select_option("4xx refused")
    expect(page.get_by_text("50 and more of 10,100 requests")).to_be_visible()
    page.get_by_label("Status").select_option("Any status")
    page.get_by_role("searchbox", name="Find text").fill("a fox 123")
    expect(rows(page)).to_have_count(11)
    page.get_by_role("searchbox", name="Find text").fill("")
    expect(rows(page)).to_have_count(50)
    for number in range(400):
        shown.ask(f"A crane {number}")
    expect(page.get_by_text("10,500 requests; the newest 10,000 are kept")).to_be_visible()
    expect(rows(page).first).to_contain_text("A crane 399")
    assert rows(page).count() <= 200
    assert page.evaluate("document.querySelectorAll('*').length") < 10_000
