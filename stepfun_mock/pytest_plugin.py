"""The pytest plugin: what is done before and after each test, and what a run says.

Imports pytest alone when it is loaded; everything else waits for a test that uses it.
"""

import re
import sys
import warnings
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from stepfun_mock.config import add_options, given, marked, settings_of
from stepfun_mock.fixtures import (
    ITEM,
    SESSION,
    TRIAL,
    _stepfun_engine,
    begin,
    sentence,
    stepfun_mock,
    stepfun_respx,
    stepfun_server,
    stepfun_server_session,
)

if TYPE_CHECKING:
    from stepfun_mock.tally import Tally
    from stepfun_mock.trial import Trial

__all__ = [
    "StepfunAdviceWarning",
    "_stepfun_engine",
    "stepfun_mock",
    "stepfun_respx",
    "stepfun_server",
    "stepfun_server_session",
]

_MARKER = (
    "stepfun(**settings): set up the stepfun fixtures of a test: any choice of the mock, as in "
    "link_life=60, and advice, ignore_advice, unmet_faults, openai_variables"
)
_SCOPE_HINT = (
    "stepfun_mock, stepfun_respx and stepfun_server serve one test each; a fixture of a wider "
    "scope takes stepfun_server_session, whose server runs as long as pytest does"
)
_SCOPE = r"scoped fixture (stepfun_mock|stepfun_respx|stepfun_server) with"
_SECTION = "stepfun-mock"
_TALLY: pytest.StashKey["Tally"] = pytest.StashKey()


class StepfunAdviceWarning(UserWarning):
    """The code under test did what works against the mock and hurts in life."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flags, and the keys of the ini file."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and refuse settings that there are not."""
    config.addinivalue_line("markers", _MARKER)
    if given(config):
        try:
            settings_of(config)
        except ValueError as problem:
            raise pytest.UsageError(str(problem)) from None


# Before and after each test --------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse markers that say what there is not, and begin where the session's server is there."""
    item.config.stash[ITEM] = item
    try:
        marked(item)  # on tests without a fixture too
    except ValueError as refused:
        raise sentence(refused) from None
    session = item.config.stash.get(SESSION, None)
    if session is not None and session.hold():
        begin(item)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Judge a test that passed, explain one that did not."""
    try:
        result = yield
    except (pytest.skip.Exception, pytest.xfail.Exception):
        raise  # nobody reads what is said of it; the teardown tells of escapes
    except BaseException as problem:
        _explain(item, "call", problem)
        raise
    _judge(item)
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """End the test's trial; what escaped and was not told yet fails it."""
    trial = item.stash.get(TRIAL, None)
    try:
        result = yield
    except BaseException as problem:
        _end(item)
        _explain(item, "teardown", problem)
        raise
    _end(item)
    session = item.config.stash.get(SESSION, None)
    if session is not None and (trial is not None or session.held) and not _may_fail(item):
        _fail(session.escapes())
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say beside a setup that failed what may have led to it; fail what expects to, and escaped."""
    session = item.config.stash.get(SESSION, None)
    problem = call.excinfo.value if call.excinfo is not None and call.when == "setup" else None
    if problem is not None and not isinstance(problem, pytest.skip.Exception):
        _explain(item, "setup", problem)
    report = yield
    if problem is not None and re.search(_SCOPE, _text(problem)):
        report.sections.append((_SECTION, _SCOPE_HINT))
    hidden = session is not None and call.when == "teardown" and _may_fail(item)
    if session is not None and hidden and (escapes := session.escapes()):
        report.outcome, report.longrepr = "failed", "\n".join(escapes)
        vars(report).pop("wasxfail", None)
    return report


def _end(item: pytest.Item) -> None:
    trial = item.stash.get(TRIAL, None)
    if trial is not None:
        del item.stash[TRIAL]
        item.config.stash[SESSION].end(trial)


def _judge(item: pytest.Item) -> None:
    """Fail a test that passed, for what it did to the mock; warn of what hurts in life."""
    trial = item.stash.get(TRIAL, None)
    if trial is None:
        return
    if raised := getattr(item, "_excinfo", None):  # of a unittest.TestCase, which fails later
        if not any(info.errisinstance(_skips()) for info in raised):
            _explain(item, "call", raised[0].value)
        return
    # An expected failure must not hide what escaped; that is left to the teardown.
    escapes = [] if _may_fail(item) else item.config.stash[SESSION].escapes()
    _fail(escapes + trial.unmet() + _advised(trial))


def _skips() -> tuple[type[BaseException], ...]:
    unittest = sys.modules.get("unittest")  # which costs too much to load for those without
    return (pytest.skip.Exception, *([unittest.SkipTest] if unittest else []))


def _explain(item: pytest.Item, when: str, problem: BaseException) -> None:
    """Say beside another failure what may have led to it, but for what it says itself."""
    session, trial = item.config.stash.get(SESSION, None), item.stash.get(TRIAL, None)
    if session is None or _may_fail(item):
        return
    told = session.escapes() + ([] if trial is None else trial.explanation())
    shown = _text(problem)
    if text := "\n".join(line for line in told if line not in shown):
        item.add_report_section(when, _SECTION, text)


def _may_fail(item: pytest.Item) -> bool:
    return item.get_closest_marker("xfail") is not None


def _text(problem: BaseException) -> str:
    try:
        return str(problem)
    except Exception:
        return ""  # an exception of the user's, whose text is broken


def _fail(problems: list[str]) -> None:
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def _advised(trial: "Trial") -> list[str]:
    """Warn of a test's advice; what is to fail the test is returned."""
    problems = []
    for text in trial.advice():
        if trial.settings.advice == "error":
            problems.append(text)
            continue
        try:
            # From one place for all tests: pytest shows what is equal once, with their names.
            warnings.warn_explicit(text, StepfunAdviceWarning, _SECTION, 0)
        except StepfunAdviceWarning:
            problems.append(text)  # warnings are errors here
    return problems


# What a run says -------------------------------------------------------------------


def pytest_report_header(config: pytest.Config) -> str:
    """One line: which version, and what is set."""
    plugins = config.pluginmanager.list_plugin_distinfo()
    versions = [dist.version for _, dist in plugins if dist.project_name == "stepfun-mock"]
    version = versions[0] if versions else "loaded by -p"
    names = given(config)
    return f"stepfun-mock: {version}" + (f", with {', '.join(names)} set" if names else "")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave nothing behind, and hand on what was counted where xdist has several processes."""
    mine = session.config.stash.get(SESSION, None)
    if mine is None:
        return
    mine.close()  # a test that was interrupted has no teardown of ours
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        tally = mine.tally
        output["stepfun_mock"] = (tally.tests, tally.asked, tally.drawn, tally.costs)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 (of xdist, which may not be there)
    """Take what a worker counted."""
    counted = getattr(node, "workeroutput", {}).get("stepfun_mock")
    if counted:
        from stepfun_mock.tally import Tally

        total = node.config.stash.setdefault(_TALLY, Tally())
        total.add(Tally(*counted))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:  # noqa: ANN401
    """One line: the pictures asked for, and what they would have cost live."""
    session = config.stash.get(SESSION, None)
    tally = session.tally if session is not None else config.stash.get(_TALLY, None)
    if tally is not None and tally.asked and config.get_verbosity() >= 0:
        terminalreporter.write_line(f"stepfun-mock: {tally}")
