"""A fault: what it does, and which tries meet it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypedDict

from stepfun_mock.contract import MODEL_PARAMETER, MODELS
from stepfun_mock.faults.effects import OBLONG, READING, Effect, Outage
from stepfun_mock.matching import check_fields, described
from stepfun_mock.terms import Kind, Parameter, unknown

# A choice decides how often `n` may be asked for.
_ROWS = {
    row.name: row
    for model in MODELS
    for row in (MODEL_PARAMETER, *model.parameters)
    if row.name != "n"
}

LONGEST = 86_400
"""Seconds, a day: the longest that a fault lasts."""


class Schedule(TypedDict, total=False):
    """Which tries meet a fault.

    `times`: how many, from 1. `after`: how many pass untouched before, from 0. `when`: the fields
    that the request must have, compared with `==`.
    """

    times: int
    after: int
    when: Mapping[str, object]


SCHEDULE = tuple(Schedule.__annotations__)
"""The names of what says which tries meet a fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which replies go wrong, and which tries meet it.

    `arguments` are those of its own that were given, for who prints it.

    Raises:
        ValueError: `times` below 1 or `after` below 0, or a condition that rules the fault out.
        TypeError: `when` names a field that no request has.
    """

    name: str
    effect: Effect
    times: int = 1
    after: int = 0
    when: Mapping[str, object] | None = None
    arguments: tuple[tuple[str, object], ...] = ()

    def __post_init__(self) -> None:
        check_count("times", self.times, 1)
        check_count("after", self.after, 0)
        if self.when is not None:
            _check_condition(self.when)
        self._check_together()

    def __str__(self) -> str:
        given = " ".join(f"{name}={value}" for name, value in self.arguments)
        condition = f" when {described(self.when)}" if self.when else ""
        return f"{self.name}{f'({given})' if given else ''}{condition}"

    @property
    def reads(self) -> bool:
        """Whether it takes a valid request to meet it."""
        return bool(self.when) or isinstance(self.effect, READING)

    @property
    def scheduled(self) -> bool:
        """Whether it says which tries meet it."""
        return (self.times, self.after, bool(self.when)) != (1, 0, False)

    def _check_together(self) -> None:
        if isinstance(self.effect, Outage) and (self.when or self.times > 1):
            raise ValueError(
                f"{self.name} takes no times and no when: nobody sees the requests that find no "
                "server; say seconds, and after"
            )
        needs = getattr(self.effect, "needs", "")
        size = (self.when or {}).get("size")
        if needs == OBLONG and isinstance(size, str) and len(set(size.split("x"))) == 1:
            raise ValueError(
                f"{self.name} needs a size that is not square, but when asks for {size}"
            )
        wanted = (self.when or {}).get("response_format", needs)
        if needs in ("url", "b64_json") and isinstance(wanted, str) and wanted != needs:
            raise ValueError(
                f'{self.name} needs response_format "{needs}", but when asks for "{wanted}"'
            )


def scheduled(
    name: str, effect: Effect, schedule: Schedule, arguments: Mapping[str, object] | None = None
) -> Fault:
    """Make a fault of what its function was given.

    Args:
        name: The name of the function.
        effect: What it does.
        schedule: Which tries meet it.
        arguments: The fault's own, by name; those that are None were not given.

    Raises:
        TypeError: an argument that there is not.
    """
    own = dict(arguments or {})
    for argument in schedule:
        if argument not in SCHEDULE:
            known = (*own, *SCHEDULE)
            raise TypeError(unknown(f"{name} has no argument", argument, "It has", known))
    given = tuple((key, value) for key, value in own.items() if value is not None)
    return Fault(name, effect, **schedule, arguments=given)


def check_count(name: str, value: object, lowest: int) -> None:
    """Let a whole number pass.

    Raises:
        ValueError: it is none, or below `lowest`.
    """
    if type(value) is not int or value < lowest:
        raise ValueError(f"{name} is a whole number from {lowest}, but {value!r} came")


def check_seconds(name: str, value: object) -> None:
    """Let a time that a fault may last pass.

    Raises:
        ValueError: it is no number, or not from 0 to a day.
    """
    # No comparison with NaN holds.
    number = (
        isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST
    )
    if not number:
        raise ValueError(f"{name} is a number of seconds from 0 to {LONGEST}, but {value!r} came")


def check_word(name: str, value: object, words: Collection[object]) -> None:
    """Let one of some words, or of some numbers, pass.

    Raises:
        ValueError: it is none of them.
    """
    # JSON has 404.0 for 404, and lists, which have no hash.
    if (type(value), value) not in [(type(word), word) for word in words]:
        raise ValueError(f"{name} is {' or '.join(map(str, words))}, but {value!r} came")


def _check_condition(when: object) -> None:
    if not isinstance(when, Mapping):
        raise TypeError(
            f'when is a dict of fields, as in when={{"prompt": "A wolf"}}, but {when!r} came'
        )
    check_fields(when)
    for name, value in when.items():
        row = _ROWS.get(name)
        if row is not None and isinstance(value, str | int | float) and not _can_be(row, value):
            raise ValueError(
                f"no request has {name}={value!r}, so no try would meet it; {name} is {row.allowed}"
            )


def _can_be(row: Parameter, value: str | float) -> bool:
    """Whether a valid request can have a value that is no object which decides for itself."""
    if type(value) not in (str, int, float, bool):
        return True  # of a class of its own, with an equality of its own
    if row.values:
        return value in row.values
    if row.minimum is not None and row.maximum is not None:
        number = not isinstance(value, str | bool)
        return number and row.minimum <= value <= row.maximum  # type: ignore[operator]
    return isinstance(value, bool) if row.kind is Kind.BOOLEAN else isinstance(value, str)
