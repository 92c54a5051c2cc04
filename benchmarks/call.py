"""One call in process through a kept client, beside mocks that do nothing but reply."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import httpx
import respx

from benchmarks.harness import HEADERS, PATH, BenchmarkError, body, say
from benchmarks.table import Goal, Ratio, Row
from benchmarks.under_test import a_test
from stepfun_mock import StepfunMock
from stepfun_mock.transports.intercept import Interception
from stepfun_mock.trial import Session

_URL = f"https://api.stepfun.ai{PATH}"
_BODY = body()
_BLOCKS_PER_ROUND = 6
_CALLS = 100
_MOCK_TRANSPORT, _RESPX = Goal(1.4), Goal(1.0)
_JSON = {"content-type": "application/json"}

_Way = Callable[[], AbstractContextManager[httpx.Client]]


@dataclass(frozen=True)
class Figures:
    """What was measured: microseconds for a call, the median of each block.

    Args:
        blocks: By what answers.
        reply_bytes: The length of the reply of each.
    """

    blocks: dict[str, list[float]]
    reply_bytes: int

    def rows(self) -> list[Row]:
        """The rows of the table."""
        fixed = f"fixed reply of {self.reply_bytes} bytes"
        transport = f"{self._told('transport')} (`httpx.MockTransport`, {fixed})"
        default = f"{self._told('respx')} (`respx.mock`, {fixed})"
        return [
            self._row("a call in process, kept client", "mock", "transport", transport),
            self._row("the same beside respx", "mock", "respx", default),
            self._row("the same in a test with `stepfun_mock`", "fixture", "transport", transport),
            self._row("that beside respx", "fixture", "respx", default),
        ]

    def _row(self, figure: str, ours: str, peer: str, told: str) -> Row:
        ratio = Ratio.of(self.blocks[ours], self.blocks[peer])
        goal = _MOCK_TRANSPORT if peer == "transport" else _RESPX
        if ours == "fixture":
            return Row(figure, self._told(ours), told, str(ratio))
        return goal.row(figure, ratio.median, self._told(ours), told, str(ratio))

    def _told(self, name: str) -> str:
        return f"{median(self.blocks[name]):.0f} µs"


def measure(rounds: int) -> Figures:
    """Call each in turn, in blocks of a hundred, after one block each that nobody counts."""
    with httpx.Client() as client:
        reply = _reply(client)
        ways = _ways(client, reply)
        for way in ways.values():
            _block(way)
        figures = Figures({name: [] for name in ways}, len(reply))
        for number in range(rounds * _BLOCKS_PER_ROUND):
            first = number % len(ways)
            for name in (*list(ways)[first:], *list(ways)[:first]):
                figures.blocks[name].append(_block(ways[name]))
    say("  " + ", ".join(f"{name} {median(us):.0f} µs" for name, us in figures.blocks.items()))
    return figures


def _ways(client: httpx.Client, reply: bytes) -> dict[str, _Way]:
    fixed = httpx.MockTransport(lambda request: httpx.Response(200, headers=_JSON, content=reply))

    @contextmanager
    def mock() -> Iterator[httpx.Client]:
        with Interception(StepfunMock()):
            yield client

    @contextmanager
    def fixture() -> Iterator[httpx.Client]:
        with a_test(Session(port=0)):
            yield client

    @contextmanager
    def transport() -> Iterator[httpx.Client]:
        with httpx.Client(transport=fixed) as other:
            yield other

    @contextmanager
    def patched() -> Iterator[httpx.Client]:
        with respx.mock() as router:
            router.post(_URL).respond(200, headers=_JSON, content=reply)
            yield client

    return {"mock": mock, "fixture": fixture, "transport": transport, "respx": patched}


def _reply(client: httpx.Client) -> bytes:
    with Interception(StepfunMock()):
        return client.post(_URL, content=_BODY, headers=HEADERS).content


def _block(way: _Way) -> float:
    """Microseconds for a call."""
    with way() as client:
        return median(_call(client) for _ in range(_CALLS))


def _call(client: httpx.Client) -> float:
    start = perf_counter()
    reply = client.post(_URL, content=_BODY, headers=HEADERS)
    picture = reply.json()["data"]
    elapsed = perf_counter() - start
    if not picture:
        raise BenchmarkError(f"a call in process was answered {reply.text[:200]}")
    return elapsed * 1e6
