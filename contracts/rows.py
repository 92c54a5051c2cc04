"""What must be accepted: every listed value and every end, in few requests for pictures.

A picture costs, so the values are combined: each pair of values of two parameters meets in at
least one request. Which value is to blame for a refusal follows from the others of its row.
"""

from dataclasses import dataclass

from . import pairs
from .probe import Probe, asking
from .prompts import ascii_text, cjk_text, emoji_text
from .table import MODEL, PARAMETERS

LEFT_OUT = object()
"""The level of a parameter that the request does not name."""

_BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}


@dataclass(frozen=True, slots=True)
class Level:
    """One value of one parameter, and the rule that says that it is allowed."""

    name: str
    value: object
    rule: str
    about: str


@dataclass(frozen=True, slots=True)
class Row:
    """One request, and the levels that it combines."""

    probe: Probe
    levels: tuple[Level, ...]


def _longest(name: str) -> tuple[Level, ...]:
    length = _BY_NAME[name].max_length
    assert length is not None
    texts = {
        "ASCII letters": ascii_text(length),
        "CJK characters": cjk_text(length),
        EMOJI: emoji_text(length),
    }
    return tuple(
        Level(name, text, f"{name}.length", f"{length} {script}") for script, text in texts.items()
    )


EMOJI = "emoji"
"""Ends the words of those levels that a count of UTF-16 units would find too long."""


def _ends(name: str, *others: object) -> tuple[Level, ...]:
    parameter = _BY_NAME[name]
    levels = (parameter.minimum, parameter.maximum, *others)
    return tuple(Level(name, value, f"{name}.range", f"{name} {value!r}") for value in levels)


def _listed(name: str, aspect: str, values: tuple[object, ...]) -> tuple[Level, ...]:
    return tuple(Level(name, value, f"{name}.{aspect}", f"{name} {value!r}") for value in values)


def _left_out(name: str) -> tuple[Level, ...]:
    rule = "seed.random" if name == "seed" else f"{name}.default"
    return (Level(name, LEFT_OUT, rule, f"no {name}"),)


LEVELS: dict[str, tuple[Level, ...]] = {
    "prompt": _longest("prompt"),
    "size": _listed("size", "values", _BY_NAME["size"].values),
    "n": _listed("n", "values", _BY_NAME["n"].values) + _left_out("n"),
    "response_format": _listed("response_format", "values", _BY_NAME["response_format"].values),
    "seed": _ends("seed") + _left_out("seed"),
    "steps": _ends("steps") + _left_out("steps"),
    "cfg_scale": (*_ends("cfg_scale"), Level("cfg_scale", 1, "cfg_scale.integer", "cfg_scale 1")),
    "negative_prompt": _longest("negative_prompt"),
    "text_mode": _listed("text_mode", "type", (True, False)),
}


def _rows() -> tuple[Row, ...]:
    found = []
    for number, chosen in enumerate(pairs.rows(LEVELS), start=1):
        levels = tuple(LEVELS[name][level] for name, level in chosen.items())
        fields = {level.name: level.value for level in levels if level.value is not LEFT_OUT}
        probe = asking(f"row/{number}", {"model": MODEL.id, **fields}, draws=True)
        found.append(Row(probe, levels))
    return tuple(found)


ROWS: tuple[Row, ...] = _rows()
PROBES: tuple[Probe, ...] = tuple(row.probe for row in ROWS)


def half_as_long(name: str) -> Probe:
    """Half as many emoji as are allowed: as many UTF-16 units as there may be characters."""
    length = _BY_NAME[name].max_length
    assert length is not None
    from .table import MINIMAL

    fields = {**MINIMAL, name: emoji_text(length // 2), "response_format": "b64_json"}
    return asking(f"{name}.length/half as many emoji", fields, draws=True, spare=True)


def explained(row: Row, accepted: set[Level]) -> tuple[Level, ...]:
    """The levels of a refused row that no accepted row has: those that can be to blame."""
    return tuple(level for level in row.levels if level not in accepted)
