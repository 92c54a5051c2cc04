"""Nothing escapes: real clients that ask a real StepFun host, and what stops them.

No test here reaches the network: `bottom` lies under the guard and takes what comes through.
"""

import asyncio
import contextlib
import http.client
import socket
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiodns
import aiohttp
import anyio
import httpcore
import httpcore2
import httpx
import httpx2
import openai
import pytest
import requests
import respx
import trio
import urllib3
import uvloop
from aiohttp.abc import AbstractResolver, ResolveResult
from pytest_httpx import HTTPXMock

from conftest import Running
from stepfun_mock import StepfunMock
from stepfun_mock.contract import HOSTS
from stepfun_mock.transports import guard as guards
from stepfun_mock.transports import seams
from stepfun_mock.transports.callers import NOBODY
from stepfun_mock.transports.guard import Escape, EscapedError, Guard, proxy_exceptions
from stepfun_mock.transports.intercept import Interception

HOST = "api.stepfun.ai"
HTTPS = f"https://{HOST}"
HTTP = f"http://{HOST}"
TLS = ssl.create_default_context()
OPENAI = "openai (httpx)" if openai.__version__ < "3" else "openai (httpx2)"

Act = Callable[..., object]


# What lies under the guard ----------------------------------------------------------


@dataclass
class Bottom:
    """Every lookup that came as far as the system, and where StepFun's names lead meanwhile."""

    asked: list[object] = field(default_factory=list)
    leads_home: bool = False

    def lookup(self, real: Callable[..., Any], host: Any, *given: Any, **named: Any) -> Any:
        text = host.decode() if isinstance(host, bytes) else str(host)
        if "stepfun" not in text.lower():
            return real(host, *given, **named)
        self.asked.append(text)
        if self.leads_home:
            return real("127.0.0.1", *given, **named)
        raise socket.gaierror(f"a test asked the network for {text}")


@pytest.fixture(autouse=True)
def bottom(monkeypatch: pytest.MonkeyPatch) -> Bottom:
    found = Bottom()

    def under(owner: Any, name: str) -> None:
        monkeypatch.setattr(owner, name, partial(found.lookup, getattr(owner, name)))

    for owner in (socket, socket.getaddrinfo.__globals__["_socket"]):
        under(owner, "gethostbyname")
        under(owner, "gethostbyname_ex")
    under(socket.getaddrinfo.__globals__["_socket"], "getaddrinfo")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, _connecting(found, getattr(socket.socket, name)))
    for name in ("getaddrinfo", "query", "query_dns", "gethostbyname"):
        real = getattr(aiodns.DNSResolver, name)
        monkeypatch.setattr(aiodns.DNSResolver, name, _resolving(found, real))
    _under_uvloop(found, monkeypatch)
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)
    return found


def _connecting(found: Bottom, real: Act) -> Act:
    def connect(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple):
            found.lookup(lambda host: None, address[0])
        return real(self, address)

    return connect


def _resolving(found: Bottom, real: Act) -> Act:
    def resolve(self: aiodns.DNSResolver, host: Any, *given: Any, **named: Any) -> Any:
        return found.lookup(partial(real, self), host, *given, **named)

    return resolve


