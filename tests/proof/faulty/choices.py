"""Servers that know other values than the listed ones, or demand less."""

import re
from typing import Any

from ..messages import Json, Parameters
from ..reading import MODEL
from ..reference import ReferenceServer
from .kinds import (
    Faulty,
    always,
    exactly,
    fills_in,
    is_text,
    refuses,
    takes,
    takes_null,
)


class PromptUnseen(ReferenceServer):
    """Does not miss the prompt, and then takes another."""

    def absent(self, name: str) -> Any:
        return "a cat" if name == "prompt" else super().absent(name)


def other_text(*values: str) -> Any:
    return lambda value: is_text(value) and value not in values


class TwoPictures(ReferenceServer):
    """Draws as many pictures as it is asked for, up to four."""

    def checked(self, name: str, value: Json) -> Any:
        if name == "n" and type(value) is int and 1 <= value <= 4:
            return value
        return super().checked(name, value)

    def whole(self, entry: dict[str, Json]) -> Json:
        many = entry.pop("many")
        return {**super().whole(entry), "data": [entry] * many}

    def entry(self, *asked: Any) -> dict[str, Json]:
        parameters: Parameters = asked[1]
        return {**super().entry(*asked), "many": parameters.n}


FAULTS = (
    Faulty(
        "model-any-taken",
        "takes any model, and draws with its own",
        "model.values",
        takes("model", other_text(MODEL), always(MODEL)),
    ),
    Faulty(
        "model-upper-case-taken",
        "takes the model in capitals",
        "model.values",
        takes("model", lambda value: is_text(value) and value.lower() == MODEL, always(MODEL)),
    ),
    Faulty(
        "model-retired-taken",
        "takes models that are gone",
        "model.values",
        takes(
            "model",
            lambda value: is_text(value) and re.match("step-[12]x-", value) is not None,
            always(MODEL),
        ),
    ),
    Faulty(
        "model-versions-taken",
        "takes anything that starts like the model",
        "model.values",
        takes("model", lambda value: is_text(value) and value.startswith(MODEL), always(MODEL)),
    ),
    Faulty(
        "model-blank-taken",
        "takes a model that is empty",
        "model.values",
        takes("model", exactly(""), always(MODEL)),
    ),
    Faulty(
        "model-missing-taken", "does not miss the model", "model.required", fills_in("model", MODEL)
    ),
    Faulty(
        "model-null-taken",
        "takes null as model",
        "model.required",
        takes_null("model", MODEL),
        also=("model.type",),
    ),
    Faulty("prompt-missing-taken", "does not miss the prompt", "prompt.required", PromptUnseen),
    Faulty(
        "prompt-null-taken",
        "takes null as prompt",
        "prompt.required",
        takes_null("prompt", "a cat"),
        also=("prompt.type",),
    ),
    Faulty(
        "n-2-drawn",
        "draws as many pictures as it is asked for",
        "n.values",
        TwoPictures,
        also=("reply.data",),
    ),
    Faulty(
        "format-b64_json-refused",
        "does not know b64_json",
        "response_format.values",
        refuses("response_format", exactly("b64_json")),
        also=("reply.b64_json",),
    ),
    Faulty(
        "format-url-refused",
        "does not know url, though it is the default",
        "response_format.values",
        refuses("response_format", exactly("url")),
    ),
    Faulty(
        "format-any-taken",
        "takes any format, and gives a link",
        "response_format.values",
        takes("response_format", other_text("b64_json", "url"), always("url")),
    ),
    Faulty(
        "format-b64-taken",
        "takes b64 and base64 for b64_json",
        "response_format.values",
        takes("response_format", exactly("b64", "base64"), always("b64_json")),
    ),
    Faulty(
        "format-upper-case-taken",
        "takes formats in capitals",
        "response_format.values",
        takes("response_format", exactly("URL", "B64_JSON"), lambda value: value.lower()),
    ),
)
