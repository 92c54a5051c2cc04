"""What Hypothesis makes up: requests that must be accepted, and values that must not."""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from stepfun_mock.terms import Kind, Parameter

from .prompts import WORDS
from .table import MINIMAL, PARAMETERS

Fields = dict[str, Any]

# What JSON can carry and UTF-8 can hold.
_CHARACTERS = st.characters(codec="utf-8")
_FAR = 2**70


def requests(*, free: bool) -> st.SearchStrategy[Fields]:
    """Requests with each parameter left out or allowed; on a paid server in reviewed words."""
    texts = _any_text if free else _reviewed_text
    return _requests(
        {p.name: _allowed(p, texts) for p in PARAMETERS if p.required},
        {p.name: _allowed(p, texts) for p in PARAMETERS if not p.required},
    )


@st.composite
def _requests(
    draw: st.DrawFn,
    required: dict[str, st.SearchStrategy[Any]],
    optional: dict[str, st.SearchStrategy[Any]],
) -> Fields:
    # One number says which fields are there: a coin for each takes longer than all the rest.
    there = draw(st.integers(0, 2 ** len(optional) - 1))
    chosen = [name for bit, name in enumerate(optional) if there >> bit & 1]
    return {name: draw(values) for name, values in required.items()} | {
        name: draw(optional[name]) for name in chosen
    }


@cache
def offences() -> st.SearchStrategy[tuple[str, str, Fields]]:
    """A parameter, the aspect of it that is offended, and a request with that one fault."""
    return st.one_of([_offence(parameter) for parameter in PARAMETERS])


def _any_text(longest: int) -> st.SearchStrategy[str]:
    return st.text(_CHARACTERS, min_size=1, max_size=longest)


def _reviewed_text(longest: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


def _allowed(parameter: Parameter, texts: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401
    if parameter.values:
        return st.sampled_from(parameter.values)
    if parameter.kind is Kind.BOOLEAN:
        return st.booleans()
    if parameter.max_length is not None:
        return texts(parameter.max_length)  # type: ignore[no-any-return]
    low, high = parameter.minimum, parameter.maximum
    if parameter.kind is Kind.INTEGER:
        return st.integers(int(low or 0), int(high or 0))
    return st.floats(low, high)


def _offence(parameter: Parameter) -> st.SearchStrategy[tuple[str, str, Fields]]:
    kinds = [_typed(parameter).map(lambda value: ("type", value))]
    if parameter.minimum is not None and parameter.maximum is not None:
        kinds.append(_outside(parameter).map(lambda value: ("range", value)))
    if parameter.values and parameter.kind is Kind.STRING:
        words = st.sampled_from(WORDS) | st.sampled_from([f"{parameter.values[0]} ", " ", "1x1"])
        kinds.append(words.map(lambda value: ("values", value)))
    if parameter.values and parameter.kind is Kind.INTEGER:
        numbers = st.integers(-_FAR, _FAR).filter(lambda number: number not in parameter.values)
        kinds.append(numbers.map(lambda value: ("values", value)))
    if parameter.max_length is not None:
        longer = st.integers(parameter.max_length + 1, 4 * parameter.max_length)
        kinds.append(longer.map(lambda length: ("length", "a" * length)))
    name = parameter.name
    return st.one_of(kinds).map(lambda found: (name, found[0], {**MINIMAL, name: found[1]}))


def _outside(parameter: Parameter) -> st.SearchStrategy[Any]:
    low, high = parameter.minimum, parameter.maximum
    assert low is not None
    assert high is not None
    if parameter.kind is Kind.INTEGER:
        return st.integers(-_FAR, int(low) - 1) | st.integers(int(high) + 1, _FAR)
    below = st.floats(-1e300, low, exclude_max=True, allow_nan=False, allow_infinity=False)
    above = st.floats(high, 1e300, exclude_min=True, allow_nan=False, allow_infinity=False)
    return below | above | st.integers(-_FAR, int(low) - 1) | st.integers(int(high) + 1, _FAR)


def _typed(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Values of another JSON type; numeric text and whole fractions stand in the written table."""
    words = st.sampled_from(WORDS)
    lists = st.lists(words | st.integers() | st.booleans(), max_size=3)
    objects = st.dictionaries(words, words | st.integers(), max_size=2)
    containers = lists | objects
    number = st.integers(-_FAR, _FAR) | st.floats(-1e300, 1e300).filter(lambda one: one % 1 != 0)
    wrong: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.STRING: number | st.booleans(),
        Kind.INTEGER: words | st.booleans() | st.floats(-1e9, 1e9).filter(lambda one: one % 1 != 0),
        Kind.NUMBER: words | st.booleans(),
        Kind.BOOLEAN: words | number,
        Kind.ARRAY: words,
    }
    return wrong[parameter.kind] | containers