def _under_uvloop(found: Bottom, monkeypatch: pytest.MonkeyPatch) -> None:
    lookup, connection = uvloop.Loop.getaddrinfo, uvloop.Loop.create_connection

    async def getaddrinfo(self: Any, host: Any, *given: Any, **named: Any) -> Any:
        return await found.lookup(partial(lookup, self), host, *given, **named)

    async def create_connection(
        self: Any, factory: Any, host: Any = None, *given: Any, **named: Any
    ) -> Any:
        return await found.lookup(partial(connection, self, factory), host, *given, **named)

    monkeypatch.setattr(uvloop.Loop, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(uvloop.Loop, "create_connection", create_connection)


@pytest.fixture
def guard() -> Guard:
    return Guard(lambda client: f"give {client} a base_url of this machine")


class Ear:
    """A port that takes connections and what they say, and never answers."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._server.getsockname()
        self.url = f"http://127.0.0.1:{self.address[1]}"

    def heard(self) -> bytes:
        """What was said up to now on all connections together."""
        said = b""
        self._server.settimeout(0.05)
        with contextlib.suppress(TimeoutError):
            while True:
                line, _ = self._server.accept()
                with line:
                    line.settimeout(0.05)
                    with contextlib.suppress(TimeoutError, ConnectionError):
                        said += line.recv(1000)
        return said

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    one = Ear()
    yield one
    one.close()


# Clients ---------------------------------------------------------------------------


def by_http_client(url: str = HTTPS) -> bytes:
    parts = urllib3.util.parse_url(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    with contextlib.closing(kind(str(parts.host), parts.port)) as connection:
        connection.request("GET", parts.request_uri)
        return connection.getresponse().read()


def by_urllib(url: str = HTTPS, proxy: str = "") -> bytes:
    proxies = {"http": proxy, "https": proxy} if proxy else {}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))
    with opener.open(url) as reply:
        return bytes(reply.read())


def by_urllib3(url: str = HTTPS) -> bytes:
    with urllib3.PoolManager(retries=False) as pool:
        return pool.request("GET", url).data


def by_requests(url: str = HTTPS, proxy: str = "") -> bytes:
    return requests.get(url, proxies={"http": proxy, "https": proxy} if proxy else {}).content


def by_httpx(url: str = HTTPS, library: Any = httpx, **given: Any) -> bytes:
    return bytes(library.get(url, verify=TLS, **given).content)


async def by_async_httpx(url: str = HTTPS, library: Any = httpx, **given: Any) -> bytes:
    async with library.AsyncClient(verify=TLS, **given) as client:
        return bytes((await client.get(url)).content)


def by_httpcore(url: str = HTTPS, library: Any = httpcore) -> bytes:
    return bytes(library.request("GET", url).content)


async def by_aiohttp(
    url: str = HTTPS,
    resolver: Callable[[], AbstractResolver] | None = None,
    socket_factory: Any = None,
    **given: Any,
) -> bytes:
    own = resolver() if resolver else None
    connector = aiohttp.TCPConnector(resolver=own, socket_factory=socket_factory)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.get(url, **given) as reply,
    ):
        return await reply.read()


def by_openai(url: str = HTTPS) -> bytes:
    with openai.OpenAI(api_key="a-key-of-the-test", base_url=f"{url}/v1") as client:
        return client.models.with_raw_response.list().content


async def by_async_openai(url: str = HTTPS) -> bytes:
    async with openai.AsyncOpenAI(api_key="a-key-of-the-test", base_url=f"{url}/v1") as client:
        return (await client.models.with_raw_response.list()).content


def by_socket(method: str = "connect", host: Any = HOST) -> None:
    with socket.socket() as plain:
        getattr(plain, method)((host, 443))


async def by_stream() -> None:
    await asyncio.open_connection(HOST, 443, ssl=TLS)


async def by_trio() -> None:
    await trio.open_ssl_over_tcp_stream(HOST, 443)


async def by_anyio() -> None:
    await anyio.connect_tcp(HOST, 443)


class Elsewhere(AbstractResolver):
    """A resolver of aiohttp that knows another address for every name."""

    def __init__(self, port: int = 0) -> None:
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=self._port,
                family=socket.AF_INET,
                proto=0,
                flags=0,
            )
        ]

    async def close(self) -> None:
        pass


def run(main: Act, *given: Any, by: Act = asyncio.run, **named: Any) -> Act:
    """A call of the test's that runs a coroutine function, by one loop or another."""
    return lambda: by(main(*given, **named))


def in_trio(main: Act, *given: Any, **named: Any) -> Act:
    return lambda: trio.run(partial(main, *given, **named))  # type: ignore[arg-type]


# Those that a lookup gives away; each says who it is.
CLIENTS: list[tuple[str, str, Act]] = [
    ("http.client", "http.client", by_http_client),
    ("urllib", "urllib", by_urllib),
    ("urllib3", "urllib3", by_urllib3),
    ("requests", "requests (urllib3)", by_requests),
    ("requests-http", "requests (urllib3)", partial(by_requests, HTTP)),
    ("httpx", "httpx", by_httpx),
    ("httpx2", "httpx2", partial(by_httpx, library=httpx2)),
    ("httpx-asyncio", "httpx", run(by_async_httpx)),
    ("httpx2-asyncio", "httpx2", run(by_async_httpx, library=httpx2)),
    ("httpx-uvloop", "httpx", run(by_async_httpx, by=uvloop.run)),
    ("httpx2-uvloop", "httpx2", run(by_async_httpx, library=httpx2, by=uvloop.run)),
    ("httpx-trio", "httpx", in_trio(by_async_httpx)),
    ("httpx2-trio", "httpx2", in_trio(by_async_httpx, library=httpx2)),
    ("httpcore", "httpcore", by_httpcore),
    ("httpcore2", "httpcore2", partial(by_httpcore, library=httpcore2)),
    ("openai", OPENAI, by_openai),
    ("openai-asyncio", OPENAI, run(by_async_openai)),
    ("openai-uvloop", OPENAI, run(by_async_openai, by=uvloop.run)),
    ("aiohttp", "aiohttp", run(by_aiohttp)),
    ("aiohttp-uvloop", "aiohttp", run(by_aiohttp, by=uvloop.run)),
    ("aiohttp-threads", "aiohttp", run(by_aiohttp, resolver=aiohttp.ThreadedResolver)),
    ("aiohttp-c-ares", "aiohttp", run(by_aiohttp, resolver=aiohttp.AsyncResolver)),
    ("streams", NOBODY, run(by_stream)),
    ("streams-uvloop", NOBODY, run(by_stream, by=uvloop.run)),
    ("trio", "trio", in_trio(by_trio)),
    ("anyio", "anyio", run(by_anyio)),
    ("anyio-uvloop", "anyio", run(by_anyio, by=uvloop.run)),
    ("anyio-trio", "anyio", in_trio(by_anyio)),
    ("connect", NOBODY, by_socket),
    ("connect-bytes", NOBODY, partial(by_socket, host=HOST.encode())),
    ("connect_ex", NOBODY, partial(by_socket, "connect_ex")),
    ("create_connection", NOBODY, lambda: socket.create_connection((HOST, 443))),
    ("gethostbyname", NOBODY, lambda: socket.gethostbyname(HOST)),
    ("gethostbyname_ex", NOBODY, lambda: socket.gethostbyname_ex(HOST)),
]
every_client = pytest.mark.parametrize(
    ("client", "act"), [one[1:] for one in CLIENTS], ids=[one[0] for one in CLIENTS]
)


@every_client
def test_a_real_host_is_stopped_at_once_and_the_client_is_named(
    guard: Guard, bottom: Bottom, client: str, act: Act
) -> None:
    began = time.monotonic()
    with guard, pytest.raises(EscapedError) as raised:
        act()
    assert time.monotonic() - began < 2  # no retry, no timeout
    sentence = (
        f"{client} asked the real api.stepfun.ai, and stepfun-mock stopped it: "
        f"give {client} a base_url of this machine"
    )
    assert str(raised.value) == sentence
    assert guard.escapes == [Escape(HOST, client, sentence)]
    assert bottom.asked == []


# openai would wait between its tries; for the others it shows that the test above can fail.
@pytest.mark.parametrize(
    "act",
    [one[2] for one in CLIENTS if "openai" not in one[0]],
    ids=[one[0] for one in CLIENTS if "openai" not in one[0]],
)
def test_without_the_guard_the_same_calls_come_through(bottom: Bottom, act: Act) -> None:
    with pytest.raises(BaseException) as raised:  # noqa: PT011 (of many libraries)
        act()
    assert not isinstance(raised.value, EscapedError)
    assert bottom.asked


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("spelt", [str, str.upper, str.title, "{}.".format, str.encode])
def test_a_host_is_known_however_it_is_spelt(
    guard: Guard, host: str, spelt: Callable[[str], Any]
) -> None:
    with guard, pytest.raises(EscapedError, match=f"asked the real {host}, and"):
        socket.getaddrinfo(spelt(host), 443)


@pytest.mark.parametrize("host", [None, b"127.0.0.1", "localhost", "127.0.0.1"])
def test_other_names_are_looked_up(guard: Guard, host: Any) -> None:
    with guard:
        assert socket.getaddrinfo(host, 80)
    assert guard.escapes == []


@pytest.mark.parametrize(
    "host", ["stepfun.ai", "www.stepfun.ai", "xapi.stepfun.ai", "api.stepfun.ai.example"]
)
def test_neighbours_of_the_hosts_are_not_the_hosts(guard: Guard, bottom: Bottom, host: str) -> None:
    with guard, pytest.raises(socket.gaierror):
        socket.getaddrinfo(host, 443)
    assert (guard.escapes, bottom.asked) == ([], [host])


def test_an_attempt_that_the_application_swallows_is_kept(guard: Guard) -> None:
    with guard:
        for host in HOSTS:
            with contextlib.suppress(Exception):
                requests.get(f"https://{host}/v1/models")
    assert [escape.host for escape in guard.escapes] == list(HOSTS)


def test_the_error_is_not_of_a_kind_that_libraries_wrap_or_retry() -> None:
    assert issubclass(EscapedError, RuntimeError)
    assert not issubclass(EscapedError, OSError)


def test_the_openai_sdk_gets_an_error_that_it_does_not_retry(guard: Guard) -> None:
    with guard, pytest.raises(openai.OpenAIError) as raised:
        by_openai()
    assert isinstance(raised.value, EscapedError)
    assert type(raised.value).__qualname__ == "EscapedError"
    assert len(guard.escapes) == 1


# Proxies ---------------------------------------------------------------------------


def by_tunnel(proxy: str) -> None:
    _, port = proxy.rsplit(":", 1)
    with contextlib.closing(http.client.HTTPSConnection("127.0.0.1", int(port))) as connection:
        connection.set_tunnel(f"{HOST}:443")
        connection.request("GET", "/")


def by_absolute_url(proxy: str) -> None:
    _, port = proxy.rsplit(":", 1)
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", int(port))) as connection:
        connection.request("GET", f"http://user@{HOST.upper()}:80/v1/models")


PROXIED: list[tuple[str, str, Callable[[str], object]]] = [
    ("http.client-tunnel", "http.client", by_tunnel),
    ("http.client-absolute", "http.client", by_absolute_url),
    ("urllib-https", "urllib", lambda proxy: by_urllib(HTTPS, proxy)),
    ("urllib-http", "urllib", lambda proxy: by_urllib(HTTP, proxy)),
    ("urllib3", "urllib3", lambda proxy: urllib3.ProxyManager(proxy).request("GET", HTTPS)),
    ("requests-https", "requests (urllib3)", lambda proxy: by_requests(HTTPS, proxy)),
    ("requests-http", "requests (urllib3)", lambda proxy: by_requests(HTTP, proxy)),
    ("aiohttp-https", "aiohttp", lambda proxy: run(by_aiohttp, HTTPS, proxy=proxy)()),
    ("aiohttp-http", "aiohttp", lambda proxy: run(by_aiohttp, HTTP, proxy=proxy)()),
    *(
        (f"{library.__name__}-{kind}-{url[:5]}", library.__name__, partial(call, url, library))
        for library in (httpx, httpx2)
        for kind, call in (
            ("sync", lambda url, library, proxy: by_httpx(url, library, proxy=proxy)),
            ("asyncio", lambda *given: run(by_async_httpx, *given[:2], proxy=given[2])()),
            ("trio", lambda *given: in_trio(by_async_httpx, *given[:2], proxy=given[2])()),
        )
        for url in (HTTPS, HTTP)
    ),
]


@pytest.mark.parametrize(
    ("client", "act"), [one[1:] for one in PROXIED], ids=[one[0] for one in PROXIED]
)
def test_a_proxy_is_told_nothing(
    guard: Guard, ear: Ear, client: str, act: Callable[[str], object]
) -> None:
    with guard, pytest.raises(EscapedError, match=r"asked the real api\.stepfun\.ai, and"):
        act(ear.url)
    assert [escape.client for escape in guard.escapes] == [client]
    assert ear.heard() == b""


def test_other_hosts_go_through_a_proxy_as_ever(guard: Guard, running: Running) -> None:
    with guard:
        by_requests("http://else.test/", proxy=running.root)  # the mock stands in for a proxy
    assert (len(running.mock.journal), guard.escapes) == (1, [])


def test_a_target_that_is_no_url_is_left_to_the_client(guard: Guard) -> None:
    line = http.client.HTTPConnection("127.0.0.1")
    with guard, pytest.raises(ValueError, match="Invalid IPv6 URL"):
        line.putrequest("GET", "http://[")
    assert guard.escapes == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, ("api.stepfun.ai,api.stepfun.com", "api.stepfun.ai,api.stepfun.com")),
        (
            {"NO_PROXY": "a.test, b.test", "no_proxy": "c.test"},
            (
                "a.test,b.test,api.stepfun.ai,api.stepfun.com",
                "c.test,api.stepfun.ai,api.stepfun.com",
            ),
        ),
        (
            {"NO_PROXY": "a.test"},
            (
                "a.test,api.stepfun.ai,api.stepfun.com",
                "a.test,api.stepfun.ai,api.stepfun.com",
            ),
        ),
        (
            {"no_proxy": "api.stepfun.com,,c.test"},
            (
                "api.stepfun.com,c.test,api.stepfun.ai",
                "api.stepfun.com,c.test,api.stepfun.ai",
            ),
        ),
        ({"no_proxy": "*", "NO_PROXY": " * "}, ("*", "*")),
    ],
)
def test_the_hosts_are_added_to_the_proxy_exceptions(
    before: dict[str, str], after: tuple[str, str]
) -> None:
    assert proxy_exceptions(before) == {"NO_PROXY": after[0], "no_proxy": after[1]}


