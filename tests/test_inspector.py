"""The page of a server: its routes and their JSON."""

import asyncio
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import openai
import pytest
from looking import Looking, everything, picture_of, served

from conftest import GENERATIONS, HEADERS, MINIMAL, asked, item, opened
from stepfun_mock import Choices, Clock, Request, StepfunMock, faults
from stepfun_mock.faults import Fault
from stepfun_mock.inspector import Inspector, assets, records
from stepfun_mock.inspector.clients import client
from stepfun_mock.inspector.record import Record
from stepfun_mock.inspector.records import Records
from stepfun_mock.inspector.state import own_version
from stepfun_mock.inspector.text import unescaped
from stepfun_mock.rules import RULES
from stepfun_mock.transports.control import Control

NOW = 1_780_000_000
KEY = "sk-0123456789-abcdefghij"
ASSETS = Path(assets.__file__).parent / "assets"
READS = ["", "contract", "requests", "state", "rules", "session.json", "session.har", "events"]


@pytest.fixture
def looking(mock: StepfunMock) -> Looking:
    return Looking(mock)


# Rows -------------------------------------------------------------------------------


def test_a_row_tells_all_that_is_known_of_a_request(looking: Looking) -> None:
    looking.post({"size": "768x1360", "seed": 7}, **{"user-agent": "OpenAI/Python 3.54.0"})
    listed = looking.json("requests")
    assert {name: listed[name] for name in ("total", "kept", "more")} == {
        "total": 1,
        "kept": 1,
        "more": False,
    }
    (row,) = listed["rows"]
    assert row.pop("seconds") >= 0
    link = row.pop("link")
    assert re.fullmatch(r"http://127\.0\.0\.1:8793/image_gen/.+", link["url"])
    assert (link["expires"], link["fetched"], link["dead"]) == (NOW + 7200, 0, None)
    assert picture_of(row) == "/__stepfun_mock/pictures/1"
    del row["image"]
    assert row == {
        "number": 1,
        "at": NOW,
        "method": "POST",
        "path": GENERATIONS,
        "status": 200,
        "held": 0,
        "client": "openai-python 3.54.0",
        "kind": "generation",
        "parameters": {
            "model": "step-image-edit-2",
            "prompt": "A red fox in the snow",
            "size": "768x1360",
            "n": 1,
            "response_format": "url",
            "seed": 7,
            "steps": 8,
            "cfg_scale": 1.0,
            "negative_prompt": "",
            "text_mode": False,
            "width": 1360,
            "height": 768,
        },
        "prompt": "A red fox in the snow",
        "given": ["model", "prompt", "size", "seed"],
        "unknown": [],
        "seed": 7,
        "finish_reason": "success",
        "refusal": None,
        "message": None,
        "parameter": None,
        "fault": None,
        "advice": [],
        "picture": "sent",
    }


def test_a_row_of_a_refused_request_names_the_parameter_at_fault(looking: Looking) -> None:
    looking.post({"steps": 51})
    (row,) = looking.rows()
    assert (row["status"], row["refusal"], row["parameter"]) == (400, "parameter.refused", "steps")
    assert row["message"].startswith("steps must be an integer from 1 to 50, but 51 came")
    assert row["given"] == ["model", "prompt", "steps"]
    assert [row[name] for name in ("parameters", "seed", "picture", "image", "link")] == [
        *(None, None, None, None, None)
    ]


def test_a_row_stays_small_whatever_fields_are_made_up(looking: Looking) -> None:
    looking.post({f"made_up_{number}": number for number in range(2000)})
    (row,) = looking.rows()
    assert (row["status"], row["given"]) == (200, ["model", "prompt"])
    assert len(row["unknown"]) == 16


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"[" * 100_000, b"\xff", b"null"])
def test_a_row_of_a_body_that_is_no_object_has_no_fields(looking: Looking, body: bytes) -> None:
    looking.mock.handle(Request("POST", GENERATIONS, HEADERS, body))
    (row,) = looking.rows()
    assert (row["given"], row["parameters"], row["status"]) == ([], None, 400)


