"""What a page asks of the list: how many rows, between which, and which of them."""

import re
from collections.abc import Callable
from typing import NoReturn
from urllib.parse import parse_qsl

from stepfun_mock.errors import RefusedError
from stepfun_mock.inspector.record import Record
from stepfun_mock.inspector.rows import KINDS, kind_of
from stepfun_mock.inspector.text import unescaped
from stepfun_mock.refusals import PARAMETER_REFUSED

_SHOWN, _MOST = 50, 500
_NUMBER = re.compile(r"[0-9]{1,15}")
_STATUS = re.compile(r"[1-5](?:[0-9]{2}|xx)|none")


class Question:
    """The query of a list: `limit` (from 1 to 500), `before` and `after` (numbers), `status`,
    `kind` and `text`.

    Args:
        query: As it stands in the address.

    Raises:
        RefusedError: `parameter.refused` for a value that makes no sense.
    """

    def __init__(self, query: str) -> None:
        asked = dict(parse_qsl(query))
        self.limit = _whole(asked, "limit", _SHOWN)
        """How many rows are wanted."""
        if not 1 <= self.limit <= _MOST:
            _refuse(f"limit is a whole number from 1 to {_MOST}, but {self.limit} came")
        self.before = _whole(asked, "before", 0) if "before" in asked else None
        """The number that all of them are below; None for any."""
        self.fits = _filter(asked)
        """Whether a record is one of those that are wanted."""


def _filter(asked: dict[str, str]) -> Callable[[Record], bool]:
    status, text, kind = (asked.get(name, "") for name in ("status", "text", "kind"))
    if status and not _STATUS.fullmatch(status):
        _refuse(f'status is 2xx, 4xx, 5xx, none or a number such as 429, but "{status[:16]}" came')
    if kind and kind not in KINDS:
        known = f"{', '.join(KINDS[:-1])} or {KINDS[-1]}"
        _refuse(f'kind is {known}, but "{kind[:16]}" came; leave it out for all of them')
    after = _whole(asked, "after", 0)
    wanted = "0" if status == "none" else status.removesuffix("xx")
    words = text.casefold()

    def fits(record: Record) -> bool:
        entry = record.entry
        return (
            entry.number > after
            and str(entry.status).startswith(wanted)
            and (not kind or kind_of(entry.path) == kind)
            and (not words or words in _words(record))
        )

    return fits


def _words(record: Record) -> str:
    """All the text of an exchange that people look for."""
    entry = record.entry
    prompt = entry.image_request.prompt if entry.image_request else ""  # as people write it
    seed = "" if entry.seed is None else str(entry.seed)
    found = (prompt, entry.path, entry.message or "", entry.fault or "", seed)
    advice = (one.message for one in record.advice)
    sent = record.body.text
    body = unescaped(sent) if "\\u" in sent else sent  # many clients escape what is not ASCII
    return "\n".join((body, *found, *advice)).casefold()


def _whole(asked: dict[str, str], name: str, default: int) -> int:
    text = asked.get(name, str(default))
    if not _NUMBER.fullmatch(text):
        _refuse(f'{name} is a whole number, but "{text[:16]}" came')
    return int(text)


def _refuse(message: str) -> NoReturn:
    raise RefusedError(PARAMETER_REFUSED, message)