@pytest.mark.parametrize(
    "act",
    [
        by_requests,
        lambda: urllib.request.urlopen(HTTPS),
        run(by_aiohttp, resolver=aiohttp.ThreadedResolver),
        by_httpx,
        partial(by_httpx, library=httpx2),
    ],
    ids=["requests", "urllib", "aiohttp", "httpx", "httpx2"],
)
@pytest.mark.parametrize("before", ["", "else.test"])
def test_clients_that_obey_proxy_variables_then_go_straight(
    bottom: Bottom, ear: Ear, monkeypatch: pytest.MonkeyPatch, act: Act, before: str
) -> None:
    monkeypatch.setattr(aiohttp, "ClientSession", partial(aiohttp.ClientSession, trust_env=True))
    monkeypatch.setenv("HTTPS_PROXY", ear.url)
    for name, value in proxy_exceptions({"NO_PROXY": before}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Exception):  # noqa: B017, PT011 (of many libraries)
        act()
    assert set(bottom.asked) == {HOST}
    assert ear.heard() == b""


# TLS, where the address was found some other way ------------------------------------


def wrapped(ear: Ear) -> None:
    with socket.create_connection(ear.address) as line:
        TLS.wrap_socket(line, server_hostname=f"{HOST.upper()}.")


def wrapped_in_memory(_: Ear) -> None:
    TLS.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=HOST)