def test_a_row_has_the_fault_the_advice_and_the_fields_that_were_passed_over(
    looking: Looking,
) -> None:
    looking.mock.script(faults.rate_limited())
    looking.post({"quality": "high"})
    looking.post({"quality": "high"})
    newest, oldest = looking.rows()
    assert (oldest["fault"], oldest["status"]) == ("rate_limited", 429)
    assert newest["unknown"] == ["quality"]
    assert {tuple(one) for one in newest["advice"]} == {("id", "rule", "message")}
    assert any("quality" in one["message"] for one in newest["advice"])


def test_a_client_that_got_nothing_has_the_status_0(looking: Looking) -> None:
    looking.mock.script(faults.connection_reset())
    looking.post()
    assert [row["status"] for row in looking.rows(status="none")] == [0]


def test_every_request_has_its_kind(looking: Looking) -> None:
    url = item(looking.post())["url"]
    looking.fetch(url)
    for path in ("/v1/models", "/v1/models/step-image-edit-2", "/step_plan/v1/models", "/v1/x"):
        looking.mock.handle(Request("GET", path, HEADERS))
    looking.mock.handle(Request("POST", "/step_plan/v1/images/generations", HEADERS))
    kinds = ["generation", "other", "models", "models", "models", "picture", "generation"]
    assert [row["kind"] for row in looking.rows()] == kinds
    assert looking.numbers(kind="models") == [5, 4, 3]
    assert looking.numbers(kind="picture") == [2]


# Filters ----------------------------------------------------------------------------


def test_rows_are_filtered_by_status(looking: Looking) -> None:
    looking.mock.script(faults.rate_limited(), faults.overloaded(), faults.connection_reset())
    for body in ({}, {}, {}, {"steps": 0}, {}):
        looking.post(body)
    found = {status: looking.numbers(status=status) for status in ("2xx", "4xx", "5xx", "429")}
    assert found == {"2xx": [5], "4xx": [4, 1], "5xx": [2], "429": [1]}
    assert looking.numbers(status="none") == [3]
    assert looking.numbers(status="404") == []
    assert looking.numbers(status="") == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("body", ["ascii", "utf-8"])
def test_rows_are_filtered_by_text_in_whatever_way_a_client_writes_it(
    looking: Looking, body: str
) -> None:
    def post(**fields: object) -> None:
        text = json.dumps({**MINIMAL, **fields}, ensure_ascii=body == "ascii")
        looking.post(text.encode())

    post(prompt="雪中的红狐狸", negative_prompt="模糊")
    post(prompt='Straße "eins"\nzwei 🦊')
    post(prompt="狼", steps=51)
    assert looking.numbers(text="红狐狸") == looking.numbers(text="模糊") == [1]
    assert looking.numbers(text="STRASSE") == looking.numbers(text="🦊") == [2]
    assert looking.numbers(text='"eins"\nzwei') == [2]
    assert looking.numbers(text="狼") == [3]
    assert looking.numbers(text="steps must be") == [3]
    assert looking.numbers(text="ein Wal") == []


def test_text_is_found_in_seed_path_fault_and_advice(looking: Looking) -> None:
    looking.post({"seed": 424242})
    looking.mock.script(faults.overloaded())
    looking.post({"seed": 5})
    looking.mock.handle(Request("GET", "/v1/elsewhere", HEADERS))
    looking.post({"prompt": "A wolf", "quality": "high"})
    (advice, *_) = looking.rows()[0]["advice"]
    assert looking.numbers(text="424242") == [1]
    assert looking.numbers(text="OVERLOADED") == [2]
    assert looking.numbers(text="elsewhere") == [3]
    assert looking.numbers(text=advice["message"]) == [4]
    assert 3 not in looking.numbers(text="None")  # it has no seed


def test_a_body_that_is_no_json_is_searched_as_people_write_all_the_same(
    looking: Looking,
) -> None:
    looking.post(rb'{"prompt": "\u72d0 \ud83e\udd8a fox \u12 \q')
    for words in ("fox", "狐 🦊", r"\u12 \q"):
        assert looking.numbers(text=words) == [1]
    looking.post(rb'{"prompt": "\\u72d0"}')  # the letters of an escape, and none
    assert looking.numbers(text="狐") == [1]


def test_others_go_between_while_texts_are_searched(looking: Looking) -> None:
    for _ in range(20):
        looking.post()
    delivery = looking.get("requests", query="text=nowhere").delivery
    assert delivery is not None
    assert delivery.parts is not None
    parts = delivery.parts()
    turns = 0

    async def others() -> list[bytes]:
        nonlocal turns
        reading = asyncio.ensure_future(anext(parts))
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1
        return [reading.result(), *[part async for part in parts]]

    (reply,) = asyncio.run(others())
    assert turns >= 20
    assert json.loads(reply) == {"rows": [], "total": 20, "kept": 20, "more": False}


