"""A record as one row of the page."""

import json
from typing import Any
from zlib import crc32

from stepfun_mock.contract import LINK_PREFIX, MODEL_PARAMETER, MODELS, ROUTES
from stepfun_mock.inspector.clients import client
from stepfun_mock.inspector.record import Record
from stepfun_mock.inspector.text import Text
from stepfun_mock.message import ImageRequest
from stepfun_mock.pictures import dead

PICTURES = "/__stepfun_mock/pictures/"
"""Where the picture of an exchange is, by its number."""

KINDS = ("generation", "picture", "models", "other")
"""What a path can ask for."""

_PROMPT_SHOWN = 512
_KNOWN = frozenset(one.name for one in (MODEL_PARAMETER, *MODELS[0].parameters))
_GENERATIONS = tuple(route.path for route in ROUTES if route.id.startswith("generate"))
_MODELS = tuple(route.path for route in ROUTES if route.id in ("models", "models.plan"))


def row(record: Record) -> dict[str, Any]:
    """One line of the list."""
    entry = record.entry
    fields = _fields(record.body)
    return {
        "number": entry.number,
        "at": entry.at,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "seconds": entry.seconds,
        "held": record.reply.held,
        "client": client(dict(record.headers).get("user-agent", "")),
        "kind": kind_of(entry.path),
        "parameters": entry.image_request and _parameters(entry.image_request),
        "prompt": _prompt(entry.image_request, fields),
        "given": [name for name in fields if name in _KNOWN],
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
        "picture": record.picture,
        "image": _image(record),
        "link": record.link
        and {
            "url": record.link.url,
            "expires": record.link.expires,
            "fetched": record.link.fetched,
            "dead": dead(entry.spoilt),
        },
    }


def kind_of(path: str) -> str:
    """What a path asks for, as one of `KINDS`."""
    if path in _GENERATIONS:
        return "generation"
    if path.startswith(LINK_PREFIX):
        return "picture"
    return "models" if path.startswith(_MODELS) else "other"


def is_shown(record: Record) -> bool:
    """Whether that can be seen which the client got as a picture."""
    if record.picture != "spoilt":
        return record.picture == "sent"
    # Base64 text that nobody can read holds none, and a dead link leads to none.
    return bool(record.entry.spoilt) and dead(record.entry.spoilt) is None


def _parameters(image: ImageRequest) -> dict[str, Any]:
    shown = image._asdict()
    del shown["unknown"]
    return {**shown, "width": image.width, "height": image.height}


def _prompt(image: ImageRequest | None, fields: dict[str, Any]) -> str | None:
    """What was asked for in words, also by a request that was refused."""
    prompt = fields.get("prompt") if image is None else image.prompt
    return prompt[:_PROMPT_SHOWN] if isinstance(prompt, str) else None


def _fields(body: Text) -> dict[str, Any]:
    try:
        fields = json.loads(body.text)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _image(record: Record) -> str | None:
    entry = record.entry
    number = entry.number if entry.image_request else record.origin
    if not number or not is_shown(record):
        return None
    # A browser keeps what it has loaded, and after a reset other pictures bear the same numbers.
    shown = crc32(repr((entry.image_request or entry.path, entry.seed, entry.spoilt)).encode())
    return f"{PICTURES}{number}?shows={shown:08x}"
