"""The steps of a request for a picture: in which order faults come in, and what is written down."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import GENERATIONS, HEADERS, MINIMAL, answered, asked, examples, item
from stepfun_mock import Choices, Request, Response, StepfunMock, faults
from stepfun_mock.faults import Fault
from stepfun_mock.faults.effects import Outage, Travelling
from stepfun_mock.message import Delivery

ON_THE_WIRE = [
    getattr(faults, name)
    for name in faults.__all__
    if isinstance(getattr(faults, name)().effect, Travelling)
]
LISTED = [getattr(faults, name) for name in faults.__all__ if name != "connection_refused"]
FIELDS = {**MINIMAL, "size": "768x1360", "seed": 7}


def fit(fault: Fault) -> dict[str, Any]:
    needs = getattr(fault.effect, "needs", "")
    return {**FIELDS, "response_format": "b64_json" if needs == "b64_json" else "url"}


# How a reply travels ------------------------------------------------------------------


def test_those_on_the_wire_are_seven_with_the_outage() -> None:
    names = [make().name for make in ON_THE_WIRE]
    assert names == ["slow", "drip", "stall", "connection_reset", "cut_off", "wrong_length"]
    assert isinstance(faults.connection_refused().effect, Outage)


@pytest.mark.parametrize("make", ON_THE_WIRE, ids=lambda make: make.__name__)
@pytest.mark.parametrize(
    ("body", "headers", "status", "refusal"),
    [
        (FIELDS, {}, 200, None),
        (FIELDS, {"authorization": ""}, 401, "key.refused"),
        ({**FIELDS, "steps": 99}, {}, 400, "parameter.refused"),
        (b"no json", {}, 400, "body.refused"),
        (FIELDS, {"content-type": "text/plain"}, 415, "content.refused"),
        ({**FIELDS, "size": "1x1"}, {}, 400, "size.refused"),
    ],
)
def test_replies_and_refusals_travel_alike(
    mock: StepfunMock, make: Any, body: Any, headers: Any, status: int, refusal: str | None
) -> None:
    usual = asked(mock, body, **headers)
    mock.script(make())
    response = asked(mock, body, **headers)
    assert response.delivery == make().effect.delivery
    assert response._replace(delivery=None) == usual
    entry = mock.journal[-1]
    silent = make is faults.connection_reset
    assert (entry.status, entry.fault, entry.refusal) == (
        0 if silent else status,
        make.__name__,
        refusal,
    )
    assert mock.unmet_faults() == []


@pytest.mark.parametrize("make", ON_THE_WIRE, ids=lambda make: make.__name__)
def test_with_a_condition_only_the_replies_to_those_who_fit_travel_badly(
    mock: StepfunMock, make: Any
) -> None:
    mock.script(make(when={"seed": 7}))
    assert asked(mock, {**FIELDS, "steps": 99}).delivery is None
    assert asked(mock, {**FIELDS, "seed": 8}).delivery is None
    response = asked(mock, FIELDS)
    assert response.delivery == make().effect.delivery
    assert item(response)["seed"] == 7


@pytest.mark.parametrize("choice", ["without_picture", "with_picture", "http_451"])
def test_what_the_filter_says_travels_too(choice: Any) -> None:
    mock = StepfunMock(choices=Choices(filter_words=("fox",), filtered_reply=choice))
    usual = asked(mock, FIELDS)
    mock.script(faults.slow(seconds=3))
    response = asked(mock, FIELDS)
    assert response.delivery == Delivery(delay=3)
    assert response.status == usual.status
    if response.status == 200:
        assert item(response)["finish_reason"] == "content_filtered"
    first, second = mock.journal
    assert (second.finish_reason, second.refusal) == (first.finish_reason, first.refusal)


def test_a_reply_that_nobody_gets_is_written_down_with_status_0(mock: StepfunMock) -> None:
    mock.script(faults.connection_reset(times=2))
    asked(mock, FIELDS)
    asked(mock, b"no json")
    valid, invalid = mock.journal
    assert (valid.status, valid.fault, valid.refusal, valid.seed) == (
        0,
        "connection_reset",
        None,
        7,
    )
    assert valid.image_request == mock.requests[0]
    assert (invalid.status, invalid.refusal) == (0, "body.refused")
    assert mock.journal.statuses == {0: 2}


def test_with_cors_replies_keep_how_they_travel(mock: StepfunMock) -> None:
    mock.choose(cors=True)
    mock.script(faults.slow(seconds=2), faults.maintenance())
    late = asked(mock, FIELDS)
    assert late.delivery == Delivery(delay=2)
    for response in (late, asked(mock, FIELDS)):
        assert ("access-control-allow-origin", "*") in response.headers


def test_the_error_of_a_door_does_not_travel_badly(mock: StepfunMock) -> None:
    from stepfun_mock import refusals
    from stepfun_mock.errors import RefusedError

    mock.script(faults.slow())
    request = Request("POST", GENERATIONS, HEADERS)
    response = mock.refuse(request, RefusedError(refusals.HOST_REFUSED, "another host"))
    assert (response.status, response.delivery) == (421, None)
    assert mock.unmet_faults() == ["slow(seconds=10) (met 0 of 1 times)"]


# What is written down -------------------------------------------------------------------


@pytest.mark.parametrize("make", LISTED, ids=lambda make: make.__name__)
def test_the_journal_names_each_fault_and_what_was_asked(mock: StepfunMock, make: Any) -> None:
    fault = make()
    mock.script(fault)
    response = asked(mock, fit(fault))
    (entry,) = mock.journal
    assert entry.fault == fault.name
    silent = response.delivery is not None and response.delivery.silent
    assert entry.status == (0 if silent else response.status)
    assert entry.image_request is not None
    assert entry.image_request.prompt == MINIMAL["prompt"]
    assert mock.requests == [entry.image_request]
    if response.status == 200:
        filtered = fault.name == "content_filtered"
        assert entry.finish_reason == ("content_filtered" if filtered else "success")
        assert (entry.seed, entry.refusal, entry.message) == (7, None, None)
    else:
        assert entry.message
        assert entry.finish_reason is None


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        (faults.bad_key(), "key.refused"),
        (faults.out_of_balance(), "balance.empty"),
        (faults.model_unknown(), "model.refused"),
        (faults.model_unknown(status=404), "model.unknown"),
        (faults.rate_limited(), "rate.limited"),
        (faults.censored(), "prompt.censored"),
        (faults.server_error(), "service.failed"),
        (faults.overloaded(), "service.overloaded"),
        (faults.gateway_timeout(), "service.late"),
        (faults.retired(), None),
        (faults.maintenance(), None),
    ],
    ids=str,
)
@pytest.mark.parametrize("when", [None, {"seed": 7}])
def test_the_journal_names_the_refusal_of_a_fault(
    mock: StepfunMock, fault: Fault, refusal: str | None, when: Any
) -> None:
    own = dict(fault.arguments)
    again = getattr(faults, fault.name)(**own, when=when)
    mock.script(again)
    response = asked(mock, FIELDS)
    (entry,) = mock.journal
    assert (entry.refusal, entry.status) == (refusal, response.status)
    assert entry.image_request is not None
    assert response.status >= 400


def test_the_journal_names_a_fault_even_of_what_cannot_be_read(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(times=2), faults.rate_limited(when={"seed": 4}))
    asked(mock, {**MINIMAL, "seed": 3})
    asked(mock, b"no json")
    asked(mock, {**MINIMAL, "seed": 4})
    first, second, third = mock.journal
    assert (first.fault, first.status, first.refusal) == ("overloaded", 503, "service.overloaded")
    assert (second.fault, second.image_request) == ("overloaded", None)
    assert (third.fault, third.status) == ("rate_limited", 429)
    assert [request.seed for request in mock.requests] == [3, 4]


@pytest.mark.parametrize("make", LISTED, ids=lambda make: make.__name__)
def test_a_key_in_a_prompt_stays_out_of_the_journal_under_any_fault(
    mock: StepfunMock, make: Any
) -> None:
    fault = make()
    mock.script(fault)
    asked(
        mock, {**fit(fault), "prompt": "draw a-key-of-the-test", "negative_prompt": "no a-key-of"}
    )
    assert "a-key-of-the-test" not in repr(list(mock.journal))
    assert mock.requests[0].prompt == "draw ***"


# In which order ---------------------------------------------------------------------------


@pytest.mark.parametrize("choice", ["without_picture", "with_picture", "http_451"])
@pytest.mark.parametrize(
    "fault",
    [faults.extra_fields(), faults.slow(when={"seed": 7}), faults.censored(when={"seed": 7})],
)
def test_a_prompt_that_the_filter_refuses_leaves_what_waits_for_a_picture(
    choice: Any, fault: Fault
) -> None:
    mock = StepfunMock(choices=Choices(filter_words=("wolf",), filtered_reply=choice))
    mock.script(fault)
    refused = asked(mock, {**FIELDS, "prompt": "A wolf"})
    assert (refused.status == 451, refused.delivery) == (choice == "http_451", None)
    assert len(mock.unmet_faults()) == 1
    asked(mock, FIELDS)
    assert [entry.fault for entry in mock.journal] == [None, fault.name]


def test_who_cannot_pay_leaves_what_waits_for_a_picture() -> None:
    mock = StepfunMock(choices=Choices(balance=0))
    mock.script(faults.extra_fields())
    assert asked(mock, FIELDS).status == 402
    assert mock.unmet_faults() == ["extra_fields (met 0 of 1 times)"]


@pytest.mark.parametrize(
    "make",
    [make for make in LISTED if getattr(make().effect, "needs", None) is not None],
    ids=lambda make: make.__name__,
)
def test_faults_of_the_reply_stand_every_form_that_choices_give_it(make: Any) -> None:
    fault = make()
    mock = StepfunMock(choices=Choices(reply_id=True, cors=True))
    mock.script(fault)
    assert asked(mock, {**fit(fault), "prompt": 'A fox "in" \\ 雪 \U0001f98a'}).status == 200
    assert mock.journal[0].fault == fault.name


def test_a_seed_that_is_drawn_is_the_one_in_the_reply_under_a_fault(mock: StepfunMock) -> None:
    mock.script(faults.seed_as_text(), faults.dead_link())
    seeds = [item(asked(mock, MINIMAL))["seed"] for _ in range(2)]
    assert [int(seed) for seed in seeds] == [entry.seed for entry in mock.journal]


def test_replies_keep_their_id_under_a_fault() -> None:
    mock = StepfunMock(choices=Choices(reply_id=True))
    mock.script(faults.extra_fields())
    assert set(answered(asked(mock, MINIMAL))) == {"id", "created", "data", "usage", "background"}


def test_the_error_envelope_has_its_extra_under_a_fault_too() -> None:
    mock = StepfunMock(choices=Choices(error_description=True))
    mock.script(faults.overloaded())
    error = answered(asked(mock, MINIMAL))["error"]
    assert error["description"] == error["message"]


def test_other_verbs_meet_no_fault(mock: StepfunMock) -> None:
    mock.script(faults.overloaded())
    assert mock.handle(Request("GET", GENERATIONS, HEADERS)).status == 405
    assert asked(mock, MINIMAL).status == 503


def test_the_step_plan_meets_the_same_line(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(), faults.rate_limited())
    body = b'{"model": "step-image-edit-2", "prompt": "A fox"}'
    paths = (f"/step_plan{GENERATIONS}", GENERATIONS)
    replies = [mock.handle(Request("POST", path, HEADERS, body)) for path in paths]
    assert [reply.status for reply in replies] == [503, 429]


def test_watchers_see_the_reply_as_it_travels(mock: StepfunMock) -> None:
    seen: list[Response] = []
    mock.watch(lambda exchange: seen.append(exchange.response))
    mock.script(faults.cut_off())
    response = asked(mock, FIELDS)
    assert seen == [response]
    assert seen[0].delivery == Delivery(share=0.5, ending="close")


KEYS = ["any", "mock-402", "mock-403", *(f"mock-{make.__name__}" for make in LISTED)]
TAGS = ["", "[mock:", *(f"[mock:{make.__name__}]" for make in LISTED)]


@examples(300)
@given(
    scripted=st.lists(st.sampled_from(LISTED), max_size=3),
    when=st.sampled_from([None, {"seed": 7}]),
    among=st.sampled_from([None, *LISTED]),
    key=st.sampled_from(KEYS),
    tag=st.sampled_from(TAGS),
    payload=st.sampled_from(["url", "b64_json"]),
    size=st.sampled_from(["1024x1024", "768x1360"]),
    reply=st.sampled_from(["without_picture", "with_picture", "http_451"]),
    word=st.sampled_from(["fox", "wolf"]),
)
def test_whatever_comes_together_is_no_bug_of_the_mock(
    scripted: list[Any],
    when: Any,
    among: Any,
    key: str,
    tag: str,
    payload: str,
    size: str,
    reply: Any,
    word: str,
) -> None:
    choices = Choices(filter_words=(word,), filtered_reply=reply, reply_id=True)
    mock = StepfunMock(choices=choices)
    mock.script(*(make(when=when) for make in scripted))
    if among is not None:
        mock.chaos(0.5, 1, [among()])
    fields = {**MINIMAL, "seed": 7, "response_format": payload, "size": size}
    fields["prompt"] = f"A fox {tag}"
    for _ in range(len(scripted) + 1):
        asked(mock, fields, authorization=f"Bearer {key}")
    assert "mock.bug" not in {entry.refusal for entry in mock.journal}
    # Each waits for a request that it fits, or was met; none was lost.
    left = {waiting.fault.name for waiting in mock.waiting.waiting()}
    assert left <= {make.__name__ for make in scripted}


def test_an_effect_that_does_nothing_is_a_bug_and_is_told_as_one(
    mock: StepfunMock, caplog: pytest.LogCaptureFixture
) -> None:
    mock.script(Fault("nothing", object(), when={"seed": 7}))  # type: ignore[arg-type]
    assert asked(mock, FIELDS).status == 500
    assert mock.journal[-1].refusal == "mock.bug"
    assert "nothing does nothing to a reply" in caplog.text
