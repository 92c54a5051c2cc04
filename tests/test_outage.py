"""Times in which nobody listens on the port: how they begin, what they do, and how they end."""

import contextlib
import errno
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from wire import BODY, HEALTH, Line, eventually, get, post, seed_of, statuses

from conftest import GENERATIONS, HEADERS, Running
from stepfun_mock import MockServer, StepfunMock, faults
from stepfun_mock.transports import listener, outages
from stepfun_mock.transports.server import STOP_SECONDS, CannotListenError, bind

pytestmark = pytest.mark.usefixtures("nothing_fails_unseen", "both_loops")

FOR_EVER = 86_400
REFUSED = faults.connection_refused(seconds=FOR_EVER)


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


@pytest.fixture
def line(server: MockServer) -> Iterator[Line]:
    with contextlib.closing(Line(server.port)) as line:
        yield line


def is_open(server: MockServer | Running) -> bool:
    """Whether somebody listens and answers; what is not refused must be answered."""
    try:
        line = Line(server.port)
    except ConnectionRefusedError:
        return False
    with contextlib.closing(line):
        assert line.ask(get(HEALTH)).status == 200
    return True


# How it begins -------------------------------------------------------------------------


def test_nobody_listens_once_it_is_scripted(server: MockServer) -> None:
    assert is_open(server)
    server.script(REFUSED)
    assert not is_open(server)
    assert not is_open(server)
    assert len(server.journal) == 0


def test_nobody_listens_from_the_start_where_that_is_scripted() -> None:
    mock = StepfunMock(faults=(REFUSED,))
    with MockServer(mock) as server:
        assert not is_open(server)
        mock.clock.advance(hours=24)
        assert is_open(server)
        server.reset()
        assert not is_open(server)


def test_it_begins_after_so_many_requests_and_they_get_their_replies(
    server: MockServer, line: Line
) -> None:
    server.script(faults.connection_refused(seconds=FOR_EVER, after=2))
    assert seed_of(line.ask(post())) == 5
    assert is_open(server)
    assert seed_of(line.ask(post())) == 5
    assert line.is_closed()
    assert not is_open(server)
    assert statuses(server.mock) == [200, 200]


def test_it_begins_within_a_packet_of_requests(server: MockServer, line: Line) -> None:
    server.script(faults.connection_refused(seconds=FOR_EVER, after=2))
    line.send(post() * 9)
    assert [seed_of(line.reply()) for _ in range(2)] == [5, 5]
    assert line.is_closed()
    assert statuses(server.mock) == [200, 200]


def test_it_may_begin_in_the_thread_of_the_server(server: MockServer, line: Line) -> None:
    server.watch(lambda exchange: server.script(REFUSED))
    assert seed_of(line.ask(post())) == 5
    assert line.is_closed()
    assert not is_open(server)


def test_it_comes_behind_other_faults(server: MockServer, line: Line) -> None:
    server.script(faults.overloaded(), REFUSED, faults.rate_limited())
    assert line.ask(post()).status == 503
    assert line.is_closed()
    assert not is_open(server)
    server.clock.advance(hours=24)
    with contextlib.closing(Line(server.port)) as again:
        assert [again.ask(post()).status for _ in range(2)] == [429, 200]


# What becomes of connections ------------------------------------------------------------


def test_connections_that_are_kept_are_closed(server: MockServer) -> None:
    lines = [Line(server.port) for _ in range(20)]
    for line in lines[:10]:
        assert line.ask(get()).status == 200
    for line in lines[5:15]:
        line.send(post()[:-9])
    assert lines[0].ask(get()).status == 200
    server.script(REFUSED)
    for line in lines:
        assert line.is_closed()
        line.close()
    # The ten that had begun a request are gone without a trace, as on a machine that went down.
    assert statuses(server.mock) == [200] * 11


def test_a_connection_that_was_just_opened_is_closed(server: MockServer) -> None:
    for _ in range(20):
        line = Line(server.port)
        server.script(REFUSED)
        with contextlib.suppress(ConnectionError):
            line.send(get())
        assert line.is_closed()
        line.close()
        server.reset()


