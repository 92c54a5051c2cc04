"""Which line of a TOML text says what; the parser of the standard library does not tell."""

import contextlib
import re
import tomllib
from collections.abc import Callable, Iterator
from typing import Literal

Place = tuple[str | int, ...]
"""Keys, and places in lists from 0."""

# Texts of several lines come before those of one, whose quotes they begin with.
_TOKEN = re.compile(
    r'(?P<text>"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*+"'
    r"|'[^'\n]*+')"
    r"|(?P<skip>#[^\n]*+|[ \t]++)"
    r"|(?P<word>[^\s\[\]{}=,.\"'#]++)"
    r"|(?P<sign>.)",
    re.DOTALL,
)
_LONGEST_NUMBER = 19  # digits of a whole number of 64 bits


def line_of(text: str, place: Place) -> int:
    """The line, from 1, in which a key, or an item of a list, is given.

    Args:
        text: A whole TOML text, with line feeds alone.
        place: Where it is; what the text does not have is at its last line.
    """
    return line_where(text, lambda found: found[: len(place)] == place)


def line_where(text: str, wanted: Callable[[Place], bool]) -> int:
    """The line, from 1, of the first key, or item of a list, that is wanted; else the last."""
    for place, start in _Reader().places(text):
        if wanted(place):
            return text.count("\n", 0, start) + 1
    return text.count("\n") + 1


def line_of_number(text: str) -> int:
    """The line, from 1, of the first whole number of more than 64 bits; else the last."""
    for token in _TOKEN.finditer(text):
        digits = (token["word"] or "").lstrip("+-").replace("_", "")
        if digits.isdecimal() and len(digits) > _LONGEST_NUMBER:
            return text.count("\n", 0, token.start()) + 1
    return text.count("\n") + 1


class _Reader:
    """Goes through a text that the parser has taken, and keeps where it is."""

    def __init__(self) -> None:
        self._last: dict[Place, int] = {}  # item of each list of tables
        self._table: Place = ()
        self._around: list[tuple[bool, Place]] = []  # whether it is a list, and its item by now
        self._keys: list[str] = []
        self._at: Place = ()  # where the next value belongs
        self._start = 0
        self._next: Literal["key", "header", "value", "end"] = "key"

    def places(self, text: str) -> Iterator[tuple[Place, int]]:
        """Everything that the text gives, in order, and where each begins."""
        for token in _TOKEN.finditer(text + "\n"):
            if token["skip"]:
                continue
            sign, start = token["sign"] or "", token.start()
            if sign == "\n" and not self._around:
                if self._next == "header" and self._keys:
                    yield self._header(of_list=text.startswith("[[", self._start)), self._start
                self._next, self._keys = "key", []
            elif self._next == "value":
                yield from self._value(sign, start)
            elif self._next == "end":
                self._end(sign)
            elif sign == "=":
                self._at = (*(self._around[-1][1] if self._around else self._table), *self._keys)
                self._next, self._keys = "value", []
                yield self._at, self._start
            else:
                self._key(token, sign)

    def _key(self, token: re.Match[str], sign: str) -> None:
        if not sign:
            if not self._keys and self._next == "key":
                self._start = token.start()
            self._keys.append(_read(token[0]))
        elif sign == "[" and self._next == "key":
            self._next, self._start = "header", token.start()
        elif sign == "}":
            self._leave()

    def _header(self, *, of_list: bool) -> Place:
        """Enter the table that a line in brackets names."""
        table: Place = ()
        for key in self._keys[:-1]:
            table = self._entered((*table, key))
        table = (*table, self._keys[-1])
        if of_list:
            self._last[table] = self._last.get(table, -1) + 1
        self._table = self._entered(table)
        return self._table

    def _entered(self, table: Place) -> Place:
        return (*table, self._last[table]) if table in self._last else table

    def _value(self, sign: str, start: int) -> Iterator[tuple[Place, int]]:
        if sign == "\n":
            return
        if sign == "]":  # of an empty list, or after a last comma
            self._leave()
            return
        if self._around and self._around[-1][0]:
            yield self._at, start
        if sign == "[":
            self._at = (*self._at, 0)
            self._around.append((True, self._at))
        elif sign == "{":
            self._around.append((False, self._at))
            self._next = "key"
        else:
            self._next = "end"

    def _end(self, sign: str) -> None:
        """After a value, or within one that has several words or dots."""
        if sign in ("]", "}"):
            self._leave()
        elif sign == "," and self._around:
            of_list, place = self._around[-1]
            if of_list:
                *before, last = place
                self._at = (*before, int(last) + 1)
                self._around[-1] = (True, self._at)
            self._next = "value" if of_list else "key"

    def _leave(self) -> None:
        if self._around:
            self._around.pop()
        self._next = "end"


def _read(key: str) -> str:
    if "\\" in key:
        with contextlib.suppress(tomllib.TOMLDecodeError):
            return next(iter(tomllib.loads(f"{key} = 0")))
    return key[1:-1] if key[0] in "\"'" else key
