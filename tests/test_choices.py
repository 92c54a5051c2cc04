"""The choices: their defaults, what they refuse, and how the command line writes them."""

from typing import Any

import pytest

from stepfun_mock import Choices
from stepfun_mock.choices import all_choices

SECONDS = "a whole number from 1 to 3153600000"
LIMIT = "a whole number from 1 to 1000000"
LATENCY = '"reported" or a number from 0 to 86400'
BALANCE = "a number from 0 to 1000000000"
TIERS = (
    '"none", "ai/V0", "ai/V1", "ai/V2", "ai/V3", "ai/V4", '
    '"com/V0", "com/V1", "com/V2", "com/V3", "com/V4" or "com/V5"'
)


def test_defaults_are_those_of_the_design() -> None:
    choices = Choices()
    assert choices.n_above_one == "refuse"
    assert choices.unknown_fields == "ignore"
    assert choices.null_fields == "absent"
    assert choices.loose_numbers == "refuse"
    assert choices.length_unit == "code_points"
    assert choices.empty_prompt == "refuse"
    assert choices.filter_words == ()
    assert choices.filtered_reply == "without_picture"
    assert choices.link_life == 7200
    assert {choices.error_description, choices.reply_id, choices.cors} == {False}
    assert {choices.magic_prompts, choices.magic_keys} == {True}
    assert choices.tier == "none"
    assert {choices.rpm, choices.concurrency, choices.balance} == {None}
    assert choices.latency == 0
    assert choices.api_keys == ()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n_above_one": "maybe"}, 'n_above_one must be "refuse" or "one_picture"'),
        ({"link_life": 0}, f"link_life must be {SECONDS}, but 0 came"),
        ({"link_life": True}, f"link_life must be {SECONDS}, but True came"),
        ({"cors": "on"}, "cors must be True or False, but 'on' came"),
        ({"link_life": 10**21}, f"link_life must be {SECONDS}, but 1000000000000000000000 came"),
        ({"filter_words": "word"}, 'filter_words must be a list of texts, as in ["one"]; none is'),
        ({"filter_words": ("",)}, 'filter_words must be a list of texts, as in ["one"]; none is'),
        ({"api_keys": (" a ",)}, 'api_keys must be a list of texts, as in ["one"]; none is'),
        ({"link_life": None}, f"link_life must be {SECONDS}, but None came"),
        ({"tier": "ai/V9"}, f"tier must be {TIERS}, but 'ai/V9' came"),
        ({"tier": None}, f"tier must be {TIERS}, but None came"),
        ({"rpm": 0}, f"rpm must be {LIMIT} or None, but 0 came"),
        ({"rpm": "none"}, f"rpm must be {LIMIT} or None, but 'none' came"),
        ({"rpm": True}, f"rpm must be {LIMIT} or None, but True came"),
        ({"concurrency": 2.0}, f"concurrency must be {LIMIT} or None, but 2.0 came"),
        ({"concurrency": 10**6 + 1}, f"concurrency must be {LIMIT} or None, but 1000001 came"),
        ({"balance": -0.01}, f"balance must be {BALANCE} or None, but -0.01 came"),
        ({"balance": float("nan")}, f"balance must be {BALANCE} or None, but nan came"),
        ({"balance": 10**9 + 1}, f"balance must be {BALANCE} or None, but 1000000001 came"),
        ({"latency": -1}, f"latency must be {LATENCY}, but -1 came"),
        ({"latency": float("inf")}, f"latency must be {LATENCY}, but inf came"),
        ({"latency": "measured"}, f"latency must be {LATENCY}, but 'measured' came"),
        ({"latency": None}, f"latency must be {LATENCY}, but None came"),
        ({"latency": False}, f"latency must be {LATENCY}, but False came"),
    ],
)
def test_a_value_that_a_choice_does_not_have_is_refused(
    given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match="must be") as caught:
        Choices(**given)
    assert message in str(caught.value)


def test_a_key_is_never_shown_with_the_choices_or_by_their_refusal() -> None:
    assert "a-real-key" not in repr(Choices(api_keys=("a-real-key",)))
    with pytest.raises(ValueError, match="api_keys must be a list of texts") as caught:
        Choices(api_keys="a-real-key")  # type: ignore[arg-type]
    assert "a-real-key" not in str(caught.value)


