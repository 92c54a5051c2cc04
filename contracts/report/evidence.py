"""The exchanges of a run as a report shows them: a line for each, and the whole of some."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from ..exchange import Exchange
from ..key import BLOT
from ..lab import Lab
from ..run import Run
from ..verdict import Finding
from .excerpt import Excerpt, cleaner, excerpt, shortened

# A longer body is of no use on a page, and to send it again a file serves better.
_LONGEST_CURL = 8_000
_LONGEST_HEADER = 500
_MOST_HEADERS = 50
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY_VARIABLE = "STEP_API_KEY"


@dataclass(frozen=True, slots=True)
class Line:
    """An exchange in short, without key and signatures.

    Args:
        number: The place in the run, from 1.
        name: The id of the probe.
        method: The verb.
        url: Where it went.
        status: The status of the reply; None where there is none.
        kind: The kind of trouble; empty where there was none.
        trouble: What happened in place of a reply, in a sentence; empty where one came.
        seconds: How long it took.
        try_: The try of the probe, from 1.
        sent_at: When it was sent, in Unix seconds.
    """

    number: int
    name: str
    method: str
    url: str
    status: int | None
    kind: str
    trouble: str
    seconds: float
    try_: int
    sent_at: float

    @property
    def outcome(self) -> str:
        """The status, or the sentence of the trouble."""
        return self.trouble if self.status is None else str(self.status)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The whole of an exchange, as far as it may be shown.

    Args:
        curl: The command that repeats it; its links are no longer signed.
        request: The body that was sent.
        headers: The headers of the reply.
        reply: The body of the reply; None where there is none.
    """

    curl: str
    request: Excerpt
    headers: tuple[tuple[str, str], ...]
    reply: Excerpt | None


# A report is written again and again while a run lasts; what an exchange shows stays the same.
_SEEN: WeakKeyDictionary[Lab, dict[int, Evidence]] = WeakKeyDictionary()


def lines(run: Run) -> tuple[Line, ...]:
    """Every exchange of a run in short, in their order."""
    return tuple(_line(run, exchange) for exchange in tuple(run.lab.exchanges))


def evidence(run: Run, numbers: Iterable[int]) -> dict[int, Evidence]:
    """The whole of some exchanges, by number; numbers that there are not are left out."""
    seen = _SEEN.setdefault(run.lab, {})
    exchanges = {exchange.number: exchange for exchange in tuple(run.lab.exchanges)}
    wanted = sorted(set(numbers) & set(exchanges))
    for number in wanted:
        if number not in seen:
            seen[number] = _evidence(run, exchanges[number])
    return {number: seen[number] for number in wanted}


def clearest(findings: Iterable[Finding], whole: dict[int, Evidence]) -> int | None:
    """The exchange that shows one of these findings in the fewest words; None for none."""
    numbers = [finding.exchanges[0] for finding in findings if finding.exchanges]
    known = [number for number in numbers if number in whole]
    return min(known, key=lambda number: len(whole[number].curl), default=None)


def _line(run: Run, exchange: Exchange) -> Line:
    clean = cleaner(run.order.key)
    trouble = exchange.trouble
    return Line(
        number=exchange.number,
        name=clean(exchange.name),
        method=exchange.ask.method,
        url=clean(exchange.ask.url),
        status=exchange.reply.status if exchange.reply else None,
        kind=str(trouble.kind) if trouble else "",
        trouble=clean(trouble.sentence) if trouble else "",
        seconds=exchange.seconds,
        try_=exchange.try_,
        sent_at=exchange.sent_at,
    )


def _evidence(run: Run, exchange: Exchange) -> Evidence:
    key, reply = run.order.key, exchange.reply
    return Evidence(
        curl=_curl(run, exchange),
        request=excerpt(exchange.ask.body, key),
        headers=_headers(run, exchange) if reply else (),
        reply=excerpt(reply.body, key) if reply else None,
    )


def _curl(run: Run, exchange: Exchange) -> str:
    ask, origin = exchange.ask, run.order.key.origin
    variable = origin if _VARIABLE.fullmatch(origin) else _KEY_VARIABLE
    clean = cleaner(run.order.key)
    if len(ask.body) <= _LONGEST_CURL:
        return clean(ask.as_curl(variable))
    head = clean(replace(ask, body=b"body").as_curl(variable)).removesuffix("--data-raw body")
    return f"{head}--data-binary @body  # {len(ask.body):,} bytes, too many to show"


def _headers(run: Run, exchange: Exchange) -> tuple[tuple[str, str], ...]:
    assert exchange.reply is not None
    clean = cleaner(run.order.key)
    shown = []
    for name, value in exchange.reply.headers[:_MOST_HEADERS]:
        said = BLOT if name.lower() == "set-cookie" else shortened(clean(value), _LONGEST_HEADER)
        shown.append((shortened(clean(name), _LONGEST_HEADER), said))
    return tuple(shown)
