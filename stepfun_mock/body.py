"""Body bytes to one JSON object, strictly; nothing of what its fields mean.

The standard parser reads more than JSON: NaN, doubled keys, UTF-16, lone surrogates, and it
counts on the stack. What it lets through is refused here.
"""

import json
import re
from collections.abc import Callable
from json.scanner import make_scanner
from typing import NoReturn

from stepfun_mock.contract import BODY_LIMIT, NESTING_LIMIT
from stepfun_mock.errors import RefusedError
from stepfun_mock.refusals import BODY_REFUSED, BODY_TOO_LARGE

# A string without an end runs to the end of the body, or the search would be quadratic.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")


def read_object(body: bytes) -> dict[str, object]:
    """Read the body as one JSON object.

    Raises:
        RefusedError: `body.too_large` above the body limit, else `body.refused`.
    """
    try:
        return _read_object(body)
    except _NotJsonError as problem:
        why = f"the body is not the JSON object that is due: {problem}"
        raise RefusedError(BODY_REFUSED, why) from None


def read_value(body: bytes, hint: str = "") -> object:
    """Read the body as JSON of any kind, as strictly as an object.

    Args:
        body: The bytes.
        hint: What to say to who sends words without quotes.

    Raises:
        RefusedError: as `read_object`.
    """
    try:
        value = _read_any(_text_of(body))
        _check_surrogates(value)
    except _NotJsonError as problem:
        why = f"the body is not the JSON that is due: {problem}"
        if hint and body.lstrip()[:1].isalpha():
            why = f"{why}; {hint}"
        raise RefusedError(BODY_REFUSED, why) from None
    return value


def _read_object(body: bytes) -> dict[str, object]:
    text = _text_of(body)
    value = _read_plain(text)
    # Every key has a colon: as many keys as colons means that no key stands there twice.
    if value is None or text.count(":") != len(value):
        value = _read_closely(text)
    if "\\u" in text:
        _check_surrogates(value)
    return value


def _text_of(body: bytes) -> str:
    if len(body) > BODY_LIMIT:
        raise RefusedError(BODY_TOO_LARGE, too_large(len(body)))
    _check_nesting(body)
    return _decode(body)


def _read_plain(text: str) -> dict[str, object] | None:
    """Read what nearly everybody sends; None for all that wants a closer look."""
    try:
        value, end = _scan(text, 0)
    except (ValueError, StopIteration):
        return None
    return value if isinstance(value, dict) and end == len(text) else None


def _read_closely(text: str) -> dict[str, object]:
    value = _read_any(text)
    if not isinstance(value, dict):
        _refuse("it must be an object, {...}, at the top")
    return value


def _read_any(text: str) -> object:
    try:
        value: object = _DECODER.decode(text)
    except json.JSONDecodeError as problem:
        reason = problem.msg.removesuffix(" at") if text else "it is empty"
        _refuse(f"{reason} at line {problem.lineno}, column {problem.colno}")
    except _NotJsonError:
        raise
    except ValueError:
        # Python refuses integers of more than 4,300 digits, with advice that is not for callers.
        _refuse("a number in it is too long")
    return value


def too_large(size: int | None = None) -> str:
    """The sentence for a body over the limit, of `size` bytes where that is known."""
    came = f", but {size} came" if size is not None else ", and more came"
    return (
        f"the body may have {BODY_LIMIT} bytes{came}; "
        "this endpoint takes no picture, so leave fields such as image out"
    )


class _NotJsonError(ValueError):
    """Why a body is not what is due."""


def _refuse(why: str) -> NoReturn:
    raise _NotJsonError(why)


def _decode(body: bytes) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as problem:
        _refuse(f"byte {problem.start} is not UTF-8")
    if text.startswith("\ufeff"):
        _refuse("it starts with a byte order mark; send UTF-8 without one")
    return text


def _check_nesting(body: bytes) -> None:
    # Counting brackets is cheap and proves most bodies flat; only the others are walked.
    if body.count(b"[") + body.count(b"{") <= NESTING_LIMIT:
        return
    depth = 0
    for bracket in _BRACKETS.finditer(_STRING.sub(b"", body)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > NESTING_LIMIT:
            _refuse(f"it is nested more than {NESTING_LIMIT} levels deep")


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        _refuse(f"the field {json.dumps(twice[:64])} stands in it twice")
    return fields


def _no_constant(name: str) -> NoReturn:
    _refuse(f"{name} is not JSON")


def _check_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        _refuse("half of a surrogate pair stands alone in it (a \\ud800 to \\udfff)")


_DECODER = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
_scan: Callable[[str, int], tuple[object, int]] = make_scanner(
    json.JSONDecoder(parse_constant=_no_constant)  # type: ignore[arg-type]
)
