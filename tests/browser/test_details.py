"""One request, whole; and two beside each other."""

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from browser.chromium import expect, pane, picture_of, row, rows, until
from browser.shown import KEY, Shown
from conftest import GENERATIONS
from stepfun_mock import faults
from stepfun_mock.contract import BODY_LIMIT
from stepfun_mock.faults import Fault

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Locator, Page, Route

ENVIRONMENT = {**os.environ, "STEP_API_KEY": KEY}
FOX = "A red fox in the snow"
WHY = (
    "The body of this request was longer than the 64 KiB that are kept, so it cannot be sent "
    "again from here."
)
QUOTES = "It's \"so\" `quiet` $HOME \\ 'here' !\nand there"


def opened(page: "Page", number: int) -> "Locator":
    row(page, number).get_by_role("link").click()
    return pane(page, f"Request {number}")


def shown_text(page: "Page", name: str) -> str:
    return page.get_by_role("region", name=name, exact=True).inner_text()


def test_a_request_opens_with_its_whole_picture(page: "Page", shown: Shown) -> None:
    shown.ask(FOX, size="768x1360", seed=42)
    details = opened(page, 1)
    picture = details.get_by_role("img", name="The picture that request 1 got")
    expect(picture).to_be_visible()
    picture.evaluate("image => image.decode()")
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [1360, 768]
    expect(details.locator("figcaption")).to_have_text("1360 wide, 768 high")
    picture_of(page, "details")


def test_request_and_reply_are_shown_as_json(page: "Page", shown: Shown) -> None:
    reply = shown.ask(FOX, seed=42)
    opened(page, 1)
    assert json.loads(shown_text(page, "Request")) == {
        "model": "step-image-edit-2",
        "prompt": FOX,
        "seed": 42,
    }
    assert json.loads(shown_text(page, "Reply")) == json.loads(reply.body)


def test_a_long_base64_text_is_cut_short(page: "Page", shown: Shown) -> None:
    shown.ask(response_format="b64_json")
    opened(page, 1)
    assert len(shown_text(page, "Reply")) < 2000


def test_headers_fold_out_without_the_key(page: "Page", shown: Shown) -> None:
    shown.ask()
    details = opened(page, 1)
    details.get_by_text("Request headers").click()
    expect(details).to_contain_text("authorization: ***")
    expect(details).to_contain_text("user-agent: OpenAI/Python 3.54.0")


def test_the_curl_that_is_shown_sends_the_request_again(page: "Page", shown: Shown) -> None:
    shown.ask(QUOTES, seed=42, negative_prompt="@blur")
    opened(page, 1)
    line = shown_text(page, "curl")
    assert KEY not in line
    subprocess.run(["bash", "-c", line], env=ENVIRONMENT, check=True, capture_output=True)
    again = shown.mock.journal[1]
    assert (again.status, again.image_request) == (200, shown.mock.journal[0].image_request)


def test_the_python_that_is_shown_sends_the_request_again(page: "Page", shown: Shown) -> None:
    shown.ask(QUOTES, seed=42, text_mode=True)
    opened(page, 1)
    program = shown_text(page, "Python")
    assert KEY not in program
    subprocess.run(
        [sys.executable, "-c", program], env=ENVIRONMENT, check=True, capture_output=True
    )
    again = shown.mock.journal[1]
    assert (again.status, again.image_request) == (200, shown.mock.journal[0].image_request)


def test_a_copied_curl_is_the_one_that_is_shown(page: "Page", shown: Shown) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown.ask()
    details = opened(page, 1)
    button = details.get_by_role("button", name="Copy curl")
    button.click()
    expect(button).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == shown_text(page, "curl")


def test_the_parameter_at_fault_is_marked_in_the_details_too(page: "Page", shown: Shown) -> None:
    shown.ask(steps=51)
    details = opened(page, 1)
    expect(details.locator("dl .wrong dt")).to_have_text("steps")
    expect(details.locator("dl .wrong")).to_contain_text("51 came")
    expect(details.locator("mark")).to_contain_text('"steps": 51')


@pytest.mark.parametrize("seed", ["12345678901234567890", "1e999", "8.0", "[1.0, 1e999]"])
def test_a_number_that_was_refused_is_shown_as_it_was_written(
    page: "Page", shown: Shown, seed: str
) -> None:
    shown.send(f'{{"model": "step-image-edit-2", "prompt": "{FOX}", "seed": {seed}}}'.encode())
    details = opened(page, 1)
    expect(details.locator("dl .wrong bdi").last).to_have_text(seed.replace(" ", ""))


def test_parameters_by_default_say_so(page: "Page", shown: Shown) -> None:
    shown.ask(steps=20)
    details = opened(page, 1)
    lines = details.locator("dl > div")
    expect(lines.filter(has_text="cfg_scale")).to_contain_text("by default")
    expect(lines.filter(has_text="steps")).not_to_contain_text("by default")


