"""An exchange as HAR 1.2 has it, which browsers and many tools read."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from stepfun_mock.inspector.record import Record
from stepfun_mock.inspector.repeat import url_of
from stepfun_mock.inspector.text import Headers


def har_entry(record: Record) -> dict[str, Any]:
    """What stands in an archive of one exchange."""
    entry = record.entry
    kinds = dict(record.headers).get("content-type", "")
    reply_kind = dict(record.reply_headers).get("content-type", "")
    milliseconds = entry.seconds * 1000
    request: dict[str, Any] = {
        "method": entry.method,
        "url": url_of(record),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(record.headers),
        "queryString": _headers(tuple(parse_qsl(record.query, keep_blank_values=True))),
        "headersSize": -1,
        "bodySize": -1 if record.body.cut else _bytes(record.body.text),
    }
    if record.body.text:
        request["postData"] = {"mimeType": kinds, "text": record.body.text}
    return {
        "startedDateTime": datetime.fromtimestamp(entry.at, UTC).isoformat(),
        "time": milliseconds,
        "request": request,
        "response": {
            "status": entry.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _headers(record.reply_headers),
            "content": {
                "size": _bytes(record.reply.text),
                "mimeType": reply_kind,
                "text": record.reply.text,
            },
            "redirectURL": dict(record.reply_headers).get("location", ""),
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": entry.message or "",
    }


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]
