"""An exchange as HAR 1.2 has it, which browsers and many tools read."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from stepfun_mock.inspector.record import Record
from stepfun_mock.inspector.repeat import url_of
from stepfun_mock.inspector.reply import Reply
from stepfun_mock.inspector.text import Headers

_WHOLE = re.compile(r"[0-9]{1,15}")


def har_entry(record: Record) -> dict[str, Any]:
    """What stands in an archive of one exchange."""
    entry, reply = record.entry, record.reply
    kinds = dict(record.headers).get("content-type", "")
    wait, receive = (entry.seconds + reply.wait) * 1000, reply.pauses * 1000
    request: dict[str, Any] = {
        "method": entry.method,
        "url": url_of(record),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(record.headers),
        "queryString": _headers(tuple(parse_qsl(record.query, keep_blank_values=True))),
        "headersSize": -1,
        "bodySize": _size(record),
    }
    if record.body.text:
        request["postData"] = {"mimeType": kinds, "text": record.body.text}
    return {
        "startedDateTime": datetime.fromtimestamp(entry.at, UTC).isoformat(),
        "time": wait + receive,
        "request": request,
        "response": {
            "status": entry.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _headers(reply.headers),
            "content": _content(reply),
            "redirectURL": dict(reply.headers).get("location", ""),
            "headersSize": -1,
            "bodySize": reply.size,
            "comment": reply.sent or "",
        },
        "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": receive},
        "comment": entry.message or "",
    }


def _content(reply: Reply) -> dict[str, Any]:
    content = {"size": reply.size, "mimeType": reply.kind, "text": reply.body.text}
    return {**content, "comment": "payload left out"} if reply.body.shortened else content


def _size(record: Record) -> int:
    """The bytes of a body; -1 where nobody knows, since it was not kept as it came."""
    announced = dict(record.headers).get("content-length", "")
    if _WHOLE.fullmatch(announced):
        return int(announced)
    body = record.body
    return -1 if body.cut or body.blotted else len(body.text.encode("utf-8", "replace"))


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]
