"""The mock on a real port of this process: as people use it, and what may go wrong with it."""

import contextlib
import gc
import http.client
import json
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest
from wire import Line, flood, get, post, seed_of

from conftest import GENERATIONS, MINIMAL
from stepfun_mock import Choices, MockServer, StepfunMock, faults
from stepfun_mock.transports import mockserver
from stepfun_mock.transports.server import STOP_SECONDS, CannotListenError, Server, root_url

pytestmark = pytest.mark.usefixtures("nothing_fails_unseen")

NOT_RUNNING = (
    "the server is not running; use it in a `with` block, or between start() and stop(). A mock "
    "of your own, as in MockServer(mock), can be asked at any time"
)
FORKED = (
    "this process was forked from the one in which the server runs, so what it sees here is a "
    "copy; ask in the process that started it, or start a MockServer in the child"
)


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


def ask(server: MockServer, **fields: Any) -> int:
    """Ask for a picture over a connection of its own, and give the status."""
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    headers = {
        "Authorization": f"Bearer {server.api_key}",
        "Content-Type": "application/json",
    }
    link.request("POST", GENERATIONS, json.dumps({**MINIMAL, **fields}), headers)
    reply = link.getresponse()
    reply.read()
    link.close()
    return reply.status


# As people use it ---------------------------------------------------------------


def test_it_answers_for_as_long_as_its_block_lasts() -> None:
    with MockServer() as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert server.base_url == f"{server.url}/v1"
        assert ask(server, seed=7) == 200
        port = server.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_the_handle_is_that_of_the_core(server: MockServer) -> None:
    mock = server.mock
    assert ask(server, seed=7) == 200
    assert server.requests == mock.requests
    assert [request.seed for request in server.requests] == [7]
    assert (server.journal, server.clock, server.choices) == (
        mock.journal,
        mock.clock,
        mock.choices,
    )
    assert server.api_key == mock.api_key


def test_questions_scripts_and_a_reset_reach_the_core(server: MockServer) -> None:
    server.assert_not_requested()
    server.script(faults.overloaded(), faults.rate_limited())
    assert [ask(server) for _ in range(3)] == [503, 429, 200]
    server.assert_requested(prompt=MINIMAL["prompt"])
    server.assert_requested(times=3, prompt=MINIMAL["prompt"])
    with pytest.raises(AssertionError):
        server.assert_requested(times=2)
    with pytest.raises(AssertionError):
        server.assert_not_requested()
    server.script(faults.overloaded())
    server.reset()
    server.assert_not_requested()
    assert ask(server) == 200


def test_it_answers_by_the_mock_that_it_is_given() -> None:
    mock = StepfunMock(choices=Choices(api_keys=("the-only-key",)))
    with MockServer(mock) as server:
        assert (server.mock, server.api_key) == (mock, "the-only-key")
        assert ask(server) == 200
    assert len(mock.requests) == 1


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0"])
def test_the_address_of_a_host_can_be_asked(host: str) -> None:
    with MockServer(host=host) as server:
        address = server.url.removeprefix("http://")
        link = http.client.HTTPConnection(address, timeout=5)
        link.request("GET", "/__stepfun_mock/health")
        assert link.getresponse().read() == b'{"status":"ok"}'
        link.close()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("mock", "http://mock:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("fd00::1", "http://[fd00::1]:80"),
    ],
)
def test_addresses_are_written_as_clients_write_them(host: str, url: str) -> None:
    assert root_url(host, 80) == url


def test_it_answers_to_the_names_that_it_allows() -> None:
    with MockServer(allow_hosts=["mock"]) as server:
        line = Line(server.port)
        assert line.ask(get(host="mock")).status == 200
        assert line.ask(get(host="other")).status == 421
        line.close()


def test_a_name_that_cannot_be_allowed_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="is no host name to allow"):
        MockServer(allow_hosts=["http://mock"])


def test_its_thread_has_a_name_and_does_not_keep_the_process(server: MockServer) -> None:
    (thread,) = [one for one in threading.enumerate() if one.name == "stepfun-mock"]
    assert thread.daemon


# Another core -------------------------------------------------------------------


def test_requests_after_a_swap_go_to_the_new_core(server: MockServer) -> None:
    line = Line(server.port)
    old, new = server.mock, StepfunMock()
    assert line.ask(get()).status == 200
    server.mock = new
    assert server.mock is new
    assert line.ask(get()).status == 200
    assert (len(old.journal), len(new.journal)) == (1, 1)
    line.close()


def test_a_request_that_is_being_answered_stays_with_its_core(server: MockServer) -> None:
    old, new = server.mock, StepfunMock()
    reached, released = threading.Event(), threading.Event()

    class Slow(Random):
        def randint(self, a: int, b: int) -> int:
            reached.set()
            assert released.wait(5)
            return 5

    old = server.mock = StepfunMock(random=Slow())
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(ask, server)
        assert reached.wait(5)
        server.mock = new
        released.set()
        assert answer.result(5) == 200
    assert (len(old.journal), len(new.journal)) == (1, 0)


