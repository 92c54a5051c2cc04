"""Everybody measured in turn, round by round, in changing order; who fails twice is listed."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from benchmarks.harness import BenchmarkError, say
from benchmarks.peers.peer import Measured, Peer
from benchmarks.peers.servers import Contender

T = TypeVar("T")

# A server that dies under load takes its files in /proc along, and wrk may wait for it in vain.
TROUBLES = (BenchmarkError, OSError, subprocess.TimeoutExpired)
"""What makes a measurement fail."""

FAILED = "it did not start, or did not answer every request with success, twice in a row"
"""What is said of a peer that was installed and could not be measured."""


@dataclass(frozen=True)
class Turns(Generic[T]):
    """What was measured, round by round.

    Args:
        ours: Of the mock.
        theirs: Of each peer; as many, or none of one that is missing.
    """

    ours: list[T]
    theirs: list[tuple[Peer, list[T]]]

    def measured(self, figure: str, unit: str, number: Callable[[T], float]) -> list[Measured]:
        """One figure of all that was measured, beside each peer."""
        ours = tuple(map(number, self.ours))
        return [
            Measured(figure, unit, peer, ours if values else (), tuple(map(number, values)))
            for peer, values in self.theirs
        ]


def in_turn(
    ours: Contender, peers: Sequence[Contender], rounds: int, measure: Callable[[Contender], T]
) -> Turns[T]:
    """Measure everybody once in each round.

    Raises:
        BenchmarkError: the mock itself could not be measured.
    """
    values: dict[str, list[T]] = {one.peer.name: [] for one in (ours, *peers)}
    failed: set[str] = set()
    for number in range(rounds):
        order = [ours, *peers] if number % 2 == 0 else [*peers[::-1], ours]
        for one in order:
            name = one.peer.name
            if one.peer.missing or name in failed:
                continue
            try:
                values[name].append(_twice_tried(one, measure))
            except TROUBLES as problem:
                if one is ours:
                    raise BenchmarkError(str(problem)) from problem
                say(f"  {name}: {problem}")
                failed.add(name)
        say(f"  round {number + 1} of {rounds}")
    theirs = [_kept(one.peer, values[one.peer.name], one.peer.name in failed) for one in peers]
    return Turns(values[ours.peer.name], theirs)


def _twice_tried(one: Contender, measure: Callable[[Contender], T]) -> T:
    # These machines have minutes in which a reply takes longer than the load generator waits.
    try:
        return measure(one)
    except TROUBLES as problem:
        say(f"  {one.peer.name}, to be measured once more: {problem}")
    return measure(one)


def _kept(peer: Peer, values: list[T], failed: bool) -> tuple[Peer, list[T]]:
    return (replace(peer, missing=FAILED), []) if failed else (peer, values)
