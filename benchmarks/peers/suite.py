"""Contract examples per second: the suite of `check` beside Schemathesis."""

from dataclasses import replace

from benchmarks import examples
from benchmarks.environments import SCHEMATHESIS, environments
from benchmarks.harness import BenchmarkError, say
from benchmarks.peers.bars import EXAMPLES
from benchmarks.peers.peer import Measured, Peer

OURS = "Generated valid requests, judged as `stepfun-mock check mock` does, in process."
"""How ours was set up."""

_COMMON = (
    "on positive cases from the mock's own OpenAPI document, with the mock called in process, and "
    "nothing shrunk or stored. What is checked [differs](README.md#what-is-compared-with-what)."
)
_WAYS = {
    "as it comes": Peer("Schemathesis", "", f"`call_and_validate()` as it comes, {_COMMON}"),
    "valid": Peer(
        "Schemathesis at its fastest",
        "",
        f"`call_and_validate()` {_COMMON} One client is kept for all calls, the check that repeats "
        "each accepted request without and with a wrong key (`ignored_auth`) is left out, and the "
        "document forbids further properties, which Schemathesis would make up.",
    ),
}


def measure(rounds: int) -> list[Measured]:
    """Judge 300 generated valid requests on either side in turn, a process for each."""
    try:
        environments([SCHEMATHESIS])
    except BenchmarkError as problem:
        say(f"  {problem}")
        missing = (replace(peer, missing="pip could not install it") for peer in _WAYS.values())
        return [Measured(EXAMPLES, "/s", peer) for peer in missing]
    return beside(examples.measure(rounds))


def beside(figures: examples.Figures) -> list[Measured]:
    """What was measured, beside Schemathesis in both ways; each tells how much it repeated."""
    return [_beside(figures, kind, peer) for kind, peer in _WAYS.items()]


def _beside(figures: examples.Figures, kind: str, peer: Peer) -> Measured:
    theirs, ours = figures.different("peer", kind), figures.different("ours", "valid")
    setup = f"{peer.setup} Of {figures.examples} bodies {theirs} were different, of ours {ours}."
    return Measured(
        EXAMPLES,
        "/s",
        replace(peer, version=figures.version, setup=setup),
        tuple(figures.rates("ours", "valid")),
        tuple(figures.rates("peer", kind)),
    )
