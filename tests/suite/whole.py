"""Whole runs of the suite in this process, and the tests of which it consists."""

from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

import pytest

from contracts.check import execute
from contracts.key import Key
from contracts.plan import Plan
from contracts.run import PLACEHOLDER, Order, Run
from contracts.target import parse
from contracts.ties import rules_of


@dataclass(eq=False)
class Watched(Run):
    """A run that keeps the tests which pytest found, and what became of them."""

    items: list[pytest.Item] = field(default_factory=list)
    became: dict[str, str] = field(default_factory=dict)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = list(session.items)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            self.became[report.nodeid] = report.outcome


def run_on(target: str, **given: Any) -> Watched:
    """A run that was not begun."""
    order = Order(target=parse(target), key=Key(PLACEHOLDER, "a placeholder"))
    return Watched(order, **given)


@cache
def on_the_mock() -> Watched:
    """The suite on the mock in process, run once."""
    run = run_on("mock")
    execute(run)
    return run


@cache
def planned(target: str) -> Watched:
    """What is planned for a target."""
    run = run_on(target)
    execute(run, plan_only=True)
    return run


def plan_of(target: str) -> Plan:
    return planned(target).plan


@cache
def the_tests() -> tuple[tuple[str, frozenset[str]], ...]:
    """The names of all tests, and the rules to which they are tied."""
    return tuple((item.nodeid, rules_of(item)) for item in planned("mock").items)


def the_modules() -> set[ModuleType]:
    """The modules in which the tests stand."""
    return {item.module for item in planned("mock").items if isinstance(item, pytest.Function)}


def the_marks() -> set[str]:
    """The names of all marks that the tests bear, those of pytest itself left out."""
    marks = {mark.name for item in planned("mock").items for mark in item.iter_markers()}
    return marks - {"parametrize"}
