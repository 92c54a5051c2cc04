"""What goes over the wire, what comes back, and where it may go."""

import gzip
import re
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from certificate import CERTIFICATE
from certificate import KEY as CERTIFICATE_KEY

from contracts import carrier
from contracts.carrier import Wire
from contracts.exchange import Ask, Reply, Trouble
from contracts.key import KeyUse
from suite.talking import (
    KEY,
    OK,
    VALUE,
    Listen,
    WireTo,
    get,
    headers_of,
    heard,
    packed,
    post,
    reply,
    trouble,
)

# Asking and answering --------------------------------------------------------------------------


def test_a_reply_is_what_the_server_sent(listen: Listen, wire_to: WireTo) -> None:
    server = listen(
        b"HTTP/1.1 429 Slow Down\r\nX-Second: b\r\nRetry-After: 2\r\nX-Second: \xfc\r\n"
        b"Content-Length: 4\r\n\r\n\x00\xff{}"
    )
    answer = wire_to(server).carry(get(server))
    assert answer == Reply(
        429,
        (("x-second", "b"), ("retry-after", "2"), ("x-second", "ü"), ("content-length", "4")),
        b"\x00\xff{}",
    )
    assert (answer.header("RETRY-AFTER"), answer.header("x-none")) == ("2", None)


def test_a_request_goes_out_as_it_was_asked(listen: Listen, wire_to: WireTo) -> None:
    server = listen(OK)
    asked = Ask(
        "POST",
        f"http://{server.place}/a/../b%2Fc?d=%20&e=ü#f",
        (("X-One", "1"), ("Content-Type", "text/plain")),
        b"\x00\xff",
    )
    wire_to(server).carry(asked)
    (request,) = server.requests
    assert request.startswith(b"POST /a/../b%2Fc?d=%20&e=%C3%BC HTTP/1.1\r\n")
    assert request.endswith(b"\r\n\r\n\x00\xff")
    headers = headers_of(request)
    assert re.fullmatch(r"stepfun-mock-check/\d\S*", headers.pop("user-agent"))
    assert headers == {
        "host": server.place,
        "accept": "*/*",
        "accept-encoding": "identity",
        "content-length": "2",
        "x-one": "1",
        "content-type": "text/plain",
        "authorization": f"Bearer {VALUE}",
    }


def test_a_probe_may_say_otherwise(listen: Listen, wire_to: WireTo) -> None:
    server = listen(OK)
    said = (("Host", "evil.example"), ("User-Agent", "me"), ("Accept-Encoding", "gzip"))
    wire_to(server).carry(get(server, headers=said))
    headers = headers_of(server.requests[0])
    assert [headers[name.lower()] for name, _ in said] == [value for _, value in said]
    assert "content-length" not in headers


def test_a_body_may_go_in_chunks(listen: Listen, wire_to: WireTo) -> None:
    server = listen(OK)
    ask = Ask("POST", f"http://{server.place}/", (("Transfer-Encoding", "chunked"),), b"abc")
    wire_to(server).carry(ask)
    assert "content-length" not in headers_of(server.requests[0])


@pytest.mark.parametrize("use", KeyUse)
def test_the_key_goes_to_the_target_as_the_probe_wants(
    use: KeyUse, listen: Listen, wire_to: WireTo
) -> None:
    server = listen(OK)
    wire_to(server).carry(post(server, key=use))
    headers = headers_of(server.requests[0])
    assert headers.get("authorization") == KEY.headers(use).get("authorization")


def test_the_key_goes_nowhere_else(listen: Listen, wire_to: WireTo) -> None:
    target, other = listen(OK), listen(OK, OK)
    wire = wire_to(target)
    wire.carry(get(other))
    wire.carry(Ask("GET", f"http://localhost:{other.port}/"))
    assert wire.carry(get(target)).status == 200
    assert b"CANARY" not in b"".join(other.requests)
    assert len(other.requests) == 2


