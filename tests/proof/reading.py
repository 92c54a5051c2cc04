"""How the reference reads a request: its body, then its parameters one by one."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from .messages import (
    BAD_BODY,
    BAD_PARAMETER,
    BAD_SIZE,
    JSON,
    Json,
    Parameters,
    RefusedError,
    Request,
)

MODEL = "step-image-edit-2"
SIZES = ("1024x1024", "768x1360", "896x1184", "1360x768", "1184x896")
LAST_SEED = 2147483647
DEFAULTS: Mapping[str, Json] = {
    "size": "1024x1024",
    "n": 1,
    "response_format": "url",
    "seed": None,
    "steps": 8,
    "cfg_scale": 1.0,
    "negative_prompt": "",
    "text_mode": False,
}
# Exactly these types, as Python takes True for an integer.
TYPES: Mapping[str, tuple[type, ...]] = {
    "model": (str,),
    "prompt": (str,),
    "size": (str,),
    "n": (int,),
    "response_format": (str,),
    "seed": (int,),
    "steps": (int,),
    "cfg_scale": (int, float),
    "negative_prompt": (str,),
    "text_mode": (bool,),
}
CHOICES: Mapping[str, tuple[Json, ...]] = {
    "model": (MODEL,),
    "size": SIZES,
    "n": (1,),
    "response_format": ("b64_json", "url"),
}
RANGES: Mapping[str, tuple[float, float]] = {
    "seed": (0, LAST_SEED),
    "steps": (1, 50),
    "cfg_scale": (1.0, 10.0),
}
LENGTHS: Mapping[str, tuple[int, int]] = {"prompt": (1, 512), "negative_prompt": (0, 512)}


def without_doubles(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """A JSON object, unless it has a key twice."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a key stands in it twice")
    return fields


def no_number(name: str) -> NoReturn:
    """Python would read NaN and Infinity."""
    raise ValueError(f"{name} is no number")


class Reading:
    """Reads requests, on the strict side where nothing is documented."""

    def fields(self, request: Request) -> dict[str, Json]:
        """The fields in the body of a request."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != JSON or "content-encoding" in request.headers:
            raise RefusedError(415, BAD_BODY, f"The body must be {JSON}, not compressed.")
        try:
            fields = self.parse(request.body)
        except (ValueError, RecursionError) as error:
            raise RefusedError(400, BAD_BODY, f"The body is no proper JSON: {error}") from None
        if not isinstance(fields, dict):
            raise RefusedError(400, BAD_BODY, "The body must be a JSON object.")
        return fields

    def parse(self, body: bytes) -> Json:
        """What stands in the body; a ValueError if that is no proper JSON."""
        text = body.decode("utf-8")
        return json.loads(text, object_pairs_hook=without_doubles, parse_constant=no_number)

    def parameters(self, fields: Mapping[str, Json]) -> Parameters:
        return Parameters(**{name: self.parameter(name, fields) for name in TYPES})

    def parameter(self, name: str, fields: Mapping[str, Json]) -> Any:
        value = fields.get(name)
        return self.absent(name) if value is None else self.checked(name, value)

    def absent(self, name: str) -> Any:
        """What a field means that is left out, or null."""
        if name not in DEFAULTS:
            self.wrong(name, "must be there")
        return DEFAULTS[name]

    def checked(self, name: str, value: Json) -> Any:
        """The value of a field; refused if it is not allowed."""
        if type(value) not in TYPES[name]:
            self.wrong(name, f"must be of type {TYPES[name][-1].__name__}")
        if name in CHOICES and value not in CHOICES[name]:
            self.wrong(name, f"must be one of {CHOICES[name]}")
        if name in RANGES and not RANGES[name][0] <= value <= RANGES[name][1]:
            self.wrong(name, f"must be between {RANGES[name][0]} and {RANGES[name][1]}")
        if name in LENGTHS and not LENGTHS[name][0] <= len(value) <= LENGTHS[name][1]:
            self.wrong(name, f"must have {LENGTHS[name][0]} to {LENGTHS[name][1]} characters")
        return value

    def wrong(self, name: str, why: str) -> NoReturn:
        kind = BAD_SIZE if name == "size" else BAD_PARAMETER
        raise RefusedError(400, kind, f"{name} {why}.", name)
