"""Fills docs/faults.md and docstrings, or prints a column of the table; see the package."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from . import docstrings
from .columns import COLUMNS, fill, missing
from .page import PAGE, filled

_ROOT = Path(__file__).parents[2]
_PYTHONS = {"openai 2": _ROOT / ".venv-openai2" / "bin" / "python"}
_COLUMN_SECONDS = 120


def main() -> None:
    """Do what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.faultclients", description=__doc__)
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--write", action="store_true", help="fill docs/faults.md and docstrings")
    wanted.add_argument("--column", choices=COLUMNS, help="print what this client got, as JSON")
    options = parser.parse_args()
    if options.write:
        cells = {column: asked_apart(column) for column in COLUMNS}
        PAGE.write_text(filled(PAGE.read_text("utf-8"), cells), "utf-8")
        docstrings.write(cells)
        return
    if lack := missing(options.column):
        sys.exit(f"tests.faultclients: {lack}")
    json.dump(fill(options.column), sys.stdout)


def asked_apart(column: str) -> dict[str, str]:
    """Fill a column in a process of its own, in the environment that has the client."""
    python = _PYTHONS.get(column, Path(sys.executable))
    if not python.exists():
        sys.exit(f"tests.faultclients: there is no {python}; `make test` makes it")
    ended = subprocess.run(
        [python, "-m", "tests.faultclients", "--column", column],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_COLUMN_SECONDS,
        check=False,
    )
    if ended.returncode:
        sys.exit(ended.returncode)
    cells: dict[str, str] = json.loads(ended.stdout)
    return cells


if __name__ == "__main__":
    main()
