"""What a faulty server is, and the tools to make one with a single fault."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..messages import Json, Parameters
from ..reference import Make, ReferenceServer

Verdict = Literal["broken", "differs"]
Test = Callable[[Json], bool]


@dataclass(frozen=True)
class Faulty:
    """A server with one fault.

    `rule` is the rule of the contract that it breaks; `also` names the others that nobody can keep
    who has this fault. It is `broken` if it contradicts what is documented, and `differs` if it
    only does what the documentation leaves open otherwise than the real service is known to.
    """

    name: str
    about: str
    rule: str
    server: Make
    verdict: Verdict = "broken"
    also: tuple[str, ...] = ()


# Tests of values


def is_bool(value: Json) -> bool:
    return isinstance(value, bool)


def is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not is_bool(value)


def is_text(value: Json) -> bool:
    return isinstance(value, str)


def is_list(value: Json) -> bool:
    return isinstance(value, list)


def is_object(value: Json) -> bool:
    return isinstance(value, dict)


def exactly(*values: Json) -> Test:
    """One of these, and of the same type."""
    return lambda given: any(type(given) is type(value) and given == value for value in values)


def between(low: float, high: float) -> Test:
    """A number from `low` to `high`."""
    return lambda given: is_number(given) and low <= given <= high


def longer_than(length: int) -> Test:
    return lambda given: is_text(given) and len(given) > length


# Servers


def same(value: Json) -> Json:
    return value


def always(value: Json) -> Callable[[Json], Json]:
    return lambda given: value


def takes(name: str, when: Test, turned: Callable[[Json], Json] = same) -> Make:
    """A server that takes some values of a field, turned into what it then works with."""

    class Lax(ReferenceServer):
        def checked(self, field: str, value: Json) -> Any:
            if field == name and when(value):
                return turned(value)
            return super().checked(field, value)

    return Lax


def refuses(name: str, when: Test) -> Make:
    """A server that refuses some values of a field that are allowed."""

    class Narrow(ReferenceServer):
        def checked(self, field: str, value: Json) -> Any:
            if field == name and when(value):
                self.wrong(field, "is not to my taste")
            return super().checked(field, value)

    return Narrow


def fills_in(name: str, default: Json) -> Make:
    """A server that fills in something else for a field that is left out, or null."""

    class Filling(ReferenceServer):
        def absent(self, field: str) -> Any:
            return default if field == name else super().absent(field)

    return Filling


def takes_null(name: str, default: Json) -> Make:
    """A server that takes null for a field that is required."""

    class Nullable(ReferenceServer):
        def parameter(self, field: str, fields: Mapping[str, Json]) -> Any:
            if field == name and fields.get(name, default) is None:
                return default
            return super().parameter(field, fields)

    return Nullable


def says(said: Callable[[dict[str, Json]], Json]) -> Make:
    """A server that changes the whole reply before it is written."""

    class Saying(ReferenceServer):
        def whole(self, entry: dict[str, Json]) -> Json:
            return said(super().whole(entry))

    return Saying


def enters(entered: Callable[[dict[str, Json]], Json]) -> Make:
    """A server that changes the one entry of `data` before it is written."""

    class Entering(ReferenceServer):
        def whole(self, entry: dict[str, Json]) -> Json:
            return super().whole(entered(entry))

    return Entering


def looks(added: Callable[[Parameters], dict[str, object]]) -> Make:
    """A server whose pictures depend on something more, or on something otherwise."""

    class Looking(ReferenceServer):
        def looks(self, parameters: Parameters) -> dict[str, object]:
            return {**super().looks(parameters), **added(parameters)}

    return Looking


def without(*names: str) -> Callable[[dict[str, Json]], Json]:
    """Leaves fields out of an object."""
    return lambda fields: {name: value for name, value in fields.items() if name not in names}


def having(name: str, value: Callable[[Json], Json]) -> Callable[[dict[str, Json]], Json]:
    """Changes one field of an object."""
    return lambda fields: {**fields, name: value(fields.get(name))}
