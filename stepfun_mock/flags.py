"""Flags of the command, each with a variable of its own."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

from stepfun_mock.options import VARIABLE_PREFIX

_PREFIX = "STEPFUN_MOCK_"
_ELSEWHERE = "STEPFUN_MOCK_CHROMIUM"  # read by the tests of the page alone
_PARTS = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*"|")+')
_F = TypeVar("_F", bound=Callable[..., Any])


def flag(name: str, *also: str, **more: Any) -> Callable[[_F], _F]:  # noqa: ANN401 (click's own)
    """A flag that the variable STEPFUN_MOCK_ and its name sets too; its default is shown.

    Args:
        name: The flag, such as `--max-images`.
        also: The name of the argument, where it is another.
        more: What `click.option` takes.
    """
    variable = f"{_PREFIX}{name.removeprefix('--').replace('-', '_').upper()}"
    return click.option(
        name, *also, envvar=variable, show_envvar=True, show_default="default" in more, **more
    )


def strange(command: click.Group, names: Iterable[str]) -> list[str]:
    """A sentence on each variable that is named like one of a flag, and that nothing reads.

    Args:
        command: The command with all its flags.
        names: Those of the variables; their values may be keys, and are not looked at.
    """
    import difflib  # few variables begin so

    parameters = [one for part in command.commands.values() for one in part.params]
    known = [one.envvar for one in parameters if isinstance(one.envvar, str)]
    ends = [name.removeprefix(_PREFIX) for name in known]  # the start would make all look alike
    told = []
    for name in sorted({name for name in names if name.startswith(_PREFIX)} - {*known, _ELSEWHERE}):
        if name.startswith(VARIABLE_PREFIX):
            continue
        near = difflib.get_close_matches(name.removeprefix(_PREFIX), ends, n=1)
        hint = f"did you mean {_PREFIX}{near[0]}?" if near else "--help names those that are read"
        told.append(f"nothing reads the variable {name}; {hint}")
    return told


class Phrase(click.types.StringParamType):
    """A text with spaces in it: a variable separates several by semicolons."""

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """The texts in a variable; a semicolon in double quotes separates nothing."""
        return [part.strip() for part in _PARTS.findall(rv) if part.strip()]