def test_fields_that_were_passed_over_are_named(page: "Page", shown: Shown) -> None:
    shown.ask(quality="hd")
    expect(opened(page, 1)).to_contain_text("Passed over, as the API does not know it: quality")


def test_a_link_tells_when_it_dies_and_that_it_was_fetched(page: "Page", shown: Shown) -> None:
    reply = shown.ask()
    details = opened(page, 1)
    expect(details).to_contain_text("was not fetched")
    shown.fetch(reply)
    expect(details).to_contain_text("was fetched once")


def test_a_request_that_is_not_there_is_said_to_be_so(page: "Page", shown: Shown) -> None:
    page.goto(f"{shown.address}#request-77")
    expect(pane(page, "Request 77").get_by_role("alert")).to_have_text(
        "request 77 is not kept any more"
    )


def test_two_requests_are_compared_with_what_differs_marked(page: "Page", shown: Shown) -> None:
    shown.ask(FOX, size="768x1360", seed=42)
    shown.ask(FOX, size="1360x768", seed=42, steps=20)
    for number in (1, 2):
        page.get_by_role("checkbox", name=f"Compare request {number}").check()
    page.get_by_role("button", name="Compare", exact=True).click()
    dialog = page.get_by_role("dialog", name="Requests 1 and 2")
    expect(dialog.locator("tr.differs th")).to_have_text(["size", "steps"])
    expect(dialog.locator("tr.differs").first).to_contain_text("differs")
    for text in ("1360 wide, 768 high", "768 wide, 1360 high", "2 parameters of 10 differ"):
        expect(dialog).to_contain_text(text)
    expect(dialog).to_contain_text("The pictures are not the same.")
    for number in (1, 2):
        name = f"The picture that request {number} got"
        picture = dialog.get_by_role("img", name=name)
        expect(picture).to_be_visible()
        picture.evaluate("image => image.decode()")
    picture_of(page, "compare")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_two_equal_requests_have_the_same_picture_byte_by_byte(page: "Page", shown: Shown) -> None:
    shown.ask(seed=42)
    shown.ask(seed=42)
    page.goto(f"{shown.address}#compare-1-2")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The pictures are the same, byte by byte.")
    expect(dialog.locator("tr.differs")).to_have_count(0)


def test_in_a_narrow_window_both_values_of_a_parameter_stand_one_below_the_other(
    page: "Page", shown: Shown
) -> None:
    shown.ask(FOX, seed=42)
    shown.ask("A lake at dawn", seed=42)
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(f"{shown.address}#compare-1-2")
    prompt = page.get_by_role("dialog").locator("tr.differs")
    one, other = prompt.get_by_text(FOX, exact=True), prompt.get_by_text("A lake at dawn")
    for value in (one, other):
        value.scroll_into_view_if_needed()
        expect(value).to_be_in_viewport(ratio=1)
    above, below = one.bounding_box(), other.bounding_box()
    assert above is not None
    assert below is not None
    assert above["x"] == below["x"]
    assert above["y"] < below["y"]
    region = page.get_by_role("region", name="What differs")
    assert region.evaluate("node => node.scrollWidth - node.clientWidth") == 0
    picture_of(page, "compare-narrow")


# Replies that come late ---------------------------------------------------------------


def held(page: "Page", address: str) -> "list[tuple[Route, APIResponse]]":
    """The first reply to this address, once it came; it is kept from the page."""
    found: list[tuple[Route, APIResponse]] = []
    page.route(address, lambda route: found.append((route, route.fetch())), times=1)
    return found


def let_go(page: "Page", found: "list[tuple[Route, APIResponse]]") -> None:
    """Give the page what was held, and wait until it has read it: what it asks after that comes
    later."""
    route, reply = found.pop()
    with page.expect_event("requestfinished", lambda request: request == route.request):
        route.fulfill(response=reply)
    page.evaluate("fetch('state').then(reply => reply.json())")


def test_a_comparison_that_comes_late_does_not_replace_a_later_one(
    page: "Page", shown: Shown
) -> None:
    for _ in range(3):
        shown.ask()
    expect(rows(page)).to_have_count(3)
    late = held(page, "**/requests/1")
    page.goto(f"{shown.address}#compare-1-2")
    until(page, lambda: late)
    page.goto(f"{shown.address}#compare-2-3")
    heads = page.get_by_role("dialog", name="Requests 2 and 3").locator("thead th")
    expect(heads).to_have_text(["Request 2", "Request 3"])
    let_go(page, late)
    expect(heads).to_have_text(["Request 2", "Request 3"])


def test_a_request_that_comes_late_does_not_hide_what_becomes_of_the_one_that_is_open(
    page: "Page", shown: Shown
) -> None:
    shown.ask()
    shown.ask()
    reply = shown.ask()
    expect(rows(page)).to_have_count(3)
    late = held(page, "**/requests/2")
    page.goto(f"{shown.address}#request-2")
    until(page, lambda: late)
    page.goto(f"{shown.address}#request-3")
    details = pane(page, "Request 3")
    expect(details).to_contain_text("was not fetched")
    let_go(page, late)
    shown.fetch(reply)
    expect(details).to_contain_text("was fetched once")


