"""What the slow tests share with those of the suite."""

from suite.conftest import pytest_configure

__all__ = ["pytest_configure"]