def test_a_reply_under_way_comes_to_its_end(server: MockServer, line: Line) -> None:
    server.script(faults.slow(seconds=60))
    line.send(post() + post())
    eventually(lambda: len(server.journal) == 1)
    server.script(REFUSED)
    assert not is_open(server)
    assert not line.is_heard()
    server.clock.advance(seconds=60)
    assert seed_of(line.reply()) == 5
    assert line.is_closed()
    assert len(server.journal) == 1


def test_a_request_that_slips_in_is_reset_and_stands_in_no_journal(
    server: MockServer, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert line.ask(get()).status == 200
    with server.mock.waiting._lock:
        server.mock.waiting._down_until = server.clock.now() + 60  # and nobody is told
    line.send(post())
    with pytest.raises(ConnectionResetError):
        line.socket.recv(1)
    assert statuses(server.mock) == [200]


# How it ends ---------------------------------------------------------------------------


def test_it_ends_with_its_time(server: MockServer) -> None:
    started = time.monotonic()
    server.script(faults.connection_refused(seconds=0.4))
    assert not is_open(server)
    eventually(lambda: is_open(server))
    assert time.monotonic() - started >= 0.35


def test_it_ends_when_the_clock_is_moved_on(server: MockServer) -> None:
    port = server.port
    server.script(faults.connection_refused(seconds=60))
    server.clock.advance(seconds=30)
    assert not is_open(server)
    server.clock.advance(seconds=30)
    assert is_open(server)
    assert server.port == port


def test_it_lasts_while_the_clock_stands_still(server: MockServer) -> None:
    server.clock.freeze()
    server.script(faults.connection_refused(seconds=0.1))
    time.sleep(0.2)
    assert not is_open(server)
    server.clock.advance(seconds=0.1)
    assert is_open(server)


def test_a_clock_that_runs_on_ends_it(server: MockServer) -> None:
    server.script(faults.connection_refused(seconds=0.2))
    server.clock.freeze()
    time.sleep(0.25)
    assert not is_open(server)
    server.clock.unfreeze()
    eventually(lambda: is_open(server))


def test_a_reset_ends_it(server: MockServer) -> None:
    server.script(REFUSED)
    server.reset()
    assert is_open(server)


def test_another_mock_ends_it_and_the_one_before_has_no_say(server: MockServer) -> None:
    old, new = server.mock, StepfunMock()
    server.script(REFUSED)
    server.mock = new
    assert is_open(server)
    old.script(REFUSED)
    old.reset()
    old.clock.advance(hours=48)
    assert is_open(server)
    old.script(REFUSED)
    server.mock = old
    assert not is_open(server)
    server.mock = new
    assert is_open(server)
    new.script(REFUSED)
    assert not is_open(server)


def test_one_that_is_over_does_not_come_back_with_real_time(server: MockServer) -> None:
    server.script(faults.connection_refused(seconds=60))
    server.clock.advance(seconds=60)
    assert is_open(server)
    server.clock.reset()
    assert is_open(server)


def test_two_in_a_row_last_as_long_as_both(server: MockServer) -> None:
    server.clock.freeze()
    server.script(*[faults.connection_refused(seconds=60)] * 2)
    server.clock.advance(seconds=119)
    assert not is_open(server)
    server.clock.advance(seconds=1)
    assert is_open(server)


def test_one_behind_a_slow_reply_lasts_from_when_that_has_arrived(
    server: MockServer, line: Line
) -> None:
    server.clock.freeze()
    server.script(faults.slow(seconds=60), faults.connection_refused(seconds=10))
    line.send(post())
    eventually(lambda: len(server.journal) == 1)
    assert not line.is_heard()
    server.clock.advance(seconds=60)
    assert seed_of(line.reply()) == 5
    assert line.is_closed()
    server.clock.advance(seconds=9)
    assert not is_open(server)
    server.clock.advance(seconds=1)
    assert is_open(server)


def test_many_come_and_go_on_one_port(server: MockServer) -> None:
    port = server.port
    for _ in range(50):
        server.script(REFUSED)
        with pytest.raises(ConnectionRefusedError):
            Line(port)
        server.reset()
        with contextlib.closing(Line(port)) as line:
            assert line.ask(get()).status == 200


def test_one_that_begins_as_another_ends_holds(server: MockServer) -> None:
    for _ in range(50):
        server.script(REFUSED)
        server.clock.advance(hours=24)
        server.script(REFUSED)
        assert not is_open(server)
        server.reset()
    assert is_open(server)


def test_many_threads_open_and_shut_it_and_the_last_word_holds(server: MockServer) -> None:
    def turn() -> None:
        for _ in range(20):
            server.script(REFUSED)
            server.reset()

    threads = [threading.Thread(target=turn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    server.reset()
    assert is_open(server)
    server.script(REFUSED)
    assert not is_open(server)


def test_a_client_that_tries_again_finds_the_server_back(server: MockServer) -> None:
    headers = {name: HEADERS[name] for name in ("authorization", "content-type")}
    with httpx.Client(base_url=server.url, headers=headers) as client:
        assert client.post(GENERATIONS, content=BODY).status_code == 200
        server.script(faults.connection_refused(seconds=60))
        with pytest.raises(httpx.ConnectError):
            client.post(GENERATIONS, content=BODY)
        server.clock.advance(minutes=1)
        assert client.post(GENERATIONS, content=BODY).status_code == 200
    assert statuses(server.mock) == [200, 200]


# The port ------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_nobody_else_can_take_the_port_meanwhile(server: MockServer, host: str) -> None:
    for _ in range(3):
        server.script(REFUSED)
        with pytest.raises(CannotListenError, match="Address already in use"):
            bind(host, server.port)
        server.reset()
        with pytest.raises(CannotListenError, match="Address already in use"):
            bind(host, server.port)
    assert is_open(server)


@pytest.fixture
def picked() -> int:
    """A port that was free a moment ago."""
    with bind("127.0.0.1", 0) as bound:
        return int(bound.getsockname()[1])


def test_a_port_that_was_named_is_kept_too(picked: int) -> None:
    with MockServer(port=picked) as server:
        server.script(REFUSED)
        assert not is_open(server)
        server.reset()
        assert is_open(server)


def test_a_port_that_somebody_else_was_given_is_picked_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = listener._named
    tried = []

    def taken_at_first(host: str, port: int) -> socket.socket:
        tried.append(port)
        if port and len(tried) < 5:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        return named(host, port)

    monkeypatch.setattr(listener, "_named", taken_at_first)
    with MockServer() as server:
        assert is_open(server)
    assert [bool(port) for port in tried] == [False, True] * 3


def test_a_machine_without_ports_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    named = listener._named

    def taken(host: str, port: int) -> socket.socket:
        if port:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        return named(host, port)

    monkeypatch.setattr(listener, "_named", taken)
    with pytest.raises(CannotListenError, match="Address already in use"):
        bind("127.0.0.1", 0)


def test_a_port_that_is_taken_after_all_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(bound: socket.socket, backlog: int) -> None:
        raise OSError(errno.EADDRINUSE, "Address already in use")

    with monkeypatch.context() as patch:
        patch.setattr(socket.socket, "listen", taken)
        with pytest.raises(CannotListenError, match="Address already in use"):
            bind("127.0.0.1", 0)


class Stubborn(socket.socket):
    """A socket of a system that shuts down none that listen."""

    def shutdown(self, how: int) -> None:
        raise OSError(errno.ENOTCONN, "Socket is not connected")


def test_a_system_that_shuts_down_no_listening_socket_gets_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "socket", Stubborn)
    with MockServer() as server:
        for _ in range(5):
            server.script(REFUSED)
            assert not is_open(server)
            with pytest.raises(CannotListenError):
                bind("127.0.0.1", server.port)
            server.reset()
            assert is_open(server)


def test_ipv6_is_refused_as_well() -> None:
    try:
        server = MockServer(host="::1")
        server.start()
    except CannotListenError:
        pytest.skip("this machine has no IPv6")
    with contextlib.closing(socket.create_connection(("::1", server.port), timeout=5)):
        server.script(REFUSED)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("::1", server.port), timeout=5)
    server.reset()
    socket.create_connection(("::1", server.port), timeout=5).close()
    server.stop()


# The server ----------------------------------------------------------------------------


def test_a_server_without_a_thread_of_its_own_does_it_too(running: Running) -> None:
    running.mock.script(REFUSED)
    assert not is_open(running)
    running.mock.clock.advance(hours=24)
    assert is_open(running)


def test_the_server_stops_meanwhile_and_leaves_its_port() -> None:
    with MockServer() as server:
        port = server.port
        server.script(REFUSED)
        started = time.monotonic()
    assert time.monotonic() - started < STOP_SECONDS
    with MockServer(port=port) as again:
        assert is_open(again)


def test_a_mock_outlives_its_servers_and_forgets_them() -> None:
    mock = StepfunMock()
    for _ in range(3):
        with MockServer(mock) as server:
            mock.script(REFUSED)
            assert not is_open(server)
        mock.reset()
    assert len(mock.waiting._watchers) == 0
    assert len(mock.clock._watchers) == 0


def test_a_mock_in_two_servers_shuts_both() -> None:
    mock = StepfunMock()
    with MockServer(mock) as one, MockServer(mock) as other:
        mock.script(REFUSED)
        assert not is_open(one)
        assert not is_open(other)
        mock.reset()
        assert is_open(one)
        assert is_open(other)


def test_a_server_that_is_busy_is_not_waited_for_for_ever(
    server: MockServer, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "_CATCH_UP_SECONDS", 0.05)
    reached, released = threading.Event(), threading.Event()

    def hold(exchange: object) -> None:
        reached.set()
        assert released.wait(5)

    server.watch(hold)
    line.send(post())
    assert reached.wait(5)
    server.script(REFUSED)
    released.set()
    assert seed_of(line.reply()) == 5
    assert line.is_closed()
    assert not is_open(server)


def test_a_server_stops_in_the_middle_of_it() -> None:
    server = MockServer()
    server.start()
    assert server._run is not None
    port, stop = server.port, server._run.server.stop

    def shut_and_stop(exchange: object) -> None:
        server.script(REFUSED)
        stop()

    server.watch(shut_and_stop)
    with contextlib.closing(Line(port)) as line:
        assert seed_of(line.ask(post())) == 5
        assert line.is_closed()
    server.stop()
    with bind("127.0.0.1", port):
        pass


def test_who_is_too_late_for_a_server_is_not_held_up() -> None:
    with MockServer() as server:
        assert server._run is not None
        late = server._run.server._outages
        server.script(REFUSED)
    late._turned()


def test_another_process_has_no_say(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    mock = server.mock
    monkeypatch.setattr(os, "getpid", lambda: 0)
    mock.script(REFUSED)
    monkeypatch.undo()
    Line(server.port).close()
    mock.reset()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_neither_shuts_the_server_of_its_parent_nor_opens_it() -> None:
    program = """
        import os, socket, warnings
        from stepfun_mock import MockServer, StepfunMock, faults

        warnings.simplefilter("ignore")  # some Pythons warn of threads and forks
        mock = StepfunMock()

        def refused():
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
            except ConnectionRefusedError:
                return True
            return False

        def fork(act):
            child = os.fork()
            if not child:
                act()
                os._exit(0)
            return os.waitpid(child, 0)[1]

        with MockServer(mock) as server:
            port = server.port
            print(fork(lambda: mock.script(faults.connection_refused())), refused())
            mock.script(faults.connection_refused(seconds=60))
            print(fork(mock.reset), refused())
            mock.reset()
            print(refused())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("0 False\n0 True\nFalse\n", "")
