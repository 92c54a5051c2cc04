"""Asks what the tests want to know, once each, and keeps what came."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
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
# How often a request that should be refused is asked again after a 500, and for how many of them.
_INSISTING = 2
_STUBBORN = 2
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
        self.stubborn: set[str] = set()
        self._seen: dict[str, Exchange] = {}
        self._asked: dict[str, Mapping[str, object]] = {}
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
            for again in range(_OPENING_TRIES):
                try:
                    exchange = self._sent(probe)
                except CannotLookError as cannot:
                    return self._close(cannot.reason)
                reason = unusable(exchange, self.target.base_url, draws=probe.draws)
                if reason is None or not _may_pass(exchange):
                    break
                if again + 1 < _OPENING_TRIES:
                    self.dispatch.times.sleep(2.0**again)
                    self._seen.pop(probe.id, None)
            if reason is not None:
                return self._close(reason)
            self.dispatch.pulse = self._ask(probe, probe.body)
        return None

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
            ask = Ask("GET", url, key=KeyUse.NONE)
            exchange = self.dispatch.send(name, ask, images=0, link=True)
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
        ask = self._ask(probe, body)
        images = int(probe.draws or probe.may_draw)
        exchange = self.dispatch.send(probe.id, ask, images=images)
        if not probe.draws and _failed(exchange) and len(self.stubborn) < _STUBBORN:
            exchange = self._insisted(probe.id, ask, images, exchange)
        self._asked[probe.id] = fields
        self._seen[probe.id] = exchange
        return exchange

    def _ask(self, probe: Probe, body: bytes) -> Ask:
        base = self.target.root if probe.rooted else self.target.base_url
        seconds = None if probe.draws else _FREE_SECONDS
        return Ask(
            probe.method, f"{base}{probe.path}", probe.headers, body, probe.key, seconds=seconds
        )

    def _insisted(self, name: str, ask: Ask, images: int, exchange: Exchange) -> Exchange:
        """Ask again after a 500: one is weather, but what fails each time has a fault."""
        for _ in range(_INSISTING):
            if _failed(exchange):
                exchange = self.dispatch.send(name, ask, images=images)
        if _failed(exchange):
            self.stubborn.add(name)
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


def _failed(exchange: Exchange) -> bool:
    return exchange.reply is not None and exchange.reply.status == 500


def _may_pass(exchange: Exchange) -> bool:
    """Whether a second try may end better: not where nobody listens, or the key is refused."""
    return exchange.reply is not None and exchange.reply.status in (429, 500, 502, 503, 504)
