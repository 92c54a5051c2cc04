"""Links in replies lead to pictures, and nowhere into anybody's own network."""

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.addresses import (
    Origin,
    Resolve,
    addresses_of,
    check_link,
    is_loopback,
    origin_of,
    proxy_for,
    within,
)
from contracts.exchange import NotCarriedError, Trouble

PUBLIC = "93.184.216.34"
LINK = "https://pictures.example/a/b.png?sig=SECRET#SECRET"


def found(*addresses: str) -> Resolve:
    """A look-up that finds these, whatever it is asked for."""

    def resolve(host: str, port: int, family: int, kind: int) -> Sequence[tuple[Any, ...]]:
        assert kind == socket.SOCK_STREAM
        return [(socket.AF_INET, kind, 6, "", (address, port)) for address in addresses]

    return resolve


def refused(url: str, *addresses: str, loopback_target: bool = False) -> NotCarriedError:
    with pytest.raises(NotCarriedError) as refusal:
        check_link(url, loopback_target=loopback_target, resolve=found(*addresses))
    assert "SECRET" not in str(refusal.value)
    return refusal.value


# Origins ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "origin", "shown", "authority"),
    [
        (LINK, ("https", "pictures.example", 443), "pictures.example:443", "pictures.example"),
        ("http://HOST/", ("http", "host", 80), "host:80", "host"),
        ("http://host:443", ("http", "host", 443), "host:443", "host:443"),
        ("https://[::1]:8443/x", ("https", "::1", 8443), "[::1]:8443", "[::1]:8443"),
        ("https://[::1]?x", ("https", "::1", 443), "[::1]:443", "[::1]"),
        ("https://bücher.example", ("https", "xn--bcher-kva.example", 443), None, None),
    ],
)
def test_an_origin_is_scheme_host_and_port(
    url: str, origin: tuple[str, str, int], shown: str | None, authority: str | None
) -> None:
    assert origin_of(url) == origin
    if shown:
        assert (str(origin_of(url)), origin_of(url).authority) == (shown, authority)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://host/SECRET", "'ftp' is its scheme, not http or https"),
        ("file:///etc/SECRET", "'file' is its scheme, not http or https"),
        ("data:image/png;base64,SECRET", "'data' is its scheme, not http or https"),
        ("//host/SECRET", "'no' is its scheme, not http or https"),
        ("SECRET", "'no' is its scheme, not http or https"),
        ("", "'no' is its scheme, not http or https"),
        ("https://SECRET@host/", "it holds a user name or a password"),
        ("https://SECRET:SECRET@host/", "it holds a user name or a password"),
        ("https://@host/", "it holds a user name or a password"),
        ("https:///SECRET", "it names no host and port that there can be"),
        ("https://host:0/SECRET", "it names no host and port that there can be"),
        ("https://ho%73t/SECRET", "it names no host and port that there can be"),
        ("https://host:65536/SECRET", "it cannot be read as a URL"),
        ("https://host:SECRET/", "it cannot be read as a URL"),
        ("https://[::1/SECRET", "it cannot be read as a URL"),
        ("https://" + "ü" * 80 + "/SECRET", "it cannot be read as a URL"),
        ("https://host/SEC RET", "it holds a space, a backslash or a control character"),
        ("https://host\\@other/", "it holds a space, a backslash or a control character"),
        ("https://ho\nst/SECRET", "it holds a space, a backslash or a control character"),
    ],
)
def test_what_is_no_link_is_not_followed(url: str, reason: str) -> None:
    refusal = refused(url, PUBLIC)
    assert refusal.kind is Trouble.ADDRESS
    assert refusal.sentence == f"a URL was not followed: {reason}"


@given(st.text(max_size=30).map("http://".__add__) | st.text(max_size=30))
def test_any_text_is_an_origin_or_refused(text: str) -> None:
    with contextlib.suppress(NotCarriedError):
        origin = origin_of(text)
        assert origin.host.isascii()
        assert origin.host
        assert 0 < origin.port < 65536


# Loopback -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "api.localhost",
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "[::1]",
        "::ffff:127.0.0.1",
        "[::FFFF:7f00:1]",
        "64:ff9b::127.0.0.1",
    ],
)
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "api.stepfun.ai",
        "localhost.example",
        "notlocalhost",
        "10.0.0.1",
        "::",
        "0.0.0.0",
        "127.0.0.1.example",
        "[",
        "1",
    ],
)
def test_other_hosts_are_not(host: str) -> None:
    assert not is_loopback(host)


# Links ----------------------------------------------------------------------------------------


def test_the_addresses_that_were_looked_at_are_those_to_connect_to() -> None:
    addresses = [PUBLIC, "2606:2800:220:1::1", PUBLIC]
    assert check_link(LINK, loopback_target=False, resolve=found(*addresses)) == (
        PUBLIC,
        "2606:2800:220:1::1",
    )


INSIDE = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
]
NOWHERE = [
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "ff0e::1",
    "::ffff:169.254.169.254",
    "2002:a00:1::",
    "2002:5db8:d822::1",
]
# Python counts these among the private ones, though no store of files stands there.
UNUSED = [
    "0.0.0.0",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "::",
    "2001:db8::1",
    "2001:0:5ef5:79fd::f5ff:fffe",
]


