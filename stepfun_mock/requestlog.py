"""One line of readable text for each request: when, what, how it ended, how long it took.

Control characters are escaped, so that a request cannot write lines of its own.
"""

import json
import time

from stepfun_mock.contract import SUCCESS
from stepfun_mock.journal import Entry
from stepfun_mock.message import ImageRequest

_SHOWN = 60


def line(entry: Entry) -> str:
    """Describe an entry of the journal in one line, without its newline."""
    at = time.strftime("%H:%M:%S", time.localtime(entry.at))
    what = f"{entry.method} {_safe(entry.path)}" if entry.method else "(no request)"
    told = " ".join(filter(None, (what, str(entry.status), f"{entry.seconds * 1000:.1f}ms")))
    return f"{at} {told}{_details(entry)}"


def _details(entry: Entry) -> str:
    if entry.message:
        return f"  {_safe(entry.message)}"
    if entry.image_request is None:
        return ""
    request = entry.image_request
    told = [
        f"{request.width} wide x {request.height} high",
        f"seed {entry.seed}",
        request.response_format,
        "" if entry.finish_reason == SUCCESS else str(entry.finish_reason),
        _prompt(request),
    ]
    return "  ".join(["", *filter(None, told)])


def _prompt(request: ImageRequest) -> str:
    text = request.prompt if len(request.prompt) <= _SHOWN else f"{request.prompt[:_SHOWN]}…"
    return _safe(json.dumps(text, ensure_ascii=False))


def _safe(text: str) -> str:
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
