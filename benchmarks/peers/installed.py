"""What comes from npm and PyPI: the newest, installed once, and kept beside the environments."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.environments import alone, cache_folder
from benchmarks.harness import BenchmarkError, done, say

T = TypeVar("T")

_READY = "ready"
# No package is asked to run anything while it is being installed.
_FLAGS = ("--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts")


@dataclass(frozen=True)
class Installed:
    """A package that is there.

    Args:
        version: Its own, and that of what runs it.
        commands: The folder of its commands.
        folder: The folder of the package itself.
    """

    version: str
    commands: Path
    folder: Path


class MissingError(Exception):
    """A package could not be installed; the sentence says why, and names no machine."""


def npm(package: str) -> Installed:
    """A package of npm's.

    Raises:
        MissingError: there is no Node, it does not tell its version, or npm failed.
    """
    for command in ("node", "npm"):
        _need(command)
    folder = cache_folder() / "npm" / package.replace("/", "-")
    if not (folder / _READY).exists():
        say(f"  installing {package} from npm into {folder} (once)")
        flags = ("--prefix", folder, *_FLAGS)
        _told("npm", lambda: done(["npm", "install", *flags, f"{package}@latest"]))
        (folder / _READY).touch()
    modules = folder / "node_modules"
    version = json.loads((modules / package / "package.json").read_text("utf-8"))["version"]
    node = _version("node").removeprefix("v")
    return Installed(f"{version} on Node {node}", modules / ".bin", modules / package)


def jar(package: str) -> Installed:
    """A package of npm's that is a Java archive.

    Raises:
        MissingError: there is no Java or one before 9, no Node, or npm failed.
    """
    _need("java")
    java = _version("java").split()[1]
    there = npm(package)
    return Installed(f"{there.version.split()[0]} on Java {java}", there.commands, there.folder)


def pypi(package: str) -> Installed:
    """A package of PyPI's, in an environment of its own.

    Raises:
        MissingError: pip failed.
    """
    python, version = _told("pip", lambda: alone(package))
    return Installed(version, python.parent, python.parent.parent)


def _need(command: str) -> None:
    if shutil.which(command) is None:
        raise MissingError(f"it needs the command {command}, which is not on this machine")


def _version(command: str) -> str:
    try:
        return done([command, "--version"]).said.strip()
    except BenchmarkError as problem:
        say(f"  {problem}")
        why = f"the command {command} of this machine does not know --version, or is broken"
        raise MissingError(why) from None


def _told(installer: str, install: Callable[[], T]) -> T:
    try:
        return install()
    except BenchmarkError as problem:
        say(f"  {problem}")
        raise MissingError(f"{installer} could not install it") from None
