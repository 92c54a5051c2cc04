"""What the system knows of a process and of those that it started."""

import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU, the kernel's for them included, that they have used."""
    return sum(map(_cpu_seconds, _family(pid)))


def pss_mib(pid: int) -> float:
    """Their memory in MiB; pages that others use too count in part."""
    return sum(map(_pss_mib, _family(pid)))


def open_files(pid: int) -> int:
    """How many files and sockets the process itself holds open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def _family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from _family(int(child))


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _pss_mib(pid: int) -> float:
    (pss,) = (
        line
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        if line.startswith("Pss:")
    )
    return int(pss.split()[1]) / 1024
