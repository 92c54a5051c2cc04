"""Which line of a TOML text says what; the parser of the standard library does not tell."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The line, from 1, in which a key, or an item of a list, is given.

    The text is read from its start, each time to a later line, until the path is there.

    Args:
        text: A whole TOML text, with line feeds alone.
        path: Keys, and places in lists; what the text does not have is at its last line.
    """
    lines = text.split("\n")
    read = 0
    for end in range(1, len(lines) + 1):
        start = "\n".join(lines[:end])
        found = _loaded(start)
        if found is None:
            found = _loaded(f"{start}\n]")  # in the middle of a list
        if found is None:
            continue  # in the middle of a text of several lines
        if _has(found, path):
            return read + 1  # where the text begins that ends here
        read = end
    return len(lines)


def _loaded(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _has(found: Any, path: Sequence[str | int]) -> bool:  # noqa: ANN401 (what TOML has)
    for step in path:
        if isinstance(found, Mapping) and step in found:
            found = found[str(step)]
        elif isinstance(found, list) and isinstance(step, int) and step < len(found):
            found = found[step]
        else:
            return False
    return True
