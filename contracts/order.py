"""What a user wants checked, read from the command line and the environment."""

import os

from .key import Key
from .run import PLACEHOLDER, STAND_IN, Order, Run
from .target import Target, parse

KEY_VARIABLE = "STEP_API_KEY"


class NoKeyError(Exception):
    """No key for a server that wants one; the text is the sentence for the user."""


def key_for(target: Target, variable: str = KEY_VARIABLE) -> Key:
    """The key for a target, read once; a server on this machine does without.

    Raises:
        NoKeyError: the variable is empty, and the target is another machine.
        ValueError: the variable holds what no header can carry.
    """
    value = "" if target.in_process else os.environ.get(variable, "")
    if value:
        return Key(value, variable)
    if not target.loopback:
        raise NoKeyError(
            f"no key for {target.base_url}: set {variable}, or name another variable "
            "with --api-key-env"
        )
    return Key(PLACEHOLDER, f"{STAND_IN}{variable}")


def for_pytest(text: str) -> Run:
    """A run for `pytest contracts --stepfun-target TEXT`.

    Raises:
        pytest.UsageError: no target, or no key for it.
    """
    import pytest

    try:
        target = parse(text)
        return Run(Order(target=target, key=key_for(target)))
    except (ValueError, NoKeyError) as problem:
        raise pytest.UsageError(str(problem)) from None
