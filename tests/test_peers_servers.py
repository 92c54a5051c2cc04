"""How servers are set up beside each other; no peer has to be installed for it."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks import commands, environments
from benchmarks.harness import BenchmarkError, ask, free_port, running
from benchmarks.peers import behaviour, configurations, installed, servers
from benchmarks.peers.__main__ import _occasion
from benchmarks.peers.configurations import REPLY_BYTES
from benchmarks.peers.peer import Peer
from benchmarks.peers.servers import Contender
from benchmarks.table import table

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks read /proc")

THEIRS = Contender(Peer("theirs", "2", ""), lambda folder, port: [])
NEVER = Contender(Peer("never", "", "", "npm could not install it"), lambda folder, port: [])

# A server that answers each request with success, and with no picture.
EMPTY = """
import http.server, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"data":[]}')

http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_a_success_without_a_link_counts_as_a_failure() -> None:
    empty = Contender(THEIRS.peer, lambda folder, port: [sys.executable, "-c", EMPTY, str(port)])
    with pytest.raises(BenchmarkError) as raised, servers.serving(empty):
        pass
    assert str(raised.value) == """theirs answered no JSON with data[0].url: b'{"data":[]}'"""


def test_prism_replies_with_a_link_on_itself_as_long_as_ours(tmp_path: Path) -> None:
    described = json.loads(configurations.prism(tmp_path, 20_001).read_text())
    success = described["paths"]["/v1/images/generations"]["post"]["responses"]["200"]
    example = json.loads(configurations.reply(20_001))
    assert success["content"]["application/json"]["examples"] == {"url": {"value": example}}


def test_wiremock_keeps_its_journal_and_logs_no_request(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "wiremock.jar").touch()
    command = servers._wiremock(installed.Installed("3", tmp_path, tmp_path), tmp_path, 20_001)
    assert "--disable-request-logging" in command
    assert "--no-request-journal" not in command


def test_pytest_httpserver_logs_no_request(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    reply = str(configurations.httpserver(tmp_path, port))
    said = 'exec "$0" -m benchmarks.peers.httpserver "$1" "$2" 2>"$3"'
    with running(["sh", "-c", said, sys.executable, str(port), reply, str(log)], port):
        assert ask(port)[0] == 200
    assert log.read_text() == ""


def test_the_fixed_reply_is_as_long_as_ours_and_leads_back_to_its_server() -> None:
    told = configurations.reply(20_001)
    assert len(told) == REPLY_BYTES
    (item,) = json.loads(told)["data"]
    assert item["url"].startswith("http://127.0.0.1:20001/")


def test_without_node_a_package_is_missing_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda command: None)
    with pytest.raises(installed.MissingError) as raised:
        installed.npm("@copilotkit/aimock")
    assert str(raised.value) == "it needs the command node, which is not on this machine"


def test_a_java_that_does_not_know_the_flag_makes_its_peer_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\necho 'Unrecognized option: --version'\nexit 1\n")
    java.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(installed.MissingError) as raised:
        installed.jar("wiremock")
    assert str(raised.value) == (
        "the command java of this machine does not know --version, or is broken"
    )


def test_versions_are_those_of_the_environment_in_which_servers_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(environments, "cache_folder", lambda: tmp_path)
    assert environments.versions_in(environments.SERVERS, ["uvicorn"]) == []
    python = tmp_path / environments.SERVERS / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho 9.8.7\n")
    python.chmod(0o755)
    (tmp_path / environments.SERVERS / "ready").touch()
    assert environments.versions_in(environments.SERVERS, ["uvicorn"]) == ["uvicorn 9.8.7"]
    assert "uvicorn 9.8.7, starlette 9.8.7, httptools 9.8.7," in table([], 1)
    assert ", uvicorn 9.8.7, httptools 9.8.7, pytest " in str(_occasion(1))


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
    # As they lie here: an environment of their own would have to be downloaded.
    monkeypatch.setattr(commands, "_commands", lambda: Path(sys.executable).parent)
    broken = Contender(THEIRS.peer, lambda folder, port: [sys.executable, "-c", "exit"])
    monkeypatch.setattr(behaviour, "contenders", lambda: [servers.FLOOR, broken, NEVER])
    ours, floor, failed, never = behaviour.behaviours()
    assert ours.answers == {
        "the documentation's example": "200, 378 bytes",
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
    assert floor.answers["a link, fetched at once"] == "a link to another server"
    assert (failed.peer.missing, failed.answers) == (behaviour.FAILED, {})
    assert behaviour.FAILED == "it did not start, or broke off while it was asked"
    assert (never.peer.missing, never.answers) == ("npm could not install it", {})
