"""A shell script that asks the mock over HTTP alone, run as it would be.

The script asks the routes of `docs/control.md`; the fixture `stepfun_server` has them too.
"""

import subprocess
from pathlib import Path

import pytest

from stepfun_mock import MockServer

SCRIPT = Path(__file__).with_name("scenario.sh")
SEEN = """\
the first try: 429
the second try: 503
the third try: 200
the link: 200
the link two hours later: 404
the journal: {"200":2,"404":1,"429":1,"503":1}
the journal after the reset: {}
"""


def run(base: str, script: Path = SCRIPT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", script, base], capture_output=True, text=True, timeout=30, check=False
    )


def test_the_scenario_goes_as_it_should(stepfun_server: MockServer) -> None:
    ended = run(stepfun_server.url)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == SEEN


# The script ends before it clears up, so its hurried tries would be advice.
@pytest.mark.stepfun(advice="off")
def test_what_is_otherwise_ends_the_scenario(stepfun_server: MockServer, tmp_path: Path) -> None:
    other = tmp_path / "scenario.sh"
    script = SCRIPT.read_text("utf-8")
    other.write_text(script.replace('"overloaded"]', '"server_error"]'), "utf-8")
    ended = run(stepfun_server.url, other)
    assert ended.returncode == 1
    assert ended.stderr == "the second try should have been: 503\n"


def test_a_server_that_is_not_there_ends_the_scenario() -> None:
    assert run("http://127.0.0.1:1").returncode != 0
