"""What is checked: the mock, the vendor's own API, or a server by its URL."""

import re

import pytest

from contracts import run
from contracts.key import Key
from contracts.target import parse
from stepfun_mock import contract


def test_the_mock_is_in_this_process_and_pretends_to_be_where_serve_is() -> None:
    target = parse("mock")
    assert target.in_process
    assert target.base_url == "http://127.0.0.1:8793/v1"
    assert (target.loopback, target.pace, target.price) == (True, None, None)


def test_live_is_where_the_contract_says_that_the_api_is() -> None:
    target = parse("live")
    assert (target.name, target.base_url) == ("live", contract.BASE_URL)
    assert not target.in_process


@pytest.mark.parametrize(
    ("text", "base_url", "root", "host"),
    [
        ("http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1", "http://127.0.0.1:9", "127.0.0.1"),
        ("https://h.example/v1/", "https://h.example/v1", "https://h.example", "h.example"),
        ("https://h.example", "https://h.example", "https://h.example", "h.example"),
        ("http://[::1]:80/api/v1//", "http://[::1]:80/api/v1", "http://[::1]:80", "::1"),
        ("https://H.Example/v1", "https://H.Example/v1", "https://H.Example", "h.example"),
    ],
)
def test_a_url_is_taken_without_the_slash_at_its_end(
    text: str, base_url: str, root: str, host: str
) -> None:
    target = parse(text)
    assert (target.name, target.base_url) == (text, base_url)
    assert (target.root, target.host) == (root, host)
    assert not target.in_process


@pytest.mark.parametrize(
    "text",
    ["", "Mock", "live ", "h:80", "ftp://image.example", "//image.example", "/v1", "http://",
     "http:///v1", "http://image.example:99999", "http://image.example:0", "http://[::1",
     "http://image.example:port"],
)  # fmt: skip
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    sentence = (
        "TARGET must be mock, live or a base URL such as http://127.0.0.1:8793/v1, "
        f'but "{text}" came'
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        parse(text)


@pytest.mark.parametrize("text", ["http://me@h/v1", "http://me:sk-1@h/v1", "https://:sk-1@h/v1"])
def test_a_url_with_a_key_in_it_is_refused_and_not_repeated(text: str) -> None:
    sentence = "^TARGET must not hold a key or a password; the environment does$"
    with pytest.raises(ValueError, match=sentence):
        parse(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://h/v1?key=1", "http://h/v1?key=1"),
        ("http://h/v1#top", "http://h/v1#top"),
        ("http://h/v1?mail=me@h", "***"),
    ],
)
def test_a_url_with_something_behind_its_path_is_refused(text: str, shown: str) -> None:
    sentence = f'TARGET must end with its path, but "{shown}" came'
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        parse(text)


def test_what_might_hold_a_password_is_not_repeated_where_it_cannot_be_read() -> None:
    with pytest.raises(ValueError, match=r'but "\*\*\*" came$'):
        parse("ftp://me:sk-1@h")


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:9/v1?",
        "http://127.0.0.1:9/v1#",
        "http://127.0.0.1:9/v1 ",
        " http://127.0.0.1:9/v1",
        "http://127.0.0.1:9/v1\n",
        "http://127.0.0.1:9/v 1",
        "http://@127.0.0.1:9/v1",
        "http://:@127.0.0.1:9/v1",
    ],
)
def test_a_url_to_which_no_request_can_be_sent_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^TARGET must "):
        parse(text)


@pytest.mark.parametrize(
    ("text", "loopback"),
    [
        ("http://127.0.0.1:9000", True),
        ("http://localhost:9000", True),
        ("http://[::1]:9000", True),
        ("http://192.168.1.2", False),
        ("https://image.example", False),
        ("live", False),
    ],
)
def test_a_server_on_this_machine_is_not_paid_for(text: str, loopback: bool) -> None:
    assert parse(text).loopback is loopback


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("http://127.0.0.1:9000", True),
        ("http://192.168.1.2/v1", True),
        ("http://[fd00::1]:9000", True),
        ("http://images:9000/v1", True),
        ("http://93.184.216.34/v1", False),
        ("https://[2606:2800:220:1::1]/v1", False),
        ("https://image.example", False),
        ("live", False),
    ],
)
def test_a_server_in_a_private_network_may_link_into_it(
    text: str, inside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert parse(text).inside is inside
    given: list[object] = []
    monkeypatch.setattr(run, "Wire", lambda *_, inside, **__: given.append(inside))
    run.Run(run.Order(target=parse(text), key=Key("sk-1", "a test")))
    assert given == [inside]


@pytest.mark.parametrize(
    ("text", "pace"),
    [
        ("mock", None),
        ("http://localhost:9000/v1", None),
        ("live", 60.0),
        ("https://api.stepfun.ai/step_plan/v1", 60.0),
        ("https://api.stepfun.com/v1", 8.0),
        ("https://image.example/v1", 60.0),
    ],
)
def test_each_host_has_its_pace(text: str, pace: float | None) -> None:
    assert parse(text).pace == pace


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("live", (0.003, "USD")),
        ("https://api.stepfun.com/v1", (0.02, "CNY")),
        ("https://image.example/v1", None),
        ("http://localhost:9000/v1", None),
    ],
)
def test_a_picture_costs_what_the_contract_says(text: str, price: tuple[float, str] | None) -> None:
    found = parse(text).price
    assert (found and (found.amount, found.currency)) == price
