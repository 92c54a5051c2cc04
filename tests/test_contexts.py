"""One TLS context for all clients with the default one, and as strict as each of its own."""

import asyncio
import importlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import openai
import pytest
from certificate import CERTIFICATE, KEY

from stepfun_mock.transports import contexts
from stepfun_mock.transports.contexts import SharedContexts

LIBRARIES = [httpx, httpx2]
ENVIRONMENT = ["SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"]


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.__name__)
def library(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def shared() -> Iterator[SharedContexts]:
    with SharedContexts() as shared:
        yield shared


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with the certificate and its key."""
    path = tmp_path / "certificate.pem"
    path.write_text(CERTIFICATE + KEY)
    return path


def context(client: Any) -> ssl.SSLContext:
    """The context that a client of either library, or of the openai SDK, was made with."""
    client = getattr(client, "_client", client)
    found = client._transport._pool._ssl_context
    assert isinstance(found, ssl.SSLContext)
    return found


# Who shares ------------------------------------------------------------------------------


def test_clients_with_the_default_share_one_context_for_each_library(
    shared: SharedContexts,
) -> None:
    found = [
        {context(kind()) for kind in (library.Client, library.Client, library.AsyncClient)}
        for library in LIBRARIES
    ]
    assert [len(one) for one in found] == [1, 1]
    assert found[0] != found[1]


def test_the_openai_sdk_shares_too(shared: SharedContexts) -> None:
    made = [openai.OpenAI(api_key="k"), openai.OpenAI(api_key="k"), openai.AsyncOpenAI(api_key="k")]
    assert len({context(client) for client in made}) == 1


def test_clients_that_trust_no_environment_share_among_themselves(
    shared: SharedContexts, library: Any
) -> None:
    found = {context(library.Client(trust_env=trust)) for trust in (True, False, True, False)}
    assert len(found) == 2


def test_a_client_that_says_what_it_verifies_gets_that(
    shared: SharedContexts, library: Any, certificate: Path
) -> None:
    own = ssl.create_default_context()
    default = context(library.Client())
    assert context(library.Client(verify=own)) is own
    unchecked = context(library.Client(verify=False))
    assert (unchecked.verify_mode, unchecked.check_hostname) == (ssl.CERT_NONE, False)
    with pytest.warns(DeprecationWarning, match="verify=<str>"):
        one = context(library.Client(verify=str(certificate)))
    assert len(one.get_ca_certs()) == 1
    assert len({default, own, unchecked, one}) == 4


def test_a_client_that_shows_a_certificate_has_a_context_of_its_own(
    shared: SharedContexts, library: Any, certificate: Path
) -> None:
    with pytest.warns(DeprecationWarning, match=r"cert=\.\.\."):
        clients = [library.Client(cert=str(certificate)) for _ in range(2)]
    assert len({context(client) for client in [*clients, library.Client()]}) == 3


def test_the_public_function_still_makes_a_new_one_for_each_call(
    shared: SharedContexts, library: Any
) -> None:
    made = {library.create_ssl_context(), library.create_ssl_context(), context(library.Client())}
    assert len(made) == 3


# For how long ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_each_variable_that_a_context_is_made_from_has_contexts_of_its_own(
    shared: SharedContexts,
    library: Any,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    before = context(library.Client())
    value = {"SSL_CERT_FILE": certificate, "SSL_CERT_DIR": certificate.parent}
    monkeypatch.setenv(name, str(value.get(name, certificate.parent / "keys.log")))
    during = {context(library.Client()), context(library.Client())}
    monkeypatch.delenv(name)
    assert len(during) == 1
    assert before not in during
    assert context(library.Client()) is before


def test_a_bundle_that_was_written_anew_is_read_anew(
    shared: SharedContexts, library: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    before = context(library.Client())
    certificate.write_text(f"another\n{CERTIFICATE}")
    assert context(library.Client()) is not before


def test_a_bundle_that_is_not_there_is_refused_as_ever(
    shared: SharedContexts, library: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            library.Client()


def test_another_way_of_making_contexts_makes_another(
    shared: SharedContexts, library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = context(library.Client())
    monkeypatch.setattr(ssl, "create_default_context", lambda **given: ssl.SSLContext(16))
    assert context(library.Client()) is not before


def test_a_second_block_finds_the_contexts_of_the_first(library: Any) -> None:
    shared = SharedContexts()
    found = set()
    for _ in range(2):
        with shared, shared:
            found.add(context(library.Client()))
        assert context(library.Client()) not in found
    assert len(found) == 1


def test_two_that_share_do_not_share_with_each_other(library: Any) -> None:
    found = set()
    for shared in (SharedContexts(), SharedContexts()):
        with shared:
            found.add(context(library.Client()))
    assert len(found) == 2


def test_eight_contexts_are_kept_and_no_more(
    shared: SharedContexts, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = context(httpx.Client())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    for at in range(8):
        monkeypatch.setenv("SSL_CERT_DIR", str(at))
        assert context(httpx.Client()) is context(httpx.Client())
    monkeypatch.delenv("SSL_CERT_DIR")
    monkeypatch.delenv("SSL_CERT_FILE")
    assert context(httpx.Client()) is not first


# Beside others ---------------------------------------------------------------------------


def made_by(library: Any) -> Any:
    """The private name that the transports make their contexts by, in its module."""
    return importlib.import_module(f"{library.__name__}._transports.default")


def test_everything_is_as_before_when_the_block_ends(library: Any) -> None:
    before = made_by(library).create_ssl_context
    assert before is library.create_ssl_context
    with SharedContexts():
        assert made_by(library).create_ssl_context is not before
    assert made_by(library).create_ssl_context is before


def test_blocks_may_end_in_any_order(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for one in LIBRARIES:  # so that what lay below comes back at the end
        monkeypatch.setattr(made_by(one), "create_ssl_context", one.create_ssl_context)
    outer, inner = SharedContexts().__enter__(), SharedContexts().__enter__()
    outer.__exit__(None, None, None)
    assert context(library.Client()) is context(library.Client())
    inner.__exit__(None, None, None)
    assert context(library.Client()) is not context(library.Client())
    with outer:
        assert context(library.Client()) is context(library.Client())


def test_whoever_replaced_the_function_before_is_asked_each_time(
    library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def theirs(**given: Any) -> ssl.SSLContext:
        asked.append(given)
        return ssl.create_default_context()

    monkeypatch.setattr(made_by(library), "create_ssl_context", theirs)
    with SharedContexts():
        library.Client()
        library.Client()
    assert asked == [{"verify": True, "cert": None, "trust_env": True}] * 2


def test_a_version_without_the_private_name_is_as_slow_as_ever(
    library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = library.HTTPTransport.__init__.__globals__
    name = "create_ssl_context"
    other = next(one for one in LIBRARIES if one is not library)
    with monkeypatch.context() as without:
        without.delitem(real, name)
        with SharedContexts():
            assert name not in real
            assert context(other.Client()) is context(other.Client())
    assert real[name] is library.create_ssl_context


def test_a_library_that_is_not_installed_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contexts, "LIBRARIES", ("no_such_library", "httpx"))
    with SharedContexts():
        assert context(httpx.Client()) is context(httpx.Client())
        assert context(httpx2.Client()) is not context(httpx2.Client())


# As strict as ever -----------------------------------------------------------------------


def test_a_shared_context_checks_what_a_plain_one_does(library: Any) -> None:
    def strictness(one: ssl.SSLContext) -> dict[str, object]:
        names = ("verify_mode", "check_hostname", "verify_flags", "options", "minimum_version")
        return {name: getattr(one, name) for name in names}

    plain = strictness(context(library.Client()))
    assert plain["verify_mode"] is ssl.CERT_REQUIRED
    assert plain["check_hostname"] is True
    with SharedContexts():
        assert strictness(context(library.Client())) == plain


@pytest.fixture
def tls_url(certificate: Path) -> Iterator[str]:
    """A server of this machine with the certificate that nobody trusts."""
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening, own), daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}/"
        # Closing a socket does not wake who waits on it.
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    assert not thread.is_alive()


def serve(listening: socket.socket, own: ssl.SSLContext) -> None:
    while True:
        try:
            plain, _ = listening.accept()
        except OSError:
            return
        try:
            with plain, own.wrap_socket(plain, server_side=True) as connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        except OSError:
            continue  # the client hung up, as it should


def sync(library: Any, url: str) -> int:
    with library.Client() as client:
        return int(client.get(url).status_code)


def in_a_loop(library: Any, url: str) -> int:
    async def send() -> int:
        async with library.AsyncClient() as client:
            return int((await client.get(url)).status_code)

    return asyncio.run(send())


@pytest.mark.parametrize("get", [sync, in_a_loop])
def test_a_host_that_nobody_trusts_is_refused_until_its_bundle_is_named_and_after(
    shared: SharedContexts,
    library: Any,
    tls_url: str,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    get: Callable[[Any, str], int],
) -> None:
    for _ in range(2):
        with pytest.raises(library.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            get(library, tls_url)
        with monkeypatch.context() as trusting:
            trusting.setenv("SSL_CERT_FILE", str(certificate))
            assert get(library, tls_url) == 204
