"""One browser for all tests of this folder, a fresh context and a fresh server for each."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from browser.chromium import FLAGS, PATIENCE, SKIPPED, executable
from browser.shown import Shown
from stepfun_mock import StepfunMock

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


# Not for the whole session: while playwright runs, no other loop can run in this thread, and the
# tests of other folders need theirs.
@pytest.fixture(scope="package")
def browser() -> "Iterator[Browser]":
    found = executable()
    if found is None:
        pytest.skip(SKIPPED)
    api = pytest.importorskip(
        "playwright.sync_api", reason="playwright drives the browser: pip install playwright"
    )
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def shown() -> Iterator[Shown]:
    """A server with its page."""
    server = Shown(StepfunMock())
    yield server
    server.stop()


@pytest.fixture
def look(browser: "Browser") -> "Iterator[Callable[..., Page]]":
    """Open pages; at the end each must have kept to its own address, and to its policy."""
    with ExitStack() as opened:

        def begin(address: str, **how: Any) -> "Page":
            context = browser.new_context(timezone_id="UTC", locale="en", **how)
            opened.callback(context.close)
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            opened.callback(_check, page, address, said := [], asked := [])
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda problem: said.append(f"uncaught: {problem}"))
            page.on("request", lambda request: asked.append(request.url))
            page.goto(address)
            return page

        yield begin


def _check(page: "Page", address: str, said: list[str], asked: list[str]) -> None:
    own = "/".join(address.split("/")[:3]) + "/"
    assert [url for url in asked if not url.startswith(own)] == []
    bad = ("uncaught: ", "Content Security Policy")
    assert [text for text in said if any(word in text for word in bad)] == []


@pytest.fixture
def page(look: "Callable[..., Page]", shown: Shown) -> "Page":
    """The page of a server that nobody asked anything yet."""
    return look(shown.address)
