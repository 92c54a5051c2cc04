"""One line of readable text for each request: when, what, how it ended, how long it took.

Control characters are escaped, so that a request cannot write lines of its own.
"""

import time
from functools import lru_cache
from json.encoder import encode_basestring

from stepfun_mock.contract import SUCCESS
from stepfun_mock.journal import Entry
from stepfun_mock.message import ImageRequest

_SHOWN = 60


def line(entry: Entry, held: float = 0.0) -> str:
    """Describe an entry of the journal in one line, without its newline.

    Args:
        entry: The entry.
        held: Seconds that its reply is held back on purpose.
    """
    what = f"{entry.method} {_safe(entry.path)}" if entry.method else "(no request)"
    told = (
        f"{_time(int(entry.at))} {what} {entry.status or 'no reply'} {entry.seconds * 1000:.1f}ms"
    )
    if held:
        told = f"{told} and held {held:g}s"
    if entry.fault:
        told = f"{told}  fault {entry.fault}"
    if entry.message:
        return f"{told}  {_safe(entry.message)}"
    if entry.image_request is not None:
        return f"{told}  {_picture(entry, entry.image_request)}"
    return told


@lru_cache(maxsize=8)
def _time(second: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(second))


def _picture(entry: Entry, request: ImageRequest) -> str:
    size = f"{request.width} wide x {request.height} high"
    reason = "" if entry.finish_reason == SUCCESS else f"  {entry.finish_reason}"
    ignored = f"  ignored: {_safe(', '.join(request.unknown))}" if request.unknown else ""
    shown = f"{request.response_format}{reason}  {_prompt(request)}{ignored}"
    return f"{size}  seed {entry.seed}  {shown}"


def _prompt(request: ImageRequest) -> str:
    text = request.prompt if len(request.prompt) <= _SHOWN else f"{request.prompt[:_SHOWN]}…"
    return _safe(encode_basestring(text))


def _safe(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