def test_a_list_is_as_of_the_moment_when_it_began(looking: Looking) -> None:
    looking.post()
    delivery = looking.get("requests", query="text=nowhere").delivery
    assert delivery is not None
    assert delivery.parts is not None
    parts = delivery.parts()

    async def read() -> bytes:
        reading = asyncio.ensure_future(anext(parts))
        await asyncio.sleep(0)
        looking.post({"prompt": "nowhere"})  # pages are told of it
        return await reading

    found = json.loads(asyncio.run(read()))
    assert (found["rows"], found["total"], found["kept"]) == ([], 1, 1)


# Paging -----------------------------------------------------------------------------


def test_the_newest_50_are_listed_and_older_ones_on_demand(looking: Looking) -> None:
    for number in range(60):
        looking.post({"prompt": f"{'even' if number % 2 else 'odd'} fox"})
    first = looking.json("requests")
    assert [row["number"] for row in first["rows"]] == list(range(60, 10, -1))
    assert (first["more"], first["total"], first["kept"]) == (True, 60, 60)
    rest = looking.json("requests", before=11)
    assert [row["number"] for row in rest["rows"]] == list(range(10, 0, -1))
    assert rest["more"] is False
    assert looking.numbers(limit=2, before=30, text="even") == [28, 26]
    assert looking.json("requests", limit=60)["more"] is False
    assert looking.numbers(before=1) == looking.numbers(before=0) == []


def test_those_that_came_after_a_number_are_listed_where_one_is_given(looking: Looking) -> None:
    for number in range(1, 7):
        looking.post({"prompt": f"{'odd' if number % 2 else 'even'} fox"})
    assert looking.numbers(after=3) == [6, 5, 4]
    assert looking.numbers(after=3, text="even") == [6, 4]
    assert looking.numbers(after=1, before=5, text="odd") == [3]
    assert looking.numbers(after=6) == []
    assert looking.numbers(after=0) == [6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"limit": 0}, "limit is a whole number from 1 to 500, but 0 came"),
        ({"limit": 501}, "limit is a whole number from 1 to 500, but 501 came"),
        ({"limit": "ten"}, 'limit is a whole number, but "ten" came'),
        ({"limit": "9" * 99}, 'limit is a whole number, but "9999999999999999" came'),
        ({"limit": "٣"}, 'limit is a whole number, but "٣" came'),
        ({"before": "-1"}, 'before is a whole number, but "-1" came'),
        ({"after": "new"}, 'after is a whole number, but "new" came'),
        (
            {"status": "6xx"},
            'status is 2xx, 4xx, 5xx, none or a number such as 429, but "6xx" came',
        ),
        (
            {"kind": "nonsense"},
            'kind is generation, picture, models or other, but "nonsense" came; leave it out for '
            "all of them",
        ),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    looking: Looking, query: dict[str, object], message: str
) -> None:
    assert looking.refused("requests", **query) == (400, message)


# One request ------------------------------------------------------------------------


def test_details_have_request_and_reply(looking: Looking) -> None:
    body = json.dumps({**MINIMAL, "prompt": "狐"}, ensure_ascii=False)
    response = looking.post(body.encode())
    shown = looking.json("requests/1")
    assert shown["request"]["body"] == body
    assert ["content-type", "application/json"] in shown["request"]["headers"]
    assert ["authorization", "***"] in shown["request"]["headers"]
    assert shown["reply"] == {
        "status": 200,
        "headers": [
            ["content-type", "application/json"],
            ["content-length", str(len(response.body))],
        ],
        "body": response.body.decode(),
        "cut": False,
        "payload_left_out": False,
        "size": len(response.body),
        "sent": None,
    }
    assert shown["request"]["cut"] is False
    assert shown["number"] == 1
    assert shown["curl"].startswith("curl -i http://127.0.0.1:8793/v1/images/generations")
    assert shown["python"].startswith("import os\n\nimport httpx")


