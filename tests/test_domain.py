"""The values of a choice, read off its annotation; the sentences are pinned by test_choices.py."""

from typing import Any, Literal

import pytest

from stepfun_mock.domain import Domain


@pytest.mark.parametrize(
    ("hint", "metadata", "domain"),
    [
        (bool, {}, Domain(switch=True)),
        (tuple[str, ...], {}, Domain(texts=True)),
        (Literal["a", "b"], {}, Domain(words=("a", "b"))),
        (str, {"words": ("a",)}, Domain(words=("a",))),
        (int, {"span": (1, 2)}, Domain(number=int, span=(1, 2))),
        (int | None, {"span": (1, 2)}, Domain(number=int, span=(1, 2), optional=True)),
        (
            float | Literal["a"] | None,
            {"span": (0, 2)},
            Domain(words=("a",), number=float, span=(0, 2), optional=True),
        ),
    ],
    ids=str,
)
def test_an_annotation_says_which_values_there_are(
    hint: Any, metadata: dict[str, Any], domain: Domain
) -> None:
    assert Domain.of(hint, metadata) == domain


def test_a_choice_may_have_words_numbers_and_nothing() -> None:
    domain = Domain(words=("a", "b"), number=float, span=(0, 2), optional=True)
    for value in ("a", 0, 1.5, 2, None):
        domain.check("x", value)
    with pytest.raises(ValueError, match=r'^x must be "a" or "b" or a number from 0 to 2 or None,'):
        domain.check("x", 3)
    assert [domain.read("x", text) for text in ("a", "1.5", "2", "none")] == ["a", 1.5, 2, None]


@pytest.mark.parametrize("value", [["a"], {}, b"a", object, 1j])
def test_a_value_of_no_kind_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"^x must be "):
        Domain(words=("a",), number=int, span=(0, 2)).check("x", value)
