"""Faults by their names: from texts and from records, for who asks for them without Python.

rate_limited retry_after=2 times=3 when.prompt="A wolf"
{"fault": "rate_limited", "retry_after": 2, "times": 3, "when": {"prompt": "A wolf"}}
"""

import inspect
import json
import math
import re
from collections.abc import Mapping
from functools import cache

from stepfun_mock import faults
from stepfun_mock.faults.fault import SCHEDULE, Fault
from stepfun_mock.terms import unknown

NAME = "fault"
"""The key under which a record names its fault."""

# What cannot be read is not shown: it may be a key.
_UNREADABLE = (
    'this is no fault: write its name, and ARGUMENT=VALUE after spaces, as in "slow seconds=2"; a '
    "value with spaces stands in double quotes"
)
_WORDS = re.compile(r'\s*([A-Za-z_][\w.]*)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s"]+))?(?=\s|$)')


@cache
def arguments_of(name: str) -> tuple[str, ...]:
    """The arguments that a fault has of its own.

    Raises:
        ValueError: there is no such fault; the sentence names the nearest.
    """
    if name not in faults.__all__:
        raise ValueError(unknown("there is no fault", name, "The faults are", faults.__all__))
    own = inspect.signature(getattr(faults, name)).parameters.values()
    return tuple(one.name for one in own if one.kind is one.KEYWORD_ONLY)


def build(name: str, given: Mapping[str, object]) -> Fault:
    """Make a fault by its name.

    Args:
        name: Its name, as in `rate_limited`.
        given: Its arguments, and those that say which tries meet it.

    Raises:
        ValueError: an unknown name or argument, or a value that it does not take.
    """
    known = (*arguments_of(name), *SCHEDULE)
    for argument in given:
        if argument not in known:
            raise ValueError(unknown(f"{name} has no argument", argument, "It has", known))
    try:
        fault: Fault = getattr(faults, name)(**given)
    except (TypeError, ValueError) as refused:
        raise ValueError(f"{name}: {refused}") from None
    return fault


def from_text(text: str) -> Fault:
    """Read a fault from a line: its name, then `argument=value`, separated by spaces.

    A value is JSON, or a word without spaces. `when.FIELD=value` is a field that the request must
    have.

    Raises:
        ValueError: what is no such line, and all that `build` refuses.
    """
    words = _words(text)
    if not words or words[0][1]:
        raise ValueError(_UNREADABLE)
    given: dict[str, object] = {}
    when: dict[str, object] = {}
    for name, value in words[1:]:
        if not value:
            raise ValueError(f'{words[0][0]}: "{name}" has no value; write {name}=VALUE')
        if name == "when":
            raise ValueError(f'{words[0][0]}: write when.FIELD=VALUE, as in when.prompt="A wolf"')
        place, field = (when, name[5:]) if name.startswith("when.") else (given, name)
        if field in place:
            raise ValueError(f"{words[0][0]}: {name} stands there twice")
        place[field] = _value(value)
    if when:
        given["when"] = when
    return build(words[0][0], given)


def from_record(record: object) -> Fault:
    """Read a fault from a record, as JSON and TOML have them.

    Raises:
        ValueError: what is no such record, and all that `build` refuses.
    """
    if isinstance(record, str):
        return from_text(record)
    if not isinstance(record, Mapping) or not isinstance(record.get(NAME), str):
        raise ValueError(
            f'a fault is written {{"{NAME}": "overloaded", "times": 2}}, but {record!r:.80} came'
        )
    given = {str(key): value for key, value in record.items() if key != NAME}
    return build(record[NAME], given)


def record_of(fault: Fault) -> dict[str, object]:
    """The record of a fault: what `from_record` reads, without what is as by default."""
    record: dict[str, object] = {NAME: fault.name, **dict(fault.arguments)}
    if fault.times != 1:
        record["times"] = fault.times
    if fault.after:
        record["after"] = fault.after
    if fault.when:
        record["when"] = {name: _plain(value) for name, value in fault.when.items()}
    return record


def _words(text: str) -> list[tuple[str, str]]:
    found = []
    place = 0
    stripped = text.rstrip()
    while place < len(stripped):
        word = _WORDS.match(stripped, place)
        if not word:
            raise ValueError(_UNREADABLE)
        found.append((word[1], word[2] or ""))
        place = word.end()
    return found


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # no JSON, or too deep
        return text


def _plain(value: object) -> object:
    """A value as JSON has it; what decides for itself is shown as it shows itself."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)  # JSON has no such numbers
    return value if isinstance(value, str | int | float | bool | None) else repr(value)
