"""The written table: each end from both sides, each wrong type, and one fault to a request."""

import importlib.util
import json
import sys
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import asked
from contracts import prompts, rows, table
from contracts.table import BODIES, CASES, MINIMAL, Case, cases
from stepfun_mock import StepfunMock, contract
from stepfun_mock.terms import Kind

NAMES = [
    "model",
    "prompt",
    "size",
    "n",
    "response_format",
    "seed",
    "steps",
    "cfg_scale",
    "negative_prompt",
    "text_mode",
]
TEXT = {"number", "true", "list", "object"}
WRONG_TYPES = {
    "model": {*TEXT, "null", "missing"},
    "prompt": {*TEXT, "null", "missing"},
    "size": TEXT,
    "response_format": TEXT,
    "negative_prompt": TEXT,
    "n": {"text", "numeric text", "fraction", "whole fraction", "true", "list", "object"},
    "seed": {"text", "numeric text", "fraction", "whole fraction", "true", "list", "object"},
    "steps": {"text", "numeric text", "fraction", "whole fraction", "true", "list", "object"},
    "cfg_scale": {"text", "numeric text", "true", "list", "object"},
    "text_mode": {"text", "number", "list", "object"},
}
OUTSIDE = {
    "seed": [-1, 2147483648],
    "steps": [0, 51, -1],
    "cfg_scale": [0.99, 10.01, -1.0],
}
UNLISTED = {
    "model": ["step-1x-medium", "STEP-IMAGE-EDIT-2", "step-image-edit-2-2026", ""],
    "size": ["512x512", "1024X1024", "768x1184", "1024*1024", "1024x1024 ", "auto"],
    "n": [0, 2, -1],
    "response_format": ["png", "B64_JSON", "b64"],
}
ENDS = {"seed": [0, 2147483647], "steps": [1, 50], "cfg_scale": [1.0, 10.0]}


def given_in(case: Case) -> Any:
    """The value of the parameter that the case is about; "missing" where there is none."""
    assert case.probe.fields is not None
    name = case.rule.partition(".")[0]
    return case.probe.fields.get(name, "missing")


def values(name: str, aspect: str) -> list[Any]:
    return [given_in(case) for case in CASES if case.rule == f"{name}.{aspect}"]


def json_type(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "whole fraction" if value.is_integer() else "fraction"
    if isinstance(value, str) and value != "missing":
        return "numeric text" if value.replace(".", "").isdigit() else "text"
    words: dict[type, str] = {int: "number", list: "list", dict: "object", type(None): "null"}
    return words.get(type(value), "missing")


def test_the_table_has_every_parameter_of_the_contract() -> None:
    assert [parameter.name for parameter in table.PARAMETERS] == NAMES
    assert {case.rule.partition(".")[0] for case in CASES} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_parameter_is_asked_in_every_wrong_type(name: str) -> None:
    wrong = values(name, "type") + values(name, "required")
    assert {json_type(value) for value in wrong} == WRONG_TYPES[name]


@pytest.mark.parametrize("name", NAMES)
def test_each_end_of_each_range_is_asked_from_outside(name: str) -> None:
    assert values(name, "range") == OUTSIDE.get(name, [])


@pytest.mark.parametrize("name", sorted(ENDS))
def test_each_end_of_each_range_is_asked_from_inside(name: str) -> None:
    inside = [level.value for level in rows.LEVELS[name] if level.rule == f"{name}.range"]
    assert inside == ENDS[name]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_listed_is_asked_beside_what_is_not(name: str) -> None:
    assert values(name, "values") == UNLISTED.get(name, [])
    if name in UNLISTED and name != "model":
        listed = [level.value for level in rows.LEVELS[name] if level.value is not rows.LEFT_OUT]
        (parameter,) = (one for one in table.PARAMETERS if one.name == name)
        assert listed == list(parameter.values)


@pytest.mark.parametrize("name", ["prompt", "negative_prompt"])
def test_a_text_is_one_character_too_long_in_each_script(name: str) -> None:
    ascii_, cjk, emoji = values(name, "length")
    assert {len(ascii_), len(cjk), len(emoji)} == {513}
    assert ascii_.isascii()
    assert len(cjk.encode()) == 3 * 513
    assert len(emoji.encode()) == 4 * 513
    assert len(emoji.encode("utf-16-le")) == 4 * 513


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.probe.id)
def test_a_request_has_one_fault_and_the_mock_names_it(case: Case) -> None:
    name = case.rule.partition(".")[0]
    fields = dict(case.probe.fields or {})
    fields.pop(name, None)
    assert fields == {key: value for key, value in MINIMAL.items() if key != name}
    reply = asked(StepfunMock(), case.probe.body)
    assert reply.status == 400
    assert name in json.loads(reply.body)["error"]["message"]


