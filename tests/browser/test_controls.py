"""The controls: what goes wrong next, what time it is, what the mock chooses; and the exports."""

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from browser.chromium import expect, pane, picture_of, row, rows
from browser.shown import KEY, Shown
from stepfun_mock import Choices, faults

if TYPE_CHECKING:
    from collections.abc import Callable

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
    expect(page.locator("#notice")).to_have_text("Waiting: rate_limited")
    expect(part.get_by_role("status").first).to_be_empty()  # words that could outlive the fault
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
    told = part.get_by_role("status").first
    expect(told).to_contain_text("retry_after is a number")
    assert shown.ask().status == 200
    part.get_by_label("retry_after").fill("2")
    expect(told).to_be_empty()


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
    expect(part).to_contain_text("On: 100 % of the requests, seed 7.")
    assert [shown.ask().status for _ in range(5)] != [200] * 5
    part.get_by_role("button", name="Calm").click()
    expect(part).to_contain_text("Off. No request meets a fault by chance.")
    assert [shown.ask().status for _ in range(5)] == [200] * 5


def test_a_rate_that_is_none_is_refused_in_a_sentence(controls: "Locator", shown: Shown) -> None:
    part = section(controls, "Chaos")
    part.get_by_label("rate").fill("2")
    part.get_by_role("button", name="Let loose").click()
    expect(part).to_contain_text("but 2 came")


def test_chaos_that_came_from_elsewhere_is_there_to_be_changed(
    controls: "Locator", shown: Shown
) -> None:
    part = section(controls, "Chaos")
    shown.mock.chaos(0.25, seed=3)
    shown.ask()
    expect(part).to_contain_text("On: 25 % of the requests, seed 3.")
    expect(part.get_by_label("rate")).to_have_value("0.25")
    expect(part.get_by_label("seed")).to_have_value("3")


def test_after_a_reset_nothing_stands_in_the_controls_that_was_written_before(
    page: "Page", controls: "Locator", shown: Shown
) -> None:
    fault, chaos, clock = (section(controls, name) for name in ("Faults", "Chaos", "Clock"))
    fault.get_by_label("Next fault").select_option("rate_limited")
    fault.get_by_label("times").fill("7")
    chaos.get_by_label("rate").fill("0.5")
    chaos.get_by_role("button", name="Let loose").click()
    expect(chaos).to_contain_text("On: 50 % of the requests")
    chaos.get_by_label("rate").fill("2")
    chaos.get_by_role("button", name="Change").click()
    expect(chaos).to_contain_text("but 2 came")
    clock.get_by_label("Unit").select_option("hours")
    life = section(controls, "Choices").get_by_label("link_life")
    life.fill("0")
    life.press("Tab")
    expect(controls.locator(".field.wrong")).to_have_count(1)
    shown.mock.reset()
    expect(chaos.get_by_label("rate")).to_have_value("0.1")
    expect(chaos).not_to_contain_text("but 2 came")
    expect(fault.get_by_label("Next fault")).to_have_value("bad_key")
    expect(fault.get_by_label("retry_after")).to_have_count(0)
    expect(fault.get_by_label("times")).to_have_value("1")
    expect(clock.get_by_label("Unit")).to_have_value("minutes")
    expect(life).to_have_value("7200")
    expect(controls.locator(".field.wrong")).to_have_count(0)


def test_links_that_die_in_the_same_second_are_counted(controls: "Locator", shown: Shown) -> None:
    part = section(controls, "Clock")
    shown.mock.clock.freeze(1_780_000_000.9)  # links die on whole seconds
    for told in (
        "The next link to die is that of request 1, in 1 h 59 min",
        "The next 2 links to die are those of request 1 and 1 other, in 1 h 59 min",
        "The next 3 links to die are those of request 1 and 2 others, in 1 h 59 min",
    ):
        shown.ask()
        expect(part).to_contain_text(told)


def test_a_link_that_dies_while_nobody_asks_anything_is_named_no_longer(
    controls: "Locator", shown: Shown
) -> None:
    part = section(controls, "Clock")
    shown.mock.choose(link_life=2)
    shown.ask()
    expect(part).to_contain_text("The next link to die is that of request 1")
    expect(part).to_contain_text("No link is alive.")


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


@pytest.mark.parametrize("typed", ["1e999", "9007199254740993"])
def test_a_number_that_javascript_would_change_is_refused_as_it_was_typed(
    controls: "Locator", typed: str
) -> None:
    part = section(controls, "Choices")
    life = part.get_by_label("link_life")
    life.fill(typed)
    life.press("Tab")
    expect(part.locator(".field.wrong")).to_contain_text(f"but '{typed}' came")


