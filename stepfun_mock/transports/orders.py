"""What the routes of our own change of a mock: all that was asked for, or nothing."""

import json
import math
from collections.abc import Collection
from typing import NoReturn

from stepfun_mock.body import read_value
from stepfun_mock.chaos import WEATHER
from stepfun_mock.choices import all_choices
from stepfun_mock.clock import Clock
from stepfun_mock.errors import RefusedError
from stepfun_mock.faults import Fault
from stepfun_mock.faults.catalogue import from_record
from stepfun_mock.faults.effects import Outage
from stepfun_mock.refusals import PARAMETER_REFUSED
from stepfun_mock.service import StepfunMock
from stepfun_mock.terms import unknown

_SHOWN = 60
_UNITS = ("hours", "minutes", "seconds")


def script(mock: StepfunMock, body: bytes) -> None:
    """Put one fault, or a list of them, at the end of the line.

    Raises:
        RefusedError: `body.refused` for what is no JSON, `parameter.refused` for all else.
    """
    asked = read_value(body, 'a text stands in quotes, as in "overloaded"')
    faults = _faults(asked) if isinstance(asked, list) else [from_record(asked)]
    if mock.clock.frozen and any(isinstance(fault.effect, Outage) for fault in faults):
        _refuse(
            "connection_refused ends by the clock, which stands still: nobody could reach the "
            'mock to let it run on; send {"unfreeze": true} to clock first'
        )
    mock.script(*faults)


def unscript(mock: StepfunMock, body: bytes) -> None:
    """Forget what waits, and end an outage; chaos goes on."""
    chaos = mock.waiting.chaos
    mock.waiting.clear()
    mock.waiting.let_loose(chaos)


def let_loose(mock: StepfunMock, body: bytes) -> None:
    """Let chaos have who meets no fault in line.

    Raises:
        RefusedError: `body.refused` for what is no JSON, `parameter.refused` for all else.
        ValueError: a value that chaos does not take.
    """
    asked = _object(body, "chaos", ("rate", "seed", "faults"), '{"rate": 0.1, "seed": 7}')
    for name in ("rate", "seed"):
        if name not in asked:
            _refuse(f'{name} is missing; chaos is written {{"rate": 0.1, "seed": 7}}')
    among = asked.get("faults", WEATHER)
    if among is not WEATHER:
        if not isinstance(among, list):
            _refuse(f"faults is a list, but {_shown(among)} came")
        among = _faults(among)
    mock.chaos(asked["rate"], asked["seed"], among)  # type: ignore[arg-type] # it checks them


def calm(mock: StepfunMock, body: bytes) -> None:
    """End chaos; what waits goes on waiting."""
    mock.waiting.let_loose(None)


def set_clock(mock: StepfunMock, body: bytes) -> None:
    """Move the time on, stop it, let it run on, or return to real time.

    Raises:
        RefusedError: `body.refused` for what is no JSON, `parameter.refused` for all else.
        ValueError: a time that the clock does not show.
    """
    asked = _object(body, "clock", tuple(_CLOCK), '{"advance": {"hours": 2}}')
    if len(asked) != 1:
        came = " and ".join(asked) or "none"
        _refuse(f"one of {', '.join(_CLOCK)} is due, but {came} came")
    ((name, value),) = asked.items()
    if name == "freeze" and any(
        isinstance(waiting.fault.effect, Outage) for waiting in mock.waiting.waiting()
    ):
        _refuse(
            "connection_refused waits in line, and ends by the clock: with that standing still "
            "nobody could reach the mock again; DELETE faults first"
        )
    _CLOCK[name](mock.clock, value)


def forget(mock: StepfunMock, body: bytes) -> None:
    """Forget what was asked and answered."""
    mock.journal.clear()


def choose(mock: StepfunMock, body: bytes) -> None:
    """Decide something else of what the documentation leaves open.

    Raises:
        RefusedError: `body.refused` for what is no JSON, `parameter.refused` for no object.
        ValueError: an unknown choice, or a value that it does not have.
    """
    names = tuple(choice.name for choice in all_choices())
    mock.choose(**_object(body, "choices", names, '{"link_life": 60}'))


def reset(mock: StepfunMock, body: bytes) -> None:
    """Return to how the mock was made.

    Raises:
        RefusedError: a body that asks for more than that.
    """
    if body.strip():
        _object(body, "reset", (), "{}")
    mock.reset()


# The clock -------------------------------------------------------------------------


def _advance(clock: Clock, value: object) -> None:
    steps = value if isinstance(value, dict) else {"seconds": value}
    for unit, step in steps.items():
        if unit not in _UNITS:
            _refuse(unknown("advance has no", unit, "It has", _UNITS))
        if not _is_time(step):
            _refuse(f"{unit} of advance is a number from 0, but {_shown(step)} came")
    if not steps:
        _refuse('advance is written {"hours": 2}, or as a number of seconds, but {} came')
    clock.advance(**steps)


def _freeze(clock: Clock, value: object) -> None:
    if value is True:
        clock.freeze()
    elif isinstance(value, int | float) and _is_time(value):
        clock.freeze(value)
    else:
        _refuse(f"freeze is true, or a number of Unix seconds from 0, but {_shown(value)} came")


def _unfreeze(clock: Clock, value: object) -> None:
    _check_true("unfreeze", value)
    clock.unfreeze()


def _reset(clock: Clock, value: object) -> None:
    _check_true("reset", value)
    clock.reset()


_CLOCK = {"advance": _advance, "freeze": _freeze, "unfreeze": _unfreeze, "reset": _reset}


def _is_time(value: object) -> bool:
    """Whether it is a number from 0 that a clock can reckon with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < math.inf and value < 10**15


def _check_true(name: str, value: object) -> None:
    if value is not True:
        _refuse(f"{name} is true, but {_shown(value)} came")


# Reading ---------------------------------------------------------------------------


def _faults(records: list[object]) -> list[Fault]:
    faults = []
    for number, record in enumerate(records, 1):
        try:
            faults.append(from_record(record))
        except ValueError as problem:
            _refuse(f"fault {number} of {len(records)}: {problem}")
    return faults


def _object(body: bytes, what: str, known: Collection[str], sample: str) -> dict[str, object]:
    """The fields of a body that takes no others."""
    asked = read_value(body)
    if not isinstance(asked, dict):
        _refuse(f"{what} takes an object, as in {sample}, but {_shown(asked)} came")
    for name in asked:
        if name not in known:
            _refuse(unknown(f"{what} has no field", name, "It has", known))
    return asked


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:_SHOWN]


def _refuse(message: str) -> NoReturn:
    raise RefusedError(PARAMETER_REFUSED, message)
