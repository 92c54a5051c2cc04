"""The examples: each stands by itself, and needs what their README says and no more.

That they work is told by their own tests, which run beside these.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
README = (EXAMPLES / "README.md").read_text("utf-8")
FOLDERS = sorted(path.parent.name for path in EXAMPLES.glob("*/test_*.py"))


def rows() -> dict[str, list[str]]:
    """The table of the README: cells by folder."""
    found = re.findall(r"^\| `(\w+)` \|(.*)\|$", README, re.MULTILINE)
    return {folder: [cell.strip() for cell in rest.split(" | ")] for folder, rest in found}


def imports(file: Path) -> set[str]:
    """The packages that a file imports from, the standard library left out."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).partition(".")[0])
    return found - sys.stdlib_module_names


def test_the_readme_is_one_page_with_a_row_for_each_example() -> None:
    assert len(README.splitlines()) <= 40
    assert sorted(rows()) == FOLDERS


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_row_names_the_application_the_fixture_and_what_to_install(folder: str) -> None:
    application, fixture, _, needs = rows()[folder]
    files = sorted((EXAMPLES / folder).glob("*.py"))
    (test,) = [file for file in files if file.name.startswith("test_")]
    assert (EXAMPLES / folder / application.split("`")[1]).is_file()
    assert f"({fixture.strip('`')}:" in test.read_text("utf-8")
    installed = {"pytest", "stepfun_mock"}
    for names in re.findall(r"`([^`]+)`", needs):
        installed |= set(names.replace("-", "_").split())
    applications = {file.stem for file in files if file != test}
    assert set().union(*map(imports, files)) == installed | applications


def test_they_pass_outside_the_repository_without_a_key(tmp_path: Path) -> None:
    for folder in FOLDERS:
        left_behind = shutil.ignore_patterns("__pycache__")
        shutil.copytree(EXAMPLES / folder, tmp_path / folder, ignore=left_behind)
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=tmp_path,
        env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "StepfunAdviceWarning" not in ended.stdout
