"""What a client really got of a picture, read off its reply as a client would read it."""

import binascii
import json
from typing import Literal

from stepfun_mock.contract import LINK_PREFIX, SUCCESS
from stepfun_mock.journal import Entry, Exchange
from stepfun_mock.message import Response
from stepfun_mock.pictures import spoils

Receipt = Literal["sent", "spoilt", "withheld"]
"""`sent`: a good picture, or a link to one. `spoilt`: what came is no good picture. `withheld`: one
was made, and is not in what came."""


def receipt(exchange: Exchange) -> Receipt | None:
    """What the client got; None where there was no picture for it.

    Args:
        exchange: A request for a picture, or the fetch of a link.
    """
    entry, request, response = exchange
    if entry.path.startswith(LINK_PREFIX):
        return _judged(entry) if entry.status == 200 and request.method == "GET" else None
    if entry.finish_reason is None:
        return None
    if entry.fault is None and entry.finish_reason == SUCCESS:
        return "sent"  # nothing came between; the picture need not be read for each request
    item = _item(response)
    if not item.get("url") and not item.get("b64_json"):
        return "withheld" if entry.finish_reason == SUCCESS else None
    return _judged(entry) if _is_readable(item.get("b64_json") or "") else "spoilt"


def _judged(entry: Entry) -> Receipt:
    return "spoilt" if spoils(entry.spoilt) else "sent"


def _item(response: Response) -> dict[str, object]:
    """The first picture of a reply, as it arrives; empty where a client finds none."""
    delivery = response.delivery
    if delivery is not None and (delivery.silent or delivery.share < 1 or delivery.excess):
        return {}
    try:
        # Some clients read on behind a byte order mark, and the picture is there.
        item = json.loads(response.body.decode("utf-8-sig"))["data"][0]
    except (ValueError, LookupError, TypeError):
        return {}
    return item if isinstance(item, dict) else {}


def _is_readable(text: object) -> bool:
    try:
        binascii.a2b_base64(str(text), strict_mode=True)
    except ValueError:
        return False
    return True
