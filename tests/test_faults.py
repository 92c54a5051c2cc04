"""Faults as values: what a client sees of each, which tries meet it, and what cannot be made."""

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Iterator
from struct import unpack
from typing import Any

import pytest
from PIL import UnidentifiedImageError

from conftest import HEADERS, MINIMAL, asked, opened
from stepfun_mock import Clock, Request, Response, StepfunMock, faults
from stepfun_mock.faults import Fault
from stepfun_mock.faults.effects import Outage
from stepfun_mock.message import Delivery

ASKED = {**MINIMAL, "size": "768x1360", "seed": 7}
NOW = 1_780_000_000
FORMATS = ("url", "b64_json")

# What is to be seen of each ---------------------------------------------------------

WHATEVER_IS_ASKED = {
    "bad_key": "401 application/json: invalid_api_key",
    "out_of_balance": "402 application/json: quota_exceeded",
    "model_unknown": "400 application/json: request_params_invalid",
    "rate_limited": "429 application/json: rate_limited",
    "censored": "451 application/json: censorship_blocked",
    "content_filtered": "content_filtered; no payload",
    "server_error": "500 without a body",
    "overloaded": "503 application/json: engine_overloaded",
    "gateway_timeout": "504 without a body",
    "retired": "404 application/json: model_invalid",
    "maintenance": "503 text/html; charset=utf-8: Back soon",
    "empty_data": "0 items",
    "missing_data": "fields: created",
    "two_items": "2 items",
    "no_payload": "no payload",
    "seed_missing": "seed: None",
    "seed_as_text": "seed: '7'",
    "created_in_milliseconds": "created: 1780000000000",
    "extra_fields": "fields: background, created, data, usage; item: revised_prompt",
    "truncated_json": "no JSON",
    "json_with_bom": "no JSON, but for a byte order mark",
    "wrong_content_type": "labelled text/plain; charset=utf-8",
    "empty_body": "no JSON, not a byte",
    "error_with_200": "fields: error",
    "turned_picture": "PNG 1360x768",
    "resized_picture": "PNG 512x512",
    "truncated_picture": "PNG 768x1360, cut off",
    "flipped_bit": "PNG 768x1360, wrong checksum",
    "not_a_picture": "no picture",
    "slow": "delay=10.0",
    "drip": "pieces=8 pause=0.25",
    "stall": "pieces=2 pause=10.0",
    "connection_refused": "ending=refused",
    "connection_reset": "ending=reset",
    "cut_off": "share=0.5 ending=close",
    "wrong_length": "excess=-16 ending=close",
}
BY_FORMAT = {
    "both_payloads": ("b64_json: ''", "url: ''"),
    "old_field": ("waits", "no payload; item: image"),
    "truncated_base64": ("waits", "no strict Base64"),
    "data_uri": ("waits", "no strict Base64"),
    "url_safe_base64": ("waits", "no strict Base64"),
    "jpeg_picture": ("link says image/jpeg; JPEG 768x1360", "JPEG 768x1360"),
    "dead_link": ("link answers 404", "waits"),
    "expired_link": ("link answers 404", "waits"),
    "slow_link": ("link: delay=10.0", "waits"),
    "redirected_link": ("link answers 302", "waits"),
    "html_link": ("link says text/html; charset=utf-8; no picture", "waits"),
}
SEEN = {name: (words, words) for name, words in WHATEVER_IS_ASKED.items()} | BY_FORMAT


def odd_delivery(delivery: Delivery | None) -> str:
    came = delivery or Delivery()
    usual = Delivery()._asdict()
    return " ".join(f"{name}={has}" for name, has in came._asdict().items() if has != usual[name])


def refusal_in_words(response: Response) -> str:
    if not response.body:
        return f"{response.status} without a body"
    kind = dict(response.headers)["content-type"]
    if kind.startswith("text/html"):
        page = response.body.decode()
        word = page.partition("<h1>")[2].partition("</h1>")[0]
    else:
        word = json.loads(response.body)["error"]["type"]
    return f"{response.status} {kind}: {word}"


def crcs_hold(png: bytes) -> bool:
    place = 8
    while place < len(png):
        (length,) = unpack(">I", png[place : place + 4])
        checked = png[place + 4 : place + 8 + length]
        (crc,) = unpack(">I", png[place + 8 + length : place + 12 + length])
        if zlib.crc32(checked) != crc:
            return False
        place += 12 + length
    return True


