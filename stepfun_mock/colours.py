"""Colours for what the command prints, each for the part that a text plays."""

import os

import click

_COLOURS = {
    "title": {"bold": True},
    "heading": {"dim": True},
    "name": {"fg": "cyan"},
    "page": {"fg": "green"},
    "vendor": {"fg": "green"},
    "reported": {"fg": "yellow"},
    "ours": {"fg": "magenta"},
    "holds": {"fg": "green"},
    "broken": {"fg": "red", "bold": True},
    "differs": {"fg": "yellow"},
    "inconclusive": {"fg": "yellow"},
    "not run": {"dim": True},
}


def paint(text: str, role: str) -> str:
    """Colour a text for its role; as it is where NO_COLOR is set or the role has none."""
    if os.environ.get("NO_COLOR"):
        return text
    return click.style(text, **_COLOURS.get(role, {}))  # type: ignore[arg-type]
