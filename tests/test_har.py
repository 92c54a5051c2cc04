"""The exports of the page: the session as HAR 1.2, and as JSON."""

import json
from datetime import datetime
from typing import Any

import jsonschema
import pytest
from looking import Looking

from conftest import GENERATIONS, HEADERS, MINIMAL, item
from stepfun_mock import Request, StepfunMock, faults
from stepfun_mock.inspector.state import own_version

TEXT = {"type": "string"}
SIZE = {"type": "integer", "minimum": -1}
TIME = {"type": "number", "minimum": -1}


def an_object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": required | optional,
        "required": list(required),
        "additionalProperties": False,
    }


def a_list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


PAIRS = a_list(an_object({"name": TEXT, "value": TEXT}))
MESSAGE = {"httpVersion": TEXT, "cookies": PAIRS, "headers": PAIRS, "headersSize": SIZE}
REQUEST = an_object(
    {**MESSAGE, "bodySize": SIZE, "method": TEXT, "url": TEXT, "queryString": PAIRS},
    postData=an_object({"mimeType": TEXT, "text": TEXT}),
)
RESPONSE = an_object(
    {
        **MESSAGE,
        "bodySize": SIZE,
        "status": {"type": "integer"},
        "statusText": TEXT,
        "redirectURL": TEXT,
        "content": an_object({"size": SIZE, "mimeType": TEXT}, text=TEXT, comment=TEXT),
    },
    comment=TEXT,
)
# http://www.softwareishard.com/blog/har-12-spec/, as far as we use it.
HAR = an_object(
    {
        "log": an_object(
            {
                "version": {"const": "1.2"},
                "creator": an_object({"name": TEXT, "version": TEXT}),
                "entries": a_list(
                    an_object(
                        {
                            "startedDateTime": TEXT,
                            "time": TIME,
                            "cache": an_object({}),
                            "request": REQUEST,
                            "response": RESPONSE,
                            "timings": an_object({"send": TIME, "wait": TIME, "receive": TIME}),
                        },
                        comment=TEXT,
                    )
                ),
            }
        )
    }
)


@pytest.fixture
def looking(mock: StepfunMock) -> Looking:
    return Looking(mock)


def entries(looking: Looking) -> list[Any]:
    """The entries of the archive, which must be one by its own rules."""
    archive = looking.json("session.har")
    jsonschema.validate(archive, HAR)
    for entry in archive["log"]["entries"]:
        assert datetime.fromisoformat(entry["startedDateTime"]).utcoffset() is not None
        timings = entry["timings"]
        assert entry["time"] == sum(timings.values())
    found: list[Any] = archive["log"]["entries"]
    return found


def test_an_archive_has_every_exchange_oldest_first(looking: Looking) -> None:
    url = item(looking.post({"prompt": "狐"}))["url"]
    picture = looking.fetch(url).body
    looking.mock.script(faults.connection_reset())
    looking.post()
    asked, fetched, reset = entries(looking)
    assert asked["startedDateTime"].startswith("2026-05-28T20:26:40")
    request, response = asked["request"], asked["response"]
    assert request["method"] == "POST"
    assert request["url"] == f"http://127.0.0.1:8793{GENERATIONS}"
    assert request["postData"]["mimeType"] == "application/json"
    assert json.loads(request["postData"]["text"]) == {**MINIMAL, "prompt": "狐"}
    assert request["bodySize"] == len(request["postData"]["text"])
    assert json.loads(response["content"]["text"])["data"][0]["url"] == url
    assert response["content"]["size"] == len(response["content"]["text"])
    assert fetched["request"]["url"] == url
    names = [pair["name"] for pair in fetched["request"]["queryString"]]
    assert names == ["p", "expires", "signature"]
    assert fetched["response"]["content"] == {
        "size": len(picture),
        "mimeType": "image/png",
        "text": "",
        "comment": "payload left out",
    }
    response = reset["response"]
    assert (response["status"], response["bodySize"], response["headers"]) == (0, 0, [])
    assert response["content"] == {"size": 0, "mimeType": "", "text": ""}
    assert response["comment"] == "Nothing was sent: the connection was reset."
    creator = looking.json("session.har")["log"]["creator"]
    assert creator == {"name": "stepfun-mock", "version": own_version()}


