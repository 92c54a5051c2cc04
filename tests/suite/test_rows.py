"""What must be accepted: every value in some row, every pair in one, and not too many pictures."""

from itertools import combinations

import pytest

from conftest import asked
from contracts import rows, series
from contracts.probe import asking
from contracts.rows import ALONE, EVERY, LEFT_OUT, LEVELS, ROWS, Level, Row, explained
from contracts.table import MINIMAL, MODEL
from stepfun_mock import StepfunMock
from suite.whole import plan_of

URL = "https://image.example/v1"


def test_the_levels_are_the_ends_the_lists_the_longest_texts_and_nothing() -> None:
    shown = {
        name: [
            len(level.value) if isinstance(level.value, str) and "prompt" in name else level.value
            for level in levels
            if level.value is not LEFT_OUT
        ]
        for name, levels in LEVELS.items()
    }
    assert shown == {
        "prompt": [len(str(MINIMAL["prompt"])), 512, 512],
        "size": ["1024x1024", "768x1360", "896x1184", "1360x768", "1184x896"],
        "n": [1],
        "response_format": ["b64_json", "url"],
        "seed": [0, 2147483647],
        "steps": [1, 50],
        "cfg_scale": [1.0, 10.0],
        "negative_prompt": [512, 512],
        "text_mode": [True, False],
    }
    left_out = {
        name for name, levels in LEVELS.items() if any(one.value is LEFT_OUT for one in levels)
    }
    assert left_out == {"n", "seed", "negative_prompt"}


def test_every_level_stands_in_a_row() -> None:
    there = {level for row in ROWS for level in row.levels}
    assert there == {level for levels in LEVELS.values() for level in levels}


def test_every_pair_of_levels_of_two_parameters_meets_in_a_row() -> None:
    met = {frozenset(pair) for row in ROWS for pair in combinations(row.levels, 2)}
    wanted = {
        frozenset((here, there))
        for one, other in combinations(LEVELS.values(), 2)
        for here in one
        for there in other
    }
    assert met == wanted


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.probe.id)
def test_a_row_sends_its_levels_and_no_others(row: Row) -> None:
    sent = {level.name: level.value for level in row.levels if level.value is not LEFT_OUT}
    assert row.probe.fields == {"model": MODEL.id, **sent}
    assert row.probe.draws
    assert [level.name for level in row.levels] == list(LEVELS)


def test_every_row_and_every_request_of_the_series_is_accepted_by_the_mock() -> None:
    mock = StepfunMock()
    late = (series.LATE, rows.half_as_long("prompt"), rows.half_as_long("negative_prompt"))
    for probe in (*EVERY, *late):
        assert asked(mock, probe.body).status == 200, probe.id


def test_values_that_no_row_has_stand_alone() -> None:
    alone = {level.about for row in ALONE for level in row.levels}
    assert {
        "seed 20261010",
        "cfg_scale 7.5",
        "cfg_scale 1",
        "an empty negative_prompt",
        "prompt of 512 ASCII letters",
        "negative_prompt of 512 ASCII letters",
    } <= alone


def test_1_and_1_0_are_two_levels() -> None:
    whole = {
        (level.about, type(level.value))
        for row in (*ALONE, *ROWS)
        for level in row.levels
        if level.name == "cfg_scale" and level.value == 1
    }
    assert whole == {("cfg_scale 1", int), ("cfg_scale 1.0", float)}


def test_what_may_be_refused_for_other_reasons_is_no_row() -> None:
    asked_alone = {row.probe.id for row in ALONE}
    assert {probe.id for probe in series.ALL} - asked_alone == {
        "series/its seed again",
        "series/with a field that nobody knows",
    }


def test_each_request_for_a_picture_has_an_id_of_its_own_and_none_is_spare() -> None:
    ids = [probe.id for probe in EVERY]
    assert len(set(ids)) == len(ids)
    assert not any(probe.spare for probe in EVERY)


def test_the_last_row_spells_the_format_out_with_no_other_on_its_way() -> None:
    """What comes after it leaves the format out, and shows who remembers it."""
    *_, last = EVERY
    assert last.fields is not None
    assert last.fields["response_format"] == "b64_json"
    assert last.alone


@pytest.mark.parametrize("name", ["prompt", "negative_prompt"])
def test_half_as_many_emoji_have_as_many_utf_16_units_as_there_may_be_characters(
    name: str,
) -> None:
    probe = rows.half_as_long(name)
    assert probe.fields is not None
    text = str(probe.fields[name])
    assert (len(text), len(text.encode("utf-16-le"))) == (256, 1024)
    assert probe.spare
    assert probe.draws


def test_a_refusal_is_explained_by_what_is_accepted_nowhere() -> None:
    one, other, third = (Level("steps", at, "steps.range", f"steps {at}") for at in (1, 2, 3))
    row = Row(asking("row", {}), (one, other))
    assert explained(row, set()) == (one, other)
    assert explained(row, {one, third}) == (other,)
    assert explained(row, {one, other}) == ()


def test_a_whole_run_asks_for_few_pictures_and_sends_few_requests() -> None:
    plan = plan_of(URL)
    assert plan.pictures <= 32
    assert plan.requests <= 150
    assert len(ROWS) == 15  # the fewest: five sizes with three prompts


@pytest.mark.parametrize("name", ["cfg_scale", "steps", "text_mode"])
def test_what_one_wrong_default_costs_more_fits_into_the_budget(name: str) -> None:
    looks = {probe.id for probe in (*series.changed_first(name), *series.second_looks(name))}
    plan = plan_of(URL)
    assert looks <= plan.spares.keys()
    others = {rows.half_as_long("prompt").id, rows.half_as_long("negative_prompt").id}
    assert plan.pictures + len(looks | others) <= 40
