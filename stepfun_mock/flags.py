"""Flags of the command, each with a variable of its own."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

_PARTS = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*"|")+')
_F = TypeVar("_F", bound=Callable[..., Any])


def flag(name: str, *also: str, **more: Any) -> Callable[[_F], _F]:  # noqa: ANN401 (click's own)
    """A flag that the variable STEPFUN_MOCK_ and its name sets too; its default is shown.

    Args:
        name: The flag, such as `--max-images`.
        also: The name of the argument, where it is another.
        more: What `click.option` takes.
    """
    variable = f"STEPFUN_MOCK_{name.removeprefix('--').replace('-', '_').upper()}"
    return click.option(
        name, *also, envvar=variable, show_envvar=True, show_default="default" in more, **more
    )


class Phrase(click.types.StringParamType):
    """A text with spaces in it: a variable separates several by semicolons."""

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """The texts in a variable; a semicolon in double quotes separates nothing."""
        return [part.strip() for part in _PARTS.findall(rv) if part.strip()]
