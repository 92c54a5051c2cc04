"""Attributes of other people's classes, replaced for a while and put back."""

from collections.abc import Callable
from typing import Any

_MISSING = object()
_MARK = "_stepfun_mock_patches"


class Patches:
    """Replacements that undo themselves in the right order, whoever else replaces the same.

    A test's other mocks may wrap an attribute on top of ours and outlive us, so a replacement
    must ask `active` each time it is called, and do nothing of its own once that is False. What
    lies on top of ours stays where it is when we leave.
    """

    def __init__(self) -> None:
        self.active = False
        self._made: list[tuple[Any, str, Any, Any]] = []

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:  # noqa: ANN401
        """Replace `owner.name` by what `make` makes of it.

        Args:
            owner: A class or a module.
            name: The attribute; it must be there, its own or inherited.
            make: Gets the value as it was.
        """
        found = own = owner.__dict__.get(name, _MISSING)
        if hasattr(found, _MARK):
            own = _alive(found)
            if own is not found:
                _put(owner, name, own)  # somebody put back what we had left behind
        ours = make(getattr(owner, name))
        setattr(ours, _MARK, (self, ours, own))
        self._made.append((owner, name, own, ours))
        setattr(owner, name, ours)
        self.active = True

    def undo(self) -> None:
        """Put back everything that is still ours, last replaced first."""
        self.active = False
        while self._made:
            owner, name, own, ours = self._made.pop()
            if owner.__dict__.get(name) is not ours:
                continue  # somebody wrapped it after us, and will not notice that we are gone
            _put(owner, name, _alive(own) if hasattr(own, _MARK) else own)


def _put(owner: Any, name: str, own: Any) -> None:  # noqa: ANN401 (whatever was replaced)
    if own is _MISSING:
        delattr(owner, name)
    else:
        setattr(owner, name, own)


def _alive(value: Any) -> Any:  # noqa: ANN401 (whatever was replaced)
    """A value, or what lay below it where it is a replacement whose maker has left before us."""
    while (mark := getattr(value, _MARK, None)) is not None:
        patches, marked, own = mark
        if patches.active or marked is not value:  # `functools.wraps` copies marks to others
            break
        value = own
    return value
