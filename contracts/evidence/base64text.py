"""Base64: a text to bytes, where each sequence of bytes has exactly one text (RFC 4648)."""

import binascii
import re

_FOREIGN = re.compile(r"[^A-Za-z0-9+/=]")
_PADDING = {0: 0, 2: 2, 3: 1}  # by the characters in the last group of four
_URL_SAFE = "-_"


class NotBase64Error(ValueError):
    """A text is not base64; the text of the error is a sentence that says why."""


def read(text: str) -> bytes:
    """Return the bytes that ``text`` stands for; never none.

    Raises:
        NotBase64Error: The text is empty, a data: URL, of another alphabet, broken into lines,
            padded wrongly, or not the one text that stands for its bytes.
    """
    if not text:
        raise NotBase64Error("the base64 is empty")
    try:
        decoded = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        raise NotBase64Error(_fault(text)) from None
    if binascii.b2a_base64(decoded, newline=False).decode() != text:
        raise NotBase64Error(_fault(text))
    return decoded


def _fault(text: str) -> str:
    """What keeps a text from being base64, in a sentence."""
    if text[:5].lower() == "data:":
        return "the base64 starts with data:, as a URL does"
    if foreign := _FOREIGN.search(text):
        return _foreign(foreign[0], foreign.start())
    content = text.rstrip("=")
    if "=" in content:
        return f"the padding = stands at character {content.index('=')} of the base64, inside it"
    return _wrong_end(content, len(text) - len(content))


def _foreign(character: str, at: int) -> str:
    place = f"at character {at} of the base64"
    if character in "\r\n":
        return f"a line end stands {place}"
    if character.isspace():
        return f"white space, {character!a}, stands {place}"
    if character in _URL_SAFE:
        return f"{character!a} stands {place}: it is of the URL-safe alphabet"
    return f"{character!a} stands {place}: it is not of the alphabet"


def _wrong_end(content: str, padding: int) -> str:
    last = len(content) % 4
    if last == 1:
        return f"the base64 without padding is {len(content)} long, one too many or three too few"
    belong = _PADDING[last]
    if padding != belong:
        return f"the base64 ends with {padding} = instead of {belong}"
    return f"the base64 ends with {content[-1]!a}, whose last bits stand for nothing and are not 0"