def picture_in_words(file: bytes) -> str:
    """The format, height x width, and what is wrong with it; empty for what was asked for."""
    try:
        picture = opened(file)
    except UnidentifiedImageError:
        return "no picture"
    except OSError as problem:
        # Zlib's own checksum may tell Pillow of a flipped bit, which reads no CRC of pixels.
        if "truncated" in str(problem) and not file.endswith(b"IEND\xaeB`\x82"):
            height, width = unpack(">II", file[16:24])[::-1]
            return f"PNG {height}x{width}, cut off"
        picture = None
    height, width = unpack(">II", file[16:24])[::-1] if picture is None else picture.size[::-1]
    if file.startswith(b"\xff\xd8"):
        return f"JPEG {height}x{width}"
    if not crcs_hold(file):
        return f"PNG {height}x{width}, wrong checksum"
    return "" if (height, width) == (768, 1360) else f"PNG {height}x{width}"


def fetched(mock: StepfunMock, url: str) -> Response:
    path, _, query = url.removeprefix("http://127.0.0.1:8793").partition("?")
    return mock.handle(Request("GET", path, HEADERS, query=query))


def odd_link(mock: StepfunMock, url: str) -> Iterator[str]:
    response = fetched(mock, url)
    if response.status != 200:
        yield f"link answers {response.status}"
        return
    if odd := odd_delivery(response.delivery):
        yield f"link: {odd}"
    kind = dict(response.headers)["content-type"]
    if kind != "image/png":
        yield f"link says {kind}"
    yield picture_in_words(response.body)


def odd_item(mock: StepfunMock, item: dict[str, Any]) -> Iterator[str]:
    if item["finish_reason"] != "success":
        yield item["finish_reason"]
    if item.get("seed") != 7:
        yield f"seed: {item.get('seed')!r}"
    if not {"url", "b64_json"} & item.keys():
        yield "no payload"
    yield from (f"{name}: ''" for name in FORMATS if item.get(name) == "")
    if extra := sorted(item.keys() - {"finish_reason", "seed", *FORMATS}):
        yield f"item: {', '.join(extra)}"
    if item.get("url"):
        yield from odd_link(mock, item["url"])
    if item.get("b64_json"):
        try:
            yield picture_in_words(base64.b64decode(item["b64_json"], validate=True))
        except binascii.Error:
            yield "no strict Base64"


def odd_reply(mock: StepfunMock, response: Response) -> Iterator[str]:
    """All in which a reply is not what the documentation shows."""
    yield odd_delivery(response.delivery)
    if response.delivery is not None and response.delivery.silent:
        return
    if response.status != 200:
        yield refusal_in_words(response)
        return
    if response.headers != (("content-type", "application/json"),):
        yield f"labelled {dict(response.headers)['content-type']}"
    text = response.body.decode()
    try:
        reply = json.loads(text)
    except ValueError:
        marked = text.startswith("\ufeff") and json.loads(text[1:])
        why = ", but for a byte order mark" if marked else "" if text else ", not a byte"
        yield f"no JSON{why}"
        return
    if reply.keys() != {"created", "data"}:
        yield f"fields: {', '.join(sorted(reply))}"
    if reply.get("created", NOW) != NOW:
        yield f"created: {reply['created']}"
    items = reply.get("data")
    if items is not None and len(items) != 1:
        yield f"{len(items)} items"
        assert all(item == items[0] for item in items)
    for item in items or ():
        yield from odd_item(mock, item)
        break


def seen(mock: StepfunMock, fault: Fault, response_format: str) -> str:
    mock.script(fault)
    response = asked(mock, {**ASKED, "response_format": response_format})
    words = "; ".join(filter(None, odd_reply(mock, response)))
    if mock.unmet_faults():
        assert words == ""
        return "waits"
    return words


@pytest.mark.parametrize("name", faults.__all__)
@pytest.mark.parametrize("response_format", FORMATS)
def test_a_client_sees_of_each_fault_what_it_says(
    mock: StepfunMock, name: str, response_format: str
) -> None:
    words = seen(mock, getattr(faults, name)(), response_format)
    assert words == SEEN[name][FORMATS.index(response_format)]


def test_the_table_has_every_fault_and_no_other() -> None:
    assert sorted(SEEN) == sorted(faults.__all__)


