"""Environments with pytest alone, with the wheel, and with its extra: made once, and kept.

They lie in the user's cache folder, and are made anew when the Python, the pytest or the
project's own needs are others. The wheel is built and installed every time.
"""

import hashlib
import os
import platform
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.harness import ROOT, done, say

NAMES = ("pytest", "base", "respx")
"""Pytest alone; with the wheel; with the wheel and its extra of that name."""

_READY = "ready"
_BY_ITSELF = ("--no-deps", "--quiet")


def environments() -> dict[str, Path]:
    """The interpreter of each environment, byte code present, the wheel as the sources are.

    Raises:
        BenchmarkError: pip could not install something.
    """
    folder = _folder()
    with tempfile.TemporaryDirectory() as empty:
        wheel = _wheel(Path(empty))
        if not (folder / _READY).exists():
            _make(folder, wheel)
        for name in ("base", "respx"):
            _pip(folder, name, *_BY_ITSELF, "--force-reinstall", str(wheel))
    return {name: _python(folder, name) for name in NAMES}


def _folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    made_of = (
        platform.python_version(),
        sys.prefix,
        _pytest(),
        (ROOT / "pyproject.toml").read_text(),
    )
    key = hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:12]
    return Path(home) / "stepfun-mock-benchmarks" / key


def _pytest() -> str:
    return f"pytest=={version('pytest')}"


def _wheel(folder: Path) -> Path:
    flags = (*_BY_ITSELF, "--no-build-isolation", "--wheel-dir", folder)
    done([sys.executable, "-m", "pip", "wheel", ROOT, *flags])
    (built,) = folder.iterdir()
    return built


def _make(folder: Path, wheel: Path) -> None:
    say(f"  setting up environments in {folder} (once)")
    shutil.rmtree(folder.parent, ignore_errors=True)  # those of another Python or pytest too
    wanted = {"pytest": [], "base": [str(wheel)], "respx": [f"{wheel}[respx]"]}
    for name in NAMES:
        done([sys.executable, "-m", "venv", "--without-pip", folder / name])
        _pip(folder, name, "--quiet", _pytest(), *wanted[name])
    (folder / _READY).touch()


def _pip(folder: Path, name: str, *flags: str) -> None:
    target = ("--python", _python(folder, name))
    done([sys.executable, "-m", "pip", *target, "install", "--compile", *flags])


def _python(folder: Path, name: str) -> Path:
    return folder / name / "bin" / "python"
