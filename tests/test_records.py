"""What the page keeps: never a key, never a picture, and no more than it says."""

import base64
import json
import tracemalloc
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looking import Looking, everything, picture_of, record_of

from conftest import GENERATIONS, HEADERS, MINIMAL, item
from stepfun_mock import Choices, Request, StepfunMock, faults
from stepfun_mock.inspector import records, text
from stepfun_mock.journal import Journal

KEY = "sk-canary-0123456789-abcdefghij"
WITH_KEY = {**HEADERS, "authorization": f"Bearer {KEY}"}
LONG_B64 = ["truncated_base64", "data_uri", "url_safe_base64", "both_payloads", "old_field"]


@pytest.fixture
def looking(mock: StepfunMock) -> Looking:
    return Looking(mock)


def is_told(looking: Looking, key: str = KEY) -> bool:
    """Whether a key, or what a link would say of it, stands in anything that is shown or kept."""
    told = everything(looking)
    # A prompt stands in links as Base64, which has three forms by where it begins.
    forms = [base64.urlsafe_b64encode(b"x" * start + key.encode())[4:-4] for start in range(3)]
    return any(form in told for form in (key, *(form.decode() for form in forms)))


# Keys -------------------------------------------------------------------------------


def place(where: str, key: str) -> Request:
    """A request with its key in one more place, where it does not belong."""
    headers, body = {**HEADERS, "authorization": f"Bearer {key}"}, dict(MINIMAL)
    path, query, verb = GENERATIONS, "", "POST"
    match where:
        case "header":
            headers["x-note"] = f"it is {key}."
        case "cookie":
            headers["cookie"] = f"session={key}"
        case "user agent":
            headers["user-agent"] = f"app/{key}"
        case "host":
            headers["host"] = f"{key}.example"
        case "prompt":
            body["prompt"] = f"a fox with {key} on it"
        case "negative prompt":
            body["negative_prompt"] = key
        case "unknown field":
            body[f"x-{key}"] = 1
        case "value at fault":
            body["steps"] = key
        case "path":
            verb, path = "GET", f"/v1/{key}/models"
        case "query":
            query = f"api_key={key}"
        case "escaped query":
            query = f"note={quote(key).replace('-', '%2D')}"
        case "end of a long body":
            body["note"] = "x" * (text.BODY_KEPT - 100) + key
    raw = json.dumps(body).encode()
    if where == "cut":
        raw = b" " * (text.BODY_KEPT - 10) + key.encode() + raw
    if where == "broken body":
        raw = b'{"prompt": "' + key.encode()
    return Request(verb, path, headers, raw, query)


PLACES = [
    *("nowhere", "header", "cookie", "user agent", "host", "prompt", "negative prompt"),
    *("unknown field", "value at fault", "path", "query", "escaped query"),
    *("end of a long body", "cut", "broken body"),
]


@pytest.mark.parametrize("where", PLACES)
def test_a_key_is_neither_kept_nor_shown_wherever_it_stood(looking: Looking, where: str) -> None:
    response = looking.mock.handle(place(where, KEY))
    if response.status == 200:
        looking.fetch(item(response)["url"])
    assert looking.rows()
    assert not is_told(looking)


@pytest.mark.parametrize("where", PLACES)
def test_a_known_key_is_neither_kept_nor_shown_where_another_was_sent(where: str) -> None:
    looking = Looking(StepfunMock(choices=Choices(api_keys=(KEY,))))
    request = place(where, KEY)
    other = {**request.headers, "authorization": "Bearer another-key"}
    looking.mock.handle(request._replace(headers=other))
    looking.mock.handle(request)
    assert not is_told(looking)


@settings(max_examples=60, deadline=None)
@given(
    key=st.text("abcdefghijABCDEFGHIJ0123456789-_.", min_size=8, max_size=60),
    wheres=st.lists(st.sampled_from(PLACES), min_size=1, max_size=4),
    fault=st.sampled_from(faults.__all__),
)
def test_no_key_is_told_of_any_run_of_requests(key: str, wheres: list[str], fault: str) -> None:
    key = f"canary-{key}"
    looking = Looking(StepfunMock())
    if fault != "connection_refused":
        looking.mock.script(getattr(faults, fault)())
    for where in wheres:
        response = looking.mock.handle(place(where, key))
        if b'"url":"http' in response.body and response.body.endswith(b"}"):
            for one in json.loads(response.body).get("data", []):
                looking.fetch(one["url"])
    assert not is_told(looking, key)


def test_a_key_without_the_authorization_header_is_hidden_by_its_name(looking: Looking) -> None:
    headers = {"host": "127.0.0.1", "cookie": f"session={KEY}", "x-auth": KEY}
    query = f"a=1&api_key={KEY}&Access_Token={KEY};token={KEY}&key={KEY}&monkey=1"
    looking.mock.handle(Request("GET", "/v1/models", headers, b"", query))
    assert not is_told(looking)
    hidden = "a=1&api_key=***&Access_Token=***;token=***&key=***&monkey=1"
    assert record_of(looking).query == hidden