@pytest.mark.parametrize("response_format", FORMATS)
def test_without_a_fault_nothing_is_odd(mock: StepfunMock, response_format: str) -> None:
    response = asked(mock, {**ASKED, "response_format": response_format})
    assert "".join(odd_reply(mock, response)) == ""
    assert response.delivery is None


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (faults.model_unknown(status=404), "404 application/json: model_invalid"),
        (faults.retired(status=410), "410 application/json: model_invalid"),
        (faults.retired(status=503), "503 application/json: model_invalid"),
        (faults.maintenance(status=200), "labelled text/html; charset=utf-8; no JSON"),
        (faults.rate_limited(by="concurrency"), "429 application/json: rate_limited"),
        (faults.content_filtered(with_picture=True), "content_filtered"),
        (faults.resized_picture(size="257x2048"), "PNG 257x2048"),
        (faults.resized_picture(size="2048x256"), "PNG 2048x256"),
        (faults.dead_link(status=403), "link answers 403"),
        (faults.dead_link(status=599), "link answers 599"),
        (faults.expired_link(life=1), ""),
        (faults.slow_link(seconds=0.25), "link: delay=0.25"),
        (faults.slow_link(seconds=86399.9375), "link: delay=86399.9375"),
        (faults.slow(seconds=2), "delay=2.0"),
        (faults.drip(pieces=1000, pause=0), "pieces=1000"),
        (faults.stall(seconds=86400), "pieces=2 pause=86400.0"),
        (faults.wrong_length(by=5), "excess=5"),
        (faults.wrong_length(by=-1_000_000), "excess=-1000000 ending=close"),
    ],
    ids=str,
)
def test_arguments_change_what_is_seen(mock: StepfunMock, fault: Fault, words: str) -> None:
    assert seen(mock, fault, "url") == words


# Words and texts --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (faults.bad_key(), "Incorrect API key provided"),
        (
            faults.out_of_balance(),
            "You exceeded your current quota, please check your plan and billing details",
        ),
        (faults.model_unknown(), "model step-image-edit-2 not supported"),
        (
            faults.model_unknown(status=404),
            'The model "step-image-edit-2" does not exist or you do not have access to it.',
        ),
        (
            faults.rate_limited(),
            "request limited RPM reached, current: 11, limit: 10. "
            "Please top up at https://platform.stepfun.com/top-up.",
        ),
        (
            faults.rate_limited(by="concurrency"),
            "request limited concurrency reached, current: 16, limit: 15. "
            "Please top up at https://platform.stepfun.com/top-up.",
        ),
        (faults.censored(), "The content you provided or machine outputted is blocked."),
        (faults.overloaded(), "the engine is overloaded, please try again later"),
        (faults.retired(), "the image API has been retired and is no longer offered"),
    ],
    ids=str,
)
def test_refusals_say_what_was_seen_live(mock: StepfunMock, fault: Fault, message: str) -> None:
    mock.script(fault)
    assert json.loads(asked(mock, MINIMAL).body)["error"]["message"] == message
    assert mock.journal[0].message == message


def test_those_who_answer_without_an_envelope_are_explained_in_the_journal(
    mock: StepfunMock,
) -> None:
    mock.script(faults.server_error(), faults.gateway_timeout(), faults.maintenance())
    for _ in range(3):
        asked(mock, MINIMAL)
    assert [(entry.status, entry.refusal, entry.message) for entry in mock.journal] == [
        (500, "service.failed", "internal error"),
        (504, "service.late", "gateway timeout"),
        (503, None, "a page of maintenance"),
    ]


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ({}, {}),
        ({"retry_after": 0}, {"retry-after": "0"}),
        ({"retry_after": 2}, {"retry-after": "2"}),
        ({"retry_after": 0.5}, {"retry-after": "0.5"}),
        ({"retry_after": 120.0, "form": "seconds"}, {"retry-after": "120"}),
        ({"retry_after": 86400}, {"retry-after": "86400"}),
        ({"retry_after": 1.5, "form": "milliseconds"}, {"retry-after-ms": "1500"}),
        ({"retry_after": 0.2, "form": "milliseconds"}, {"retry-after-ms": "200"}),
        ({"retry_after": 2, "form": "date"}, {"retry-after": "Thu, 28 May 2026 20:26:42 GMT"}),
        ({"retry_after": 1.2, "form": "date"}, {"retry-after": "Thu, 28 May 2026 20:26:42 GMT"}),
    ],
)
def test_each_form_of_retry_after_is_sent_where_it_is_asked_for(
    mock: StepfunMock, given: Any, header: dict[str, str]
) -> None:
    mock.script(faults.rate_limited(**given))
    headers = dict(asked(mock, MINIMAL).headers)
    assert {name: value for name, value in headers.items() if name != "content-type"} == header


