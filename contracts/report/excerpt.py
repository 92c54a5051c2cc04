"""Bytes and texts as a report may show them: short, and without key, signatures and tricks."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass

from ..key import BLOT, Key

Clean = Callable[[str], str]
"""Takes the key and the signatures of links out of a text."""

LONGEST = 2_000
"""Characters of a body that are shown."""

# In JSON a slash may be escaped, so base64 may come in pieces.
_BASE64 = re.compile(r"[A-Za-z0-9+/=_-]{16,}+(?:\\/[A-Za-z0-9+/=_-]*+)*+")
_PAYLOAD = 200  # characters; a shorter text may be a hash or a name
_PAYLOAD_SHOWN = 60  # as many as base64 makes of 45 bytes

# The names that clouds give to what makes a link valid. What else a query holds is the server's
# business and of use to whoever reads the report.
_NAME = (
    r"(?:[\w.~-]{0,40}(?:signature|token|expires|credential|key)[\w.~-]{0,40}"
    r"|(?:[\w.~-]{0,40}[_.-])?sig|x-(?:tos|oss|cos|amz|goog)-[\w-]{1,40})"
)
# JSON and HTML may spell the signs of a query in their own ways; `;` ends `&amp;` too.
_QUERY = re.compile(
    rf"((?:[?&;]|\\u00(?:26|3f)){_NAME}(?:=|\\u003d|&#(?:0*61|x3d);))"
    r"(?:[^\s\"'<>\\&;#]|\\/|\\u00(?!2[0267]|3[ce])[0-9a-f]{2}|&#(?:0*4[37]|0*61|x2[bf]|x3d);)+",
    re.IGNORECASE,
)
_QUERY_IN_QUERY = re.compile(
    rf"(%(?:25)*(?:3f|26){_NAME}%(?:25)*3d)(?:(?!%(?:25)*(?:26|23))[^\s\"'<>\\&;#])+",
    re.IGNORECASE,
)

# Control characters, what turns the direction of text, what has no width, and what is no
# character; all but the line end, the tab, and the joiner that emoji are made with.
_HIDDEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A body, or its beginning.

    Args:
        text: What is shown.
        encoding: "utf-8", or "base64" where the body is no UTF-8.
        size: Bytes of the whole body.
        cut: Whether something was left out.
    """

    text: str
    encoding: str
    size: int
    cut: bool


def cleaner(key: Key) -> Clean:
    """What takes a key, and the signatures of links, out of a text."""
    return lambda text: unsigned(key.blot(text))


def unsigned(text: str) -> str:
    """A text with `***` for whatever makes a link in it valid; the names stay."""
    text = _QUERY.sub(rf"\g<1>{BLOT}", text)
    return _QUERY_IN_QUERY.sub(rf"\g<1>{BLOT}", text)


def excerpt(body: bytes, key: Key) -> Excerpt:
    """What may be shown of a body.

    The key is looked for before anything is cut, since half a key would not be found.
    """
    try:
        text = unsigned(key.blot(body.decode()))
    except UnicodeDecodeError:
        coded = base64.b64encode(key.blot_bytes(body)).decode()
        return Excerpt(coded[:_PAYLOAD_SHOWN], "base64", len(body), len(coded) > _PAYLOAD_SHOWN)
    short = _BASE64.sub(_without_payload, text)
    return Excerpt(shortened(short, LONGEST), "utf-8", len(body), len(short) > LONGEST)


def _without_payload(found: re.Match[str]) -> str:
    text = found[0]
    if len(text) < _PAYLOAD:
        return text
    return f"{text[:_PAYLOAD_SHOWN]}… ({len(text):,} characters)"


def shortened(text: str, longest: int) -> str:
    """A text, or as much of it as there is room for; what was left out is counted."""
    left_out = len(text) - longest
    return text if left_out <= 0 else f"{text[:longest]}… ({left_out:,} characters more)"


def visible(text: str) -> str:
    """A text in which nothing moves a cursor, turns the line round or hides itself."""
    return _HIDDEN.sub(_spelled, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """A text as `visible` makes it, on one line."""
    return " ".join(visible(text).split())


def _spelled(hidden: re.Match[str]) -> str:
    code = ord(hidden[0])
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
