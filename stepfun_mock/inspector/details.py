"""A record as the page shows it whole, and how to do it again."""

from typing import Any

from stepfun_mock.inspector.record import Record
from stepfun_mock.inspector.repeat import curl, python
from stepfun_mock.inspector.rows import row
from stepfun_mock.inspector.text import BODY_KEPT

_CUT = (
    f"The body of this request was longer than the {BODY_KEPT // 1024} KiB that are kept, so it "
    "cannot be sent again from here."
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
    """All that is kept of it, and how to do it again; or `why` it cannot be done again.

    Args:
        record: The record.
        any_key: Whether the mock takes any key, so that who repeats it needs none of their own.
    """
    if record.body.cut:
        return {**exchanged(record), "curl": None, "python": None, "why": _CUT}
    again = {"curl": curl(record, any_key=any_key), "python": python(record, any_key=any_key)}
    return {**exchanged(record), **again, "why": None}
