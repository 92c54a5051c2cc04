"""Flags of the command, each with a variable of its own."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

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
