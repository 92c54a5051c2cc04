"""A program in another language, run as it would be, against StepFun's API on a port.

The fixture `stepfun_server` sets STEP_BASE_URL and STEP_API_KEY, which a child process inherits.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stepfun_mock import MockServer, faults

SCRIPT = Path(__file__).with_name("picture.mjs")

# Where CI is set a missing node is a failure: nobody reads there what was skipped.
pytestmark = pytest.mark.skipif(
    shutil.which("node") is None and not os.environ.get("CI"),
    reason="there is no `node` on the PATH; install Node 18 or later",
)


def run(prompt: str, file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["node", SCRIPT, prompt, file], capture_output=True, text=True, timeout=30, check=False
    )


def test_a_picture_is_written(stepfun_server: MockServer, tmp_path: Path) -> None:
    ended = run("a red fox", tmp_path / "fox.png")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (tmp_path / "fox.png").read_bytes().startswith(b"\x89PNG")
    stepfun_server.assert_requested(times=1, prompt="a red fox", response_format="b64_json")


def test_a_filtered_prompt_ends_with_a_reason(stepfun_server: MockServer, tmp_path: Path) -> None:
    stepfun_server.script(faults.content_filtered())
    ended = run("a red fox", tmp_path / "fox.png")
    assert (ended.returncode, ended.stderr) == (1, "no picture: content_filtered\n")
    assert not (tmp_path / "fox.png").exists()


def test_a_refusal_ends_with_what_the_service_says(
    stepfun_server: MockServer, tmp_path: Path
) -> None:
    stepfun_server.script(faults.overloaded())
    ended = run("a red fox", tmp_path / "fox.png")
    assert ended.returncode == 1
    assert ended.stderr.startswith("503: ")
    assert "the engine is overloaded" in ended.stderr
