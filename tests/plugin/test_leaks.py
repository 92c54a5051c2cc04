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
from respx.mocks import HTTPCoreMocker, HTTPXMocker

from plugin.conftest import Run

pytest_plugins = ["pytester"]

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
        "variables": set(os.environ.items()),
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
    run(suite.format(count=250), *quiet).assert_outcomes(passed=1001, xfailed=1)
    after = traces()
    assert [kind for kind, found in before.items() if after[kind] - found] == []
    assert before["attributes"] == after["attributes"]
    assert before["variables"] == after["variables"]
