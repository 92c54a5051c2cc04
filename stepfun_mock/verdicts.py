"""What is said of each test under the mock, once it has run; hooks of pytest."""

import warnings
from collections.abc import Callable, Generator
from typing import Any

import pytest

from stepfun_mock import questions
from stepfun_mock.advice import Advice
from stepfun_mock.pytest_plugin import SECTION, TRIAL, StepfunAdviceWarning
from stepfun_mock.trial import Session, Trial


class Verdicts:
    """Fails tests from which something escaped, or whose faults nobody met, and gives advice.

    Args:
        session: What outlives a test.
        begin: Begins the trial of a test.
    """

    def __init__(self, session: Session, begin: Callable[[pytest.Item], Trial]) -> None:
        self._session = session
        self._begin = begin

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Put every test under the mock while the session's server is there."""
        # After the plugin's own, which comes first and refuses markers.
        if self._session.hold():
            self._begin(item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Judge a test that passed, explain one that did not."""
        trial = item.stash.get(TRIAL, None)
        try:
            result = yield
        except pytest.skip.Exception:
            raise  # nobody reads what is said of a skipped test; the teardown tells of escapes
        except BaseException as problem:
            self._explain(item, "call", trial, str(problem))
            raise
        if trial is not None and getattr(item, "_excinfo", None):
            self._explain(item, "call", trial)  # a unittest.TestCase fails later, by its report
        elif trial is not None:
            _fail(self._session.escapes() + trial.unmet() + _advised(trial))
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """End the test's trial; what escaped while its fixtures went fails it too."""
        try:
            result = yield
        except BaseException as problem:
            self._end(item)
            self._explain(item, "teardown", None, str(problem))
            raise
        self._end(item)
        _fail(self._session.escapes())
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
        """Explain a failed setup before its report is made."""
        failed = call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception)
        if call.when == "setup" and failed:
            self._explain(item, "setup", item.stash.get(TRIAL, None))

    def _end(self, item: pytest.Item) -> None:
        trial = item.stash.get(TRIAL, None)
        if trial is not None:
            del item.stash[TRIAL]
            self._session.end(trial)

    def _explain(self, item: pytest.Item, when: str, trial: Trial | None, shown: str = "") -> None:
        """Say beside another failure what may have led to it, but for what it says itself."""
        told = self._session.escapes()
        if trial is not None:
            told += trial.hints() + questions.refused(trial.mock.journal)
            if trial.settings.advice != "off":
                told += map(_sentence, trial.advice())
        if text := "\n".join(line for line in map(str.strip, told) if line not in shown):
            item.add_report_section(when, SECTION, text)


def _fail(problems: list[str]) -> None:
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def _advised(trial: Trial) -> list[str]:
    """Warn of a test's advice; what is to fail the test is returned."""
    problems = []
    for advice in trial.advice() if trial.settings.advice != "off" else ():
        text = _sentence(advice)
        if trial.settings.advice == "error":
            problems.append(text)
            continue
        try:
            # From one place for all tests: pytest shows what is equal once, with their names.
            warnings.warn_explicit(text, StepfunAdviceWarning, SECTION, 0)
        except StepfunAdviceWarning:
            problems.append(text)  # warnings are errors here
    return problems


def _sentence(advice: Advice) -> str:
    return (
        f"{advice.message} (advice of stepfun-mock, by the rule {advice.rule}; where it is meant: "
        f'@pytest.mark.stepfun(ignore_advice=["{advice.id}"]))'
    )
