"""What the documentation leaves open, as named choices with a default and a reason.

A choice changes what the mock answers; it never changes what the contract says.
"""

import re
import typing
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, Literal, Self

from stepfun_mock.contract import LINK_LIFE
from stepfun_mock.terms import either, unknown

LONGEST_LINK_LIFE = 3_153_600_000
"""Seconds: a hundred years."""

_SECONDS = f"a whole number from 1 to {LONGEST_LINK_LIFE}"
_WHOLE = re.compile(r"[0-9]{1,10}")


def _choice(default: object, about: str, reason: str) -> Any:  # noqa: ANN401 (a field of any type)
    return field(default=default, metadata={"about": about, "reason": reason})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The choices in force. Every value is checked when the object is made.

    Raises:
        ValueError: a value that the choice does not have; the sentence names those it has.
    """

    n_above_one: Literal["refuse", "one_picture"] = _choice(
        "refuse", "n above 1", "the page supports one picture a request and no reply to 2 is known"
    )
    unknown_fields: Literal["ignore", "refuse"] = _choice(
        "ignore", "fields that the contract does not know", "live calls with them were answered"
    )
    null_fields: Literal["absent", "refuse"] = _choice(
        "absent", "null for an optional field", "a published client sends it by default"
    )
    loose_numbers: Literal["refuse", "accept"] = _choice(
        "refuse", '8.0 or "8" for an integer, "1.0" for a number', "the page says int and float"
    )
    length_unit: Literal["code_points", "utf16"] = _choice(
        "code_points", "what the length limits count", "the page says characters and no more"
    )
    empty_prompt: Literal["refuse", "accept"] = _choice(
        "refuse", 'the prompt ""', "prompt is required, and nothing describes no picture"
    )
    filter_words: tuple[str, ...] = _choice(
        (), "words in a prompt that the filter refuses", "the vendor's filter is not published"
    )
    filtered_reply: Literal["without_picture", "with_picture", "http_451"] = _choice(
        "without_picture", "what a filtered prompt gets", "the page names the reason, not the rest"
    )
    link_life: int = _choice(
        LINK_LIFE, "seconds that a picture link lives", "the page says so; tests may want less"
    )
    error_description: bool = _choice(
        False, "a `description` beside the message of an error", "one live report has it"
    )
    reply_id: bool = _choice(
        False,
        "an `id` beside `created`",
        "the vendor's Chinese examples show it, the page does not",
    )
    cors: bool = _choice(
        False,
        "Access-Control-Allow-Origin: * on every reply",
        "reported, but opens the mock to pages",
    )
    api_keys: tuple[str, ...] = field(
        default=(),
        repr=False,
        metadata={
            "about": "the keys that are known (--api-key); none means any that is not empty",
            "reason": "a test needs no real key",
        },
    )

    def __post_init__(self) -> None:
        hints = _hints()
        for choice in fields(self):
            value = getattr(self, choice.name)
            if isinstance(value, list):
                value = tuple(value)
                object.__setattr__(self, choice.name, value)
            _check(choice.name, hints[choice.name], value)

    def changed(self, **changes: Any) -> Self:  # noqa: ANN401 (each choice has its own type)
        """These choices with some of them changed.

        Raises:
            ValueError: an unknown name, or a value that the choice does not have.
        """
        known = tuple(choice.name for choice in fields(self))
        for name in changes:
            if name not in known:
                raise ValueError(_unknown(name, known))
        return replace(self, **changes)

    @classmethod
    def from_texts(cls, texts: typing.Iterable[str], **given: Any) -> Self:  # noqa: ANN401
        """Read `name=value` texts, as the command line has them; see `named`."""
        return cls(**given, **cls.named(texts))

    @classmethod
    def named(cls, texts: typing.Iterable[str]) -> dict[str, Any]:
        """The values in `name=value` texts.

        Lists are separated by commas, and add up where one is named twice; switches are on or
        off; of other values that are named twice the later wins.

        Raises:
            ValueError: no equals sign, an unknown name or a value that the choice does not have.
        """
        given: dict[str, Any] = {}
        hints = _hints()
        for text in texts:
            name, equals, value = text.partition("=")
            name = name.strip()
            if not equals:
                # The text is not shown: what has no name may be a key.
                raise ValueError('a choice is written NAME=VALUE, as in link_life=60; no "=" came')
            if name == "api_keys":
                raise ValueError("keys are no choice to write out; name each with --api-key KEY")
            if name not in hints:
                raise ValueError(_unknown(name, tuple(hints)))
            read = _read(name, hints[name], value.strip())
            earlier = given.get(name)
            given[name] = earlier + read if isinstance(earlier, tuple) else read
        cls(**given)  # looks at each value
        return given


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice as people read of it: its name, its default, what else there is, and why."""

    name: str
    about: str
    default: object
    others: str
    reason: str


def _others(hint: Any, default: object) -> str:  # noqa: ANN401 (a type, of any sort)
    if typing.get_origin(hint) is Literal:
        return ", ".join(value for value in typing.get_args(hint) if value != default)
    return {bool: "on", int: "any from 1"}.get(hint, "a list")


def all_choices() -> tuple[Choice, ...]:
    """Every choice, in the order in which the contract is printed."""
    hints = _hints()
    return tuple(
        Choice(
            choice.name,
            choice.metadata["about"],
            choice.default,
            _others(hints[choice.name], choice.default),
            choice.metadata["reason"],
        )
        for choice in fields(Choices)
    )


@cache
def _hints() -> dict[str, Any]:
    # Looked up once: evaluating the annotations takes longer than all else that a mock is made of.
    return typing.get_type_hints(Choices)


def _unknown(name: str, known: tuple[str, ...]) -> str:
    return unknown("there is no choice", name, "The choices are", known)


def _check(name: str, hint: Any, value: object) -> None:  # noqa: ANN401 (a type, of any sort)
    if typing.get_origin(hint) is Literal:
        allowed = typing.get_args(hint)
        if value not in allowed:
            raise ValueError(f"{name} must be {either(allowed)}, but {value!r} came")
    elif hint is bool and not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False, but {value!r} came")
    elif hint is int and (type(value) is not int or not 1 <= value <= LONGEST_LINK_LIFE):
        raise ValueError(f"{name} must be {_SECONDS}, but {value!r} came")
    elif hint == tuple[str, ...] and not _is_texts(value):
        raise ValueError(
            f'{name} must be a list of texts, as in ["one"]; none is empty or ends in spaces'
        )


def _is_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(text, str) and text and text == text.strip() for text in value
    )


def _read(name: str, hint: Any, text: str) -> Any:  # noqa: ANN401 (a type, of any sort)
    if hint is bool:
        if text not in ("on", "off"):
            raise ValueError(f'{name} must be on or off, but "{text}" came')
        return text == "on"
    if hint is int:
        if not _WHOLE.fullmatch(text):
            raise ValueError(f'{name} must be {_SECONDS}, but "{text}" came')
        return int(text)
    if hint == tuple[str, ...]:
        return tuple(word.strip() for word in text.split(",") if word.strip())
    return text