@pytest.mark.parametrize("address", INSIDE)
def test_a_target_inside_may_link_to_its_own_network(address: str) -> None:
    resolve = found(address)
    assert check_link(LINK, loopback_target=True, resolve=resolve) == (address,)


@pytest.mark.parametrize("address", NOWHERE)
def test_what_is_nobodys_own_network_is_reached_by_no_link(address: str) -> None:
    refusal = refused(LINK, PUBLIC, address, loopback_target=True)
    assert refusal.kind is Trouble.ADDRESS


@pytest.mark.parametrize("address", UNUSED)
def test_what_is_no_network_at_all_is_reached_by_no_link(address: str) -> None:
    refused(LINK, PUBLIC, address, loopback_target=True)


@pytest.mark.parametrize("address", INSIDE + NOWHERE + UNUSED)
def test_private_addresses_are_not_reached_from_outside(address: str) -> None:
    refusal = refused(LINK, PUBLIC, address)
    assert refusal.kind is Trouble.ADDRESS
    assert refusal.sentence == (
        f"a link leads to pictures.example:443, and so to {address}, which is no public address"
    )


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.1.2.3"])
def test_this_machine_is_reached_from_this_machine_alone(address: str) -> None:
    assert refused(LINK, address).kind is Trouble.ADDRESS
    resolve = found(address)
    assert check_link(LINK, loopback_target=True, resolve=resolve) == (address,)


@pytest.mark.parametrize("resolve", [found(PUBLIC), None])
@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "[::1]"])
def test_a_name_of_this_machine_is_refused_whatever_it_resolves_to(
    host: str, resolve: Resolve | None
) -> None:
    with pytest.raises(NotCarriedError) as refusal:
        check_link(f"http://{host}:80/", loopback_target=False, resolve=resolve)
    assert str(refusal.value) == f"a link leads to {host}:80, which is this machine"


def test_this_machine_may_link_to_any_port_of_its_own_and_to_the_world() -> None:
    for url in ("http://localhost:1/x", "http://127.0.0.1:65535/", "https://[::1]/"):
        assert check_link(url, loopback_target=True)
    assert check_link(LINK, loopback_target=True, resolve=found(PUBLIC)) == (PUBLIC,)


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "[fd00::1]", "127.1", "2130706433", "0x7f000001", "0177.0.0.1"]
)
def test_an_address_in_the_place_of_a_name_is_looked_at_without_a_look_up(host: str) -> None:
    with pytest.raises(NotCarriedError) as refusal:
        check_link(f"http://{host}/", loopback_target=False, resolve=None)
    assert refusal.value.kind is Trouble.ADDRESS
    assert check_link(LINK, loopback_target=False, resolve=None) == ()


@given(st.ip_addresses())
@example(ipaddress.ip_address("::ffff:0:0"))
def test_any_address_is_reached_only_where_it_is_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    with contextlib.suppress(NotCarriedError):
        check_link(LINK, loopback_target=False, resolve=found(str(address)))
        assert address.is_global or getattr(address, "ipv4_mapped", None)
        assert not address.is_loopback
        assert not address.is_multicast


# Looking up -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "problem", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")]
)
def test_a_name_without_an_address_is_trouble_of_the_network(problem: Exception) -> None:
    def resolve(*place: object) -> Sequence[tuple[Any, ...]]:
        raise problem

    for attempt in (resolve, found()):
        with pytest.raises(NotCarriedError) as trouble:
            check_link(LINK, loopback_target=False, resolve=attempt)
        assert trouble.value.kind is Trouble.NETWORK
        assert trouble.value.sentence == (
            "pictures.example:443: there is no host of this name, or it cannot be looked up"
        )


def test_a_look_up_ends_in_time() -> None:
    never = threading.Event()

    def resolve(*place: object) -> Sequence[tuple[Any, ...]]:
        never.wait(10)
        return []

    started = time.monotonic()
    with pytest.raises(NotCarriedError) as trouble:
        addresses_of(Origin("https", "slow.example", 443), within(0.1, resolve))
    never.set()
    assert time.monotonic() - started < 2
    assert trouble.value.kind is Trouble.TIMEOUT
    assert trouble.value.sentence == "slow.example:443: the name could not be looked up in time"


def test_a_look_up_in_time_is_what_it_is_without() -> None:
    origin = Origin("http", "127.0.0.1", 80)
    assert addresses_of(origin, within(5)) == addresses_of(origin) == ("127.0.0.1",)

    def resolve(*place: object) -> Sequence[tuple[Any, ...]]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(socket.gaierror):
        within(5, resolve)("any.example", 80, 0, socket.SOCK_STREAM)


# Proxies --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "http://proxy:3128"),
        ({"https_proxy": "proxy:3128"}, "http://proxy:3128"),
        ({"HTTP_PROXY": "http://proxy:3128"}, None),
        ({"ALL_PROXY": "https://proxy"}, "https://proxy"),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": ".stepfun.ai"}, None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "api.stepfun.ai:443"}, None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "stepfun.com"}, "http://proxy:3128"),
        ({"HTTPS_PROXY": ""}, None),
    ],
)
def test_the_environment_names_the_proxy(
    variables: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(Origin("https", "api.stepfun.ai", 443)) == proxy