def test_an_archive_says_why_a_request_was_refused_and_where_one_was_sent(
    looking: Looking,
) -> None:
    looking.post({"steps": 51})
    looking.mock.script(faults.redirected_link())
    moved = looking.fetch(item(looking.post())["url"])
    refused, _, redirected = entries(looking)
    assert refused["comment"].startswith("steps must be an integer from 1 to 50")
    assert redirected["response"]["redirectURL"] == dict(moved.headers)["location"]


def test_an_archive_has_the_time_that_a_fault_held_a_reply_back(looking: Looking) -> None:
    looking.mock.script(faults.slow(seconds=2), faults.stall(seconds=5))
    looking.post()
    looking.post()
    (slow, stalled), rows = entries(looking), looking.rows()[::-1]
    assert slow["timings"] == {"send": 0, "wait": (rows[0]["seconds"] + 2) * 1000, "receive": 0}
    assert stalled["timings"] == {"send": 0, "wait": rows[1]["seconds"] * 1000, "receive": 5000}


def test_an_archive_says_where_base64_was_shortened_and_how_long_it_was(looking: Looking) -> None:
    sent = looking.post({"response_format": "b64_json"}).body
    (entry,) = entries(looking)
    response = entry["response"]
    assert response["content"]["comment"] == "payload left out"
    assert response["content"]["size"] == response["bodySize"] == len(sent)
    assert len(response["content"]["text"]) < 300


def test_an_archive_has_the_length_that_a_body_came_with(looking: Looking) -> None:
    key = HEADERS["authorization"].removeprefix("Bearer ")
    body = json.dumps({**MINIMAL, "prompt": f"a fox, {key}"}).encode()
    looking.post(body)
    for length in (str(len(body)), "²", "-1"):
        looking.post(body, **{"content-length": length})
    sizes = [entry["request"]["bodySize"] for entry in entries(looking)]
    assert sizes == [-1, len(body), -1, -1]  # as it is shown, it is shorter


def test_an_archive_is_valid_whatever_came(looking: Looking) -> None:
    looking.post(b"\xff\x00" * 100_000)
    looking.mock.handle(Request("GET", "/v1/\ud800\n狐", HEADERS, b"", "a&b=&=c&%ff=%zz"))
    looking.mock.handle(Request("", ""))
    looking.mock.handle(Request("POST", GENERATIONS))
    looking.mock.clock.freeze(at=253_402_300_799)  # the last second of the clock, and of dates
    looking.post()
    cut, odd, *_, late = entries(looking)
    assert cut["request"]["bodySize"] == -1
    pairs = [(pair["name"], pair["value"]) for pair in odd["request"]["queryString"]]
    assert pairs[:3] == [("a", ""), ("b", ""), ("", "c")]
    assert late["startedDateTime"] == "9999-12-31T23:59:59+00:00"


def test_the_session_is_exported_with_all_details_oldest_first(looking: Looking) -> None:
    looking.post()
    looking.post({"steps": 51})
    session = looking.json("session.json")
    assert session["version"] == own_version()
    again = ("curl", "python", "why", "notes")
    details = [looking.json(f"requests/{number}") for number in (1, 2)]
    assert session["requests"] == [
        {name: value for name, value in one.items() if name not in again} for one in details
    ]


@pytest.mark.parametrize(
    ("name", "file"),
    [("session.json", "stepfun-mock.json"), ("session.har", "stepfun-mock.har")],
)
def test_exports_are_downloads(looking: Looking, name: str, file: str) -> None:
    headers = dict(looking.get(name).headers)
    assert headers["content-disposition"] == f'attachment; filename="{file}"'
    assert headers["content-type"] == "application/json"
