"""Environments with pytest alone, with the wheel, and with what else it takes: made once, and kept.

They lie in the user's cache folder, and are made anew when the Python, the pytest or the
project's own needs are others. The wheel is built and installed every time.
"""

import hashlib
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.harness import ROOT, BenchmarkError, done, say

NAMES = ("pytest", "base", "respx")
"""Pytest alone; with the wheel; with the wheel and its extra of that name."""

SCHEMATHESIS = "schemathesis"
"""The wheel with its extra `check`, and Schemathesis, which no other environment has."""

FIXTURES, OPENAI = "fixtures", "openai"
"""The wheel and a client, httpx or the last openai that stands on it; fixtures are `added`."""

SERVERS = "servers"
"""The wheel, and what the floors beside it stand on: what no installation brings is not there."""

_READY = "ready"
_STALE_SECONDS = 7 * 86400
_BY_ITSELF = ("--no-deps", "--quiet")


def environments(names: Sequence[str] = NAMES) -> dict[str, Path]:
    """The interpreter of each environment, byte code present, the wheel as the sources are.

    Args:
        names: Those that are needed; any of the names above.

    Raises:
        BenchmarkError: pip could not install something.
    """
    folder = cache_folder()
    with tempfile.TemporaryDirectory() as empty:
        wheel = _wheel(Path(empty))
        for name in names:
            if not (folder / name / _READY).exists():
                _make(folder, name, _wanted(name, wheel))
            if name != "pytest":
                _pip(folder, name, *_BY_ITSELF, "--force-reinstall", str(wheel))
    return {name: _python(folder, name) for name in names}


def added(name: str, package: str) -> str:
    """The version of a package in an environment; what is not there yet is installed.

    Args:
        name: The environment, which is there.
        package: As the registry calls it.

    Raises:
        BenchmarkError: pip could not install it.
    """
    try:
        return version_in(name, package)
    except BenchmarkError:
        _pip(cache_folder(), name, "--quiet", package)
    return version_in(name, package)


def version_in(name: str, package: str) -> str:
    """The version of a package in an environment.

    Raises:
        BenchmarkError: it is not there.
    """
    code = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
    return done([_python(cache_folder(), name), "-c", code, package]).said.strip()


def versions_in(name: str, packages: Sequence[str]) -> list[str]:
    """Packages with their versions in an environment; none where it was never made."""
    if not (cache_folder() / name / _READY).exists():
        return []
    return [f"{package} {version_in(name, package)}" for package in packages]


def alone(package: str) -> tuple[Path, str]:
    """The interpreter of an environment with the newest of one package, and its version.

    Args:
        package: As the registry calls it; the environment bears its name.

    Raises:
        BenchmarkError: pip could not install it.
    """
    folder = cache_folder()
    if not (folder / package / _READY).exists():
        _make(folder, package, [package])
    return _python(folder, package), version_in(package, package)


def cache_folder() -> Path:
    """Where everything lies that these interpreters, this pytest and these needs go with."""
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


def _wanted(name: str, wheel: Path) -> list[str]:
    added_to_pytest = {
        "pytest": [],
        "base": [str(wheel)],
        "respx": [f"{wheel}[respx]"],
        SCHEMATHESIS: [f"{wheel}[check]", "schemathesis>=4,<5"],
        FIXTURES: [str(wheel), "httpx"],
        OPENAI: [str(wheel), "openai>=2,<3"],
        SERVERS: [str(wheel), "starlette"],
    }
    return [_pytest(), *added_to_pytest[name]]


def _make(folder: Path, name: str, wanted: Sequence[str]) -> None:
    say(f"  setting up the environment {folder / name} (once)")
    _remove_others(folder)
    done([sys.executable, "-m", "venv", "--clear", "--without-pip", folder / name])
    _pip(folder, name, "--quiet", *wanted)
    (folder / name / _READY).touch()


def _remove_others(folder: Path) -> None:
    """Remove what nothing was made in for a week: of another Python, or of other needs."""
    folder.mkdir(parents=True, exist_ok=True)
    for other in folder.parent.iterdir():
        # Another clone of the project may be measuring right now.
        if other != folder and time.time() - other.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(other, ignore_errors=True)


def _pip(folder: Path, name: str, *flags: str) -> None:
    target = ("--python", _python(folder, name))
    done([sys.executable, "-m", "pip", *target, "install", "--compile", *flags])


def _python(folder: Path, name: str) -> Path:
    return folder / name / "bin" / "python"
