"""The HTTP libraries that are answered in this process, as far as they are installed."""

import sys
from importlib import import_module
from typing import Any

LIBRARIES = ("httpx", "httpx2")


def found(name: str) -> Any:  # noqa: ANN401 (a module, or None)
    """A module by its name; None where it is not installed."""
    try:
        return sys.modules.get(name) or import_module(name)
    except ModuleNotFoundError:
        return None