@pytest.mark.parametrize("number", ["2", "0", "", "x", "-1", "1/2", "1" * 99, "٣", "1.0", "%31"])
def test_a_request_that_is_not_kept_is_not_found(looking: Looking, number: str) -> None:
    looking.post()
    message = f"request {number[:16]} is not kept any more"
    for folder in ("requests", "pictures"):
        assert looking.refused(f"{folder}/{number}") == (404, message)


def test_what_the_page_asks_in_vain_is_not_written_down(looking: Looking) -> None:
    looking.refused("requests/7")
    looking.refused("pictures/7")
    looking.refused("requests", limit=0)
    looking.get("requests", "POST")
    assert (looking.mock.journal.total, looking.rows()) == (0, [])


# Pictures ---------------------------------------------------------------------------


def test_a_picture_is_shown_as_it_was_sent(looking: Looking) -> None:
    sent = looking.fetch(item(looking.post({"size": "768x1360"}))["url"])
    shown = looking.get("pictures/1")
    assert (shown.status, shown.body) == (200, sent.body)
    assert shown.headers == (("content-type", "image/png"), *assets.SAFE)
    assert picture_of(looking.rows()[0]) == "/__stepfun_mock/pictures/1"


@pytest.mark.parametrize(
    "fault",
    [
        faults.turned_picture(),
        faults.resized_picture(size="300x400"),
        faults.jpeg_picture(),
        faults.truncated_picture(),
        faults.flipped_bit(),
        faults.not_a_picture(),
        faults.html_link(),
        faults.slow_link(seconds=60),
    ],
    ids=lambda fault: fault.name,
)
def test_a_spoilt_picture_is_shown_as_it_was_sent(looking: Looking, fault: Fault) -> None:
    looking.mock.script(fault)
    sent = looking.fetch(item(looking.post({"size": "768x1360"}))["url"])
    shown = looking.get("pictures/1")
    assert (shown.status, shown.body, shown.delivery) == (sent.status, sent.body, None)
    assert shown.headers == (*sent.headers, *assets.SAFE)


def test_a_redirected_picture_is_shown_and_counted_where_it_was_fetched(looking: Looking) -> None:
    looking.mock.script(faults.redirected_link())
    moved = looking.fetch(item(looking.post())["url"])
    assert looking.rows()[-1]["link"]["fetched"] == 0
    looking.fetch(dict(moved.headers)["location"])
    newest, redirection, origin = looking.rows()
    assert (origin["link"]["fetched"], redirection["image"]) == (1, None)
    assert picture_of(newest) == picture_of(origin)
    assert opened(looking.get("pictures/1").body).size == (1024, 1024)
    looking.mock.clock.advance(seconds=5)
    looking.fetch(origin["link"]["url"])
    assert len(looking.page._records._by_link) == 2


@pytest.mark.parametrize("fault", [faults.rate_limited(), faults.censored()])
def test_where_no_picture_was_drawn_none_is_shown(looking: Looking, fault: Fault) -> None:
    looking.mock.script(fault)
    looking.post()
    assert looking.refused("pictures/1") == (404, "no picture was sent for request 1")


# Links ------------------------------------------------------------------------------


def test_fetches_of_a_link_are_counted_while_it_lives(looking: Looking) -> None:
    url = item(looking.post())["url"]
    assert [looking.fetch(url).status for _ in range(2)] == [200, 200]
    looking.mock.clock.advance(hours=2)
    assert looking.fetch(url).status == 404
    assert [row["link"] and row["link"]["fetched"] for row in looking.rows()] == [
        *(None, None, None, 2)
    ]
    assert [row["image"] is None for row in looking.rows()] == [True, False, False, False]


def test_the_next_link_to_expire_is_named_and_how_many_expire_with_it(looking: Looking) -> None:
    def following() -> object:
        return looking.json("state")["next_expiry"]

    assert following() is None
    looking.post({"response_format": "b64_json"})
    assert following() is None
    looking.post()
    looking.mock.script(faults.expired_link(life=60))
    looking.post()
    assert following() == {"number": 3, "expires": NOW + 60, "links": 1}
    looking.post()
    looking.mock.clock.advance(seconds=60)
    assert following() == {"number": 2, "expires": NOW + 7200, "links": 2}
    looking.mock.clock.advance(hours=2)
    assert following() is None


