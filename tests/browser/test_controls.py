"""The controls: what goes wrong next, what time it is, what the mock chooses; and the exports."""

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from browser.chromium import expect, pane, picture_of, row, rows
from browser.shown import KEY, Shown
from stepfun_mock import Choices, faults

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


@pytest.fixture
def controls(page: "Page") -> "Locator":
    page.get_by_role("link", name="Controls").click()
    return pane(page, "Controls")


def section(controls: "Locator", name: str) -> "Locator":
    heading = controls.page.get_by_role("heading", name=name, exact=True, level=3)
    return controls.locator("section.control").filter(has=heading)


def test_the_next_fault_is_chosen_and_a_request_meets_it(
    page: "Page", controls: "Locator", shown: Shown
) -> None:
    part = section(controls, "Faults")
    part.get_by_label("Next fault").select_option("rate_limited")
    part.get_by_label("retry_after").fill("2")
    part.get_by_label("times").fill("2")
    part.get_by_role("button", name="Add").click()
    expect(part).to_contain_text("rate_limited retry_after=2 2 requests to go")
    picture_of(page, "controls")
    reply = shown.ask()
    assert (reply.status, dict(reply.headers)["retry-after"]) == (429, "2")
    expect(part).to_contain_text("1 request to go, 1 met it")
    shown.ask()
    expect(part).to_contain_text("No fault waits.")
    assert shown.ask().status == 200
    expect(row(page, 2)).to_contain_text("429 too many")


def test_a_fault_with_a_bad_argument_is_refused_in_a_sentence(
    controls: "Locator", shown: Shown
) -> None:
    part = section(controls, "Faults")
    part.get_by_label("Next fault").select_option("rate_limited")
    part.get_by_label("retry_after").fill("soon")
    part.get_by_role("button", name="Add").click()
    expect(part.get_by_role("status").first).to_contain_text("retry_after is a number")
    assert shown.ask().status == 200


def test_every_fault_can_be_chosen(controls: "Locator", shown: Shown) -> None:
    names = controls.get_by_label("Next fault").locator("option").all_inner_texts()
    assert len(names) == len(set(names)) == len(faults.__all__)


def test_faults_that_wait_can_be_forgotten(controls: "Locator", shown: Shown) -> None:
    part = section(controls, "Faults")
    part.get_by_label("Next fault").select_option("overloaded")
    part.get_by_role("button", name="Add").click()
    part.get_by_role("button", name="Forget them").click()
    expect(part).to_contain_text("No fault waits.")
    assert shown.ask().status == 200


def test_chaos_goes_on_and_off(controls: "Locator", shown: Shown) -> None:
    part = section(controls, "Chaos")
    part.get_by_label("rate").fill("1")
    part.get_by_role("button", name="Let loose").click()
    expect(part).to_contain_text("On: 1 of the requests, seed 7.")
    assert [shown.ask().status for _ in range(5)] != [200] * 5
    part.get_by_role("button", name="Calm").click()
    expect(part).to_contain_text("Off. No request meets a fault by chance.")
    assert [shown.ask().status for _ in range(5)] == [200] * 5


def test_a_rate_that_is_none_is_refused_in_a_sentence(controls: "Locator", shown: Shown) -> None:
    part = section(controls, "Chaos")
    part.get_by_label("rate").fill("2")
    part.get_by_role("button", name="Let loose").click()
    expect(part).to_contain_text("but 2 came")


def test_the_clock_moves_on_and_a_link_dies(
    page: "Page", controls: "Locator", shown: Shown
) -> None:
    part = section(controls, "Clock")
    expect(part).to_contain_text("No link is alive.")
    reply = shown.ask()
    expect(part).to_contain_text("The next link to die is that of request 1")
    assert shown.fetch(reply).status == 200
    part.get_by_role("button", name="+ 2 h").click()
    expect(part).to_contain_text("2 h ahead")
    expect(part).to_contain_text("No link is alive.")
    assert shown.fetch(reply).status == 404
    part.get_by_role("button", name="Real time").click()
    expect(part).to_contain_text("real time")


