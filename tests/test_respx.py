"""The mock as a router of respx: named routes that a test can watch and replace."""

import asyncio
import gzip
import importlib
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import httpx
import openai
import pytest
import respx
from respx.mocks import HTTPCoreMocker, HTTPXMocker
from respx.models import AllMockedAssertionError
from test_intercept import GENERATIONS, KEY, KINDS, LIBRARIES, METHODS, Ask, asker

from conftest import MINIMAL, Running
from stepfun_mock import StepfunMock, contract
from stepfun_mock.transports.intercept import Interception
from stepfun_mock.transports.respx import StepfunRouter

OTHER = "https://other.example/x"
MODELS = "https://api.stepfun.ai/v1/models"


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.__name__)
def library(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=KINDS)
def ask(library: Any, request: pytest.FixtureRequest) -> Ask:
    return asker(library, request.param)


@pytest.fixture
def router(mock: StepfunMock) -> Iterator[StepfunRouter]:
    with StepfunRouter(mock) as router:
        yield router


def generate(ask: Ask, **given: Any) -> Any:
    return ask("POST", GENERATIONS, json=MINIMAL, **given)


# The named routes ------------------------------------------------------------------------


@pytest.mark.parametrize("host", contract.HOSTS)
@pytest.mark.parametrize("prefix", ["/v1", "/step_plan/v1"])
def test_each_thing_that_the_api_does_has_a_route(
    router: StepfunRouter, library: Any, ask: Ask, host: str, prefix: str
) -> None:
    root = f"https://{host}{prefix}"
    reply = ask("POST", f"{root}/images/generations", json={**MINIMAL, "seed": 5})
    assert isinstance(reply, library.Response)
    url = reply.json()["data"][0]["url"]
    assert ask("GET", url).content.startswith(b"\x89PNG")
    assert ask("HEAD", url).content == b""
    assert ask("GET", f"{root}/models").json()["data"]
    assert ask("GET", f"{root}/models/step-image-edit-2").json()["id"] == "step-image-edit-2"
    counts = {str(route.name): route.call_count for route in router.routes}
    assert counts == {"generations": 1, "picture": 2, "models": 2}
    assert [request.seed for request in router.mock.requests] == [5]


def test_a_call_shows_what_was_asked_and_answered(router: StepfunRouter, ask: Ask) -> None:
    generate(ask, params={"q": "a b"})
    call = router["generations"].calls.last
    assert isinstance(call.request, httpx.Request)
    assert (call.request.method, str(call.request.url)) == ("POST", f"{GENERATIONS}?q=a+b")
    assert call.request.headers["authorization"] == KEY["authorization"]
    assert json.loads(call.request.content) == MINIMAL
    assert call.response.json()["data"][0]["finish_reason"] == "success"
    assert router.calls.call_count == 1


def test_what_no_route_matches_gets_the_answer_that_is_documented(
    router: StepfunRouter, ask: Ask, running: Running
) -> None:
    for method, path in [("GET", "/v1/images/edits"), ("GET", "/v1/images/generations")]:
        inside = ask(method, f"https://api.stepfun.ai{path}")
        outside = ask(method, f"{running.root}{path}")
        assert (inside.status_code, inside.content) == (outside.status_code, outside.content)
    assert [call.response.status_code for call in router.calls] == [404, 405]
    assert not any(route.called for route in router.routes)


def test_a_router_without_its_named_routes_still_answers(router: StepfunRouter, ask: Ask) -> None:
    router.clear()
    assert generate(ask).status_code == 200


def test_a_body_that_is_sent_in_pieces_is_put_together(router: StepfunRouter, library: Any) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield json.dumps(MINIMAL).encode()

    async def send() -> Any:
        async with library.AsyncClient() as client:
            headers = {**KEY, "content-type": "application/json"}
            return await client.post(GENERATIONS, headers=headers, content=pieces())

    assert asyncio.run(send()).status_code == 200
    assert json.loads(router.calls.last.request.content) == MINIMAL


