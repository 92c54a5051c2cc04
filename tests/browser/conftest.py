"""One browser and one page for all tests of this folder, and a fresh server for each."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from browser.chromium import FLAGS, PATIENCE, SKIPPED, executable
from browser.shown import Shown
from stepfun_mock import StepfunMock

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

SIZE: "ViewportSize" = {"width": 1280, "height": 720}


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


@pytest.fixture(scope="package")
def tab(browser: "Browser") -> "Iterator[Page]":
    """A page for test after test, each with an origin of its own; to open one takes longer."""
    page = _opened(browser)
    yield page
    page.context.close()


@pytest.fixture
def look(browser: "Browser", tab: "Page") -> "Iterator[Callable[..., Page]]":
    """Open pages; at the end each must have kept to its own address, and to its policy."""
    free = [tab]
    with ExitStack() as opened:

        def begin(address: str, **how: Any) -> "Page":
            if free and not how:
                page = free.pop()
                opened.callback(_cleared, page)
            else:
                page = _opened(browser, **how)
                opened.callback(page.context.close)
            opened.enter_context(_watched(page, address))
            page.goto(address)
            return page

        yield begin


def _opened(browser: "Browser", **how: Any) -> "Page":
    """A page in a context of its own."""
    context = browser.new_context(**{"timezone_id": "UTC", "locale": "en", "viewport": SIZE} | how)
    context.set_default_timeout(PATIENCE)
    return context.new_page()


def _cleared(page: "Page") -> None:
    """Undo what a test may have done to a page that others use after it."""
    for other in page.context.pages:
        if other is not page:
            other.close()
    page.unroute_all()
    page.context.clear_permissions()
    page.emulate_media(color_scheme="null", reduced_motion="null")
    page.set_viewport_size(SIZE)
    page.mouse.move(0, 0)
    page.goto("about:blank")


@contextmanager
def _watched(page: "Page", address: str) -> Iterator[None]:
    said: list[str] = []
    asked: list[str] = []
    listeners: dict[Any, Callable[[Any], None]] = {
        "console": lambda message: said.append(message.text),
        "pageerror": lambda problem: said.append(f"uncaught: {problem}"),
        "request": lambda request: asked.append(request.url),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    yield
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    _check(address, said, asked)


def _check(address: str, said: list[str], asked: list[str]) -> None:
    own = "/".join(address.split("/")[:3]) + "/"
    assert [url for url in asked if not url.startswith(own)] == []
    bad = ("uncaught: ", "Content Security Policy")
    assert [text for text in said if any(word in text for word in bad)] == []


@pytest.fixture
def page(look: "Callable[..., Page]", shown: Shown) -> "Page":
    """The page of a server that nobody asked anything yet."""
    return look(shown.address)