def test_after_a_reset_request_1_shows_its_own_picture(page: "Page", shown: Shown) -> None:
    for size, wide in (("768x1360", 1360), ("1360x768", 768)):
        shown.ask(size=size)
        expect(rows(page)).to_have_count(1)
        picture = opened(page, 1).get_by_role("img", name="The picture that request 1 got")
        picture.evaluate("image => image.decode()")
        assert picture.evaluate("image => image.naturalWidth") == wide
        thumbnail = row(page, 1).locator(".thumb img")
        thumbnail.evaluate("image => image.decode()")
        assert thumbnail.evaluate("image => image.naturalWidth") == wide
        assert page.request.post(f"{shown.address}reset").ok
        expect(rows(page)).to_have_count(0)


def test_what_was_sent_as_a_picture_and_is_none_is_said_to_be_none(
    page: "Page", shown: Shown
) -> None:
    shown.mock.script(faults.not_a_picture())
    shown.ask()
    expect(row(page, 1).get_by_text("not a picture", exact=True)).to_be_visible()
    details = opened(page, 1)
    expect(details).to_contain_text("What was sent is not a picture. It opens as it came.")
    picture_of(page, "not-a-picture")


def test_a_spoilt_picture_is_called_so_in_the_details_too(page: "Page", shown: Shown) -> None:
    shown.mock.script(faults.turned_picture())
    shown.ask(size="768x1360")
    details = opened(page, 1)
    expect(details.locator(".tag.differs").first).to_have_text("200 spoilt")
    expect(details).to_contain_text("picture spoilt: turned_picture")
    expect(details).to_contain_text("1360 wide, 768 high was asked for")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (faults.dead_link(status=410), "answers 410"),
        (faults.expired_link(), "had expired when it was given"),
    ],
    ids=["dead", "expired"],
)
def test_of_a_link_that_gives_nothing_it_is_said_why(
    page: "Page", shown: Shown, fault: Fault, told: str
) -> None:
    shown.mock.script(fault)
    shown.ask()
    expect(row(page, 1).get_by_text("dead link", exact=True)).to_be_visible()
    details = opened(page, 1)
    expect(details.locator("figcaption")).to_have_text(f"No picture: the link {told}.")
    expect(details.locator(".link")).to_contain_text(f"The link {told}, and was not fetched.")
    expect(page.locator(".picture img, .thumb img")).to_have_count(0)


def test_base64_that_nobody_can_read_has_words_in_place_of_its_picture(
    page: "Page", shown: Shown
) -> None:
    shown.mock.script(faults.truncated_base64())
    shown.ask(response_format="b64_json")
    expect(row(page, 1).get_by_text("cannot be read", exact=True)).to_be_visible()
    details = opened(page, 1)
    expect(details).to_contain_text("What was sent as a picture cannot be read.")


def test_a_picture_that_was_not_sent_is_not_in_the_details(page: "Page", shown: Shown) -> None:
    shown.mock.script(faults.empty_data())
    shown.ask()
    details = opened(page, 1)
    expect(details).to_contain_text("A picture was drawn, but no picture was sent.")
    expect(details).to_contain_text("fault empty_data")
    expect(details.locator("img")).to_have_count(0)


def test_a_request_of_which_a_part_is_kept_says_why_nobody_can_send_it_again(
    page: "Page", shown: Shown
) -> None:
    shown.ask(FOX, negative_prompt="x" * 70_000)
    details = opened(page, 1)
    expect(details.get_by_role("heading", name="Send it again")).to_be_visible()
    expect(details).to_contain_text(WHY)
    for name in ("curl", "Python"):
        expect(page.get_by_role("region", name=name, exact=True)).to_have_count(0)


def test_a_body_that_was_too_large_is_not_called_none(page: "Page", shown: Shown) -> None:
    httpx.post(f"{shown.root}{GENERATIONS}", content=b"x" * (BODY_LIMIT + 1))
    details = opened(page, 1)
    expect(details).to_contain_text("Nothing of the body is kept.")
    expect(details).to_contain_text("so it cannot be sent again from here.")
    expect(details).not_to_contain_text("No body.")


def test_what_would_not_be_sent_again_as_it_came_is_said(page: "Page", shown: Shown) -> None:
    shown.ask(f"a fox, {KEY}")
    expect(opened(page, 1)).to_contain_text("*** stands for what is not kept")


def test_a_reply_that_never_came_is_told_as_one(page: "Page", shown: Shown) -> None:
    shown.mock.script(faults.connection_reset())
    shown.ask()
    expect(row(page, 1)).to_contain_text("no reply")
    expect(opened(page, 1)).to_contain_text("fault connection_reset")