def test_the_next_to_expire_is_right_where_the_clock_goes_back_and_lives_differ(
    looking: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def following() -> object:
        expiry = looking.json("state")["next_expiry"]
        return expiry and (expiry["number"], expiry["expires"] - NOW)

    monkeypatch.setattr(records, "KEPT", 3)
    for life in (600, 60, 6000):
        looking.mock.choose(link_life=life)
        looking.post()
    assert following() == (2, 60)
    looking.mock.clock.advance(seconds=700)
    assert following() == (3, 6000)
    looking.mock.clock.freeze(at=NOW + 59)
    assert following() == (2, 60)
    looking.post()  # the first is forgotten
    looking.post()  # and the second
    assert following() == (3, 6000)
    looking.get("journal", "DELETE")
    assert following() is None


# State and rules --------------------------------------------------------------------


def test_the_state_has_what_the_controls_show(looking: Looking) -> None:
    looking.mock.script(faults.rate_limited(times=2))
    looking.post()
    state = looking.json("state")
    assert state["version"] == own_version()
    assert (state["base_url"], state["key"]) == ("http://127.0.0.1:8793/v1", "stepfun-mock-key")
    assert abs(state["clock"].pop("ahead") - looking.mock.clock.ahead) < 60
    assert state["clock"] == {"now": NOW, "iso": "2026-05-28T20:26:40.000Z", "frozen": True}
    assert (state["total"], state["statuses"]) == (1, {"429": 1})
    assert (state["kept"], state["most"]) == (1, 10_000)
    assert [(one["fault"], one["left"]) for one in state["faults"]["waiting"]] == [
        ("rate_limited", 1)
    ]
    names = [parameter["name"] for parameter in state["parameters"]]
    assert names[:3] == ["model", "prompt", "size"]
    (steps,) = [one for one in state["parameters"] if one["name"] == "steps"]
    assert (steps["kind"], steps["default"], steps["minimum"], steps["maximum"]) == (
        *("integer", 8, 1, 50),
    )


def test_the_state_counts_what_is_kept(looking: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "KEPT", 2)
    for _ in range(3):
        looking.post()
    state = looking.json("state")
    assert (state["kept"], state["most"], state["total"]) == (2, 2, 3)


def test_each_page_has_a_session_of_its_own(mock: StepfunMock) -> None:
    sessions = [Looking(mock).json("state")["session"] for _ in range(2)]
    assert len(set(sessions)) == 2
    assert all(re.fullmatch("[0-9a-f]{16}", session) for session in sessions)
    looking = Looking(mock)
    looking.page = Inspector(mock, "one")
    looking._control = Control(looking.page)
    assert looking.json("state")["session"] == "one"


def test_every_choice_has_its_control_but_keys(looking: Looking) -> None:
    choices = {one["name"]: one for one in looking.json("state")["choices"]}
    assert "api_keys" not in choices
    assert choices["cors"]["kind"] == "switch"
    assert choices["filter_words"]["kind"] == "list"
    assert choices["filtered_reply"]["kind"] == "words"
    assert "http_451" in choices["filtered_reply"]["words"]
    life = choices["link_life"]
    assert (life["kind"], life["value"], life["default"]) == ("whole", 7200, 7200)
    assert choices["balance"]["kind"] == "number"
    assert choices["balance"]["optional"] is True
    assert all(
        {"name", "value", "default", "about", "kind"} <= set(one) for one in choices.values()
    )


def test_a_mock_that_knows_its_keys_shows_none(clock: Clock) -> None:
    looking = Looking(StepfunMock(choices=Choices(api_keys=(KEY,)), clock=clock))
    assert looking.json("state")["key"] is None
    assert KEY not in looking.get("state").body.decode()


def test_a_folder_that_was_never_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    own_version.cache_clear()
    try:
        assert own_version() == "0"
    finally:
        own_version.cache_clear()


def test_every_rule_of_the_contract_is_there_with_its_source(looking: Looking) -> None:
    rules = looking.json("rules")["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in RULES]
    assert {rule["grade"] for rule in rules} == {"page", "vendor", "reported", "ours"}
    assert all(rule["statement"] and rule["source"]["title"] for rule in rules)


# What all routes have in common -----------------------------------------------------


@pytest.mark.parametrize("name", READS)
def test_every_part_is_closed_to_the_world(looking: Looking, name: str) -> None:
    for method in ("GET", "HEAD", "POST", "DELETE"):
        assert set(assets.SAFE) <= set(looking.get(name, method).headers)
    assert set(assets.SAFE) <= set(looking.get("requests/9").headers)


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    assert dict(assets.SAFE)["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def test_the_policy_parts_a_page_from_who_opened_it() -> None:
    assert ("cross-origin-opener-policy", "same-origin") in assets.SAFE


@pytest.mark.parametrize("name", [*READS, "requests/1", "pictures/1", "assets/page.css"])
def test_what_is_read_is_changed_by_no_verb(looking: Looking, name: str) -> None:
    looking.post()
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        response = looking.get(name, method)
        path = f"/__stepfun_mock/{name}"
        message = json.loads(response.body)["error"]["message"]
        assert (response.status, message) == (405, f"{path} answers GET, HEAD, but {method} came")
        assert ("allow", "GET, HEAD") in response.headers


@pytest.mark.parametrize("name", [*READS, "requests/1", "pictures/1", "assets/page.css"])
def test_head_asks_for_what_get_gives(looking: Looking, name: str) -> None:
    looking.post()
    got, headed = looking.get(name), looking.get(name, "HEAD")
    assert (headed.status, headed.headers) == (200, got.headers)


def test_a_refusal_of_the_page_says_it_twice_where_that_is_chosen(clock: Clock) -> None:
    looking = Looking(StepfunMock(choices=Choices(error_description=True), clock=clock))
    error = json.loads(looking.get("requests/7").body)["error"]
    assert error["description"] == error["message"] == "request 7 is not kept any more"


# Files ------------------------------------------------------------------------------


def test_pages_and_their_files_are_served_as_they_lie_there(looking: Looking) -> None:
    kinds = {
        "html": "text/html",
        "css": "text/css",
        "js": "text/javascript",
        "svg": "image/svg+xml",
    }
    files = sorted(ASSETS.iterdir())
    assert {file.suffix[1:] for file in files} == set(kinds)
    for file in files:
        response = looking.get(f"assets/{file.name}")
        assert (response.status, response.body) == (200, file.read_bytes())
        assert response.headers[0][1].startswith(kinds[file.suffix[1:]])
    assert looking.get("").body == (ASSETS / "page.html").read_bytes()
    assert looking.get("contract").body == (ASSETS / "contract.html").read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        *("..", "../assets.py", "../assets/page.css", "%2e%2e/assets.py", "..\\assets.py", ""),
        *("page.py", "page", "/page.css", "./page.css", "x/../page.css", "/etc/passwd", "PAGE.CSS"),
        *("page.css\0", "\0.css", "\ud800.css", "x" * 5000 + ".css", "page.css/", "nothing.js"),
    ],
)
def test_no_name_leads_out_of_the_folder(looking: Looking, name: str) -> None:
    status, message = looking.refused(f"assets/{name}")
    assert (status, message[:29]) == (404, "the mock has no control route")
    assert assets._file.cache_info().currsize <= len(list(ASSETS.iterdir()))


# Clients ----------------------------------------------------------------------------

MOZILLA = "Mozilla/5.0 (X11; Linux x86_64"
WEBKIT = f"{MOZILLA}) AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("", ""),
        ("OpenAI/Python 3.54.0", "openai-python 3.54.0"),
        ("AsyncOpenAI/Python 2.9.0", "openai-python 2.9.0"),
        ("AsyncAzureOpenAI/Python 2.9.0", "openai-python 2.9.0"),
        ("OpenAI/JS 6.9.1", "openai-node 6.9.1"),
        ("python-httpx/0.28.1", "python-httpx 0.28.1"),
        ("python-requests/2.32.5", "python-requests 2.32.5"),
        ("Python/3.11 aiohttp/3.14.5", "aiohttp 3.14.5"),
        ("Python-urllib/3.11", "Python-urllib 3.11"),
        ("Python/3.11", "Python 3.11"),
        ("curl/8.5.0", "curl 8.5.0"),
        ("node", "node"),
        (f"{MOZILLA}; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140.0"),
        (f"{WEBKIT} Chrome/140.0.0.0 Safari/537.36", "Chrome 140.0.0.0"),
        (f"{WEBKIT} HeadlessChrome/140.0.0.0 Safari/537.36", "Chrome 140.0.0.0"),
        (f"{WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.1.2", "Edge 140.0.1.2"),
        (f"{WEBKIT} Version/18.5 Safari/605.1.15", "Safari 18.5"),
        ("Mozilla/5.0 (compatible)", "Mozilla 5.0"),
        ("狐" * 100, "狐" * 60),
        (f"{'a' * 100}/1", "a" * 60),
    ],
)
def test_a_client_is_called_by_its_name(user_agent: str, name: str) -> None:
    assert client(user_agent) == name


