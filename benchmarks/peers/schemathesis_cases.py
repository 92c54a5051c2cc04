"""Schemathesis on the mock in this process: generated cases, called and validated.

In all ways the application is called without a network, with cases generated and no more, neither
shrunk nor stored. `valid` and `invalid` have it at its fastest: one client is kept, the check that
asks twice more after each success (`ignored_auth`) is left out, and the document for valid cases
forbids further properties, or Schemathesis makes some up. `as it comes` has none of that. Prints
what `examples.Timed` reads, as JSON.
"""

import json
import sys
from time import perf_counter
from typing import Any

import schemathesis  # type: ignore[import-not-found]
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.generation import GenerationMode  # type: ignore[import-not-found]
from schemathesis.python import asgi  # type: ignore[import-not-found]
from schemathesis.specs.openapi.checks import ignored_auth  # type: ignore[import-not-found]

from benchmarks.peers.asked import mock_under_test
from stepfun_mock.openapi import document
from stepfun_mock.transports.asgi import Application

_KEY = "stepfun-mock-key"
_PATH = "/v1/images/generations"
_HEADERS = {"Authorization": f"Bearer {_KEY}"}  # with a capital, or it is not recognised
_MODES = {
    "valid": GenerationMode.POSITIVE,
    "invalid": GenerationMode.NEGATIVE,
    "as it comes": GenerationMode.POSITIVE,
}


def main() -> None:
    """Call as many as the command line says, of either kind."""
    examples = int(sys.argv[1])
    told: dict[str, Any] = {"version": schemathesis.__version__}
    for kind, mode in _MODES.items():
        application = Application(mock_under_test(_KEY), allow_hosts=(asgi.HOST,))
        cases = _operation(application, kind).as_strategy(generation_mode=mode)
        with asgi.get_client(application) as client:
            fast = {"session": client, "excluded_checks": [ignored_auth]}
            told_to = {} if kind == "as it comes" else fast
            _validated(cases, examples, told_to)  # nobody counts these
            told[kind] = _validated(cases, examples, told_to)
    print(json.dumps(told))


def _validated(
    cases: SearchStrategy[Any], examples: int, told_to: dict[str, Any]
) -> dict[str, float]:
    bodies: list[object] = []

    @settings(
        max_examples=examples,
        phases=(Phase.generate,),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def examine(case: Any) -> None:  # noqa: ANN401 (Schemathesis is not installed here)
        reply = case.call_and_validate(headers=_HEADERS, **told_to)
        bodies.append(reply.request.body)

    start = perf_counter()
    examine()
    seconds = perf_counter() - start
    return {"seconds": seconds, "examples": len(bodies), "different": len(set(bodies))}


def _operation(application: Application, kind: str) -> Any:  # noqa: ANN401
    described = document(f"http://{asgi.HOST}")
    if kind == "valid":
        described["components"]["schemas"]["ImageRequest"]["additionalProperties"] = False
    schema = schemathesis.openapi.from_dict(described)
    schema.app = application
    return schema[_PATH]["POST"]


if __name__ == "__main__":
    main()