def test_a_date_to_try_again_goes_by_the_mocks_clock(mock: StepfunMock) -> None:
    mock.script(faults.rate_limited(retry_after=60, form="date", times=2))
    asked(mock, MINIMAL)
    mock.clock.advance(hours=1)
    date = dict(asked(mock, MINIMAL).headers)["retry-after"]
    assert date == "Thu, 28 May 2026 21:27:40 GMT"


def test_a_date_to_try_again_is_one_that_a_date_can_name(mock: StepfunMock) -> None:
    mock.clock.freeze(at=253_402_300_799)
    mock.script(faults.rate_limited(retry_after=60, form="date"))
    date = dict(asked(mock, MINIMAL).headers)["retry-after"]
    assert date == "Fri, 31 Dec 9999 23:59:59 GMT"


# The texts of changed replies -------------------------------------------------------


def replied(mock: StepfunMock, fault: Fault | None, **fields: object) -> Any:
    if fault is not None:
        mock.script(fault)
    return json.loads(asked(mock, {**ASKED, **fields}).body)


def test_a_data_uri_holds_the_whole_picture_behind_its_prefix(mock: StepfunMock) -> None:
    texts = [
        replied(mock, fault, response_format="b64_json")["data"][0]["b64_json"]
        for fault in (faults.data_uri(), None)
    ]
    assert texts[0] == f"data:image/png;base64,{texts[1]}"


def test_a_url_safe_text_is_the_whole_picture_in_the_other_alphabet(mock: StepfunMock) -> None:
    odd, usual = (
        replied(mock, fault, response_format="b64_json")["data"][0]["b64_json"]
        for fault in (faults.url_safe_base64(), None)
    )
    assert set("-_") & set(odd)
    assert not set("+/") & set(odd)
    assert base64.urlsafe_b64decode(odd) == base64.b64decode(usual, validate=True)


def test_a_truncated_text_is_the_start_of_the_picture_and_no_whole_group(
    mock: StepfunMock,
) -> None:
    odd, usual = (
        replied(mock, fault, response_format="b64_json")["data"][0]["b64_json"]
        for fault in (faults.truncated_base64(), None)
    )
    assert usual.startswith(odd)
    assert len(odd) % 4 == 1
    assert len(usual) / 2 - 8 < len(odd) < len(usual) / 2 + 8
    with pytest.raises(binascii.Error):
        base64.b64decode(odd)


def test_the_old_field_holds_the_whole_picture(mock: StepfunMock) -> None:
    odd, usual = (
        replied(mock, fault, response_format="b64_json")["data"][0]
        for fault in (faults.old_field(), None)
    )
    assert odd["image"] == usual["b64_json"]


def test_a_reply_of_another_alphabet_keeps_its_other_fields(mock: StepfunMock) -> None:
    for fault in (faults.data_uri(), faults.extra_fields()):
        reply = replied(mock, fault, response_format="b64_json")
        assert reply["created"] == NOW
        assert reply["data"][0]["seed"] == 7
        assert reply["data"][0]["finish_reason"] == "success"


def test_an_error_under_status_200_is_the_envelope(mock: StepfunMock) -> None:
    assert replied(mock, faults.error_with_200()) == {
        "error": {"message": "internal error", "type": "server_error"}
    }


