"""Servers whose `created` or `data` are missing, or are no such."""

from collections.abc import Callable
from typing import Any

from ..messages import Json
from ..reference import Make, ReferenceServer
from .kinds import Faulty, having, says, without

ENTRY = ("reply.seed", "reply.finish_reason", "reply.url", "reply.b64_json", "payload.one")
DATA = ("reply.created", "reply.data", *ENTRY)
DAY = 86400


class Clockless(ReferenceServer):
    """Says when the server was started."""

    def __init__(self, *setting: Any) -> None:
        super().__init__(*setting)
        self.start = int(self.setting.clock()) - DAY

    def created(self) -> Json:
        return self.start


def timed(created: Callable[[float], Json]) -> Make:
    """A server that names another time."""

    class Timing(ReferenceServer):
        def created(self) -> Json:
            return created(self.setting.clock())

    return Timing


def data(changed: Callable[[list[Json]], Json]) -> Make:
    """A server that changes `data`."""
    return says(having("data", changed))


CREATED = "reply.created"


FAULTS = (
    Faulty(
        "created-milliseconds", "counts milliseconds", CREATED, timed(lambda now: int(now * 1000))
    ),
    Faulty(
        "created-of-the-example",
        "names the second of an example",
        CREATED,
        timed(lambda _: 1589478378),
    ),
    Faulty(
        "created-at-start", "names a second of the day before, and stays there", CREATED, Clockless
    ),
    Faulty("created-0", "names the second 0", CREATED, timed(lambda _: 0)),
    Faulty("created-tomorrow", "is a day ahead", CREATED, timed(lambda now: int(now) + DAY)),
    Faulty(
        "created-as-text", "names the second as a text", CREATED, timed(lambda now: str(int(now)))
    ),
    Faulty("created-as-date", "names a date", CREATED, timed(lambda _: "2026-09-14T08:00:00Z")),
    Faulty("created-as-float", "names fractions of a second", CREATED, timed(lambda now: now)),
    Faulty(
        "created-whole-float",
        "names the second with a fraction of zero",
        CREATED,
        timed(lambda now: float(int(now))),
    ),
    Faulty("created-null", "names null as the second", CREATED, timed(lambda _: None)),
    Faulty("created-missing", "names no second", CREATED, says(without("created"))),
    Faulty("data-empty", "gives no entry in data", "reply.data", data(lambda _: []), also=ENTRY),
    Faulty(
        "data-object",
        "gives the entry instead of a list",
        "reply.data",
        data(lambda entries: entries[0]),
        also=ENTRY,
    ),
    Faulty("data-two", "gives the entry twice", "reply.data", data(lambda entries: entries * 2)),
    Faulty("data-missing", "gives no data", "reply.data", says(without("data")), also=ENTRY),
    Faulty("data-null", "gives null for data", "reply.data", data(lambda _: None), also=ENTRY),
    Faulty(
        "data-of-texts",
        "gives texts in data",
        "reply.data",
        data(lambda _: ["picture"]),
        also=ENTRY,
    ),
    Faulty(
        "data-nested",
        "gives a list in the list",
        "reply.data",
        data(lambda entries: [entries]),
        also=ENTRY,
    ),
    Faulty(
        "data-called-images",
        "calls data images",
        "reply.data",
        says(lambda reply: {"created": reply["created"], "images": reply["data"]}),
        also=ENTRY,
    ),
    Faulty(
        "reply-wrapped",
        "puts the reply into another object",
        "reply.data",
        says(lambda reply: {"result": reply}),
        also=("reply.created", *ENTRY),
    ),
)
