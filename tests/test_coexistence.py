"""The mock beside other mocks of the same process: each keeps its own hosts, in any order."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import httpx2
import pytest
import pytest_httpx
import respx
from respx.mocks import HTTPCoreMocker, HTTPXMocker
from respx.models import AllMockedAssertionError
from test_intercept import GENERATIONS, KINDS, METHODS, Ask, asker

from conftest import MINIMAL, Running
from stepfun_mock import StepfunMock, contract
from stepfun_mock.transports.intercept import Interception

OTHER = "https://other.example/x"
# Which library, and how respx is told to reach it. `httpcore2` comes with pytest-httpx2.
RESPX = [(httpx, "httpcore"), (httpx, "httpx"), (httpx2, "httpcore2")]
ORDERS = [("ours", "ours"), ("ours", "theirs"), ("theirs", "ours"), ("theirs", "theirs")]

Blocks = dict[str, AbstractContextManager[Any]]


@pytest.fixture(params=RESPX, ids=lambda pair: f"{pair[0].__name__} using {pair[1]}")
def reached(request: pytest.FixtureRequest) -> tuple[Any, str]:
    library, using = request.param
    return library, using


@pytest.fixture
def library(reached: tuple[Any, str]) -> Any:
    return reached[0]


@pytest.fixture
def theirs(reached: tuple[Any, str]) -> respx.MockRouter:
    """A router of respx, not started, for the library of the test."""
    return respx.mock(using=reached[1], assert_all_called=False)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ask(library: Any, kind: str) -> Ask:
    return asker(library, kind)


@pytest.fixture(params=ORDERS, ids=lambda order: f"{order[0]} starts, {order[1]} ends")
def order(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Who starts first, and who ends first."""
    first_in, first_out = request.param
    return first_in, first_out


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = replaceable()
    yield
    assert replaceable() == before
    assert HTTPXMocker.routers == HTTPCoreMocker.routers == []


def replaceable() -> list[object]:
    """All that mocks replace in httpx and httpx2."""
    methods = [
        vars(getattr(library, kind))[name] for library in (httpx, httpx2) for kind, name in METHODS
    ]
    clients = (httpx.Client, httpx.AsyncClient)
    return [*methods, *(vars(client)["_transport_for_url"] for client in clients)]


@contextmanager
def started(blocks: Blocks, order: tuple[str, str]) -> Iterator[Callable[[], str]]:
    """Start two blocks in order; what comes out ends the first, and says who is left."""
    for name in sorted(blocks, key=lambda name: name != order[0]):
        blocks[name].__enter__()

    def end(name: str) -> str:
        blocks.pop(name).__exit__(None, None, None)
        return next(iter(blocks), "")

    try:
        yield lambda: end(order[1])
    finally:
        while blocks:
            end(next(iter(blocks)))


def test_stepfuns_hosts_are_ours_and_the_routes_of_respx_stay_its_own(
    mock: StepfunMock,
    theirs: respx.MockRouter,
    order: tuple[str, str],
    ask: Ask,
    running: Running,
) -> None:
    blocks: Blocks = {"ours": Interception(mock), "theirs": theirs}
    with started(blocks, order) as end_first:
        theirs.get(OTHER).respond(418)
        theirs.route(host="127.0.0.1").pass_through()
        assert ask("POST", GENERATIONS, json=MINIMAL).status_code == 200
        assert ask("GET", OTHER).status_code == 418
        assert ask("GET", f"{running.base_url}/models").status_code == 200
        with pytest.raises(AllMockedAssertionError):
            ask("GET", "https://unheard.of/")
        if end_first() == "ours":
            assert ask("POST", GENERATIONS, json=MINIMAL).status_code == 200
        else:
            with pytest.raises(AllMockedAssertionError):
                ask("POST", GENERATIONS, json=MINIMAL)
            assert ask("GET", OTHER).status_code == 418
        assert ask("GET", f"{running.base_url}/models").status_code == 200
    assert ask("GET", f"{running.base_url}/models").status_code == 200


def test_a_route_of_respx_for_stepfuns_hosts_is_not_asked(
    mock: StepfunMock, theirs: respx.MockRouter, order: tuple[str, str], ask: Ask
) -> None:
    with started({"ours": Interception(mock), "theirs": theirs}, order):
        route = theirs.post(GENERATIONS).respond(418)
        assert ask("POST", GENERATIONS, json=MINIMAL).status_code == 200
        assert not route.called


def test_a_respx_that_mocks_everything_mocks_everything_else(
    mock: StepfunMock, reached: tuple[Any, str], order: tuple[str, str], ask: Ask
) -> None:
    theirs = respx.mock(using=reached[1], assert_all_mocked=False)
    with started({"ours": Interception(mock), "theirs": theirs}, order):
        assert ask("GET", "https://unheard.of/").content == b""
        assert ask("POST", GENERATIONS, json=MINIMAL).json()["data"][0]["url"]