async def loop_connects(ear: Ear) -> None:
    with socket.create_connection(ear.address) as line:
        loop = asyncio.get_running_loop()
        await loop.create_connection(asyncio.Protocol, sock=line, ssl=TLS, server_hostname=HOST)


async def loop_starts_tls(ear: Ear) -> None:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_connection(asyncio.Protocol, *ear.address)
    try:
        await loop.start_tls(transport, protocol, TLS, server_hostname=HOST)
    finally:
        transport.close()


async def trio_starts_tls(ear: Ear) -> None:
    async with await trio.open_tcp_stream(*ear.address) as stream:
        await trio.SSLStream(stream, TLS, server_hostname=HOST).do_handshake()


@pytest.mark.parametrize(
    "act",
    [
        wrapped,
        wrapped_in_memory,
        lambda ear: asyncio.run(loop_starts_tls(ear)),
        lambda ear: uvloop.run(loop_starts_tls(ear)),
        lambda ear: asyncio.run(loop_connects(ear)),
        lambda ear: uvloop.run(loop_connects(ear)),
        lambda ear: trio.run(trio_starts_tls, ear),
    ],
    ids=["wrap_socket", "wrap_bio", "asyncio", "uvloop", "asyncio-sock", "uvloop-sock", "trio"],
)
def test_no_byte_of_tls_is_sent_to_a_real_host(
    guard: Guard, ear: Ear, act: Callable[[Ear], object]
) -> None:
    with guard, pytest.raises(EscapedError, match=r"asked the real api\.stepfun\.ai, and"):
        act(ear)
    assert len(guard.escapes) == 1
    assert ear.heard() == b""


