"""`check` is the same wherever it is called: no settings reach it, and nothing stays behind."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from suite.checking import MODULE, SCRIPT, Done, check

RAISES = "raise RuntimeError('a file of the project was imported')\n"
SHADOWS = (
    "PIL",
    "click",
    "conftest",
    "hypothesis",
    "httpx",
    "jinja2",
    "json",
    "pytest",
    "stepfun_mock",
)
SETTINGS = {
    "pytest.ini": "[pytest]\naddopts = --nonsense -x\npython_files = *.txt\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--more-nonsense"\nminversion = "99"\n',
    "tox.ini": "[pytest]\naddopts = --nonsense\n",
    "setup.cfg": "[tool:pytest]\naddopts = --nonsense\n",
}
VARIABLES = {
    "pytest_addopts": "--nonsense",
    "pytest_plugins": "nonsense",
    "pytest_debug": "1",
    "pytest_disable_plugin_autoload": "",
    "hypothesis_storage_directory": "hypothesis-was-here",
    "ci": "true",
    "tz": "Asia/Kathmandu",
    "lc_all": "C",
}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A project in which nothing of others works."""
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(RAISES, "utf-8")
    for name, text in SETTINGS.items():
        (tmp_path / name).write_text(text, "utf-8")
    for name in ("contracts", "tests", "proof"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(RAISES, "utf-8")
        (tmp_path / name / "conftest.py").write_text(RAISES, "utf-8")
    (tmp_path / "test_nothing.py").write_text(RAISES, "utf-8")
    (tmp_path / "test_words.txt").write_text("no test", "utf-8")
    return tmp_path


def contents(folder: Path) -> dict[Path, bytes | None]:
    """All that is in a folder."""
    return {
        path: path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))
    }


def kept(done: Done) -> bool:
    return done.code == 0 and "The contract is kept: " in done.words


@pytest.mark.parametrize(
    ("command", "path"),
    [(MODULE, ""), (SCRIPT, "."), (SCRIPT, "whole")],
    ids=["module", "path of here", "path of the project"],
)
def test_nothing_of_a_project_reaches_a_check(
    hostile: Path, command: tuple[str, ...], path: str
) -> None:
    # Python itself has to find the command, and here looks first at what the user names.
    for name in ("click", "json", "stepfun_mock") if path else ("stepfun_mock",):
        (hostile / f"{name}.py").unlink()
    before = contents(hostile)
    variables = {**VARIABLES, "pythonpath": str(hostile) if path == "whole" else path}
    done = check("--only", "size.order", "mock", folder=hostile, command=command, **variables)
    assert kept(done), done
    assert contents(hostile) == before


def test_what_hypothesis_tries_leaves_nothing_in_a_project(hostile: Path) -> None:
    before = contents(hostile)
    rules = ("--only", "route.generate", "--only", "seed.type")
    done = check(*rules, "mock", folder=hostile, command=SCRIPT, **VARIABLES)
    assert kept(done), done
    assert contents(hostile) == before


def test_a_check_leaves_nothing_at_home_and_none_of_its_temporary_files(tmp_path: Path) -> None:
    for name in ("here", "home", "temporary", "cache"):
        (tmp_path / name).mkdir()
    before = contents(tmp_path)
    done = check(
        *("--only", "seed.type", "mock"),
        folder=tmp_path / "here",
        home=str(tmp_path / "home"),
        tmpdir=str(tmp_path / "temporary"),
        xdg_cache_home=str(tmp_path / "cache"),
    )
    assert kept(done), done
    assert contents(tmp_path) == before


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[Path]:
    """A folder into which nobody writes."""
    folder = tmp_path / "sealed"
    folder.mkdir()
    folder.chmod(0o555)
    # Permissions do not bind root, but a folder of the system's does.
    yield Path("/proc") if os.access(folder, os.W_OK) and Path("/proc/self").is_dir() else folder
    folder.chmod(0o755)


def test_a_check_needs_no_folder_to_write_into(sealed: Path) -> None:
    assert kept(check("--only", "size.order", folder=sealed, command=SCRIPT))


def test_where_the_folder_is_gone_nothing_is_called_broken(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f'rmdir "{gone}"; exec "$@"'
    command = ("/bin/sh", "-c", script, "sh", *SCRIPT)
    done = check("--only", "size.order", folder=gone, command=command)
    assert (done.code, done.out) == (3, "")
    assert "No such file or directory" in done.err


def test_without_room_for_temporary_files_nothing_is_called_broken(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "missing")
    code = (
        "import tempfile, sys; tempfile._candidate_tempdir_list = lambda: [sys.argv[1]]; "
        "sys.argv[1:2] = []; from stepfun_mock.cli import main; main()"
    )
    done = check("mock", command=(MODULE[0], "-c", code, nowhere, "check"))
    assert done.code == 3
    assert "there is no folder for temporary files: " in done.words