def test_a_truncated_reply_is_half_of_the_bytes(mock: StepfunMock) -> None:
    usual = asked(mock, ASKED).body
    mock.script(faults.truncated_json())
    assert asked(mock, ASKED).body == usual[: len(usual) // 2]


# Which tries meet it -----------------------------------------------------------------

PLAIN: list[Callable[..., Fault]] = [
    getattr(faults, name) for name in faults.__all__ if name != "connection_refused"
]


def fitting(fault: Fault) -> dict[str, Any]:
    needs = getattr(fault.effect, "needs", "")
    return {**ASKED, "response_format": "b64_json" if needs == "b64_json" else "url"}


def met(mock: StepfunMock, name: str) -> list[bool]:
    return [entry.fault == name for entry in mock.journal]


@pytest.mark.parametrize("make", PLAIN, ids=lambda make: make.__name__)
def test_times_and_after_say_which_tries_meet_each_fault(
    mock: StepfunMock, make: Callable[..., Fault]
) -> None:
    fault = make(times=2, after=1)
    mock.script(fault)
    for _ in range(5):
        asked(mock, fitting(fault))
    assert met(mock, fault.name) == [False, True, True, False, False]
    assert mock.unmet_faults() == []


@pytest.mark.parametrize("make", PLAIN, ids=lambda make: make.__name__)
def test_times_after_and_when_compose_for_each_fault(
    mock: StepfunMock, make: Callable[..., Fault]
) -> None:
    fault = make(times=2, after=1, when={"seed": 7, "width": 1360})
    mock.script(fault)
    for seed in (7, 8, 7, 8, 7, 7):
        asked(mock, {**fitting(fault), "seed": seed})
    assert met(mock, fault.name) == [False, False, True, False, True, False]
    assert mock.unmet_faults() == []


BASE64 = ("old_field", "truncated_base64", "data_uri", "url_safe_base64")
LINK = ("dead_link", "expired_link", "slow_link", "redirected_link", "html_link")


@pytest.mark.parametrize(
    ("names", "unfit", "fit", "needed"),
    [
        (BASE64, {"response_format": "url"}, {"response_format": "b64_json"}, "b64_json"),
        (LINK, {"response_format": "b64_json"}, {"response_format": "url"}, "url"),
    ],
)
def test_a_fault_waits_for_the_payload_that_it_is_of(
    mock: StepfunMock, names: tuple[str, ...], unfit: Any, fit: Any, needed: str
) -> None:
    for name in names:
        fault = getattr(faults, name)()
        mock.script(fault)
        assert asked(mock, {**ASKED, **unfit}).status == 200
        assert mock.unmet_faults() == [
            f'{fault} (met 0 of 1 times; it takes a request with response_format "{needed}")'
        ]
        asked(mock, {**ASKED, **fit})
        assert mock.journal[-1].fault == name
        assert mock.unmet_faults() == []


def test_a_turned_picture_waits_for_a_size_that_is_not_square(mock: StepfunMock) -> None:
    mock.script(faults.turned_picture())
    asked(mock, {**ASKED, "size": "1024x1024"})
    assert mock.unmet_faults() == [
        "turned_picture (met 0 of 1 times; it takes a request with a size that is not square)"
    ]
    asked(mock, ASKED)
    assert mock.unmet_faults() == []
    assert met(mock, "turned_picture") == [False, True]


def test_a_resized_picture_waits_for_another_size_than_its_own(mock: StepfunMock) -> None:
    mock.script(faults.resized_picture(size="768x1360"))
    asked(mock, ASKED)
    assert mock.unmet_faults() == [
        "resized_picture(size=768x1360) (met 0 of 1 times; it takes a request with another size "
        "than 768x1360)"
    ]
    asked(mock, {**ASKED, "size": "1360x768"})
    assert met(mock, "resized_picture") == [False, True]


# What cannot be made ---------------------------------------------------------------

VALUES: list[tuple[str, dict[str, Any], str]] = [
    ("overloaded", {"times": 0}, "times is a whole number from 1, but 0 came"),
    ("overloaded", {"times": True}, "times is a whole number from 1, but True came"),
    ("slow", {"times": 1.5}, "times is a whole number from 1, but 1.5 came"),
    ("html_link", {"times": "2"}, "times is a whole number from 1, but '2' came"),
    ("data_uri", {"after": -1}, "after is a whole number from 0, but -1 came"),
    (
        "rate_limited",
        {"retry_after": -1},
        "retry_after is a number of seconds from 0 to 86400, but -1 came",
    ),
    (
        "rate_limited",
        {"retry_after": float("nan")},
        "retry_after is a number of seconds from 0 to 86400, but nan came",
    ),
    (
        "rate_limited",
        {"retry_after": float("inf")},
        "retry_after is a number of seconds from 0 to 86400, but inf came",
    ),
    (
        "rate_limited",
        {"retry_after": True},
        "retry_after is a number of seconds from 0 to 86400, but True came",
    ),
    (
        "rate_limited",
        {"retry_after": "2"},
        "retry_after is a number of seconds from 0 to 86400, but '2' came",
    ),
    (
        "rate_limited",
        {"retry_after": 86401},
        "retry_after is a number of seconds from 0 to 86400, but 86401 came",
    ),
    (
        "rate_limited",
        {"form": "date"},
        "form=date says how retry_after is written, but no retry_after came",
    ),
    (
        "rate_limited",
        {"retry_after": 1, "form": "minutes"},
        "form is seconds or milliseconds or date, but 'minutes' came",
    ),
    (
        "rate_limited",
        {"retry_after": 1, "form": ""},
        "form is seconds or milliseconds or date, but '' came",
    ),
    ("rate_limited", {"by": "day"}, "by is rpm or concurrency, but 'day' came"),
    ("rate_limited", {"by": ["rpm"]}, "by is rpm or concurrency, but ['rpm'] came"),
    ("model_unknown", {"status": 401}, "status is 400 or 404, but 401 came"),
    ("model_unknown", {"status": "404"}, "status is 400 or 404, but '404' came"),
    ("model_unknown", {"status": [404]}, "status is 400 or 404, but [404] came"),
    ("retired", {"status": 404.0}, "status is 404 or 410 or 503, but 404.0 came"),
    ("retired", {"status": True}, "status is 404 or 410 or 503, but True came"),
    ("maintenance", {"status": 502}, "status is 200 or 503, but 502 came"),
    ("content_filtered", {"with_picture": 1}, "with_picture is True or False, but 1 came"),
    ("dead_link", {"status": 399}, "status is a whole number from 400 to 599, but 399 came"),
    ("dead_link", {"status": 600}, "status is a whole number from 400 to 599, but 600 came"),
    ("dead_link", {"status": 404.0}, "status is a whole number from 400 to 599, but 404.0 came"),
    ("expired_link", {"life": -1}, "life is a whole number from 0, but -1 came"),
    ("expired_link", {"life": 0.5}, "life is a whole number from 0, but 0.5 came"),
    (
        "expired_link",
        {"life": 86401},
        "life is a number of seconds from 0 to 86400, but 86401 came",
    ),
    ("drip", {"pieces": 1}, "pieces is a whole number from 2, but 1 came"),
    ("drip", {"pieces": 1001}, "pieces is at most 1000, but 1001 came"),
    ("drip", {"pause": -0.5}, "pause is a number of seconds from 0 to 86400, but -0.5 came"),
    *(
        (name, {"seconds": None}, "seconds is a number of seconds from 0 to 86400, but None came")
        for name in ("slow", "stall", "slow_link", "connection_refused")
    ),
    *(
        (
            "resized_picture",
            {"size": size},
            "size is height x width in pixels, 256 to 2048 each, as in "
            f'"512x512", but {size!r} came',
        )
        for size in ("255x512", "512x2049", "512", "512X512", "512x512x512", "0512x512", 512, "")
    ),
    *(
        (
            "wrong_length",
            {"by": by},
            f"by is a whole number of bytes from -1000000 to 1000000 but not 0, but {by!r} came",
        )
        for by in (0, 1_000_001, -1_000_001, 1.0, True, "16", None)
    ),
    *(
        (
            "connection_refused",
            schedule,
            "connection_refused takes no times and no when: nobody sees the requests that find "
            "no server; say seconds, and after",
        )
        for schedule in ({"times": 2}, {"when": {"seed": 1}}, {"times": 3, "when": {"seed": 1}})
    ),
    (
        "dead_link",
        {"when": {"response_format": "b64_json"}},
        'dead_link needs response_format "url", but when asks for "b64_json"',
    ),
    (
        "slow",
        {"when": {"cfg_scale": float("inf")}},
        "no request has cfg_scale=inf, so no try would meet it; cfg_scale is a number from 1.0 to "
        "10.0",
    ),
    (
        "turned_picture",
        {"when": {"size": "1024x1024"}},
        "turned_picture needs a size that is not square, but when asks for 1024x1024",
    ),
    (
        "old_field",
        {"when": {"response_format": "url", "seed": 1}},
        'old_field needs response_format "b64_json", but when asks for "url"',
    ),
]


@pytest.mark.parametrize(("name", "given", "sentence"), VALUES)
def test_values_that_no_fault_takes_are_refused(
    name: str, given: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole sentence is compared)
        getattr(faults, name)(**given)
    assert str(caught.value) == sentence


def test_an_object_that_decides_by_itself_may_stand_for_the_payload() -> None:
    class Either:
        def __eq__(self, other: object) -> bool:
            return other in FORMATS

        __hash__ = None  # type: ignore[assignment]

    assert faults.dead_link(when={"response_format": Either()}).reads
    assert faults.dead_link(when={"response_format": "url"}).reads
    assert faults.overloaded(when={"response_format": "b64_json"}).reads


def test_a_text_that_decides_by_itself_may_stand_for_any_value() -> None:
    class Folded(str):
        def __eq__(self, other: object) -> bool:
            return isinstance(other, str) and self.casefold() == other.casefold()

        __hash__ = None  # type: ignore[assignment]

    mock = StepfunMock(faults=(faults.overloaded(when={"size": Folded("768X1360")}),))
    assert asked(mock, {**MINIMAL, "size": "768x1360"}).status == 503


def test_a_condition_on_what_no_request_has_is_refused() -> None:
    with pytest.raises(TypeError, match='a request has no field "promt"; did you mean "prompt"'):
        faults.overloaded(when={"promt": "x"})


def test_a_condition_that_is_no_dict_is_refused() -> None:
    with pytest.raises(TypeError) as caught:
        faults.overloaded(when="A wolf")  # type: ignore[arg-type]
    assert str(caught.value) == (
        'when is a dict of fields, as in when={"prompt": "A wolf"}, but \'A wolf\' came'
    )


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: faults.rate_limited(time=2),  # type: ignore[call-arg]
            'rate_limited has no argument "time"; did you mean "times"? It has by, retry_after, '
            "form, times, after, when",
        ),
        (
            lambda: faults.overloaded(retry=2),  # type: ignore[call-arg]
            'overloaded has no argument "retry". It has times, after, when',
        ),
    ],
)
def test_an_argument_that_a_fault_does_not_have_is_refused(
    make: Callable[[], Fault], sentence: str
) -> None:
    with pytest.raises(TypeError) as caught:
        make()
    assert str(caught.value) == sentence


