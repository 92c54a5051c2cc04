"""axe-core on every screen; narrow windows, the dark, and who wants no motion."""

from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from browser.chromium import expect, picture_of, rows
from browser.shown import Shown
from stepfun_mock import faults

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCREENS = {
    "list": ("", "#rows .thumb img"),
    "details": ("#request-2", "#view pre"),
    "compare": ("#compare-1-2", "#compared table"),
    "form": ("#send", "#view form.sender"),
    "controls": ("#controls", "#view .choices"),
    "contract": ("contract", "li.rule"),
}
WIDTHS = (1360, 360)
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
DARK = """
getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number).every(one => one < 60)
"""


COLOURS = ["color-contrast", "link-in-text-block"]
KEPT = {"list-dark", "controls-dark", "list-narrow", "details-narrow", "form-narrow"}


def violations(page: "Page", *rules: str) -> list[str]:
    """What axe-core finds: by these rules alone, or by all that it has."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def check(page: "Page", name: str) -> None:
    """No violation and nothing sideways, in each colour scheme and width."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(SIDEWAYS) == 0
        page.emulate_media(color_scheme="light")
        assert not page.evaluate(DARK)
        assert violations(page) == [], f"{name}, {width} wide"
        keep(page, f"{name}-narrow" if width < 400 else name)
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(DARK)
        assert violations(page, *COLOURS) == [], f"{name}, {width} wide, in the dark"
        keep(page, f"{name}-dark" if width > 400 else "")


def keep(page: "Page", name: str) -> None:
    if name in KEPT:
        picture_of(page, name)


def history(shown: Shown) -> None:
    """Something of everything."""
    shown.ask("A serene alpine lake at sunset", size="768x1360", seed=7)
    shown.ask("A very long word: " + "Donaudampfschifffahrt" * 20, negative_prompt="blur")
    shown.ask(steps=51, prompt="A paper crane")
    shown.mock.script(faults.rate_limited(), faults.connection_reset(), faults.not_a_picture())
    for _ in range(3):
        shown.ask("A market at night")
    shown.fetch(shown.ask())
    shown.mock.chaos(0.1, seed=7)
    shown.mock.script(faults.overloaded())
    shown.mock.clock.advance(minutes=90)


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_without_violations_and_never_wider_than_its_window(
    look: "Callable[..., Page]", shown: Shown, name: str
) -> None:
    history(shown)
    address, sign = SCREENS[name]
    page = look(f"{shown.address}{address}", reduced_motion="reduce")
    expect(page.locator(sign).first).to_be_visible()
    check(page, name)


def test_the_empty_page_is_without_violations(page: "Page") -> None:
    expect(page.get_by_role("heading", name="No request yet")).to_be_visible()
    check(page, "empty")


def test_a_notice_can_be_read_in_a_narrow_window_and_in_the_dark(
    look: "Callable[..., Page]", shown: Shown
) -> None:
    page = look(shown.address, viewport={"width": 360, "height": 780}, reduced_motion="reduce")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        shown.ask()
        expect(rows(page)).to_have_count(1)
        shown.mock.reset()
        expect(page.locator("#shown")).to_be_in_viewport(ratio=1)
        assert violations(page, *COLOURS) == []
        assert page.evaluate(SIDEWAYS) == 0
        picture_of(page, f"notice-{scheme}")


def test_nothing_moves_for_who_wants_no_motion(look: "Callable[..., Page]", shown: Shown) -> None:
    shown.ask()
    page = look(f"{shown.address}#request-1", reduced_motion="reduce")
    expect(page.locator("#view pre").first).to_be_visible()
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].map(node => getComputedStyle(node)).filter(style =>"
        " parseFloat(style.animationDuration) > 0.01 || parseFloat(style.transitionDuration) > 0.01"
        " || style.scrollBehavior === 'smooth').length"
    )
    assert moving == 0


def test_in_a_narrow_window_what_is_covered_cannot_be_reached(
    look: "Callable[..., Page]", shown: Shown
) -> None:
    shown.ask()
    page = look(f"{shown.address}#request-1", viewport={"width": 360, "height": 780})
    expect(page.get_by_role("heading", name="Request 1")).to_be_visible()
    assert page.evaluate("document.getElementById('main').inert")
    page.get_by_role("button", name="Close").click()
    expect(rows(page)).to_have_count(1)
    assert not page.evaluate("document.getElementById('main').inert")
