"""The settings of a run and of its tests, out of what pytest has: flags, ini keys, markers."""

import os

import pytest

from stepfun_mock import settings
from stepfun_mock.settings import Settings, Values

# What holds for a whole run: flags, what is weaker than markers, and both together.
_SOURCES: pytest.StashKey[tuple[Values, Values, Settings]] = pytest.StashKey()


def settings_of(config: pytest.Config, item: pytest.Item | None = None) -> Settings:
    """What holds for a run, or for one test of it.

    Raises:
        ValueError: somebody says what there is not.
    """
    if _SOURCES not in config.stash:
        config.stash[_SOURCES] = _read(config)
    flags, others, alone = config.stash[_SOURCES]
    markers = marked(item)
    return settings.merged(flags, markers, others) if markers else alone


def _read(config: pytest.Config) -> tuple[Values, Values, Settings]:
    """Read once what is the same for all tests of a run."""
    flags = settings.from_options(lambda one: one.flag, lambda one: config.getoption(one.ini))
    others = settings.together(
        settings.from_environment(os.environ),
        settings.from_options(lambda one: one.ini, lambda one: config.getini(one.ini)),
    )
    return flags, others, settings.merged(flags, others)


def marked(item: pytest.Item | None) -> Values:
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
    return settings.together(
        *(settings.from_marker(marker.args, marker.kwargs) for marker in markers)
    )
