"""A thousand tests under the fixtures leave this process as they found it."""

import http.client
import os
import socket
import ssl
import threading
from asyncio import BaseEventLoop
from pathlib import Path
from typing import Any

import aiohttp
import httpcore
import httpcore2
import httpx
import httpx2
import pytest
from respx.mocks import HTTPCoreMocker, HTTPXMocker

from plugin.conftest import Run

# Everything in which the fixtures replace something.
OWNERS = [
    socket,
    socket.socket,
    ssl.SSLContext,
    http.client.HTTPConnection,
    BaseEventLoop,
    aiohttp.TCPConnector,
    *(
        getattr(library, name)
        for library in (httpx, httpx2)
        for name in ("Client", "AsyncClient", "HTTPTransport", "AsyncHTTPTransport")
    ),
    *(
        getattr(library, name)
        for library in (httpcore, httpcore2)
        for name in ("HTTP11Connection", "AsyncHTTP11Connection", "ConnectionPool")
    ),
    httpx._transports.default,
    httpx2._transports.default,
]


def attributes() -> set[tuple[int, str, int]]:
    return {(id(owner), name, id(value)) for owner in OWNERS for name, value in vars(owner).items()}


def descriptors() -> set[str]:
    """What this process has open; on Linux alone."""
    folder = Path("/proc/self/fd")
    links = list(folder.iterdir()) if folder.is_dir() else []
    # The folder itself is open while it is read, and gone now.
    return {f"{link.name} {link.readlink()}" for link in links if link.exists()}


def traces() -> dict[str, set[Any]]:
    """What fixtures could leave behind."""
    return {
        "threads": set(threading.enumerate()),
        "descriptors": descriptors(),
        "routers": {id(router) for router in HTTPXMocker.routers + HTTPCoreMocker.routers},
        # pytest's own stays where a run is broken off.
        "variables": {one for one in os.environ.items() if one[0] != "PYTEST_CURRENT_TEST"},
        "attributes": attributes(),
    }


def test_a_thousand_tests_leave_no_trace(run: Run) -> None:
    suite = """
        import pytest
        from asking import ask, ask_socket, swallowed

        FIXTURES = ["stepfun_mock", "stepfun_respx", "stepfun_server"]

        @pytest.mark.parametrize("number", range({count}))
        @pytest.mark.parametrize("fixture", FIXTURES)
        def test_one(fixture, number, request):
            request.getfixturevalue(fixture)
            if number % 50 == 0:
                (ask_socket if fixture == "stepfun_server" else ask)()

        @pytest.mark.parametrize("number", range({count}))
        def test_all(stepfun_mock, stepfun_respx, stepfun_server, number):
            pass

        @pytest.mark.xfail
        def test_escape(stepfun_mock):
            swallowed()

        def test_application(stepfun_server_session):
            ask_socket()
        """
    quiet = ("-q", "--no-header")
    run(suite.format(count=1), *quiet)  # what libraries load or open once is no leak
    before = traces()
    run(suite.format(count=250), *quiet).assert_outcomes(passed=1001, xpassed=1, errors=1)
    after = traces()
    assert [kind for kind, found in before.items() if after[kind] - found] == []
    assert before["attributes"] == after["attributes"]
    assert before["variables"] == after["variables"]


def test_what_tests_lay_over_transports_for_themselves_does_not_pile_up(run: Run) -> None:
    before = attributes()
    result = run(
        """
        import httpx, pytest

        @pytest.mark.parametrize("number", range(20))
        @pytest.mark.parametrize("fixture", ["stepfun_mock", "stepfun_respx"])
        def test_one(fixture, number, request, monkeypatch):
            request.getfixturevalue(fixture)
            below = httpx.HTTPTransport.handle_request
            stand_in = lambda transport, request: below(transport, request)
            monkeypatch.setattr(httpx.HTTPTransport, "handle_request", stand_in)
        """
    )
    result.assert_outcomes(passed=40)
    assert attributes() == before


def test_a_run_that_was_broken_off_leaves_no_trace(run: Run) -> None:
    before = traces()
    result = run(
        """
        import pytest
        from asking import ask

        def test_one(stepfun_mock, stepfun_server):
            ask()
            pytest.exit("enough")
        """
    )
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["stepfun-mock: 1 picture asked for in 1 test, 1 drawn; *"])
    after = traces()
    assert [kind for kind, found in before.items() if after[kind] - found] == []
