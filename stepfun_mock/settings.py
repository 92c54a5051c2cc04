"""How a test run is set up: from the command line, the marker, variables and the ini file.

In this order: command line, marker, environment, ini file, default. Of the choices each has its
own place in the order; lists of advice to pass over add up.
"""

import fnmatch
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from stepfun_mock.advice import ADVICE
from stepfun_mock.choices import Choices
from stepfun_mock.options import OPTIONS, Option
from stepfun_mock.terms import unknown

_LAST_PORT = 65535
_WORDS = {"advice": ("warn", "error", "off"), "unmet_faults": ("error", "allow")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for one test.

    Args:
        choices: What the mock decides of what the documentation leaves open.
        advice: `warn`, `error` or `off`.
        ignore_advice: Ids of advice that is passed over, or patterns such as `link.*`.
        unmet_faults: `error` or `allow`.
        openai_variables: Whether `OPENAI_API_KEY` and `OPENAI_BASE_URL` are set for the test.
        port: 0 to 65535; 0 lets the system pick one. The same for all tests of a process.
    """

    choices: Choices = field(default_factory=Choices)
    advice: str = "warn"
    ignore_advice: tuple[str, ...] = ()
    unmet_faults: str = "error"
    openai_variables: bool = False
    port: int = 0


Values = dict[str, Any]


def from_options(origin: Callable[[Option], str], given: Callable[[Option], object]) -> Values:
    """Read one source of settings.

    Args:
        origin: Names an option as this source has it, for sentences.
        given: The text, or texts, that the source has for an option; None for nothing.

    Raises:
        ValueError: a value that the setting does not have.
    """
    found: Values = {}
    for option in OPTIONS:
        value = given(option)
        if value is None or value == []:
            continue
        name = "choices" if option.name == "choice" else option.name
        found[name] = _read(option.name, origin(option), value)
    return found


def from_environment(environ: Mapping[str, str]) -> Values:
    """Read the variables, which separate several values by spaces."""

    def given(option: Option) -> object:
        text = environ.get(option.variable)
        return text.split() if text is not None and option.many else text

    return from_options(lambda option: option.variable, given)


def from_marker(arguments: Iterable[object], named: Mapping[str, object]) -> Values:
    """Read the arguments of `@pytest.mark.stepfun(...)`: names of settings and of choices.

    Raises:
        ValueError: an unknown name, a value that there is not, or an argument without a name.
    """
    if tuple(arguments):
        raise ValueError("the marker stepfun takes named arguments only, as in link_life=60")
    settings = ("advice", "ignore_advice", "unmet_faults", "openai_variables")
    choices = tuple(choice.name for choice in fields(Choices))
    found: Values = {}
    for name, value in named.items():
        if name in settings:
            found[name] = _read(name, f"stepfun({name}=...)", value)
        elif name in choices:
            found.setdefault("choices", {})[name] = value
        else:
            lead = "the marker stepfun has no argument"
            raise ValueError(unknown(lead, name, "It has", (*settings, *choices)))
    Choices(**found.get("choices", {}))
    return found


def merged(*sources: Values) -> Settings:
    """Settings from several sources, the strongest first."""
    found = together(*sources)
    found["choices"] = Choices(**found["choices"])
    return Settings(**found)


def together(*sources: Values) -> Values:
    """What several sources say, the strongest first.

    Of each setting, and of each choice, the strongest value holds; advice that is passed over
    adds up.
    """
    found: Values = {}
    choices: dict[str, Any] = {}
    ignored: dict[str, None] = {}
    for source in reversed(sources):
        found |= source
        choices |= source.get("choices", {})
        ignored |= dict.fromkeys(source.get("ignore_advice", ()))
    return found | {"choices": choices, "ignore_advice": tuple(ignored)}


def _read(name: str, origin: str, value: object) -> object:
    if name == "choice":
        return Choices.named(_texts(origin, value))
    if name == "ignore_advice":
        return _advice_ids(origin, _texts(origin, value))
    if name == "openai_variables":
        return _switch(origin, value)
    if name == "port":
        return _port(origin, value)
    return _word(origin, value, _WORDS[name])


def _texts(origin: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (list, tuple)) and all(isinstance(text, str) for text in value):
        return tuple(value)
    raise ValueError(f"{origin} must be a list of texts, but {value!r} came")


def _advice_ids(origin: str, ids: tuple[str, ...]) -> tuple[str, ...]:
    known = tuple(kind.id for kind in ADVICE)
    for one in ids:
        if not fnmatch.filter(known, one):
            raise ValueError(unknown(f"{origin}: there is no advice", one, "There is", known))
    return ids


def _switch(origin: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("on", "off"):
        return value == "on"
    raise ValueError(f"{origin} must be on or off, but {value!r} came")


def _port(origin: str, value: object) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and int(text) <= _LAST_PORT):
        raise ValueError(f"{origin} must be a port from 0 to {_LAST_PORT}, but {value!r} came")
    return int(text)


def _word(origin: str, value: object, allowed: tuple[str, ...]) -> str:
    if isinstance(value, str) and value in allowed:
        return value
    words = " or ".join(f'"{word}"' for word in allowed)
    raise ValueError(f"{origin} must be {words}, but {value!r} came")
