"""Judges generated requests on the mock in this process, as `stepfun-mock check` does.

Runs in the environment of Schemathesis, so that Python, Hypothesis and the mock are the same on
both sides. Prints what `examples.Timed` reads, as JSON.
"""

import json
import sys
from collections.abc import Callable
from time import perf_counter

from benchmarks.peers.asked import mock_under_test
from contracts import test_generated
from contracts.judge import Judge
from contracts.key import Key
from contracts.run import PLACEHOLDER, Order, Run
from contracts.target import parse
from contracts.verdict import Verdict

_TESTS = {
    "valid": test_generated.test_whatever_is_allowed_is_accepted,
    "invalid": test_generated.test_whatever_is_not_allowed_is_refused,
}


def main() -> None:
    """Judge as many as the command line says, of either kind."""
    examples = int(sys.argv[1])
    told = {}
    for kind, test in _TESTS.items():
        _judged(test, examples)  # nobody counts these
        told[kind] = _judged(test, examples)
    print(json.dumps(told))


def _judged(test: Callable[[Judge, Run], None], examples: int) -> dict[str, float]:
    test_generated.VALID = test_generated.INVALID = (0, examples)
    run = Run(
        Order(target=parse("mock"), key=Key(PLACEHOLDER, "a placeholder")),
        mock=mock_under_test(PLACEHOLDER),
    )
    judge = Judge(run.lab, _rules(test), frozenset(), "benchmark", generates=True)
    start = perf_counter()
    test(judge, run)
    seconds = perf_counter() - start
    if any(found.verdict is not Verdict.HOLDS for found in judge.findings):
        raise SystemExit(f"a mock without faults is not passed: {judge.findings}")
    # What was asked before is not asked again, and the mock's answer is judged once more.
    different = len({exchange.ask.body for exchange in run.lab.exchanges})
    return {"seconds": seconds, "examples": examples, "different": different}


def _rules(test: Callable[[Judge, Run], None]) -> frozenset[str]:
    marks = test.pytestmark  # type: ignore[attr-defined]
    return frozenset(rule for mark in marks if mark.name == "judges" for rule in mark.args)


if __name__ == "__main__":
    main()
