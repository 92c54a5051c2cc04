"""Servers that take a value of the wrong type."""

import json

from ..messages import Json
from ..reading import MODEL
from .kinds import (
    Faulty,
    Test,
    always,
    is_bool,
    is_list,
    is_number,
    is_object,
    is_text,
    takes,
)

TAKEN: dict[str, Test] = {
    "bool": is_bool,
    "number": is_number,
    "list": is_list,
    "object": is_object,
}
CALLED = {"bool": "true", "number": "a number", "list": "a list", "object": "an object"}
# What each field then stands for. A text may stand for anything, as it changes the picture alone.
STANDS_FOR: dict[str, Json] = {
    "model": MODEL,
    "size": "1024x1024",
    "n": 1,
    "response_format": "b64_json",
    "seed": 1,
    "steps": 1,
    "cfg_scale": 1.0,
    "text_mode": True,
}
WRONG: dict[str, tuple[str, ...]] = {
    "model": ("number", "list", "object"),
    "prompt": ("bool", "number", "list", "object"),
    "size": ("number", "list", "object"),
    "n": ("bool", "list", "object"),
    "response_format": ("bool", "list", "object"),
    "seed": ("bool", "list", "object"),
    "steps": ("bool", "list", "object"),
    "cfg_scale": ("bool", "list", "object"),
    "negative_prompt": ("bool", "number", "list", "object"),
    "text_mode": ("number", "list", "object"),
}


def taken(field: str, kind: str) -> Faulty:
    turned = always(STANDS_FOR[field]) if field in STANDS_FOR else json.dumps
    return Faulty(
        f"{field}-{kind}-taken",
        f"takes {CALLED[kind]} as {field}",
        f"{field}.type",
        takes(field, TAKEN[kind], turned),
    )


def numeric(value: Json) -> bool:
    """A text that reads as a cfg_scale."""
    try:
        return is_text(value) and 1 <= float(value) <= 10
    except ValueError:
        return False


def whole_text(low: int, high: int) -> Test:
    return lambda value: is_text(value) and value.isdecimal() and low <= int(value) <= high


def whole_float(low: int, high: int) -> Test:
    return lambda value: isinstance(value, float) and value.is_integer() and low <= value <= high


def broken_float(low: int, high: int) -> Test:
    return lambda value: (
        isinstance(value, float) and not value.is_integer() and low <= value <= high
    )


def loosely_numeric() -> list[Faulty]:
    """Integers as texts and as 8.0 are left open; 8.5 is none in any reading."""
    found = []
    for field, low, high in (("n", 1, 1), ("seed", 0, 2147483647), ("steps", 1, 50)):
        rule = f"{field}.type"
        text, number = whole_text(low, high), whole_float(low, high)
        half = broken_float(low, high + 1)
        about = f"takes a text of digits as {field}"
        found.append(Faulty(f"{field}-text-taken", about, rule, takes(field, text, int), "differs"))
        about = f"takes a number with a fraction of zero as {field}"
        found.append(
            Faulty(f"{field}-float-taken", about, rule, takes(field, number, int), "differs")
        )
        about = f"cuts the fraction off {field}"
        found.append(Faulty(f"{field}-fraction-cut", about, rule, takes(field, half, int)))
    return found


FAULTS = (
    *(taken(field, kind) for field, kinds in WRONG.items() for kind in kinds),
    *loosely_numeric(),
    Faulty(
        "cfg_scale-text-taken",
        "takes a text that reads as a number as cfg_scale",
        "cfg_scale.type",
        takes("cfg_scale", numeric, float),
        "differs",
    ),
    Faulty(
        "cfg_scale-words-taken",
        "takes any text as cfg_scale, and then means 1.0",
        "cfg_scale.type",
        takes("cfg_scale", is_text, always(1.0)),
    ),
    Faulty(
        "steps-words-taken",
        "takes any text as steps, and then means 8",
        "steps.type",
        takes("steps", is_text, always(8)),
    ),
    Faulty(
        "seed-words-taken",
        "takes any text as a seed, and then means 0",
        "seed.type",
        takes("seed", is_text, always(0)),
    ),
    Faulty(
        "text_mode-text-taken",
        "takes any text as text_mode, and then means true",
        "text_mode.type",
        takes("text_mode", is_text, always(True)),
    ),
)
