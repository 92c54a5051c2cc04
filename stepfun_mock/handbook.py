"""The contract and the choices for people and programs: as a table, as Markdown, as JSON.

One set of sections, several ways to print it; it says nothing that the contract does not.
"""

import json
import textwrap
from collections.abc import Callable, Mapping
from typing import NamedTuple

from stepfun_mock import contract, refusals
from stepfun_mock.choices import all_choices
from stepfun_mock.rules import RULES
from stepfun_mock.terms import Grade, Parameter, Source

Paint = Callable[[str, str], str]
"""Colours a text: `paint(text, role)`, where role is title, heading, name or a grade."""

_GAP = "  "


class Section(NamedTuple):
    """One table: its title, what it is about, its headings and its rows."""

    title: str
    about: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sections() -> tuple[Section, ...]:
    """The contract, then the choices, then the sources."""
    return (
        _routes(),
        *_requests(),
        _reply(),
        _prices(),
        _limits(),
        _latency(),
        _statements(),
        _refusals(),
        _choices(),
        _sources(),
    )


def _said(source: Source) -> str:
    """The grade of a source, and which of the vendor's pages it is."""
    return f"{source.grade} ({source.id})" if source.grade is Grade.VENDOR else str(source.grade)


def _routes() -> Section:
    rows = tuple((row.method, row.path, row.about, _said(row.source)) for row in contract.ROUTES)
    return Section("Routes", "", ("verb", "path", "does", "said by"), rows)


def _requests() -> tuple[Section, ...]:
    return tuple(
        Section(
            f"Request for {model.id}",
            "One JSON object.",
            ("field", "may be", "left out", "what it is", "said by"),
            tuple(_parameter(row) for row in (contract.MODEL_PARAMETER, *model.parameters)),
        )
        for model in contract.MODELS
    )


def _parameter(row: Parameter) -> tuple[str, ...]:
    about = f"{row.about}; {row.note}" if row.note else row.about
    return (row.name, row.allowed, _left_out(row), about, _said(row.source))


def _left_out(row: Parameter) -> str:
    if row.required:
        return "refused"
    if row.default is None:
        return "drawn"
    default = json.dumps(row.default)
    return f"{default} ({row.default_source.grade})" if row.default_source else default


def _reply() -> Section:
    rows = tuple(
        (row.name, row.where, str(row.kind), row.about, _said(row.source))
        for row in contract.REPLY_FIELDS
    )
    return Section("Reply", "", ("field", "in", "type", "what it is", "said by"), rows)


def _prices() -> Section:
    rows = tuple(
        (model.id, row.host, f"{row.amount} {row.currency}", _said(row.source))
        for model in contract.MODELS
        for row in model.prices
    )
    return Section("Prices", "For each picture.", ("model", "at", "price", "said by"), rows)


def _limits() -> Section:
    rows = tuple(
        (row.id, row.host, str(row.concurrency), str(row.rpm), _said(row.source))
        for row in contract.TIERS
    )
    return Section(
        "Limits",
        "Of an account, by its tier; the mock has them where the choice `tier` says so.",
        ("tier", "at", "requests at a time", "in a minute", "said by"),
        rows,
    )


def _latency() -> Section:
    row = contract.LATENCY
    return Section(
        "Latency",
        "",
        ("seconds", "for", "said by"),
        ((str(row.seconds), row.about, _said(row.source)),),
    )


def _statements() -> Section:
    rows = tuple((row.id, row.statement, _said(row.source)) for row in contract.STATEMENTS)
    return Section("Statements", "What no single field says.", ("rule", "says", "said by"), rows)


def _refusals() -> Section:
    rows = tuple(
        (
            row.id,
            str(row.status),
            row.type or "-",
            row.when + ("" if row.by_itself else " (never sent unasked)"),
            _said(row.source),
            _said(row.type_source) if row.type else "-",
        )
        for row in refusals.REFUSALS
    )
    return Section(
        "Refusals", "", ("refusal", "status", "type", "when", "said by", "type by"), rows
    )


def _choices() -> Section:
    rows = tuple(
        (row.name, _setting(row.default), row.others, row.about, row.reason)
        for row in all_choices()
    )
    return Section(
        "Choices",
        "What nobody says. Change one with --choice NAME=VALUE or Choices(NAME=VALUE).",
        ("choice", "default", "or", "of what", "why so"),
        rows,
    )