@pytest.mark.parametrize(
    "where", ["/elsewhere", "https://evil.example/", "http://[bad", "mailto:x", "//a b:99999/"]
)
def test_a_redirect_is_a_reply(where: str, listen: Listen, wire_to: WireTo) -> None:
    server = listen(
        b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % where.encode()
    )
    answer = wire_to(server).carry(get(server))
    assert (answer.status, answer.header("location")) == (302, where)
    assert len(server.requests) == 1


def test_cookies_are_not_kept(listen: Listen, wire_to: WireTo) -> None:
    server = listen(reply(b"", "Set-Cookie: a=b"), OK)
    wire = wire_to(server)
    wire.carry(get(server))
    wire.carry(get(server))
    assert "cookie" not in headers_of(server.requests[1])


def test_a_netrc_is_not_read(
    listen: Listen, wire_to: WireTo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    server = listen(OK)
    wire_to(server).carry(get(server, key=KeyUse.NONE))
    assert "authorization" not in headers_of(server.requests[0])


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_replies_without_a_body_end(method: str, listen: Listen, wire_to: WireTo) -> None:
    line = b"200 OK\r\nContent-Encoding: gzip" if method == "HEAD" else b"204 No Content"
    server = listen(b"HTTP/1.1 %b\r\nContent-Length: 50\r\n\r\n" % line)
    assert wire_to(server).carry(Ask(method, f"http://{server.place}/")).body == b""


def test_replies_may_come_in_chunks_or_end_with_the_connection(
    listen: Listen, wire_to: WireTo
) -> None:
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n"
    )
    server = listen(b"HTTP/1.1 100 Continue\r\n\r\n" + chunked, b"HTTP/1.0 200 OK\r\n\r\nabc")
    wire = wire_to(server)
    assert wire.carry(post(server)).body == b"abc"
    assert wire.carry(post(server)).body == b"abc"


def test_an_early_refusal_is_heard_although_the_body_was_not_read(
    listen: Listen, wire_to: WireTo
) -> None:
    def refuse(line: socket.socket) -> None:
        line.recv(1000)
        line.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        line.shutdown(socket.SHUT_WR)
        while line.recv(65536):
            pass

    server = listen(talk=refuse)
    assert wire_to(server).carry(post(server, bytes(4_000_000))).status == 413


def test_many_threads_may_ask_at_once(listen: Listen, wire_to: WireTo) -> None:
    def echo(line: socket.socket) -> None:
        while request := heard(line):
            line.sendall(reply(request.split(b" ")[1]))

    server = listen(talk=echo)
    wire = wire_to(server)
    paths = [f"/{number}" for number in range(200)]
    with ThreadPoolExecutor(16) as pool:
        bodies = list(pool.map(lambda path: wire.carry(get(server, path)).body.decode(), paths))
    assert bodies == paths


# Packed bodies -------------------------------------------------------------------------------


def deflated(body: bytes, wbits: int) -> bytes:
    packer = zlib.compressobj(wbits=wbits)
    return packer.compress(body) + packer.flush()


TEXT = b'{"data": []}' * 20_000


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("X-GZIP", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:])),
        ("deflate", deflated(TEXT, 15)),
        ("deflate", deflated(TEXT, -15)),
        ("identity", TEXT),
        ("", TEXT),
    ],
)
def test_packed_replies_are_unpacked_although_nobody_asked_for_them(
    coding: str, body: bytes, listen: Listen, wire_to: WireTo
) -> None:
    server = listen(packed(body, coding))
    assert wire_to(server).carry(get(server)).body == TEXT


@pytest.mark.parametrize(
    ("coding", "body", "what"),
    [
        ("gzip", TEXT, "sent a body that is not packed as its header says"),
        ("gzip", gzip.compress(TEXT)[:-9], "sent a body that is not packed as its header says"),
        ("deflate", b"\xff" * 9, "sent a body that is not packed as its header says"),
        ("br", b"x", "packed its reply, and neither as gzip nor as deflate"),
        ("gzip, gzip", b"x", "packed its reply, and neither as gzip nor as deflate"),
    ],
)
def test_what_cannot_be_unpacked_is_trouble(
    coding: str, body: bytes, what: str, listen: Listen, wire_to: WireTo
) -> None:
    server = listen(packed(body, coding))
    problem = trouble(wire_to(server), get(server))
    assert (problem.kind, str(problem)) == (Trouble.PROTOCOL, f"{server.place} {what}")


