"""What the routes of our own show of a mock, as JSON has it. Never a key."""

import inspect
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from stepfun_mock import faults as fault_functions
from stepfun_mock.choices import all_choices
from stepfun_mock.faults.catalogue import NAME, arguments_of, record_of
from stepfun_mock.journal import Entry
from stepfun_mock.message import ImageRequest, Request
from stepfun_mock.script import Waiting
from stepfun_mock.service import StepfunMock
from stepfun_mock.terms import unknown

PAGE = 100
"""Entries of the journal that are shown at once, unless more are asked for."""

MOST = 1000
"""Entries of the journal that can be asked for at once."""

_LAST_SECOND = 253_402_300_799  # of the year 9999, where `datetime` ends
_WHOLE = re.compile(r"[0-9]{1,18}")


def health(mock: StepfunMock) -> object:
    """That it is up."""
    return {"status": "ok"}


def openapi(request: Request) -> object:
    """The contract as OpenAPI."""
    # Few ask for the document, and what builds it takes its time to load.
    from stepfun_mock.openapi import document

    return document(f"{request.scheme}://{request.headers['host']}")


def catalogue(mock: StepfunMock) -> object:
    """Every fault, with its arguments and their defaults."""
    return {"faults": [_about(name) for name in fault_functions.__all__]}


def _about(name: str) -> dict[str, object]:
    function = getattr(fault_functions, name)
    parameters = inspect.signature(function).parameters
    return {
        NAME: name,
        "group": function.__module__.rpartition(".")[2],
        "arguments": {one: parameters[one].default for one in arguments_of(name)},
        "about": str(inspect.getdoc(function)).partition("\n")[0],
    }


def faults(mock: StepfunMock) -> object:
    """What waits for requests: the faults in line, chaos, and an outage."""
    script = mock.waiting
    return {
        "waiting": [_waiting(one) for one in script.waiting()],
        "chaos": chaos(mock),
        "down_until": script.down_until(),
    }


def _waiting(waiting: Waiting) -> dict[str, object]:
    met = waiting.fault.times - waiting.times
    shown = {**record_of(waiting.fault), "met": met, "left": waiting.times}
    if waiting.problem:
        # Why the last request that looked at it did not meet it.
        shown["problem"] = waiting.problem.removeprefix("; ")
    return shown


def chaos(mock: StepfunMock) -> object:
    """The chaos that is loose; None without."""
    chaos = mock.waiting.chaos
    return chaos and {
        "rate": chaos.rate,
        "seed": chaos.seed,
        "faults": [record_of(fault) for fault in chaos.among],
    }


def clock(mock: StepfunMock) -> dict[str, object]:
    """The mock's time."""
    now = mock.clock.now()
    moment = datetime.fromtimestamp(min(now, _LAST_SECOND), UTC)
    iso = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"now": now, "iso": iso, "frozen": mock.clock.frozen}


def choices(mock: StepfunMock) -> object:
    """Every choice with its value; of keys, how many are known."""
    shown = {
        choice.name: {
            "value": getattr(mock.choices, choice.name),
            "default": choice.default,
            "others": choice.others,
            "about": choice.about,
        }
        for choice in all_choices()
        if choice.name != "api_keys"
    }
    return {"choices": shown, "api_keys": len(mock.choices.api_keys)}


def summary(mock: StepfunMock) -> dict[str, Any]:
    """The counts of the journal."""
    statuses = sorted(dict(mock.journal.statuses).items())
    return {
        "total": mock.journal.total,
        "statuses": {str(status): count for status, count in statuses},
        "kept": len(mock.journal),
        "entries": [],
    }


def journal(mock: StepfunMock, query: str) -> object:
    """The counts of the journal and its entries, newest first.

    Args:
        mock: The mock.
        query: `limit=`, how many entries, from 1 to `MOST`; `before=`, the number of an entry
            that is newer than all of them.

    Raises:
        ValueError: something else in the query.
    """
    asked = _asked(query, ("limit", "before"))
    limit = _whole(asked, "limit", PAGE, MOST)
    shown = summary(mock)
    before = _whole(asked, "before", shown["total"] + 1)
    entries = [entry for entry in mock.journal if entry.number < before]
    shown["entries"] = [_entry(entry) for entry in entries[: -limit - 1 : -1]]
    return shown


def _entry(entry: Entry) -> dict[str, object]:
    shown = {name: getattr(entry, name) for name in Entry.__slots__}
    if entry.image_request is not None:
        shown["image_request"] = _image(entry.image_request)
    return shown


def _image(image: ImageRequest) -> dict[str, object]:
    return {**image._asdict(), "width": image.width, "height": image.height}


def _asked(query: str, known: Sequence[str]) -> dict[str, str]:
    asked: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in known:
            raise ValueError(unknown("the journal takes no", name, "It takes", known))
        if name in asked:
            raise ValueError(f"{name} stands in the query twice")
        asked[name] = value
    return asked


def _whole(asked: dict[str, str], name: str, default: int, most: int | None = None) -> int:
    """A whole number from 1 in a query."""
    text = asked.get(name)
    if text is None:
        return default
    number = int(text) if _WHOLE.fullmatch(text) else 0
    if number < 1 or (most is not None and number > most):
        upto = f" to {most}" if most is not None else ""
        raise ValueError(f'{name} is a whole number from 1{upto}, but "{text}" came')
    return number
