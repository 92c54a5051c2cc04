"""Keys in URLs, where servers, proxies and browsers write them down."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from stepfun_mock import contract
from stepfun_mock.advice.habits import KEY_IN_URL, Advice
from stepfun_mock.journal import Exchange
from stepfun_mock.keys import Keys
from stepfun_mock.message import Request

_KEYS_KEPT = 64
_PLAIN = frozenset(route.path for route in contract.ROUTES)
_NAMED = re.compile(r"(?:^|[&;])(?:api[_-]?key|key|access_token|token)=[^&;]", re.IGNORECASE)
_BETWEEN = re.compile(r"[/?&;=,]")
_MESSAGE = (
    "a key stood in a URL, where logs and proxies write it down; "
    'send it as "Authorization: Bearer <key>" and nowhere else'
)


class Urls:
    """Looks for keys in paths and queries.

    Args:
        keys: Keys that are known beforehand. Of them, and of those that come, hashes are kept.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._known = frozenset(map(hash, Keys(tuple(keys)).secrets({})))
        self._seen: set[int] = set()
        self._keys = Keys(())  # of each header by itself; it knows none

    def clear(self) -> None:
        """Forget the keys that came."""
        self._seen.clear()

    def look(self, exchange: Exchange) -> Advice | None:
        """Give advice where a key stands in the URL, which the advice does not repeat."""
        request = exchange.request
        own = self._keys.secrets(request.headers)
        for key in own:
            if len(self._seen) < _KEYS_KEPT:
                self._seen.add(hash(key))
        if not request.query and request.path in _PLAIN:
            return None
        if _NAMED.search(request.query) or self._holds(request, own):
            return KEY_IN_URL.advice(_MESSAGE, exchange.entry.number)
        return None

    def _holds(self, request: Request, own: tuple[str, ...]) -> bool:
        url = f"{request.path}?{unquote(request.query)}"
        if any(key in url for key in own):
            return True
        parts = set(map(hash, _BETWEEN.split(url)))
        return not parts.isdisjoint(self._seen) or not parts.isdisjoint(self._known)
