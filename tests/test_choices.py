"""The choices: their defaults, what they refuse, and how the command line writes them."""

from typing import Any

import pytest

from stepfun_mock import Choices
from stepfun_mock.choices import all_choices

SECONDS = "a whole number from 1 to 3153600000"


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


def test_others_leave_the_default_out() -> None:
    (row,) = [choice for choice in all_choices() if choice.name == "filtered_reply"]
    assert (row.default, row.others) == ("without_picture", "with_picture, http_451")
