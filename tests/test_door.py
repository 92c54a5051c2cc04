"""The door: which Host and Origin may come in."""

import pytest

from stepfun_mock.errors import RefusedError
from stepfun_mock.transports.door import Door


def passes(door: Door, *hosts: str) -> str:
    """The id of the refusal, or an empty text."""
    given = [(b"host", host.encode("latin-1")) for host in hosts] + [(b"accept", b"*/*")]
    headers = {name.decode(): value.decode("latin-1") for name, value in given}
    try:
        door.check_host(headers, given)
    except RefusedError as refused:
        return refused.refusal.id
    return ""


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:80",
        "127.0.0.1",
        "127.0.0.1:8793",
        "127.9.9.9:1",
        "[::1]",
        "[::1]:8793",
    ],
)
def test_names_of_this_machine_pass_on_any_port(host: str) -> None:
    door = Door()
    assert passes(door, host) == ""
    assert passes(door, host) == ""


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "localhost:80@evil.example",
        "localhost:",
        "localhost:x",
        "localhost:8٣".encode().decode("latin-1"),
        "[::1",
        "[::1]x",
        "::1",
        "[::2]",
        "0.0.0.0",
        "192.168.1.5",
        "2130706433",
        "127.1",
        "localhost, evil.example",
        "localhost:65536",
        "localhost:" + "1" * 20000,
        '[::1%"><x>]',
        "localhost/path",
    ],
)
def test_other_names_are_refused(host: str) -> None:
    assert passes(Door(), host) == "host.refused"


def test_a_request_needs_one_host() -> None:
    assert passes(Door()) == "http.malformed"
    assert passes(Door(), "localhost", "localhost") == "http.malformed"


def test_other_headers_may_come_twice() -> None:
    given = [(b"host", b"localhost"), (b"cookie", b"a"), (b"cookie", b"b")]
    Door().check_host({"host": "localhost", "cookie": "b"}, given)


@pytest.mark.parametrize("allowed", ["mock", "MOCK", "fd00::1", "[fd00::1]"])
def test_allowed_names_pass_on_any_port(allowed: str) -> None:
    door = Door([allowed])
    host = "[FD00::1]:80" if "fd" in allowed else "Mock:8793"
    assert passes(door, host) == ""
    assert passes(door, "other:8793") == "host.refused"


@pytest.mark.parametrize("name", ["", "mock:8793", "http://mock", "mo ck", "fe80::1%eth0"])
def test_a_name_that_no_host_header_bears_cannot_be_allowed(name: str) -> None:
    with pytest.raises(ValueError, match="is no host name to allow: write it without scheme"):
        Door([name])


def test_a_refusal_names_the_flag_that_lets_the_name_in() -> None:
    with pytest.raises(RefusedError) as caught:
        Door().check_host({"host": "mock:8793"}, [(b"host", b"mock:8793")])
    assert caught.value.message == (
        'the Host header names "mock:8793", which is not this machine; to answer to that name, '
        "start the server with --allow-host mock, or make it with allow_hosts"
    )


def test_names_that_passed_are_remembered_up_to_a_bound() -> None:
    door = Door()
    for port in range(1, 1000):
        assert passes(door, f"localhost:{port}") == ""
    assert len(door._seen) == 256


OTHERS = ", on other ports of this machine too; ask from a program, or from the mock's own page"


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8793", "http://localhost:8793"),
        ("LocalHost:8793", "http://localhost:8793"),
        ("127.0.0.1:8793", "http://127.0.0.1:8793"),
        ("[::1]:8793", "http://[::1]:8793"),
        ("mock", "https://mock"),
    ],
)
def test_control_routes_are_open_to_the_page_of_the_mock(host: str, origin: str) -> None:
    Door().check_origin({"host": host, "origin": origin})


def test_control_routes_are_open_to_programs_which_send_no_origin() -> None:
    Door().check_origin({"host": "localhost:8793"})


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:5173",
        "http://localhost",
        "http://127.0.0.1:8793",
        "http://localhost:87930",
        "http://localhost:8793.evil.example",
        "http://evil.example@localhost:8793",
        "ftp://localhost:8793",
        "localhost:8793",
        "https://evil.example",
        "http://",
        "null",
        "",
    ],
)
def test_control_routes_are_closed_to_pages_of_any_other_address(origin: str) -> None:
    with pytest.raises(RefusedError) as caught:
        Door().check_origin({"host": "localhost:8793", "origin": origin})
    assert caught.value.refusal.id == "origin.refused"
    said = f'control routes are closed to web pages of "{origin}"{OTHERS}'
    assert caught.value.message == said


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("mode", ["no-cors", "cors", "same-origin", ""])
def test_what_a_foreign_page_loads_by_itself_is_refused(site: str, mode: str) -> None:
    with pytest.raises(RefusedError) as caught:
        Door().check_origin({"sec-fetch-site": site, "sec-fetch-mode": mode})
    said = f"control routes are closed to foreign web pages{OTHERS}"
    assert caught.value.message == said


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_on_a_foreign_page_may_lead_here(site: str) -> None:
    Door().check_origin({"sec-fetch-site": site, "sec-fetch-mode": "navigate"})


def test_what_the_page_loads_of_its_own_passes() -> None:
    Door().check_origin({"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"})
    Door().check_origin({"sec-fetch-site": "none", "sec-fetch-mode": "navigate"})
