"""Servers that fill in something else for what is left out, or heed what they should pass over."""

from collections.abc import Mapping
from typing import Any

from ..messages import Json, Parameters
from ..reading import DEFAULTS
from ..reference import Make, ReferenceServer
from .kinds import Faulty, fills_in, looks


def remembers(field: str) -> Make:
    """A server that fills in what the request before had in a field."""

    class Remembering(ReferenceServer):
        last: Json = DEFAULTS[field]

        def parameter(self, name: str, fields: Mapping[str, Json]) -> Any:
            value = super().parameter(name, fields)
            if name == field:
                value = self.last if fields.get(name) is None else value
                self.last = value
            return value

    return Remembering


def heeded(parameters: Parameters) -> dict[str, object]:
    return {"negative_prompt": parameters.negative_prompt}


FAULTS = (
    Faulty(
        "steps-default-20",
        "takes 20 steps if none are named",
        "steps.default",
        fills_in("steps", 20),
    ),
    Faulty(
        "steps-default-50",
        "takes 50 steps if none are named",
        "steps.default",
        fills_in("steps", 50),
    ),
    Faulty(
        "steps-remembered",
        "takes the steps of the request before",
        "steps.default",
        remembers("steps"),
    ),
    Faulty(
        "cfg_scale-default-7.5",
        "takes a cfg_scale of 7.5 if none is named",
        "cfg_scale.default",
        fills_in("cfg_scale", 7.5),
    ),
    Faulty(
        "cfg_scale-remembered",
        "takes the cfg_scale of the request before",
        "cfg_scale.default",
        remembers("cfg_scale"),
    ),
    Faulty(
        "negative_prompt-default-ugly",
        "keeps clear of ugly things above cfg_scale 1.0",
        "negative_prompt.default",
        fills_in("negative_prompt", "ugly"),
    ),
    Faulty(
        "negative_prompt-remembered",
        "takes the negative_prompt of the request before",
        "negative_prompt.default",
        remembers("negative_prompt"),
    ),
    Faulty(
        "text_mode-default-true",
        "has text_mode on if it isn't named",
        "text_mode.default",
        fills_in("text_mode", True),
    ),
    Faulty(
        "text_mode-remembered",
        "takes the text_mode of the request before",
        "text_mode.default",
        remembers("text_mode"),
    ),
    Faulty(
        "size-default-1360x768",
        "draws 1360x768 if no size is named",
        "size.default",
        fills_in("size", "1360x768"),
    ),
    Faulty(
        "size-remembered", "takes the size of the request before", "size.default", remembers("size")
    ),
    Faulty(
        "format-default-b64_json",
        "gives b64_json if no format is named",
        "response_format.default",
        fills_in("response_format", "b64_json"),
    ),
    Faulty(
        "format-remembered",
        "takes the format of the request before",
        "response_format.default",
        remembers("response_format"),
    ),
    Faulty(
        "negative_prompt-always-heeded",
        "heeds the negative_prompt at cfg_scale 1.0",
        "negative_prompt.neutral",
        looks(heeded),
    ),
)
