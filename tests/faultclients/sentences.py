"""What clients do with a fault, as the sentences of its docstring: made from the table."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from .cases import CASES, HEIGHT, PATIENCE, WIDTH, Case

START = "Clients: "
"""How the paragraph begins."""

_NAMES = {"openai 3": "openai", "requests": "requests", "aiohttp": "aiohttp"}
_AT_LINK = {"openai": "openai's httpx2"}
"""Who fetches a link: the SDK has no function for it."""

_CELL = re.compile(r"(?P<link>link: )?(?P<got>.*?)( \(\d+\))?(, (?P<tries>\d+ tries))?")
_VERBS = {"raise": "raises", "hand on": "hands on"}
# The first that fits a cell says what the client does.
_DEEDS = (
    # Not the client's own: the application decodes, as the table has it done.
    (r"(`binascii\.Error`.*)", "hand on", r"a text that `base64.b64decode` answers with \1"),
    (r"(`.*`)", "raise", r"\1"),
    (r"200, (.*)", "hand on", r"a 200 (\1)"),
    (r"(\d+)", "hand on", r"the \1"),
    (r"no picture", "hand on", "what is no picture"),
    (r"(.* wide and \d+ high)", "hand on", rf"\1 instead of {WIDTH} and {HEIGHT}"),
    (r"(.*?); (.*)", "hand on", r"\1 (\2)"),
    (r"(.*)", "hand on", r"\1"),
)


class Deed(NamedTuple):
    """What a client does: a verb, and what it does it to."""

    verb: str
    what: str


def paragraph(fault: str, cells: Mapping[str, Mapping[str, str]]) -> str:
    """What the docstring of a fault has to say of clients, a sentence for each of its rows.

    Args:
        fault: Its name.
        cells: What each client got of each case, as docs/faults.md has it.
    """
    first, *others = [
        sentence(case, {name: cells[column][case.label] for column, name in _NAMES.items()})
        for case in CASES
        if case.fault == fault
    ]
    return START + " ".join((first, *(f"{one[0].upper()}{one[1:]}" for one in others)))


def sentence(case: Case, cells: Mapping[str, str]) -> str:
    """What clients do with a case, those who do the same together: `cells` by their names."""
    deeds = {name: _deed(cell) for name, cell in cells.items()}
    groups = {
        deed: [_subject(case, name) for name in deeds if deeds[name] == deed]
        for deed in deeds.values()
    }
    clauses = []
    for _, alike in groupby(groups.items(), key=lambda group: group[0].verb):
        (deed, names), *others = alike
        verb = deed.verb if len(names) > 1 else _VERBS[deed.verb]
        first = f"{_listed(names)} {verb} {deed.what}"
        clauses.append(", ".join((first, *(f"{_listed(who)} {one.what}" for one, who in others))))
    return f"{_condition(case)}{'; '.join(clauses)}."


def _deed(cell: str) -> Deed:
    parts = _CELL.fullmatch(cell)
    assert parts is not None
    where = " at the link" if parts["link"] else ""
    tries = f" after {parts['tries']}" if parts["tries"] else ""
    for pattern, verb, what in _DEEDS:
        if found := re.fullmatch(pattern, parts["got"]):
            return Deed(verb, found.expand(what) + where + tries)
    raise AssertionError(cell)


def _subject(case: Case, name: str) -> str:
    return _AT_LINK.get(name, name) if case.at_link else name


def _condition(case: Case) -> str:
    """What has to be said first where a case is not the fault as it is by default."""
    given = [f"`{name}={value!r}`" for name, value in case.arguments.items()]
    seconds = min(case.timeout, case.link_timeout)
    if seconds < PATIENCE:
        given.append(f"a time-out of {seconds:g} second{'s' if seconds > 1 else ''}")
    return f"with {_listed(given)}, " if given else ""


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
