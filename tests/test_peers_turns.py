"""How everybody is measured in turn, and what becomes of a failure."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import commands, wrk
from benchmarks.harness import BenchmarkError, Server, ask
from benchmarks.peers import fixtures, rates, rooms
from benchmarks.peers.peer import Measured, Peer
from benchmarks.peers.rooms import Room
from benchmarks.peers.servers import Contender
from benchmarks.peers.turns import FAILED, in_turn
from benchmarks.suites import Suite

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks read /proc")

OURS = Contender(Peer("ours", "1", ""), lambda folder, port: [])
THEIRS = Contender(Peer("theirs", "2", ""), lambda folder, port: [])
NEVER = Contender(Peer("never", "", "", "npm could not install it"), lambda folder, port: [])


def test_everybody_is_measured_once_a_round_in_changing_order() -> None:
    order: list[str] = []

    def measure(one: Contender) -> int:
        order.append(one.peer.name)
        return len(order)

    turns = in_turn(OURS, [THEIRS, NEVER], 2, measure)
    assert order == ["ours", "theirs", "theirs", "ours"]
    assert turns.measured("count", "/s", float) == [
        Measured("count", "/s", THEIRS.peer, (1.0, 4.0), (2.0, 3.0)),
        Measured("count", "/s", NEVER.peer),
    ]


def test_a_peer_that_fails_is_listed_as_missing_and_measured_no_more() -> None:
    calls: list[str] = []

    def measure(one: Contender) -> float:
        calls.append(one.peer.name)
        if one is THEIRS and len(calls) > 2:
            raise BenchmarkError("broken in the second round")
        return 1.0

    (figure,) = in_turn(OURS, [THEIRS], 3, measure).measured("count", "/s", float)
    assert figure == Measured("count", "/s", Peer("theirs", "2", "", FAILED))
    assert calls.count("theirs") == 3
    assert FAILED == (
        "it did not start, or did not answer every request with success, twice in a row"
    )


def test_who_fails_once_is_measured_once_more() -> None:
    calls: list[str] = []

    def measure(one: Contender) -> float:
        calls.append(one.peer.name)
        if calls.count(one.peer.name) == 1:
            raise BenchmarkError("a bad moment")
        return 1.0

    (figure,) = in_turn(OURS, [THEIRS], 1, measure).measured("count", "/s", float)
    assert figure == Measured("count", "/s", THEIRS.peer, (1.0,), (1.0,))
    assert calls == ["ours", "ours", "theirs", "theirs"]


@pytest.mark.parametrize("failure", [BenchmarkError, OSError])
def test_our_own_failure_ends_the_measurement_with_a_sentence(failure: type[Exception]) -> None:
    def measure(one: Contender) -> float:
        raise failure(f"{one.peer.name} broke")

    with pytest.raises(BenchmarkError) as raised:
        in_turn(OURS, [THEIRS], 1, measure)
    assert str(raised.value) == "ours broke"


def test_a_server_that_fails_under_load_is_started_anew_before_it_is_measured_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pids: list[int] = []

    def load(server: Server, asked: str, seconds: int, connections: int = 32) -> wrk.Load:
        pids.append(server.pid)
        if len(pids) == 2:  # the first is the warm-up
            raise BenchmarkError("it broke off")
        assert ask(server.port)[0] == 200
        return wrk.Load(1, 1.0, 1.0, 1.0, 1.0)

    monkeypatch.setattr(commands, "_commands", lambda: Path(sys.executable).parent)
    monkeypatch.setattr(wrk, "load", load)
    monkeypatch.setattr(rates, "LOGGED", NEVER)
    monkeypatch.setattr(rates, "FLOOR", NEVER)
    monkeypatch.setattr(rates, "contenders", list)
    rates.measure(1)
    first, second, *later = pids
    assert first == second
    assert len(later) == 3
    assert {first}.isdisjoint(later)
    assert len(set(later)) == 1


def test_our_own_broken_test_is_no_fault_of_a_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = replace(rooms.OURS, suite=Suite(does=("assert False, 'ours'",)))
    monkeypatch.setattr(fixtures, "OURS", ours)
    monkeypatch.setattr(fixtures, "ROOMS", (Room("here", "httpx", "", ()),))
    monkeypatch.setattr(fixtures, "environments", lambda names: {"here": Path(sys.executable)})
    with pytest.raises(BenchmarkError, match="AssertionError: ours"):
        fixtures.measure(1)
