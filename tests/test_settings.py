"""How a run is set up: what each source may say, and which of them wins."""

import re
from typing import Any

import pytest

from stepfun_mock.options import OPTIONS, Option
from stepfun_mock.settings import (
    Settings,
    from_environment,
    from_marker,
    from_options,
    merged,
)


def flags(**given: object) -> Any:
    return from_options(lambda option: option.flag, lambda option: given.get(option.name))


def test_nothing_given_means_the_defaults() -> None:
    assert flags() == from_environment({}) == from_marker((), {}) == {}
    assert merged({}, {}, {}, {}) == Settings()
    assert Settings().choices.link_life == 7200


def test_the_strongest_source_wins_each_setting_by_itself() -> None:
    flag, marker = (
        flags(advice="off"),
        from_marker((), {"advice": "error", "unmet_faults": "allow"}),
    )
    variable = from_environment({"STEPFUN_MOCK_PYTEST_UNMET_FAULTS": "error"})
    ini = from_options(lambda option: option.ini, {OPTIONS[4]: "on"}.get)
    found = merged(flag, marker, variable, ini)
    assert (found.advice, found.unmet_faults, found.openai_variables) == ("off", "allow", True)


def test_each_choice_has_its_own_place_in_the_order() -> None:
    found = merged(
        flags(choice=["link_life=1"]),
        from_marker((), {"link_life": 2, "n_above_one": "one_picture"}),
        from_environment({"STEPFUN_MOCK_PYTEST_CHOICE": "cors=on n_above_one=refuse"}),
        flags(choice=["cors=off", "reply_id=on"]),
    ).choices
    assert (found.link_life, found.n_above_one) == (1, "one_picture")
    assert (found.cors, found.reply_id) == (True, True)


def test_variables_separate_several_values_by_spaces() -> None:
    found = from_environment(
        {
            "STEPFUN_MOCK_PYTEST_IGNORE_ADVICE": "link.unfetched  link.late",
            "STEPFUN_MOCK_PYTEST_PORT": "8800",
            "STEPFUN_MOCK_PORT": "1",
        }
    )
    assert found == {"ignore_advice": ("link.unfetched", "link.late"), "port": 8800}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "advice",
            "warm",
            '--stepfun-advice must be "warn" or "error" or "off", but \'warm\' came',
        ),
        (
            "unmet_faults",
            "no",
            '--stepfun-unmet-faults must be "error" or "allow", but \'no\' came',
        ),
        ("openai_variables", "yes", "--stepfun-openai-variables must be on or off, but 'yes' came"),
        ("port", "65536", "--stepfun-port must be a port from 0 to 65535, but '65536' came"),
        ("port", "-1", "--stepfun-port must be a port from 0 to 65535, but '-1' came"),
        ("port", "²", "--stepfun-port must be a port from 0 to 65535, but '²' came"),
        ("ignore_advice", [1], "--stepfun-ignore-advice must be a list of texts, but [1] came"),
        ("choice", ["link_life=0"], "link_life must be a whole number from 1 to 3153600000"),
        ("choice", ["link_live=1"], 'there is no choice "link_live"; did you mean "link_life"?'),
    ],
)
def test_values_that_there_are_not_are_refused(name: str, value: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        flags(**{name: value})


def test_unknown_advice_is_refused_with_the_nearest_known() -> None:
    with pytest.raises(ValueError, match="there is no advice") as caught:
        flags(ignore_advice=["link.unfetchd"])
    assert str(caught.value).startswith(
        '--stepfun-ignore-advice: there is no advice "link.unfetchd"; did you mean '
        '"link.unfetched"? There is '
    )


@pytest.mark.parametrize(
    ("positional", "named", "sentence"),
    [
        (("x",), {}, "the marker stepfun takes named arguments only, as in link_life=60"),
        ((), {"link_live": 1}, 'the marker stepfun has no argument "link_live"; did you mean'),
        ((), {"port": 1}, 'the marker stepfun has no argument "port"'),
        (
            (),
            {"link_life": "60"},
            "link_life must be a whole number from 1 to 3153600000, but '60'",
        ),
        ((), {"advice": "loud"}, 'stepfun(advice=...) must be "warn" or "error" or "off", but'),
        ((), {"openai_variables": 1}, "stepfun(openai_variables=...) must be on or off, but 1"),
    ],
)
def test_markers_that_say_what_there_is_not_are_refused(
    positional: tuple[object, ...], named: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        from_marker(positional, named)


def test_a_marker_takes_python_values() -> None:
    found = from_marker(
        (), {"api_keys": ["good-key-1"], "openai_variables": True, "ignore_advice": "link.late"}
    )
    settings = merged({}, found, {}, {})
    assert settings.choices.api_keys == ("good-key-1",)
    assert settings.openai_variables is True
    assert settings.ignore_advice == ("link.late",)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_flags_variables_and_keys_have_one_name(option: Option) -> None:
    name = option.name
    assert option.flag == "--stepfun-" + name.replace("_", "-")
    assert option.ini == f"stepfun_{name}"
    assert option.variable == f"STEPFUN_MOCK_PYTEST_{name.upper()}"


def test_advice_is_passed_over_by_pattern_too() -> None:
    assert flags(ignore_advice=["link.*", "retry.key"]) == {
        "ignore_advice": ("link.*", "retry.key")
    }
    with pytest.raises(ValueError, match='there is no advice "lnk'):
        flags(ignore_advice=["lnk.*"])