def test_the_clock_stops_and_moves_by_any_step(controls: "Locator", shown: Shown) -> None:
    part = section(controls, "Clock")
    part.get_by_role("button", name="Freeze").click()
    expect(part).to_contain_text("standing still")
    before = shown.mock.clock.now()
    part.get_by_label("Move on by").fill("3")
    part.get_by_label("Unit").select_option("hours")
    part.get_by_role("button", name="Move").click()
    expect(part).to_contain_text(re.compile("(3 h|2 h 59 min) ahead, standing still"))
    assert shown.mock.clock.now() == before + 3 * 3600
    part.get_by_role("button", name="Let it run").click()
    expect(part).not_to_contain_text("standing still")


def test_a_choice_is_changed_and_holds_at_once(controls: "Locator", shown: Shown) -> None:
    part = section(controls, "Choices")
    life = part.get_by_label("link_life")
    life.fill("60")
    life.press("Tab")
    expect(part).to_contain_text("default: 7200")
    assert shown.mock.choices.link_life == 60
    assert shown.ask(n=2).status == 400
    part.get_by_label("n_above_one").select_option("one_picture")
    expect(part).to_contain_text("default: refuse")
    assert shown.ask(n=2).status == 200


def test_a_value_that_a_choice_does_not_have_is_refused_beside_it(
    controls: "Locator", shown: Shown
) -> None:
    part = section(controls, "Choices")
    part.get_by_label("link_life").fill("0")
    part.get_by_label("link_life").press("Tab")
    expect(part.locator(".field.wrong")).to_contain_text("link_life")
    assert shown.mock.choices.link_life == 7200


def test_reset_asks_first_and_then_forgets_everything(
    page: "Page", controls: "Locator", shown: Shown
) -> None:
    shown.ask()
    shown.mock.choose(link_life=60)
    shown.mock.clock.advance(hours=1)
    expect(rows(page)).to_have_count(1)
    button = section(controls, "Session").get_by_role("button", name="Reset")
    button.click()
    dialog = page.get_by_role("dialog", name="Reset everything?")
    expect(dialog.get_by_role("button", name="Keep")).to_be_focused()
    dialog.get_by_role("button", name="Keep").click()
    assert shown.mock.journal.total == 1
    button.click()
    dialog.get_by_role("button", name="Reset").click()
    expect(rows(page)).to_have_count(0)
    expect(page.get_by_role("heading", name="No request yet")).to_be_visible()
    expect(section(controls, "Clock")).to_contain_text("real time")
    assert (shown.mock.journal.total, shown.mock.choices) == (0, Choices())


def exported(page: "Page", controls: "Locator", name: str) -> Any:
    with page.expect_download() as waited:
        controls.get_by_role("link", name=name).click()
    text = waited.value.path().read_text("utf-8")
    assert KEY not in text
    return waited.value.suggested_filename, json.loads(text)


def test_the_session_is_exported_as_json(page: "Page", controls: "Locator", shown: Shown) -> None:
    shown.ask("A lake at dawn <b>")
    shown.ask(steps=51)
    name, session = exported(page, controls, "Export JSON")
    assert name.endswith(".json")
    assert [one["status"] for one in session["requests"]] == [200, 400]
    assert session["requests"][0]["parameters"]["prompt"] == "A lake at dawn <b>"


def test_the_session_is_exported_as_har(page: "Page", controls: "Locator", shown: Shown) -> None:
    shown.fetch(shown.ask("A lake at dawn"))
    name, archive = exported(page, controls, "Export HAR")
    assert name.endswith(".har")
    log = archive["log"]
    assert log["version"] == "1.2"
    assert [one["response"]["status"] for one in log["entries"]] == [200, 200]
    assert log["entries"][0]["request"]["url"] == f"{shown.root}/v1/images/generations"
