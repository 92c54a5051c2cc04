"""Runs the suite on a target, with pytest's help and out of reach of anybody's configuration."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from .run import Run

FOLDER = Path(__file__).parent

# A project's own settings reach pytest by these, and would change what is run.
_FOREIGN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DEBUG")

_ARGUMENTS = (
    str(FOLDER),
    f"--rootdir={FOLDER}",
    f"--confcutdir={FOLDER}",
    "-c",
    str(FOLDER / "check.ini"),
    "--disable-plugin-autoload",
    "--assert=plain",
    "--import-mode=prepend",
    # What the suite prints is nobody's business; on the descriptors themselves, as pytest captures
    # them of its own accord, it would swallow the progress too.
    "--capture=sys",
    *("-p", "no:terminal"),
    *("-p", "no:cacheprovider"),
    *("-p", "no:junitxml"),
)


class SuiteError(Exception):
    """The suite itself failed, which says nothing of the target."""


class _Ending:
    """Sees how pytest ends: its exit codes do not tell a user who has had enough from a suite
    that cannot be read, and what it writes of its own failures shows arguments.
    """

    def __init__(self) -> None:
        self.interrupted = False
        self.problem = ""

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.interrupted = type(excinfo.value) is KeyboardInterrupt

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            last = report.longreprtext.strip().rpartition("\n")[2].removeprefix("E").strip()
            self.problem = self.problem or f"{report.nodeid}: {last}"

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        self.problem = f"{excinfo.typename}: {excinfo.value}"
        return True  # it has been heard


def execute(run: Run, *, plan_only: bool = False) -> None:
    """Run the suite; what it finds stands in `run` afterwards.

    Args:
        run: What is to be checked.
        plan_only: Collect the tests, so that the plan is known, and send nothing.

    Raises:
        SuiteError: pytest could not run it.
        KeyboardInterrupt: the user has had enough; what was found until then stands.
    """
    arguments = [*_ARGUMENTS, *(["--collect-only"] if plan_only else [])]
    ending = _Ending()
    with _own_surroundings():
        code = pytest.main(arguments, plugins=[run, ending])
    if ending.interrupted:
        raise KeyboardInterrupt
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        if code == pytest.ExitCode.NO_TESTS_COLLECTED and run.order.only:
            return
        problem = ending.problem or f"it ended with {code!r}"
        raise SuiteError(f"pytest could not run the suite in {FOLDER}: {problem}")


@contextmanager
def _own_surroundings() -> Iterator[None]:
    """No settings of others, and what Hypothesis writes goes where it is thrown away."""
    from hypothesis.configuration import set_hypothesis_home_dir

    kept = {name: os.environ.pop(name) for name in _FOREIGN if name in os.environ}
    with _thrown_away() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)
            os.environ.update(kept)


def _thrown_away() -> TemporaryDirectory[str]:
    try:
        return TemporaryDirectory(prefix="stepfun-mock-check-", ignore_cleanup_errors=True)
    except OSError as problem:
        raise SuiteError(f"there is no folder for temporary files: {problem.strerror}") from None
