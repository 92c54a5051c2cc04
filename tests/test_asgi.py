"""The ASGI application, stepped as any ASGI server would step it."""

import asyncio
import json
from typing import Any

import pytest

from conftest import GENERATIONS, HEADERS, MINIMAL
from stepfun_mock import Choices, Request, StepfunMock
from stepfun_mock.contract import BODY_LIMIT
from stepfun_mock.transports import asgi
from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.control import Control

BODY = json.dumps({**MINIMAL, "seed": 1}).encode()


class Exchange:
    """One request through an application, as events."""

    def __init__(self, mock: StepfunMock, *events: dict[str, Any], stall: bool = False) -> None:
        self.application = Application(mock)
        self.events = list(events)
        self.stall = stall
        self.sent: list[Any] = []

    async def receive(self) -> Any:
        if self.events:
            return self.events.pop(0)
        if self.stall:
            await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    def run(self, method: str = "POST", path: str = GENERATIONS, **headers: str) -> "Exchange":
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "scheme": "http",
            "headers": [
                (name.encode(), value.encode()) for name, value in {**HEADERS, **headers}.items()
            ],
        }
        asyncio.run(self.application(scope, self.receive, self.send))
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])


def piece(body: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_the_application_answers_what_the_core_answers(mock: StepfunMock) -> None:
    exchange = Exchange(mock, piece(BODY)).run()
    response = mock.handle(Request("POST", GENERATIONS, HEADERS, BODY))
    assert (exchange.status, exchange.body) == (response.status, response.body)
    assert exchange.headers == {
        b"content-type": b"application/json",
        b"content-length": b"%d" % len(response.body),
    }


def test_a_body_in_pieces_is_put_together(mock: StepfunMock) -> None:
    pieces = [piece(BODY[place : place + 7], more=True) for place in range(0, len(BODY), 7)]
    assert Exchange(mock, *pieces, piece(b"")).run().status == 200


def test_a_body_is_counted_as_it_comes(mock: StepfunMock) -> None:
    half = b"x" * (BODY_LIMIT // 2 + 1)
    exchange = Exchange(mock, piece(half, more=True), piece(half, more=True), piece(b"")).run()
    assert exchange.status == 413
    assert exchange.headers[b"connection"] == b"close"


def test_what_is_too_large_is_read_on_so_that_the_refusal_arrives(mock: StepfunMock) -> None:
    exchange = Exchange(mock, *[piece(b"x" * BODY_LIMIT, more=True)] * 30)
    exchange.run(**{"content-length": str(30 * BODY_LIMIT)})
    assert exchange.status == 413
    assert len(exchange.events) == 14


def test_a_client_that_waits_for_100_continue_is_refused_before_it_sends(
    mock: StepfunMock,
) -> None:
    exchange = Exchange(mock, piece(b"x"))
    exchange.run(**{"content-length": "9999999", "expect": "100-continue"})
    assert exchange.status == 413
    assert len(exchange.events) == 1


def test_reading_on_ends_in_time(mock: StepfunMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "_DRAINED_SECONDS", 0.05)
    exchange = Exchange(mock, piece(b"x", more=True), stall=True)
    assert exchange.run(**{"content-length": "9999999"}).status == 413


def test_a_client_that_goes_away_while_too_much_is_read_gets_no_answer(mock: StepfunMock) -> None:
    exchange = Exchange(mock, piece(b"x", more=True)).run(**{"content-length": "9999999"})
    assert exchange.sent == []
    assert len(mock.journal) == 0


def test_one_last_piece_over_the_limit_is_refused(mock: StepfunMock) -> None:
    exchange = Exchange(mock, piece(b"x", more=True), piece(b"x" * BODY_LIMIT)).run()
    assert exchange.status == 413


def test_a_reply_without_content_says_nothing_of_its_length() -> None:
    exchange = Exchange(StepfunMock(choices=Choices(cors=True)), piece(b"")).run("OPTIONS")
    assert (exchange.status, exchange.body) == (204, b"")
    assert b"content-length" not in exchange.headers


def test_a_client_that_goes_away_gets_no_answer(mock: StepfunMock) -> None:
    assert Exchange(mock, piece(b"{", more=True)).run().sent == []


def test_health_and_the_document_are_control_routes(mock: StepfunMock) -> None:
    health = Exchange(mock, piece(b"")).run("GET", "/__stepfun_mock/health")
    assert (health.status, json.loads(health.body)) == (200, {"status": "ok"})
    document = Exchange(mock, piece(b"")).run("GET", "/__stepfun_mock/openapi.json")
    assert json.loads(document.body)["openapi"] == "3.1.0"
    assert json.loads(document.body)["servers"] == [{"url": "http://127.0.0.1:8793"}]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"host": "evil.example"}, 421), ({"origin": "https://evil.example"}, 403)],
)
def test_control_routes_check_host_and_origin(
    mock: StepfunMock, headers: dict[str, str], status: int
) -> None:
    exchange = Exchange(mock, piece(b"")).run("GET", "/__stepfun_mock/health", **headers)
    assert exchange.status == status
    assert [entry.status for entry in mock.journal] == [status]


