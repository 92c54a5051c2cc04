"""The heads that a connection has brought before, and need not be read again."""

import itertools
import json
import socket
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from wire import BODY, Line, Reply, get, post, post_chunked, seed_of

from conftest import MINIMAL, Running, examples
from stepfun_mock import faults
from stepfun_mock.message import Request
from stepfun_mock.transports.heads import Heads

GIVEN = ((b"host", b"127.0.0.1:8793"),)


def with_seed(seed: int) -> bytes:
    return json.dumps({**MINIMAL, "seed": seed}).encode()


def read(data: bytes) -> Request:
    """What a parser makes of it."""
    return Request("POST", "/path", {"host": "127.0.0.1:8793"}, data.partition(b"\r\n\r\n")[2])


def knowing(data: bytes) -> Heads:
    heads = Heads()
    heads.learn(data, read(data), GIVEN)
    return heads


def test_a_head_that_came_before_brings_the_new_body() -> None:
    heads = knowing(post(with_seed(1)))
    found = heads.whole(post(with_seed(2)))
    assert found == (read(post(with_seed(2))), GIVEN)


@pytest.mark.parametrize(
    "data",
    [
        post(with_seed(10)),  # another length
        post(with_seed(2), host="localhost"),
        post(with_seed(2), authorization="Bearer another"),
        post(with_seed(2))[:-1],
        post(with_seed(2)) + b"P",
        post(with_seed(2)) * 2,
        b"\r\n" + post(with_seed(2)),
        b"",
        b"POS",
        b"\r\n\r\n",
    ],
)
def test_whatever_else_comes_is_left_to_the_parser(data: bytes) -> None:
    assert knowing(post(with_seed(1))).whole(data) is None


@pytest.mark.parametrize(
    "data",
    [
        get(),
        post() * 2,
        b"of a head that began before\r\n\r\n" + b"." * (len(BODY) + 1),
        post(extra=b"x: " + b"." * 4096 + b"\r\n"),
    ],
    ids=["no body", "two requests", "a body cut elsewhere", "a long head"],
)
def test_only_one_whole_request_with_a_body_is_learnt(data: bytes) -> None:
    heads = Heads()
    heads.learn(data, Request("POST", "/path", {}, BODY), GIVEN)
    assert heads.whole(data) is None


@pytest.mark.parametrize("name", [b"expect", b"transfer-encoding"])
def test_a_head_that_asks_for_more_than_an_answer_is_not_learnt(name: bytes) -> None:
    heads = Heads()
    heads.learn(post(), read(post()), (*GIVEN, (name, b"")))
    assert heads.whole(post()) is None


def test_no_body_is_kept() -> None:
    heads = knowing(post())
    assert all(head.request.body == b"" for head in heads._read.values())


def test_few_heads_are_kept() -> None:
    heads = Heads()
    several = [post(host=f"host-{number}") for number in range(9)]
    for data in several:
        heads.learn(data, read(data), GIVEN)
    assert [heads.whole(data) is not None for data in several] == [False] * 8 + [True]


# On a connection ------------------------------------------------------------------


def test_requests_with_the_same_head_get_their_own_replies(line: Line) -> None:
    assert [seed_of(line.ask(post(with_seed(seed)))) for seed in range(9)] == list(range(9))


def test_a_known_head_is_checked_as_ever(running: Running, line: Line) -> None:
    assert seed_of(line.ask(post())) == 5
    running.mock.choose(api_keys=("another-key-of-the-test",))
    assert line.ask(post()).status == 401


def test_nothing_behind_the_last_request_is_answered(running: Running, line: Line) -> None:
    line.ask(post())
    running.mock.script(faults.slow(seconds=0.3))
    line.send(post(), post(connection="close"), post(), pause=0.02)
    assert [seed_of(line.reply()) for _ in range(2)] == [5, 5]
    assert line.is_closed()
    assert len(running.mock.journal) == 3


def test_the_end_of_one_request_is_not_taken_for_the_head_of_another(line: Line) -> None:
    """The second piece ends in a blank line and a body, as a request would."""
    whole = post()
    cut = whole.index(b"content-type")
    line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.send(whole[:cut], whole[cut:], pause=0.05)
    assert seed_of(line.reply()) == 5
    assert line.ask(whole[cut:]).status == 400


REQUESTS = st.one_of(
    st.integers(0, 20).map(lambda seed: (post(with_seed(seed)), seed)),
    st.integers(0, 20).map(lambda seed: (post_chunked(with_seed(seed)), seed)),
    st.integers(0, 20).map(lambda seed: (post(with_seed(seed), host="localhost"), seed)),
    st.just((get(), None)),
)


@examples(200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests=st.lists(REQUESTS, min_size=1, max_size=8), data=st.data())
def test_however_a_stream_of_requests_is_cut_each_is_answered_in_its_turn(
    running: Running,
    connect: Callable[[Running], Line],
    requests: list[tuple[bytes, int | None]],
    data: st.DataObject,
) -> None:
    stream = b"".join(request for request, _ in requests)
    whole = [sum(len(one) for one, _ in requests[:end]) for end in range(len(requests))]
    cuts = data.draw(st.sets(st.sampled_from(whole) | st.integers(0, len(stream)), max_size=9))
    places = sorted({0, *cuts, len(stream)})
    line = connect(running)
    line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.send(*(stream[at:to] for at, to in itertools.pairwise(places)), pause=0.001)
    assert [_seed(line.reply()) for _ in requests] == [seed for _, seed in requests]
    line.close()


def _seed(reply: Reply) -> int | None:
    return seed_of(reply) if b"seed" in reply.body else None
