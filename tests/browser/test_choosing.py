"""The requests that are chosen to be compared."""

from typing import TYPE_CHECKING

from browser.chromium import expect, pane
from browser.shown import Shown

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_what_is_chosen_covers_nothing_of_what_is_open(page: "Page", shown: Shown) -> None:
    for _ in range(12):
        shown.ask()
    page.get_by_role("checkbox", name="Compare request 12").check()
    bar = page.get_by_role("region", name="Compare", exact=True)
    expect(bar).to_be_in_viewport()
    page.get_by_role("link", name="Send a request").click()
    beside = pane(page, "Send a request").bounding_box()
    place = bar.bounding_box()
    assert place is not None
    assert beside is not None
    assert place["x"] + place["width"] <= beside["x"]
    expect(bar).to_be_in_viewport()
    page.set_viewport_size({"width": 400, "height": 800})
    expect(bar).to_be_hidden()


def test_a_third_choice_says_which_one_gave_way(page: "Page", shown: Shown) -> None:
    for number in (1, 2, 3):
        shown.ask()
        page.get_by_role("checkbox", name=f"Compare request {number}").check()
    bar = page.get_by_role("region", name="Compare", exact=True)
    expect(bar.get_by_role("status")).to_have_text(
        "Requests 2 and 3; request 1 gave way, as two can be compared"
    )
    expect(page.get_by_role("checkbox", name="Compare request 1")).not_to_be_checked()
    page.get_by_role("checkbox", name="Compare request 2").uncheck()
    expect(bar.get_by_role("status")).to_have_text("Request 3; choose another to compare it with")
