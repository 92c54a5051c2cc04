"""The docstring of each fault says of clients what docs/faults.md says."""

import inspect
from pathlib import Path
from textwrap import dedent

import pytest

from stepfun_mock import faults

from . import docstrings
from .cases import CASES, Case
from .docstrings import rewritten, said
from .page import GROUPS, PAGE, WRITE, cells_in
from .sentences import paragraph, sentence


@pytest.fixture(scope="module")
def wanted() -> dict[str, str]:
    return docstrings.wanted(cells_in(PAGE.read_text("utf-8")))


@pytest.mark.parametrize("fault", faults.__all__)
def test_each_docstring_says_of_clients_what_the_page_says(
    fault: str, wanted: dict[str, str]
) -> None:
    text = inspect.getdoc(getattr(faults, fault)) or ""
    assert said(text) == [wanted[fault]], f"the docstring of {fault} says otherwise; {WRITE}"


@pytest.mark.parametrize("group", GROUPS)
def test_a_source_that_says_what_is_wanted_is_left_as_it_is(
    group: str, wanted: dict[str, str]
) -> None:
    source = Path(faults.__file__).with_name(f"{group}.py").read_text("utf-8")
    assert rewritten(source, wanted) == source


# The sentences -----------------------------------------------------------------------


def told(openai: str, requests: str, aiohttp: str, case: Case = CASES[0]) -> str:
    return sentence(case, {"openai": openai, "requests": requests, "aiohttp": aiohttp})


def test_clients_that_do_the_same_are_named_together() -> None:
    assert told("the picture", "the picture", "the picture") == (
        "openai, requests and aiohttp hand on the picture."
    )
    assert told("`RateLimitError` (429), 3 tries", "429", "429") == (
        "openai raises `RateLimitError` after 3 tries; requests and aiohttp hand on the 429."
    )
    assert told("the picture", "`JSONDecodeError`", "the picture") == (
        "openai and aiohttp hand on the picture; requests raises `JSONDecodeError`."
    )


def test_a_verb_is_said_once() -> None:
    assert told("`APITimeoutError`, 3 tries", "`ReadTimeout`", "`TimeoutError`") == (
        "openai raises `APITimeoutError` after 3 tries, requests `ReadTimeout`, "
        "aiohttp `TimeoutError`."
    )


def test_each_kind_of_cell_has_its_words() -> None:
    assert told("200, no `data`", "no picture", "a JPEG") == (
        "openai hands on a 200 (no `data`), requests what is no picture, aiohttp a JPEG."
    )
    assert told("the picture; no `seed`", "a broken PNG", "a picture 2 wide and 3 high") == (
        "openai hands on the picture (no `seed`), requests a broken PNG, "
        "aiohttp a picture 2 wide and 3 high instead of 1360 and 768."
    )
    assert told("`binascii.Error` or a broken PNG", "`ReadTimeout`", "`ReadTimeout`") == (
        "openai hands on a text that `base64.b64decode` answers with `binascii.Error` or a broken "
        "PNG; requests and aiohttp raise `ReadTimeout`."
    )


def test_of_a_link_the_library_under_the_sdk_is_named() -> None:
    assert told("link: 302", "link: `ReadTimeout`", "the picture", Case("dead_link")) == (
        "openai's httpx2 hands on the 302 at the link; requests raises `ReadTimeout` at the link; "
        "aiohttp hands on the picture."
    )


def test_what_differs_from_the_default_is_said_first() -> None:
    drip = Case("drip", {"pieces": 6, "pause": 0.5}, timeout=2.0)
    assert told("429", "429", "429", drip) == (
        "with `pieces=6`, `pause=0.5` and a time-out of 2 seconds, "
        "openai, requests and aiohttp hand on the 429."
    )
    late = Case("slow", timeout=1.0)
    assert told("429", "429", "429", late).startswith("with a time-out of 1 second, openai,")


def test_a_fault_with_two_rows_has_two_sentences() -> None:
    columns = ("openai 3", "openai 2", "httpx", "requests", "aiohttp")
    cells = {"maintenance()": "503", "maintenance(status=200)": "200, no `data`"}
    assert paragraph("maintenance", dict.fromkeys(columns, cells)) == (
        "Clients: openai, requests and aiohttp hand on the 503. "
        "With `status=200`, openai, requests and aiohttp hand on a 200 (no `data`)."
    )


# The sources -------------------------------------------------------------------------

LONG = f"Clients: {'openai raises `A`, ' * 6}aiohttp `B`."

BEFORE = '''
    def one() -> None:
        """It is late. Source: ours."""


    def two() -> None:
        """It is cut.

        Clients: nobody knows.

        Source: ours.

        Args:
            by: Clients: stay here.
        """
        return None


    def other() -> None:
        """It is none of ours."""
'''

AFTER = '''
    def one() -> None:
        """It is late. Source: ours.

        Clients: all see it.
        """


    def two() -> None:
        """It is cut.

        Source: ours.

        Clients: openai raises `A`, openai raises `A`, openai raises `A`, openai raises `A`, openai
        raises `A`, openai raises `A`, aiohttp `B`.

        Args:
            by: Clients: stay here.
        """
        return None


    def other() -> None:
        """It is none of ours."""
'''


def test_a_paragraph_is_written_before_the_arguments_and_nothing_else_changes() -> None:
    paragraphs = {"one": "Clients: all see it.", "two": LONG}
    assert rewritten(dedent(BEFORE), paragraphs) == dedent(AFTER)
    assert rewritten(dedent(AFTER), paragraphs) == dedent(AFTER)


def test_a_paragraph_is_read_without_its_line_breaks() -> None:
    assert said("It is late.\n\n    Clients: all\n    see it.\n\n    Args:") == [
        "Clients: all see it."
    ]
    assert said("It is late.") == []
