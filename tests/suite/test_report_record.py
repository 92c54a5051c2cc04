"""The record of a run is data that its schema describes."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts.exchange import Trouble
from contracts.report.files import as_json
from contracts.report.outcome import version
from contracts.report.record import SCHEMA_FILE, SCHEMA_VERSION, record
from contracts.run import Run
from contracts.verdict import Verdict
from stepfun_mock.rules import RULES
from stepfun_mock.terms import Grade
from suite.hostile import hostile, secrets_in
from suite.runs import (
    LATE,
    REFUSED,
    a_run,
    all_hold,
    broken,
    differs,
    drawn,
    holds,
    not_run,
    png,
    unsure,
    with_pictures,
)

SCHEMA: dict[str, Any] = json.loads(SCHEMA_FILE.read_text("utf-8"))


def mixed() -> Run:
    return a_run(
        drawn(png()),
        REFUSED,
        LATE,
        findings=[
            holds("route.generate", 1),
            broken("n.type", "n true must be refused, but was accepted", 1),
            differs("n.default", "two pictures came", 2),
            unsure("seed.type", "api.stepfun.ai:443 did not answer within 60 s", 3),
            not_run("price.usd"),
        ],
    )


def no_api() -> Run:
    run = a_run(LATE)
    run.reason = "there is no image API at https://api.stepfun.ai/v1"
    return run


def test_the_schema_is_a_schema_and_names_no_host() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == f"urn:stepfun-mock:report:{SCHEMA_VERSION}"


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize(
    "make", [a_run, mixed, no_api, hostile, lambda: with_pictures(drawn(png()))]
)
def test_a_record_is_as_the_schema_says(make: Any, complete: bool) -> None:
    found = json.loads(as_json(make(), complete=complete))
    Draft202012Validator(SCHEMA).validate(found)


def test_the_schema_lists_the_words_of_the_suite() -> None:
    kinds = SCHEMA["$defs"]
    assert kinds["verdict"]["enum"] == SCHEMA["properties"]["verdicts"]["required"]
    assert kinds["verdict"]["enum"] == [str(verdict) for verdict in Verdict]
    assert kinds["rule"]["properties"]["grade"]["enum"] == [str(grade) for grade in Grade]
    trouble = kinds["exchange"]["properties"]["trouble"]["properties"]
    assert trouble["kind"]["enum"] == [str(kind) for kind in Trouble]


def test_a_record_tells_who_when_and_how_much() -> None:
    run = mixed()
    run.lab.dispatch.times.sleep(10)
    found = record(run, complete=True)
    assert found["tool"] == {"name": "stepfun-mock", "version": version()}
    assert found["target"] == {
        "name": "https://api.stepfun.ai/v1",
        "base_url": "https://api.stepfun.ai/v1",
    }
    assert found["started"] == "2026-09-21T14:13:20.250Z"
    assert found["finished"] > found["started"]
    assert found["exit_code"] == 1
    counts = found["counts"]
    assert counts.pop("seconds") >= 10
    assert counts == {
        "requests": 3,
        "pictures": 2,
        "retries": 0,
        "inconclusive": 1,
        "cost": {"amount": 0.006, "currency": "USD"},
    }
    assert found["verdicts"] == {
        "broken": 1,
        "differs": 1,
        "holds": 1,
        "inconclusive": 1,
        "not run": len(RULES) - 4,
    }


def test_a_record_tells_of_every_rule() -> None:
    rules = record(mixed(), complete=True)["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in RULES]
    assert next(rule for rule in rules if rule["id"] == "n.type") == {
        "id": "n.type",
        "part": "request",
        "statement": "n is an integer",
        "grade": "page",
        "source": {
            "title": "StepFun: Generate images",
            "url": "https://platform.stepfun.ai/docs/en/api-reference/images/image",
        },
        "verdict": "broken",
        "planned": True,
        "reason": None,
        "findings": [
            {
                "verdict": "broken",
                "text": "n true must be refused, but was accepted",
                "test": "test_x.py::test_it",
                "exchanges": [1],
            }
        ],
    }


def test_a_record_shows_whole_what_is_cited_and_the_rest_in_short() -> None:
    run = a_run(REFUSED, REFUSED, findings=[holds("n.type", 1), broken("n.values", "so", 2)])
    short, whole = record(run, complete=True)["exchanges"]
    shown = whole.pop("shown")
    assert short.pop("seconds") >= 0
    assert whole.pop("seconds") >= 0
    assert short == {
        "number": 1,
        "name": "probe/1",
        "method": "POST",
        "url": "https://api.stepfun.ai/v1/images/generations",
        "status": 400,
        "trouble": None,
        "try": 1,
        "sent_at": "2026-09-21T14:13:20.250Z",
    }
    assert whole == short | {"number": 2, "name": "probe/2", "sent_at": whole["sent_at"]}
    assert shown["curl"].startswith("curl -sS -i -X POST https://api.stepfun.ai/v1/images")
    assert shown["request"]["body"] == {
        "text": '{"model": "step-image-edit-2", "prompt": "a lighthouse"}',
        "encoding": "utf-8",
        "bytes": 56,
        "cut": False,
    }
    assert shown["reply"]["headers"] == [{"name": "content-type", "value": "application/json"}]
    assert shown["reply"]["body"]["text"] == REFUSED.body.decode()


def test_where_nothing_came_there_is_trouble_and_no_reply() -> None:
    run = a_run(LATE, findings=[unsure("n.type", "too late", 1)])
    (only,) = record(run, complete=True)["exchanges"]
    assert only["status"] is None
    assert only["trouble"] == {
        "kind": "timeout",
        "sentence": "api.stepfun.ai:443 did not answer within 60 s",
    }
    assert only["shown"]["reply"] is None


def test_the_record_of_a_run_that_was_not_done_is_no_success() -> None:
    found = record(a_run(findings=all_hold()), complete=False)
    assert (found["complete"], found["finished"], found["exit_code"]) == (False, None, 3)


def test_a_record_of_nothing_says_why() -> None:
    found = record(no_api(), complete=True)
    assert found["reason"] == "there is no image API at https://api.stepfun.ai/v1"
    assert found["exit_code"] == 3


def test_no_cost_is_told_where_none_is_known() -> None:
    run = a_run(base_url="http://127.0.0.1:9/v1")
    assert record(run, complete=True)["counts"]["cost"] is None


def test_a_record_of_a_hostile_server_is_small_and_holds_no_secret() -> None:
    text = json.dumps(record(hostile(), complete=True))
    assert len(text) < 120_000
    assert secrets_in(text) == []
