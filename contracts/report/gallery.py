"""The pictures that were drawn in a run: small, with what was asked for and what came."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from ..album import Album, NoPictureError, Taken
from ..evidence.pictures import THUMBNAIL_MEDIA_TYPE, BrokenPictureError, thumbnail
from ..exchange import Exchange
from ..run import Run
from .excerpt import Clean, cleaner, shortened

_SIDE = 256
_LONGEST_PROMPT = 120
_LONGEST_VALUE = 40
_IN_ITS_OWN_PLACE = {"model", "prompt", "negative_prompt", "size", "seed"}


@dataclass(frozen=True, slots=True)
class Print:
    """A picture in the report, or the place where one should be.

    Args:
        name: The id of the probe.
        image: The small picture as a data URL; empty where there is none.
        width: Of the small picture.
        height: Of the small picture.
        drawn: How large the picture is, in words, and its format; empty where there is none.
        problem: Why there is none; empty where there is one.
        size: The size that was asked for, in words.
        prompt: What was to be seen.
        negative: What was not to be seen; empty where that was left out.
        seed: The seed that was asked for, and the one that the reply names.
        others: The other fields that were sent, each as `name value`.
        exchange: The number of the request.
        status: The status of its reply.
    """

    name: str
    image: str
    width: int
    height: int
    drawn: str
    problem: str
    size: str
    prompt: str
    negative: str
    seed: str
    others: tuple[str, ...]
    exchange: int
    status: int | None


# To draw a small picture takes longer than all the rest of a report, which is written again and
# again while a run lasts; what was drawn stays the same.
_SEEN: WeakKeyDictionary[Album, dict[str, Print]] = WeakKeyDictionary()


def gallery(run: Run) -> tuple[Print, ...]:
    """The pictures of a run, in the order in which they were asked for."""
    seen = _SEEN.setdefault(run.lab.album, {})
    exchanges = {exchange.number: exchange for exchange in tuple(run.lab.exchanges)}
    for name, found in run.lab.album.taken.items():
        if name not in seen and found.exchanges and found.exchanges[0] in exchanges:
            seen[name] = _print(run, name, found, exchanges[found.exchanges[0]])
    return tuple(sorted(seen.values(), key=lambda one: one.exchange))


def _print(run: Run, name: str, found: Taken | NoPictureError, exchange: Exchange) -> Print:
    clean = cleaner(run.order.key)
    asked = _fields(exchange.ask.body)
    others = [
        f"{clean(field)} {_said(value, clean)}"
        for field, value in asked.items()
        if field not in _IN_ITS_OWN_PLACE
    ]
    image, problem = _image(found)
    return Print(
        name=clean(name),
        image=image,
        **_measures(found),
        problem=clean(problem),
        size=_size(asked.get("size"), clean),
        prompt=_said(asked.get("prompt"), clean, _LONGEST_PROMPT),
        negative=_said(asked.get("negative_prompt", ""), clean, _LONGEST_PROMPT),
        seed=_seeds(asked, exchange, clean),
        others=tuple(others),
        exchange=exchange.number,
        status=exchange.reply.status if exchange.reply else None,
    )


def _image(found: Taken | NoPictureError) -> tuple[str, str]:
    """The data URL of the small picture, or why there is none."""
    if isinstance(found, NoPictureError):
        return "", found.sentence
    try:
        small = base64.b64encode(thumbnail(found.data, _SIDE)).decode()
    except BrokenPictureError as problem:
        return "", str(problem)
    return f"data:{THUMBNAIL_MEDIA_TYPE};base64,{small}", ""


def _measures(found: Taken | NoPictureError) -> dict[str, Any]:
    """The size of a small picture, and of the picture itself in words."""
    if isinstance(found, NoPictureError):
        return {"width": 0, "height": 0, "drawn": ""}
    width, height = found.picture.width, found.picture.height
    scale = min(_SIDE / max(width, height), 1.0)
    return {
        "width": max(round(width * scale), 1),
        "height": max(round(height * scale), 1),
        "drawn": f"{height} high, {width} wide, {found.picture.format}",
    }


def _size(size: object, clean: Clean) -> str:
    """A size as the page means it: the first figure is the height."""
    if size is None:
        return "size left out"
    height, cross, width = str(size).partition("x")
    if cross and height.isdecimal() and width.isdecimal():
        return f"size {size}: {height} high, {width} wide"
    return f"size {_said(size, clean)}"


def _seeds(asked: Mapping[str, object], exchange: Exchange, clean: Clean) -> str:
    given = f"seed {_said(asked['seed'], clean)}" if "seed" in asked else "no seed"
    named = _named_seed(exchange)
    if named is None or named == asked.get("seed"):
        return given
    return f"{given}, the reply names {_said(named, clean)}"


def _named_seed(exchange: Exchange) -> object:
    body = exchange.reply.body if exchange.reply else b""
    items = _fields(body).get("data")
    first = items[0] if isinstance(items, list) and items else None
    return first.get("seed") if isinstance(first, dict) else None


def _fields(body: bytes) -> dict[str, Any]:
    """The fields of a JSON body; none where it is no object."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _said(value: object, clean: Clean, longest: int = _LONGEST_VALUE) -> str:
    """A value in words; what is no single one is not spelled out."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = value if isinstance(value, str) else json.dumps(value)
    return shortened(clean(text), longest)
