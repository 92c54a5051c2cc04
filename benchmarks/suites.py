"""Test files that are written for a measurement, and runs of pytest on them."""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import BenchmarkError, Run, compile_project, done, say

_FLAGS = ("-q", "-p", "no:cacheprovider")


@dataclass(frozen=True)
class Suite:
    """Many tests alike.

    Args:
        head: What stands before the tests.
        takes: The arguments of each test.
        does: The lines of each test.
        plugin: The plugin that pytest loads beside its own; none by default.
        told: Further flags.
        over: A decorator of each test.
        conftest: Hooks for pytest.
    """

    head: str = ""
    takes: str = ""
    does: tuple[str, ...] = ("pass",)
    plugin: str | None = None
    told: tuple[str, ...] = ()
    over: str = ""
    conftest: str = ""

    def text(self, tests: int) -> str:
        """The file with this many tests."""
        body = "".join(f"    {line}\n" for line in self.does)
        over = f"{self.over}\n" if self.over else ""
        each = (f"\n\n{over}def test_{number}({self.takes}):\n{body}" for number in range(tests))
        return "".join([self.head, *each])

    @property
    def flags(self) -> tuple[str, ...]:
        """What pytest is told for it."""
        loaded = () if self.plugin is None else ("-p", self.plugin)
        return (*_FLAGS, *loaded, *self.told)


@dataclass(frozen=True)
class Written:
    """A suite in a folder of its own, to be run from the start of the process to its end."""

    suite: Suite
    tests: int
    folder: Path
    python: str | Path

    def run(self, *more: str) -> Run:
        """Run all tests.

        Raises:
            BenchmarkError: not all of them passed.
        """
        command = [self.python, "-m", "pytest", *self.suite.flags, *more]
        run = done(command, self.folder, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
        if not more and f"\n{self.tests} passed" not in run.said:
            raise BenchmarkError(f"not all of {self.tests} tests passed: {run.said[-500:]}")
        return run


@contextmanager
def written(
    suites: Mapping[str, Suite], tests: Mapping[str, int], python: str | Path = sys.executable
) -> Iterator[dict[str, Written]]:
    """Write suites, and compile them as a first run would.

    Args:
        suites: By name.
        tests: How many tests each has.
        python: The interpreter that runs them; this one by default.
    """
    compile_project("stepfun_mock")
    with tempfile.TemporaryDirectory() as made:
        ready = {}
        for name, suite in suites.items():
            folder = Path(made) / name
            folder.mkdir()
            (folder / "pytest.ini").write_text("[pytest]\n")
            (folder / "conftest.py").write_text(suite.conftest)
            (folder / "test_suite.py").write_text(suite.text(tests[name]))
            ready[name] = Written(suite, tests[name], folder, python)
            ready[name].run("--collect-only")
        yield ready


def in_turn(suites: Mapping[str, Written], rounds: int) -> dict[str, list[Run]]:
    """Run suites in turn, round by round, in changing order."""
    runs: dict[str, list[Run]] = {name: [] for name in suites}
    for number in range(rounds):
        for name in _order(list(suites), number):
            runs[name].append(suites[name].run())
        told = ", ".join(f"{name} {runs[name][-1].wall_ms / 1000:.2f} s" for name in suites)
        say(f"  round {number + 1} of {rounds}: {told}")
    return runs


def _order(names: Sequence[str], number: int) -> Sequence[str]:
    return names if number % 2 == 0 else names[::-1]