# What a test makes of them ---------------------------------------------------------------


def test_a_route_can_be_given_another_answer_in_any_of_respxs_ways(
    router: StepfunRouter, library: Any, ask: Ask
) -> None:
    route = router["generations"]
    route.mock(return_value=httpx.Response(429, headers={"retry-after": "7"}))
    reply = generate(ask)
    assert isinstance(reply, library.Response)
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "7")
    route.respond(503, json={"error": {"message": "busy"}})
    assert generate(ask).json() == {"error": {"message": "busy"}}
    assert (route % 402) is route
    assert generate(ask).status_code == 402
    route.return_value = httpx.Response(451)
    assert generate(ask).status_code == 451
    assert (route.call_count, len(router.mock.journal)) == (4, 0)
    route.mock()
    assert generate(ask).status_code == 200


def test_a_reply_of_a_test_comes_compressed_as_it_was_given(
    router: StepfunRouter, ask: Ask
) -> None:
    headers = {"content-encoding": "gzip"}
    router["models"].respond(200, headers=headers, content=gzip.compress(b"many"))
    assert [ask("GET", MODELS).text for _ in range(2)] == ["many", "many"]


def test_a_side_effect_may_be_a_function(router: StepfunRouter, ask: Ask) -> None:
    def limited(request: httpx.Request, route: respx.Route) -> httpx.Response:
        return httpx.Response(429) if route.call_count == 0 else router.answer(request)

    router["generations"].side_effect = limited
    assert [generate(ask).status_code for _ in range(2)] == [429, 200]


@pytest.mark.parametrize("kind", ["async", "trio"])
def test_a_side_effect_may_be_a_coroutine_for_async_clients(
    router: StepfunRouter, library: Any, kind: str
) -> None:
    async def busy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, text=request.method)

    router["generations"].side_effect = busy
    ask = asker(library, kind)
    assert [generate(ask).text for _ in range(2)] == ["POST", "POST"]


def test_a_side_effect_may_be_a_row_of_answers(
    router: StepfunRouter, library: Any, ask: Ask
) -> None:
    row: list[Any] = [httpx.Response(429), httpx.ReadTimeout("too slow"), router.answer]
    router["generations"].side_effect = row
    assert generate(ask).status_code == 429
    with pytest.raises(library.ReadTimeout, match=r"^too slow$"):
        generate(ask)
    assert generate(ask).status_code == 200


ERRORS = [
    name
    for name in httpx.__all__
    if isinstance(kind := getattr(httpx, name), type) and issubclass(kind, httpx.RequestError)
]


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_of_httpx_comes_as_the_librarys_own(
    router: StepfunRouter, library: Any, name: str
) -> None:
    router["generations"].side_effect = getattr(httpx, name)
    with pytest.raises(getattr(library, name)) as caught:
        generate(asker(library, "sync"))
    assert type(caught.value) is getattr(library, name)
    assert str(caught.value) == "Mock Error"
    assert isinstance(caught.value.request, library.Request)
    assert router["generations"].called


class PickyError(httpx.ConnectError):
    """An error of a user's own."""


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (httpx.InvalidURL("no such place"), "InvalidURL"),
        (httpx.StreamConsumed(), "StreamConsumed"),
        (PickyError("no such place"), "ConnectError"),
    ],
)
def test_so_do_errors_that_are_made_otherwise(
    router: StepfunRouter, library: Any, ask: Ask, error: Exception, name: str
) -> None:
    router["generations"].side_effect = error
    with pytest.raises(getattr(library, name)) as caught:
        generate(ask)
    assert str(caught.value) == str(error)


