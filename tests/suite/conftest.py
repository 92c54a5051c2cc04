"""Fixtures that the tests of the suite share."""

from suite.talking import listen, wire_to

__all__ = ["listen", "wire_to"]
