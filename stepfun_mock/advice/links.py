"""Picture links: which were given, which were fetched, and which too late."""

from collections import OrderedDict
from typing import NamedTuple

from stepfun_mock import contract
from stepfun_mock.advice.habits import LINK_LATE, LINK_UNFETCHED, Advice
from stepfun_mock.journal import Exchange
from stepfun_mock.refusals import LINK_DEAD

_KEPT = 2048
_PREFIX = contract.LINK_PREFIX.encode()
_EXPIRES = b"expires="
_UNFETCHED = (
    f"a link to a picture was never fetched, and is dead after {contract.LINK_LIFE} seconds; "
    "fetch it as soon as the reply is there, or ask for b64_json"
)
_LATE = (
    "a link was fetched after its life, when nothing was there; "
    "fetch it as soon as the reply is there, and keep the picture instead of the link"
)


class _Given(NamedTuple):
    """A link that was given: in which entry, until which second, and whether anybody came."""

    number: int
    expires: int
    fetched: bool = False


class GivenLinks:
    """Remembers the newest links by the hash of their path; of older ones nothing is said.

    A link's life is read in the link itself, since a test may choose another one meanwhile.
    """

    def __init__(self) -> None:
        self._given: OrderedDict[int, _Given] = OrderedDict()

    def clear(self) -> None:
        """Forget all links."""
        self._given.clear()

    def look(self, exchange: Exchange) -> Advice | None:
        """Note a link that was given or fetched; give advice where it was fetched too late."""
        entry, request, response = exchange
        if request.path.startswith(contract.LINK_PREFIX):
            return self._fetched(exchange) if request.method == "GET" else None
        image = entry.image_request
        if image is None or image.response_format != "url" or entry.status != 200:
            return None
        # A reply that met a fault may not have arrived, or its link be dead: that is no habit.
        if entry.finish_reason == contract.SUCCESS and entry.fault is None:
            self._note(entry.number, response.body)
        return None

    def _note(self, number: int, body: bytes) -> None:
        # By `find`: a regular expression takes three times as long, for each picture of a test.
        start = body.find(_PREFIX)
        if start < 0:
            return
        query = body.find(b"?", start)
        said = body.find(_EXPIRES, query) + len(_EXPIRES)
        path = hash(body[start:query].decode("ascii"))
        if path not in self._given:  # what is given twice is one link, and stays fetched
            self._given[path] = _Given(number, int(body[said : body.find(b"&", said)]))
        if len(self._given) > _KEPT:
            self._given.popitem(last=False)

    def _fetched(self, exchange: Exchange) -> Advice | None:
        entry, path = exchange.entry, hash(exchange.request.path)
        given = self._given.get(path)
        if given is None:
            return None
        self._given[path] = given._replace(fetched=True)
        late = entry.refusal == LINK_DEAD.id and entry.at >= given.expires
        return LINK_LATE.advice(_LATE, entry.number) if late else None

    def unfetched(self) -> Advice | None:
        """Give advice where links wait to be fetched: one, on the oldest of them."""
        for given in self._given.values():
            if not given.fetched:
                return LINK_UNFETCHED.advice(_UNFETCHED, given.number)
        return None
