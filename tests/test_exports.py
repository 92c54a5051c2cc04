"""The session as a file: written beside what the mock answers, and whole whatever becomes of it."""

import asyncio
import json
import threading
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from looking import HOST, Looking, served
from test_har import HAR

from conftest import GENERATIONS, HEADERS, MINIMAL
from stepfun_mock import Request, StepfunMock
from stepfun_mock.transports.control import CONTROL_PREFIX

jsonschema = pytest.importorskip("jsonschema")

EXPORTS = pytest.mark.parametrize("name", ["session.json", "session.har"])
NOTE = json.dumps({**MINIMAL, "note": '狐"' * 20_000}, ensure_ascii=False).encode()[:64_000]


def numbers(mock: StepfunMock, count: int, body: bytes = NOTE) -> None:
    """Many requests with long bodies."""
    for _ in range(count):
        mock.handle(Request("POST", GENERATIONS, {**HEADERS, "host": HOST}, body))


def entries(name: str, text: bytes) -> list[Any]:
    """What an export holds, which must be one."""
    content = json.loads(text)
    if name == "session.har":
        jsonschema.validate(content, HAR)
        found: list[Any] = content["log"]["entries"]
        return found
    assert set(content) == {"version", "requests"}
    return list(content["requests"])


@EXPORTS
@pytest.mark.parametrize("count", [0, 1, 3])
def test_an_export_has_as_many_exchanges_as_are_kept(
    mock: StepfunMock, name: str, count: int
) -> None:
    looking = Looking(mock)
    numbers(mock, count)
    assert len(entries(name, looking.body(name))) == count


@EXPORTS
def test_an_export_comes_whole_over_a_socket(mock: StepfunMock, name: str) -> None:
    with served(mock) as (_, running):
        numbers(mock, 50)
        reply = httpx.get(f"{running.root}{CONTROL_PREFIX}{name}")
        assert len(entries(name, reply.content)) == 50
        head = httpx.head(f"{running.root}{CONTROL_PREFIX}{name}")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-disposition"] == reply.headers["content-disposition"]


@EXPORTS
def test_others_are_answered_while_an_export_is_written(mock: StepfunMock, name: str) -> None:
    with served(mock) as (_, running), httpx.Client() as client:
        numbers(mock, 600)
        health = f"{running.root}{CONTROL_PREFIX}health"
        client.get(f"{running.root}{CONTROL_PREFIX}requests?limit=1")  # what waited is read
        ended = threading.Event()
        came: list[bytes] = []

        def fetch() -> None:
            came.append(httpx.get(f"{running.root}{CONTROL_PREFIX}{name}", timeout=60).content)
            ended.set()

        exporting = threading.Thread(target=fetch)
        exporting.start()
        answered = 0
        while not ended.is_set():
            assert client.get(health, timeout=60).status_code == 200
            answered += 1
        exporting.join()
    assert len(entries(name, came[0])) == 600
    assert answered > 5


def parts_of(looking: Looking, name: str) -> AsyncIterator[bytes]:
    delivery = looking.get(name).delivery
    assert delivery is not None
    assert delivery.parts is not None
    return delivery.parts()


@EXPORTS
def test_an_export_gives_way_after_each_exchange(mock: StepfunMock, name: str) -> None:
    looking = Looking(mock)
    numbers(mock, 20)
    parts = parts_of(looking, name)
    turns = 0

    async def read() -> None:
        async for _ in parts:
            pass

    async def others() -> None:
        nonlocal turns
        reading = asyncio.ensure_future(read())
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1

    asyncio.run(others())
    assert turns >= 20


@EXPORTS
def test_an_export_holds_what_was_kept_when_it_began(mock: StepfunMock, name: str) -> None:
    looking = Looking(mock)
    numbers(mock, 20)
    parts = parts_of(looking, name)

    async def read() -> bytes:
        text = await anext(parts)
        looking.get("journal", "DELETE")
        numbers(mock, 3)
        return text + b"".join([part async for part in parts])

    assert len(entries(name, asyncio.run(read()))) == 20
    assert looking.numbers() == [3, 2, 1]


@EXPORTS
def test_an_export_takes_no_more_memory_than_a_few_records(mock: StepfunMock, name: str) -> None:
    looking = Looking(mock)
    numbers(mock, 200)
    looking.numbers()
    parts = parts_of(looking, name)

    async def read() -> int:
        return sum([len(part) async for part in parts])

    tracemalloc.start(1)
    try:
        length = asyncio.run(read())
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert length > 200 * 60_000
    assert most < length / 10


def test_an_export_says_where_a_payload_was_left_out(mock: StepfunMock) -> None:
    looking = Looking(mock)
    sent = looking.post({"response_format": "b64_json"}).body
    (one,) = looking.json("session.json")["requests"]
    assert (one["reply"]["payload_left_out"], one["reply"]["size"]) == (True, len(sent))


def test_an_export_says_nothing_of_how_to_send_again(mock: StepfunMock) -> None:
    looking = Looking(mock)
    looking.post()
    (one,) = looking.json("session.json")["requests"]
    assert {"curl", "python", "why"} & set(one) == set()
