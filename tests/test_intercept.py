"""The mock under httpx, httpx2 and the openai SDK, without a socket."""

import asyncio
import contextlib
import io
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import Any

import httpx
import httpx2
import openai
import pytest
import trio
from PIL import Image

from conftest import MINIMAL, Running
from stepfun_mock import StepfunMock, contract
from stepfun_mock.transports import intercept
from stepfun_mock.transports.intercept import Interception

LIBRARIES = [httpx, httpx2]
GENERATIONS = "https://api.stepfun.ai/v1/images/generations"
KEY = {"authorization": "Bearer a-key-of-the-test"}

METHODS = [("HTTPTransport", "handle_request"), ("AsyncHTTPTransport", "handle_async_request")]
KINDS = ["sync", "async", "trio"]

Ask = Callable[..., Any]


def asker(library: Any, kind: str) -> Ask:
    """Send a request by a new client of a library, of one of `KINDS`."""

    def sync(method: str, url: str, **given: Any) -> Any:
        with library.Client(trust_env=False, verify=False) as client:
            return client.request(method, url, headers=KEY, **given)

    async def send(method: str, url: str, given: Any) -> Any:
        async with library.AsyncClient(trust_env=False, verify=False) as client:
            return await client.request(method, url, headers=KEY, **given)

    def in_a_loop(method: str, url: str, **given: Any) -> Any:
        return asyncio.run(send(method, url, given))

    def in_trio(method: str, url: str, **given: Any) -> Any:
        return trio.run(send, method, url, given)

    return {"sync": sync, "async": in_a_loop, "trio": in_trio}[kind]


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.__name__)
def library(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=KINDS)
def ask(library: Any, request: pytest.FixtureRequest) -> Ask:
    return asker(library, request.param)


@pytest.fixture
def answered(mock: StepfunMock) -> Iterator[StepfunMock]:
    with Interception(mock):
        yield mock


@pytest.mark.parametrize("host", contract.HOSTS)
@pytest.mark.parametrize("prefix", ["/v1", "/step_plan/v1"])
def test_the_hosts_of_the_api_are_answered_with_the_librarys_own_response(
    answered: StepfunMock, library: ModuleType, ask: Ask, host: str, prefix: str
) -> None:
    reply = ask("POST", f"https://{host}{prefix}/images/generations", json={**MINIMAL, "seed": 5})
    assert isinstance(reply, library.Response)
    assert (reply.status_code, reply.http_version) == (200, "HTTP/1.1")
    assert reply.json()["data"][0]["seed"] == 5
    assert [request.seed for request in answered.requests] == [5]


def test_the_link_of_a_reply_is_answered_too(answered: StepfunMock, ask: Ask) -> None:
    url = ask("POST", GENERATIONS, json={**MINIMAL, "size": "768x1360"}).json()["data"][0]["url"]
    assert url.startswith("https://api.stepfun.ai/image_gen/")
    picture = ask("GET", url)
    assert Image.open(io.BytesIO(picture.content)).size == (1360, 768)
    answered.clock.advance(hours=2)
    assert ask("GET", url).status_code == 404


def test_head_has_the_length_and_no_content(answered: StepfunMock, ask: Ask) -> None:
    url = ask("POST", GENERATIONS, json=MINIMAL).json()["data"][0]["url"]
    reply = ask("HEAD", url)
    assert (reply.status_code, reply.content) == (200, b"")
    assert int(reply.headers["content-length"]) > 1000


def test_refusals_come_as_over_a_socket(answered: StepfunMock, ask: Ask, running: Running) -> None:
    for body in ({}, {**MINIMAL, "steps": 0}, {**MINIMAL, "size": "1x1"}):
        inside = ask("POST", GENERATIONS, json=body)
        outside = ask("POST", f"{running.base_url}/images/generations", json=body)
        assert (inside.status_code, inside.json()) == (outside.status_code, outside.json())
    assert len(answered.journal) == len(running.mock.journal) == 3


