"""The installed wheel checks servers from anywhere, and says what it lacks without the extra."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from suite.checking import surroundings

ROOT = Path(__file__).parents[2]
BIN = "Scripts" if os.name == "nt" else "bin"
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=surroundings(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def done(*command: str | Path, folder: Path) -> str:
    result = run(*command, folder=folder)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    flags = ("--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", folder)
    done(*PIP, "wheel", ROOT, *flags, folder=folder)
    (built,) = folder.iterdir()
    return built


def environment(folder: Path, *wanted: str) -> Path:
    """A new environment in which this is installed; gives its programs."""
    done(sys.executable, "-m", "venv", "--without-pip", folder, folder=folder.parent)
    python = folder / BIN / "python"
    flags = ("--quiet", "--no-compile")  # what is used compiles as it is loaded
    done(*PIP, "--python", python, "install", *flags, *wanted, folder=folder.parent)
    return folder / BIN


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment(tmp_path_factory.mktemp("whole") / "venv", f"{wheel}[check]")


def test_the_wheel_holds_the_suite_and_its_proof(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for beside, inside in (("contracts", "_contracts"), ("tests/proof", "_proof")):
        files = {
            f"stepfun_mock/{inside}/{path.relative_to(ROOT / beside).as_posix()}"
            for path in (ROOT / beside).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert {name for name in names if name.startswith(f"stepfun_mock/{inside}/")} == files
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {
        "stepfun_mock"
    }


def test_the_installed_command_checks_from_an_empty_folder(programs: Path, tmp_path: Path) -> None:
    command = (programs / "stepfun-mock", "check")
    assert " (exit code 0)." in " ".join(done(*command, folder=tmp_path).split())
    assert "\nsize.order " in done(*command, "--list", folder=tmp_path)
    assert "sent to https://api.stepfun.ai/v1\n" in done(
        *(*command, "--plan", "live"), folder=tmp_path
    )
    assert list(tmp_path.iterdir()) == []


def test_the_suite_is_in_no_ones_way(programs: Path, tmp_path: Path) -> None:
    code = "import importlib.util as u; print([u.find_spec(n) for n in ('contracts', 'proof')])"
    assert done(programs / "python", "-c", code, folder=tmp_path) == "[None, None]\n"
    code = "import stepfun_mock._proof.strange, stepfun_mock._contracts.command"
    done(programs / "python", "-c", code, folder=tmp_path)


def test_without_the_extra_the_command_says_how_to_get_it(wheel: Path, tmp_path: Path) -> None:
    # What the suite needs is named, and nothing of it is there.
    programs = environment(tmp_path / "venv", str(wheel))
    empty = tmp_path / "empty"
    empty.mkdir()
    for flags in ((), ("--list",), ("--plan", "live"), ("--self-test",)):
        result = run(programs / "stepfun-mock", "check", *flags, folder=empty)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr == (
            "stepfun-mock: check needs hypothesis, httpx, jinja2, PIL, pytest; install them: "
            "pip install 'stepfun-mock[check]'\n"
        )
