"""What was asked and what was answered: the newest entries, and counts that stay exact.

An entry never holds a key, a query string, a picture or the raw body of a request.
"""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

from stepfun_mock.message import ImageRequest, Request, Response

KEPT = 10_000
"""Entries that a journal keeps."""


@dataclass(slots=True)
class Entry:
    """One request and its reply.

    `at` is the mock's time in Unix seconds, `seconds` how long the answer took in real time.
    `image_request` is there when the request was valid, `seed` when a picture was promised or
    drawn, `refusal` (an id of the contract), `message` and `parameter` (the one at fault) when it
    was refused, `fault` when it met one. `status` is 0 where a fault gave the client nothing;
    `spoilt` says how its picture is not as it should be, in the words of `stepfun_mock.pictures`.
    """

    number: int
    at: float
    method: str
    path: str
    status: int = 0
    seconds: float = 0.0
    image_request: ImageRequest | None = None
    seed: int | None = None
    finish_reason: str | None = None
    refusal: str | None = None
    message: str | None = None
    parameter: str | None = None
    fault: str | None = None
    spoilt: str = ""


class Exchange(NamedTuple):
    """One request, its reply and its entry, as watchers see them; nobody keeps the first two.

    The request is as it came, with the key in its headers.
    """

    entry: Entry
    request: Request
    response: Response


class ForgottenError(LookupError):
    """The journal was asked for more than it keeps."""


class Journal:
    """Keeps the newest entries in order, and counts all.

    Args:
        kept: How many entries are kept, from 1.
    """

    def __init__(self, kept: int = KEPT) -> None:
        if kept < 1:
            raise ValueError(f"a journal keeps at least 1 entry, but {kept} came")
        self._entries: deque[Entry] = deque(maxlen=kept)
        self._lock = Lock()
        self.total = 0
        self.statuses: Counter[int] = Counter()
        self.image_requests = 0

    def add(self, entry: Entry) -> None:
        """Keep an entry and count it."""
        with self._lock:
            self.total += 1
            entry.number = self.total
            self.statuses[entry.status] += 1
            self.image_requests += entry.image_request is not None
            self._entries.append(entry)

    def clear(self) -> None:
        """Forget all entries and counts."""
        with self._lock:
            self._entries.clear()
            self.statuses.clear()
            self.total = self.image_requests = 0

    def __repr__(self) -> str:
        return f"<Journal: {self.total} tried, {self.image_requests} valid>"

    def __getitem__(self, place: int) -> Entry:
        """The entry at a place among those kept: 0 is the oldest, -1 the newest."""
        return self._entries[place]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter(tuple(self._entries))

    def requests(self) -> list[ImageRequest]:
        """Every valid request for a picture, oldest first, repeated tries included.

        Raises:
            ForgottenError: some of them are no longer kept; the counts still are.
        """
        entries, forgotten = self.kept_requests()
        self.check_complete(forgotten)
        return [entry.image_request for entry in entries if entry.image_request is not None]

    def kept_requests(self) -> tuple[list[Entry], int]:
        """The entries of valid requests for a picture, oldest first, and how many are forgotten."""
        with self._lock:
            entries, asked = tuple(self._entries), self.image_requests
        found = [entry for entry in entries if entry.image_request is not None]
        return found, asked - len(found)

    def check_complete(self, forgotten: int) -> None:
        """Let an answer pass that needs every valid request, if none is forgotten.

        Raises:
            ForgottenError: some are no longer kept.
        """
        if forgotten:
            raise ForgottenError(
                f"{self.image_requests} valid requests came, but the journal keeps the newest "
                f"{self._entries.maxlen} entries; ask its counts, reset it between tests, "
                "or make it with Journal(kept=...)"
            )
