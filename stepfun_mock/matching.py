"""How a request differs from what was expected of it; deciding and explaining are one thing.

An expectation is any object with `==`: a plain value, or one that decides for itself.
"""

from collections.abc import Mapping
from typing import NamedTuple

from stepfun_mock.message import ImageRequest
from stepfun_mock.terms import unknown

FIELDS = (*ImageRequest._fields, "height", "width")
"""What may be expected of a request: its parameters, and the pixels that `size` means."""

_SIZES = ("size", "width", "height")
_TURNED = "size has the height first"
_SHOWN = 60
_BEFORE = 12


class Difference(NamedTuple):
    """One field that is not as expected; as text, what it was and what it should have been."""

    field: str
    expected: object
    actual: object
    note: str = ""

    def __str__(self) -> str:
        expected, actual = self.expected, self.actual
        if self.note:
            return f"{self.field} was {_cut(actual)}, not {_cut(expected)}: {self.note}"
        if isinstance(expected, str) and isinstance(actual, str):
            return f"{self.field} was {_around(actual, expected)}, not {_around(expected, actual)}"
        return f"{self.field} was {_cut(actual)}, not {_cut(expected)}"


def check_fields(expected: Mapping[str, object]) -> None:
    """Let expectations of known fields pass.

    Raises:
        TypeError: a field that no request has; the sentence names the nearest.
    """
    for name in expected:
        if name not in FIELDS:
            raise TypeError(unknown("a request has no field", name, "Its fields are", FIELDS))


def differences(expected: Mapping[str, object], request: ImageRequest) -> tuple[Difference, ...]:
    """Every field that is not as expected, in the order of `expected`; empty means a match."""
    found = []
    for name, value in expected.items():
        actual = getattr(request, name)
        if not value == actual:  # noqa: SIM201 (an expectation defines ==, and perhaps not !=)
            note = _TURNED if name in _SIZES and _is_turned(expected, request) else ""
            found.append(Difference(name, value, actual, note))
    return tuple(found)


def described(expected: Mapping[str, object]) -> str:
    """Expectations as the object of a sentence: `steps=20 and seed=7`."""
    texts = [f"{name}={_cut(value)}" for name, value in expected.items()]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _is_turned(expected: Mapping[str, object], request: ImageRequest) -> bool:
    """Whether the size was expected the other way round."""
    height, width = request.height, request.width
    return {"size": f"{width}x{height}", "width": height, "height": width}.items() >= {
        name: value for name, value in expected.items() if name in _SIZES
    }.items()


def _cut(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _around(text: str, other: str) -> str:
    """A text, cut to the neighbourhood of the first letter in which it is not the other."""
    if len(text) <= _SHOWN:
        return repr(text)
    pairs = enumerate(zip(text, other, strict=False))
    same = next((at for at, (one, two) in pairs if one != two), min(len(text), len(other)))
    start = max(0, same - _BEFORE)
    end = start + _SHOWN
    shown = text[start:end]
    return f"{'…' if start else ''}{shown!r}{'…' if end < len(text) else ''}"
