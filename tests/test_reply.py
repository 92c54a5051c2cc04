"""What the page says was sent, beside what a socket got."""

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from looking import Looking, served
from wire import get, post

from conftest import Running, item
from stepfun_mock import Choices, Request, StepfunMock, faults
from stepfun_mock.faults import Fault


@pytest.fixture
def running() -> Iterator[Running]:
    with served(StepfunMock()) as (_, found):
        yield found


def received(running: Running, request: bytes) -> tuple[bytes, bytes]:
    """Head and body of what comes until the connection ends."""
    came = b""
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as line:
        line.sendall(request)
        try:
            while piece := line.recv(65536):
                came += piece
        except ConnectionResetError:
            pass
    head, _, body = came.partition(b"\r\n\r\n")
    return head, body


def shown(running: Running, number: int = 1) -> Any:
    """The details of a request."""
    return httpx.get(f"{running.root}/__stepfun_mock/requests/{number}").json()


SENTENCES = [
    (faults.cut_off(), "The connection was closed after {sent} of {whole} bytes."),
    (faults.wrong_length(by=-16), "The header said {less} bytes, and {whole} were sent."),
    (faults.wrong_length(by=16), "The header said {more} bytes, and {whole} were sent."),
    (faults.connection_reset(), "Nothing was sent: the connection was reset."),
    (faults.stall(seconds=0.1), "All of it was sent, in 2 pieces, 0.1 s apart."),
    (faults.drip(pieces=4, pause=0.01), "All of it was sent, in 4 pieces, 0.01 s apart."),
    (faults.slow(seconds=0.1), None),
    (faults.overloaded(), None),
    (None, None),
]


@pytest.mark.parametrize(("fault", "sentence"), SENTENCES, ids=str)
def test_the_reply_that_is_shown_is_the_one_that_came(
    running: Running, fault: Fault | None, sentence: str | None
) -> None:
    whole = len(received(running, post(Connection="close"))[1])
    if fault is not None:
        running.mock.script(fault)
    head, body = received(running, post(Connection="close"))
    reply = shown(running, 2)["reply"]
    assert (reply["body"].encode(), reply["size"]) == (body, len(body))
    lengths = [value for name, value in reply["headers"] if name == "content-length"]
    assert all(f"content-length: {length}\r\n".encode() in head for length in lengths)
    assert len(lengths) == head.count(b"content-length")
    figures = {"sent": len(body), "whole": whole, "less": whole - 16, "more": whole + 16}
    assert reply["sent"] == (sentence and sentence.format(**figures))


def test_the_head_of_a_link_is_shown_without_a_body(running: Running) -> None:
    url = item(Looking(running.mock).post())["url"]
    target = url.partition(":8793")[2]
    request = get(target, Connection="close").replace(b"GET", b"HEAD", 1)
    head, body = received(running, request)
    reply = shown(running, 2)["reply"]
    assert (body, reply["body"], reply["size"]) == (b"", "", 0)
    assert reply["sent"] == "The head was sent without the body, as HEAD asks."
    assert b"content-length: %d" % int(dict(reply["headers"])["content-length"]) in head


def test_a_reply_of_204_has_no_length() -> None:
    looking = Looking(StepfunMock(choices=Choices(cors=True)))
    looking.mock.handle(Request("OPTIONS", "/v1/models", {"host": "127.0.0.1"}))
    reply = looking.only()["reply"]
    assert reply["status"] == 204
    assert "content-length" not in dict(reply["headers"])


@pytest.mark.parametrize(
    ("fault", "held"),
    [
        (None, 0),
        (faults.slow(seconds=2), 2),
        (faults.stall(seconds=10), 10),
        (faults.drip(pieces=5, pause=0.5), 2),
        (faults.connection_reset(), 0),
        (faults.overloaded(), 0),
    ],
    ids=str,
)
def test_a_row_says_how_long_its_reply_was_held_back(
    mock: StepfunMock, fault: Fault | None, held: float
) -> None:
    looking = Looking(mock)
    if fault is not None:
        mock.script(fault)
    looking.post()
    (row,) = looking.rows()
    assert row["held"] == held
    assert row["seconds"] < 2


def test_latency_that_was_chosen_is_held_back_too() -> None:
    looking = Looking(StepfunMock(choices=Choices(latency=3)))
    looking.post({"prompt": "[mock:slow seconds=1] a fox"})
    assert looking.rows()[0]["held"] == 4


def test_a_reply_without_its_payload_says_so_and_how_long_it_was(mock: StepfunMock) -> None:
    looking = Looking(mock)
    sent = [looking.post({"response_format": "b64_json"}), looking.post()]
    sent.append(looking.fetch(item(sent[1])["url"]))
    for number, (response, left_out) in enumerate(zip(sent, (True, False, True), strict=True), 1):
        reply = looking.json(f"requests/{number}")["reply"]
        assert (reply["payload_left_out"], reply["size"]) == (left_out, len(response.body))
        assert (reply["cut"], reply["sent"]) == (False, None)


def test_half_a_reply_has_no_link_that_a_client_could_follow(mock: StepfunMock) -> None:
    looking = Looking(mock)
    mock.script(faults.connection_reset(), faults.cut_off())
    looking.post()
    looking.post()
    assert [row["link"] for row in looking.rows()] == [None, None]
