"""JSON: a body to a value, as strictly as the strictest client of a server would read it."""

import json
import math
from typing import NoReturn

_DEEPEST = 100  # containers around each other; Python's own bound differs between its versions
_LONGEST = 100  # characters of a number; every double has a shorter name
_EXCERPT = 20  # characters


class NotJsonError(ValueError):
    """A body is not JSON; the text is a sentence that says why."""


def read(body: bytes) -> object:
    """Return what the JSON in ``body`` stands for; time and memory grow with its length alone.

    Raises:
        NotJsonError: The body is not UTF-8 or not JSON (RFC 8259), or it is JSON that clients
            read differently: with a byte order mark, a key that stands twice in an object, a
            lone surrogate, a number that no double holds, or more than 100 levels.
    """
    text = _text(body)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise NotJsonError(_sentence(text, error)) from None
    except RecursionError:
        raise _too_deep() from None
    _check_values(value)
    return value


def _text(body: bytes) -> str:
    if not body:
        raise NotJsonError("the body is empty")
    if body.startswith(b"\xef\xbb\xbf"):
        raise NotJsonError("the body starts with a byte order mark, which JSON forbids")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start
        raise NotJsonError(f"the body is not UTF-8: byte 0x{body[at]:02x} at {at}") from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value: dict[str, object] = {}
    for key, member in pairs:
        if key in value:
            raise NotJsonError(f"the key {_excerpt(key, 64)} stands twice in one object")
        value[key] = member
    return value


def _integer(digits: str) -> int:
    _check_length(digits)
    return int(digits)


def _float(digits: str) -> float:
    _check_length(digits)
    value = float(digits)
    if math.isinf(value):
        raise NotJsonError(f"the number {digits} is larger than any double")
    return value


def _check_length(digits: str) -> None:
    if len(digits) > _LONGEST:
        raise NotJsonError(
            f"the number {digits[:_EXCERPT]}... takes {len(digits)} characters, "
            f"more than {_LONGEST}"
        )


def _constant(name: str) -> NoReturn:
    raise NotJsonError(f"{name} stands for a number, which JSON forbids")


def _check_values(value: object) -> None:
    """Look at each text once, level by level: a recursion would end where the parser's did."""
    level, depth = [value], 0
    while level:
        deeper: list[object] = []
        for one in level:
            if isinstance(one, str):
                _check_text(one)
            elif isinstance(one, dict | list):
                if depth == _DEEPEST:
                    raise _too_deep()
                deeper.extend(one)
                deeper.extend(one.values() if isinstance(one, dict) else ())
        level, depth = deeper, depth + 1


def _check_text(text: str) -> None:
    # The body was UTF-8, so that a surrogate can only come from an escape.
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError as error:
        lone = f"\\u{ord(text[error.start]):04x}"
        raise NotJsonError(f"{lone} stands alone, half of a pair of surrogates") from None


def _too_deep() -> NotJsonError:
    return NotJsonError(f"the body is nested deeper than {_DEEPEST} levels")


def _sentence(text: str, error: json.JSONDecodeError) -> str:
    at = error.pos
    if error.msg == "Extra data":
        return f"the body goes on after its JSON, at character {at}: {_excerpt(text[at:])}"
    place = f"before {_excerpt(text[at:])}" if at < len(text) else "where it ends"
    why = error.msg.removesuffix(" at").removesuffix(" starting")
    return f"the body is not JSON at character {at}, {place}: {why[0].lower()}{why[1:]}"


def _excerpt(text: str, most: int = _EXCERPT) -> str:
    """The start of a text as an ASCII string of JSON, so that nothing in it is invisible."""
    return json.dumps(text[:most]) + ("..." if len(text) > most else "")