@pytest.mark.parametrize("by", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_libraries_that_come_late_are_stopped_at_tls(
    guard: Guard, ear: Ear, monkeypatch: pytest.MonkeyPatch, by: Act
) -> None:
    monkeypatch.delitem(sys.modules, "aiohttp")
    monkeypatch.delitem(sys.modules, "uvloop")
    with contextlib.ExitStack() as lines:  # aiohttp leaves them open, but for an OSError

        def line(found: Any) -> socket.socket:
            return lines.enter_context(socket.socket(*found[:3]))

        with guard, pytest.raises(EscapedError, match=r"asked the real api\.stepfun\.ai, and"):
            by(by_aiohttp(resolver=partial(Elsewhere, ear.address[1]), socket_factory=line))
    assert len(guard.escapes) == 1
    assert ear.heard() == b""


def test_a_resolver_of_ones_own_is_not_asked(guard: Guard, ear: Ear) -> None:
    with guard, pytest.raises(EscapedError):
        asyncio.run(by_aiohttp(HTTP, resolver=partial(Elsewhere, ear.address[1])))
    assert [escape.client for escape in guard.escapes] == ["aiohttp"]
    assert ear.heard() == b""


# Connections that were open before --------------------------------------------------


@contextlib.contextmanager
def kept_by_http_client(url: str) -> Iterator[Act]:
    parts = urllib3.util.parse_url(url)

    def get() -> None:
        connection.request("GET", parts.request_uri)
        connection.getresponse().read()

    with contextlib.closing(http.client.HTTPConnection(str(parts.host), parts.port)) as connection:
        yield get


@contextlib.contextmanager
def kept_by_urllib3(url: str) -> Iterator[Act]:
    with urllib3.PoolManager() as pool:
        yield lambda: pool.request("GET", url)


@contextlib.contextmanager
def kept_by_requests(url: str) -> Iterator[Act]:
    with requests.Session() as session:
        yield lambda: session.get(url)


@contextlib.contextmanager
def kept_by_httpx(url: str, library: Any) -> Iterator[Act]:
    with library.Client() as client:
        yield lambda: client.get(url)


@contextlib.contextmanager
def kept_by_async_httpx(url: str, library: Any) -> Iterator[Act]:
    with asyncio.Runner() as runner:
        client = library.AsyncClient()
        yield lambda: runner.run(client.get(url))
        runner.run(client.aclose())


@contextlib.contextmanager
def kept_by_aiohttp(url: str) -> Iterator[Act]:
    async def begin() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver(), use_dns_cache=False)
        return aiohttp.ClientSession(connector=connector)

    async def get(session: aiohttp.ClientSession) -> None:
        async with session.get(url) as reply:
            await reply.read()

    with asyncio.Runner() as runner:
        session = runner.run(begin())
        yield lambda: runner.run(get(session))
        runner.run(session.close())


