"""The settings of a run as pytest has them: flags, ini keys, markers."""

import os
from typing import TYPE_CHECKING

import pytest

from stepfun_mock.options import OPTIONS, Option

if TYPE_CHECKING:
    from stepfun_mock.settings import Settings, Values


# What holds for a whole run: flags, what is weaker than markers, and both together.
_SOURCES: pytest.StashKey[tuple["Values", "Values", "Settings"]] = pytest.StashKey()


def add_options(parser: pytest.Parser) -> None:
    """Add the flags, and the keys of the ini file."""
    group = parser.getgroup("stepfun-mock")
    for option in OPTIONS:
        action, kind = ("append", "linelist") if option.many else ("store", "string")
        about = f"{option.about} (variable {option.variable}, ini {option.ini})"
        group.addoption(
            option.flag, dest=option.ini, action=action, metavar=option.metavar, help=about
        )
        parser.addini(option.ini, option.about, type=kind, default=None)  # type: ignore[arg-type]


def given(config: pytest.Config) -> list[str]:
    """The names of the settings that the run sets, wherever."""
    return [option.name for option in OPTIONS if _is_given(config, option)]


def _is_given(config: pytest.Config, option: Option) -> bool:
    sources = (config.getoption(option.ini), config.getini(option.ini))
    return any(one not in (None, []) for one in sources) or option.variable in os.environ


def settings_of(config: pytest.Config, item: pytest.Item | None = None) -> "Settings":
    """What holds for a run, or for one test of it.

    Raises:
        ValueError: somebody says what there is not.
    """
    from stepfun_mock.settings import merged

    if _SOURCES not in config.stash:
        config.stash[_SOURCES] = _read(config)
    flags, others, alone = config.stash[_SOURCES]
    markers = marked(item)
    return merged(flags, markers, others) if markers else alone


def _read(config: pytest.Config) -> tuple["Values", "Values", "Settings"]:
    """Read once what is the same for all tests of a run."""
    from stepfun_mock import settings

    flags = settings.from_options(lambda one: one.flag, lambda one: config.getoption(one.ini))
    others = settings.together(
        settings.from_environment(os.environ),
        settings.from_options(lambda one: one.ini, lambda one: config.getini(one.ini)),
    )
    return flags, others, settings.merged(flags, others)


def marked(item: pytest.Item | None) -> "Values":
    """What the markers of a test say, the closest first.

    Raises:
        ValueError: a marker says what there is not.
    """
    nodes = reversed(item.listchain()) if item else ()
    # Of one node the last: a case's own after its function's, a class's after its base's.
    own = [mark for node in nodes for mark in reversed(node.own_markers)]
    markers = [mark for mark in own if mark.name == "stepfun"]
    if not markers:
        return {}
    from stepfun_mock.settings import from_marker, together

    return together(*(from_marker(marker.args, marker.kwargs) for marker in markers))
