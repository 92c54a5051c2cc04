"""Finds the contract suite: inside the installed package, or beside it in the repository.

What its command may spend unless told otherwise, and how it ends, stands here too: the flags are
read before it is known whether the suite is installed.
"""

import importlib
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

MAX_IMAGES = 40
"""Pictures that a check may have drawn."""

MAX_REQUESTS = 150
"""Requests that it may send, links included."""

TIMEOUT = 60.0
"""Seconds that a reply may take, whole."""

LINK_WAIT = 10.0
"""Seconds after which the first link is fetched again."""

USAGE = 2
"""The exit code for what makes no sense."""

UNTOLD = 3
"""The exit code where nobody can tell whether the contract is kept."""

_HERE = Path(__file__).parent
_NEEDED = ("hypothesis", "httpx", "jinja2", "PIL", "pytest")


class NoSuiteError(Exception):
    """The suite, or what it stands on, is not installed; the text says what to do."""


def module(name: str) -> ModuleType:
    """Import a module of the suite, such as `command`.

    Raises:
        NoSuiteError: what it needs is not installed.
    """
    return _module("_contracts", "contracts", name)


def proof(name: str) -> ModuleType:
    """Import a module of the servers on which the suite is proved.

    Raises:
        NoSuiteError: as `module` does.
    """
    return _module("_proof", "tests/proof", name)


def _module(inside: str, beside: str, name: str) -> ModuleType:
    missing = [needed for needed in _NEEDED if find_spec(needed) is None]
    if missing:
        raise NoSuiteError(
            f"check needs {', '.join(missing)}; install them: pip install 'stepfun-mock[check]'"
        )
    if (_HERE / inside).is_dir():
        return importlib.import_module(f"stepfun_mock.{inside}.{name}")
    folder = _HERE.parent / beside
    if not folder.is_dir():
        raise NoSuiteError(f"the contract suite is neither in {_HERE / inside} nor in {folder}")
    if str(folder.parent) not in sys.path:
        sys.path.insert(0, str(folder.parent))
    return importlib.import_module(f"{folder.name}.{name}")