def test_a_value_that_a_choice_does_not_have_is_refused_beside_it(
    controls: "Locator", shown: Shown
) -> None:
    part = section(controls, "Choices")
    part.get_by_label("link_life").fill("0")
    part.get_by_label("link_life").press("Tab")
    life = part.get_by_label("link_life")
    wrong = part.locator(".field.wrong")
    expect(wrong).to_contain_text("link_life")
    expect(controls.page.locator("#notice")).to_contain_text("link_life")
    expect(life).not_to_be_focused()
    assert shown.mock.choices.link_life == 7200
    shown.ask()
    expect(row(controls.page, 1)).to_be_visible()
    expect(wrong).to_have_count(1)
    expect(life).to_have_value("0")
    life.press_sequentially("0")
    expect(wrong).to_have_count(0)
    life.fill("7200.0")
    life.press("Tab")
    expect(life).to_have_value("7200")


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


# What is seen of it outside the controls ---------------------------------------------


@pytest.fixture
def signs(page: "Page") -> "Locator":
    return page.get_by_role("banner").get_by_role("status")


def test_nothing_is_said_in_the_head_where_all_is_as_usual(signs: "Locator", shown: Shown) -> None:
    shown.ask()
    expect(row(signs.page, 1)).to_be_visible()
    expect(signs).to_be_empty()


def order(page: "Page", shown: Shown, route: str, body: object, method: str = "POST") -> None:
    assert page.request.fetch(f"{shown.address}{route}", method=method, data=body).ok


def test_the_head_says_what_makes_replies_other_than_usual(
    page: "Page", signs: "Locator", shown: Shown
) -> None:
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    order(page, shown, "chaos", {"rate": 0.1, "seed": 7}, "PUT")
    order(page, shown, "faults", [{"fault": "rate_limited"}, {"fault": "overloaded"}])
    order(page, shown, "clock", {"advance": {"hours": 2}})
    told = signs.get_by_role("link")
    expect(told).to_have_text("chaos 10 %, next: rate_limited +1, clock 2 h ahead")
    picture_of(page, "signs")
    order(page, shown, "clock", {"freeze": True})
    shown.ask()
    expect(told).to_have_text(
        re.compile("chaos 10 %, next: overloaded, clock frozen, (2 h|1 h 59 min) ahead")
    )
    told.click()
    expect(pane(page, "Controls")).to_be_visible()
    order(page, shown, "reset", {})
    expect(signs).to_be_empty()


def test_the_head_counts_the_choices_that_were_changed(
    page: "Page", signs: "Locator", shown: Shown
) -> None:
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    order(page, shown, "choices", {"link_life": 60})
    expect(signs).to_have_text("1 choice changed")
    order(page, shown, "choices", {"n_above_one": "one_picture"})
    expect(signs).to_have_text("2 choices changed")
    order(page, shown, "choices", {"link_life": 7200, "n_above_one": "refuse"})
    expect(signs).to_be_empty()


def test_the_head_does_not_say_again_what_it_has_said(
    page: "Page", signs: "Locator", shown: Shown
) -> None:
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    order(page, shown, "faults", {"fault": "overloaded", "times": 3})
    expect(signs).to_have_text("next: overloaded")
    page.evaluate(
        "window.said = 0; new MutationObserver(found => { window.said += found.length })"
        ".observe(document.getElementById('signs'), {subtree: true, childList: true})"
    )
    shown.ask()
    expect(row(page, 1)).to_be_visible()
    order(page, shown, "clock", {"freeze": True})
    expect(signs).to_have_text("next: overloaded, clock frozen")
    assert page.evaluate("window.said") == 1


@pytest.mark.parametrize("width", [1040, 1360, 1600])
def test_the_head_leaves_the_pane_whole(
    look: "Callable[..., Page]", shown: Shown, width: int
) -> None:
    shown.mock.chaos(0.1, seed=7)
    shown.mock.script(faults.created_in_milliseconds(), faults.overloaded())
    shown.mock.clock.advance(hours=2, minutes=17)
    page = look(f"{shown.address}#send", viewport={"width": width, "height": 700})
    expect(page.get_by_role("link", name="chaos 10 %")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
    head, opened = page.locator("#masthead").bounding_box(), page.locator("#pane").bounding_box()
    assert head is not None
    assert opened is not None
    assert head["height"] == opened["y"]
    picture_of(page, f"signs-{width}")


def test_the_head_stays_within_a_narrow_window(look: "Callable[..., Page]", shown: Shown) -> None:
    shown.mock.chaos(0.1, seed=7)
    shown.mock.script(faults.connection_reset(), faults.overloaded())
    shown.mock.clock.advance(hours=2, minutes=17)
    page = look(shown.address, viewport={"width": 360, "height": 780}, color_scheme="dark")
    expect(page.get_by_role("link", name="chaos 10 %")).to_be_in_viewport(ratio=1)
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wider) == 0
    picture_of(page, "signs-narrow")
