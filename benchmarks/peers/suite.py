"""Contract examples per second: the suite of `check` beside Schemathesis."""

from benchmarks import examples
from benchmarks.environments import SCHEMATHESIS, environments
from benchmarks.harness import BenchmarkError, say
from benchmarks.peers.bars import EXAMPLES
from benchmarks.peers.peer import Measured, Peer

OURS = "Generated valid requests, judged as `stepfun-mock check mock` does, in process."
"""How ours was set up."""

_NAME = "Schemathesis"
_SETUP = (
    "`call_and_validate()` as it comes, on positive cases from the mock's own OpenAPI document, "
    "with the mock called in process, and nothing shrunk or stored."
)


def measure(rounds: int) -> list[Measured]:
    """Judge 300 generated valid requests on either side in turn, a process for each."""
    try:
        environments([SCHEMATHESIS])
    except BenchmarkError as problem:
        say(f"  {problem}")
        missing = Peer(_NAME, "", _SETUP, "pip could not install it")
        return [Measured(EXAMPLES, "/s", missing)]
    figures = examples.measure(rounds)
    peer = Peer(_NAME, figures.version, _SETUP)
    ours, theirs = figures.rates("ours", "valid"), figures.rates("peer", "as it comes")
    return [Measured(EXAMPLES, "/s", peer, tuple(ours), tuple(theirs))]