def test_of_two_blocks_the_inner_one_answers_beside_respx_too(
    mock: StepfunMock, theirs: respx.MockRouter, ask: Ask
) -> None:
    inner = StepfunMock()
    with Interception(mock), theirs, Interception(inner):
        theirs.get(OTHER).respond(418)
        ask("POST", GENERATIONS, json=MINIMAL)
        assert ask("GET", OTHER).status_code == 418
    assert (len(inner.journal), len(mock.journal)) == (1, 0)


def test_transports_of_the_users_own_keep_what_they_are_when_respx_is_gone(
    mock: StepfunMock, theirs: respx.MockRouter, library: Any
) -> None:
    own = library.MockTransport(lambda request: library.Response(418))
    with theirs:
        ours = Interception(mock).__enter__()
    with library.Client(transport=own) as client:
        assert client.get(GENERATIONS).status_code == 418
    ours.__exit__(None, None, None)
    assert len(mock.journal) == 0


def test_where_respx_was_never_imported_nobody_looks_for_it(
    mock: StepfunMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "respx.mocks")
    with Interception(mock):
        assert HTTPXMocker.routers == []
        assert asker(httpx, "sync")("POST", GENERATIONS, json=MINIMAL).status_code == 200


# pytest-httpx and pytest-httpx2 ---------------------------------------------------------

ours_is_left_alone = pytest.mark.httpx_mock(
    should_mock=lambda request: request.url.host not in contract.HOSTS
)


@pytest.fixture
def answered(mock: StepfunMock) -> Iterator[StepfunMock]:
    with Interception(mock):
        yield mock


def test_over_httpx_mock_stepfuns_hosts_are_ours(
    httpx_mock: pytest_httpx.HTTPXMock, answered: StepfunMock, kind: str
) -> None:
    ask = asker(httpx, kind)
    httpx_mock.add_response(url=OTHER, status_code=418)
    assert ask("GET", OTHER).status_code == 418
    assert ask("POST", GENERATIONS, json=MINIMAL).status_code == 200
    assert [str(request.url) for request in httpx_mock.get_requests()] == [OTHER]


def test_httpx_mock_goes_on_when_we_end_first(
    httpx_mock: pytest_httpx.HTTPXMock, mock: StepfunMock, kind: str
) -> None:
    httpx_mock.add_response(status_code=418, is_reusable=True)
    with Interception(mock):
        assert asker(httpx, kind)("POST", GENERATIONS, json=MINIMAL).status_code == 200
    assert asker(httpx, kind)("POST", GENERATIONS, json=MINIMAL).status_code == 418


def test_under_httpx_mock_we_get_what_it_does_not_want(
    answered: StepfunMock, request: pytest.FixtureRequest, kind: str
) -> None:
    request.applymarker(ours_is_left_alone)
    httpx_mock = request.getfixturevalue("httpx_mock")
    httpx_mock.add_response(url=OTHER, status_code=418)
    assert asker(httpx, kind)("GET", OTHER).status_code == 418
    assert asker(httpx, kind)("POST", GENERATIONS, json=MINIMAL).status_code == 200


def test_under_httpx_mock_that_wants_everything_we_get_nothing(
    answered: StepfunMock, request: pytest.FixtureRequest, kind: str
) -> None:
    request.getfixturevalue("httpx_mock").add_response(status_code=418)
    assert asker(httpx, kind)("POST", GENERATIONS, json=MINIMAL).status_code == 418
    assert len(answered.journal) == 0


def test_httpx_mock_that_started_last_outlives_us(
    mock: StepfunMock, request: pytest.FixtureRequest, running: Running, kind: str
) -> None:
    monkeypatch = request.getfixturevalue("monkeypatch")
    for transport, name in METHODS:  # so that what lay under httpx_mock comes back at the end
        owner = getattr(httpx, transport)
        monkeypatch.setattr(owner, name, getattr(owner, name))
    request.applymarker(ours_is_left_alone)
    with Interception(mock):
        httpx_mock = request.getfixturevalue("httpx_mock")
    httpx_mock.add_response(url=f"{running.base_url}/models", status_code=418)
    assert asker(httpx, kind)("GET", f"{running.base_url}/models").status_code == 418


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_httpx2_mock_lies_below_us(
    mock: StepfunMock, request: pytest.FixtureRequest, kind: str, first: str
) -> None:
    ask = asker(httpx2, kind)
    if first == "theirs":
        request.getfixturevalue("httpx2_mock")
    with Interception(mock):
        request.getfixturevalue("httpx2_mock").get(OTHER).respond(418)
        assert ask("GET", OTHER).status_code == 418
        assert ask("POST", GENERATIONS, json=MINIMAL).status_code == 200
    with pytest.raises(AllMockedAssertionError):
        ask("POST", GENERATIONS, json=MINIMAL)