def test_no_request_is_lost_or_counted_twice_while_cores_are_swapped(server: MockServer) -> None:
    cores = [server.mock]
    ends = threading.Event()

    def swap() -> None:
        while not ends.is_set():
            cores.append(StepfunMock())
            server.mock = cores[-1]
            time.sleep(0.001)

    def many(first: int) -> None:
        line = Line(server.port)
        for seed in range(first, first + 50):
            assert seed_of(line.ask(post(json.dumps({**MINIMAL, "seed": seed}).encode()))) == seed
        line.close()

    with ThreadPoolExecutor(5) as threads:
        swapping = threads.submit(swap)
        for asking in [threads.submit(many, 50 * number) for number in range(4)]:
            asking.result(20)
        ends.set()
        swapping.result(5)
    assert len(cores) > 2
    seeds = [entry.seed for core in cores for entry in core.journal]
    assert sorted(seeds, key=str) == sorted(range(200), key=str)


# Start and stop -----------------------------------------------------------------


USES: dict[str, Callable[[MockServer], object]] = {
    "url": lambda server: server.url,
    "base_url": lambda server: server.base_url,
    "port": lambda server: server.port,
    "mock": lambda server: server.mock,
    "a new mock": lambda server: setattr(server, "mock", StepfunMock()),
    "requests": lambda server: server.requests,
    "journal": lambda server: server.journal,
    "clock": lambda server: server.clock,
    "choices": lambda server: server.choices,
    "api_key": lambda server: server.api_key,
    "assert_requested": lambda server: server.assert_requested(),
    "assert_not_requested": lambda server: server.assert_not_requested(),
    "script": lambda server: server.script(),
    "reset": lambda server: server.reset(),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_use_outside_of_its_time_names_the_way_out(use: Callable[[MockServer], object]) -> None:
    server = MockServer()
    with pytest.raises(RuntimeError) as before:
        use(server)
    with server, contextlib.suppress(AssertionError):
        use(server)
    with pytest.raises(RuntimeError) as after:
        use(server)
    assert str(before.value) == str(after.value) == NOT_RUNNING


def test_it_cannot_be_started_twice_at_once_but_again_after_it_stopped() -> None:
    server = MockServer()
    server.start()
    with pytest.raises(RuntimeError, match=r"^the server is running already; stop\(\) it first"):
        server.start()
    server.stop()
    with server:
        assert ask(server) == 200


def test_stopping_what_does_not_run_does_nothing() -> None:
    server = MockServer()
    server.stop()
    server.start()
    server.stop()
    server.stop()


def test_a_taken_port_is_named_with_the_way_out(server: MockServer) -> None:
    with pytest.raises(CannotListenError) as caught:
        MockServer(port=server.port).start()
    assert str(caught.value) == (
        f"cannot listen on 127.0.0.1 port {server.port}: Address already in use; stop the program "
        "that has it, or choose another port (0 picks a free one)"
    )


def test_a_port_can_be_had_again_at_once() -> None:
    with MockServer() as server:
        port = server.port
        line = Line(port)
        assert line.ask(get()).status == 200
    with MockServer(port=port) as server:
        assert (server.port, ask(server)) == (port, 200)
    line.close()


def test_it_stops_soon_although_clients_keep_their_connections() -> None:
    server = MockServer()
    server.start()
    line = Line(server.port)
    assert line.ask(get()).status == 200
    started = time.monotonic()
    server.stop()
    assert time.monotonic() - started < STOP_SECONDS / 2  # nothing waited for its time to be up
    assert line.is_closed()
    line.close()


def test_it_stops_although_a_client_never_reads() -> None:
    server = MockServer()
    server.start()
    line = Line(server.port)
    flood(line)
    started = time.monotonic()
    server.stop()
    assert time.monotonic() - started < 2
    line.close()


def test_a_thread_that_does_not_end_is_told_and_can_be_stopped_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mockserver, "_JOIN_SECONDS", 0.05)
    reached, released = threading.Event(), threading.Event()

    def hold(exchange: object) -> None:
        reached.set()
        assert released.wait(5)

    server = MockServer()
    server.start()
    server.mock.watch(hold)
    line = Line(server.port)
    line.send(get())
    assert reached.wait(5)
    with pytest.raises(RuntimeError, match=r"its thread does not end; .* let that return, then "):
        server.stop()
    released.set()
    monkeypatch.undo()
    server.stop()
    line.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_ends_at_once_is_an_error_and_leaves_the_port(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ports = []

    def broken(server: Server) -> None:
        ports.append(server.port)
        raise ZeroDivisionError

    monkeypatch.setattr(Server, "run_until_stopped", broken)
    server = MockServer()
    with pytest.raises(RuntimeError, match=r"^the server ended before it was ready; its thread"):
        server.start()
    monkeypatch.undo()
    with pytest.raises(RuntimeError, match=r"^the server is not running"):
        server.mock  # noqa: B018
    with MockServer(port=ports[0]) as other:
        assert ask(other) == 200


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
def test_many_starts_and_stops_leave_no_thread_and_no_descriptor() -> None:
    def cycle() -> None:
        with MockServer() as server:
            line = Line(server.port)
            assert line.ask(get()).status == 200
        line.close()

    cycle()
    gc.collect()  # what other tests left must not go in between
    before = len(os.listdir("/proc/self/fd")), threading.active_count()  # noqa: PTH208 (a count)
    for _ in range(50):
        cycle()
    assert before == (len(os.listdir("/proc/self/fd")), threading.active_count())  # noqa: PTH208


# Forks ----------------------------------------------------------------------------


def forking(child: str, parent: str = "") -> str:
    """Run a program that forks while a server runs in it, and give what both print.

    The child runs first, then the parent goes on; both have `server`, and `port`, its port.
    """
    program = PROGRAM.format(
        child=textwrap.indent(textwrap.dedent(child).strip(), " " * 8),
        parent=textwrap.dedent(parent).strip(),
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


PROGRAM = """
import os, signal, socket, sys, time, urllib.request
from stepfun_mock import MockServer

def healthy(server):
    with urllib.request.urlopen(f"{{server.url}}/__stepfun_mock/health", timeout=5) as reply:
        return reply.read().decode()

server = MockServer()
server.start()
port = server.port
healthy(server)
child = os.fork()
if child == 0:
    try:
{child}
        sys.stdout.flush()
    except Exception as problem:
        print(type(problem).__name__, problem, flush=True)
    os._exit(0)
{parent}
server.stop()
"""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
WAIT = "os.waitpid(child, 0)\nprint('parent', healthy(server))"


@needs_fork
def test_a_forked_process_can_ask_the_server_of_its_parent() -> None:
    child = """
        print(server.url == f"http://127.0.0.1:{port}", server.port == port)
        print(server.base_url == f"{server.url}/v1", healthy(server))
    """
    told = "True True\nTrue {0}\nparent {0}\n".format('{"status":"ok"}')
    assert forking(child, WAIT) == told


@needs_fork
@pytest.mark.parametrize("use", ["server.requests", "server.reset()", "server.start()"])
def test_a_forked_process_is_told_that_it_sees_a_copy(use: str) -> None:
    assert forking(use, "os.waitpid(child, 0)") == f"RuntimeError {FORKED}\n"


ADDRESSES = {"url", "base_url", "port"}


@pytest.mark.parametrize("name", [*sorted(USES.keys() - ADDRESSES), "start"])
def test_everything_but_the_addresses_belongs_to_one_process(
    server: MockServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getpid", lambda: 0)
    use = {**USES, "start": MockServer.start}[name]
    with pytest.raises(RuntimeError) as caught:
        use(server)
    assert str(caught.value) == FORKED
    server.stop()
    monkeypatch.undo()
    assert ask(server) == 200


@needs_fork
def test_a_forked_process_cannot_stop_the_server_of_its_parent() -> None:
    child = """
        server.stop()
        with MockServer() as own:
            print("child", healthy(own), own.mock.journal.total, own.port != port)
        print("child", healthy(server))
    """
    assert forking(child, WAIT) == (
        'child {"status":"ok"} 0 True\nchild {"status":"ok"}\nparent {"status":"ok"}\n'
    )


@needs_fork
def test_a_forked_process_that_lives_on_does_not_keep_the_port_open() -> None:
    parent = """
        server.stop()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5)
        except ConnectionRefusedError:
            print("refused")
        with MockServer(port=port) as again:
            print(healthy(again))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    """
    assert forking("time.sleep(30)", parent) == 'refused\n{"status":"ok"}\n'


@needs_fork
def test_a_forked_process_that_ends_as_usual_harms_nobody() -> None:
    child = """
        import gc
        server.stop()
        del server
        gc.collect()
        sys.exit(0)
    """
    parent = "print(os.waitpid(child, 0)[1], healthy(server))"
    assert forking(child, parent) == '0 {"status":"ok"}\n'


def test_a_server_has_every_name_of_the_mock() -> None:
    def names(kind: type) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    # What the ways in ask of the core is no business of those who hold the server.
    assert names(StepfunMock) - names(MockServer) == {"handle", "refuse", "secrets", "waiting"}


def test_it_is_asked_and_told_as_the_mock_is() -> None:
    seen: list[object] = []
    with MockServer() as server:
        server.watch(seen.append)
        server.script(faults.overloaded(times=2))
        assert ask(server) == 503
        assert server.unmet_faults() == ["overloaded (met 1 of 2 times)"]
        server.choose(link_life=1)
        assert server.choices.link_life == 1
        server.reset()
        assert (server.choices.link_life, server.unmet_faults()) == (7200, [])
        assert repr(server) == f"<MockServer on port {server.port}>"
    assert len(seen) == 1
    assert repr(server) == "<MockServer not running>"
