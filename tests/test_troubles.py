"""Faults of the wire: what clients in this process are told, and that a socket tells the same."""

import asyncio
import errno
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import openai
import pytest
import respx
import trio
from test_intercept import GENERATIONS, KEY, KINDS, LIBRARIES, Ask, asker

from conftest import MINIMAL, Running
from stepfun_mock import Clock, MockServer, Request, StepfunMock, faults
from stepfun_mock.faults import Fault
from stepfun_mock.message import Delivery, Response
from stepfun_mock.transports import troubles
from stepfun_mock.transports.intercept import Interception
from stepfun_mock.transports.respx import StepfunRouter

BASE_URL = "https://api.stepfun.ai/v1"
BODY = {**MINIMAL, "seed": 7, "response_format": "b64_json"}
RESET = f"[Errno {errno.ECONNRESET}] Connection reset by peer"
REFUSED = f"[Errno {errno.ECONNREFUSED}] Connection refused"
LATE = {"sync": "timed out", "async": "", "trio": ""}
FOR_EVER = 3600
PATIENCE = 5.0
IMPATIENCE = 0.4  # long enough for a busy machine to answer, short enough to be lost often


class Seen(NamedTuple):
    """What a client saw of a reply, in the order in which it came."""

    status: int = 0
    length: int = 0
    body: bytes = b""
    error: str = ""
    text: str = ""


