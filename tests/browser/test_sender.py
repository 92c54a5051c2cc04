"""The form that sends a request."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser.chromium import expect, pane, picture_of, row, rows
from browser.shown import KEY, Shown
from stepfun_mock import faults
from stepfun_mock.contract import MODELS
from stepfun_mock.inspector import assets

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ASSETS = Path(assets.__file__).parent / "assets"


@pytest.fixture
def form(page: "Page") -> "Locator":
    page.get_by_role("link", name="Send a request").click()
    return pane(page, "Send a request")


def test_the_form_has_every_parameter_with_its_documented_range(form: "Locator") -> None:
    for parameter in MODELS[0].parameters:
        if parameter.name == "size":
            expect(form.get_by_role("group", name="size")).to_be_visible()
            continue
        expect(form.get_by_label(parameter.name).first).to_be_visible()
        if parameter.minimum is not None:
            own = form.page.get_by_label(parameter.name, exact=True)
            text = f"from {parameter.minimum:,.0f} to {parameter.maximum:,.0f}"
            expect(form.locator(".field").filter(has=own)).to_contain_text(text)


def test_each_size_is_drawn_with_its_own_proportions(form: "Locator") -> None:
    (sizes,) = (one.values for one in MODELS[0].parameters if one.name == "size")
    for size in sizes:
        height, width = map(int, str(size).split("x"))
        radio = form.page.locator(f'input[value="{size}"]')
        label = form.locator("label.shape-of").filter(has=radio)
        expect(label).to_contain_text(f"{width} wide, {height} high")
        drawn = label.locator("rect").evaluate(
            "node => [node.width, node.height].map(side => side.baseVal.value)"
        )
        assert drawn[0] / drawn[1] == pytest.approx(width / height)


def test_a_wide_picture_is_sent_and_arrives(page: "Page", form: "Locator", shown: Shown) -> None:
    form.get_by_label("prompt (required)").fill("A lake at dawn")
    form.get_by_role("radio", name="1360 wide, 768 high").check()
    form.get_by_label("seed").fill("42")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("status")).to_contain_text("200: request 1")
    expect(form.get_by_role("img", name="The picture that came")).to_be_visible()
    expect(row(page, 1)).to_contain_text("1360 wide, 768 high")
    (sent,) = shown.mock.requests
    assert (sent.prompt, sent.width, sent.height, sent.seed) == ("A lake at dawn", 1360, 768, 42)
    picture_of(page, "form")


def test_a_bad_value_is_refused_beside_its_parameter(
    page: "Page", form: "Locator", shown: Shown
) -> None:
    form.get_by_label("prompt (required)").fill("A lake at dawn")
    steps = form.get_by_label("steps")
    steps.fill("51")
    form.get_by_role("button", name="Send").click()
    wrong = form.locator(".field.wrong")
    expect(wrong).to_contain_text("steps must be an integer from 1 to 50, but 51 came")
    expect(wrong.locator("label")).to_have_text("steps")
    expect(steps).to_be_focused()
    expect(steps).to_have_attribute("aria-invalid", "true")
    expect(steps).to_have_accessible_description(re.compile("but 51 came"))
    picture_of(page, "form-refused")
    steps.fill("20")
    expect(wrong).to_have_count(0)
    expect(form.get_by_role("status")).to_be_empty()
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("img", name="The picture that came")).to_be_visible()
    expect(wrong).to_have_count(0)
    expect(rows(page)).to_have_count(2)


def test_another_size_is_drawn_as_it_is_written_and_refused_by_the_mock(
    form: "Locator", shown: Shown
) -> None:
    form.get_by_label("prompt (required)").fill("A lake at dawn")
    form.get_by_label("Another size, height x width").fill("300x900")
    other = form.get_by_role("radio", name="900 wide, 300 high")
    expect(other).to_be_checked()
    drawn = form.locator("label.shape-of").filter(has=form.page.locator('[value="other"]'))
    assert drawn.locator("rect").evaluate("node => node.width.baseVal.value") == pytest.approx(
        3 * drawn.locator("rect").evaluate("node => node.height.baseVal.value")
    )
    form.get_by_role("button", name="Send").click()
    expect(form.locator("fieldset.wrong")).to_contain_text('"300x900" came')


@pytest.mark.parametrize("typed", ["1e999", "9007199254740993", "8.0", "1e-400"])
def test_a_number_is_sent_as_it_is_typed(form: "Locator", shown: Shown, typed: str) -> None:
    form.get_by_label("prompt (required)").fill("A lake at dawn")
    form.get_by_label("seed").fill(typed)
    with form.page.expect_request("**/images/generations") as asked:
        form.get_by_role("button", name="Send").click()
    assert (asked.value.post_data or "").endswith(f'"seed":{typed}}}')
    expect(form.locator(".field.wrong label")).to_have_text("seed")
    assert shown.mock.journal[0].status == 400


@pytest.mark.parametrize(
    ("typed", "sent"),
    [("1e999", '"1e999"'), ("9007199254740993", '"9007199254740993"'), ("42", "42")],
)
def test_a_browser_that_would_change_a_number_sends_it_as_text(
    form: "Locator", typed: str, sent: str
) -> None:
    form.page.evaluate("delete JSON.rawJSON")
    form.get_by_label("prompt (required)").fill("A lake at dawn")
    form.get_by_label("seed").fill(typed)
    with form.page.expect_request("**/images/generations") as asked:
        form.get_by_role("button", name="Send").click()
    assert (asked.value.post_data or "").endswith(f'"seed":{sent}}}')


def test_a_sign_without_width_in_a_refused_size_is_written_out(form: "Locator") -> None:
    form.get_by_label("prompt (required)").fill("A lake at dawn")
    form.get_by_label("Another size, height x width").fill("1024x1024\u200b")
    form.get_by_role("button", name="Send").click()
    expect(form.locator("fieldset.wrong")).to_contain_text('"1024x1024\\u200b" came')


def test_a_prompt_is_counted_in_characters(form: "Locator") -> None:
    form.get_by_label("prompt (required)").fill("👨‍👩‍👧‍👦 fox")
    expect(form.locator(".count").first).to_have_text("11 of 512")


def test_a_fault_that_cuts_the_connection_is_told_in_the_form(
    form: "Locator", shown: Shown
) -> None:
    shown.mock.script(faults.connection_reset(times=50))  # browsers try again by themselves
    form.get_by_label("prompt (required)").fill("A lake at dawn")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("status")).to_contain_text("No reply came.")


def test_a_form_that_was_opened_while_the_server_was_stopped_comes_with_it(
    page: "Page", shown: Shown
) -> None:
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    shown.stop()
    expect(page.get_by_text("not connected", exact=True)).to_be_visible()
    page.get_by_role("link", name="Send a request").click()
    form = pane(page, "Send a request")
    expect(form.get_by_role("alert")).to_have_text(
        "No reply came. The server may have stopped, or a fault cut the connection. "
        "What is to stand here comes once it answers."
    )
    shown.begin()
    form.get_by_label("prompt (required)").fill("A lake at dawn")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("status")).to_contain_text("200: request 1")


def test_a_key_is_asked_for_once_the_server_knows_certain_keys_alone(
    form: "Locator", shown: Shown
) -> None:
    key = form.get_by_label("key", exact=True)
    expect(form.get_by_label("seed")).to_be_visible()
    expect(key).to_be_hidden()
    shown.mock.choose(api_keys=(KEY,))
    shown.ask()
    expect(key).to_be_visible()
    form.get_by_label("prompt (required)").fill("A lake at dawn")
    key.fill(KEY)
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("status")).to_contain_text("200: request 2")


def test_the_sizes_are_those_of_the_contract_and_no_others(form: "Locator", shown: Shown) -> None:
    (sizes,) = (one.values for one in MODELS[0].parameters if one.name == "size")
    radios = form.get_by_role("group", name="size").get_by_role("radio")
    values = radios.evaluate_all("radios => radios.map(radio => radio.value)")
    assert values == ["", *sizes, "other"]
    own = (file.read_text("utf-8") for file in ASSETS.glob("*.js"))
    assert [size for text in own for size in sizes if str(size) in text] == []
