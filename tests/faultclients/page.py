"""docs/faults.md: the parts of it that are made from the faults and from the clients."""

import inspect
import re
from collections.abc import Mapping
from pathlib import Path

from stepfun_mock import faults
from stepfun_mock.faults.effects import OBLONG

from .cases import CASES, group_of, written
from .columns import COLUMNS

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
GROUPS = ("service", "reply", "picture", "wire")
WRITE = "run `python -m tests.faultclients --write`"
"""The way out where the page or a docstring is not what it should be."""

_CLIENTS = "clients"
_NEEDS = {
    OBLONG: "Needs a size that is not square.",
    "url": "Needs `url`.",
    "b64_json": "Needs `b64_json`.",
}

Cells = Mapping[str, Mapping[str, str]]
"""What each client got of each case: columns by client, cells by the label of the case."""


def tables_of_faults() -> dict[str, str]:
    """The table of each group: a fault, what it imitates, and who says so."""
    return {group: _faults_of(group) for group in GROUPS}


def table_of_clients(cells: Cells) -> str:
    """The table of what each client does with each fault."""
    rows = [
        (
            f"`{_short(case.label)}`",
            f"`{case.response_format}`",
            *(cells[column][case.label] for column in COLUMNS),
        )
        for case in CASES
    ]
    return _table(("fault", "asked for", *COLUMNS), rows)


def cells_in(page: str) -> dict[str, dict[str, str]]:
    """The cells of the table of clients, as the page has them."""
    head, _, *rows = [_split(line) for line in part(page, _CLIENTS).splitlines()]
    labels = {_short(case.label): case.label for case in CASES}
    return {
        client: {
            labels.get(row[0].strip("`"), row[0]): row[column] for row in rows if column < len(row)
        }
        for column, client in enumerate(head)
        if client in COLUMNS
    }


def part(page: str, name: str) -> str:
    """What stands between the two marks of a part.

    Raises:
        ValueError: the page has no such part.
    """
    begin, end = _marks(name)
    if begin not in page or end not in page:
        raise ValueError(f"docs/faults.md has no part between {begin} and {end}")
    return page.partition(begin)[2].partition(end)[0].strip("\n")


def filled(page: str, cells: Cells) -> str:
    """The page with all its parts made anew.

    Raises:
        ValueError: the page lacks one of them.
    """
    for name, table in {**tables_of_faults(), _CLIENTS: table_of_clients(cells)}.items():
        part(page, name)
        begin, end = _marks(name)
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}"
    return page


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


def _faults_of(group: str) -> str:
    names = [name for name in faults.__all__ if group_of(name) == group]
    return _table(("fault", "what it imitates", "source"), [_row(name) for name in names])


def _row(name: str) -> tuple[str, str, str]:
    make = getattr(faults, name)
    text = inspect.getdoc(make) or ""
    sentence = " ".join(text.partition("\n\n")[0].split())
    imitates = re.split(r"(?<=\.) ", sentence)[0]
    needs = _NEEDS.get(getattr(make().effect, "needs", ""))
    source = re.search(r"Source: (.*?)\.(?:\n\n|$)", text, re.DOTALL)
    return (
        f"`{_signature(name)}`",
        f"{imitates} {needs}" if needs else imitates,
        " ".join(source[1].split()) if source else "ours",
    )


def _signature(name: str) -> str:
    own = inspect.signature(getattr(faults, name)).parameters.values()
    given = {one.name: one.default for one in own if one.kind is one.KEYWORD_ONLY}
    return _short(written(name, given))


def _short(label: str) -> str:
    return label.removesuffix("()")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    assert not any("|" in cell for line in lines for cell in line)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _split(line: str) -> list[str]:
    return line.removeprefix("| ").removesuffix(" |").split(" | ")
