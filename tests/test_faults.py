"""Faults as values: what each answers, and what cannot be made."""

import json
from typing import Any

import pytest

from conftest import MINIMAL, asked
from stepfun_mock import StepfunMock, faults

REFUSED = [
    (faults.bad_key, 401, "invalid_api_key"),
    (faults.out_of_balance, 402, "quota_exceeded"),
    (faults.rate_limited, 429, "rate_limited"),
    (faults.censored, 451, "censorship_blocked"),
    (faults.server_error, 500, None),
    (faults.overloaded, 503, "engine_overloaded"),
    (faults.gateway_timeout, 504, None),
]


@pytest.mark.parametrize(("fault", "status", "kind"), REFUSED, ids=lambda value: str(value)[:20])
def test_each_refusal_has_its_status_and_its_word(
    mock: StepfunMock, fault: Any, status: int, kind: str | None
) -> None:
    mock.script(fault())
    response = asked(mock, MINIMAL)
    assert response.status == status
    if kind is None:
        assert response.body == b""  # nobody says what a 500 or a 504 of the service looks like
    else:
        error = json.loads(response.body)["error"]
        assert error["type"] == kind
        assert error["message"]
    assert asked(mock, MINIMAL).status == 200


@pytest.mark.parametrize("with_picture", [True, False])
def test_a_filtered_reply_says_so_with_or_without_its_picture(
    mock: StepfunMock, with_picture: bool
) -> None:
    mock.script(faults.content_filtered(with_picture=with_picture))
    (item,) = json.loads(asked(mock, {**MINIMAL, "seed": 3}).body)["data"]
    assert item["finish_reason"] == "content_filtered"
    assert item["seed"] == 3
    assert ("url" in item) is with_picture


@pytest.mark.parametrize(("seconds", "header"), [(0, "0"), (2, "2"), (0.5, "0.5"), (120.0, "120")])
def test_retry_after_is_sent_where_it_is_asked_for(
    mock: StepfunMock, seconds: float, header: str
) -> None:
    mock.script(faults.rate_limited(retry_after=seconds), faults.rate_limited())
    assert dict(asked(mock, MINIMAL).headers)["retry-after"] == header
    assert "retry-after" not in dict(asked(mock, MINIMAL).headers)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"times": 0}, "times is a whole number from 1, but 0 came"),
        ({"times": True}, "times is a whole number from 1, but True came"),
        ({"times": 1.5}, "times is a whole number from 1, but 1.5 came"),
        ({"after": -1}, "after is a whole number from 0, but -1 came"),
    ],
)
def test_schedules_that_cannot_be_are_refused(given: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match="whole number") as caught:
        faults.overloaded(**given)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_a_retry_after_before_now_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="retry_after is a number of seconds from 0, but"):
        faults.rate_limited(retry_after=seconds)


def test_a_condition_on_what_no_request_has_is_refused() -> None:
    with pytest.raises(TypeError, match='a request has no field "promt"; did you mean "prompt"'):
        faults.overloaded(when={"promt": "x"})


def test_a_condition_that_is_no_dict_is_refused() -> None:
    with pytest.raises(TypeError) as caught:
        faults.overloaded(when="A wolf")  # type: ignore[arg-type]
    assert str(caught.value) == (
        'when is a dict of fields, as in when={"prompt": "A wolf"}, but \'A wolf\' came'
    )


def test_an_argument_that_no_fault_has_is_refused_with_the_nearest_known() -> None:
    with pytest.raises(TypeError) as caught:
        faults.rate_limited(time=2)  # type: ignore[call-arg]
    assert str(caught.value) == (
        'rate_limited has no argument "time"; did you mean "times"? It has times, after, when'
    )


def test_an_unknown_fault_is_refused_with_the_nearest_known() -> None:
    with pytest.raises(AttributeError) as caught:
        faults.rate_limit  # type: ignore[attr-defined]  # noqa: B018
    assert str(caught.value) == (
        'there is no fault "rate_limit"; did you mean "rate_limited"? The faults are bad_key, '
        "censored, content_filtered, gateway_timeout, out_of_balance, overloaded, rate_limited, "
        "server_error"
    )


def test_what_is_no_fault_is_not_scripted(mock: StepfunMock) -> None:
    with pytest.raises(TypeError) as caught:
        mock.script("overloaded")  # type: ignore[arg-type]
    assert (
        str(caught.value) == "script takes faults, as in faults.overloaded(), but 'overloaded' came"
    )
    with pytest.raises(TypeError, match="but <function overloaded"):
        mock.script(faults.overloaded)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"one by one, as in script\(\*faults\), but a list"):
        mock.script([faults.overloaded()])  # type: ignore[arg-type]
    assert mock.unmet_faults() == []


def test_every_listed_fault_has_a_docstring_and_names_itself() -> None:
    for name in faults.__all__:
        make = getattr(faults, name)
        assert make.__doc__
        assert make().name == name