def test_other_errors_come_as_they_are(router: StepfunRouter, ask: Ask) -> None:
    router["generations"].side_effect = ZeroDivisionError
    with pytest.raises(ZeroDivisionError):
        generate(ask)


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A picture that breaks off in the middle."""

    closed = 0

    def __iter__(self) -> Iterator[bytes]:
        yield b"\x89PN"
        raise httpx.ReadError("broken off")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1


def test_a_stream_that_breaks_off_breaks_off_with_the_librarys_own_error(
    router: StepfunRouter, library: Any, ask: Ask
) -> None:
    stream = Pieces()
    router["picture"].respond(200, stream=stream)
    with pytest.raises(library.ReadError, match=r"^broken off$"):
        ask("GET", "https://api.stepfun.ai/image_gen/x.png")
    assert stream.closed >= 1


# Routes of a test's own ------------------------------------------------------------------


def test_routes_that_a_test_adds_are_asked_before_the_named_ones(
    router: StepfunRouter, ask: Ask
) -> None:
    added = router.post(GENERATIONS).respond(429)
    assert generate(ask).status_code == 429
    assert (added.call_count, router["generations"].call_count) == (1, 0)
    assert ask("POST", GENERATIONS.replace(".ai", ".com"), json=MINIMAL).status_code == 200


def test_a_route_that_does_not_want_the_request_leaves_it_to_the_next(
    router: StepfunRouter, ask: Ask
) -> None:
    router.post(GENERATIONS).side_effect = lambda request: None
    assert generate(ask).status_code == 200
    assert router["generations"].call_count == 1


def test_a_route_of_the_same_name_takes_its_place(router: StepfunRouter, ask: Ask) -> None:
    router.post(GENERATIONS, name="generations").respond(429)
    assert generate(ask).status_code == 429
    assert router["generations"].call_count == 1


def test_other_hosts_have_the_routes_that_a_test_adds(router: StepfunRouter, ask: Ask) -> None:
    route = router.get(OTHER).respond(418)
    assert ask("GET", OTHER).status_code == 418
    assert route.calls.last.response.status_code == 418


def test_what_has_no_route_and_is_not_stepfuns_goes_on_to_the_network(
    router: StepfunRouter, ask: Ask, running: Running
) -> None:
    assert ask("GET", f"{running.base_url}/models").status_code == 200
    assert ask("POST", f"{running.base_url}/images/generations", json=MINIMAL).status_code == 200
    assert len(router.calls) == len(router.mock.journal) == 0


def test_a_route_that_lets_pass_lets_pass(
    router: StepfunRouter, ask: Ask, running: Running
) -> None:
    route = router.route(host="127.0.0.1").pass_through()
    assert ask("GET", f"{running.base_url}/models").status_code == 200
    assert route.called


# The whole router ------------------------------------------------------------------------


def test_that_all_were_called_is_asked_only_if_a_test_asks(mock: StepfunMock, library: Any) -> None:
    ask = asker(library, "sync")
    with StepfunRouter(mock) as router:
        with pytest.raises(AssertionError, match="some routes were not called"):
            router.assert_all_called()
        ask("GET", generate(ask).json()["data"][0]["url"])
        ask("GET", MODELS)
        router.assert_all_called()
    with (
        pytest.raises(AssertionError, match="some routes were not called"),
        StepfunRouter(mock, assert_all_called=True),
    ):
        pass


def test_a_router_forgets_between_two_blocks_what_the_first_made_of_it(
    mock: StepfunMock, ask: Ask
) -> None:
    router = StepfunRouter(mock)
    with router:
        router["generations"].respond(429)
        router.get(OTHER).respond(418)
        assert generate(ask).status_code == 429
    assert [route.name for route in router.routes] == ["generations", "models", "picture"]
    assert not router.calls.called
    with router:
        assert generate(ask).status_code == 200
        router.rollback()
        assert generate(ask).status_code == 200
    assert router["generations"].call_count == 0


def test_a_router_is_one_of_respxs(mock: StepfunMock, library: Any) -> None:
    router: respx.MockRouter = StepfunRouter(mock)

    @router
    def decorated() -> int:
        return int(generate(asker(library, "sync")).status_code)

    async def entered() -> int:
        async with router, library.AsyncClient() as client:
            reply = await client.post(GENERATIONS, headers=KEY, json=MINIMAL)
            return int(reply.status_code)

    assert decorated() == asyncio.run(entered()) == 200
    handler = httpx.MockTransport(router.handler)
    with httpx.Client(transport=handler) as client:
        assert client.post(GENERATIONS, headers=KEY, json=MINIMAL).status_code == 200
        with pytest.raises(AllMockedAssertionError):
            client.get(OTHER)


def test_when_the_block_ends_nothing_is_left(mock: StepfunMock) -> None:
    def methods() -> list[object]:
        return [
            getattr(getattr(library, kind), name) for library in LIBRARIES for kind, name in METHODS
        ]

    before = methods()
    with suppress(ZeroDivisionError), StepfunRouter(mock):
        raise ZeroDivisionError
    assert methods() == before
    assert HTTPXMocker.routers == HTTPCoreMocker.routers == []
    router = StepfunRouter(mock)
    router.start()
    router.stop()
    router.stop()
    assert methods() == before


# Beside others ---------------------------------------------------------------------------


def test_over_an_interception_of_the_same_mock_the_router_answers_with_its_state(
    mock: StepfunMock, ask: Ask
) -> None:
    with Interception(mock), StepfunRouter(mock) as router:
        generate(ask)
        router["generations"].respond(429)
        assert generate(ask).status_code == 429
        router["generations"].mock()
        generate(ask)
    assert len(mock.requests) == len(mock.journal) == 2


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
@pytest.mark.parametrize("first", ["ours", "theirs"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_router_of_respx_keeps_the_other_hosts(
    mock: StepfunMock, using: str, first: str, kind: str
) -> None:
    ask = asker(httpx, kind)
    ours, theirs = StepfunRouter(mock), respx.mock(using=using)
    one, two = (ours, theirs) if first == "ours" else (theirs, ours)
    with one, two:
        theirs.get(OTHER).respond(418)
        ours["generations"].respond(429)
        ours.get("https://ours.example/").respond(201)
        assert ask("GET", OTHER).status_code == 418
        assert generate(ask).status_code == 429
        assert ask("GET", "https://ours.example/").status_code == 201
        with pytest.raises(AllMockedAssertionError):
            ask("GET", "https://unheard.of/")


def test_the_openai_sdk_meets_what_the_routes_say(router: StepfunRouter) -> None:
    client = openai.OpenAI(
        base_url="https://api.stepfun.ai/v1", api_key=router.mock.api_key, max_retries=0
    )

    def draw() -> Any:
        return client.images.generate(model="step-image-edit-2", prompt="A red fox")

    assert draw().data[0].url
    router["generations"].side_effect = [httpx.Response(429), httpx.ConnectError, httpx.PoolTimeout]
    for error in (openai.RateLimitError, openai.APIConnectionError, openai.APITimeoutError):
        with pytest.raises(error):
            draw()
    assert router["generations"].call_count == 4


@pytest.mark.parametrize("missing", ["respx", "httpx"])
def test_without_respx_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    name = "stepfun_mock.transports.respx"
    monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)  # what Python does where there is no such one
    with pytest.raises(ImportError) as caught:
        importlib.import_module(name)
    assert str(caught.value) == (
        "a respx router needs respx and httpx: pip install 'stepfun-mock[respx]'"
    )


def test_a_route_that_there_is_not_is_refused_with_the_nearest(mock: StepfunMock) -> None:
    with StepfunRouter(mock) as router, pytest.raises(KeyError) as caught:
        router["generation"]
    assert caught.value.args[0] == (
        'there is no route "generation"; did you mean "generations"? '
        "The routes are generations, models, picture"
    )
