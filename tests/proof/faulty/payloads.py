"""Servers that give the picture in the wrong field, in two, in none, or end for no reason."""

from dataclasses import replace

from ..messages import Json, Parameters, Picture, Request
from ..reference import Make, ReferenceServer
from .kinds import Faulty, enters, having, without

OTHER = {"url": "b64_json", "b64_json": "url"}


def swaps(*formats: str) -> Make:
    """A server that gives the other format where one of these is asked for."""

    class Swapping(ReferenceServer):
        def payload(
            self, request: Request, parameters: Parameters, picture: Picture
        ) -> dict[str, Json]:
            asked = parameters.response_format
            given = OTHER[asked] if asked in formats else asked
            return super().payload(request, replace(parameters, response_format=given), picture)

    return Swapping


class Both(ReferenceServer):
    """Gives the picture in both formats."""

    def payload(
        self, request: Request, parameters: Parameters, picture: Picture
    ) -> dict[str, Json]:
        return {"b64_json": self.text(picture), "url": self.link(request, picture)}


def beside(value: Json) -> Make:
    """A server that fills the field of the other format with something empty."""
    return enters(lambda entry: {"b64_json": value, "url": value, **entry})


def renames(names: dict[str, str]) -> Make:
    return enters(lambda entry: {names.get(name, name): value for name, value in entry.items()})


def changes(name: str, value: Json) -> Make:
    """A server that gives something else in a field, where it has that field."""
    return enters(lambda entry: {**entry, name: value} if name in entry else entry)


PAYLOADS = ("reply.b64_json", "reply.url")
FINISH = "reply.finish_reason"

FAULTS = (
    Faulty(
        "payload-both",
        "gives every picture as b64_json and as url",
        "payload.one",
        Both,
        also=("response_format.values",),
    ),
    Faulty(
        "payload-none",
        "says success, and gives no picture",
        "payload.one",
        enters(without("b64_json", "url")),
        also=PAYLOADS,
    ),
    Faulty(
        "payload-null-beside",
        "has null in the field of the other format",
        "payload.one",
        beside(None),
        "differs",
    ),
    Faulty(
        "payload-empty-beside",
        "has an empty text in the field of the other format",
        "payload.one",
        beside(""),
    ),
    Faulty(
        "payload-always-url",
        "gives a link whatever is asked for",
        "response_format.values",
        swaps("b64_json"),
        also=("reply.b64_json", "payload.one"),
    ),
    Faulty(
        "payload-always-b64_json",
        "gives b64_json whatever is asked for",
        "response_format.values",
        swaps("url"),
        also=("reply.url", "payload.one", "response_format.default"),
    ),
    Faulty(
        "payload-swapped",
        "gives the format that was not asked for",
        "response_format.values",
        swaps("url", "b64_json"),
        also=(*PAYLOADS, "payload.one", "response_format.default"),
    ),
    Faulty(
        "payload-called-image",
        "calls b64_json image, as older pages do",
        "reply.b64_json",
        renames({"b64_json": "image"}),
        also=("payload.one",),
    ),
    Faulty(
        "payload-called-image_url",
        "calls url image_url",
        "reply.url",
        renames({"url": "image_url"}),
        also=("payload.one",),
    ),
    Faulty(
        "b64_json-null",
        "gives null for b64_json",
        "reply.b64_json",
        changes("b64_json", None),
        also=("payload.one",),
    ),
    Faulty(
        "url-null", "gives null for url", "reply.url", changes("url", None), also=("payload.one",)
    ),
    Faulty(
        "url-object",
        "puts the link into an object",
        "reply.url",
        enters(lambda entry: {**entry, "url": {"url": entry["url"]}} if "url" in entry else entry),
    ),
    Faulty(
        "b64_json-list",
        "gives the picture as a list of texts",
        "reply.b64_json",
        enters(
            lambda entry: (
                {**entry, "b64_json": [entry["b64_json"]]} if "b64_json" in entry else entry
            )
        ),
    ),
    Faulty("finish-missing", "gives no finish_reason", FINISH, enters(without("finish_reason"))),
    Faulty(
        "finish-null",
        "gives null as finish_reason",
        FINISH,
        enters(having("finish_reason", lambda _: None)),
    ),
    Faulty(
        "finish-stop",
        "ends with stop, as models of language do",
        FINISH,
        enters(having("finish_reason", lambda _: "stop")),
    ),
    Faulty(
        "finish-upper-case",
        "ends with SUCCESS",
        FINISH,
        enters(having("finish_reason", lambda _: "SUCCESS")),
    ),
    Faulty(
        "finish-content_filter",
        "ends with content_filter",
        FINISH,
        enters(having("finish_reason", lambda _: "content_filter")),
    ),
    Faulty(
        "finish-true", "ends with true", FINISH, enters(having("finish_reason", lambda _: True))
    ),
)
