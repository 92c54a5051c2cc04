"""Faults of the reply: it is 200, and not as the documentation shows it.

Nobody reports most of these from StepFun: they are what clients met at other services, and what
a gateway or a new release can do. Each takes a valid request.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Unpack

from stepfun_mock.faults.effects import Rewritten
from stepfun_mock.faults.fault import Fault, Schedule, scheduled
from stepfun_mock.message import Response

_BOM = b"\xef\xbb\xbf"
_TEXT = (("content-type", "text/plain; charset=utf-8"),)
_EXTRA = {"usage": {"images": 1}, "background": None}
_ERROR = b'{"error":{"message":"internal error","type":"server_error"}}'

_Reply = dict[str, Any]


def empty_data(**schedule: Unpack[Schedule]) -> Fault:
    """`data` is an empty list: no picture, and no error. Source: ours.

    Clients: openai, requests and aiohttp hand on a 200 (`data` is empty).
    """
    return _changed("empty_data", _empty_data, schedule)


def missing_data(**schedule: Unpack[Schedule]) -> Fault:
    """There is no `data`. Source: ours.

    Clients: openai, requests and aiohttp hand on a 200 (no `data`).
    """
    return _changed("missing_data", _missing_data, schedule)


def two_items(**schedule: Unpack[Schedule]) -> Fault:
    """`data` holds the picture twice, though one was asked for. Source: ours.

    Clients: openai, requests and aiohttp hand on the picture.
    """
    return _changed("two_items", _two_items, schedule)


def both_payloads(**schedule: Unpack[Schedule]) -> Fault:
    """The item has `url` and `b64_json`; the one that was not asked for is empty. Source: ours.

    Clients: openai, requests and aiohttp hand on the picture.
    """
    return _changed("both_payloads", _both_payloads, schedule)


def no_payload(**schedule: Unpack[Schedule]) -> Fault:
    """The item has neither `url` nor `b64_json`, and says `success`. Source: ours.

    Clients: openai, requests and aiohttp hand on a 200 (no payload).
    """
    return _changed("no_payload", _no_payload, schedule)


def old_field(**schedule: Unpack[Schedule]) -> Fault:
    """The Base64 text comes as `image`. Source: StepFun's oldest documentation.

    Needs `response_format` `b64_json`.

    Clients: openai, requests and aiohttp hand on a 200 (no payload).
    """
    return _changed("old_field", _old_field, schedule, "b64_json")


def seed_missing(**schedule: Unpack[Schedule]) -> Fault:
    """The item has no `seed`. Source: ours.

    Clients: openai, requests and aiohttp hand on the picture (no `seed`).
    """
    return _changed("seed_missing", _seed_missing, schedule)


def seed_as_text(**schedule: Unpack[Schedule]) -> Fault:
    """The seed comes as a JSON string. Source: ours.

    Clients: openai, requests and aiohttp hand on the picture (`seed` is text).
    """
    return _changed("seed_as_text", _seed_as_text, schedule)


def created_in_milliseconds(**schedule: Unpack[Schedule]) -> Fault:
    """`created` counts milliseconds. Source: ours.

    Clients: openai, requests and aiohttp hand on the picture (`created` is no time in seconds).
    """
    return _changed("created_in_milliseconds", _created_in_milliseconds, schedule)


def extra_fields(**schedule: Unpack[Schedule]) -> Fault:
    """The reply has fields that nobody documents, such as `usage`. Source: ours.

    Clients: openai, requests and aiohttp hand on the picture.
    """
    return _changed("extra_fields", _extra_fields, schedule)


def truncated_json(**schedule: Unpack[Schedule]) -> Fault:
    """The JSON stops in the middle; the length is right. Source: ours.

    Clients: openai, requests and aiohttp raise `JSONDecodeError`.
    """
    return _rewritten("truncated_json", _truncated, schedule)


def json_with_bom(**schedule: Unpack[Schedule]) -> Fault:
    """The JSON starts with a byte order mark, which JSON forbids. Source: ours.

    Clients: openai hands on the picture; requests and aiohttp raise `JSONDecodeError`.
    """
    return _rewritten("json_with_bom", _with_bom, schedule)


def wrong_content_type(**schedule: Unpack[Schedule]) -> Fault:
    """The JSON is labelled `text/plain`. Source: ours.

    Clients: openai and requests hand on the picture; aiohttp raises `ContentTypeError`.
    """
    return _rewritten("wrong_content_type", _mislabelled, schedule)


def empty_body(**schedule: Unpack[Schedule]) -> Fault:
    """200 `application/json` without a byte of body. Source: ours.

    Clients: openai and requests raise `JSONDecodeError`; aiohttp hands on a 200 (`None` instead of
    the reply).
    """
    return _rewritten("empty_body", _emptied, schedule)


def error_with_200(**schedule: Unpack[Schedule]) -> Fault:
    """The error envelope under status 200, as some gateways send it. Source: ours.

    Clients: openai, requests and aiohttp hand on a 200 (no `data`).
    """
    return _rewritten("error_with_200", _error, schedule)


# How each is done ------------------------------------------------------------------


def _empty_data(reply: _Reply) -> None:
    reply["data"] = []


def _missing_data(reply: _Reply) -> None:
    del reply["data"]


def _two_items(reply: _Reply) -> None:
    reply["data"] *= 2


def _both_payloads(reply: _Reply) -> None:
    (item,) = reply["data"]
    item.setdefault("url", "")
    item.setdefault("b64_json", "")


def _no_payload(reply: _Reply) -> None:
    (item,) = reply["data"]
    item.pop("url", None)
    item.pop("b64_json", None)


def _old_field(reply: _Reply) -> None:
    (item,) = reply["data"]
    item["image"] = item.pop("b64_json")


def _seed_missing(reply: _Reply) -> None:
    del reply["data"][0]["seed"]


def _seed_as_text(reply: _Reply) -> None:
    (item,) = reply["data"]
    item["seed"] = str(item["seed"])


def _created_in_milliseconds(reply: _Reply) -> None:
    reply["created"] *= 1000


def _extra_fields(reply: _Reply) -> None:
    reply |= _EXTRA
    reply["data"][0]["revised_prompt"] = ""


def _truncated(response: Response) -> Response:
    return response._replace(body=response.body[: len(response.body) // 2])


def _with_bom(response: Response) -> Response:
    return response._replace(body=_BOM + response.body)


def _mislabelled(response: Response) -> Response:
    return response._replace(headers=_TEXT)


def _emptied(response: Response) -> Response:
    return response._replace(body=b"")


def _error(response: Response) -> Response:
    return response._replace(body=_ERROR)


@cache  # so that faults of the same change are equal
def _with(change: Callable[[_Reply], None]) -> Callable[[Response], Response]:
    def rewrite(response: Response) -> Response:
        reply = json.loads(response.body)
        change(reply)
        body = json.dumps(reply, ensure_ascii=False, separators=(",", ":"))
        return response._replace(body=body.encode())

    return rewrite


def _changed(
    name: str, change: Callable[[_Reply], None], schedule: Schedule, needs: str = ""
) -> Fault:
    return scheduled(name, Rewritten(_with(change), needs), schedule)


def _rewritten(name: str, rewrite: Callable[[Response], Response], schedule: Schedule) -> Fault:
    return scheduled(name, Rewritten(rewrite), schedule)