@pytest.mark.parametrize(
    ("kept", "client"),
    [
        (kept_by_http_client, "http.client"),
        (kept_by_urllib3, "urllib3"),
        (kept_by_requests, "requests (urllib3)"),
        (partial(kept_by_httpx, library=httpx), "httpx"),
        (partial(kept_by_httpx, library=httpx2), "httpx2"),
        (partial(kept_by_async_httpx, library=httpx), "httpx"),
        (partial(kept_by_async_httpx, library=httpx2), "httpx2"),
        (kept_by_aiohttp, "aiohttp"),
    ],
    ids=[
        *("http.client", "urllib3", "requests", "httpx", "httpx2"),
        *("httpx-async", "httpx2-async", "aiohttp"),
    ],
)
def test_a_connection_that_was_open_before_is_not_used(
    guard: Guard,
    bottom: Bottom,
    start: Callable[..., Running],
    kept: Callable[[str], contextlib.AbstractContextManager[Act]],
    client: str,
) -> None:
    running = start(allow_hosts=[HOST])
    bottom.leads_home = True
    with kept(f"{HTTP}:{running.port}/v1/models") as get:
        get()
        get()
        assert len(bottom.asked) == 1  # so the second went by the connection of the first
        with guard, pytest.raises(EscapedError, match=r"asked the real api\.stepfun\.ai, and"):
            get()
    assert len(running.mock.journal) == 2
    assert [escape.client for escape in guard.escapes] == [client]


