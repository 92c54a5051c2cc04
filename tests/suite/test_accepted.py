"""Which value a refusal is to blame on, where several stand in one request."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts import rows
from contracts.accepted import judge_levels, levels_of, rules_of, unexplained
from contracts.exchange import Ask
from contracts.rows import EVERY, LEVELS
from contracts.verdict import CannotLookError, Verdict
from suite.labs import Answer, Asking, drawn, error, fields_of, said

HALVES = (rows.half_as_long("prompt"), rows.half_as_long("negative_prompt"))

Fields = dict[str, Any]
Refuses = Callable[[Fields], bool]


def refusing(refuses: Refuses) -> Asking:
    """A server that refuses some requests and draws for the others."""

    def answer(ask: Ask) -> Answer:
        return error(400) if refuses(fields_of(ask)) else drawn()

    return Asking(answer, max_requests=None, max_images=None, base_url="http://127.0.0.1:9/v1")


def said_of(name: str, asked: Asking) -> list[tuple[str, str, str]]:
    """What is said of a parameter, without what holds."""
    judge = asked.judge(*rules_of(name), probes=(*EVERY, *HALVES))
    judge_levels(judge, name)
    assert len(judge.findings) == len(levels_of(name))
    return [one for one in said(judge.findings) if one[1] != "holds"]


def utf_16(text: object) -> int:
    return len(str(text).encode("utf-16-le")) // 2


def test_each_value_of_a_parameter_is_judged_and_what_is_left_out_is_not() -> None:
    assert [level.about for level in levels_of("steps")] == ["steps 1", "steps 50"]
    assert [level.about for level in levels_of("n")] == ["n 1"]
    assert rules_of("cfg_scale") == ("cfg_scale.range", "cfg_scale.type", "cfg_scale.integer")
    assert rules_of("negative_prompt") == ("negative_prompt.length", "negative_prompt.type")


@pytest.mark.parametrize("name", sorted(LEVELS))
def test_of_a_server_that_accepts_everything_all_values_hold(name: str) -> None:
    assert said_of(name, refusing(lambda fields: False)) == []


@pytest.mark.parametrize(
    ("name", "value", "rule", "about"),
    [
        ("steps", 50, "steps.range", "steps 50"),
        ("seed", 2147483647, "seed.range", "seed 2147483647"),
        ("size", "896x1184", "size.values", "size '896x1184'"),
        ("response_format", "b64_json", "response_format.values", "response_format 'b64_json'"),
        ("cfg_scale", 10.0, "cfg_scale.range", "cfg_scale 10.0"),
        ("text_mode", True, "text_mode.type", "text_mode True"),
    ],
)
def test_a_refusal_is_blamed_on_the_one_value_that_is_accepted_nowhere(
    name: str, value: object, rule: str, about: str
) -> None:
    asked = refusing(lambda fields: fields.get(name) == value)
    text = f"{about} is allowed, but the server refused it"
    assert said_of(name, asked) == [(rule, "broken", text)]
    for other in LEVELS:
        words = {word for _, word, _ in said_of(other, asked)}
        assert words <= {"inconclusive"} or other == name


def test_all_the_requests_that_show_it_are_named() -> None:
    asked = refusing(lambda fields: fields.get("steps") == 50)
    judge = asked.judge(*rules_of("steps"), probes=EVERY)
    judge_levels(judge, "steps")
    (found,) = (one for one in judge.findings if one.verdict is Verdict.BROKEN)
    with_50 = {
        exchange.number
        for exchange in asked.lab.exchanges
        if fields_of(exchange.ask).get("steps") == 50
    }
    assert set(found.exchanges) == with_50
    assert len(with_50) > 1


def test_two_faults_are_told_apart() -> None:
    asked = refusing(lambda fields: fields.get("steps") == 50 or fields.get("size") == "768x1360")
    refused = "is allowed, but the server refused it"
    assert said_of("steps", asked) == [("steps.range", "broken", f"steps 50 {refused}")]
    assert said_of("size", asked) == [("size.values", "broken", f"size '768x1360' {refused}")]
    assert said_of("seed", asked) == []


def test_what_is_left_out_elsewhere_is_not_to_blame() -> None:
    asked = refusing(lambda fields: fields.get("steps") in (1, 50))
    assert ("steps.range", "broken", "steps 1 is allowed, but the server refused it") in said_of(
        "steps", asked
    )


def test_where_each_request_has_two_values_that_are_accepted_nowhere_nobody_can_tell() -> None:
    asked = refusing(lambda fields: fields.get("steps") in (1, 50))
    words = "no answer tells whether size '896x1184' is accepted"
    assert ("size.values", "inconclusive", words) in said_of("size", asked)
    assert {word for _, word, _ in said_of("size", asked)} == {"inconclusive"}


def test_an_integer_that_is_refused_is_told_from_the_fraction_that_is_not() -> None:
    asked = refusing(lambda fields: type(fields.get("cfg_scale")) is int)
    assert said_of("cfg_scale", asked) == [
        ("cfg_scale.integer", "differs", "cfg_scale 1 is allowed, but the server refused it")
    ]


@pytest.mark.parametrize("name", ["prompt", "negative_prompt"])
def test_emoji_that_are_counted_as_two_differ(name: str) -> None:
    asked = refusing(lambda fields: utf_16(fields.get(name, "")) > 512)
    text = f"{name} of 512 emoji is allowed, but the server refused it"
    assert said_of(name, asked) == [(f"{name}.length", "differs", text)]
    assert asked.tries[f"{name}.length/half as many emoji"] == 1


@pytest.mark.parametrize("name", ["prompt", "negative_prompt"])
def test_emoji_that_are_refused_whatever_their_count_break_the_rule(name: str) -> None:
    asked = refusing(lambda fields: any(ord(one) > 0xFFFF for one in fields.get(name, "")))
    text = f"{name} of 512 emoji is allowed, but the server refused it"
    assert said_of(name, asked) == [(f"{name}.length", "broken", text)]


def test_characters_that_are_counted_in_bytes_break_the_rule() -> None:
    asked = refusing(lambda fields: len(fields.get("prompt", "").encode()) > 512)
    assert [one[:2] for one in said_of("prompt", asked)] == [("prompt.length", "broken")] * 2


def test_half_as_many_emoji_are_asked_only_where_emoji_are_refused() -> None:
    asked = refusing(lambda fields: fields.get("steps") == 50)
    said_of("prompt", asked)
    said_of("negative_prompt", asked)
    assert not any("half as many" in name for name in asked.tries)


def test_where_no_request_tells_anything_the_reason_is_told() -> None:
    asked = Asking(error(402, "top up"), base_url="http://127.0.0.1:9/v1")
    judge = asked.judge(*rules_of("steps"), probes=EVERY)
    with pytest.raises(CannotLookError) as problem:
        judge_levels(judge, "steps")
    assert problem.value.reason.startswith("after 8 tries in vain nothing more was sent: ")
    assert judge.findings == []


# Values together ----------------------------------------------------------------------------------


def together(fields: Fields) -> bool:
    return fields.get("steps") == 50 and fields.get("size") == "1184x896"


def test_a_pair_that_is_refused_though_each_is_accepted_is_not_explained() -> None:
    asked = refusing(together)
    assert said_of("steps", asked) == said_of("size", asked) == []
    judge = asked.judge("route.generate", probes=EVERY)
    found = unexplained(judge)
    assert found
    assert all("steps 50" in words and "size '1184x896'" in words for _, words in found)


def test_a_refusal_that_one_value_explains_is_no_matter_of_pairs() -> None:
    asked = refusing(lambda fields: fields.get("steps") == 50)
    assert unexplained(asked.judge("route.generate", probes=EVERY)) == []
