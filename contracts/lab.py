"""Sends what the tests ask for: once, within the budget, at a pace, and written down.

The only road to the target: no test has another, so none can pass the budget.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from typing import Protocol
from urllib.parse import urljoin

from .album import Album
from .budget import Budget, SpentError
from .carrier import Carrier
from .exchange import Ask, Exchange, NotCarriedError, Reply, Trouble
from .key import KeyUse
from .pace import Pace, retry_after
from .probe import JSON_TYPE, Probe, encoded
from .shot import Shot, read
from .target import Target
from .verdict import CannotLookError, Verdict
from .weather import AGAIN, unusable, weather

# So many exchanges in a row that say nothing, and there may be nobody left to ask.
_PATIENCE = {Trouble.TIMEOUT: 2, Trouble.NETWORK: 4}
_PATIENCE_WITH_REPLIES = 8
_OPENING_TRIES = 3
_HOPS = 3
# How often a request that should be refused is asked again after a 500, and for how many of them.
_INSISTING = 2
_STUBBORN = 2
_LINKS_IN_VAIN = 3
_TOGETHER = 4


class Times(Protocol):
    """The time by which a run goes; the mock's own where the mock is the target."""

    def now(self) -> float:
        """Unix seconds."""

    def sleep(self, seconds: float) -> None:
        """Let that much time pass."""