def test_what_stands_beside_a_fault_is_accepted() -> None:
    assert asked(StepfunMock(), {**MINIMAL, "response_format": "b64_json"}).status == 200


def test_what_can_be_read_into_the_page_is_numeric_text_and_whole_fractions() -> None:
    assert {case.probe.id for case in CASES if case.lenient} == {
        "n.type/numeric text",
        "n.type/a whole fraction",
        "seed.type/numeric text",
        "seed.type/a whole fraction",
        "steps.type/numeric text",
        "steps.type/a whole fraction",
        "cfg_scale.type/numeric text",
    }
    lenient = {json_type(given_in(case)) for case in CASES if case.lenient}
    assert lenient == {"numeric text", "whole fraction"}


def test_a_wrong_model_and_a_wrong_size_have_refusals_of_their_own() -> None:
    own = {case.rule: case.refusal for case in CASES if case.refusal != "parameter.refused"}
    assert own == {"model.values": "model.refused", "size.values": "size.refused"}


def test_each_case_has_an_id_of_its_own() -> None:
    ids = [case.probe.id for case in (*CASES, *BODIES)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("probe", "words"),
    [
        ("steps.range/above the highest", "steps 51"),
        ("prompt.required/missing", "no prompt"),
        ("prompt.required/null", "prompt null"),
        ("prompt.length/one emoji over", "prompt of 513 characters"),
        ("seed.type/an object", 'seed {"value": 2147483647}'),
        ("size.values/'auto'", 'size "auto"'),
    ],
)
def test_a_case_says_its_fault_in_words(probe: str, words: str) -> None:
    (case,) = (case for case in CASES if case.probe.id == probe)
    assert case.about == words


def test_the_cases_of_a_parameter_are_those_that_offend_its_rules() -> None:
    assert [case.probe.id for case in cases("steps") if case.rule == "steps.range"] == [
        "steps.range/below the lowest",
        "steps.range/above the highest",
        "steps.range/below nothing",
    ]
    assert sum(len(cases(name)) for name in NAMES) == len(CASES)


@pytest.mark.parametrize("case", BODIES, ids=lambda case: case.probe.id)
def test_what_is_no_json_object_of_valid_fields_is_refused_by_the_mock(case: Case) -> None:
    assert asked(StepfunMock(), case.probe.body).status == 400
    assert case.refusal == "body.refused"


def test_the_bodies_are_no_json_object_or_hold_what_json_does_not_have() -> None:
    assert {case.probe.id: case.probe.body[-8:] for case in BODIES} == {
        "body/empty": b"",
        "body/a list": b"[]",
        "body/cut short": b'rcolour"',
        "body/no UTF-8": b't": "\xff"}',
        "body/NaN": b'e": NaN}',
    }


# A figure of the contract moves what is asked ----------------------------------------------------


def again(monkeypatch: pytest.MonkeyPatch, **changes: dict[str, Any]) -> ModuleType:
    """The table, read anew from a contract in which parameters have other figures."""
    model = contract.MODELS[0]
    changed = tuple(
        parameter._replace(**changes.get(parameter.name, {})) for parameter in model.parameters
    )
    monkeypatch.setattr(contract, "MODELS", (model._replace(parameters=changed),))
    name = "contracts.table_again"
    spec = importlib.util.spec_from_file_location(name, table.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


def test_another_end_in_the_contract_moves_the_case(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = again(monkeypatch, steps={"maximum": 60}, prompt={"max_length": 100})
    steps = [given_in(case) for case in moved.CASES if case.rule == "steps.range"]
    assert steps == [0, 61, -1]
    lengths = {len(given_in(case)) for case in moved.CASES if case.rule == "prompt.length"}
    assert lengths == {101}
    untouched = [case.probe.body for case in moved.CASES if case.rule.startswith("seed.")]
    assert untouched == [case.probe.body for case in cases("seed")]


def test_another_type_in_the_contract_moves_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = again(monkeypatch, cfg_scale={"kind": Kind.INTEGER, "default": 1})
    found = {json_type(given_in(case)) for case in moved.CASES if case.rule == "cfg_scale.type"}
    assert found == WRONG_TYPES["steps"]


# The texts --------------------------------------------------------------------------------------


@given(st.integers(1, 2000))
def test_a_text_has_the_length_that_was_asked_for_and_ends_in_no_blank(length: int) -> None:
    texts = [prompts.ascii_text(length), prompts.cjk_text(length), prompts.emoji_text(length)]
    assert [len(text) for text in texts] == [length] * 3
    assert [len(text.encode()) for text in texts] == [length, 3 * length, 4 * length]
    assert all(text == text.strip() for text in texts)
