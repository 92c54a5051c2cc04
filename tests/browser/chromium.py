"""Where Chromium is, how it is started, and what it shows."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page
    from playwright.sync_api._generated import LocatorAssertions

VARIABLE = "STEPFUN_MOCK_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome")
SKIPPED = f"no Chromium was found: install one (apt-get install chromium), or name it in {VARIABLE}"

PATIENCE = 20_000
"""Milliseconds that something may take on a machine that has much to do."""

EVIL = "evil.example"
"""A foreign site on this machine, which may not even look."""

REBOUND = "rebound.example"
"""A foreign name that points at the server itself."""

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {EVIL} 127.0.0.1, MAP {REBOUND} 127.0.0.1",
)

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"


def executable() -> str | None:
    """The Chromium of this machine, or None."""
    return os.environ.get(VARIABLE) or next(filter(None, map(shutil.which, NAMES)), None)


def expect(what: "Locator") -> "LocatorAssertions":
    """Wait until it is so; playwright is loaded only where a browser is."""
    from playwright.sync_api import expect as expected

    expected.set_options(timeout=PATIENCE)
    return expected(what)


def picture_of(page: "Page", name: str) -> None:
    """Keep what the page shows, for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")


def until(page: "Page", met: Callable[[], object]) -> None:
    """Wait until something is true; playwright's own way is stopped by the policy of the page."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not met():
        assert time.monotonic() < deadline, "what is waited for never came to be"
        page.wait_for_timeout(20)


def rows(page: "Page") -> "Locator":
    """The requests in the list."""
    return page.get_by_role("list", name="Requests, newest first").locator("> li")


def row(page: "Page", number: int) -> "Locator":
    """One of them."""
    return page.locator(f'#rows > li[data-number="{number}"]')


def pane(page: "Page", title: str) -> "Locator":
    """What is open beside the list, once it is there."""
    found = page.get_by_role("complementary", name=title, exact=True)
    expect(found).to_be_visible()
    return found