def by_openai(base_url: str) -> str:
    openai.OpenAI(base_url=base_url, api_key=KEY).models.list()
    return f"openai-python {openai.__version__}"


def by_openai_async(base_url: str) -> str:
    async def ask() -> None:
        async with openai.AsyncOpenAI(base_url=base_url, api_key=KEY) as client:
            await client.models.list()

    asyncio.run(ask())
    return f"openai-python {openai.__version__}"


def by_httpx(base_url: str) -> str:
    httpx.get(f"{base_url}/models")
    return f"python-httpx {httpx.__version__}"


def by_requests(base_url: str) -> str:
    requests = pytest.importorskip("requests")
    requests.get(f"{base_url}/models", timeout=10)
    return f"python-requests {requests.__version__}"


def by_aiohttp(base_url: str) -> str:
    aiohttp = pytest.importorskip("aiohttp")

    async def ask() -> None:
        async with aiohttp.ClientSession() as session, session.get(f"{base_url}/models"):
            pass

    asyncio.run(ask())
    return f"aiohttp {aiohttp.__version__}"


def by_curl(base_url: str) -> str:
    told = program("curl", "--version").split()
    program("curl", "-s", f"{base_url}/models")
    return f"curl {told[1]}"


def by_node(base_url: str) -> str:
    program("node", "-e", f"fetch('{base_url}/models')")
    return "node"


