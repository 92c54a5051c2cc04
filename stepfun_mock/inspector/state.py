"""What holds now, as the controls of the page show it."""

from functools import cache
from typing import Any

from stepfun_mock.choices import Choices, all_choices, domains
from stepfun_mock.contract import MODEL_PARAMETER, MODELS
from stepfun_mock.domain import Domain
from stepfun_mock.inspector import records as kept
from stepfun_mock.inspector.records import Records
from stepfun_mock.service import StepfunMock
from stepfun_mock.terms import Parameter
from stepfun_mock.transports import views

# Keys are shown to nobody; and without the routes there is no page to switch them on again.
_NOT_HERE = ("api_keys", "control_routes")


@cache
def own_version() -> str:
    """The version of this package."""
    from importlib.metadata import PackageNotFoundError, version  # which loads half of `email`

    try:
        return version("stepfun-mock")
    except PackageNotFoundError:  # a folder on the path, never installed
        return "0"


def state(mock: StepfunMock, records: Records, root: str, session: str) -> dict[str, Any]:
    """What holds now; no key is shown.

    Args:
        mock: The mock.
        records: What is kept of its exchanges.
        root: Scheme and host of the server.
        session: Tells this server from another one on the same port.
    """
    return {
        "version": own_version(),
        "session": session,
        "base_url": f"{root}/v1",
        "key": None if mock.choices.api_keys else mock.api_key,
        "clock": {**views.clock(mock), "ahead": mock.clock.ahead},
        "faults": views.faults(mock),
        "choices": _choices(mock.choices),
        "next_expiry": _expiry(records, mock.clock.now()),
        "total": mock.journal.total,
        "kept": len(records),
        "most": kept.KEPT,
        "statuses": views.summary(mock)["statuses"],
        "parameters": [_parameter(row) for row in (MODEL_PARAMETER, *MODELS[0].parameters)],
    }


def _expiry(records: Records, now: float) -> dict[str, int] | None:
    """Which link dies next, and how many links die in that second."""
    record, links = records.next_to_expire(now)
    if record is None or record.link is None:
        return None
    return {"number": record.entry.number, "expires": record.link.expires, "links": links}


def _choices(choices: Choices) -> list[dict[str, Any]]:
    return [
        {
            "name": choice.name,
            "value": getattr(choices, choice.name),
            "default": choice.default,
            "about": choice.about,
            **_control(domains()[choice.name]),
        }
        for choice in all_choices()
        if choice.name not in _NOT_HERE
    ]


def _control(domain: Domain) -> dict[str, Any]:
    """Which control of a form suits a choice."""
    if domain.switch:
        return {"kind": "switch"}
    if domain.texts:
        return {"kind": "list"}
    if domain.number is None:
        return {"kind": "words", "words": list(domain.words)}
    return {
        "kind": "whole" if domain.number is int else "number",
        "words": list(domain.words),
        "optional": domain.optional,
        "minimum": domain.span[0],
        "maximum": domain.span[1],
    }


def _parameter(row: Parameter) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": str(row.kind),
        "about": row.about,
        "required": row.required,
        "default": row.default,
        "values": list(row.values),
        "minimum": row.minimum,
        "maximum": row.maximum,
        "max_length": row.max_length,
        "note": row.note,
    }
