"""How a request differs from what was expected: deciding and explaining are one."""

from typing import Any

import pytest
from dirty_equals import Contains, IsInt, IsStr
from hypothesis import given
from hypothesis import strategies as st

from conftest import examples
from stepfun_mock.matching import FIELDS, check_fields, described, differences
from stepfun_mock.message import ImageRequest

REQUEST = ImageRequest(
    model="step-image-edit-2",
    prompt="A red fox in the snow",
    size="768x1360",
    n=1,
    response_format="url",
    seed=7,
    steps=8,
    cfg_scale=1.0,
    negative_prompt="",
    text_mode=False,
    unknown=("quality",),
)


def texts(**expected: Any) -> list[str]:
    return [str(one) for one in differences(expected, REQUEST)]


def test_what_is_as_expected_has_no_differences() -> None:
    everything = {name: getattr(REQUEST, name) for name in FIELDS}
    assert differences(everything, REQUEST) == ()
    assert differences({}, REQUEST) == ()


def test_every_field_that_differs_is_named_in_the_order_of_the_expectation() -> None:
    assert texts(steps=20, seed=8, n=1, height=1360) == [
        "steps was 8, not 20",
        "seed was 7, not 8",
        "height was 768, not 1360: size has the height first",
    ]


def test_an_object_decides_by_its_own_equality() -> None:
    assert (
        texts(prompt=IsStr(regex=".*fox.*"), steps=IsInt(gt=1), unknown=Contains("quality")) == []
    )
    assert texts(steps=IsInt(gt=8)) == ["steps was 8, not IsInt(gt=8)"]


def test_an_object_that_defines_equality_alone_is_enough() -> None:
    class Even:
        def __eq__(self, other: object) -> bool:
            return isinstance(other, int) and other % 2 == 0

        __hash__ = None  # type: ignore[assignment]

    assert texts(steps=Even()) == []
    assert len(texts(seed=Even())) == 1


def test_long_texts_are_shown_where_they_part() -> None:
    long = REQUEST._replace(prompt="a" * 200 + "b" + "c" * 200)
    (one,) = differences({"prompt": "a" * 200 + "d" + "c" * 200}, long)
    assert str(one) == (f"prompt was …'{'a' * 12}b{'c' * 47}'…, not …'{'a' * 12}d{'c' * 47}'…")


def test_a_text_that_stops_early_is_shown_to_its_end() -> None:
    long = REQUEST._replace(prompt="a" * 100)
    (one,) = differences({"prompt": "a" * 90}, long)
    assert str(one) == f"prompt was …'{'a' * 22}', not …'{'a' * 12}'"


@examples(100)
@given(st.text(max_size=200), st.text(max_size=200))
def test_two_texts_that_differ_are_never_shown_alike(one: str, two: str) -> None:
    found = differences({"prompt": one}, REQUEST._replace(prompt=two))
    assert bool(found) == (one != two)
    for difference in found:
        was, _, should = str(difference).removeprefix("prompt was ").partition(", not ")
        assert was != should


def test_an_unknown_field_is_refused_with_the_nearest_known() -> None:
    with pytest.raises(TypeError) as caught:
        check_fields({"step": 8})
    assert str(caught.value) == (
        'a request has no field "step"; did you mean "steps"? Its fields are model, prompt, size, '
        "n, response_format, seed, steps, cfg_scale, negative_prompt, text_mode, unknown, height, "
        "width"
    )


def test_expectations_are_described_as_they_are_written() -> None:
    assert described({"steps": 20}) == "steps=20"
    assert described({"steps": 20, "seed": 7, "n": 1}) == "steps=20, seed=7 and n=1"
    assert described({"prompt": "x" * 99}) == f"prompt='{'x' * 59}…"