# Everybody else ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        by_http_client,
        by_urllib,
        by_urllib3,
        by_requests,
        by_httpx,
        partial(by_httpx, library=httpx2),
        lambda url: run(by_async_httpx, url)(),
        lambda url: run(by_async_httpx, url, library=httpx2)(),
        lambda url: run(by_async_httpx, url, by=uvloop.run)(),
        lambda url: in_trio(by_async_httpx, url)(),
        lambda url: in_trio(by_async_httpx, url, library=httpx2)(),
        by_httpcore,
        by_openai,
        lambda url: run(by_async_openai, url)(),
        lambda url: run(by_aiohttp, url)(),
        lambda url: run(by_aiohttp, url, by=uvloop.run)(),
        lambda url: run(by_aiohttp, url, resolver=aiohttp.AsyncResolver)(),
    ],
)
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_other_hosts_answer_as_ever(
    guard: Guard, running: Running, act: Callable[[str], bytes], name: str
) -> None:
    with guard, contextlib.suppress(urllib.error.HTTPError, openai.AuthenticationError):
        act(f"http://{name}:{running.port}")
    assert len(running.mock.journal) == 1
    assert guard.escapes == []


OWNERS: list[Any] = [
    socket,
    socket.socket,
    asyncio.BaseEventLoop,
    ssl.SSLContext,
    http.client.HTTPConnection,
    uvloop.Loop,
    aiohttp.TCPConnector,
    httpcore.HTTP11Connection,
    httpcore.AsyncHTTP11Connection,
    httpcore2.HTTP11Connection,
    httpcore2.AsyncHTTP11Connection,
]


def attributes() -> list[dict[str, object]]:
    return [dict(vars(owner)) for owner in OWNERS]


def test_every_attribute_is_put_back(guard: Guard) -> None:
    before = attributes()
    with guard:
        assert all(one != other for one, other in zip(before, attributes(), strict=True))
    assert attributes() == before


