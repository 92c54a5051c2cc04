"""Sends requests: within the budget, at a pace, twice where that helps, and written down.

The only road to the target: no test has another, so none can pass the budget.
"""

import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Protocol

from .budget import Budget, SpentError
from .carrier import Carrier
from .exchange import Ask, Exchange, NotCarriedError, Reply, Trouble
from .pace import Pace, retry_after
from .verdict import CannotLookError, Verdict
from .weather import AGAIN, weather

# So many exchanges in a row that say nothing, and there may be nobody left to ask.
_PATIENCE = {Trouble.TIMEOUT: 2, Trouble.NETWORK: 4}
_PATIENCE_WITH_REPLIES = 8
_MOST_TIMEOUTS = 5
_MOST_KEPT = 384 * 1024 * 1024


class Times(Protocol):
    """The time by which a run goes; the mock's own where the mock is the target."""

    def now(self) -> float:
        """Unix seconds."""

    def sleep(self, seconds: float) -> None:
        """Let that much time pass."""


class Dispatch:
    """Sends requests to a target, and keeps every try; for any number of threads.

    Args:
        carrier: Takes requests there.
        budget: How much may be spent.
        pace: How fast.
        times: Tells the time and waits.
    """

    def __init__(self, carrier: Carrier, *, budget: Budget, pace: Pace, times: Times) -> None:
        self.budget = budget
        self.times = times
        self.exchanges: list[Exchange] = []
        self.retries = 0
        self.closed: str | None = None
        """Why nothing is sent any more."""
        self.pulse: Ask | None = None
        """A request that was answered well, to see whether anybody is still there."""
        self.on_exchange: Callable[[Exchange], None] = lambda exchange: None
        """Called after each try, for the progress and the partial report."""
        self._carrier = carrier
        self._pace = pace
        self._kept = 0
        self._timeouts = 0
        self._silent = 0
        self._silent_kind: Trouble | None = None
        self._patience = _PATIENCE_WITH_REPLIES
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def send(
        self, name: str, ask: Ask, *, images: int, link: bool = False, tries: int = 2
    ) -> Exchange:
        """Send, and once more after a 429 or a 503; every try is written down.

        Args:
            name: The id of the probe.
            ask: The request.
            images: Pictures that may be drawn for it.
            link: Whether it fetches a picture, which may lie on another machine and says nothing
                of this one.
            tries: How often it is sent at most.

        Raises:
            CannotLookError: the budget is spent, or nothing is sent any more.
        """
        for again in range(tries):
            exchange = self._once(name, ask, images, again + 1)
            if exchange.reply is None:
                break
            if exchange.reply.status not in AGAIN:
                self._pace.went_well()
                break
            pause = self._pace.slow_down(retry_after(exchange.reply, self.times.now()))
            if again + 1 < tries:
                with self._lock:
                    self.retries += 1
                self.times.sleep(pause)
        if not link:
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
        reply, trouble = self._carried(ask)
        if images and reply is not None and reply.status >= 300:
            self.budget.give_back()
        self._weigh(reply)
        seconds = time.perf_counter() - started
        exchange = Exchange(0, name, ask, reply, trouble, sent_at, seconds, try_)
        with self._lock:
            exchange = replace(exchange, number=len(self.exchanges) + 1)
            self.exchanges.append(exchange)
        self.on_exchange(exchange)
        return exchange

    def _weigh(self, reply: Reply | None) -> None:
        """Keep no more than memory should hold; pictures come to much less."""
        with self._lock:
            self._kept += len(reply.body) if reply is not None else 0
            if self._kept > _MOST_KEPT and self.closed is None:
                self.closed = f"the replies come to more than {_MOST_KEPT >> 20} MiB"

    def _carried(self, ask: Ask) -> tuple[Reply | None, NotCarriedError | None]:
        # Who says 429 is asked one by one from then on.
        with self._turn if self.retries else nullcontext():
            try:
                return self._carrier.carry(ask), None
            except NotCarriedError as trouble:
                return None, trouble

    def _listen(self, exchange: Exchange) -> None:
        """Stop asking a target that has said nothing for a while."""
        reason = weather(exchange)
        with self._lock:
            kind = exchange.trouble.kind if exchange.trouble else None
            same = kind is self._silent_kind
            self._silent = 0 if reason is None else self._silent + 1 if same else 1
            self._silent_kind = kind
            tries = self._silent
            self._timeouts += kind is Trouble.TIMEOUT
        if reason is None:
            return
        if self._timeouts > _MOST_TIMEOUTS and kind is Trouble.TIMEOUT:
            self.closed = f"{self._timeouts} requests got no reply in time; the last: {reason}"
            return
        patience = _PATIENCE.get(kind, self._patience) if kind else self._patience
        # It may fail at what it should refuse, and do the rest well.
        if tries < patience or self._is_alive():
            return
        self.closed = f"after {tries} tries in vain nothing more was sent: {reason}"

    def _is_alive(self) -> bool:
        if self.pulse is None:
            return False
        alive = weather(self._once("is anybody there", self.pulse, 1, 1)) is None
        with self._lock:
            self._silent = 0
            self._patience *= 2
        return alive
