"""What a row says of its picture: what the client really got, and whether there is one to see."""

import json

import pytest
from looking import Looking, picture_of

from stepfun_mock import Choices, StepfunMock, faults
from stepfun_mock.faults import Fault

B64 = {"response_format": "b64_json", "size": "768x1360"}
URL = {"response_format": "url", "size": "768x1360"}


def told(looking: Looking, body: object) -> tuple[object, bool]:
    """What a row says of its picture, and whether one is shown for it."""
    looking.post(body)
    row = looking.rows()[0]
    shown = looking.get(f"pictures/{row['number']}").headers[0][1] != "application/json"
    assert shown is (row["image"] is not None)
    return row["picture"], shown


SENT = [
    *("two_items", "both_payloads", "seed_missing", "seed_as_text", "created_in_milliseconds"),
    *("extra_fields", "json_with_bom", "wrong_content_type", "slow", "drip", "stall"),
]
WITHHELD = [
    *("empty_data", "missing_data", "no_payload", "truncated_json", "empty_body"),
    *("error_with_200", "connection_reset", "cut_off", "wrong_length"),
]
REFUSED = [
    *("bad_key", "out_of_balance", "model_unknown", "rate_limited", "censored", "server_error"),
    *("overloaded", "gateway_timeout", "retired", "maintenance", "content_filtered"),
]
SPOILT = [
    *("turned_picture", "resized_picture", "jpeg_picture", "truncated_picture", "flipped_bit"),
    "not_a_picture",
]
BROKEN_TEXT = ["truncated_base64", "data_uri", "url_safe_base64"]
DEAD_LINK = ["dead_link", "expired_link"]
GOOD_LINK = ["slow_link", "redirected_link"]

SHOWN: dict[str, tuple[object, bool]] = {
    **dict.fromkeys([*SENT, *GOOD_LINK], ("sent", True)),
    **dict.fromkeys([*SPOILT, "html_link"], ("spoilt", True)),
    **dict.fromkeys([*BROKEN_TEXT, *DEAD_LINK], ("spoilt", False)),
    **dict.fromkeys([*WITHHELD, "old_field"], ("withheld", False)),
    **dict.fromkeys(REFUSED, (None, False)),
}
ONLY_B64 = {*BROKEN_TEXT, "old_field"}
ONLY_URL = {*DEAD_LINK, "html_link", *GOOD_LINK}


def test_every_fault_is_tried() -> None:
    assert {*SHOWN, "connection_refused"} == set(faults.__all__)  # whom nobody meets


@pytest.mark.parametrize("name", SHOWN)
def test_a_row_says_whether_the_client_got_a_picture(mock: StepfunMock, name: str) -> None:
    looking = Looking(mock)
    for body in [B64] * (name not in ONLY_URL) + [URL] * (name not in ONLY_B64):
        mock.script(getattr(faults, name)())
        assert told(looking, body) == SHOWN[name]
    assert mock.unmet_faults() == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (faults.content_filtered(with_picture=True), ("sent", True)),
        (faults.expired_link(life=60), ("sent", True)),
        (faults.wrong_length(by=16), ("withheld", False)),  # the client waits on, in vain
        (faults.maintenance(status=200), (None, False)),
        (faults.dead_link(status=503), ("spoilt", False)),
    ],
    ids=str,
)
def test_arguments_of_a_fault_count_too(
    mock: StepfunMock, fault: Fault, expected: tuple[object, bool]
) -> None:
    mock.script(fault)
    assert told(Looking(mock), URL) == expected


@pytest.mark.parametrize("body", [B64, URL])
def test_a_picture_that_met_no_fault_was_sent(mock: StepfunMock, body: object) -> None:
    assert told(Looking(mock), body) == ("sent", True)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("with_picture", ("sent", True)),
        ("without_picture", (None, False)),
        ("http_451", (None, False)),
    ],
)
def test_what_the_filter_holds_back_was_not_made(reply: str, expected: tuple[object, bool]) -> None:
    choices = Choices(filter_words=("fox",), filtered_reply=reply)  # type: ignore[arg-type]
    assert told(Looking(StepfunMock(choices=choices)), B64) == expected


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (None, "sent"),
        (faults.slow_link(), "sent"),
        (faults.not_a_picture(), "spoilt"),
        (faults.html_link(), "spoilt"),
        (faults.redirected_link(), None),
        (faults.dead_link(), None),
        (faults.expired_link(), None),
    ],
    ids=str,
)
def test_a_fetch_says_what_it_brought(
    mock: StepfunMock, fault: Fault | None, expected: str | None
) -> None:
    looking = Looking(mock)
    if fault is not None:
        mock.script(fault)
    url = json.loads(looking.post().body)["data"][0]["url"]
    looking.fetch(url)
    fetched = looking.rows()[0]
    assert fetched["picture"] == expected
    assert picture_of(fetched) == (expected and "/__stepfun_mock/pictures/1")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [(faults.dead_link(status=410), 410), (faults.expired_link(), 404), (faults.html_link(), None)],
    ids=lambda one: one.name if isinstance(one, Fault) else "",
)
def test_a_row_says_with_which_status_its_link_is_dead(
    mock: StepfunMock, fault: Fault, expected: int | None
) -> None:
    looking = Looking(mock)
    mock.script(fault)
    reply = looking.fetch(json.loads(looking.post().body)["data"][0]["url"])
    assert looking.rows()[-1]["link"]["dead"] == expected
    assert reply.status == (expected or 200)


def test_the_head_of_a_link_brings_no_picture(mock: StepfunMock) -> None:
    looking = Looking(mock)
    looking.fetch(json.loads(looking.post().body)["data"][0]["url"], "HEAD")
    assert looking.rows()[0]["picture"] is None


# What was asked for -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "prompt"),
    [
        ({"steps": 51}, "A red fox in the snow"),
        ({"prompt": "狐" * 600}, "狐" * 512),
        ({"prompt": ""}, ""),
        ({"prompt": 7}, None),
        ({"prompt": ["a fox"]}, None),
        (b'{"prompt": "a fox', None),
        (b'{"model": "step-image-edit-2"}', None),
        (b"[]", None),
    ],
)
def test_a_refused_row_has_the_prompt_as_far_as_it_can_be_read(
    mock: StepfunMock, body: object, prompt: str | None
) -> None:
    looking = Looking(mock)
    looking.post(body)
    (row,) = looking.rows()
    assert (row["status"], row["parameters"], row["prompt"]) == (400, None, prompt)


def test_a_prompt_of_a_refused_row_has_no_key() -> None:
    looking = Looking(StepfunMock())
    key = "sk-canary-0123456789"
    looking.post({"prompt": f"with {key}", "steps": 51}, authorization=f"Bearer {key}")
    assert looking.rows()[0]["prompt"] == "with ***"
