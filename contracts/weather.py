"""Replies that say nothing of the contract: a bad line, an empty purse, an overloaded service.

They are sorted out before anything is judged, so that a bad day of the network is not reported
as a broken promise.
"""

import json
import re

from .exchange import Exchange, Trouble
from .key import KeyUse

_STATUSES = {
    402: "the balance is used up",
    408: "the server gave up waiting for the request",
    409: "the server was busy with another request",
    425: "the server wanted the request later",
    429: "the server was sent too many requests",
    451: "the filter refused a prompt that was written to be harmless",
}
_FAILED = 500
_UNAUTHORISED = 401
_FORBIDDEN = 403
_RETIRED = re.compile(
    r"retired|offline|deprecated|discontinued|sunset|no longer|下线|停用|停止服务", re.IGNORECASE
)
_SHOWN = 160

AGAIN = (429, 503)
"""Statuses after which a request is worth a second try."""


def weather(exchange: Exchange) -> str | None:
    """Why this exchange says nothing of the contract; None where it does say something."""
    if exchange.reply is None:
        trouble = exchange.trouble
        if trouble is None or trouble.kind in (Trouble.TOO_LARGE, Trouble.ADDRESS):
            return None  # the server did this, on its own account
        return trouble.sentence
    status = exchange.reply.status
    if status >= _FAILED:
        return f"the server answered {status}{said(exchange)}"
    if status == _UNAUTHORISED and exchange.ask.key is KeyUse.RIGHT:
        return f"the server refused the key: {status}{said(exchange)}"
    if status in _STATUSES:
        return f"{_STATUSES[status]}: {status}{said(exchange)}"
    return None


def unusable(exchange: Exchange, url: str, *, draws: bool) -> str | None:
    """Why there is no API to look at, in a sentence; None where there is one.

    Args:
        exchange: What came.
        url: What was asked.
        draws: Whether it was asked for a picture that it should draw.
    """
    if exchange.reply is None:
        return weather(exchange)
    status = exchange.reply.status
    if _is_retired(exchange):
        return f"the image API at {url} has been retired: {status}{said(exchange)}"
    if 300 <= status < 400:
        where = exchange.reply.header("location") or "nowhere"
        return f"{url} answered {status} and points to {where}: check that address instead"
    if status < 300 and not draws and exchange.reply.body.lstrip()[:1] == b"<":
        return f"there is no image API at {url}: it answers an empty request with a page of HTML"
    if status in (404, 405):
        return (
            f"there is no image API at {url}: {status}{said(exchange)}; "
            "the target is a base URL, which clients complete with /images/generations"
        )
    if status == _FORBIDDEN and draws:
        return f"the server refused the key: 403{said(exchange)}"
    if status == 503:
        return f"the service is overloaded: 503{said(exchange)}"
    return weather(exchange)


def _is_retired(exchange: Exchange) -> bool:
    reply = exchange.reply
    assert reply is not None
    if reply.status == 410:
        return True
    return reply.status in (403, 404, 503) and bool(_RETIRED.search(said(exchange)))


def said(exchange: Exchange) -> str:
    """The message of an error reply, as the end of a sentence; empty where there is none."""
    assert exchange.reply is not None
    text = exchange.reply.body[:4096].decode("utf-8", "replace").strip()
    try:
        text = json.loads(text)["error"]["message"]
    except (ValueError, LookupError, TypeError, RecursionError):
        if text.startswith("<"):
            text = "a page of HTML"
    words = " ".join(str(text).split())
    return f' ("{words[:_SHOWN]}")' if words else ""