class Lab:
    """Asks a target, and keeps what it answered.

    Args:
        target: What is asked.
        carrier: Takes requests there.
        budget: How much may be spent.
        pace: How fast.
        times: Tells the time and waits.
        on_exchange: Called after each try, for the progress and the partial report.
    """

    def __init__(
        self,
        target: Target,
        carrier: Carrier,
        *,
        budget: Budget,
        pace: Pace,
        times: Times,
        on_exchange: Callable[[Exchange], None] = lambda exchange: None,
    ) -> None:
        self.target = target
        self.times = times
        self.exchanges: list[Exchange] = []
        self.closed: str | None = None
        self.retries = 0
        self.budget = budget
        self._carrier = carrier
        self._pace = pace
        self.on_exchange = on_exchange
        self._seen: dict[str, Exchange] = {}
        self._asked: dict[str, Mapping[str, object]] = {}
        self.stubborn: set[str] = set()
        self._stubborn = 0
        self._links_in_vain = 0
        self._silent = 0
        self._patience = _PATIENCE_WITH_REPLIES
        self._pulse: Probe | None = None
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self.album = Album(self.fetch)

    # Asking -----------------------------------------------------------------------

    def open(self, first: Iterable[Probe]) -> str | None:
        """See whether there is an API at all; what is asked for it counts as asked.

        Returns:
            Why there is none, in a sentence.
        """
        for probe in first:
            self._pulse = probe
            for again in range(_OPENING_TRIES):
                try:
                    exchange = self._sent(probe)
                except CannotLookError as cannot:
                    self.closed = self.closed or cannot.reason
                    return self.closed
                reason = unusable(exchange, self.target.base_url, draws=probe.draws)
                if reason is None or not _may_pass(exchange):
                    break
                if again + 1 < _OPENING_TRIES:
                    self.times.sleep(2.0**again)
                    self._seen.pop(probe.id, None)
            if reason is not None:
                self.closed = reason
                return reason
        return None

    def look(self, probe: Probe) -> Exchange:
        """What the target answers to a probe.

        Raises:
            CannotLookError: it says nothing of the contract, or nothing more may be asked.
        """
        exchange = self._seen.get(probe.id) or self._sent(probe)
        if (reason := weather(exchange)) is not None:
            raise CannotLookError(Verdict.INCONCLUSIVE, reason)
        return exchange

    def look_together(self, probes: Iterable[Probe]) -> None:
        """Ask several, at once where that may be; what came is there for those who look."""

        def ask(probe: Probe) -> None:
            try:
                self._sent(probe)
            except CannotLookError:
                return  # whoever looks at this probe meets the reason again

        waiting = [probe for probe in probes if probe.id not in self._seen]
        for probe in waiting:
            if probe.alone:
                ask(probe)
        with ThreadPoolExecutor(_TOGETHER) as pool:
            list(pool.map(ask, [probe for probe in waiting if not probe.alone]))

    def shot(self, probe: Probe) -> Shot | None:
        """The reply of an accepted request for a picture, read; None where it was refused.

        Raises:
            CannotLookError: as `look` does.
        """
        exchange = self.look(probe)
        if exchange.reply is None or exchange.reply.status >= 300:
            return None
        return read(probe, exchange, self._asked[probe.id])

    def fetch(self, url: str, name: str) -> Exchange:
        """Fetch a picture link, without the key; follows a few redirects.

        Raises:
            CannotLookError: as `look` does.
        """
        for _ in range(_HOPS + 1):
            if self._links_in_vain >= _LINKS_IN_VAIN:
                raise CannotLookError(Verdict.INCONCLUSIVE, "the links before could not be fetched")
            exchange = self._tried(name, Ask("GET", url, key=KeyUse.NONE), images=0, link=True)
            reason = weather(exchange)
            self._links_in_vain = self._links_in_vain + 1 if reason else 0
            if reason is not None:
                raise CannotLookError(Verdict.INCONCLUSIVE, f"the link: {reason}")
            where = exchange.reply and exchange.reply.header("location")
            if not where or not 300 <= exchange.reply.status < 400:  # type: ignore[union-attr]
                break
            url = urljoin(url, where)
        return exchange

    # Sending ------------------------------------------------------------------------

    def _sent(self, probe: Probe) -> Exchange:
        fields = probe.fields or {}
        body = probe.body
        if probe.seed_of is not None:
            fields = {**fields, "seed": self._drawn(probe.seed_of)}
            body = encoded(fields)
        base = self.target.root if probe.rooted else self.target.base_url
        ask = Ask(probe.method, f"{base}{probe.path}", probe.headers, body, probe.key)
        exchange = self._tried(probe.id, ask, images=int(probe.draws or probe.may_draw))
        if not probe.draws and _failed(exchange) and self._stubborn < _STUBBORN:
            # One failure is weather. What fails each time it is asked has a fault.
            for _ in range(_INSISTING):
                exchange = self._tried(probe.id, ask, images=1) if _failed(exchange) else exchange
            if _failed(exchange):
                self._stubborn += 1
                self.stubborn.add(probe.id)
        self._asked[probe.id] = fields
        self._seen[probe.id] = exchange
        return exchange

    def _drawn(self, probe_id: str) -> object:
        exchange = self._seen.get(probe_id)
        seed = None
        if exchange is not None and exchange.reply is not None and weather(exchange) is None:
            shot = read(Probe(id=probe_id), exchange, {})
            seed = shot.item.get("seed")
        if type(seed) is not int:
            raise CannotLookError(Verdict.INCONCLUSIVE, "no drawn seed came to be repeated")
        return seed

    def _tried(self, name: str, ask: Ask, *, images: int, link: bool = False) -> Exchange:
        """Send, and once more after a 429 or a 503; both tries are written down."""
        exchange = self._once(name, ask, images, 1)
        if exchange.reply is not None and exchange.reply.status not in AGAIN:
            self._pace.went_well()
        elif exchange.reply is not None:
            pause = self._pace.slow_down(retry_after(exchange.reply, self.times.now()))
            self.retries += 1
            self.times.sleep(pause)
            exchange = self._once(name, ask, images, 2)
        if not link:  # pictures may lie on another machine, which says nothing of this one
            self._listen(exchange)
        return exchange

    def _once(self, name: str, ask: Ask, images: int, try_: int) -> Exchange:
        if self.closed is not None:
            raise CannotLookError(Verdict.INCONCLUSIVE, self.closed)
        try:
            self.budget.reserve(images)
        except SpentError as spent:
            raise CannotLookError(Verdict.NOT_RUN, str(spent)) from None
        self._pace.wait()
        sent_at, started = self.times.now(), time.perf_counter()
        reply: Reply | None = None
        trouble: NotCarriedError | None = None
        try:
            # Who says 429 is asked one by one from then on.
            with self._turn if self.retries else nullcontext():
                reply = self._carrier.carry(ask)
        except NotCarriedError as problem:
            trouble = problem
        if images and reply is not None and reply.status >= 300:
            self.budget.give_back()
        seconds = time.perf_counter() - started
        exchange = Exchange(0, name, ask, reply, trouble, sent_at, seconds, try_)
        with self._lock:
            exchange = replace(exchange, number=len(self.exchanges) + 1)
            self.exchanges.append(exchange)
        self.on_exchange(exchange)
        return exchange

    def _listen(self, exchange: Exchange) -> None:
        """Stop asking a target that has said nothing for a while."""
        reason = weather(exchange)
        with self._lock:
            self._silent = 0 if reason is None else self._silent + 1
            tries = self._silent
        if reason is None:
            return
        if exchange.trouble is None:
            # It may fail at what it should refuse, and do the rest well.
            if tries < self._patience or self._is_alive():
                return
        elif tries < _PATIENCE.get(exchange.trouble.kind, _PATIENCE_WITH_REPLIES):
            return
        self.closed = f"after {tries} tries in vain nothing more was sent: {reason}"

    def _is_alive(self) -> bool:
        if self._pulse is None:
            return False
        ask = Ask(
            "POST", f"{self.target.base_url}{self._pulse.path}", (JSON_TYPE,), self._pulse.body
        )
        alive = weather(self._once("is anybody there", ask, 1, 1)) is None
        with self._lock:
            self._silent = 0
            self._patience *= 2
        return alive


def _failed(exchange: Exchange) -> bool:
    return exchange.reply is not None and exchange.reply.status == 500


def _may_pass(exchange: Exchange) -> bool:
    """Whether a second try may end better: not where nobody listens, or the key is refused."""
    return exchange.reply is not None and exchange.reply.status in (429, 500, 502, 503, 504)
