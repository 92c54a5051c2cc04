"""The advisor: watches exchanges, and remembers what to tell those who sent them."""

from collections.abc import Callable, Hashable, Iterable
from threading import Lock

from stepfun_mock.advice.fields import advice_on_fields
from stepfun_mock.advice.habits import Advice
from stepfun_mock.advice.links import GivenLinks
from stepfun_mock.advice.retries import Retries
from stepfun_mock.advice.urls import Urls
from stepfun_mock.journal import Exchange

_KEPT = 256


class Advisor:
    """Gives advice on the exchanges that it is shown, as by `StepfunMock.watch(advisor)`.

    Any thread may call it. It keeps hashes of requests, links and keys, the newest few thousand,
    and the first 256 pieces of advice; no key, no body and no picture.

    Args:
        pauses_visible: Whether the mock's clock would show that a client waited: it does not
            where it stands still, or where a test has replaced `time.sleep`.
        sender: Tells who sends, where that can be told: in this process, `this_task`. By
            default all requests come from one client.
        keys: Keys that are known beforehand, to tell where one stands in a URL.
    """

    def __init__(
        self,
        *,
        pauses_visible: Callable[[], bool] = lambda: True,
        sender: Callable[[], Hashable] = lambda: None,
        keys: Iterable[str] = (),
    ) -> None:
        self._lock = Lock()
        self._links = GivenLinks()
        self._retries = Retries(pauses_visible, sender)
        self._urls = Urls(keys)
        self._kept: dict[tuple[str, str], Advice] = {}

    def __call__(self, exchange: Exchange) -> None:
        """Look at an exchange and remember the advice on it."""
        self.consider(exchange)

    def consider(self, exchange: Exchange) -> tuple[Advice, ...]:
        """Look at an exchange and give all the advice on it, what others had before included."""
        found = list(advice_on_fields(exchange.entry, exchange.request))
        with self._lock:
            for look in (self._urls.look, self._links.look, self._retries.look):
                advice = look(exchange)
                if advice is not None:
                    found.append(advice)
            for advice in found:
                if len(self._kept) < _KEPT:
                    self._kept.setdefault((advice.id, advice.message), advice)
        return tuple(found)

    def so_far(self) -> tuple[Advice, ...]:
        """What is known now, oldest first; what was said twice stands there once."""
        with self._lock:
            return tuple(self._kept.values())

    def at_end(self) -> tuple[Advice, ...]:
        """What is known now, and what only the end tells: that a link was never fetched."""
        with self._lock:
            unfetched = self._links.unfetched()
            return (*self._kept.values(), *([] if unfetched is None else [unfetched]))

    def clear(self) -> None:
        """Forget everything but the keys known beforehand, as when a mock is reset."""
        with self._lock:
            for memory in (self._urls, self._links, self._retries, self._kept):
                memory.clear()
