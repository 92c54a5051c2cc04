"""The list: what came in, newest first, as it comes."""

from typing import TYPE_CHECKING, Any

from browser.chromium import expect, picture_of, row, rows, until
from browser.shown import Shown
from conftest import item
from stepfun_mock import faults

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Locator, Page, Route

FOX = "A red fox in the snow"


def style(element: "Locator", name: str) -> Any:
    return element.evaluate("(node, name) => getComputedStyle(node).getPropertyValue(name)", name)


def test_an_empty_list_says_how_to_send_the_first_request(page: "Page", shown: Shown) -> None:
    expect(page.get_by_role("heading", name="No request yet")).to_be_visible()
    curl = page.get_by_role("region", name="curl", exact=True)
    expect(curl).to_contain_text(f"{shown.root}/v1/images/generations")
    picture_of(page, "empty")


def test_requests_show_as_they_come_and_the_newest_stands_first(page: "Page", shown: Shown) -> None:
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    for number, prompt in enumerate((FOX, "A lake at dawn", "An old lighthouse"), 1):
        shown.ask(prompt)
        expect(rows(page)).to_have_count(number)
        expect(rows(page).first).to_contain_text(prompt)
    expect(rows(page).last).to_contain_text(FOX)
    expect(page.get_by_text("3 requests", exact=True)).to_be_visible()


def test_a_row_tells_what_was_asked_and_what_came_of_it(page: "Page", shown: Shown) -> None:
    shown.ask(FOX, size="768x1360", seed=42, steps=20, response_format="b64_json")
    shown.ask(FOX, size="1360x768")
    first, second = row(page, 1), row(page, 2)
    expect(first.get_by_role("link", name=f"Request 1: {FOX}")).to_be_visible()
    expect(first).to_contain_text("1360 wide, 768 high")
    expect(second).to_contain_text("768 wide, 1360 high")
    for text in ("seed 42", "steps 20", "as b64_json", "200 drawn", "openai-python 3.54.0"):
        expect(first).to_contain_text(text)
    expect(first.locator("time")).to_have_text(
        page.evaluate(
            "at => new Date(at * 1000).toISOString().slice(11, 19)", shown.mock.journal[0].at
        )
    )
    expect(first.locator(".facts-of")).to_contain_text(" ms,")
    picture = first.locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("async image => { await image.decode(); return image.naturalWidth }")


def test_a_seed_that_was_drawn_is_shown(page: "Page", shown: Shown) -> None:
    shown.ask()
    expect(row(page, 1)).to_contain_text(f"seed {shown.mock.journal[0].seed}")


def test_what_was_left_out_is_grey_and_says_so(page: "Page", shown: Shown) -> None:
    shown.ask(steps=20)
    sent = row(page, 1).get_by_role("listitem").filter(has_text="steps 20")
    default = row(page, 1).get_by_role("listitem").filter(has_text="cfg_scale 1")
    expect(default).to_be_visible()
    assert style(sent, "color") != style(default, "color")
    # Colour alone is not seen by all.
    assert style(sent, "font-style") != style(default, "font-style")
    expect(default).to_contain_text("by default")
    expect(sent).not_to_contain_text("by default")


def test_a_refusal_shows_its_sentence_with_the_parameter_marked(page: "Page", shown: Shown) -> None:
    shown.ask(steps=51)
    refused = row(page, 1)
    expect(refused).to_contain_text("400 refused")
    expect(refused).to_contain_text("steps must be an integer from 1 to 50, but 51 came")
    expect(refused.locator("code.field")).to_have_text("steps")
    assert style(refused.locator("code.field"), "font-weight") >= "600"


def test_a_refused_request_is_known_by_its_prompt(page: "Page", shown: Shown) -> None:
    shown.ask(FOX, steps=51)
    shown.ask("", steps=8)
    shown.send(b"{")
    expect(row(page, 1).get_by_role("link", name=f"Request 1: {FOX}")).to_be_visible()
    expect(row(page, 2).get_by_role("link")).to_have_text("Request 2: an empty prompt")
    expect(row(page, 3).get_by_role("link")).to_have_text("Request 3: POST /v1/images/generations")


