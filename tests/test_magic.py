"""Magic values: tags in prompts and keys that ask for faults, and how they are switched off."""

import json
from typing import Any

import pytest

from conftest import HEADERS, MINIMAL, answered, asked, item
from stepfun_mock import Choices, Request, Response, StepfunMock, faults, magic
from stepfun_mock.message import Delivery

LISTED = ", ".join(faults.__all__)
NOT_FOLLOWED = "the magic key cannot be followed: "
KEY_OFF = "send another key, or switch magic keys off with the choice magic_keys=off"


def prompted(mock: StepfunMock, prompt: str, **fields: object) -> Response:
    return asked(mock, {**MINIMAL, "prompt": prompt, **fields})


def keyed(mock: StepfunMock, key: str, **fields: object) -> Response:
    return asked(mock, {**MINIMAL, **fields}, authorization=f"Bearer {key}")


def error_of(response: Response) -> Any:
    return answered(response)["error"]


# Tags in prompts --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "status"),
    [
        ("[mock:overloaded]", 503),
        ("A red fox [mock:rate_limited] in the snow", 429),
        ("狐 [mock:model_unknown status=404]", 404),
        ("[mock: censored ]", 451),
        ("[mock:server_error] [mock] [mo", 500),
        ("[mock: retired   status = 410]", 410),
        ("[Mock:overloaded]", 503),
        ("[MOCK:censored]", 451),
    ],
)
def test_a_tag_asks_for_a_fault_wherever_it_stands(
    mock: StepfunMock, prompt: str, status: int
) -> None:
    assert prompted(mock, prompt).status == status
    assert prompted(mock, prompt).status == status
    assert [entry.fault is not None for entry in mock.journal] == [True, True]
    assert mock.requests[0].prompt == prompt


def test_a_tag_takes_the_arguments_of_its_fault(mock: StepfunMock) -> None:
    response = prompted(mock, '[mock:rate_limited retry_after=2 form="milliseconds"]')
    assert dict(response.headers)["retry-after-ms"] == "2000"
    assert prompted(mock, "[mock:slow seconds=3]").delivery == Delivery(delay=3)


def test_a_tag_spoils_the_reply_the_picture_and_the_link(mock: StepfunMock) -> None:
    assert answered(prompted(mock, "[mock:empty_data]"))["data"] == []
    text = item(prompted(mock, "[mock:data_uri]", response_format="b64_json"))["b64_json"]
    assert text.startswith("data:image/png;base64,")
    url = item(prompted(mock, "[mock:dead_link status=403]"))["url"]
    path, _, query = url.removeprefix("http://127.0.0.1:8793").partition("?")
    assert mock.handle(Request("GET", path, HEADERS, query=query)).status == 403
    assert [entry.fault for entry in mock.journal] == [
        "empty_data",
        "data_uri",
        "dead_link",
        "dead_link",  # its link, fetched
    ]


@pytest.mark.parametrize("name", [name for name in faults.__all__ if name != "connection_refused"])
def test_every_fault_but_the_outage_can_be_asked_for_by_a_tag(mock: StepfunMock, name: str) -> None:
    needs = getattr(getattr(faults, name)().effect, "needs", "")
    payload = "b64_json" if needs == "b64_json" else "url"
    prompted(mock, f"[mock:{name}]", response_format=payload, size="768x1360")
    assert mock.journal[-1].fault == name


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ("[mock:overloaded", "one whole tag is due"),
        ("[Mock:overloaded", "one whole tag is due"),
        ("[mock:overloaded] [MOCK:overloaded]", "one whole tag is due"),
        ("[mock:", "one whole tag is due"),
        ("[mock:overloaded] [mock:overloaded]", "one whole tag is due"),
        (
            "[mock:]",
            'this is no fault: write its name, and ARGUMENT=VALUE after spaces, as in "slow '
            'seconds=2"; a value with spaces stands in double quotes',
        ),
        (
            "[mock:overlaoded]",
            f'there is no fault "overlaoded"; did you mean "overloaded"? The faults are {LISTED}',
        ),
        ("[mock:xyzzy]", f'there is no fault "xyzzy". The faults are {LISTED}'),
        (
            "[mock:503]",
            "this is no fault: write its name, and ARGUMENT=VALUE after spaces, as in "
            '"slow seconds=2"; a value with spaces stands in double quotes',
        ),
        (
            "[mock:slow secs=3]",
            'slow has no argument "secs"; did you mean "seconds"? It has seconds, times, after, '
            "when",
        ),
        (
            "[mock:slow seconds=soon]",
            "slow: seconds is a number of seconds from 0 to 86400, but 'soon' came",
        ),
        (
            "[mock:overloaded times=2]",
            "it takes no times, after or when, since the requests that hold it meet it",
        ),
        (
            "[mock:overloaded after=1]",
            "it takes no times, after or when, since the requests that hold it meet it",
        ),
        (
            "[mock:overloaded when.seed=1]",
            "it takes no times, after or when, since the requests that hold it meet it",
        ),
        ("[mock:connection_refused]", "no single request meets connection_refused"),
        ("[mock:old_field]", 'old_field takes a request with response_format "b64_json"'),
        ("[mock:turned_picture]", "turned_picture takes a request with a size that is not square"),
    ],
)
def test_a_tag_that_cannot_be_followed_is_refused_with_the_way_out(
    mock: StepfunMock, prompt: str, why: str
) -> None:
    response = prompted(mock, prompt)
    assert response.status == 400
    assert error_of(response) == {
        "message": f"the prompt holds a tag [mock:FAULT] that the mock cannot follow: {why}; "
        "leave the tag out, or switch tags off with the choice magic_prompts=off",
        "type": "request_params_invalid",
    }
    (entry,) = mock.journal
    assert (entry.refusal, entry.fault) == ("parameter.refused", None)
    assert mock.requests == []  # what is refused was no valid request


