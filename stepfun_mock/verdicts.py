"""What is said of a test under the mock, once it has run."""

import re
import sys
import warnings

import pytest

from stepfun_mock.trial import Session, Trial

SECTION = "stepfun-mock"
"""The heading under which reports show what the mock has to say."""

_SCOPE = re.compile(r"scoped fixture (stepfun_mock|stepfun_respx|stepfun_server) with")
_SCOPE_HINT = (
    "stepfun_mock, stepfun_respx and stepfun_server serve one test each; a fixture of a wider "
    "scope takes stepfun_server_session, whose server runs as long as pytest does"
)


def judge(item: pytest.Item, session: Session, trial: Trial, category: type[Warning]) -> None:
    """Fail a test that passed, for what it did to the mock; warn of what hurts in life.

    Args:
        item: The test.
        session: What outlives it.
        trial: What its fixtures share.
        category: Of the warnings.
    """
    if raised := getattr(item, "_excinfo", None):  # of a unittest.TestCase, which fails later
        if not any(info.errisinstance(_skips()) for info in raised):
            explain(item, "call", raised[0].value, session, trial)
        return
    # An expected failure must not hide what escaped; that is left to the teardown.
    escapes = [] if may_fail(item) else session.escapes()
    fail(escapes + trial.unmet() + _advised(trial, category))


def explain(
    item: pytest.Item, when: str, problem: BaseException, session: Session, trial: Trial | None
) -> None:
    """Say beside another failure what may have led to it, but for what it says itself."""
    if may_fail(item):
        return
    told = session.escapes() + ([] if trial is None else trial.explanation())
    shown = _text(problem)
    if text := "\n".join(line for line in told if line not in shown):
        item.add_report_section(when, SECTION, text)


def hint_at_scope(report: pytest.TestReport, problem: BaseException) -> None:
    """Say what to do where a fixture of a test is wanted by one of a wider scope."""
    if _SCOPE.search(_text(problem)):
        report.sections.append((SECTION, _SCOPE_HINT))


def fail_in_spite(report: pytest.TestReport, escapes: list[str]) -> None:
    """Fail a test that is expected to, so that nothing escapes unseen."""
    if escapes:
        report.outcome, report.longrepr = "failed", "\n".join(escapes)
        vars(report).pop("wasxfail", None)


def may_fail(item: pytest.Item) -> bool:
    """Whether a test is expected to fail."""
    return item.get_closest_marker("xfail") is not None


def fail(problems: list[str]) -> None:
    """Fail, where there are problems."""
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


def _advised(trial: Trial, category: type[Warning]) -> list[str]:
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
