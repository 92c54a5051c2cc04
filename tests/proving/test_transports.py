"""The suite is green on the mock through every transport, and says the same of each rule."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import httpx2
import pytest
from suite.whole import on_the_mock, run_on

from contracts.check import execute
from contracts.conftest import ONLY_THE_MOCK
from contracts.exchange import Ask, Reply
from contracts.inprocess import MockTimes, mock_with
from contracts.key import Key
from contracts.run import PLACEHOLDER
from contracts.verdict import Verdict
from stepfun_mock import MockServer, StepfunMock
from stepfun_mock.contract import BASE_URL
from stepfun_mock.rules import RULES
from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.intercept import Interception
from stepfun_mock.transports.respx import StepfunRouter

KEY = Key(PLACEHOLDER, "a placeholder")
HERE = "http://127.0.0.1:8793/v1"
HOSTS = {"host.international", "host.china"}


class Through:
    """Carries requests by a client of a library."""

    def __init__(self, client: httpx.Client | httpx2.Client) -> None:
        self._client = client

    def carry(self, ask: Ask) -> Reply:
        headers = {**dict(ask.headers), **KEY.headers(ask.key)}
        response = self._client.request(ask.method, ask.url, headers=headers, content=ask.body)
        named = tuple((name.lower(), value) for name, value in response.headers.items())
        return Reply(response.status_code, named, response.content)


class OverAsgi:
    """Carries requests to an ASGI application, each in a loop of its own."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def carry(self, ask: Ask) -> Reply:
        return asyncio.run(self._carried(ask))

    async def _carried(self, ask: Ask) -> Reply:
        transport = httpx.ASGITransport(self._application)
        async with httpx.AsyncClient(transport=transport) as client:
            headers = {**dict(ask.headers), **KEY.headers(ask.key)}
            response = await client.request(ask.method, ask.url, headers=headers, content=ask.body)
        return Reply(response.status_code, tuple(response.headers.items()), response.content)


Way = contextlib.AbstractContextManager[tuple[str, Any]]


@contextlib.contextmanager
def over_a_socket(mock: StepfunMock) -> Iterator[tuple[str, Any]]:
    with MockServer(mock) as server:
        yield server.base_url, None


@contextlib.contextmanager
def over_asgi(mock: StepfunMock) -> Iterator[tuple[str, Any]]:
    yield HERE, OverAsgi(Application(mock))


@contextlib.contextmanager
def under_httpx(mock: StepfunMock) -> Iterator[tuple[str, Any]]:
    with Interception(mock), httpx.Client() as client:
        yield "live", Through(client)


@contextlib.contextmanager
def under_httpx2(mock: StepfunMock) -> Iterator[tuple[str, Any]]:
    with Interception(mock), httpx2.Client() as client:
        yield "live", Through(client)


@contextlib.contextmanager
def by_a_router(mock: StepfunMock) -> Iterator[tuple[str, Any]]:
    with StepfunRouter(mock), httpx.Client() as client:
        yield "live", Through(client)


@contextlib.contextmanager
def by_a_router_under_httpx2(mock: StepfunMock) -> Iterator[tuple[str, Any]]:
    with StepfunRouter(mock), httpx2.Client() as client:
        yield "live", Through(client)


WAYS: tuple[Callable[[StepfunMock], Way], ...] = (
    over_a_socket,
    over_asgi,
    under_httpx,
    under_httpx2,
    by_a_router,
    by_a_router_under_httpx2,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.replace("_", " "))
def test_the_suite_is_green_on_the_mock(way: Callable[[StepfunMock], Way]) -> None:
    mock = mock_with(PLACEHOLDER)
    with way(mock) as (target, carrier):
        run = run_on(target, carrier=carrier, times=MockTimes(mock))
        execute(run)
    assert run.reason is None
    assert run.mishaps == []
    assert run.exit_code() == 0
    assert set(run.became.values()) == {"passed", "skipped"}

    verdicts = run.verdicts()
    beyond = {found.rule for found in run.findings if found.text == ONLY_THE_MOCK}
    same = {rule.id for rule in RULES} - HOSTS - beyond - {"url.lifetime"}
    in_process = on_the_mock().verdicts()
    assert {rule: verdicts[rule] for rule in same} == {rule: in_process[rule] for rule in same}
    assert {in_process[rule] for rule in beyond} == {Verdict.HOLDS}
    assert verdicts["url.lifetime"] is Verdict.NOT_RUN  # nobody else's clock can be moved
    assert verdicts["host.international"] is (
        Verdict.HOLDS if run.order.target.base_url == BASE_URL else Verdict.NOT_RUN
    )
    assert len(mock.requests) == run.lab.dispatch.budget.images > 25


def test_in_this_process_the_mock_shows_what_no_transport_does() -> None:
    held = {rule for rule, word in on_the_mock().verdicts().items() if word is Verdict.HOLDS}
    assert {"url.lifetime", "link.dead", "host.refused", "mock.bug", "balance.empty"} <= held