def test_tags_can_be_switched_off() -> None:
    mock = StepfunMock(choices=Choices(magic_prompts=False))
    for prompt in ("[mock:overloaded]", "[mock:no such thing", "[mock:connection_refused]"):
        assert prompted(mock, prompt).status == 200
    mock.choose(magic_prompts=True)
    assert prompted(mock, "[mock:overloaded]").status == 503


@pytest.mark.parametrize("prompt", ["[mok:overloaded]", "mock:overloaded", "[mock]", "Mock:x"])
def test_what_is_no_tag_is_a_prompt_like_others(mock: StepfunMock, prompt: str) -> None:
    assert prompted(mock, prompt).status == 200


def test_a_tag_elsewhere_is_no_tag(mock: StepfunMock) -> None:
    response = prompted(
        mock, "A fox", negative_prompt="[mock:overloaded]", user="[mock:overloaded]"
    )
    assert response.status == 200


def test_a_tag_needs_a_request_that_is_valid_but_for_it(mock: StepfunMock) -> None:
    assert prompted(mock, "[mock:overloaded]", steps=99).status == 400
    refused = asked(mock, {**MINIMAL, "prompt": "[mock:overloaded]"}, authorization="")
    assert refused.status == 401


def test_a_key_in_a_tag_is_not_sent_back(mock: StepfunMock) -> None:
    response = prompted(mock, "[mock:a-key-of-the-test]")
    assert response.status == 400
    assert b"a-key-of-the-test" not in response.body
    assert "a-key-of-the-test" not in repr(list(mock.journal))


def test_what_is_scripted_is_met_before_what_a_tag_asks_for(mock: StepfunMock) -> None:
    mock.script(faults.rate_limited(), faults.empty_data())
    assert [prompted(mock, "[mock:overloaded]").status for _ in range(3)] == [429, 200, 503]
    assert mock.unmet_faults() == []


def test_a_tag_and_a_scripted_delay_are_met_together(mock: StepfunMock) -> None:
    mock.script(faults.slow(seconds=2))
    response = prompted(mock, "[mock:overloaded]")
    assert (response.status, response.delivery) == (503, Delivery(delay=2))


# Keys ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "status", "kind"),
    [
        ("mock-400", 400, "request_params_invalid"),
        ("mock-401", 401, "invalid_api_key"),
        ("mock-402", 402, "quota_exceeded"),
        ("mock-404", 404, "model_invalid"),
        ("mock-429", 429, "rate_limited"),
        ("mock-451", 451, "censorship_blocked"),
        ("mock-500", 500, None),
        ("mock-503", 503, "engine_overloaded"),
        ("mock-504", 504, None),
        ("mock-overloaded", 503, "engine_overloaded"),
        ("mock-out-of-balance", 402, "quota_exceeded"),
        ("mock-out_of_balance", 402, "quota_exceeded"),
        ("mock-rate-limited", 429, "rate_limited"),
        ("mock-Overloaded", 503, "engine_overloaded"),
        ("MOCK-402", 402, "quota_exceeded"),
        ("Mock-Out-Of-Balance", 402, "quota_exceeded"),
    ],
)
def test_a_key_asks_for_a_fault_by_its_status_or_by_its_name(
    mock: StepfunMock, key: str, status: int, kind: str | None
) -> None:
    response = keyed(mock, key)
    assert response.status == status
    assert (error_of(response)["type"] if response.body else None) == kind
    assert mock.journal[-1].fault is not None
    assert [request.prompt for request in mock.requests] == [MINIMAL["prompt"]]