def test_a_spoilt_picture_is_marked_with_the_fault_that_spoilt_it(
    page: "Page", shown: Shown
) -> None:
    shown.mock.script(faults.not_a_picture())
    shown.ask()
    spoilt = row(page, 1)
    expect(spoilt.get_by_text("picture spoilt: not_a_picture", exact=True)).to_be_visible()
    expect(spoilt.locator(".tag.differs")).to_have_text("200 spoilt")


def test_a_picture_that_was_drawn_and_not_sent_is_not_shown(page: "Page", shown: Shown) -> None:
    shown.mock.script(faults.no_payload())
    shown.ask()
    withheld = row(page, 1)
    expect(withheld.get_by_text("no picture was sent", exact=True)).to_be_visible()
    expect(withheld.locator(".tag.differs")).to_have_text("200 no picture")
    expect(withheld).to_contain_text("faultno_payload")
    expect(withheld.locator("img")).to_have_count(0)


def test_a_scripted_fault_is_named(page: "Page", shown: Shown) -> None:
    shown.mock.script(faults.overloaded())
    shown.ask()
    expect(row(page, 1)).to_contain_text("503 unavailable")
    expect(row(page, 1)).to_contain_text("faultoverloaded")


def test_advice_stands_in_its_row(page: "Page", shown: Shown) -> None:
    shown.ask(negative_prompt="blur", quality="hd")
    expect(row(page, 1).get_by_text("advice", exact=True).first).to_be_visible()
    expect(row(page, 1)).to_contain_text("negative_prompt")


def test_a_link_that_was_fetched_has_a_small_row_of_its_own(page: "Page", shown: Shown) -> None:
    shown.fetch(shown.ask())
    expect(row(page, 2)).to_contain_text("200 fetched")
    page.get_by_label("Kind").select_option("Links fetched")
    expect(rows(page)).to_have_count(1)


def test_the_list_is_narrowed_by_status(page: "Page", shown: Shown) -> None:
    shown.ask()
    shown.ask(steps=51)
    shown.mock.script(faults.rate_limited(), faults.overloaded())
    shown.ask()
    shown.ask()
    expect(rows(page)).to_have_count(4)
    for option, text in (
        ("2xx answered", "200 drawn"),
        ("429 too many", "429 too many"),
        ("5xx failed", "503 unavailable"),
    ):
        page.get_by_label("Status").select_option(option)
        expect(rows(page)).to_have_count(1)
        expect(rows(page)).to_contain_text(text)
    page.get_by_label("Status").select_option("4xx refused")
    expect(rows(page)).to_have_count(2)
    picture_of(page, "list")


def test_the_list_is_narrowed_by_text_and_stays_so_when_loaded_again(
    page: "Page", shown: Shown
) -> None:
    shown.ask()
    shown.ask("A lake at dawn")
    page.get_by_role("searchbox", name="Find text").fill("LAKE")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("A lake at dawn")
    page.reload()
    expect(page.get_by_role("searchbox", name="Find text")).to_have_value("LAKE")
    expect(rows(page)).to_have_count(1)


