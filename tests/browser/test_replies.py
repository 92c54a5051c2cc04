"""What the page says of a reply: what was sent of it, when, and what was left out."""

from typing import TYPE_CHECKING

import pytest

from browser.chromium import expect, pane, row
from browser.shown import Shown
from stepfun_mock import faults
from stepfun_mock.faults import Fault

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def opened(page: "Page", number: int) -> "Locator":
    row(page, number).get_by_role("link").click()
    return pane(page, f"Request {number}")


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (faults.cut_off(), "The connection was closed after "),
        (faults.wrong_length(), "The header said "),
        (faults.stall(), "All of it was sent, in 2 pieces, 10 s apart."),
        (faults.connection_reset(), "Nothing was sent: the connection was reset."),
    ],
    ids=str,
)
def test_a_reply_that_did_not_come_whole_says_what_was_sent(
    page: "Page", shown: Shown, fault: Fault, sentence: str
) -> None:
    shown.mock.script(fault)
    shown.ask()
    details = opened(page, 1)
    expect(details.get_by_text(sentence)).to_be_visible()
    expect(details.get_by_text("No body.")).to_have_count(0)


def test_a_picture_that_was_fetched_is_told_by_its_size(page: "Page", shown: Shown) -> None:
    picture = shown.fetch(shown.ask()).body
    details = opened(page, 2)
    expect(details.get_by_text(f"{len(picture):,} bytes of image/png.")).to_be_visible()
    expect(page.get_by_role("region", name="curl", exact=True)).to_contain_text("-o picture.png")


def test_base64_that_is_shortened_is_told_by_its_size(page: "Page", shown: Shown) -> None:
    reply = shown.ask(response_format="b64_json").body
    told = f"The payload is shortened: {len(reply):,} bytes were sent."
    expect(opened(page, 1).get_by_text(told)).to_be_visible()


@pytest.mark.parametrize(
    ("fault", "held"),
    [
        (faults.slow(seconds=1), "1 s"),
        (faults.drip(pieces=8, pause=0.25), "1.75 s"),
        (faults.slow(seconds=0.5), "500 ms"),
    ],
    ids=str,
)
def test_the_time_says_how_long_a_reply_was_held_back(
    page: "Page", shown: Shown, fault: Fault, held: str
) -> None:
    shown.mock.script(fault)
    shown.ask()
    expect(row(page, 1)).to_contain_text(f"ms, and {held} held back")
    expect(opened(page, 1)).to_contain_text(f"ms, and {held} held back")
