"""A record as one row of the page."""

import json
from typing import Any

from stepfun_mock.contract import LINK_PREFIX, ROUTES, SUCCESS
from stepfun_mock.inspector.clients import client
from stepfun_mock.inspector.records import Record
from stepfun_mock.inspector.text import Text
from stepfun_mock.message import ImageRequest

PICTURES = "/__stepfun_mock/pictures/"
"""Where the picture of an exchange is, by its number."""

_GENERATIONS = tuple(route.path for route in ROUTES if route.id.startswith("generate"))
_MODELS = tuple(route.path for route in ROUTES if route.id in ("models", "models.plan"))


def row(record: Record) -> dict[str, Any]:
    """One line of the list."""
    entry = record.entry
    return {
        "number": entry.number,
        "at": entry.at,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "seconds": entry.seconds,
        "client": client(dict(record.headers).get("user-agent", "")),
        "kind": kind_of(entry.path),
        "parameters": entry.image_request and _parameters(entry.image_request),
        "given": _given(record.body),
        "unknown": list(entry.image_request.unknown) if entry.image_request else [],
        "seed": entry.seed,
        "finish_reason": entry.finish_reason,
        "refusal": entry.refusal,
        "message": entry.message,
        "parameter": entry.parameter,
        "fault": entry.fault,
        "advice": [
            {"id": advice.id, "rule": advice.rule, "message": advice.message}
            for advice in record.advice
        ],
        "picture": _picture(record),
        "link": record.link
        and {
            "url": record.link.url,
            "expires": record.link.expires,
            "fetched": record.link.fetched,
        },
    }


def kind_of(path: str) -> str:
    """What a path asks for: generation, picture, models or other."""
    if path in _GENERATIONS:
        return "generation"
    if path.startswith(LINK_PREFIX):
        return "picture"
    return "models" if path.startswith(_MODELS) else "other"


def is_drawn(record: Record) -> bool:
    """Whether a picture was drawn for it."""
    entry = record.entry
    drawn = entry.image_request is not None and entry.seed is not None and entry.status == 200
    return drawn and entry.finish_reason == SUCCESS


def _parameters(image: ImageRequest) -> dict[str, Any]:
    shown = image._asdict()
    del shown["unknown"]
    return {**shown, "width": image.width, "height": image.height}


def _given(body: Text) -> list[str]:
    try:
        fields = json.loads(body.text)
    except (ValueError, RecursionError):
        return []
    return list(fields) if isinstance(fields, dict) else []


def _picture(record: Record) -> str | None:
    if is_drawn(record):
        return f"{PICTURES}{record.entry.number}"
    fetched = record.origin is not None and record.entry.status == 200
    return f"{PICTURES}{record.origin}" if fetched else None