@pytest.mark.parametrize("name", ["api-key", "x-api-key", "x-goog-token", "proxy-authorization"])
@pytest.mark.parametrize("scheme", ["", "Basic "])
def test_a_key_in_a_header_that_is_named_so_is_hidden_where_else_it_stands(
    looking: Looking, name: str, scheme: str
) -> None:
    headers = {name: f"{scheme}{KEY}"}
    looking.fetch(item(looking.post({"prompt": f"a fox, {KEY}"}, **headers))["url"])
    looking.post({"steps": KEY}, **headers)
    assert not is_told(looking)
    assert looking.mock.requests[0].prompt == "a fox, ***"
    looking.post({"prompt": "a fox of 17 words"}, **{name: f"{scheme}17"})  # a word like others
    assert looking.mock.requests[-1].prompt == "a fox of 17 words"


@pytest.mark.parametrize("times", [1, 2, 3, 40])
def test_a_key_is_hidden_however_often_it_was_escaped(looking: Looking, times: int) -> None:
    coded = KEY.replace("-", "%2D")
    for _ in range(times - 1):
        coded = quote(coded)
    looking.mock.handle(Request("GET", "/v1/models", WITH_KEY, b"", f"note={coded}"))
    assert record_of(looking).query == "***"
    (entry,) = looking.json("session.har")["log"]["entries"]
    assert entry["request"]["queryString"] == [{"name": "***", "value": ""}]


def test_percent_signs_that_hold_no_key_stay(looking: Looking) -> None:
    query = "note=100%25%20sure&next=%2525&odd=%zz%"
    looking.mock.handle(Request("GET", "/v1/models", WITH_KEY, b"", query))
    assert record_of(looking).query == query


def test_a_link_of_a_prompt_with_a_key_does_not_say_what_was_asked(looking: Looking) -> None:
    url = item(looking.post({"prompt": f"a fox, {KEY}"}, **WITH_KEY))["url"]
    assert looking.fetch(url).status == 200
    fetched, asked = looking.rows()
    assert "?p=***&expires=" in asked["link"]["url"]
    assert asked["link"]["fetched"] == 1
    assert "?p=***&expires=" in looking.json(f"requests/{fetched['number']}")["curl"]
    assert not is_told(looking)


def test_a_redirected_link_of_a_prompt_with_a_key_says_nothing_either(looking: Looking) -> None:
    looking.mock.script(faults.redirected_link())
    url = item(looking.post({"prompt": f"a fox, {KEY}"}, **WITH_KEY))["url"]
    moved = dict(looking.fetch(url).headers)["location"]
    assert looking.fetch(moved).status == 200
    assert not is_told(looking)


def test_a_link_whose_request_is_forgotten_does_not_say_what_was_asked(looking: Looking) -> None:
    url = item(looking.post({"prompt": f"a fox, {KEY}"}, **WITH_KEY))["url"]
    looking.mock.reset()
    looking.fetch(url)
    assert looking.only()["curl"].count("p=***&expires=") == 1
    assert not is_told(looking)


# Bounds -----------------------------------------------------------------------------


def test_the_newest_exchanges_are_kept_and_all_are_counted(
    looking: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "KEPT", 5)
    urls = [item(looking.post())["url"] for _ in range(9)]
    listed = looking.json("requests")
    assert [row["number"] for row in listed["rows"]] == [9, 8, 7, 6, 5]
    assert (listed["total"], listed["kept"], listed["more"]) == (9, 5, False)
    assert looking.refused("requests/4") == (404, "request 4 is not kept any more")
    looking.fetch(urls[0])
    assert looking.rows()[0]["image"] is None  # nobody knows any more who gave the link
    assert len(looking.page._records._by_link) == 4


def test_a_link_that_was_given_twice_is_the_newest_requests(
    looking: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "KEPT", 3)
    urls = {item(looking.post({"seed": 7}))["url"] for _ in range(2)}
    (url,) = urls
    looking.post({"steps": 0})
    looking.post({"steps": 0})  # the first is forgotten
    looking.fetch(url)
    assert picture_of(looking.rows()[0]) == "/__stepfun_mock/pictures/2"


def test_bytes_are_bounded_bodies_heads_and_queries_alike(
    looking: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "KEPT_BYTES", 400_000)
    big = "x" * 60_000
    for kept in (
        Request("POST", GENERATIONS, HEADERS, json.dumps({**MINIMAL, "note": big}).encode()),
        Request("GET", "/v1/models", {**HEADERS, "x-note": big}),
        Request("GET", "/v1/models", HEADERS, b"", big),
        Request("GET", "/v1/models", {**HEADERS, "host": big}),
    ):
        for _ in range(10):
            looking.mock.handle(kept)
        # What a Host says stands in the base of the link to repeat it, too.
        assert looking.json("requests")["kept"] == (3 if kept.headers["host"] is big else 6)
        assert looking.page._records._bytes <= 400_000
    looking.mock.reset()
    assert looking.page._records._bytes == 0