def test_a_bomb_is_stopped_before_it_fills_the_memory(listen: Listen, wire_to: WireTo) -> None:
    # 1 GiB in 1 MiB, packed once and repeated.
    bomb = gzip.compress(bytes(64 * 1024 * 1024)) * 16
    server = listen(packed(bomb, "gzip"))
    wire = wire_to(server, limit=1_000_000)
    tracemalloc.start()
    try:
        problem = trouble(wire, get(server))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert problem.kind is Trouble.TOO_LARGE
    assert str(problem) == f"{server.place} sent a body of more than 1000000 bytes"
    assert peak < 8_000_000


@pytest.mark.parametrize("headed", [True, False])
def test_a_body_is_read_to_the_limit_and_no_further(
    headed: bool, listen: Listen, wire_to: WireTo
) -> None:
    def flood(line: socket.socket) -> None:
        heard(line)
        head = b"Content-Length: 99999999999\r\n" if headed else b""
        line.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        while True:
            line.sendall(bytes(65536))

    server = listen(talk=flood)
    assert trouble(wire_to(server, limit=300_000), get(server)).kind is Trouble.TOO_LARGE


def test_a_body_at_the_limit_is_fine(listen: Listen, wire_to: WireTo) -> None:
    server = listen(reply(bytes(1000)), reply(bytes(1001)))
    wire = wire_to(server, limit=1000)
    assert len(wire.carry(get(server)).body) == 1000
    assert trouble(wire, get(server)).kind is Trouble.TOO_LARGE


# Connections -------------------------------------------------------------------------------------


def test_a_connection_is_kept(listen: Listen, wire_to: WireTo) -> None:
    server = listen(OK, OK, OK)
    wire = wire_to(server)
    for _ in range(3):
        assert wire.carry(post(server)).body == b"ok"
    assert len(server.lines) == 1


def test_a_connection_that_the_server_closed_meanwhile_is_no_trouble(
    listen: Listen, wire_to: WireTo
) -> None:
    closed = threading.Semaphore(0)

    def once(line: socket.socket) -> None:
        heard(line)
        line.sendall(OK)
        line.close()
        closed.release()

    server = listen(talk=once)
    wire = wire_to(server)
    for _ in range(20):
        assert wire.carry(post(server)).status == 200
        assert closed.acquire(timeout=5)
    assert len(server.lines) == 20


