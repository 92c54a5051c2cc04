"""How servers are measured beside each other; no peer has to be installed for it."""

import json
import os
import select
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks.harness import BenchmarkError, free_port, running
from benchmarks.peers import behaviour, configurations, installed, servers
from benchmarks.peers.configurations import REPLY_BYTES
from benchmarks.peers.peer import Measured, Peer
from benchmarks.peers.servers import Contender
from benchmarks.peers.turns import FAILED, in_turn
from benchmarks.usage import cpu_seconds, pss_mib

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks read /proc")

OURS = Contender(Peer("ours", "1", ""), lambda folder, port: [])
THEIRS = Contender(Peer("theirs", "2", ""), lambda folder, port: [])
NEVER = Contender(Peer("never", "", "", "npm could not install it"), lambda folder, port: [])

# A server that has another process do its work, as those of npm may.
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-m", "benchmarks.quiet_server", sys.argv[1]])
print(child.pid, file=open(sys.argv[2], "w"), flush=True)
child.wait()
"""


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


def test_our_own_failure_ends_the_measurement() -> None:
    def measure(one: Contender) -> float:
        raise BenchmarkError(f"{one.peer.name} broke")

    with pytest.raises(BenchmarkError, match="ours broke"):
        in_turn(OURS, [THEIRS], 1, measure)


def test_the_fixed_reply_is_as_long_as_ours_and_leads_back_to_its_server() -> None:
    told = configurations.reply(20_001)
    assert len(told) == REPLY_BYTES
    (item,) = json.loads(told)["data"]
    assert item["url"].startswith("http://127.0.0.1:20001/")


def test_a_server_is_ended_and_counted_with_the_processes_that_it_started(tmp_path: Path) -> None:
    port, note = free_port(), tmp_path / "child"
    with running([sys.executable, "-c", PARENT, str(port), str(note)], port) as server:
        child = int(note.read_text())
        assert pss_mib(server.pid) > pss_mib(child) > 0
        assert cpu_seconds(server.pid) >= cpu_seconds(child) > 0
        ends = os.pidfd_open(child)
    assert select.select([ends], [], [], 30)[0]
    os.close(ends)


def test_without_node_a_package_is_missing_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda command: None)
    with pytest.raises(installed.MissingError) as raised:
        installed.npm("@copilotkit/aimock")
    assert str(raised.value) == "it needs the command node, which is not on this machine"


def test_what_npm_says_when_it_fails_stays_out_of_the_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(command: list[object], **_: object) -> None:
        raise BenchmarkError(f"{command} failed in {tmp_path}")

    monkeypatch.setattr(shutil, "which", lambda command: f"/bin/{command}")
    monkeypatch.setattr(installed, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(installed, "done", fail)
    with pytest.raises(installed.MissingError) as raised:
        installed.npm("@copilotkit/aimock")
    assert str(raised.value) == "npm could not install it"


def test_what_we_answer_is_told_by_asking_us(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Contender(THEIRS.peer, lambda folder, port: [sys.executable, "-c", "exit"])
    monkeypatch.setattr(behaviour, "contenders", lambda: [servers.FLOOR, broken, NEVER])
    ours, floor, failed, never = behaviour.behaviours()
    assert ours.answers == {
        "`size: 7x7`": "400, names `size`",
        "`n: 9`": "400, names `n`",
        "`seed: -1`": "400, names `seed`",
        "`steps: 999`": "400, names `steps`",
        "an empty prompt": "400, names `prompt`",
        "the picture of `768x1360`, documented as height x width": "1360 wide, 768 high",
        "the same seed twice": "the same picture",
        "a link, fetched at once": "200, image/png",
    }
    assert floor.answers["`n: 9`"] == "200, the usual reply"
    assert floor.answers["a link, fetched at once"] == "no reply with a picture"
    assert (failed.peer.missing, failed.answers) == (FAILED, {})
    assert (never.peer.missing, never.answers) == ("npm could not install it", {})