def _sources() -> Section:
    rows = tuple((_said(row), row.title, row.url or "-") for row in contract.SOURCES)
    return Section("Sources", "", ("said by", "who", "where"), rows)


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value in ((), None) else str(value)


# As text ---------------------------------------------------------------------


def as_table(width: int, paint: Paint) -> str:
    """Lay the sections out for a terminal.

    Args:
        width: Columns of the terminal; a table whose words need more is wider.
        paint: Colours a text, or gives it back as it is.
    """
    return "\n\n".join(_laid_out(section, width, paint) for section in sections()) + "\n"


def _laid_out(section: Section, width: int, paint: Paint) -> str:
    widths = _widths(section, width)
    lines = [paint(section.title, "title")]
    if section.about:
        lines.append(section.about)
    lines += _lines(section.headings, widths, lambda text, column: paint(text, "heading"))
    for row in section.rows:
        lines += _lines(row, widths, lambda text, column: _role(text, column, section, paint))
    return "\n".join(lines)


def _role(text: str, column: int, section: Section, paint: Paint) -> str:
    if section.headings[column].endswith(" by"):
        return paint(text, text.split(maxsplit=1)[0] if text.strip() else "")
    return paint(text, "name") if column == 0 else text


def _widths(section: Section, width: int) -> list[int]:
    table = (section.headings, *section.rows)
    columns = list(zip(*table, strict=True))
    widths = [max(map(len, column)) for column in columns]
    words = [max(len(word) for cell in column for word in cell.split()) for column in columns]
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    for _ in range(excess):
        # The widest gives way; no word is broken, so that whole ones can be searched and copied.
        wide = [at for at in range(1, len(widths)) if widths[at] > words[at]]
        if not wide:
            break
        widths[max(wide, key=widths.__getitem__)] -= 1
    return widths


def _lines(row: tuple[str, ...], widths: list[int], paint: Callable[[str, int], str]) -> list[str]:
    wrapped = [
        textwrap.wrap(cell, size, break_on_hyphens=False) or [""]
        for cell, size in zip(row, widths, strict=True)
    ]
    height = max(map(len, wrapped))
    return [_line([cell[at : at + 1] for cell in wrapped], widths, paint) for at in range(height)]


def _line(cells: list[list[str]], widths: list[int], paint: Callable[[str, int], str]) -> str:
    while cells and not cells[-1]:
        cells.pop()  # what stands to the right of the last word is no part of the line
    last = len(cells) - 1
    padded = [
        "".join(cell).ljust(0 if column == last else size)
        for column, (cell, size) in enumerate(zip(cells, widths, strict=False))
    ]
    return _GAP.join(paint(text, column) for column, text in enumerate(padded))


# As Markdown and as JSON -----------------------------------------------------


def as_markdown() -> str:
    """Lay the sections out as Markdown tables."""
    parts = [
        "# The contract of StepFun's image API",
        "Printed by `stepfun-mock contract --format markdown`.",
    ]
    for section in sections():
        rule = tuple("---" for _ in section.headings)
        table = (section.headings, rule, *section.rows)
        rows = "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in table)
        parts += [f"## {section.title}", *filter(None, [section.about]), rows]
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def as_json() -> str:
    """Give every table of the contract, every rule and every choice as one JSON object."""
    data = {
        "sources": contract.SOURCES,
        "routes": contract.ROUTES,
        "model": contract.MODEL_PARAMETER,
        "models": contract.MODELS,
        "reply": contract.REPLY_FIELDS,
        "link": {"prefix": contract.LINK_PREFIX, "life_seconds": contract.LINK_LIFE},
        "tiers": contract.TIERS,
        "latency": contract.LATENCY,
        "limits": {"body_bytes": contract.BODY_LIMIT, "nesting": contract.NESTING_LIMIT},
        "refusals": refusals.REFUSALS,
        "rules": RULES,
        "choices": all_choices(),
    }
    return json.dumps(_plain(data), indent=2, ensure_ascii=False) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _record(value._asdict())
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _record(row: dict[str, object]) -> dict[str, object]:
    # A row names its source; the sources stand once, in a list of their own.
    record = {
        name: value.id if isinstance(value, Source) else _plain(value)
        for name, value in row.items()
    }
    source = row.get("source")
    if isinstance(source, Source):
        record["grade"] = source.grade
    return record
