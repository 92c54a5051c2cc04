"""What an application got, and how that is said in a few words."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from contracts.evidence import png
from contracts.evidence.errors import BrokenPictureError

from .cases import HEIGHT, WIDTH

AS_EVER = "the picture"
"""What is said where nothing is amiss, or nobody notices."""

_LATEST = 10**11  # Unix seconds: no application meets the year 5138


class Seen(NamedTuple):
    """What an application got in the end.

    Args:
        raised: The exception, by its name.
        at_link: Whether it was fetching the link.
        status: The last status that it read, or that the exception knows.
        reply: The JSON of the reply.
        content: The picture, as far as there is one.
    """

    raised: str = ""
    at_link: bool = False
    status: int = 200
    reply: Any = None
    content: bytes | None = None

    def __str__(self) -> str:
        where = "link: " if self.at_link else ""
        if self.raised:
            known = f" ({self.status})" if self.status != 200 else ""
            return f"{where}`{self.raised}`{known}"
        if self.status != 200:
            return f"{where}{self.status}"
        if self.content is None:
            return f"200, {_lack(self.reply)}"
        return "; ".join((_picture(self.content), *_oddities(self.reply)))


def item_of(reply: Any) -> Mapping[str, Any] | None:
    """The first item of a reply, as a careful application looks for it."""
    data = reply.get("data") if isinstance(reply, Mapping) else None
    return data[0] if data else None


def _lack(reply: Any) -> str:
    if not isinstance(reply, Mapping):
        came = "`None`" if reply is None else f"a `{type(reply).__name__}`"
        return f"{came} instead of the reply"
    item = item_of(reply)
    if item is None:
        return "no `data`" if reply.get("data") is None else "`data` is empty"
    if item.get("finish_reason") != "success":
        return f"`{item.get('finish_reason')}` without a picture"
    return "no payload"


def _picture(content: bytes) -> str:
    if content.startswith(b"\xff\xd8"):
        return "a JPEG"
    if not content.startswith(png.SIGNATURE):
        return "no picture"
    try:
        header = png.read(content)
    except BrokenPictureError:
        return "a broken PNG"
    if (header.height, header.width) == (HEIGHT, WIDTH):
        return AS_EVER
    return f"a picture {header.width} wide and {header.height} high"


def _oddities(reply: Mapping[str, Any]) -> list[str]:
    item = item_of(reply) or {}
    found = []
    if item.get("finish_reason") != "success":
        found.append(f"`finish_reason` is `{item.get('finish_reason')}`")
    if "seed" not in item:
        found.append("no `seed`")
    elif isinstance(item["seed"], str):
        found.append("`seed` is text")
    if reply.get("created", math.inf) > _LATEST:
        found.append("`created` is no time in seconds")
    return found
