"""JSON values: read as the type that is due, described as they came, and put right.

Knows the types of the contract, and none of its parameters.
"""

import json
import math
import re
from collections.abc import Callable

from stepfun_mock.terms import Kind, Parameter, either

_INTEGER = re.compile(r"-?[0-9]{1,15}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_SHOWN = 48

# A converter gives None for a value of another type. `loose` reads 8.0 and "8" as 8.


def _text(value: object, loose: bool) -> str | None:
    return value if isinstance(value, str) else None


def _boolean(value: object, loose: bool) -> bool | None:
    return value if isinstance(value, bool) else None


def _integer(value: object, loose: bool) -> int | None:
    # bool comes first everywhere: Python counts True as an integer, JSON does not.
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if loose and isinstance(value, float) and value.is_integer():
        return int(value)
    if loose and isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    return None


def _number(value: object, loose: bool) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return value
    if isinstance(value, int):
        return float(value) if abs(value) < 2**53 else None
    if loose and isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return None


CONVERTERS: dict[Kind, Callable[[object, bool], str | float | None]] = {
    Kind.STRING: _text,
    Kind.BOOLEAN: _boolean,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
}

PYTHON_TYPES: dict[Kind, type] = {
    Kind.STRING: str,
    Kind.BOOLEAN: bool,
    Kind.INTEGER: int,
    Kind.NUMBER: float,
}


def cut(value: object) -> str:
    """The value as JSON, cut to what a sentence can hold."""
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def described(value: object) -> str:
    """The value as it came, named by its JSON type: `the text "8"`, `8.5`, `null`, `a list`."""
    if isinstance(value, str):
        return f"the text {cut(value)}"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, float) and math.isinf(value):
        return "a number beyond all bounds"
    return cut(value)


def remedy(parameter: Parameter, value: object) -> str:
    """What to send instead of a value that the parameter cannot hold."""
    if isinstance(value, str):
        meant = value.strip().lower().replace("*", "x").replace("×", "x").replace(" ", "")
        if meant in parameter.values:
            return f"write {either((meant,))}"
        if parameter.kind is not Kind.STRING and _NUMBER.fullmatch(meant):
            return "send the number without quotes"
        if parameter.kind is Kind.BOOLEAN and meant in ("true", "false"):
            return f"send {meant} without quotes"
    if parameter.required and parameter.values:
        return f"send {either(parameter.values)}"
    if parameter.required:
        return f"send {parameter.type_words} that {parameter.about}"
    if parameter.default is None:
        return "leave it out and one is drawn"
    # Beside a list of values the note explains the list; beside a range it would lead astray.
    note = f"{parameter.note}; " if parameter.values and parameter.note else ""
    return f"{note}leave it out for {either((parameter.default,))}"