def test_an_unknown_fault_is_refused_with_the_nearest_known() -> None:
    with pytest.raises(AttributeError) as caught:
        faults.rate_limit  # type: ignore[attr-defined]  # noqa: B018
    assert str(caught.value) == (
        'there is no fault "rate_limit"; did you mean "rate_limited"? The faults are '
        + ", ".join(faults.__all__)
    )
    assert not hasattr(faults, "__wrapped__")


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
    with pytest.raises(TypeError, match="but None came"):
        mock.script(faults.overloaded(), None)  # type: ignore[arg-type]
    assert mock.unmet_faults() == []


# As values -------------------------------------------------------------------------


@pytest.mark.parametrize("name", faults.__all__)
def test_every_listed_fault_has_a_docstring_and_names_itself(name: str) -> None:
    make = getattr(faults, name)
    assert make.__doc__
    fault = make()
    assert fault.name == name
    assert not fault.scheduled
    assert fault == make()


@pytest.mark.parametrize("name", faults.__all__)
def test_every_fault_takes_after(name: str) -> None:
    fault = getattr(faults, name)(after=3)
    assert (fault.after, fault.scheduled) == (3, True)
    assert isinstance(fault.effect, Outage) is (name == "connection_refused")


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (faults.overloaded(times=3, after=2), "overloaded"),
        (faults.rate_limited(), "rate_limited"),
        (faults.rate_limited(by="concurrency", retry_after=2), None),
        (faults.slow(seconds=2, when={"prompt": "x", "seed": 1}), None),
        (faults.content_filtered(with_picture=True), "content_filtered(with_picture=True)"),
        (faults.drip(), "drip(pieces=8 pause=0.25)"),
    ],
)
def test_a_fault_is_printed_with_what_it_was_given(fault: Fault, text: str | None) -> None:
    texts = {
        "rate_limited": "rate_limited(by=concurrency retry_after=2)",
        "slow": "slow(seconds=2) when prompt='x' and seed=1",
    }
    assert str(fault) == (text or texts[fault.name])


def test_expired_links_are_dead_when_their_own_life_is_over(clock: Clock) -> None:
    mock = StepfunMock(clock=clock)
    url = replied(mock, faults.expired_link(life=5))["data"][0]["url"]
    clock.advance(seconds=4)
    assert fetched(mock, url).status == 200
    clock.advance(seconds=1)
    assert fetched(mock, url).status == 404
    assert mock.journal[-1].refusal == "link.dead"
