"""The log line of a request: readable, in one line, whatever came."""

import time

from stepfun_mock import Entry, ImageRequest
from stepfun_mock.requestlog import line

NOON = time.mktime((2026, 5, 28, 12, 0, 0, 0, 0, -1))
REQUEST = ImageRequest("m", "A red fox", "768x1360", 1, "url", None, 8, 1.0, "", False)


def test_a_picture_is_told_with_its_sides_seed_and_prompt() -> None:
    entry = Entry(1, NOON, "POST", "/v1/images/generations", 200, 0.0012, REQUEST, 7, "success")
    assert line(entry) == (
        "12:00:00 POST /v1/images/generations 200 1.2ms  "
        '1360 wide x 768 high  seed 7  url  "A red fox"'
    )


def test_fields_that_were_passed_over_are_named() -> None:
    entry = Entry(1, NOON, "POST", "/p", 200, 0.0, REQUEST._replace(unknown=("promt", "c\nfg")), 7)
    assert line(entry).endswith('"A red fox"  ignored: promt, c\\u000afg')


def test_a_filtered_picture_says_so() -> None:
    entry = Entry(1, NOON, "POST", "/p", 200, 0.0, REQUEST, 7, "content_filtered")
    assert line(entry).endswith('  seed 7  url  content_filtered  "A red fox"')


def test_a_refusal_is_told_with_its_reason() -> None:
    entry = Entry(1, NOON, "POST", "/p", 400, 0.0, refusal="parameter.refused", message="steps …")
    assert line(entry) == "12:00:00 POST /p 400 0.0ms  steps …"


def test_a_fault_is_named() -> None:
    entry = Entry(1, NOON, "POST", "/p", 503, 0.0, fault="overloaded", message="too busy")
    assert line(entry) == "12:00:00 POST /p 503 0.0ms  fault overloaded  too busy"
    entry = Entry(1, NOON, "POST", "/p", 200, 0.0, REQUEST, 7, "success", fault="empty_data")
    assert line(entry) == (
        "12:00:00 POST /p 200 0.0ms  fault empty_data  "
        '1360 wide x 768 high  seed 7  url  "A red fox"'
    )
    entry = Entry(1, NOON, "GET", "/image_gen/x.png", 404, 0.0, fault="dead_link")
    assert line(entry) == "12:00:00 GET /image_gen/x.png 404 0.0ms  fault dead_link"


def test_a_reply_that_is_held_back_says_for_how_long() -> None:
    entry = Entry(1, NOON, "POST", "/p", 200, 0.0003, fault="slow")
    assert line(entry, 7.4) == "12:00:00 POST /p 200 0.3ms and held 7.4s  fault slow"


def test_a_reply_that_never_came_has_no_status() -> None:
    entry = Entry(1, NOON, "POST", "/p", 0, 0.0, fault="connection_reset")
    assert line(entry) == "12:00:00 POST /p no reply 0.0ms  fault connection_reset"


def test_what_was_no_request_is_told_as_such() -> None:
    entry = Entry(1, NOON, "", "", 400, 0.0, refusal="http.malformed", message="no HTTP")
    assert line(entry) == "12:00:00 (no request) 400 0.0ms  no HTTP"


def test_a_reply_without_a_story_is_a_short_line() -> None:
    assert (
        line(Entry(1, NOON, "GET", "/v1/models", 200, 0.0)) == "12:00:00 GET /v1/models 200 0.0ms"
    )


def test_long_prompts_are_cut() -> None:
    entry = Entry(1, NOON, "POST", "/p", 200, 0.0, REQUEST._replace(prompt="x" * 512), 7, "success")
    assert line(entry).endswith(f'"{"x" * 60}…"')


def test_no_request_writes_lines_of_its_own() -> None:
    prompt = 'one\n12:00:00 GET /forged 200\r\x1b[2J\x85\u2028"'
    path = "/v1/\n12:00:00 GET /forged\x1b[2J"
    lines = [
        line(Entry(1, NOON, "POST", "/p", 200, 0, REQUEST._replace(prompt=prompt), 7, "success")),
        line(Entry(1, NOON, "GET", path, 404, 0, message="\x07\n")),
    ]
    assert all(one.isprintable() for one in lines)
    assert lines[1] == (
        "12:00:00 GET /v1/\\u000a12:00:00 GET /forged\\u001b[2J 404 0.0ms  \\u0007\\u000a"
    )
