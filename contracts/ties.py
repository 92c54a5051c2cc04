"""What ties a test to the rules that it judges, and to the requests that it may send."""

from collections.abc import Iterable

import pytest

from .probe import Probe
from .table import Case

MARKERS = {
    "judges(*rules)": "the rules of the contract of which the test speaks",
    "asks(*probes, fetches=0, generates=0, drawn=0, pictures=False)": "the requests that it may "
    "send, and how many links and made-up ones beside them",
    "late": "runs when the first links have grown old",
    "on_the_mock": "needs the mock in this process: its clock, its faults",
}


def judges(*rules: str) -> pytest.MarkDecorator:
    """Tie a test to rules; it may speak of no other."""
    return pytest.mark.judges(*rules)


def asks(
    *probes: Probe, fetches: int = 0, generates: int = 0, drawn: int = 0, pictures: bool = False
) -> pytest.MarkDecorator:
    """Name the requests that a test may send.

    Args:
        probes: The requests.
        fetches: How many links it fetches beside those to the pictures.
        generates: How many requests it makes up where they may cost, at most.
        drawn: For how many of those a picture is drawn.
        pictures: Whether it looks at the pictures, so that their links are fetched.
    """
    return pytest.mark.asks(
        *probes, fetches=fetches, generates=generates, drawn=drawn, pictures=pictures
    )


def refusals(cases: Iterable[Case]) -> pytest.MarkDecorator:
    """Run a test for each request that must be refused."""
    return pytest.mark.parametrize(
        "case",
        [
            pytest.param(
                case,
                id=case.probe.id.partition("/")[2],
                marks=[judges(case.rule, case.refusal, "error.envelope"), asks(case.probe)],
            )
            for case in cases
        ],
    )


late = pytest.mark.late
"""Runs last, when the first links have grown old."""

on_the_mock = pytest.mark.on_the_mock
"""Needs the mock in this process."""


def marked(item: pytest.Item, name: str) -> list[pytest.Mark]:
    """The marks of that name, of the test and of its parameters."""
    return list(item.iter_markers(name))


def rules_of(item: pytest.Item) -> frozenset[str]:
    """The rules that a test is tied to."""
    return frozenset(rule for mark in marked(item, "judges") for rule in mark.args)


def generates(item: pytest.Item) -> bool:
    """Whether a test may make up requests."""
    return any(mark.kwargs.get("generates") for mark in marked(item, "asks"))


def probes_of(item: pytest.Item) -> tuple[Probe, ...]:
    """The requests that a test may send."""
    return tuple(probe for mark in marked(item, "asks") for probe in mark.args)
