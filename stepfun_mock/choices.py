"""What the documentation leaves open, as named choices with a default and a reason.

A choice changes what the mock answers; it never changes what the contract says.
"""

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Self

from stepfun_mock.contract import LATENCY, LINK_LIFE, TIERS
from stepfun_mock.domain import Domain
from stepfun_mock.terms import unknown

LONGEST_LINK_LIFE = 3_153_600_000
"""Seconds: a hundred years."""
LONGEST_LATENCY = 86_400
"""Seconds: a day."""
HIGHEST_LIMIT = 1_000_000
HIGHEST_BALANCE = 1_000_000_000


def _choice(default: object, about: str, reason: str, **limits: object) -> Any:  # noqa: ANN401 (a field of any type)
    return field(default=default, metadata={"about": about, "reason": reason, **limits})


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
        LINK_LIFE,
        "seconds that a picture link lives",
        "the page says so; tests may want less",
        span=(1, LONGEST_LINK_LIFE),
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
    magic_prompts: bool = _choice(
        True, "tags such as [mock:overloaded] in a prompt ask for a fault", "no code is needed"
    )
    magic_keys: bool = _choice(
        True, "keys such as mock-402 or mock-overloaded ask for a fault", "no code is needed"
    )
    control_routes: bool = _choice(
        True,
        "the routes under /__stepfun_mock/ and the page",
        "they are for people on this machine, and ask for no key",
    )
    tier: str = _choice(
        "none",
        "the account's tier, with its limits (see Limits)",
        "a test meets no limit that it did not ask for",
        words=("none", *(tier.id for tier in TIERS)),
    )
    rpm: int | None = _choice(
        None,
        "requests in any 60 seconds; none: as many as the tier has",
        "a low one is reached soon in a test",
        span=(1, HIGHEST_LIMIT),
    )
    concurrency: int | None = _choice(
        None,
        "requests at a time, each for the latency; none: as many as the tier has",
        "they overlap over a socket alone",
        span=(1, HIGHEST_LIMIT),
    )
    balance: float | None = _choice(
        None,
        "money for pictures: US dollars, or yuan with a com tier; none: no end of it",
        "no picture costs anything here",
        span=(0, HIGHEST_BALANCE),
    )
    latency: float | Literal["reported"] = _choice(
        0.0,
        f"seconds before a picture comes; reported: {LATENCY.seconds}",
        "tests are faster without",
        span=(0, LONGEST_LATENCY),
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
        for name, domain in domains().items():
            value = getattr(self, name)
            if isinstance(value, list):
                value = tuple(value)
                object.__setattr__(self, name, value)
            domain.check(name, value)

    def changed(self, **changes: Any) -> Self:  # noqa: ANN401 (each choice has its own type)
        """These choices with some of them changed.

        Raises:
            ValueError: an unknown name, or a value that the choice does not have.
        """
        for name in changes:
            if name not in domains():
                raise ValueError(_unknown(name))
        return replace(self, **changes)

    @classmethod
    def from_texts(cls, texts: typing.Iterable[str], **given: Any) -> Self:  # noqa: ANN401
        """Read `name=value` texts, as the command line has them; see `named`."""
        return cls(**given, **cls.named(texts))

    @classmethod
    def named(cls, texts: typing.Iterable[str]) -> dict[str, Any]:
        """The values in `name=value` texts.

        Lists are separated by commas, and add up where one is named twice; switches are on or
        off; what may be None is none then; of other values that are named twice the later wins.

        Raises:
            ValueError: no equals sign, an unknown name or a value that the choice does not have.
        """
        given: dict[str, Any] = {}
        for text in texts:
            name, equals, value = text.partition("=")
            name = name.strip()
            if not equals:
                # The text is not shown: what has no name may be a key.
                raise ValueError('a choice is written NAME=VALUE, as in link_life=60; no "=" came')
            if name == "api_keys":
                raise ValueError("keys are no choice to write out; name each with --api-key KEY")
            if name not in domains():
                raise ValueError(_unknown(name))
            read = domains()[name].read(name, value.strip())
            earlier = given.get(name)
            given[name] = earlier + read if isinstance(earlier, tuple) else read
        cls(**given)  # looks at each value
        return given


class Choice(NamedTuple):
    """One choice as people read of it: its name, its default, what else there is, and why."""

    name: str
    about: str
    default: object
    others: str
    reason: str


def all_choices() -> tuple[Choice, ...]:
    """Every choice, in the order in which the contract is printed."""
    return tuple(
        Choice(
            choice.name,
            choice.metadata["about"],
            choice.default,
            domains()[choice.name].others(choice.default),
            choice.metadata["reason"],
        )
        for choice in fields(Choices)
    )


@cache
def domains() -> Mapping[str, Domain]:
    """The values that each choice has, by its name."""
    # Looked up once: evaluating the annotations takes longer than all else that a mock is made of.
    hints = typing.get_type_hints(Choices)
    found = {
        choice.name: Domain.of(hints[choice.name], choice.metadata) for choice in fields(Choices)
    }
    return MappingProxyType(found)


def _unknown(name: str) -> str:
    return unknown("there is no choice", name, "The choices are", tuple(domains()))
