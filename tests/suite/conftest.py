"""Fixtures that the tests of the suite share."""

import pytest

from suite.talking import listen, wire_to

__all__ = ["listen", "pytest_configure", "wire_to"]


def pytest_configure(config: pytest.Config) -> None:
    """Know the marks of the suite, for tests that run it in this process.

    Its own conftest does so where all of the project's tests run; it cannot be imported here, for
    the marks must be known before.
    """
    for mark in ("judges", "asks", "late", "on_the_mock"):
        config.addinivalue_line("markers", f"{mark}: see contracts/ties.py")
