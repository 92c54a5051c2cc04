"""A record as the page shows it whole, and how to do it again."""

from typing import Any

from stepfun_mock.inspector.record import Record
from stepfun_mock.inspector.repeat import curl, python, url_of
from stepfun_mock.inspector.rows import row
from stepfun_mock.inspector.text import BODY_KEPT
from stepfun_mock.keys import BLOT
from stepfun_mock.refusals import KEY_REFUSED

_CUT = (
    f"The body of this request was longer than the {BODY_KEPT // 1024} KiB that are kept, so it "
    "cannot be sent again from here."
)
_UNREAD = (
    "The body of this request was not read to its end, and nothing of it is kept, so it cannot be "
    "sent again from here."
)
_BLOTTED = (
    "*** stands for what is not kept, since it holds a key, or may hold one. It is sent as it "
    "stands here, so that the reply may be another."
)
_REFUSED_KEY = (
    "This request was refused for its Authorization header, which is not kept. What stands here "
    "sends a key of your own by the Bearer scheme, so that the reply may be another."
)


def exchanged(record: Record) -> dict[str, Any]:
    """All that is kept of it."""
    return {
        **row(record),
        "request": {"headers": record.headers, "body": record.body.text, "cut": record.body.cut},
        "reply": {
            "status": record.entry.status,
            "headers": record.reply.headers,
            "body": record.reply.body.text,
            "cut": record.reply.body.cut,
            "payload_left_out": record.reply.body.shortened,
            "size": record.reply.size,
            "sent": record.reply.sent,
        },
    }


def details(record: Record, *, any_key: bool) -> dict[str, Any]:
    """All that is kept of it, and how to do it again, with `notes` on what would not be the same;
    or `why` it cannot be done again.

    Args:
        record: The record.
        any_key: Whether the mock takes any key, so that who repeats it needs none of their own.
    """
    if record.body.cut:
        why = _CUT if record.body.text else _UNREAD
        return {**exchanged(record), "curl": None, "python": None, "why": why, "notes": []}
    again = {"curl": curl(record, any_key=any_key), "python": python(record, any_key=any_key)}
    return {**exchanged(record), **again, "why": None, "notes": _notes(record)}


def _notes(record: Record) -> list[str]:
    """What is not sent again as it came."""
    found = []
    if record.body.blotted or BLOT in url_of(record):
        found.append(_BLOTTED)
    entry = record.entry
    refused = entry.refusal == KEY_REFUSED.id and entry.fault is None
    if refused and "authorization" in dict(record.headers):
        found.append(_REFUSED_KEY)
    return found