def test_every_attribute_is_put_back_where_the_guard_cannot_be_put_up(
    guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = attributes()
    monkeypatch.setitem(sys.modules, "http.client", None)  # what import makes an error of
    with pytest.raises(ImportError):
        guard.__enter__()
    assert attributes() == before


def test_a_tool_on_top_may_outlive_the_guard(guard: Guard, bottom: Bottom) -> None:
    before = socket.getaddrinfo
    with guard:
        below = socket.getaddrinfo

        def on_top(*given: Any, **named: Any) -> Any:
            return below(*given, **named)

        socket.getaddrinfo = on_top
        with pytest.raises(EscapedError):
            by_requests()
    try:
        assert socket.getaddrinfo is on_top
        with pytest.raises(socket.gaierror):
            socket.getaddrinfo(HOST, 443)
        with Guard(str) as second, pytest.raises(EscapedError):
            by_requests()
        assert socket.getaddrinfo is on_top
    finally:
        socket.getaddrinfo = before
    assert (len(guard.escapes), len(second.escapes), len(bottom.asked)) == (1, 1, 1)


def test_a_tool_on_top_of_a_coroutine_may_outlive_the_guard(
    guard: Guard, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    with guard:
        below = aiohttp.TCPConnector.connect

        async def on_top(*given: Any, **named: Any) -> Any:
            return await below(*given, **named)

        monkeypatch.setattr(aiohttp.TCPConnector, "connect", on_top)
    run(by_aiohttp, running.root)()
    assert len(running.mock.journal) == 1


def test_uvloop_need_not_be_installed(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)  # what import makes an error of
    monkeypatch.setattr(guards, "uvloop", seams.uvloop.__wrapped__)
    with guard, pytest.raises(EscapedError):
        by_requests()


def test_one_guard_may_be_put_up_again(guard: Guard, bottom: Bottom) -> None:
    for _ in range(2):
        with guard, pytest.raises(EscapedError):
            by_requests()
        with pytest.raises(requests.ConnectionError):
            by_requests()
    assert (len(guard.escapes), len(bottom.asked)) == (2, 2)


def test_the_inner_of_two_guards_keeps_the_attempt(guard: Guard) -> None:
    with guard, Guard(str) as inner, pytest.raises(EscapedError):
        by_requests()
    assert (len(guard.escapes), len(inner.escapes)) == (0, 1)


def test_attempts_of_all_threads_are_kept(guard: Guard) -> None:
    def attempts() -> None:
        for _ in range(25):
            with contextlib.suppress(EscapedError):
                by_urllib3()

    threads = [threading.Thread(target=attempts) for _ in range(8)]
    with guard:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert [escape.client for escape in guard.escapes] == ["urllib3"] * 200


def test_a_guard_is_up_and_down_in_no_time() -> None:
    began = time.thread_time()
    for _ in range(200):
        with Guard(str):
            pass
    assert time.thread_time() - began < 200 * 0.001  # measured: 0.07 ms each


# Those who answer StepFun's hosts themselves ----------------------------------------


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_what_an_interception_answers_is_no_escape(
    guard: Guard, mock: StepfunMock, library: Any
) -> None:
    url = f"{HTTPS}/v1/models"
    with guard, Interception(mock):
        by_httpx(url, library)
        run(by_async_httpx, url, library)()
        with pytest.raises(EscapedError, match="requests"):
            by_requests(url)
    assert len(mock.journal) == 2
    assert [escape.client for escape in guard.escapes] == ["requests (urllib3)"]


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
def test_what_respx_answers_is_no_escape(guard: Guard, using: str) -> None:
    with guard, respx.mock(using=using) as router:
        router.get(HTTPS).respond(content=b"respx")
        assert by_httpx() == b"respx"
        assert run(by_async_httpx)() == b"respx"
    assert guard.escapes == []


def test_what_pytest_httpx_answers_is_no_escape(guard: Guard, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(content=b"pytest-httpx", is_reusable=True)
    with guard:
        assert by_httpx() == b"pytest-httpx"
        assert run(by_async_httpx)() == b"pytest-httpx"
    assert guard.escapes == []


def test_the_client_of_a_test_is_not_taken_for_that_of_the_application(guard: Guard) -> None:
    async def application(scope: object, receive: object, send: Any) -> None:
        by_requests()

    transport = httpx.ASGITransport(app=application)
    with guard, pytest.raises(EscapedError):
        asyncio.run(by_async_httpx("http://app.test", transport=transport))
    assert [escape.client for escape in guard.escapes] == ["requests (urllib3)"]


@pytest.mark.parametrize(
    ("modules", "client"),
    [
        (["app", "litellm.main", "openai._base_client", "httpx._client"], "litellm (httpx)"),
        (["httpx2._client", "httpcore2._sync.connection"], "httpx2"),
        (["anyio._backends._asyncio", "app"], NOBODY),
        (["openaid", "requestsx.api"], NOBODY),
    ],
)
def test_the_outermost_client_comes_first_and_the_innermost_in_brackets(
    guard: Guard, modules: list[str], client: str
) -> None:
    with guard:
        call: Act = partial(socket.getaddrinfo, HOST, 443)
        for module in reversed(modules):
            space: dict[str, Any] = {"__name__": module, "call": call}
            exec("def calling(): call()", space)
            call = space["calling"]
        with pytest.raises(EscapedError):
            call()
    assert [escape.client for escape in guard.escapes] == [client]