def test_a_connection_that_was_idle_for_long_is_not_used_again(
    listen: Listen, wire_to: WireTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 0.1 <= carrier._IDLE <= 1
    monkeypatch.setattr(carrier, "_IDLE", 0.1)
    server = listen(OK, OK)
    wire = wire_to(server)
    wire.carry(post(server))
    time.sleep(0.15)
    wire.carry(post(server))
    assert len(server.lines) == 2


def test_a_reply_that_was_not_read_to_its_end_does_not_spoil_the_next(
    listen: Listen, wire_to: WireTo
) -> None:
    server = listen(reply(bytes(5000)), reply(bytes(10)))
    wire = wire_to(server, limit=100)
    trouble(wire, get(server))
    server.stop()
    assert trouble(wire, get(server)).kind is Trouble.NETWORK


def test_a_carrier_that_was_closed_opens_again(listen: Listen, wire_to: WireTo) -> None:
    server = listen(OK)
    wire = wire_to(server)
    wire.carry(get(server))
    wire.close()
    wire.carry(get(server))
    assert len(server.lines) == 2


def test_a_forgotten_carrier_leaves_no_connection_open(listen: Listen, wire_to: WireTo) -> None:
    gone = threading.Event()

    def talk(line: socket.socket) -> None:
        heard(line)
        line.sendall(OK)
        if heard(line) == b"":
            gone.set()

    server = listen(talk=talk)
    wire = Wire(KEY, origin=f"http://{server.place}", timeout=5, loopback=True)
    wire.carry(get(server))
    del wire
    assert gone.wait(5)


# Where links lead --------------------------------------------------------------------------------


def test_a_link_into_a_private_network_is_not_asked(listen: Listen, wire_to: WireTo) -> None:
    server = listen(OK)
    wire = wire_to("http://api.test", loopback=False, resolve=socket.getaddrinfo)
    problem = trouble(wire, get(server, "/?sig=SECRET"))
    assert problem.kind is Trouble.ADDRESS
    assert str(problem) == f"a link leads to {server.place}, which is this machine"
    assert server.lines == []


def test_a_name_is_looked_up_once_and_that_is_where_the_request_goes(
    listen: Listen, wire_to: WireTo
) -> None:
    server = listen(OK)
    answers = [server.place.split(":")[0], "169.254.1.1"]

    def resolve(host: str, port: int, *more: int) -> Sequence[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    wire = wire_to("http://127.0.0.1:1", resolve=resolve)
    asked = Ask("GET", f"http://rebinding.test:{server.port}/")
    assert wire.carry(asked).status == 200
    assert headers_of(server.requests[0])["host"] == f"rebinding.test:{server.port}"
    assert answers == ["169.254.1.1"]
    assert str(trouble(wire, asked)) == (
        f"a link leads to rebinding.test:{server.port}, and so to 169.254.1.1, "
        "which is no public address"
    )


def test_the_next_address_is_tried_where_one_takes_no_connection(
    listen: Listen, wire_to: WireTo
) -> None:
    server = listen(OK)

    def resolve(host: str, port: int, *more: int) -> Sequence[tuple[Any, ...]]:
        places = ["127.0.0.9", "127.0.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in places]

    wire = wire_to(f"http://two.test:{server.port}", resolve=resolve)
    assert wire.carry(Ask("GET", f"http://two.test:{server.port}/")).status == 200


# TLS ---------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "certificate.pem"
    path.write_text(CERTIFICATE_KEY + CERTIFICATE)
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_that_nobody_trusts_is_refused(
    listen: Listen, wire_to: WireTo, tls: ssl.SSLContext
) -> None:
    server = listen(OK, tls=tls)
    url = f"https://localhost:{server.port}"
    problem = trouble(wire_to(url), Ask("GET", f"{url}/?sig=SECRET"))
    assert problem.kind is Trouble.NETWORK
    assert re.fullmatch(
        rf"the certificate of localhost:{server.port} is refused: self[- ]signed certificate.*",
        str(problem),
    )
    assert server.requests == []


def test_the_certificates_of_the_environment_are_trusted(
    listen: Listen,
    wire_to: WireTo,
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = listen(OK, OK, tls=tls)

    def resolve(host: str, port: int, *more: int) -> Sequence[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    url = f"https://localhost:{server.port}"
    wire = wire_to(url, resolve=resolve)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert wire.carry(Ask("GET", f"{url}/")).body == b"ok"
    assert headers_of(server.requests[0])["authorization"] == f"Bearer {VALUE}"
    # The name is what the certificate must have, whatever the address.
    problem = trouble(wire, Ask("GET", f"https://other.test:{server.port}/"))
    assert str(problem).startswith(f"the certificate of other.test:{server.port} is refused: Host")


def test_certificates_that_cannot_be_read(wire_to: WireTo, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = wire_to("https://localhost:1")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/at/all.pem")
    assert str(trouble(wire, Ask("GET", "https://localhost:1/"))) == (
        "localhost:1 was not asked: the certificates of SSL_CERT_FILE cannot be read"
    )


def test_a_server_without_tls(listen: Listen, wire_to: WireTo) -> None:
    server = listen(talk=lambda line: line.sendall(OK))
    url = f"https://{server.place}"
    problem = trouble(wire_to(url), Ask("GET", url))
    assert str(problem) == f"{server.place} does not speak TLS as it should: wrong version number"


# Proxies -----------------------------------------------------------------------------------------


def test_a_proxy_of_the_environment_is_used_for_targets_elsewhere(
    listen: Listen, wire_to: WireTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = listen(OK, OK, OK)
    wire = wire_to("http://api.test/v1", loopback=False)
    monkeypatch.setenv("http_proxy", f"http://me:s%20c@{proxy.place}")
    assert wire.carry(Ask("GET", "http://api.test/v1/models?a=b")).body == b"ok"
    assert wire.carry(Ask("GET", "http://pictures.test/a.png")).body == b"ok"
    assert wire.carry(Ask("GET", "http://93.184.216.34/a.png")).body == b"ok"
    first, second, third = proxy.requests
    assert first.startswith(b"GET http://api.test:80/v1/models?a=b HTTP/1.1\r\n")
    assert headers_of(first)["proxy-authorization"] == "Basic bWU6cyBj"
    assert headers_of(first)["authorization"] == f"Bearer {VALUE}"
    assert headers_of(second)["host"] == "pictures.test"
    assert headers_of(third)["host"] == "93.184.216.34"
    assert "authorization" not in headers_of(second)


def test_a_proxy_is_not_asked_for_private_addresses(
    listen: Listen, wire_to: WireTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = listen(OK)
    wire = wire_to("http://api.test", loopback=False)
    monkeypatch.setenv("http_proxy", f"http://{proxy.place}")
    for host in ("169.254.169.254", "localhost", "0x7f.1"):
        assert trouble(wire, Ask("GET", f"http://{host}/")).kind is Trouble.ADDRESS
    assert proxy.lines == []


def test_no_proxy_stands_between_this_machine_and_itself(
    listen: Listen, wire_to: WireTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = listen(OK)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert wire_to(server).carry(get(server)).status == 200


def test_a_proxy_that_does_not_connect(
    listen: Listen, wire_to: WireTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = listen(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    wire = wire_to("https://api.test", loopback=False)
    monkeypatch.setenv("https_proxy", f"http://{proxy.place}")
    problem = trouble(wire, Ask("GET", "https://api.test/v1"))
    assert problem.kind is Trouble.NETWORK
    assert str(problem) == "the proxy did not connect to api.test:443: 403 Forbidden"
    assert proxy.requests[0].startswith(b"CONNECT api.test:443 HTTP/1.1\r\n")
    assert b"CANARY" not in proxy.requests[0]


def test_a_proxy_sees_nothing_of_what_goes_through_it(
    listen: Listen,
    wire_to: WireTo,
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    requests = []

    def connect(line: socket.socket) -> None:
        requests.append(heard(line))
        line.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        with tls.wrap_socket(line, server_side=True) as inner:
            requests.append(heard(inner))
            inner.sendall(OK)
            heard(inner)

    proxy = listen(talk=connect)
    wire = wire_to("https://localhost:7", loopback=False)
    monkeypatch.setenv("https_proxy", f"http://{proxy.place}")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert wire.carry(Ask("GET", "https://localhost:7/a")).body == b"ok"
    assert requests[0].startswith(b"CONNECT localhost:7 HTTP/1.1\r\n")
    assert VALUE.encode() not in requests[0]
    assert headers_of(requests[1])["authorization"] == f"Bearer {VALUE}"


def test_what_a_proxy_said_is_no_part_of_the_reply(
    listen: Listen,
    wire_to: WireTo,
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def connect(line: socket.socket) -> None:
        heard(line)
        line.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        with tls.wrap_socket(line, server_side=True) as inner:
            heard(inner)

    proxy = listen(talk=connect)
    wire = wire_to("https://localhost:7", loopback=False)
    monkeypatch.setenv("https_proxy", f"http://{proxy.place}")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    problem = trouble(wire, Ask("GET", "https://localhost:7/a"))
    assert str(problem) == "localhost:7 closed the connection before it answered"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://:1", "http://host:port"])
def test_a_proxy_that_cannot_be_used(
    proxy: str, wire_to: WireTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = wire_to("https://api.test", loopback=False)
    monkeypatch.setenv("https_proxy", proxy)
    assert str(trouble(wire, Ask("GET", "https://api.test/v1"))) == (
        "api.test:443 was not asked: its proxy must be an http or https URL"
    )
