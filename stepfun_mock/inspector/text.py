"""Bodies and headers as the page may show them: no keys, no pictures, and not too long."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from sys import intern
from urllib.parse import unquote

from stepfun_mock.keys import BLOT, blot

BODY_KEPT = 64 * 1024
"""Letters that are kept of a body."""

_BEARERS = re.compile(r"auth|cookie|api-?key|token|secret")
_LONG = 4096
_BASE64 = re.compile(rb'("b64_json":"|"image":")([A-Za-z0-9+/=_:;,-]{64})[A-Za-z0-9+/=_-]+')
_PAYLOAD = re.compile(r"(?<![^?&])p=[\w-]+")
_ESCAPE = r'\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])'
# Up to the end of a string, or each escape would be read by itself; none of it twice.
_ESCAPED = re.compile(rf'{_ESCAPE}(?:[^"\\\x00-\x1f]++|{_ESCAPE})*+')
_WRITER = json.JSONEncoder(ensure_ascii=False)
_LAYERS = 8  # of percent signs that stand for one another: more are nobody's honest work
_NAMED = re.compile(r"(?<![^?&;])(api[_-]?key|key|access_token|token)=[^&;]+", re.IGNORECASE)

Headers = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Text:
    """A body as it is shown: `cut` says that there was more, `blotted` that it held a key,
    `shortened` that a picture, or the bulk of its Base64 text, was left out."""

    text: str
    cut: bool = False
    blotted: bool = False
    shortened: bool = False


def text_of(body: bytes, hidden: tuple[str, ...]) -> Text:
    """The text of a body.

    Args:
        body: The body.
        hidden: What must not be written down.
    """
    came = body.decode("utf-8", "replace")
    shown = blot(came, hidden)  # before the cut, which may leave a start too short to be known
    if "\\" in came:
        shown = _without_escaped(shown, hidden)
    return Text(shown[:BODY_KEPT], len(shown) > BODY_KEPT, shown != came)


def unescaped(text: str) -> str:
    """A text without JSON's escapes for letters, be it JSON otherwise or not."""
    return _ESCAPED.sub(lambda found: _WRITER.encode(json.loads(f'"{found[0]}"'))[1:-1], text)


def _without_escaped(text: str, hidden: tuple[str, ...]) -> str:
    """A text without a key whose letters are escaped in it."""
    plain = unescaped(text)
    shown = blot(plain, hidden)
    return text if shown == plain else shown


def reply_text_of(body: bytes, headers: Headers, hidden: tuple[str, ...]) -> Text:
    """The text of a reply, without the bulk of its Base64 text; empty for a picture."""
    if dict(headers).get("content-type", "").startswith("image/"):
        return Text("", shortened=bool(body))
    shown, found = _BASE64.subn(rb"\1\2...", body) if len(body) > _LONG else (body, 0)
    text = text_of(shown, hidden)
    text.shortened = found > 0
    return text


def headers_of(headers: Mapping[str, str], hidden: tuple[str, ...]) -> Headers:
    """The headers of a request."""
    # Most are the same in each request of a client, and need to be kept once.
    return tuple(
        (intern(name), BLOT if _BEARERS.search(name) else intern(blot(value, hidden)))
        for name, value in headers.items()
    )


def query_of(query: str, hidden: tuple[str, ...]) -> str:
    """A query without what bears the name of a key; none of it where a key is coded in it."""
    shown = plain = _NAMED.sub(rf"\1={BLOT}", blot(query, hidden))
    for _ in range(_LAYERS):
        coded, plain = plain, unquote(plain)
        if plain == coded:
            return shown
        if blot(plain, hidden) != plain:
            break
    return BLOT


def without_payload(text: str) -> str:
    """Links, or the query of one, without what says what was asked for."""
    return _PAYLOAD.sub(f"p={BLOT}", text)
