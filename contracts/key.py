"""The API key, which shows itself to nobody but the server that it is for."""

import base64
import hashlib
import html
import re
from collections.abc import Callable
from enum import StrEnum
from typing import NoReturn, SupportsIndex, TypeVar

_T = TypeVar("_T")

BLOT = "***"

# Shorter values are placeholders: they protect nothing, and to blot "test" or "a" wherever it
# stands would leave a report that nobody can read.
_SHORTEST_SECRET = 8
_VISIBLE = range(0x21, 0x7F)  # what a header carries as it is, the space excepted


class KeyUse(StrEnum):
    """What a request says of the key in `Authorization`."""

    RIGHT = "right"  # Bearer and the key
    NONE = "none"  # no such header
    EMPTY = "empty"  # Bearer and nothing
    BASIC = "basic"  # Basic, and the key as the password of "user"
    TOKEN = "token"  # noqa: S105 (a scheme): another scheme, and the key
    BARE = "bare"  # the key without a scheme
    WRONG = "wrong"  # Bearer and a key that looks like ours, and is another
    LONGER = "longer"  # Bearer and the key with an "x" behind it


class Key:
    """The API key: `***` to whoever prints it, and itself to the carrier alone.

    It lives in a closure, so that neither its attributes nor the variables of a traceback hold
    it, and it cannot be pickled, copied or compared: a failed comparison prints what it compared.
    """

    __slots__ = ("_pattern", "_tell", "origin")

    def __init__(self, value: str, origin: str) -> None:
        """Keep a key.

        Args:
            value: The key: one visible ASCII character or more.
            origin: Where it is from, for sentences; such as "STEP_API_KEY" or "a placeholder".

        Raises:
            ValueError: a value that no header can carry. The sentence does not repeat it.
        """
        problem = _problem(value)
        if problem:
            value = BLOT  # a traceback with variables shows this frame
            raise ValueError(f"the key ({origin}) {problem}")
        self.origin = origin
        self._tell = _hidden(value)
        self._pattern = _hidden(_pattern(value))

    def bearer(self) -> str:
        """`Bearer` and the key; for the carrier alone."""
        return f"Bearer {self._tell()}"

    def headers(self, use: KeyUse) -> dict[str, str]:
        """`authorization` as a request has it, or nothing; for the carrier alone."""
        said = self._authorization(use)
        return {} if said is None else {"authorization": said}

    def _authorization(self, use: KeyUse) -> str | None:
        match use:
            case KeyUse.RIGHT:
                return self.bearer()
            case KeyUse.NONE:
                return None
            case KeyUse.EMPTY:
                return "Bearer"  # a space at the end of a header is none of its value
            case KeyUse.BASIC:
                return f"Basic {base64.b64encode(f'user:{self._tell()}'.encode()).decode()}"
            case KeyUse.TOKEN:
                return f"Token {self._tell()}"
            case KeyUse.BARE:
                return self._tell()
            case KeyUse.WRONG:
                return f"Bearer {_another(self._tell())}"
            case KeyUse.LONGER:
                return f"{self.bearer()}x"

    def blot(self, text: str) -> str:
        """A text with `***` in place of the key.

        The key is found as it is, and as base64 (wherever it begins in what was encoded, in both
        alphabets), URLs, JSON and HTML spell it. One shorter than 8 characters is left alone.
        """
        pattern = self._pattern()
        return pattern.sub(BLOT, text) if pattern else text

    def blot_bytes(self, data: bytes) -> bytes:
        """Bytes with `***` in place of the key; as `blot`."""
        return self.blot(data.decode("latin-1")).encode("latin-1")

    def __str__(self) -> str:
        return BLOT

    def __repr__(self) -> str:
        return BLOT

    def __format__(self, spec: str) -> str:
        return BLOT

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError("a key is not compared, since a comparison that fails prints it")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a key is neither pickled nor copied")


def _problem(value: str) -> str | None:
    if not value:
        return "is empty"
    for place, character in enumerate(value, 1):
        if ord(character) not in _VISIBLE:
            return (
                "must be visible ASCII characters, without spaces and line ends, but character "
                f"{place} of {len(value)} is none; look at its ends first"
            )
    return None


# A key that is another ------------------------------------------------------------------


def _another(value: str) -> str:
    """A key of the same form, from which nobody can tell the right one.

    Digits give digits and letters letters of their case, drawn from a hash: a report may show
    what a server says of the wrong key, and that must not lead back to ours.
    """
    drawn = hashlib.shake_256(b"another key: " + value.encode()).digest(len(value))
    prefix = re.match(r"[A-Za-z]{1,6}[-_]", value)
    kept = prefix.end() if prefix else 0
    other = value[:kept] + "".join(map(_redrawn, value[kept:], drawn[kept:]))
    if other == value:
        other = value[:-1] + ("y" if value.endswith("x") else "x")
    return other


def _redrawn(character: str, draw: int) -> str:
    for alphabet in ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if character in alphabet:
            return alphabet[draw % len(alphabet)]
    return character


# How a key may be spelled -----------------------------------------------------------------


def _hidden(value: _T) -> Callable[[], _T]:
    """A function that tells a value which must not be printed with what holds it."""
    return lambda: value


def _pattern(value: str) -> re.Pattern[str] | None:
    if len(value) < _SHORTEST_SECRET:
        return None
    spellings = ["".join(map(_spelled, value))]
    spellings += ("".join(map(_spelled_64, part)) for part in _base64_parts(value.encode()))
    return re.compile("|".join(spellings))


def _base64_parts(value: bytes) -> list[str]:
    """What base64 makes of a value, whatever stands before and behind it.

    It may begin at any byte of a group of three. The characters at the ends hold bits of the
    neighbours too, and are left out.
    """
    parts = []
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + value).decode()
        first = -(-before * 8 // 6)
        parts.append(encoded[first : (before + len(value)) * 8 // 6])
    return parts


def _spelled_64(character: str) -> str:
    elsewhere = {"+": "-", "/": "_"}.get(character)  # the alphabet for URLs
    return f"(?:{_spelled(character)}|{elsewhere})" if elsewhere else character


def _spelled(character: str) -> str:
    """A pattern for one character as text, URLs, JSON and HTML spell it, encoded twice or not."""
    # Every repetition has an end: what looks for one without takes time that grows as a square.
    code = ord(character)
    digits = "".join(f"[{digit}{digit.upper()}]" for digit in f"{code:02x}")
    spellings = [re.escape(character), f"%(?:25){{0,4}}{digits}", rf"\\{{1,8}}u00{digits}"]
    spellings += [rf"&#(?:0{{0,6}}{code}|[xX]0{{0,6}}{digits});"]
    if character in '"\\/':
        spellings.append(rf"\\{{1,8}}{re.escape(character)}")
    if html.escape(character) != character:
        spellings.append(html.escape(character))
    return f"(?:{'|'.join(spellings)})"
