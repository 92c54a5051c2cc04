"""Servers that refuse in another way than with 400 and the envelope, or lack what others have."""

import json
from collections.abc import Callable

from ..messages import (
    BAD_KEY,
    BAD_PARAMETER,
    BAD_SIZE,
    Json,
    RefusedError,
    Reply,
)
from ..reference import Make, ReferenceServer
from .kinds import Faulty

HTML = {"Content-Type": "text/html; charset=utf-8"}
PAGE = b"<!doctype html><title>Error</title><h1>Something went wrong</h1>"
PARAMETERS = (BAD_PARAMETER, BAD_SIZE)
TYPES = (
    "model",
    "prompt",
    "size",
    "n",
    "response_format",
    "seed",
    "steps",
    "cfg_scale",
    "negative_prompt",
    "text_mode",
)
# What a server seems to take that says 200 to all of it.
SEEMS_TO_TAKE = (
    *(f"{name}.type" for name in TYPES),
    *(f"{name}.values" for name in ("model", "size", "n", "response_format")),
    *(f"{name}.range" for name in ("seed", "steps", "cfg_scale")),
    *(f"{name}.length" for name in ("prompt", "negative_prompt")),
    *(f"{name}.required" for name in ("model", "prompt")),
    "size.refused",
    "model.refused",
    "reply.json",
    "reply.created",
    "reply.data",
)
ENVELOPE = "error.envelope"
REFUSED = ("size.refused", "model.refused")


def refuses_with(status: int, *kinds: str) -> Make:
    """A server that gives refusals of these kinds another status."""

    class Refusing(ReferenceServer):
        def refuse(self, refused: RefusedError) -> Reply:
            reply = super().refuse(refused)
            if refused.kind in kinds:
                return Reply(status, reply.headers, reply.body)
            return reply

    return Refusing


def says_no(said: Callable[[RefusedError], Json]) -> Make:
    """A server that says something else in every refusal."""

    class Saying(ReferenceServer):
        def refuse(self, refused: RefusedError) -> Reply:
            return self.said(said(refused), refused.status)

    return Saying


def pages(status: int, *kinds: str) -> Make:
    """A server that refuses with a web page."""

    class Paging(ReferenceServer):
        def refuse(self, refused: RefusedError) -> Reply:
            return Reply(status, HTML, PAGE) if refused.kind in kinds else super().refuse(refused)

    return Paging


class Silent(ReferenceServer):
    """Refuses without a word."""

    def refuse(self, refused: RefusedError) -> Reply:
        return Reply(refused.status)


class Crashing(ReferenceServer):
    """Fails over a field of the wrong type, and refuses all others well."""

    def checked(self, name: str, value: Json) -> Json:
        if isinstance(value, list | dict):
            raise RefusedError(500, "internal_error", "unhashable type")
        return super().checked(name, value)


def plain_error(refused: RefusedError) -> Json:
    return {"error": refused.message}


FAULTS = (
    *(
        Faulty(
            f"refusal-{status}",
            f"refuses parameters with {status}",
            "parameter.refused",
            refuses_with(status, *PARAMETERS),
            also=REFUSED,
        )
        for status in (422, 500, 403, 404)
    ),
    Faulty(
        "refusal-200",
        "says 200 and gives an error, where it refuses parameters",
        "parameter.refused",
        refuses_with(200, *PARAMETERS),
        also=SEEMS_TO_TAKE,
    ),
    Faulty(
        "refusal-html",
        "refuses parameters with a web page and 200",
        "parameter.refused",
        pages(200, *PARAMETERS),
        also=(*SEEMS_TO_TAKE, ENVELOPE),
    ),
    Faulty(
        "refusal-html-400",
        "refuses parameters with a web page and 400",
        ENVELOPE,
        pages(400, *PARAMETERS),
        "differs",
    ),
    Faulty(
        "refusal-size-422",
        "refuses sizes with 422",
        "parameter.refused",
        refuses_with(422, BAD_SIZE),
        also=("size.refused",),
    ),
    Faulty(
        "refusal-crash",
        "fails with 500 over lists and objects",
        "parameter.refused",
        Crashing,
        also=REFUSED,
    ),
    Faulty("refusal-key-403", "refuses keys with 403", "key.refused", refuses_with(403, BAD_KEY)),
    Faulty("refusal-key-400", "refuses keys with 400", "key.refused", refuses_with(400, BAD_KEY)),
    Faulty(
        "refusal-key-200",
        "says 200 and gives an error, where it refuses keys",
        "key.refused",
        refuses_with(200, BAD_KEY),
        also=("key.bearer", "reply.json", "reply.created", "reply.data"),
    ),
    Faulty(
        "refusal-key-html", "refuses keys with a web page", ENVELOPE, pages(401, BAD_KEY), "differs"
    ),
    Faulty("refusal-silent", "refuses without a word", ENVELOPE, Silent, "differs"),
    Faulty(
        "refusal-plain",
        "has a text for the error, and no object",
        ENVELOPE,
        says_no(plain_error),
        "differs",
    ),
    Faulty(
        "refusal-detail",
        "says detail, and not error",
        ENVELOPE,
        says_no(lambda refused: {"detail": refused.message}),
        "differs",
    ),
    Faulty(
        "refusal-without-type",
        "gives no type in an error",
        ENVELOPE,
        says_no(lambda refused: {"error": {"message": refused.message}}),
        "differs",
    ),
    Faulty(
        "refusal-without-message",
        "gives no message in an error",
        ENVELOPE,
        says_no(lambda refused: {"error": {"type": refused.kind}}),
        "differs",
    ),
    Faulty(
        "refusal-type-number",
        "gives a number as the type of an error",
        ENVELOPE,
        says_no(lambda refused: {"error": {"message": refused.message, "type": refused.status}}),
        "differs",
    ),
    Faulty(
        "refusal-text-of-json",
        "gives a JSON text in which the error stands",
        ENVELOPE,
        says_no(
            lambda refused: json.dumps(
                {"error": {"message": refused.message, "type": refused.kind}}
            )
        ),
        "differs",
    ),
)