def seen_by(
    library: Any, kind: str, url: str, patience: float | None, method: str = "POST"
) -> Seen:
    """Stream a reply by a new client of a library, of one of `KINDS`, and tell what came."""
    given = {"headers": KEY, "timeout": library.Timeout(PATIENCE, read=patience)}
    if method == "POST":
        given["json"] = BODY
    came: dict[str, Any] = {"url": url}

    def begin(reply: Any) -> None:
        length = int(reply.headers["content-length"])
        came.update(status=reply.status_code, length=length, body=b"")

    def sync() -> None:
        with (
            library.Client(trust_env=False, verify=False) as client,
            client.stream(method, url, **given) as reply,
        ):
            begin(reply)
            for piece in reply.iter_raw():
                came["body"] += piece

    async def in_a_loop() -> None:
        async with (
            library.AsyncClient(trust_env=False, verify=False) as client,
            client.stream(method, url, **given) as reply,
        ):
            begin(reply)
            async for piece in reply.aiter_raw():
                came["body"] += piece

    runs: dict[str, Callable[[], None]] = {
        "sync": sync,
        "async": lambda: asyncio.run(in_a_loop()),
        "trio": lambda: trio.run(in_a_loop),
    }
    try:
        runs[kind]()
    except library.TransportError as error:
        came.update(url=str(error.request.url), error=type(error).__name__, text=str(error))
    assert came.pop("url") == url
    return Seen(**came)


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.__name__)
def library(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def ask(library: Any, kind: str) -> Ask:
    return asker(library, kind)


@pytest.fixture
def answered(mock: StepfunMock) -> Iterator[StepfunMock]:
    with Interception(mock):
        yield mock


def whole(mock: StepfunMock) -> bytes:
    """The body of the reply to `BODY` as it should be; leaves a mark in no journal but its own."""
    apart = StepfunMock(clock=mock.clock)
    headers = {**KEY, "content-type": "application/json"}
    body = json.dumps(BODY).encode()
    return apart.handle(Request("POST", "/v1/images/generations", headers, body)).body


def broken_off(came: int, length: int) -> str:
    return (
        "peer closed connection without sending complete message body "
        f"(received {came} bytes, expected {length})"
    )


# What nobody gets ------------------------------------------------------------------------


def test_a_slow_reply_is_a_timeout_for_a_client_that_waits_less(
    answered: StepfunMock, library: Any, kind: str
) -> None:
    answered.script(faults.slow(seconds=FOR_EVER))
    seen = seen_by(library, kind, GENERATIONS, PATIENCE)
    assert seen == Seen(error="ReadTimeout", text=LATE[kind])
    assert [(entry.status, entry.fault) for entry in answered.journal] == [(200, "slow")]


@pytest.mark.parametrize("patience", [FOR_EVER + 1, None])
def test_a_slow_reply_comes_at_once_to_a_client_that_waits_longer(
    answered: StepfunMock, library: Any, kind: str, patience: float | None
) -> None:
    answered.script(faults.slow(seconds=FOR_EVER))
    body = whole(answered)
    assert seen_by(library, kind, GENERATIONS, patience) == Seen(200, len(body), body)


@pytest.mark.parametrize(("seconds", "late"), [(4.9, False), (5, True), (5.1, True)])
def test_a_client_whose_patience_ends_with_the_wait_has_lost_it(
    answered: StepfunMock, library: Any, seconds: float, late: bool
) -> None:
    answered.script(faults.slow(seconds=seconds))
    with library.Client(trust_env=False, verify=False) as client:  # waits for 5 seconds
        try:
            client.post(GENERATIONS, headers=KEY, json=BODY)
        except library.ReadTimeout:
            assert late
        else:
            assert not late


def test_a_connection_that_is_reset_is_an_error_of_reading(
    answered: StepfunMock, library: Any, kind: str
) -> None:
    answered.script(faults.connection_reset())
    text = RESET if kind == "sync" else ""
    assert seen_by(library, kind, GENERATIONS, None) == Seen(error="ReadError", text=text)
    assert [(entry.status, entry.fault) for entry in answered.journal] == [(0, "connection_reset")]


def test_nobody_listens_until_the_mocks_clock_has_gone_on(
    answered: StepfunMock, library: Any, kind: str
) -> None:
    answered.script(faults.connection_refused(seconds=30))
    text = REFUSED if kind == "sync" else "All connection attempts failed"
    refused = Seen(error="ConnectError", text=text)
    assert seen_by(library, kind, GENERATIONS, None) == refused
    assert seen_by(library, kind, f"{BASE_URL}/models", None, "GET") == refused
    answered.clock.advance(seconds=30)
    assert seen_by(library, kind, GENERATIONS, None).status == 200
    assert [entry.status for entry in answered.journal] == [200]


def test_a_client_loses_patience_before_a_late_reset() -> None:
    late = Response(200, delivery=Delivery(delay=2, ending="reset"))
    for patience, error in ((1, httpx.ReadTimeout), (3, httpx.ReadError)):
        request = httpx.Request("GET", GENERATIONS, extensions={"timeout": {"read": patience}})
        with pytest.raises(error):
            troubles.stream(httpx, request, late, in_loop=False)


# What comes in part ----------------------------------------------------------------------


def test_a_stall_is_a_timeout_after_half_of_the_body(
    answered: StepfunMock, library: Any, kind: str
) -> None:
    answered.script(faults.stall(seconds=FOR_EVER))
    body = whole(answered)
    half = body[: (len(body) + 1) // 2]
    expected = Seen(200, len(body), half, "ReadTimeout", LATE[kind])
    assert seen_by(library, kind, GENERATIONS, PATIENCE) == expected


@pytest.mark.parametrize("fault", [faults.stall(seconds=4), faults.drip(pieces=1000, pause=4)])
def test_no_wait_is_too_long_that_is_shorter_than_the_clients(
    answered: StepfunMock, library: Any, kind: str, fault: Fault
) -> None:
    answered.script(fault)
    body = whole(answered)
    assert seen_by(library, kind, GENERATIONS, PATIENCE) == Seen(200, len(body), body)


def test_a_drip_comes_piece_by_piece(answered: StepfunMock, library: Any) -> None:
    answered.script(faults.drip(pieces=3))
    with (
        library.Client(trust_env=False, verify=False) as client,
        client.stream("POST", GENERATIONS, headers=KEY, json=BODY) as reply,
    ):
        pieces = list(reply.iter_raw())
        assert reply.is_closed
    assert len(pieces) == 3
    assert b"".join(pieces) == whole(answered)


def test_a_reply_that_is_cut_off_breaks_off_after_half(
    answered: StepfunMock, library: Any, kind: str
) -> None:
    answered.script(faults.cut_off())
    body = whole(answered)
    half = body[: len(body) // 2]
    text = broken_off(len(half), len(body))
    expected = Seen(200, len(body), half, "RemoteProtocolError", text)
    assert seen_by(library, kind, GENERATIONS, None) == expected


def test_a_length_that_says_too_much_is_waited_for_as_long_as_the_client_and_the_server_do(
    answered: StepfunMock, library: Any, kind: str
) -> None:
    answered.script(faults.wrong_length(by=16, times=3))
    body = whole(answered)
    length = len(body) + 16
    late = Seen(200, length, body, "ReadTimeout", LATE[kind])
    text = broken_off(len(body), length)
    closed = Seen(200, length, body, "RemoteProtocolError", text)
    assert seen_by(library, kind, GENERATIONS, PATIENCE) == late
    assert seen_by(library, kind, GENERATIONS, FOR_EVER) == closed
    assert seen_by(library, kind, GENERATIONS, None) == closed


def test_the_server_closes_when_it_is_said_to(running: Running) -> None:
    assert running.server.config.timeout_keep_alive == troubles.KEPT_SECONDS


def test_a_length_that_says_too_little_ends_the_body_early(
    answered: StepfunMock, library: Any, kind: str
) -> None:
    answered.script(faults.wrong_length(by=-16), faults.wrong_length(by=-1_000_000))
    short = whole(answered)[:-16]
    assert seen_by(library, kind, GENERATIONS, None) == Seen(200, len(short), short)
    assert seen_by(library, kind, GENERATIONS, None) == Seen(200, 0, b"")


def test_nobody_waits_for_a_piece_beyond_the_length() -> None:
    delivery = Delivery(pieces=2, pause=FOR_EVER, excess=-2)
    request = httpx.Request("GET", GENERATIONS, extensions={"timeout": {"read": 1}})
    stream = troubles.stream(httpx, request, Response(200, (), b"abcd", delivery), in_loop=False)
    assert list(stream) == [b"ab"]


def test_a_call_that_reads_the_whole_reply_fails_as_one_that_streams(
    answered: StepfunMock, library: Any, ask: Ask
) -> None:
    answered.script(faults.stall(seconds=6), faults.cut_off())
    for error in (library.ReadTimeout, library.RemoteProtocolError):
        with pytest.raises(error) as caught:
            ask("POST", GENERATIONS, json=BODY)
        assert isinstance(caught.value.request, library.Request)


def test_refusals_travel_as_replies_do(answered: StepfunMock, library: Any, kind: str) -> None:
    answered.script(faults.cut_off(), faults.slow(seconds=FOR_EVER))
    answered.choose(api_keys=("another-key",))
    seen = seen_by(library, kind, GENERATIONS, PATIENCE)
    assert (seen.status, seen.error) == (401, "RemoteProtocolError")
    assert len(seen.body) == seen.length // 2
    assert seen_by(library, kind, GENERATIONS, PATIENCE).error == "ReadTimeout"


def test_a_slow_link_is_slow_whoever_asks_for_it(
    answered: StepfunMock, library: Any, kind: str
) -> None:
    answered.script(faults.slow_link(seconds=FOR_EVER))
    url = asker(library, "sync")("POST", GENERATIONS, json=MINIMAL).json()["data"][0]["url"]
    for method in ("GET", "HEAD"):
        late = seen_by(library, kind, url, PATIENCE, method)
        assert late == Seen(error="ReadTimeout", text=LATE[kind])
    head, picture = (seen_by(library, kind, url, None, method) for method in ("HEAD", "GET"))
    assert picture.body.startswith(b"\x89PNG")
    assert head == picture._replace(body=b"")


def test_a_head_that_would_be_cut_off_has_nothing_to_lose() -> None:
    broken = Response(200, (), b"abcd", Delivery(share=0.5, ending="close"))
    request = httpx.Request("HEAD", GENERATIONS)
    assert list(troubles.stream(httpx, request, broken, in_loop=False)) == []


# And afterwards --------------------------------------------------------------------------


def test_no_time_passes(answered: StepfunMock, library: Any, ask: Ask) -> None:
    answered.script(
        faults.slow(seconds=FOR_EVER),
        faults.stall(seconds=FOR_EVER),
        faults.drip(pieces=100, pause=FOR_EVER),
        faults.wrong_length(by=1),
    )
    before, started = answered.clock.now(), time.monotonic()
    for _ in range(4):
        with pytest.raises(library.ReadTimeout):
            ask("POST", GENERATIONS, json=BODY)
    assert time.monotonic() - started < 5
    assert answered.clock.now() == before


def test_a_client_goes_on_after_any_of_them(answered: StepfunMock, library: Any) -> None:
    answered.script(
        faults.slow(seconds=6),
        faults.connection_reset(),
        faults.cut_off(),
        faults.wrong_length(by=9),
    )
    with library.Client(trust_env=False, verify=False) as client:
        for _ in range(4):
            with pytest.raises(library.TransportError):
                client.post(GENERATIONS, headers=KEY, json=BODY)
        assert client.post(GENERATIONS, headers=KEY, json=BODY).status_code == 200


def test_of_many_clients_at_once_only_those_who_meet_a_fault_have_trouble(
    answered: StepfunMock, library: Any
) -> None:
    answered.script(faults.slow(seconds=FOR_EVER, times=20), faults.cut_off(times=20))
    outcomes: list[str] = []

    def work() -> None:
        for _ in range(10):
            outcomes.append(seen_by(library, "sync", GENERATIONS, PATIENCE).error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(outcomes) == {"ReadTimeout": 20, "RemoteProtocolError": 20, "": 40}


# Through the routes of respx -------------------------------------------------------------


@pytest.fixture
def router(mock: StepfunMock) -> Iterator[StepfunRouter]:
    with StepfunRouter(mock) as router:
        yield router


WIRE: dict[str, Fault] = {
    "slow": faults.slow(seconds=FOR_EVER),
    "drip": faults.drip(pieces=5, pause=0.01),
    "drip too slow": faults.drip(pieces=3, pause=FOR_EVER),
    "stall": faults.stall(seconds=FOR_EVER),
    "connection_reset": faults.connection_reset(),
    "cut_off": faults.cut_off(),
    "more": faults.wrong_length(by=16),
    "fewer": faults.wrong_length(by=-16),
    "connection_refused": faults.connection_refused(seconds=FOR_EVER),
}


@pytest.mark.parametrize("routed", [True, False])
@pytest.mark.parametrize("name", WIRE)
def test_routes_that_fall_to_the_mock_tell_what_it_tells_without_them(
    clock: Clock, library: Any, kind: str, name: str, routed: bool
) -> None:
    with Interception(StepfunMock(clock=clock, faults=(WIRE[name],))) as interception:
        expected = seen_by(library, kind, GENERATIONS, PATIENCE)
        journal = [(entry.status, entry.fault) for entry in interception.mock.journal]
    with StepfunRouter(StepfunMock(clock=clock, faults=(WIRE[name],))) as router:
        if not routed:
            router.clear()
        seen = seen_by(library, kind, GENERATIONS, PATIENCE)
        assert router.calls.last.has_response == bool(expected.status)
        assert router.calls.call_count == 1
    # A route does not know which kind of client asks, and tells both what it tells a sync one.
    assert seen._replace(text="") == expected._replace(text="")
    assert seen.text == expected.text or (kind != "sync" and not expected.status)
    assert [(entry.status, entry.fault) for entry in router.mock.journal] == journal


def test_a_call_that_was_answered_shows_its_reply(router: StepfunRouter, library: Any) -> None:
    router.mock.script(faults.drip(), faults.cut_off(), faults.connection_reset())
    for _ in range(3):
        seen_by(library, "sync", GENERATIONS, None)
    dripped, cut, reset = router["generations"].calls
    assert dripped.response.json()["data"][0]["seed"] == 7
    with pytest.raises(httpx.RemoteProtocolError):
        cut.response.read()
    assert not reset.has_response


def test_a_side_effect_that_asks_the_mock_has_its_troubles(
    router: StepfunRouter, library: Any, kind: str
) -> None:
    router["generations"].side_effect = lambda request: router.answer(request)
    router.mock.script(faults.connection_reset(), faults.cut_off())
    assert seen_by(library, kind, GENERATIONS, None).error == "ReadError"
    assert seen_by(library, kind, GENERATIONS, None).error == "RemoteProtocolError"


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
def test_under_a_router_of_respx_the_troubles_are_the_same(
    answered: StepfunMock, kind: str, using: str
) -> None:
    answered.script(faults.connection_reset(), faults.cut_off())
    with respx.mock(using=using, assert_all_called=False):
        assert seen_by(httpx, kind, GENERATIONS, None).error == "ReadError"
        assert seen_by(httpx, kind, GENERATIONS, None).error == "RemoteProtocolError"


# Over a socket the same ------------------------------------------------------------------


class Place(NamedTuple):
    """A mock, and the base URL at which clients find it."""

    mock: StepfunMock
    base_url: str


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


@pytest.fixture
def places(server: MockServer) -> Iterator[list[Place]]:
    """The same mock twice: in this process, and on a port."""

    def fresh() -> StepfunMock:
        clock = Clock()
        clock.freeze(at=1_780_000_000)
        return StepfunMock(clock=clock)

    inside, server.mock = fresh(), fresh()
    with Interception(inside):
        yield [Place(inside, BASE_URL), Place(server.mock, server.base_url)]
    server.mock = StepfunMock()


BOTH = {
    "slow": (faults.slow(seconds=1.5), IMPATIENCE),
    "slow, but not too slow": (faults.slow(seconds=0.05), PATIENCE),
    "drip": (faults.drip(pieces=5, pause=0.02), PATIENCE),
    "stall": (faults.stall(seconds=1.5), IMPATIENCE),
    "stall, but not too long": (faults.stall(seconds=0.05), PATIENCE),
    "connection_reset": (faults.connection_reset(), PATIENCE),
    "cut_off": (faults.cut_off(), PATIENCE),
    "more": (faults.wrong_length(by=16), IMPATIENCE),
    "fewer": (faults.wrong_length(by=-16), PATIENCE),
    "none": (faults.wrong_length(by=-1_000_000), PATIENCE),
    "connection_refused": (faults.connection_refused(seconds=FOR_EVER), PATIENCE),
}


def written(place: Place) -> list[tuple[int, str | None]]:
    """What the journal of a place says of what went wrong."""
    return [(entry.status, entry.fault) for entry in place.mock.journal]


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("name", BOTH)
def test_a_socket_tells_the_same(places: list[Place], library: Any, kind: str, name: str) -> None:
    fault, patience = BOTH[name]
    for place in places:
        place.mock.script(fault)
    inside, outside = (
        (seen_by(library, kind, f"{place.base_url}/images/generations", patience), written(place))
        for place in places
    )
    assert inside == outside


@pytest.mark.parametrize(("kind", "method"), [("sync", "GET"), ("async", "HEAD")])
def test_a_slow_link_is_as_slow_over_a_socket(
    places: list[Place], library: Any, kind: str, method: str
) -> None:
    ask = asker(library, kind)
    seen = []
    for place in places:
        place.mock.script(faults.slow_link(seconds=1.5))
        reply = ask("POST", f"{place.base_url}/images/generations", json={**MINIMAL, "seed": 7})
        url = reply.json()["data"][0]["url"]
        seen.append(seen_by(library, kind, url, IMPATIENCE, method))
        place.mock.clock.advance(seconds=FOR_EVER)
    assert seen[0] == seen[1] == Seen(error="ReadTimeout", text=LATE[kind])


def drawn(place: Place, kind: str, **given: Any) -> Any:
    """Draw a picture by a new client of the openai SDK."""
    given |= {"base_url": place.base_url, "api_key": "some-key"}
    asked: Any = {**BODY, "extra_body": {"seed": 7}}
    del asked["seed"]

    async def in_a_loop() -> Any:
        async with openai.AsyncOpenAI(**given) as client:
            return await client.images.generate(**asked)

    if kind == "async":
        return asyncio.run(in_a_loop())
    with openai.OpenAI(**given) as client:
        return client.images.generate(**asked)


TROUBLED = {
    "slow": openai.APITimeoutError,
    "stall": openai.APITimeoutError,
    "connection_reset": openai.APIConnectionError,
    "cut_off": openai.APIConnectionError,
    "more": openai.APITimeoutError,
    "connection_refused": openai.APIConnectionError,
}


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("name", TROUBLED)
def test_the_openai_sdk_raises_the_same_over_a_socket(
    places: list[Place], kind: str, name: str
) -> None:
    causes = []
    fault, patience = BOTH[name]
    for place in places:
        place.mock.script(fault)
        with pytest.raises(openai.APIConnectionError) as caught:
            drawn(place, kind, timeout=patience, max_retries=0)
        assert type(caught.value) is TROUBLED[name]
        cause = caught.value.__cause__
        causes.append((type(cause), str(cause), written(place)))
    assert causes[0] == causes[1]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_openai_sdk_tries_again_as_over_a_socket(places: list[Place], kind: str) -> None:
    for place in places:
        place.mock.script(faults.connection_reset())
        assert drawn(place, kind, max_retries=1).data
        assert written(place) == [(0, "connection_reset"), (200, None)]
