"""The wheel: what is in it, and that it serves from an environment that has nothing else."""

import json
import os
import re
import subprocess
import sys
import urllib.request
import zipfile
from email.parser import HeaderParser
from importlib.metadata import version
from pathlib import Path

import pytest

from conftest import MINIMAL, opened

ROOT = Path(__file__).parent.parent
VERSION = version("stepfun-mock")
BIN = "Scripts" if os.name == "nt" else "bin"

# What the base install may bring: the three that it names, and what these need.
# typing_extensions comes on the Pythons that lack something of typing.
NEEDED = {"stepfun-mock", "click", "h11", "httptools", "uvicorn"}
ALLOWED = NEEDED | {"typing_extensions", "colorama"}


def done(*command: str | Path, **given: object) -> str:
    """Run a command to its end, and give what it prints."""
    result = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        check=False,
        **given,  # type: ignore[call-overload]
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return str(result.stdout)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this folder."""
    folder = tmp_path_factory.mktemp("wheel")
    flags = ("--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", folder)
    done(sys.executable, "-m", "pip", "wheel", ROOT, *flags)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    done(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / BIN / "python"
    done(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", wheel)
    return folder


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    assert wheel.name == f"stepfun_mock-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name.partition("/")[0] for name in names} == {
        "stepfun_mock",
        f"stepfun_mock-{VERSION}.dist-info",
    }
    moved = {
        "stepfun_mock": "stepfun_mock",
        "contracts": "stepfun_mock/_contracts",
        "tests/proof": "stepfun_mock/_proof",
    }
    sources = {
        f"{inside}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, inside in moved.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if name.startswith("stepfun_mock/")} == sources
    assert "stepfun_mock/py.typed" in sources
    tests = {name for name in names if "/test" in name or name.startswith("test")}
    assert all(name.startswith("stepfun_mock/_contracts/test_") for name in tests)


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    about = f"stepfun_mock-{VERSION}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = HeaderParser().parsestr(archive.read(f"{about}/METADATA").decode())
        commands = archive.read(f"{about}/entry_points.txt").decode()
        assert archive.read(f"{about}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert metadata["Name"] == "stepfun-mock"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"
    assert commands.splitlines() == [
        "[console_scripts]",
        "stepfun-mock = stepfun_mock.cli:main",
        "",
        "[pytest11]",
        "stepfun_mock = stepfun_mock.pytest_plugin",
    ]
    required = metadata.get_all("Requires-Dist", [])
    base = [one.partition(">")[0] for one in required if "extra ==" not in one]
    assert base == ["click", "httptools", "uvicorn"]
    assert metadata.get_all("Provides-Extra") == ["all", "check", "respx"]


def test_the_base_install_is_small(environment: Path) -> None:
    python = environment / BIN / "python"
    listed = done(sys.executable, "-m", "pip", "--python", python, "list", "--format", "json")
    installed = {row["name"] for row in json.loads(listed)}
    assert NEEDED <= installed <= ALLOWED


def test_the_installed_command_serves_a_picture(environment: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [environment / BIN / "stepfun-mock", "serve", "--port", "0"],
        cwd=tmp_path,
        env={"PATH": os.defpath, "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        base_url = process.stdout.readline().rpartition(" ")[2].strip()
        assert base_url.startswith("http://127.0.0.1:")
        request = urllib.request.Request(
            f"{base_url}/images/generations",
            json.dumps({**MINIMAL, "size": "768x1360", "seed": 4}).encode(),
            {"Authorization": "Bearer any-key", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as reply:
            (item,) = json.load(reply)["data"]
        with urllib.request.urlopen(item["url"], timeout=10) as reply:
            picture = opened(reply.read())
        assert (picture.size, picture.info["seed"]) == ((1360, 768), "4")
    finally:
        process.terminate()
        rest, log = process.communicate(timeout=10)
    assert (process.returncode, rest) == (0, "")
    assert log.splitlines()[-1] == "stopped after 2 requests"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("style", ["table", "json", "markdown", "openapi"])
def test_the_installed_command_prints_the_contract(
    environment: Path, tmp_path: Path, style: str
) -> None:
    printed = done(
        *(environment / BIN / "python", "-I", "-m", "stepfun_mock", "contract"),
        *("--format", style),
        cwd=tmp_path,
        env={"PATH": os.defpath, "HOME": str(tmp_path)},
    )
    assert "step-image-edit-2" in printed


def test_a_project_made_of_the_readmes_text_passes_its_first_test(
    wheel: Path, tmp_path: Path
) -> None:
    python = tmp_path / "venv" / BIN / "python"
    done(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv")
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
    done(*pip, wheel, "pytest", "openai")
    project = tmp_path / "project"
    project.mkdir()
    readme = (ROOT / "README.md").read_text("utf-8")
    (example,) = re.findall(r"^```python test\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    (project / "test_first.py").write_text(example, "utf-8")
    home = {"PATH": os.defpath, "HOME": str(tmp_path)}
    told = done(python, "-m", "pytest", "-W", "error", cwd=project, env=home)
    assert f"stepfun-mock: {VERSION}" in told
    assert (
        "stepfun-mock: 4 pictures asked for in 2 tests, 2 drawn; live they would have cost "
        "0.006 USD or 0.040 CNY" in told
    )
    assert "2 passed" in told