def test_every_status_names_a_fault_that_answers_so() -> None:
    for status, name in magic.STATUSES.items():
        mock = StepfunMock()
        assert keyed(mock, f"mock-{status}").status == int(status)
        assert mock.journal[-1].fault == name


@pytest.mark.parametrize("name", [name for name in faults.__all__ if name != "connection_refused"])
def test_every_fault_but_the_outage_can_be_asked_for_by_a_key(mock: StepfunMock, name: str) -> None:
    needs = getattr(getattr(faults, name)().effect, "needs", "")
    payload = "b64_json" if needs == "b64_json" else "url"
    response = keyed(
        mock, f"mock-{name.replace('_', '-')}", response_format=payload, size="768x1360"
    )
    assert response.status != 500 or name == "server_error"
    assert mock.journal[-1].fault == name


def test_refusals_by_key_read_nothing(mock: StepfunMock) -> None:
    assert asked(mock, b"no json", authorization="Bearer mock-402").status == 402


def test_a_key_whose_fault_is_of_the_reply_needs_a_valid_request(mock: StepfunMock) -> None:
    assert keyed(mock, "mock-empty-data", steps=99).status == 400
    assert answered(keyed(mock, "mock-empty-data"))["data"] == []


def test_a_key_delays_refusals_too(mock: StepfunMock) -> None:
    response = keyed(mock, "mock-slow", steps=99)
    assert (response.status, response.delivery) == (400, Delivery(delay=10))


def test_a_key_whose_fault_the_request_cannot_meet_is_refused(mock: StepfunMock) -> None:
    for key, payload, needed in (
        ("mock-old-field", "url", 'response_format "b64_json"'),
        ("mock-dead-link", "b64_json", 'response_format "url"'),
        ("mock-turned-picture", "url", "a size that is not square"),
    ):
        response = keyed(mock, key, response_format=payload)
        name = key.removeprefix("mock-").replace("-", "_")
        assert response.status == 401
        assert error_of(response)["message"] == (
            f"{NOT_FOLLOWED}it asks for {name}, which takes a request with {needed}; {KEY_OFF}"
        )
        assert mock.journal[-1].fault is None


@pytest.mark.parametrize("key", ["mock-403", "mock-418", "mock-599", "MOCK-502"])
def test_a_status_that_no_fault_has_is_refused(mock: StepfunMock, key: str) -> None:
    response = keyed(mock, key)
    assert response.status == 401
    assert error_of(response)["message"] == (
        f"{NOT_FOLLOWED}no fault has the status {key[5:]}; they have 400, 401, 402, 404, 429, "
        f"451, 500, 503, 504; {KEY_OFF}"
    )
    assert mock.journal[-1].refusal == "key.refused"


@pytest.mark.parametrize(
    ("key", "name", "near"),
    [
        ("mock-overlaoded", "overlaoded", "overloaded"),
        ("mock-outofbalance", "outofbalance", "out_of_balance"),
        ("mock-Rate-Limit", "rate_limit", "rate_limited"),
        ("MOCK-BAD-KEYS", "bad_keys", "bad_key"),
        ("mock-conection-refused", "conection_refused", "connection_refused"),
    ],
)
def test_a_key_that_nearly_names_a_fault_is_refused_with_the_right_one(
    mock: StepfunMock, key: str, name: str, near: str
) -> None:
    response = keyed(mock, key)
    assert response.status == 401
    assert error_of(response)["message"] == (
        f'{NOT_FOLLOWED}there is no fault "{name}"; "mock-{near}" is one; {KEY_OFF}'
    )
    assert mock.journal[-1].fault is None


@pytest.mark.parametrize("key", ["mock-connection-refused", "mock-Connection_Refused"])
def test_no_key_asks_for_an_outage(mock: StepfunMock, key: str) -> None:
    response = keyed(mock, key)
    assert response.status == 401
    assert error_of(response)["message"] == (
        f"{NOT_FOLLOWED}connection_refused is no single request's to meet, so no key asks for it; "
        f"{KEY_OFF}"
    )


