"""What must be accepted: every listed value and every end, in few requests for pictures.

A picture costs, so the values are combined: each pair of values of two parameters meets in at
least one request. Which value is to blame for a refusal follows from the others of its row.
"""

from dataclasses import dataclass

from . import pairs, series
from .probe import Probe, asking
from .prompts import PLAIN, cjk_text, emoji_text
from .table import MINIMAL, MODEL, PARAMETER

LEFT_OUT = object()
"""The level of a parameter that the request does not name."""


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
    length = PARAMETER[name].max_length
    assert length is not None
    texts = {"CJK characters": cjk_text(length), EMOJI: emoji_text(length)}
    return tuple(
        Level(name, text, f"{name}.length", f"{name} of {length} {script}")
        for script, text in texts.items()
    )


EMOJI = "emoji"
"""Ends the words of those levels that a count of UTF-16 units would find too long."""


def _ends(name: str) -> tuple[Level, ...]:
    parameter = PARAMETER[name]
    levels = (parameter.minimum, parameter.maximum)
    return tuple(Level(name, value, f"{name}.range", f"{name} {value!r}") for value in levels)


def _listed(name: str, aspect: str, values: tuple[object, ...]) -> tuple[Level, ...]:
    return tuple(Level(name, value, f"{name}.{aspect}", f"{name} {value!r}") for value in values)


def _left_out(name: str) -> tuple[Level, ...]:
    rule = "seed.random" if name == "seed" else f"{name}.default"
    return (Level(name, LEFT_OUT, rule, f"no {name}"),)


LEVELS: dict[str, tuple[Level, ...]] = {
    "prompt": (Level("prompt", PLAIN, "prompt.type", "a plain prompt"), *_longest("prompt")),
    "size": _listed("size", "values", PARAMETER["size"].values),
    "n": _listed("n", "values", PARAMETER["n"].values) + _left_out("n"),
    "response_format": _listed("response_format", "values", PARAMETER["response_format"].values),
    "seed": _ends("seed") + _left_out("seed"),
    "steps": _ends("steps"),
    "cfg_scale": _ends("cfg_scale"),
    "negative_prompt": _left_out("negative_prompt") + _longest("negative_prompt"),
    "text_mode": _listed("text_mode", "type", (True, False)),
}


def _rows() -> tuple[Row, ...]:
    rows = [
        tuple(LEVELS[name][level] for name, level in chosen.items())
        for chosen in pairs.rows(LEVELS)
    ]
    # What comes next leaves the format out, and shows who remembers it: only if the request
    # before spelled it out, and none was on its way at the same time.
    rows.sort(key=lambda levels: any(level.value == "b64_json" for level in levels))
    found = []
    for number, levels in enumerate(rows, start=1):
        fields = {level.name: level.value for level in levels if level.value is not LEFT_OUT}
        last = number == len(rows)
        probe = asking(f"row/{number}", {"model": MODEL.id, **fields}, draws=True, alone=last)
        found.append(Row(probe, levels))
    return tuple(found)


ROWS: tuple[Row, ...] = _rows()
PROBES: tuple[Probe, ...] = tuple(row.probe for row in ROWS)

# Further values that the series asks for.
_FURTHER = (
    Level("seed", series.SEED, "seed.range", f"seed {series.SEED}"),
    Level("cfg_scale", series.GUIDANCE, "cfg_scale.type", f"cfg_scale {series.GUIDANCE}"),
    Level("cfg_scale", 1, "cfg_scale.integer", "cfg_scale 1"),
    Level("negative_prompt", "", "negative_prompt.type", "an empty negative_prompt"),
    *(
        Level(name, text, f"{name}.length", f"{name} of {len(text)} ASCII letters")
        for name, text in (
            ("prompt", series.LONG_PROMPT),
            ("negative_prompt", series.NEGATIVE),
        )
    ),
)
_KNOWN = {
    (level.name, level.value, type(level.value)): level
    for level in (*(level for levels in LEVELS.values() for level in levels), *_FURTHER)
}


def _levels_in(probe: Probe) -> tuple[Level, ...]:
    fields = probe.fields or {}
    found = (_KNOWN.get((name, value, type(value))) for name, value in fields.items())
    left_out = (
        level
        for name, levels in LEVELS.items()
        for level in levels
        if level.value is LEFT_OUT and name not in fields
    )
    return (*(level for level in found if level is not None), *left_out)


ALONE: tuple[Row, ...] = tuple(
    Row(probe, _levels_in(probe))
    for probe in series.ALL
    if probe not in (series.REPLAY, series.ONCE_MORE)
)
"""The requests of the series as rows; without those that may be refused for other reasons."""

EVERY: tuple[Probe, ...] = (*series.ALL, *PROBES)
"""Every request for a picture whose reply all tests of replies look at."""


def half_as_long(name: str) -> Probe:
    """Half as many emoji as are allowed: as many UTF-16 units as there may be characters."""
    length = PARAMETER[name].max_length
    assert length is not None
    fields = {**MINIMAL, name: emoji_text(length // 2), "response_format": "b64_json"}
    return asking(f"{name}.length/half as many emoji", fields, draws=True, spare=True)


def explained(row: Row, accepted: set[Level]) -> tuple[Level, ...]:
    """The levels of a refused row that no accepted row has: those that can be to blame."""
    return tuple(level for level in row.levels if level not in accepted)
