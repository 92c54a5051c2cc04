"""The values that a choice has: which they are, and how Python and a command line write them."""

import re
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Self

from stepfun_mock.terms import either

_TEXTS = 'a list of texts, as in ["one"]; none is empty or ends in spaces'
_DIGITS = {
    int: re.compile(r"[0-9]{1,10}"),
    float: re.compile(r"[0-9]{1,10}(\.[0-9]{1,10})?"),
}


class Domain(NamedTuple):
    """The values that one choice has.

    `words` are those with a name; `number` says that there are numbers too, whole or not, from the
    first to the second figure of `span`; `optional` that there may be none. A `switch` is on or
    off, and `texts` are a list of the user's own; these two stand alone.
    """

    words: tuple[str, ...] = ()
    number: type[int] | type[float] | None = None
    span: tuple[int, int] = (0, 0)
    optional: bool = False
    switch: bool = False
    texts: bool = False

    @classmethod
    def of(cls, hint: Any, metadata: Mapping[str, Any]) -> Self:  # noqa: ANN401 (a type, of any sort)
        """Read it off an annotation; `metadata` adds the span, and words that no type can list."""
        union = typing.get_origin(hint) in (typing.Union, types.UnionType)
        parts = typing.get_args(hint) if union else (hint,)
        listed = [part for part in parts if typing.get_origin(part) is Literal]
        return cls(
            words=metadata.get("words", sum(map(typing.get_args, listed), ())),
            number=next((part for part in parts if part in _DIGITS), None),
            span=metadata.get("span", (0, 0)),
            optional=types.NoneType in parts,
            switch=hint is bool,
            texts=hint == tuple[str, ...],
        )

    def check(self, name: str, value: object) -> None:
        """Let a value pass.

        Raises:
            ValueError: the choice `name` does not have it.
        """
        if self._has(value):
            return
        # What came instead of a list is not shown: it may be a key.
        came = "" if self.texts else f", but {value!r} came"
        raise ValueError(f"{name} must be {self._allowed('True or False', 'None')}{came}")

    def read(self, name: str, text: str) -> Any:  # noqa: ANN401 (each choice has its own type)
        """The value that a text stands for.

        Raises:
            ValueError: the choice `name` has none that is written so.
        """
        if self.texts:
            return tuple(word.strip() for word in text.split(",") if word.strip())
        value = self._value(text)
        if (value is None and text != "none") or not self._has(value):
            allowed = self._allowed("on or off", "none")
            raise ValueError(f'{name} must be {allowed}, but "{text}" came')
        return value

    def others(self, default: object) -> str:
        """What there is beside the default, in a few words."""
        if self.switch:
            return "off" if default else "on"
        if self.texts:
            return "a list"
        words = [word for word in self.words if word != default]
        return ", ".join(words + ([f"any from {self.span[0]}"] if self.number else []))

    def _has(self, value: object) -> bool:
        if value is None:
            return self.optional
        if self.switch or isinstance(value, bool):
            return self.switch and isinstance(value, bool)
        if self.texts:
            return _is_texts(value)
        if isinstance(value, str):
            return value in self.words
        # No comparison with NaN holds.
        number = self.number is not None and isinstance(value, int | self.number)
        return number and self.span[0] <= value <= self.span[1]  # type: ignore[operator]

    def _value(self, text: str) -> object:
        if self.switch:
            return {"on": True, "off": False}.get(text)
        if self.number and _DIGITS[self.number].fullmatch(text):
            return self.number(text)
        return text if text in self.words else None

    def _allowed(self, switched: str, nothing: str) -> str:
        """What there is, as the object of a sentence."""
        if self.switch or self.texts:
            return switched if self.switch else _TEXTS
        ways = [either(self.words)] if self.words else []
        if self.number:
            whole = "whole " if self.number is int else ""
            ways.append(f"a {whole}number from {self.span[0]} to {self.span[1]}")
        return " or ".join([*ways, nothing] if self.optional else ways)


def _is_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(text, str) and text and text == text.strip() for text in value
    )