def test_a_body_that_is_sent_in_pieces_is_put_together(answered: StepfunMock, library: Any) -> None:
    text = json.dumps({**MINIMAL, "seed": 6}).encode()
    with library.Client(trust_env=False) as client:
        headers = {**KEY, "content-type": "application/json"}
        pieces = (text[at : at + 9] for at in range(0, len(text), 9))
        reply = client.post(GENERATIONS, headers=headers, content=pieces)
    # httpx says `transfer-encoding: chunked` of what it streams.
    assert reply.json()["data"][0]["seed"] == 6


def test_a_body_that_is_sent_in_pieces_is_put_together_in_a_loop_too(
    answered: StepfunMock, library: Any
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        text = json.dumps({**MINIMAL, "seed": 6}).encode()
        for at in range(0, len(text), 9):
            yield text[at : at + 9]

    async def send() -> Any:
        async with library.AsyncClient(trust_env=False, verify=False) as client:
            headers = {**KEY, "content-type": "application/json"}
            return await client.post(GENERATIONS, headers=headers, content=pieces())

    assert asyncio.run(send()).json()["data"][0]["seed"] == 6


def test_of_a_header_that_came_twice_the_last_counts_as_over_a_socket(
    answered: StepfunMock, library: Any, running: Running
) -> None:
    statuses = set()
    for url in (GENERATIONS, f"{running.base_url}/images/generations"):
        with library.Client(trust_env=False, verify=False) as client:
            headers = [*KEY.items(), ("Authorization", "Basic x")]
            statuses.add(client.post(url, headers=headers, json=MINIMAL).status_code)
    assert statuses == {401}


def test_a_reply_can_be_streamed_raw_and_knows_how_long_it_took(
    answered: StepfunMock, library: Any
) -> None:
    with library.Client(trust_env=False, verify=False) as client:
        reply = client.post(GENERATIONS, headers=KEY, json=MINIMAL)
        assert reply.elapsed.total_seconds() >= 0
        with client.stream("GET", reply.json()["data"][0]["url"]) as picture:
            assert not picture.is_closed
            assert b"".join(picture.iter_raw()).startswith(b"\x89PNG")


def test_other_hosts_are_left_to_the_network(
    answered: StepfunMock, ask: Ask, running: Running
) -> None:
    assert ask("GET", f"{running.base_url}/models").status_code == 200
    assert len(answered.journal) == 0
    assert len(running.mock.journal) == 1


def test_transports_of_the_users_own_keep_what_they_are(
    answered: StepfunMock, library: Any
) -> None:
    own = library.MockTransport(lambda request: library.Response(418))
    with library.Client(transport=own) as client:
        assert client.get(GENERATIONS).status_code == 418
    assert len(answered.journal) == 0


def test_clients_made_before_the_block_are_answered_in_it(mock: StepfunMock, library: Any) -> None:
    with library.Client(trust_env=False) as client, Interception(mock):
        assert client.post(GENERATIONS, headers=KEY, json=MINIMAL).status_code == 200


def test_everything_is_as_before_when_the_block_ends(mock: StepfunMock) -> None:
    def methods() -> list[object]:
        return [
            getattr(getattr(library, kind), name) for library in LIBRARIES for kind, name in METHODS
        ]

    before = methods()
    with contextlib.suppress(ZeroDivisionError), Interception(mock):
        assert not set(map(id, methods())) & set(map(id, before))
        raise ZeroDivisionError
    assert methods() == before


def test_of_two_blocks_the_inner_one_answers(mock: StepfunMock, ask: Ask) -> None:
    inner = StepfunMock()
    with Interception(mock):
        with Interception(inner):
            ask("POST", GENERATIONS, json=MINIMAL)
        ask("POST", GENERATIONS, json=MINIMAL)
        ask("POST", GENERATIONS, json=MINIMAL)
    assert (len(inner.journal), len(mock.journal)) == (1, 2)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something below us that answers every host with a teapot."""

    def lay(library: Any) -> None:
        def teapot(transport: Any, request: Any) -> Any:
            return library.Response(418)

        async def later(transport: Any, request: Any) -> Any:
            return library.Response(418)

        monkeypatch.setattr(library.HTTPTransport, "handle_request", teapot)
        monkeypatch.setattr(library.AsyncHTTPTransport, "handle_async_request", later)

    for library in LIBRARIES:
        lay(library)


@pytest.mark.parametrize("first_out", ["outer", "inner"])
def test_blocks_may_end_in_any_order(
    network: None, mock: StepfunMock, ask: Ask, first_out: str
) -> None:
    other = StepfunMock()
    blocks = {"outer": Interception(mock), "inner": Interception(other)}
    blocks["outer"].__enter__()
    blocks["inner"].__enter__()
    blocks.pop(first_out).__exit__(None, None, None)
    assert ask("POST", GENERATIONS, json=MINIMAL).status_code == 200
    left = mock if "outer" in blocks else other
    assert (len(mock.journal) + len(other.journal), len(left.journal)) == (1, 1)
    blocks.popitem()[1].__exit__(None, None, None)
    assert ask("POST", GENERATIONS, json=MINIMAL).status_code == 418


def test_a_block_that_ended_is_not_revived_by_what_was_laid_over_it(
    network: None, mock: StepfunMock, library: Any, ask: Ask
) -> None:
    block = Interception(mock).__enter__()
    with pytest.MonkeyPatch.context() as over:
        for kind, name in METHODS:
            over.setattr(getattr(library, kind), name, getattr(getattr(library, kind), name))
        block.__exit__(None, None, None)
        assert ask("POST", GENERATIONS, json=MINIMAL).status_code == 418
    assert ask("POST", GENERATIONS, json=MINIMAL).status_code == 418
    assert len(mock.journal) == 0


def test_one_interception_can_be_entered_again_and_within_itself(
    network: None, mock: StepfunMock, ask: Ask
) -> None:
    interception = Interception(mock)
    for _ in range(2):
        with interception:
            with interception:
                assert ask("POST", GENERATIONS, json=MINIMAL).status_code == 200
            assert ask("POST", GENERATIONS, json=MINIMAL).status_code == 200
        assert ask("POST", GENERATIONS, json=MINIMAL).status_code == 418
    assert len(mock.journal) == 4


def test_threads_are_counted_exactly(answered: StepfunMock, library: Any) -> None:
    def work() -> None:
        with library.Client(trust_env=False, verify=False) as client:
            for _ in range(20):
                client.post(GENERATIONS, headers=KEY, json=MINIMAL)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answered.requests) == answered.journal.total == 160


def test_no_name_is_looked_up_and_nothing_is_connected(
    answered: StepfunMock, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object, **more: object) -> None:
        raise AssertionError("something left the process")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert ask("POST", GENERATIONS, json=MINIMAL).status_code == 200


def test_the_openai_sdk_works_against_its_real_base_url(answered: StepfunMock) -> None:
    client = openai.OpenAI(base_url="https://api.stepfun.ai/v1", api_key=answered.api_key)
    reply = client.images.generate(
        model="step-image-edit-2", prompt="A red fox", extra_body={"seed": 7, "steps": 9}
    )
    assert reply.data is not None
    assert reply.data[0].seed == 7  # type: ignore[attr-defined]
    assert [request.steps for request in answered.requests] == [9]
    with pytest.raises(openai.BadRequestError, match="size must be"):
        client.images.generate(model="step-image-edit-2", prompt="x", size="1x1")


def test_without_either_library_the_sentence_says_what_to_do(
    mock: StepfunMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intercept, "LIBRARIES", ("no_such_library",))
    with pytest.raises(ImportError) as caught, Interception(mock):
        pass
    assert str(caught.value) == (
        "neither httpx nor httpx2 is installed, so there is no client to answer here; "
        "install one of them, or use the fixture stepfun_server, or a MockServer"
    )


def test_a_library_that_is_not_installed_is_passed_over(
    mock: StepfunMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intercept, "LIBRARIES", ("no_such_library", "httpx"))
    with Interception(mock), httpx.Client(trust_env=False) as client:
        assert client.post(GENERATIONS, headers=KEY, json=MINIMAL).status_code == 200
