"""The paragraphs about clients in the docstrings of faults: read, and written into the source."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from pathlib import Path

from stepfun_mock import faults

from .page import Cells
from .sentences import START, paragraph

_LAST = ("Args:", "Raises:")
"""The sections that come after everything else."""

_INDENT = "    "
_WIDTH = 100
_QUOTES = '"""'


def wanted(cells: Cells) -> dict[str, str]:
    """What the docstring of each fault has to say of clients, by its name."""
    return {name: paragraph(name, cells) for name in faults.__all__}


def said(docstring: str) -> list[str]:
    """The paragraphs of a docstring that speak of clients, each in one line."""
    return [" ".join(one.split()) for one in _paragraphs(docstring) if one.startswith(START)]


def write(cells: Cells) -> None:
    """Put what is wanted into the sources, which are left alone where they have it."""
    paragraphs = wanted(cells)
    for path in sorted({Path(inspect.getfile(getattr(faults, name))) for name in faults.__all__}):
        source = path.read_text("utf-8")
        if (new := rewritten(source, paragraphs)) != source:
            path.write_text(new, "utf-8")


def rewritten(source: str, paragraphs: Mapping[str, str]) -> str:
    """A module whose functions say of clients what is wanted; the rest stays as it is."""
    lines = source.splitlines()
    functions = [one for one in ast.parse(source).body if isinstance(one, ast.FunctionDef)]
    for function in reversed(functions):
        about = paragraphs.get(function.name)
        if about is None or said(ast.get_docstring(function) or "") == [about]:
            continue
        node = function.body[0]
        assert node.end_lineno is not None
        text = "\n".join(lines[node.lineno - 1 : node.end_lineno]).strip()
        text = text.removeprefix(_QUOTES).removesuffix(_QUOTES)
        lines[node.lineno - 1 : node.end_lineno] = _docstring(text, about).splitlines()
    return "\n".join(lines) + "\n"


def _docstring(text: str, about: str) -> str:
    others = [one for one in _paragraphs(text) if not one.startswith(START)]
    place = next((at for at, one in enumerate(others) if one.startswith(_LAST)), len(others))
    others.insert(place, textwrap.fill(about, _WIDTH - len(_INDENT), break_on_hyphens=False))
    joined = "\n\n".join(others)
    return textwrap.indent(f"{_QUOTES}{joined}\n{_QUOTES}", _INDENT)


def _paragraphs(text: str) -> list[str]:
    return inspect.cleandoc(text).split("\n\n")