def test_a_filter_that_fits_nothing_offers_the_way_back(page: "Page", shown: Shown) -> None:
    shown.ask()
    page.get_by_role("searchbox", name="Find text").fill("no such thing")
    expect(page.get_by_text("No request that is kept matches.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(rows(page)).to_have_count(1)


def narrowed(page: "Page", shown: Shown, text: str) -> None:
    page.goto(f"{shown.address}#text={text}")
    expect(page.get_by_text("No request that is kept matches.")).to_be_visible()
    expect(page.get_by_text("live", exact=True)).to_be_visible()


def told(page: "Page", count: str) -> "Locator":
    button = page.get_by_role("button", name=count, exact=True)
    expect(button).to_be_visible()
    return button


def test_what_comes_is_announced_where_its_body_alone_holds_the_text(
    page: "Page", shown: Shown
) -> None:
    narrowed(page, shown, "needleabc")
    shown.ask(user="needleabc")
    told(page, "1 new request")
    shown.send(b'{"prompt": "a needleABC"')
    told(page, "2 new requests").click()
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_text("2 of 2 requests", exact=True)).to_be_visible()


def test_what_comes_is_not_announced_where_its_link_alone_holds_the_text(
    page: "Page", shown: Shown
) -> None:
    payload = item(shown.ask(FOX, seed=42))["url"].partition("?p=")[2].partition("&")[0][-12:]
    narrowed(page, shown, payload)
    assert payload in item(shown.ask(FOX, seed=42))["url"]
    shown.ask(user=payload)
    expect(page.get_by_text("0 of 3 requests", exact=True)).to_be_visible()
    told(page, "1 new request").click()
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_text("1 of 3 requests", exact=True)).to_be_visible()


def test_of_very_many_that_come_at_once_each_one_that_matches_is_counted(
    page: "Page", shown: Shown
) -> None:
    narrowed(page, shown, "lake")
    for number in range(120):
        shown.ask(FOX if number % 2 else "A lake at dawn")
    told(page, "60 new requests")


def test_a_question_which_of_them_match_that_is_not_answered_is_asked_again(
    page: "Page", shown: Shown
) -> None:
    narrowed(page, shown, "lake")
    page.route("**/requests?*after=*", lambda route: route.abort(), times=1)
    with page.expect_event("requestfailed"):
        shown.ask("A lake at dawn")
    shown.ask("A lake at noon")
    told(page, "2 new requests")
    expect(page.locator("#problem")).to_be_empty()


def test_a_list_that_was_asked_for_before_a_reset_does_not_come_back_after_it(
    page: "Page", shown: Shown
) -> None:
    shown.ask("one from before")
    shown.ask("another from before")
    expect(rows(page)).to_have_count(2)  # else the page before the reload may ask once more
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/requests?*", lambda route: held.append((route, route.fetch())), times=1)
    page.reload()
    until(page, lambda: held)
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    shown.mock.reset()
    expect(page.locator("#notice")).to_contain_text("Everything was reset")
    route, reply = held[0]
    route.fulfill(response=reply)
    shown.ask("after it")
    expect(rows(page).first).to_contain_text("after it")
    expect(rows(page)).to_have_count(1)


def test_a_cleared_journal_is_told_from_a_reset(page: "Page", shown: Shown) -> None:
    shown.ask()
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    shown.mock.journal.clear()
    shown.ask("after it")
    expect(page.locator("#notice")).to_have_text("The journal was cleared; 1 request is gone")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("after it")


def test_what_comes_while_somebody_reads_further_down_does_not_move_the_list(
    page: "Page", shown: Shown
) -> None:
    for _ in range(30):
        shown.ask()
    expect(rows(page)).to_have_count(30)
    page.evaluate("scrollTo(0, 900)")
    until(page, lambda: page.evaluate("scrollY === 900"))
    shown.ask("A lake at dawn")
    button = page.get_by_role("button", name="1 new request")
    expect(button).to_be_visible()
    assert page.evaluate("scrollY") == 900
    button.click()
    expect(rows(page).first).to_contain_text("A lake at dawn")
    until(page, lambda: page.evaluate("scrollY === 0"))


def test_the_list_as_it_usually_looks(page: "Page", shown: Shown) -> None:
    shown.ask("A serene alpine lake at sunset, mirror reflection", size="768x1360", seed=7)
    shown.fetch(shown.ask("An old lighthouse in a storm", size="1360x768"))
    shown.ask("A paper crane", steps=51)
    shown.mock.script(faults.rate_limited(retry_after=2))
    shown.ask("A market at night")
    shown.ask("A market at night", negative_prompt="blur", cfg_scale=1.0, quality="hd")
    expect(rows(page)).to_have_count(6)
    until(page, lambda: page.evaluate("[...document.images].every(image => image.complete)"))
    picture_of(page, "list")
