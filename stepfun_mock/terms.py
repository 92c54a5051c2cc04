"""The terms in which the contract is written: sources, parameters, reply fields, refusals, rules.

Classes only; what the contract says stands in `stepfun_mock.contract`.
"""

import json
from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Grade(StrEnum):
    """How sure a statement is, surest first."""

    PAGE = "page"
    VENDOR = "vendor"
    REPORTED = "reported"
    OURS = "ours"


class Kind(StrEnum):
    """The JSON type of a field."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ARRAY = "array"


_KIND_WORDS = {
    Kind.STRING: "a text",
    Kind.INTEGER: "an integer",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.ARRAY: "a list",
}


class Source(NamedTuple):
    """Where a statement comes from, and so how sure it is."""

    id: str
    grade: Grade
    title: str
    url: str | None = None


class Parameter(NamedTuple):
    """One field of a request body: its type, what it may hold, its default.

    `minimum` and `maximum` are inclusive; `max_length` counts characters; `values` lists all
    that is allowed where the page lists it. `note` says what the figures cannot.
    `default_source` is set where the default has another source than the rest.
    """

    name: str
    kind: Kind
    about: str
    source: Source
    required: bool = False
    default: object = None
    default_source: Source | None = None
    values: tuple[object, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    note: str = ""

    @property
    def type_words(self) -> str:
        """The type as the object of a sentence: "an integer"."""
        return _KIND_WORDS[self.kind]

    @property
    def allowed(self) -> str:
        """All that the field may hold, as the object of a sentence: "an integer from 1 to 50"."""
        if self.values:
            return either(self.values)
        if self.minimum is not None:
            return f"{self.type_words} from {self.minimum} to {self.maximum}"
        if self.max_length is not None:
            return f"{self.type_words} of at most {self.max_length} characters"
        return self.type_words


def unknown(lead: str, name: str, follow: str, known: Collection[str]) -> str:
    """Say that a name is not known, and which are: `lead "name"; ... follow one, two`."""
    import difflib  # loaded by every pytest otherwise, through the plugin

    near = difflib.get_close_matches(name, known, n=1)
    hint = f'; did you mean "{near[0]}"?' if near else "."
    return f'{lead} "{name}"{hint} {follow} {", ".join(known)}'


def either(values: tuple[object, ...]) -> str:
    """Name alternatives in a sentence: `"b64_json" or "url"`."""
    words = [json.dumps(value, ensure_ascii=False) for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


class Price(NamedTuple):
    """What a picture costs at one of the hosts; `currency` is an ISO 4217 code."""

    host: str
    currency: str
    amount: float
    source: Source


class Tier(NamedTuple):
    """What an account of one of the hosts may send; the more it was topped up, the higher its tier.

    `concurrency` counts requests at a time, `rpm` those in a minute, of all routes together.
    """

    host: str
    name: str
    concurrency: int
    rpm: int
    source: Source

    @property
    def id(self) -> str:
        """Host and name, as in `ai/V0`."""
        return f"{self.host.rpartition('.')[2]}/{self.name}"


class Latency(NamedTuple):
    """How many seconds a picture took; `about` says which."""

    seconds: float
    about: str
    source: Source


class Model(NamedTuple):
    """A model, with the record that lists it, its prices and the parameters that it takes.

    `created` is Unix seconds.
    """

    id: str
    owned_by: str
    created: int
    prices: tuple[Price, ...]
    parameters: tuple[Parameter, ...]


class Route(NamedTuple):
    """A path of the API and the verb that it answers."""

    id: str
    method: str
    path: str
    about: str
    source: Source


class ReplyField(NamedTuple):
    """One field of a reply: where it stands, its JSON type and what it says."""

    name: str
    where: str
    kind: Kind
    about: str
    source: Source
    values: tuple[str, ...] = ()


class Refusal(NamedTuple):
    """One way in which a request is refused.

    `type` is the word of the error envelope; None means a reply without the envelope. `source`
    gave the status, `type_source` the word. `routes` names the routes that can answer so: the
    start of their ids, or `every`. `by_itself` is False for what the vendor lists and the mock
    never sends of its own accord.
    """

    id: str
    status: int
    type: str | None
    when: str
    source: Source
    type_source: Source
    routes: tuple[str, ...]
    by_itself: bool = True


class Rule(NamedTuple):
    """One statement of the contract, with an id that people can read.

    `part` says what it speaks of: request, reply, link, price, refusal, route. `figures` holds the
    numbers and words on which the statement rests, for those who compute with them.
    """

    id: str
    part: str
    statement: str
    source: Source
    figures: Mapping[str, object] = MappingProxyType({})

    @property
    def grade(self) -> Grade:
        """How sure the statement is."""
        return self.source.grade
