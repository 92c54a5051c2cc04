"""The OpenAPI document: valid, complete, and of one mind with the mock."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import validate

from conftest import MINIMAL, answered, asked, examples
from stepfun_mock import Choices, Request, StepfunMock, contract
from stepfun_mock.openapi import document
from stepfun_mock.rules import RULES

DOCUMENT = document()
SCHEMAS = DOCUMENT["components"]["schemas"]
MOCK = StepfunMock(choices=Choices(null_fields="refuse"))


def fits(schema: str, value: object) -> bool:
    validator = jsonschema.Draft202012Validator(SCHEMAS[schema])
    return bool(validator.is_valid(value))


def found(name: str, part: object) -> list[Any]:
    """Every value that stands under a name anywhere in the document."""
    if isinstance(part, dict):
        below = [one for value in part.values() for one in found(name, value)]
        return [part[name], *below] if name in part else below
    return [one for value in part for one in found(name, value)] if isinstance(part, list) else []


def test_the_document_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    validate(DOCUMENT)


def test_the_document_is_json() -> None:
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT


def test_every_route_of_the_contract_is_a_path() -> None:
    paths = {(method.upper(), path) for path, one in DOCUMENT["paths"].items() for method in one}
    assert paths == {(route.method, route.path) for route in contract.ROUTES}


def test_rules_named_in_the_document_are_rules_of_the_contract() -> None:
    named = {rule for rules in found("x-stepfun-rules", DOCUMENT) for rule in rules}
    assert named <= {rule.id for rule in RULES}
    assert {"size.order", "seed.range", "route.generate", "key.refused"} <= named


def test_examples_fit_their_schemas() -> None:
    for path, methods in DOCUMENT["paths"].items():
        if "generations" not in path:
            continue
        body = methods["post"]["requestBody"]["content"]["application/json"]
        reply = methods["post"]["responses"]["200"]["content"]["application/json"]
        assert all(fits("ImageRequest", one["value"]) for one in body["examples"].values())
        assert all(fits("ImageReply", one["value"]) for one in reply["examples"].values())


def test_examples_are_answered_by_the_mock() -> None:
    operation = DOCUMENT["paths"]["/v1/images/generations"]["post"]
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    assert [asked(MOCK, one["value"]).status for one in examples.values()] == [200, 200]


@pytest.mark.parametrize("form", ["url", "b64_json"])
def test_replies_of_the_mock_fit_the_document(form: str) -> None:
    assert fits("ImageReply", answered(asked(MOCK, {**MINIMAL, "response_format": form})))
    assert fits("Error", answered(asked(MOCK, {})))
    models = MOCK.handle(Request("GET", "/v1/models", {"authorization": "Bearer k"}))
    assert fits("Model", answered(models)["data"][0])


def test_a_reply_with_both_payloads_does_not_fit() -> None:
    both = {"seed": 1, "finish_reason": "success", "url": "u", "b64_json": "b"}
    assert not fits("ImageReply", {"created": 1, "data": [both]})


def test_where_json_schema_cannot_follow_the_mock_the_document_says_so() -> None:
    about = DOCUMENT["info"]["description"]
    whole = {**MINIMAL, "steps": 8.0}
    assert fits("ImageRequest", whole)
    assert asked(StepfunMock(), whole).status == 400
    assert "8.0 is no integer" in about
    null = {**MINIMAL, "steps": None}
    assert not fits("ImageRequest", null)
    assert asked(StepfunMock(), null).status == 200
    assert "null for an optional field means that it is absent" in about


def test_every_status_that_a_route_can_answer_is_listed() -> None:
    for path, methods in DOCUMENT["paths"].items():
        (operation,) = methods.values()
        statuses = {int(status) for status in operation["responses"]}
        assert {200, 400, 401, 405, 408, 413, 421, 431, 500} <= statuses
        assert (404 in statuses) == path.endswith("{id}")
        assert (451 in statuses) == ("generations" in path)


def test_a_refusal_without_the_envelope_promises_none() -> None:
    responses = DOCUMENT["paths"]["/v1/images/generations"]["post"]["responses"]
    assert "content" not in responses["504"]
    assert "content" in responses["503"]


def test_a_success_without_a_picture_does_not_fit() -> None:
    bare = {"seed": 1, "finish_reason": "success"}
    assert not fits("ImageReply", {"created": 1, "data": [bare]})
    assert fits(
        "ImageReply", {"created": 1, "data": [{**bare, "finish_reason": "content_filtered"}]}
    )


values = (
    st.none()
    | st.booleans()
    | st.integers(-2, 60)
    | st.floats(-1, 12).filter(lambda number: not number.is_integer())
    | st.sampled_from(["", "url", "b64_json", "1024x1024", "768x1360", "1024X1024", "8", "x" * 513])
    | st.lists(st.integers(), max_size=1)
)


@examples(600, database=None)
@given(
    fields=st.dictionaries(
        st.sampled_from([row.name for row in contract.MODELS[0].parameters]), values, max_size=4
    )
)
def test_the_mock_accepts_just_what_the_schema_does(fields: dict[str, Any]) -> None:
    body = {**MINIMAL, **fields}
    assert (asked(MOCK, body).status == 200) == fits("ImageRequest", body)
