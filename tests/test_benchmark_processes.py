"""No process of a measurement outlives it."""

import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from benchmarks.harness import ROOT, done, free_port, running
from benchmarks.usage import cpu_seconds, pss_mib

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks read /proc")

# A server that has another process do its work, as those of npm may.
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-m", "benchmarks.quiet_server", sys.argv[1]])
print(child.pid, file=open(sys.argv[2], "w"), flush=True)
child.wait()
"""

# A server that tells when it is to end, and does not.
SERVER = """
import http.server, signal, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.end_headers()

def tell(number, frame):
    open(sys.argv[2], "w").write("told to end")

signal.signal(signal.SIGTERM, tell)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

MEASURING = """
import signal, sys
from benchmarks import harness
from benchmarks.options import end_in_order

end_in_order()
harness._STOP_SECONDS = 1
port = harness.free_port()
with harness.running([sys.executable, "-c", sys.argv[1], str(port), sys.argv[2]], port) as server:
    print(server.pid, flush=True)
    signal.pause()
"""


def test_a_server_is_ended_and_counted_with_the_processes_that_it_started(tmp_path: Path) -> None:
    port, note = free_port(), tmp_path / "child"
    with running([sys.executable, "-c", PARENT, str(port), str(note)], port) as server:
        child = int(note.read_text())
        assert pss_mib(server.pid) > pss_mib(child) > 0
        assert cpu_seconds(server.pid) >= cpu_seconds(child) > 0
        ends = os.pidfd_open(child)
    _assert_ends(ends)


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_who_is_told_twice_to_end_still_ends_its_servers(tmp_path: Path, told: int) -> None:
    os.mkfifo(note := tmp_path / "note")
    command = [sys.executable, "-c", MEASURING, SERVER, str(note)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as measuring:
        assert measuring.stdout
        ends = os.pidfd_open(int(measuring.stdout.readline()))
        measuring.send_signal(told)
        assert note.read_text() == "told to end"
        measuring.send_signal(told)
    _assert_ends(ends)
    assert measuring.returncode == 128 + told


def test_a_command_leaves_none_of_the_processes_that_it_started() -> None:
    left = int(done(["sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!"]).said)
    with suppress(ProcessLookupError):  # ended, and its parent knows
        _assert_ends(os.pidfd_open(left))


def _assert_ends(process: int) -> None:
    try:
        assert select.select([process], [], [], 30)[0]
    finally:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(process, signal.SIGKILL)
        os.close(process)
