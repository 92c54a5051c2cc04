"""What a test with one call costs more than an empty one, on our fixture and on others.

A test's cost is the time from the end of the test before to its own end, so what a process does
before and within its first test counts on no side. It is the median of all tests of a run.
"""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.environments import added, environments, version_in
from benchmarks.harness import BenchmarkError, Run, say
from benchmarks.peers.bars import KEPT_CLIENT, OWN_CLIENT
from benchmarks.peers.peer import Measured, Peer
from benchmarks.peers.rooms import FRESH, KEPT, OURS, ROOMS, Fixture, Room, recorded
from benchmarks.suites import Suite, in_turn, written

_CALLS = {KEPT_CLIENT: ("kept", KEPT), OWN_CLIENT: ("fresh", FRESH)}
_EMPTY = "empty"
_TESTS = 500
_TRIED = 3
_FRESH_TESTS = 200  # they take ten times as long
_TIMED = """from itertools import pairwise
from statistics import median
from time import perf_counter

ends = []


def pytest_runtest_logfinish():
    ends.append(perf_counter())


def pytest_terminal_summary(terminalreporter):
    if ends:
        each = median(after - before for before, after in pairwise(ends))
        terminalreporter.write_line(f"a test took {each * 1000} ms")
"""
_TOOK = re.compile(r"^a test took (\S+) ms$", re.MULTILINE)

_Added = dict[tuple[str, str], list[float]]


def measure(rounds: int) -> list[Measured]:
    """Run some hundred tests of each kind in turn, a process each, environment by environment.

    Raises:
        BenchmarkError: the tests with our own fixture did not pass.
    """
    return [figure for room in ROOMS for figure in _in_room(room, rounds)]


def _in_room(room: Room, rounds: int) -> list[Measured]:
    python = _python(room)
    if python:
        _try(room, OURS, python)
    peers = {fixture: _peer(room, fixture, python) for fixture in room.fixtures}
    for fixture, peer in peers.items():
        if python and not peer.missing and not _works(room, fixture, python):
            peers[fixture] = replace(peer, missing="its tests did not pass")
    there = [fixture for fixture, peer in peers.items() if not peer.missing]
    added_ms = _added_ms(room, there, python, rounds) if python and there else {}
    figures = []
    for figure in _CALLS:
        for fixture, peer in peers.items():
            ours, theirs = (
                tuple(added_ms.get((figure, name), ())) if fixture in there else ()
                for name in (OURS.package, fixture.package)
            )
            figures.append(Measured(figure, "ms", peer, ours, theirs))
    return figures


def _python(room: Room) -> Path | None:
    try:
        return environments([room.environment])[room.environment]
    except BenchmarkError as problem:
        say(f"  {problem}")
        return None


def _peer(room: Room, fixture: Fixture, python: Path | None) -> Peer:
    """Install it where it is not there yet."""
    missing = Peer(fixture.package, "", fixture.setup, "pip could not install it")
    if python is None:
        return missing
    try:
        version = added(room.environment, fixture.package)
        client = f"{room.client} {version_in(room.environment, room.client)}"
    except BenchmarkError as problem:
        say(f"  {problem}")
        return missing
    return Peer(fixture.package, version, f"{fixture.setup} The client is {client}.")


def _works(room: Room, fixture: Fixture, python: Path) -> bool:
    """Whether a few of its tests pass."""
    try:
        _try(room, fixture, python)
    except BenchmarkError as problem:
        say(f"  {fixture.package}: {problem}")
        return False
    return True


def _try(room: Room, fixture: Fixture, python: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        suites = _suites(room, [fixture], python, Path(folder))
        with written(suites, dict.fromkeys(suites, _TRIED), python) as ready:
            for one in ready.values():
                one.run()


def _added_ms(room: Room, fixtures: Sequence[Fixture], python: Path, rounds: int) -> _Added:
    """Milliseconds over an empty test, round by round, of each figure and fixture."""
    with tempfile.TemporaryDirectory() as folder:
        suites = _suites(room, [OURS, *fixtures], python, Path(folder))
        tests = {name: _FRESH_TESTS if name.endswith("fresh") else _TESTS for name in suites}
        with written(suites, tests, python) as ready:
            runs = in_turn(ready, rounds)
    empty = [_took_ms(run) for run in runs[_EMPTY]]
    return {
        (figure, fixture.package): [
            _took_ms(run) - none
            for run, none in zip(runs[f"{fixture.package}, {kind}"], empty, strict=True)
        ]
        for figure, (kind, _) in _CALLS.items()
        for fixture in (OURS, *fixtures)
    }


def _suites(
    room: Room, fixtures: Sequence[Fixture], python: Path, folder: Path
) -> dict[str, Suite]:
    suites = {_EMPTY: Suite(room.head, conftest=_TIMED)}
    for fixture in fixtures:
        head = room.head + (recorded(python, folder) if fixture.replays else "")
        for kind, ask in _CALLS.values():
            suites[f"{fixture.package}, {kind}"] = fixture.calling(head, ask, _TIMED)
    return suites


def _took_ms(run: Run) -> float:
    told = _TOOK.search(run.said)
    if told is None:
        raise BenchmarkError(f"a run of pytest did not tell its time: {run.said[-500:]}")
    return float(told[1])
