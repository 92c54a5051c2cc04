"""Faults of the picture and of its link.

What is wrong with a picture shows in its Base64 text, or travels in its link and shows where that
is fetched. Nobody reports these from StepFun, but where a docstring says so.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Unpack

from stepfun_mock.faults.effects import OBLONG, Pictured, Rewritten, ShortLived
from stepfun_mock.faults.fault import (
    Fault,
    Schedule,
    check_count,
    check_seconds,
    scheduled,
)
from stepfun_mock.message import Response

_SIDES = (256, 2048)
_SIZE = re.compile(r"([1-9][0-9]{2,3})x([1-9][0-9]{2,3})")
_URL_SAFE = str.maketrans("+/", "-_")


# The Base64 text -------------------------------------------------------------------


def truncated_base64(**schedule: Unpack[Schedule]) -> Fault:
    """The Base64 text stops in the middle of a group of four. Needs `b64_json`. Source: ours.

    Clients: openai, requests and aiohttp hand on a text that `base64.b64decode` answers with
    `binascii.Error`.
    """
    return _text("truncated_base64", _cut, schedule)


def data_uri(**schedule: Unpack[Schedule]) -> Fault:
    """The text starts with `data:image/png;base64,`. Needs `b64_json`. Source: ours.

    Clients: openai, requests and aiohttp hand on a text that `base64.b64decode` answers with
    `binascii.Error`.
    """
    return _text("data_uri", _prefixed, schedule)


def url_safe_base64(**schedule: Unpack[Schedule]) -> Fault:
    """The text has `-` and `_` for `+` and `/`. Needs `b64_json`. Source: ours.

    Clients: openai, requests and aiohttp hand on a text that `base64.b64decode` answers with
    `binascii.Error` or a broken PNG.
    """
    return _text("url_safe_base64", _url_safe, schedule)


# The picture -----------------------------------------------------------------------


def turned_picture(**schedule: Unpack[Schedule]) -> Fault:
    """Height and width are swapped. Needs a size that is not square.

    Source: what about half of the published clients expect, against the documentation.

    Clients: openai, requests and aiohttp hand on a picture 768 wide and 1360 high instead of 1360
    and 768.
    """
    return scheduled("turned_picture", Pictured("turned", OBLONG), schedule)


def resized_picture(*, size: str = "512x512", **schedule: Unpack[Schedule]) -> Fault:
    """The picture has another size than was asked for. Source: ours.

    Clients: openai, requests and aiohttp hand on a picture 512 wide and 512 high instead of 1360
    and 768.

    Args:
        size: Height x width in pixels, 256 to 2048 each.
        schedule: Which tries meet it.

    Raises:
        ValueError: no size, or one out of range.
    """
    parts = _SIZE.fullmatch(size) if isinstance(size, str) else None
    if not parts or not all(_SIDES[0] <= int(side) <= _SIDES[1] for side in parts.groups()):
        low, high = _SIDES
        raise ValueError(
            f'size is height x width in pixels, {low} to {high} each, as in "512x512", but '
            f"{size!r} came"
        )
    return scheduled("resized_picture", Pictured(f"resized {size}"), schedule, {"size": size})


def jpeg_picture(**schedule: Unpack[Schedule]) -> Fault:
    """A JPEG of the right size comes where a PNG was; a link says `image/jpeg`.

    Source: one sample of StepFun's documentation ends in `.jpg`.

    Clients: openai, requests and aiohttp hand on a JPEG.
    """
    return scheduled("jpeg_picture", Pictured("jpeg"), schedule)


def truncated_picture(**schedule: Unpack[Schedule]) -> Fault:
    """The PNG stops in the middle of its pixels; the length is right. Source: ours.

    Clients: openai, requests and aiohttp hand on a broken PNG.
    """
    return scheduled("truncated_picture", Pictured("truncated"), schedule)


def flipped_bit(**schedule: Unpack[Schedule]) -> Fault:
    """One bit of the pixels is flipped, so that a checksum of the PNG is wrong. Source: ours.

    Clients: openai, requests and aiohttp hand on a broken PNG.
    """
    return scheduled("flipped_bit", Pictured("flipped"), schedule)


def not_a_picture(**schedule: Unpack[Schedule]) -> Fault:
    """What comes as a picture is a text. Source: the documentation's sample, which is a video.

    Clients: openai, requests and aiohttp hand on what is no picture.
    """
    return scheduled("not_a_picture", Pictured("text"), schedule)


# The link --------------------------------------------------------------------------


def dead_link(*, status: int = 404, **schedule: Unpack[Schedule]) -> Fault:
    """The link is answered by an error, though it has not expired. Needs `url`. Source: ours.

    Clients: openai's httpx2, requests and aiohttp hand on the 404 at the link.

    Args:
        status: 400 to 599; object stores say 403 or 404.
        schedule: Which tries meet it.

    Raises:
        ValueError: another status.
    """
    if type(status) is not int or not 400 <= status <= 599:
        raise ValueError(f"status is a whole number from 400 to 599, but {status!r} came")
    return scheduled("dead_link", Pictured(f"dead {status}", "url"), schedule, {"status": status})


def expired_link(*, life: int = 0, **schedule: Unpack[Schedule]) -> Fault:
    """The link lives shorter than documented. Needs `url`. Source: ours.

    Clients: openai's httpx2, requests and aiohttp hand on the 404 at the link.

    Args:
        life: Seconds that it lives, from 0, which is dead at once.
        schedule: Which tries meet it.

    Raises:
        ValueError: no whole number from 0.
    """
    check_count("life", life, 0)
    check_seconds("life", life)
    return scheduled("expired_link", ShortLived(life), schedule, {"life": life})


def slow_link(*, seconds: float = 10, **schedule: Unpack[Schedule]) -> Fault:
    """The link takes its time to answer. Needs `url`. Source: ours.

    Clients: with `seconds=60` and a time-out of 1 second, openai's httpx2 and requests raise
    `ReadTimeout` at the link, aiohttp `TimeoutError` at the link.

    Args:
        seconds: From 0 to a day.
        schedule: Which tries meet it.

    Raises:
        ValueError: seconds out of range.
    """
    check_seconds("seconds", seconds)
    effect = Pictured(f"slow {seconds:.15g}", "url")
    return scheduled("slow_link", effect, schedule, {"seconds": seconds})


def redirected_link(**schedule: Unpack[Schedule]) -> Fault:
    """The link answers 302 and points to another, which is good. Needs `url`. Source: ours.

    Clients: openai's httpx2 hands on the 302 at the link, requests and aiohttp the picture.
    """
    return scheduled("redirected_link", Pictured("redirected", "url"), schedule)


def html_link(**schedule: Unpack[Schedule]) -> Fault:
    """The link answers 200 with a page of HTML. Needs `url`. Source: ours.

    Clients: openai's httpx2, requests and aiohttp hand on what is no picture.
    """
    return scheduled("html_link", Pictured("html", "url"), schedule)


# How texts are changed ---------------------------------------------------------------


def _cut(text: str) -> str:
    return text[: len(text) // 8 * 4 + 1]


def _prefixed(text: str) -> str:
    return f"data:image/png;base64,{text}"


def _url_safe(text: str) -> str:
    return text.translate(_URL_SAFE)


@cache  # so that faults of the same change are equal
def _with(change: Callable[[str], str]) -> Callable[[Response], Response]:
    def rewrite(response: Response) -> Response:
        reply = json.loads(response.body)
        (item,) = reply["data"]
        item["b64_json"] = change(item["b64_json"])
        return response._replace(body=json.dumps(reply, separators=(",", ":")).encode())

    return rewrite


def _text(name: str, change: Callable[[str], str], schedule: Schedule) -> Fault:
    return scheduled(name, Rewritten(_with(change), "b64_json"), schedule)
