"""The tables of the contract against the documentation page, and against each other."""

import pytest

from stepfun_mock import contract, refusals
from stepfun_mock.rules import RULES
from stepfun_mock.terms import Grade, Parameter, Refusal, either

MODEL = contract.MODELS[0]
ROWS = {row.name: row for row in (contract.MODEL_PARAMETER, *MODEL.parameters)}


def test_the_parameters_are_those_of_the_page_in_its_order() -> None:
    assert list(ROWS) == [
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


def test_only_model_and_prompt_are_required() -> None:
    assert [name for name, row in ROWS.items() if row.required] == ["model", "prompt"]


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("size", "1024x1024"),
        ("response_format", "url"),
        ("seed", None),
        ("steps", 8),
        ("cfg_scale", 1.0),
        ("negative_prompt", ""),
        ("text_mode", False),
    ],
)
def test_defaults_are_those_of_the_page(name: str, default: object) -> None:
    assert ROWS[name].default == default
    assert type(ROWS[name].default) is type(default)


@pytest.mark.parametrize(
    ("name", "minimum", "maximum"),
    [("seed", 0, 2147483647), ("steps", 1, 50), ("cfg_scale", 1.0, 10.0)],
)
def test_ranges_are_those_of_the_page(name: str, minimum: float, maximum: float) -> None:
    assert (ROWS[name].minimum, ROWS[name].maximum) == (minimum, maximum)


def test_there_are_five_sizes() -> None:
    assert set(ROWS["size"].values) == {
        "1024x1024",
        "768x1360",
        "896x1184",
        "1360x768",
        "1184x896",
    }


def test_both_prompts_may_have_512_characters() -> None:
    assert ROWS["prompt"].max_length == ROWS["negative_prompt"].max_length == 512


def test_a_link_lives_two_hours() -> None:
    assert contract.LINK_LIFE == 2 * 3600


def test_tiers_are_those_of_the_two_price_pages() -> None:
    assert {tier.id: (tier.concurrency, tier.rpm) for tier in contract.TIERS} == {
        "ai/V0": (5, 100),
        "ai/V1": (20, 400),
        "ai/V2": (30, 600),
        "ai/V3": (40, 800),
        "ai/V4": (130, 2_600),
        "com/V0": (5, 10),
        "com/V1": (100, 1_000),
        "com/V2": (200, 5_000),
        "com/V3": (400, 10_000),
        "com/V4": (1_000, 20_000),
        "com/V5": (10_000, 200_000),
    }
    assert {(tier.host, tier.source) for tier in contract.TIERS} == {
        (contract.HOSTS[0], contract.PRICES_PAGE),
        (contract.HOSTS[1], contract.CHINA_PRICES_PAGE),
    }


def test_the_latency_is_reported_and_no_promise() -> None:
    assert (contract.LATENCY.seconds, contract.LATENCY.source.grade) == (7.4, Grade.REPORTED)


def test_the_default_of_n_is_graded_as_ours_because_the_page_names_none() -> None:
    (rule,) = [rule for rule in RULES if rule.id == "n.default"]
    assert rule.grade is Grade.OURS


def test_every_rule_has_an_id_of_its_own() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids)) > 60


@pytest.mark.parametrize(
    "rule_id",
    ["size.order", "seed.echo", "url.lifetime", "steps.range", "reply.created", "key.refused"],
)
def test_rules_are_named_so_that_people_can_read_them(rule_id: str) -> None:
    assert rule_id in {rule.id for rule in RULES}


def test_every_rule_has_a_statement_and_a_source() -> None:
    assert all(rule.statement and rule.source in contract.SOURCES for rule in RULES)


def test_every_grade_has_a_source() -> None:
    assert {source.grade for source in contract.SOURCES} == set(Grade)


def test_figures_of_a_rule_are_those_of_its_row() -> None:
    (rule,) = [rule for rule in RULES if rule.id == "steps.range"]
    assert rule.figures == {"minimum": 1, "maximum": 50}
    assert rule.statement == "steps is an integer from 1 to 50"


def test_every_refusal_that_has_a_name_is_in_the_list() -> None:
    named = [value for value in vars(refusals).values() if isinstance(value, Refusal)]
    assert named == list(refusals.REFUSALS)


@pytest.mark.parametrize(
    ("refusal", "status_by", "type_by"),
    [
        (refusals.KEY_REFUSED, Grade.VENDOR, Grade.REPORTED),
        (refusals.SIZE_REFUSED, Grade.REPORTED, Grade.REPORTED),
        (refusals.MODEL_REFUSED, Grade.VENDOR, Grade.REPORTED),
        (refusals.PARAMETER_REFUSED, Grade.VENDOR, Grade.OURS),
        (refusals.BODY_REFUSED, Grade.OURS, Grade.OURS),
        (refusals.PROMPT_CENSORED, Grade.VENDOR, Grade.REPORTED),
        (refusals.MODEL_UNKNOWN, Grade.OURS, Grade.OURS),
        (refusals.PATH_UNKNOWN, Grade.REPORTED, Grade.REPORTED),
        (refusals.PATH_ELSEWHERE, Grade.OURS, Grade.OURS),
        (refusals.BALANCE_EMPTY, Grade.VENDOR, Grade.REPORTED),
        (refusals.RATE_LIMITED, Grade.VENDOR, Grade.REPORTED),
        (refusals.SERVICE_FAILED, Grade.VENDOR, Grade.VENDOR),
        (refusals.SERVICE_OVERLOADED, Grade.VENDOR, Grade.REPORTED),
        (refusals.SERVICE_LATE, Grade.VENDOR, Grade.VENDOR),
    ],
    ids=lambda value: value.id if isinstance(value, Refusal) else "",
)
def test_status_and_type_of_a_refusal_claim_no_more_than_is_known(
    refusal: Refusal, status_by: Grade, type_by: Grade
) -> None:
    assert (refusal.source.grade, refusal.type_source.grade) == (status_by, type_by)


def test_what_only_the_mock_limits_is_graded_as_ours() -> None:
    ours = {rule.id for rule in contract.STATEMENTS if rule.grade is Grade.OURS}
    assert ours == {"body.limit", "body.nesting", "cfg_scale.integer", "model.created"}


@pytest.mark.parametrize(
    ("row", "allowed"),
    [
        (ROWS["prompt"], "a text of at most 512 characters"),
        (ROWS["n"], "1"),
        (ROWS["response_format"], '"b64_json" or "url"'),
        (ROWS["cfg_scale"], "a number from 1.0 to 10.0"),
        (ROWS["text_mode"], "true or false"),
    ],
    ids=lambda value: value.name if isinstance(value, Parameter) else "",
)
def test_a_row_says_what_it_allows(row: Parameter, allowed: str) -> None:
    assert row.allowed == allowed


def test_alternatives_are_named_as_json() -> None:
    assert either((False,)) == "false"
    assert either(("a", "b", 3)) == '"a", "b" or 3'
