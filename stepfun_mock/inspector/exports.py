"""The session as a file: as JSON of our own, and as HAR 1.2.

It is written record by record, and between two of them others are answered: all records together
take seconds.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from stepfun_mock.inspector.details import exchanged
from stepfun_mock.inspector.har import har_entry
from stepfun_mock.inspector.record import Record


def session(records: Sequence[Record], version: str) -> AsyncIterator[bytes]:
    """All that is kept of each exchange.

    Args:
        records: Oldest first.
        version: That of this package.
    """
    return _written({"version": version}, "requests", records, exchanged)


def archive(records: Sequence[Record], version: str) -> AsyncIterator[bytes]:
    """The exchanges as HAR.

    Args:
        records: Oldest first.
        version: That of this package.
    """
    creator = {"name": "stepfun-mock", "version": version}
    log = {"version": "1.2", "creator": creator}
    return _written(log, "entries", records, har_entry, around="log")


async def _written(
    head: dict[str, Any],
    name: str,
    records: Sequence[Record],
    shown: Callable[[Record], dict[str, Any]],
    around: str = "",
) -> AsyncIterator[bytes]:
    """An object with a list of records under a name of its own, at its end."""
    start, end = f"{_text(head)[:-1]},{_text(name)}:[", "]}"
    if around:
        start, end = f"{{{_text(around)}:{start}", f"{end}}}"
    comma = ""
    for record in records:
        yield _bytes(f"{start}{comma}{_text(shown(record))}")
        start, comma = "", ","
        await asyncio.sleep(0)
    yield _bytes(f"{start}{end}")


def _text(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _bytes(text: str) -> bytes:
    # Half of a surrogate pair, which a path can hold, has no UTF-8.
    return text.encode("utf-8", "replace")
