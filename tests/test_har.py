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
        "content": an_object({"size": SIZE, "mimeType": TEXT}, text=TEXT),
    }
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
    looking.fetch(url)
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
    assert fetched["response"]["content"] == {"size": 0, "mimeType": "image/png", "text": ""}
    assert reset["response"]["status"] == 0
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
    again = ("curl", "python", "why")
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