def test_letters_of_several_bytes_count_as_such(looking: Looking) -> None:
    looking.post(json.dumps({**MINIMAL, "note": "🦊" * 1000}, ensure_ascii=False).encode())
    assert record_of(looking).size > 4000


def test_a_long_body_is_cut_and_said_to_be(looking: Looking) -> None:
    body = json.dumps({**MINIMAL, "note": "x" * 100_000}).encode()
    looking.post(body)
    shown = looking.json("requests/1")["request"]
    assert shown == {**shown, "body": body.decode()[: text.BODY_KEPT], "cut": True}
    looking.post(b"x" * text.BODY_KEPT)
    assert looking.json("requests/2")["request"]["cut"] is False


def test_pictures_are_not_kept(looking: Looking) -> None:
    reply = looking.post({"response_format": "b64_json"})
    shown = looking.json("requests/1")["reply"]
    assert len(reply.body) > 10_000
    assert len(shown["body"]) < 200
    assert shown["body"].startswith('{"created":')
    assert json.loads(shown["body"])["data"][0]["b64_json"].endswith("...")
    looking.fetch(item(looking.post())["url"])
    assert looking.json("requests/3")["reply"]["body"] == ""


@pytest.mark.parametrize("name", LONG_B64)
def test_base64_is_shortened_however_it_is_spoilt(looking: Looking, name: str) -> None:
    looking.mock.script(getattr(faults, name)())
    assert len(looking.post({"response_format": "b64_json"}).body) > 1000
    assert len(looking.only()["reply"]["body"]) < 300


def test_half_a_reply_with_base64_is_shortened_too(looking: Looking) -> None:
    looking.mock.script(faults.truncated_json())
    looking.post({"response_format": "b64_json"})
    assert len(looking.only()["reply"]["body"]) < 300


def asking(number: int) -> Request:
    """A request such as a server reads it: all its parts are its own."""
    body = json.dumps({**MINIMAL, "prompt": f"fox {number}", "seed": number}).encode()
    headers = {name: "".join(list(value)) for name, value in HEADERS.items()}
    return Request("POST", GENERATIONS, headers, body)


def test_20_000_requests_leave_no_more_than_10_000(looking: Looking) -> None:
    for number in range(20_000):
        looking.mock.handle(asking(number))
    listed = looking.json("requests", limit=1)
    assert (listed["kept"], listed["total"], listed["rows"][0]["number"]) == (
        *(10_000, 20_000, 20_000),
    )
    assert len(looking.page._records._by_link) == 10_000
    assert looking.page._records._bytes < records.KEPT_BYTES


def test_what_is_kept_takes_about_as_much_memory_as_is_reckoned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(records, "KEPT", 500)
    looking = Looking(StepfunMock(journal=Journal(500)))

    def ask(count: int) -> int:
        for number in range(count):
            looking.mock.handle(asking(number))
        len(looking.page._records)  # reads what has waited
        return tracemalloc.get_traced_memory()[0]

    ask(10)
    tracemalloc.start(1)
    try:
        first, _, last = ask(500), ask(3000), ask(500)
    finally:
        tracemalloc.stop()
    assert last < first * 1.5  # the advisor remembers a little of the newest few thousand
    reckoned = looking.page._records._bytes
    assert reckoned / 2 < first < reckoned * 1.5


# Forgetting -------------------------------------------------------------------------


def test_a_cleared_journal_forgets_what_the_page_kept(looking: Looking) -> None:
    for _ in range(3):
        looking.post()
    assert looking.get("journal", "DELETE").status == 200
    assert looking.json("requests") == {"rows": [], "total": 0, "kept": 0, "more": False}
    looking.post({"seed": 9})
    assert [(row["number"], row["seed"]) for row in looking.rows()] == [(1, 9)]


def test_a_journal_that_a_test_clears_is_noticed_with_the_next_request(looking: Looking) -> None:
    def numbers() -> Any:
        looking.post()
        return looking.numbers()

    assert [numbers() for _ in range(3)][-1] == [3, 2, 1]
    looking.mock.journal.clear()
    assert [numbers() for _ in range(3)] == [[1], [2, 1], [3, 2, 1]]


def test_a_cleared_journal_is_noticed_though_the_first_numbers_are_forgotten(
    looking: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "KEPT", 2)
    for _ in range(5):
        looking.post()
    looking.mock.journal.clear()
    looking.post()
    assert looking.numbers() == [1]


def test_a_number_that_comes_again_starts_anew(looking: Looking) -> None:
    looking.post()
    looking.mock.journal.clear()
    looking.post({"seed": 9})
    assert [(row["number"], row["seed"]) for row in looking.rows()] == [(1, 9)]


def test_a_reset_forgets_everything_and_other_control_calls_nothing(looking: Looking) -> None:
    looking.post()
    for name, body in (("clock", b'{"advance": 5}'), ("faults", b'"overloaded"')):
        assert looking.get(name, "POST", body).status == 200
    assert looking.numbers() == [1]
    looking.get("reset", "POST")
    assert (looking.numbers(), looking.json("state")["next_expiry"]) == ([], None)