def test_texts_of_the_command_line_become_choices() -> None:
    texts = ["link_life=60", "cors=on", "filter_words=blood, gore ,", "n_above_one=one_picture"]
    assert Choices.from_texts(texts) == Choices(
        link_life=60, cors=True, filter_words=("blood", "gore"), n_above_one="one_picture"
    )


def test_limits_are_written_as_numbers_or_words() -> None:
    texts = ["tier=com/V0", "rpm=3", "concurrency=none", "balance=0.5", "latency=reported"]
    assert Choices.from_texts(texts) == Choices(
        tier="com/V0", rpm=3, balance=0.5, latency="reported"
    )
    assert Choices.from_texts(["latency=1.25", "balance=none"]) == Choices(latency=1.25)


def test_the_ends_of_each_range_are_in_it() -> None:
    Choices(rpm=1, concurrency=1, balance=0, latency=0)
    Choices(rpm=10**6, concurrency=10**6, balance=10**9, latency=86_400)


def test_the_later_of_two_texts_wins_and_lists_add_up() -> None:
    assert Choices.from_texts(["link_life=60", " link_life = 61 "]).link_life == 61
    texts = ["filter_words=blood", "filter_words=gore,guts"]
    assert Choices.from_texts(texts).filter_words == ("blood", "gore", "guts")


def test_a_list_will_do_for_a_list() -> None:
    assert Choices(filter_words=["blood"]) == Choices(filter_words=("blood",))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a-real-key", 'a choice is written NAME=VALUE, as in link_life=60; no "=" came'),
        ("api_keys=a", "keys are no choice to write out; name each with --api-key KEY"),
        ("link_live=5", 'there is no choice "link_live"; did you mean "link_life"?'),
        ("zzz=5", 'there is no choice "zzz". The choices are n_above_one, '),
        ("cors=yes", 'cors must be on or off, but "yes" came'),
        ("link_life=-1", f'link_life must be {SECONDS}, but "-1" came'),
        ("link_life=٣", f'link_life must be {SECONDS}, but "٣" came'),
        ("link_life=0", f'link_life must be {SECONDS}, but "0" came'),
        ("link_life=none", f'link_life must be {SECONDS}, but "none" came'),
        ("tier=V0", f'tier must be {TIERS}, but "V0" came'),
        ("rpm=0", f'rpm must be {LIMIT} or none, but "0" came'),
        ("rpm=None", f'rpm must be {LIMIT} or none, but "None" came'),
        ("concurrency=1.5", f'concurrency must be {LIMIT} or none, but "1.5" came'),
        ("balance=1e3", f'balance must be {BALANCE} or none, but "1e3" came'),
        ("balance=-1", f'balance must be {BALANCE} or none, but "-1" came'),
        ("latency=nan", f'latency must be {LATENCY}, but "nan" came'),
        ("latency=86400.5", f'latency must be {LATENCY}, but "86400.5" came'),
        ("latency=", f'latency must be {LATENCY}, but "" came'),
        ("length_unit=bytes", 'length_unit must be "code_points" or "utf16", but'),
    ],
)
def test_a_text_that_is_no_choice_is_refused_with_the_way_out(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"choice|must be") as caught:
        Choices.from_texts([text])
    assert message in str(caught.value)
    assert "a-real-key" not in str(caught.value)


def test_every_choice_has_a_description_and_a_reason() -> None:
    assert all(choice.about and choice.reason and choice.others for choice in all_choices())


@pytest.mark.parametrize(
    ("name", "default", "others"),
    [
        ("filtered_reply", "without_picture", "with_picture, http_451"),
        ("filter_words", (), "a list"),
        ("magic_keys", True, "off"),
        ("cors", False, "on"),
        ("rpm", None, "any from 1"),
        ("balance", None, "any from 0"),
        ("latency", 0.0, "reported, any from 0"),
    ],
)
def test_others_leave_the_default_out(name: str, default: object, others: str) -> None:
    (row,) = [choice for choice in all_choices() if choice.name == name]
    assert (row.default, row.others) == (default, others)
