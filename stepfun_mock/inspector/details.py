"""A record as the page shows it whole, and how to do it again."""

from typing import Any

from stepfun_mock.inspector.records import Record
from stepfun_mock.inspector.repeat import curl, python
from stepfun_mock.inspector.rows import row


def details(record: Record) -> dict[str, Any]:
    """All that is kept of it, and how to do it again."""
    return {
        **row(record),
        "request": {"headers": record.headers, "body": record.body.text, "cut": record.body.cut},
        "reply": {
            "status": record.entry.status,
            "headers": record.reply_headers,
            "body": record.reply.text,
            "cut": record.reply.cut,
        },
        "curl": curl(record),
        "python": python(record),
    }
