"""What is said of tests under the mock, once they have run; hooks of pytest.

Registered with the first test that may use a fixture of ours, so it loads no more than it needs.
"""

import re
import sys
import warnings
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from stepfun_mock.trial import Session, Trial

SESSION: pytest.StashKey["Session"] = pytest.StashKey()
TRIAL: pytest.StashKey["Trial"] = pytest.StashKey()

SECTION = "stepfun-mock"
"""The heading under which reports show what the mock has to say."""

_SCOPE = re.compile(r"scoped fixture (stepfun_mock|stepfun_respx|stepfun_server) with")
_SCOPE_HINT = (
    "stepfun_mock, stepfun_respx and stepfun_server serve one test each; a fixture of a wider "
    "scope takes stepfun_server_session, whose server runs as long as pytest does"
)


class Verdicts:
    """Judges tests that passed, explains those that did not, and ends what fixtures began.

    Args:
        category: Of the warnings.
    """

    def __init__(self, category: type[Warning]) -> None:
        self._category = category
        self._counted: list[tuple[Any, ...]] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Judge a test that passed, explain one that did not."""
        try:
            result = yield
        except (pytest.skip.Exception, pytest.xfail.Exception):
            raise  # nobody reads what is said of it; the teardown tells of escapes
        except BaseException as problem:
            _explain(item, "call", problem)
            raise
        if TRIAL in item.stash:
            self._judge(item, item.config.stash[SESSION], item.stash[TRIAL])
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """End the test's trial; what escaped and was not told yet fails it."""
        used = TRIAL in item.stash
        try:
            result = yield
        except BaseException as problem:
            _end(item)
            _explain(item, "teardown", problem)
            raise
        _end(item)
        session = item.config.stash.get(SESSION, None)
        if session is not None and (used or session.held) and not _may_fail(item):
            _fail(session.escapes())
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[Any]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Explain a setup that failed; fail a test that expects to, where something escaped."""
        problem = call.excinfo.value if call.excinfo is not None and call.when == "setup" else None
        if problem is not None and not isinstance(problem, pytest.skip.Exception):
            _explain(item, "setup", problem)
        report = yield
        if problem is not None and _SCOPE.search(_text(problem)):
            report.sections.append((SECTION, _SCOPE_HINT))
        session = item.config.stash.get(SESSION, None)
        hidden = session is not None and call.when == "teardown" and _may_fail(item)
        if session is not None and hidden and (escapes := session.escapes()):
            report.outcome, report.longrepr = "failed", "\n".join(escapes)
            vars(report).pop("wasxfail", None)
        return report

    def _judge(self, item: pytest.Item, session: "Session", trial: "Trial") -> None:
        if raised := getattr(item, "_excinfo", None):  # of a unittest.TestCase, which fails later
            if not any(info.errisinstance(_skips()) for info in raised):
                _explain(item, "call", raised[0].value)
            return
        # An expected failure must not hide what escaped; that is left to the teardown.
        escapes = [] if _may_fail(item) else session.escapes()
        _fail(escapes + trial.unmet() + _advised(trial, self._category))

    def add(self, counted: tuple[Any, ...]) -> None:
        """Take what another process counted, as the fields of a tally."""
        self._counted.append(counted)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Leave nothing behind, and hand on what was counted where xdist has several processes."""
        mine = session.config.stash.get(SESSION, None)
        if mine is None:
            return
        mine.close()  # a test that was interrupted has no teardown of ours
        self.add((mine.tally.tests, mine.tally.asked, mine.tally.drawn, mine.tally.costs))
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["stepfun_mock"] = self._counted[0]

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:  # noqa: ANN401
        """One line: the pictures asked for, and what they would have cost live."""
        if not self._counted or config.get_verbosity() < 0:
            return
        from stepfun_mock.tally import Tally

        total = Tally()
        for counted in self._counted:
            total.add(Tally(*counted))
        if total.asked:
            terminalreporter.write_line(f"stepfun-mock: {total}")


def _end(item: pytest.Item) -> None:
    trial = item.stash.get(TRIAL, None)
    if trial is not None:
        del item.stash[TRIAL]
        item.config.stash[SESSION].end(trial)


def _explain(item: pytest.Item, when: str, problem: BaseException) -> None:
    """Say beside another failure what may have led to it, but for what it says itself."""
    session, trial = item.config.stash.get(SESSION, None), item.stash.get(TRIAL, None)
    if session is None or _may_fail(item):
        return
    told = session.escapes() + ([] if trial is None else trial.explanation())
    shown = _text(problem)
    if text := "\n".join(line for line in told if line not in shown):
        item.add_report_section(when, SECTION, text)


def _may_fail(item: pytest.Item) -> bool:
    return item.get_closest_marker("xfail") is not None


def _fail(problems: list[str]) -> None:
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def _skips() -> tuple[type[BaseException], ...]:
    unittest = sys.modules.get("unittest")  # which costs too much to load for those without
    return (pytest.skip.Exception, *([unittest.SkipTest] if unittest else []))


def _text(problem: BaseException) -> str:
    try:
        return str(problem)
    except Exception:
        return ""  # an exception of the user's, whose text is broken


def _advised(trial: "Trial", category: type[Warning]) -> list[str]:
    """Warn of a test's advice; what is to fail the test is returned."""
    problems = []
    for text in trial.advice():
        if trial.settings.advice == "error":
            problems.append(text)
            continue
        try:
            # From one place for all tests: pytest shows what is equal once, with their names.
            warnings.warn_explicit(text, category, SECTION, 0)
        except Warning:
            problems.append(text)  # warnings are errors here
    return problems