def program(name: str, *arguments: str) -> str:
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    return subprocess.check_output([name, *arguments], text=True, timeout=30)


@pytest.mark.parametrize(
    "ask", [by_openai, by_openai_async, by_httpx, by_requests, by_aiohttp, by_curl, by_node]
)
def test_real_clients_are_called_by_their_names(
    mock: StepfunMock, ask: Callable[[str], str]
) -> None:
    with served(mock) as (_, running):
        name = ask(running.base_url)
        body = httpx.get(f"{running.root}/__stepfun_mock/requests").json()
    assert [row["client"] for row in body["rows"]] == [name]


def test_a_page_that_opens_late_is_told_of_all_that_waited() -> None:
    mock = StepfunMock()
    told: list[Record] = []
    listening = False

    def changed(record: Record) -> None:
        told.append(record)
        len(kept)  # who is told looks at the others

    kept = Records(mock, changed, lambda everything: None, lambda: listening)
    for _ in range(300):
        asked(mock, MINIMAL)
    assert told == []
    listening = True
    asked(mock, MINIMAL)
    assert [record.entry.number for record in told] == list(range(1, 302))


@pytest.mark.parametrize(
    "body",
    ['{"model": "step-image-edit-2", "prompt": "%s"}', '{"prompt": "%s",}', '{"prompt": "%s'],
    ids=["accepted", "refused", "cut off"],
)
@pytest.mark.parametrize("way", ["a few", "all"])
def test_a_key_with_escaped_letters_is_shown_nowhere(body: str, way: str) -> None:
    looking = Looking(StepfunMock())
    key = "sk-plus+slash/key"
    every = "".join(f"\\u{ord(letter):04x}" for letter in key)
    escaped = every if way == "all" else key.replace("+", "\\u002B").replace("/", "\\/")
    looking.post((body % f"a \\u0022fox\\u0022 {escaped}").encode(), authorization=f"Bearer {key}")
    shown = looking.only()["request"]["body"]
    assert shown == body % 'a \\"fox\\" ***' or shown.endswith('a \\"fox\\" ***')
    told = everything(looking) + repr(list(looking.mock.journal))
    for form in ("plus", "u0070", "\\\\u0070"):
        assert form not in told


def test_a_body_of_escapes_is_read_in_no_more_than_a_moment() -> None:
    for text in (r"\u0073a" * 130_000, "\\" * 1_000_000, r"\ud83e" * 170_000, r"\u00" * 200_000):
        started = time.perf_counter()
        unescaped(text)
        assert time.perf_counter() - started < 10  # in quadratic time it would be minutes
