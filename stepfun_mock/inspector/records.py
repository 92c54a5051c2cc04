"""The newest exchanges, as the page shows them."""

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from functools import cached_property
from math import inf
from threading import Lock, RLock
from typing import TYPE_CHECKING

from stepfun_mock import magic
from stepfun_mock.contract import LINK_PREFIX
from stepfun_mock.inspector.record import Record, recorded
from stepfun_mock.journal import Exchange
from stepfun_mock.message import Request
from stepfun_mock.service import StepfunMock

if TYPE_CHECKING:
    from stepfun_mock.advice import Advisor

KEPT = 10_000
"""Exchanges that are kept."""

KEPT_BYTES = 64 * 1024 * 1024
"""Bytes that are kept of all exchanges together."""

_WAITING_BYTES = 4096


class Records:
    """Keeps the newest exchanges, and tells who listens of each; to be watched by a mock.

    Args:
        mock: Says what must not be written down.
        changed: Is called with each record that is new or has changed.
        forgotten: Is called when all is forgotten; with whether the mock was reset, and not its
            journal alone.
        heard: Whether anybody listens; otherwise exchanges wait until somebody asks.
    """

    def __init__(
        self,
        mock: StepfunMock,
        changed: Callable[[Record], None],
        forgotten: Callable[[bool], None],
        heard: Callable[[], bool] = lambda: True,
    ) -> None:
        self._mock = mock
        self._changed = changed
        self._forgotten = forgotten
        self._heard = heard
        self._keys = mock.choices.api_keys
        self._kept: OrderedDict[int, Record] = OrderedDict()
        self._by_link: dict[str, int] = {}
        # When each link dies, and whose it is, soonest first. A clock may be set back, so that
        # the dead ones stay as long as their records.
        self._expiries: list[tuple[int, int]] = []
        self._bytes = 0
        self._lock = Lock()
        # To read an exchange takes longer than to answer it, and few are ever looked at.
        self._waiting: deque[tuple[Exchange, tuple[str, ...]]] = deque(maxlen=KEPT)
        self._reading = RLock()
        self._busy = False
        self._newest = 0
        mock.watch(self.add, lambda: self.clear(everything=True))

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange; nobody reads it before somebody looks."""
        number = exchange.entry.number
        if number <= self._newest and self._has(number):
            self.clear()  # somebody cleared the journal, which counts from 1 again
        self._newest = max(self._newest, number)
        self._waiting.append((exchange, self._mock.secrets(exchange.request)))
        if self._heard() or _is_long(exchange):
            self._catch_up()

    def _has(self, number: int) -> bool:
        """Whether a number is another's; threads may come in another order than they count."""
        waiting = (exchange.entry.number for exchange, _ in tuple(self._waiting))
        return number in self._kept or number in waiting or self._newest > self._mock.journal.total

    def _catch_up(self) -> None:
        """Read what has come since somebody looked."""
        with self._reading:
            if self._busy:
                return  # who is told of one that was read asks for the others
            self._busy = True
            try:
                while self._waiting:
                    self._read(*self._waiting.popleft())
            finally:
                self._busy = False

    def _read(self, exchange: Exchange, hidden: tuple[str, ...]) -> None:
        key, advice = self._magic_key(exchange.request), self._advisor.consider(exchange)
        record = recorded(exchange, hidden, key, advice)
        with self._lock:
            origin = self._fetched(record)
            self._kept[record.entry.number] = record
            self._bytes += record.size
            if record.link is not None:
                self._by_link[record.link.path] = record.entry.number
                insort(self._expiries, (record.link.expires, record.entry.number))
            while len(self._kept) > KEPT or self._bytes > KEPT_BYTES:
                self._drop_oldest()
        self._changed(record)
        if origin is not None:
            self._changed(origin)

    def _magic_key(self, request: Request) -> str:
        """The key of a request where it is a magic one, and so no secret; empty otherwise."""
        choices = self._mock.choices
        key = magic.key_of(request.headers.get("authorization", "")) if choices.magic_keys else ""
        return "" if key in choices.api_keys else key

    def settle(self) -> None:
        """Forget everything where somebody has cleared the journal, which counts from 1 again."""
        if self._newest > self._mock.journal.total:
            self.clear()

    def clear(self, *, everything: bool = False) -> None:
        """Forget all exchanges.

        Args:
            everything: Whether the mock was reset, and not its journal alone.
        """
        with self._reading, self._lock:
            self._waiting.clear()
            self._kept.clear()
            self._by_link.clear()
            self._expiries.clear()
            self._bytes = self._newest = 0
        self._advisor.clear()
        self._forgotten(everything)

    def __len__(self) -> int:
        self._catch_up()
        return len(self._kept)

    def get(self, number: int) -> Record | None:
        """The record of an entry's number, while it is kept."""
        self._catch_up()
        with self._lock:
            return self._kept.get(number)

    def newest_first(self, before: int | None = None) -> Iterator[Record]:
        """The records, newest first; those before a number alone, where one is given."""
        self._catch_up()
        with self._lock:
            kept = tuple(self._kept.values())
        for record in reversed(kept):
            if before is None or record.entry.number < before:
                yield record

    def next_to_expire(self, now: float) -> tuple[Record | None, int]:
        """Whose link dies first of those that live at `now`, and how many die in that second."""
        self._catch_up()
        with self._lock:
            place = bisect_right(self._expiries, (now, inf))
            if place == len(self._expiries):
                return None, 0
            expires, number = self._expiries[place]
            return self._kept.get(number), bisect_right(self._expiries, (expires, inf)) - place

    @cached_property
    def _advisor(self) -> "Advisor":
        from stepfun_mock.advice import Advisor  # a server is to be there at once

        return Advisor(keys=self._keys)

    def _fetched(self, record: Record) -> Record | None:
        """The record that gave the link which this one fetched."""
        if not record.entry.path.startswith(LINK_PREFIX):
            return None
        number = self._by_link.get(record.entry.path)
        origin = None if number is None else self._kept.get(number)
        if origin is None or origin.link is None or origin.body.blotted:
            record.blot_payload()
        if origin is None or origin.link is None or number is None:
            return None
        record.origin = number
        if record.entry.status == 200:
            origin.link.fetched += 1
        elif moved := dict(record.reply.headers).get("location"):
            self._by_link.pop(origin.link.moved, None)
            origin.link.moved = _path_of(moved)
            self._by_link[origin.link.moved] = number
        return origin

    def _drop_oldest(self) -> None:
        number, record = self._kept.popitem(last=False)
        self._bytes -= record.size
        if record.link is not None:
            del self._expiries[bisect_left(self._expiries, (record.link.expires, number))]
            for path in (record.link.path, record.link.moved):
                if self._by_link.get(path) == number:  # the same may have been given again
                    del self._by_link[path]


def _is_long(exchange: Exchange) -> bool:
    """Whether it takes more than may wait unread."""
    head = len(exchange.request.query) + sum(map(len, exchange.request.headers.values()))
    return len(exchange.request.body) + len(exchange.response.body) + head > _WAITING_BYTES


def _path_of(url: str) -> str:
    return url[url.find(LINK_PREFIX) :].partition("?")[0]