@pytest.mark.parametrize(
    "key",
    [
        "mock-key",
        "mock-",
        "mock",
        "mock-api-key",
        "mock-test-key",
        "Mock-Key",
        "mock-200",
        "mock-000",
        "mock-999",
        "mock-402x",
        "mock-5033",
        "my-mock-402",
        "mock_402",
        "mock---all--",
    ],
)
def test_a_key_that_names_no_fault_is_a_key_like_others(mock: StepfunMock, key: str) -> None:
    assert keyed(mock, key).status == 200
    assert mock.journal[-1].fault is None


@pytest.mark.parametrize("header", ["mock-402", "", "Bearer", "Basic"])
def test_a_header_without_a_key_asks_for_nothing(mock: StepfunMock, header: str) -> None:
    assert asked(mock, MINIMAL, authorization=header).status == 401


def test_spaces_around_a_key_do_not_count(mock: StepfunMock) -> None:
    assert asked(mock, MINIMAL, authorization=" Bearer   mock-402 ").status == 402


def test_keys_can_be_switched_off() -> None:
    mock = StepfunMock(choices=Choices(magic_keys=False))
    for key in ("mock-402", "mock-403", "mock-overloaded"):
        assert keyed(mock, key).status == 200
        models = Request("GET", "/v1/models", {"authorization": f"Bearer {key}"})
        assert mock.handle(models).status == 200


def test_what_is_scripted_unread_is_met_before_what_a_key_asks_for(mock: StepfunMock) -> None:
    mock.script(faults.rate_limited())
    assert [keyed(mock, "mock-402").status for _ in range(2)] == [429, 402]


def test_a_key_that_refuses_leaves_what_waits_for_a_valid_request(mock: StepfunMock) -> None:
    mock.script(faults.empty_data())
    assert keyed(mock, "mock-402").status == 402
    assert mock.unmet_faults() == ["empty_data (met 0 of 1 times)"]


def test_with_a_list_of_known_keys_only_refusals_come_without_a_known_one() -> None:
    mock = StepfunMock(choices=Choices(api_keys=("one", "mock-data-uri", "mock-503")))
    assert keyed(mock, "one").status == 200
    assert keyed(mock, "mock-402").status == 402
    assert keyed(mock, "mock-503").status == 503
    assert keyed(mock, "mock-empty-data").status == 401  # it takes a valid request
    text = item(keyed(mock, "mock-data-uri", response_format="b64_json"))["b64_json"]
    assert text.startswith("data:")
    assert keyed(mock, "mock-key").status == 401


# The other routes ----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/step-image-edit-2"])
@pytest.mark.parametrize(
    ("key", "status", "fault"),
    [
        ("mock-401", 401, "bad_key"),
        ("mock-402", 402, "out_of_balance"),
        ("mock-rate-limited", 429, "rate_limited"),
        ("mock-503", 503, "overloaded"),
        ("mock-403", 401, None),
        ("mock-key", 200, None),
        ("mock-empty-data", 200, None),  # of a reply that this route does not have
        ("mock-slow", 200, None),
    ],
)
def test_the_models_are_refused_by_key_too(
    mock: StepfunMock, path: str, key: str, status: int, fault: str | None
) -> None:
    response = mock.handle(Request("GET", path, {"authorization": f"Bearer {key}"}))
    assert response.status == status
    assert mock.journal[-1].fault == fault


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/step-image-edit-2"])
@pytest.mark.parametrize("name", [*magic.STATUSES, "maintenance"])
def test_a_key_whose_fault_refuses_does_so_on_every_route(path: str, name: str) -> None:
    mock = StepfunMock()
    picture = keyed(mock, f"mock-{name}")
    models = mock.handle(Request("GET", path, {"authorization": f"Bearer mock-{name}"}))
    assert models == picture
    assert [entry.fault for entry in mock.journal] == [magic.STATUSES.get(name, name)] * 2


def test_a_tag_in_a_link_is_drawn_like_any_word(mock: StepfunMock) -> None:
    url = item(prompted(mock, "[mock:extra_fields]"))["url"]
    path, _, query = url.removeprefix("http://127.0.0.1:8793").partition("?")
    response = mock.handle(Request("GET", path, HEADERS, query=query))
    assert response.body.startswith(b"\x89PNG")


def test_a_magic_key_is_not_written_down(mock: StepfunMock) -> None:
    body = json.dumps({**MINIMAL, "prompt": "draw mock-out-of-balance"}).encode()
    asked(mock, body, authorization="Bearer mock-out-of-balance")
    assert "mock-out-of-balance" not in repr(list(mock.journal))


def test_a_key_of_another_scheme_is_no_magic_key(mock: StepfunMock) -> None:
    response = asked(mock, MINIMAL, authorization="Basic mock-402")
    assert response.status == 401