@pytest.mark.parametrize("path", ["health", "openapi.json"])
def test_control_routes_answer_head_as_they_answer_get(mock: StepfunMock, path: str) -> None:
    asked = [
        Exchange(mock, piece(b"")).run(method, f"/__stepfun_mock/{path}")
        for method in ("GET", "HEAD")
    ]
    assert asked[0].sent[0] == asked[1].sent[0]
    assert asked[1].body == b""
    assert asked[0].headers == {
        b"content-type": b"application/json",
        b"content-length": b"%d" % len(asked[0].body),
    }


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "DELETE"])
def test_control_routes_refuse_other_verbs(mock: StepfunMock, method: str) -> None:
    exchange = Exchange(mock, piece(b"")).run(method, "/__stepfun_mock/health")
    assert (exchange.status, exchange.headers[b"allow"]) == (405, b"GET, HEAD")
    assert json.loads(exchange.body)["error"] == {
        "type": "method_not_allowed",
        "message": f"/__stepfun_mock/health answers GET, HEAD, but {method} came",
    }
    assert len(mock.journal) == 0


@pytest.mark.parametrize(
    ("path", "hint"),
    [("/__stepfun_mock/", "."), ("/__stepfun_mock/health/", '; did you mean "health"?')],
)
def test_control_paths_that_are_not_there_are_refused(
    mock: StepfunMock, path: str, hint: str
) -> None:
    exchange = Exchange(mock, piece(b"")).run("GET", path)
    assert exchange.status == 404
    assert json.loads(exchange.body)["error"] == {
        "type": "path_unknown",
        "message": f'the mock has no control route "{path.removeprefix("/__stepfun_mock/")}"'
        f"{hint} Under /__stepfun_mock/ it has health, openapi.json, catalogue, faults, chaos, "
        "clock, journal, choices, reset",
    }
    assert len(mock.journal) == 0


def test_control_routes_are_not_written_down(mock: StepfunMock) -> None:
    Exchange(mock, piece(b"")).run("GET", "/__stepfun_mock/health")
    assert len(mock.journal) == 0


def test_a_foreign_host_is_refused_on_the_routes_of_the_api(mock: StepfunMock) -> None:
    assert Exchange(mock, piece(BODY)).run(host="evil.example").status == 421


def test_another_mock_answers_what_comes_after_it_was_set(mock: StepfunMock) -> None:
    exchange = Exchange(mock, piece(BODY), piece(BODY)).run()
    exchange.application.mock = StepfunMock()
    exchange.run()
    assert [len(one.journal) for one in (mock, exchange.application.mock)] == [1, 1]


def sent_in(mock: StepfunMock, kind: str, *events: str) -> list[str]:
    """What the application sends in a scope that is no request."""
    exchange = Exchange(mock, *[{"type": event} for event in events])
    asyncio.run(exchange.application({"type": kind}, exchange.receive, exchange.send))
    return [message["type"] for message in exchange.sent]


def test_starting_and_stopping_succeed(mock: StepfunMock) -> None:
    assert sent_in(mock, "lifespan", "lifespan.startup", "lifespan.shutdown") == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


def test_websockets_are_closed_before_they_open(mock: StepfunMock) -> None:
    assert sent_in(mock, "websocket", "websocket.connect") == ["websocket.close"]
    assert sent_in(mock, "websocket", "websocket.disconnect") == []


def test_a_scope_of_another_kind_is_an_error_of_the_server(mock: StepfunMock) -> None:
    with pytest.raises(ValueError, match='serves scopes of http, lifespan, websocket, but "tcp"'):
        sent_in(mock, "tcp")


def test_a_control_route_that_fails_is_a_500_in_the_envelope_and_leaves_an_entry(
    mock: StepfunMock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(control: Control, request: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Control, "answer", broken)
    exchange = Exchange(mock, piece(b"")).run("GET", "/__stepfun_mock/health")
    assert exchange.status == 500
    assert json.loads(exchange.body)["error"]["type"] == "mock_error"
    assert [entry.status for entry in mock.journal] == [500]
    assert "a control route failed" in caplog.text
