"""Replaced attributes come back, in whatever order their replacers leave."""

import functools
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from stepfun_mock.transports.patches import Patches


def louder(patches: Patches, sign: str) -> Callable[[Any], Any]:
    def make(before: Callable[[Any], str]) -> Callable[[Any], str]:
        def stand_in(thing: Any) -> str:
            return before(thing) + (sign if patches.active else "")

        return stand_in

    return make


def kinds() -> tuple[type, type]:
    class Parent:
        def speak(self) -> str:
            return "word"

    class Child(Parent):
        pass

    return Parent, Child


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_three_that_leave_in_any_order_leave_nothing(order: tuple[int, ...]) -> None:
    parent, _ = kinds()
    before = vars(parent)["speak"]
    layers = [Patches() for _ in range(3)]
    for layer, sign in zip(layers, "abc", strict=True):
        layer.replace(parent, "speak", louder(layer, sign))
    assert parent().speak() == "wordabc"
    left = "abc"
    for one in order:
        layers[one].undo()
        left = left.replace("abc"[one], "")
        assert parent().speak() == f"word{left}"
    assert vars(parent)["speak"] is before


def test_what_was_inherited_is_inherited_again() -> None:
    parent, child = kinds()
    patches = Patches()
    patches.replace(child, "speak", louder(patches, "!"))
    assert (child().speak(), parent().speak()) == ("word!", "word")
    patches.undo()
    assert "speak" not in vars(child)


def test_what_another_laid_on_top_stays_and_ours_falls_silent() -> None:
    parent, _ = kinds()
    patches = Patches()
    patches.replace(parent, "speak", louder(patches, "!"))
    ours = vars(parent)["speak"]
    parent.speak = lambda thing: ours(thing).upper()  # type: ignore[attr-defined]
    assert parent().speak() == "WORD!"
    patches.undo()
    assert parent().speak() == "WORD"


def test_a_wrapper_that_looks_like_ours_is_not_taken_for_it() -> None:
    parent, _ = kinds()
    lower, upper = Patches(), Patches()
    lower.replace(parent, "speak", louder(lower, "!"))
    ours = vars(parent)["speak"]

    @functools.wraps(ours)
    def theirs(thing: Any) -> str:
        return str(ours(thing)).upper()

    parent.speak = theirs  # type: ignore[attr-defined]
    upper.replace(parent, "speak", louder(upper, "?"))
    lower.undo()
    upper.undo()
    assert parent().speak() == "WORD"


def test_what_another_put_back_after_us_does_not_pile_up() -> None:
    parent, _ = kinds()
    before = vars(parent)["speak"]
    for _ in range(3):
        patches = Patches()
        patches.replace(parent, "speak", louder(patches, "!"))
        ours = vars(parent)["speak"]
        parent.speak = lambda thing: "other"  # type: ignore[attr-defined]
        patches.undo()
        parent.speak = ours  # type: ignore[attr-defined]  # as monkeypatch does, undone after us
    patches = Patches()
    patches.replace(parent, "speak", louder(patches, "!"))
    patches.undo()
    assert vars(parent)["speak"] is before


def test_undoing_twice_does_nothing() -> None:
    parent, _ = kinds()
    patches = Patches()
    patches.replace(parent, "speak", louder(patches, "!"))
    patches.undo()
    patches.undo()
    assert parent().speak() == "word"
