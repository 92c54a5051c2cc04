"""What the page keeps of each exchange beside its entry: never a key, never a picture."""

import re
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from sys import getsizeof
from threading import Lock, RLock
from typing import TYPE_CHECKING

from stepfun_mock.contract import LINK_PREFIX
from stepfun_mock.inspector.text import (
    Headers,
    Text,
    headers_of,
    query_of,
    reply_of,
    text_of,
    without_payload,
)
from stepfun_mock.journal import Entry, Exchange
from stepfun_mock.keys import blot
from stepfun_mock.service import StepfunMock

if TYPE_CHECKING:
    from stepfun_mock.advice import Advice, Advisor

KEPT = 10_000
"""Exchanges that are kept."""

KEPT_BYTES = 64 * 1024 * 1024
"""Bytes that are kept of all exchanges together."""

_WAITING_BYTES = 4096
_BESIDE = 2048  # bytes of a record beside its texts
_LINK = re.compile(r'"url":"([^"]*?(/image_gen/[^"?]*)\?[^"]*?expires=([0-9]{1,20})[^"]*)"')


@dataclass(slots=True)
class Link:
    """A link that was given: when it dies, in Unix seconds, and how often it was fetched.

    `path` is where it leads, `moved` where a redirection led the last who came.
    """

    url: str
    path: str
    expires: int
    fetched: int = 0
    moved: str = ""


@dataclass(slots=True)
class Record:
    """One exchange. `base` is scheme and host that the client used; `origin` the number of the
    request whose link was fetched; `size` about how many bytes it takes."""

    entry: Entry
    base: str
    query: str
    headers: Headers
    body: Text
    reply_headers: Headers
    reply: Text
    advice: "tuple[Advice, ...]"
    link: Link | None = None
    origin: int | None = None
    size: int = field(init=False)

    def __post_init__(self) -> None:
        """Reckon, once, about how many bytes it takes."""
        texts = [self.body.text, self.reply.text, self.base, self.query]
        texts += (value for headers in (self.headers, self.reply_headers) for _, value in headers)
        self.size = _BESIDE + sum(map(getsizeof, texts))


class Records:
    """Keeps the newest exchanges, and tells who listens of each; to be watched by a mock.

    Args:
        mock: Says what must not be written down.
        changed: Is called with each record that is new or has changed.
        forgotten: Is called when all is forgotten.
        heard: Whether anybody listens; otherwise exchanges wait until somebody asks.
    """

    def __init__(
        self,
        mock: StepfunMock,
        changed: Callable[[Record], None],
        forgotten: Callable[[], None],
        heard: Callable[[], bool] = lambda: True,
    ) -> None:
        self._mock = mock
        self._changed = changed
        self._forgotten = forgotten
        self._heard = heard
        self._keys = mock.choices.api_keys
        self._kept: OrderedDict[int, Record] = OrderedDict()
        self._by_link: dict[str, int] = {}
        self._bytes = 0
        self._lock = Lock()
        # To read an exchange takes longer than to answer it, and few are ever looked at.
        self._waiting: deque[tuple[Exchange, tuple[str, ...]]] = deque(maxlen=KEPT)
        self._reading = RLock()
        self._busy = False
        self._newest = 0
        mock.watch(self.add, self.clear)

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
        record = self._record(exchange, hidden)
        with self._lock:
            origin = self._fetched(record)
            self._kept[record.entry.number] = record
            self._bytes += record.size
            if record.link is not None:
                self._by_link[record.link.path] = record.entry.number
            while len(self._kept) > KEPT or self._bytes > KEPT_BYTES:
                self._drop_oldest()
        self._changed(record)
        if origin is not None:
            self._changed(origin)

    def settle(self) -> None:
        """Forget everything where somebody has cleared the journal, which counts from 1 again."""
        if self._newest > self._mock.journal.total:
            self.clear()

    def clear(self) -> None:
        """Forget everything."""
        with self._reading, self._lock:
            self._waiting.clear()
            self._kept.clear()
            self._by_link.clear()
            self._bytes = self._newest = 0
        self._advisor.clear()
        self._forgotten()

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

    def next_to_expire(self, now: float) -> Record | None:
        """Whose link dies first of those that live at `now`."""
        living = [
            record for record in self.newest_first() if record.link and record.link.expires > now
        ]
        return min(living, key=_expires, default=None)

    @cached_property
    def _advisor(self) -> "Advisor":
        from stepfun_mock.advice import Advisor  # a server is to be there at once

        return Advisor(keys=self._keys)

    def _record(self, exchange: Exchange, hidden: tuple[str, ...]) -> Record:
        entry, request, response = exchange
        body = text_of(request.body, hidden)
        reply = reply_of(response.body, response.headers, hidden)
        if body.blotted:
            # A link holds the prompt, and so perhaps what was blotted out of it.
            reply.text = without_payload(reply.text)
        link = None
        if entry.status == 200 and request.method == "POST" and (found := _LINK.search(reply.text)):
            link = Link(found[1], found[2], int(found[3]))
        return Record(
            entry,
            blot(f"{request.scheme}://{request.headers.get('host', '')}", hidden),
            query_of(request.query, hidden),
            headers_of(request.headers, hidden),
            body,
            response.headers,
            reply,
            self._advisor.consider(exchange),
            link,
        )

    def _fetched(self, record: Record) -> Record | None:
        """The record that gave the link which this one fetched."""
        if not record.entry.path.startswith(LINK_PREFIX):
            return None
        number = self._by_link.get(record.entry.path)
        origin = None if number is None else self._kept.get(number)
        if origin is None or origin.link is None or origin.body.blotted:
            _blot_payload(record)
        if origin is None or origin.link is None or number is None:
            return None
        record.origin = number
        if record.entry.status == 200:
            origin.link.fetched += 1
        elif moved := dict(record.reply_headers).get("location"):
            self._by_link.pop(origin.link.moved, None)
            origin.link.moved = _path_of(moved)
            self._by_link[origin.link.moved] = number
        return origin

    def _drop_oldest(self) -> None:
        number, record = self._kept.popitem(last=False)
        self._bytes -= record.size
        if record.link is not None:
            for path in (record.link.path, record.link.moved):
                if self._by_link.get(path) == number:  # the same may have been given again
                    del self._by_link[path]


def _is_long(exchange: Exchange) -> bool:
    """Whether it takes more than may wait unread."""
    head = len(exchange.request.query) + sum(map(len, exchange.request.headers.values()))
    return len(exchange.request.body) + len(exchange.response.body) + head > _WAITING_BYTES


def _expires(record: Record) -> int:
    assert record.link is not None
    return record.link.expires


def _path_of(url: str) -> str:
    return url[url.find(LINK_PREFIX) :].partition("?")[0]


def _blot_payload(record: Record) -> None:
    """Leave out what a link says of a prompt, which may hold a key, where nobody can tell."""
    record.query = without_payload(record.query)
    record.reply_headers = tuple(
        (name, without_payload(value)) for name, value in record.reply_headers
    )
