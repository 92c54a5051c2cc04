"""Asks what the tests want to know, once each, and keeps what came."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from urllib.parse import urljoin

from .album import Album
from .dispatch import Dispatch
from .exchange import Ask, Exchange
from .key import KeyUse
from .probe import Probe, encoded
from .shot import Shot, read
from .target import Target
from .verdict import CannotLookError, Verdict
from .weather import unusable, weather

_OPENING_TRIES = 3
_HOPS = 3
_LINKS_IN_VAIN = 3
# Seconds for a reply that needs no picture drawn.
_FREE_SECONDS = 10.0
_TOGETHER = 4


class Lab:
    """Asks a target, and keeps what it answered.

    Args:
        target: What is asked.
        dispatch: Sends requests there, within the budget.
    """

    def __init__(self, target: Target, dispatch: Dispatch) -> None:
        self.target = target
        self.dispatch = dispatch
        self.album = Album(self.fetch)
        self._seen: dict[str, Exchange] = {}
        self._asked: dict[str, Mapping[str, object]] = {}
        self._shots: dict[str, Shot] = {}
        self._links_in_vain = 0

    @property
    def exchanges(self) -> list[Exchange]:
        """Every try so far, in the order in which they ended."""
        return self.dispatch.exchanges

    # Asking -----------------------------------------------------------------------

    def open(self, first: Iterable[Probe]) -> str | None:
        """See whether there is an API at all; what is asked for it counts as asked.

        Returns:
            Why there is none, in a sentence.
        """
        for probe in first:
            try:
                exchange = self._opened(probe)
            except CannotLookError as cannot:
                return self._close(cannot.reason)
            reason = unusable(exchange, self.target.base_url, draws=probe.draws)
            # Who fails each time at what should be refused may still draw.
            if reason is not None and not (_failed(exchange) and not probe.draws):
                return self._close(reason)
            self.dispatch.pulse = self._ask(probe, probe.body)
        return None

    def _opened(self, probe: Probe) -> Exchange:
        """What comes of the first requests: whatever may pass is tried three times in all."""
        left, pause = _OPENING_TRIES, 1.0
        while True:
            before = len(self.exchanges)
            exchange = self._sent(probe, tries=left)
            left -= len(self.exchanges) - before
            if left <= 0 or not _may_pass(exchange):
                return exchange
            self.dispatch.times.sleep(pause)
            pause *= 2

    def _close(self, reason: str) -> str:
        self.dispatch.closed = self.dispatch.closed or reason
        return self.dispatch.closed

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
        """Ask several in their order, neighbours at once where that may be; who looks finds it."""

        def ask(probe: Probe) -> None:
            try:
                self._sent(probe)
            except CannotLookError:
                return  # whoever looks at this probe meets the reason again

        waiting = [probe for probe in probes if probe.id not in self._seen]
        for alone, group in groupby(waiting, key=lambda probe: probe.alone):
            with ThreadPoolExecutor(1 if alone else _TOGETHER) as pool:
                list(pool.map(ask, group))

    def shot(self, probe: Probe) -> Shot | None:
        """The reply of an accepted request for a picture, read; None where it was refused.

        Raises:
            CannotLookError: as `look` does.
        """
        exchange = self.look(probe)
        if exchange.reply is None or exchange.reply.status >= 300:
            return None
        if probe.id not in self._shots:
            self._shots[probe.id] = read(probe, exchange, self._asked[probe.id])
        return self._shots[probe.id]

    def fetch(self, url: str, name: str) -> Exchange:
        """Fetch a picture link, without the key; follows a few redirects.

        Raises:
            CannotLookError: as `look` does.
        """
        for _ in range(_HOPS + 1):
            if self._links_in_vain >= _LINKS_IN_VAIN:
                raise CannotLookError(Verdict.INCONCLUSIVE, "the links before could not be fetched")
            ask = Ask("GET", url, key=KeyUse.NONE)
            exchange = self.dispatch.send(name, ask, images=0, link=True)
            reason = weather(exchange)
            self._links_in_vain = self._links_in_vain + 1 if reason else 0
            if reason is not None:
                raise CannotLookError(Verdict.INCONCLUSIVE, f"the link: {reason}")
            where = exchange.reply and exchange.reply.header("location")
            if not where or not 300 <= exchange.reply.status < 400:  # type: ignore[union-attr]
                break
            try:
                url = urljoin(url, where)
            except ValueError:
                break  # it leads nowhere, so the redirect is what came
        return exchange

    # Sending ------------------------------------------------------------------------

    def _sent(self, probe: Probe, tries: int = 2) -> Exchange:
        fields = probe.fields or {}
        body = probe.body
        if probe.seed_of is not None:
            fields = {**fields, "seed": self._drawn(probe.seed_of)}
            body = encoded(fields)
        ask = self._ask(probe, body)
        exchange = self.dispatch.send(probe.id, ask, images=probe.images, tries=tries)
        self._asked[probe.id] = fields
        self._seen[probe.id] = exchange
        return exchange

    def _ask(self, probe: Probe, body: bytes) -> Ask:
        base = self.target.root if probe.rooted else self.target.base_url
        seconds = None if probe.images else _FREE_SECONDS
        return Ask(
            probe.method, f"{base}{probe.path}", probe.headers, body, probe.key, seconds=seconds
        )

    def again(self, probe: Probe) -> Exchange:
        """Ask what was asked before, and keep to what came first.

        Raises:
            CannotLookError: nothing more may be asked.
        """
        return self.dispatch.send(probe.id, self._ask(probe, probe.body), images=probe.images)

    def _drawn(self, probe_id: str) -> object:
        exchange = self._seen.get(probe_id)
        seed = None
        if exchange is not None and exchange.reply is not None and weather(exchange) is None:
            shot = read(Probe(id=probe_id), exchange, {})
            seed = shot.item.get("seed")
        if type(seed) is not int:
            raise CannotLookError(Verdict.INCONCLUSIVE, "no drawn seed came to be repeated")
        return seed


def _failed(exchange: Exchange) -> bool:
    return exchange.reply is not None and exchange.reply.status == 500


def _may_pass(exchange: Exchange) -> bool:
    """Whether another try may end better: not where nobody listens, or the key is refused."""
    return exchange.reply is not None and exchange.reply.status in (429, 500, 502, 503, 504)
