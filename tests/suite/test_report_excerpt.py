"""A report shows the beginning of texts, and neither keys nor signatures nor tricks."""

import base64
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.key import Key
from contracts.report.excerpt import (
    LONGEST,
    cleaner,
    excerpt,
    one_line,
    shortened,
    unsigned,
    visible,
)
from suite.runs import CANARY

KEY = Key(CANARY, "STEP_API_KEY")

SIGNED = {
    "https://a.b/c.png?signature=abc": "https://a.b/c.png?signature=***",
    "https://a.b/c.png?p=1&Expires=17&sig=x%2By%3D": "https://a.b/c.png?p=1&Expires=***&sig=***",
    "https://a.b/?X-Tos-Algorithm=T&X-Tos-Credential=AK%2F1&X-Tos-Date=2&q=1": (
        "https://a.b/?X-Tos-Algorithm=***&X-Tos-Credential=***&X-Tos-Date=***&q=1"
    ),
    "https://a.b/?AWSAccessKeyId=AK&auth_key=12&security-token=t": (
        "https://a.b/?AWSAccessKeyId=***&auth_key=***&security-token=***"
    ),
    "https://a.b/?x_sig=abc&design=abc": "https://a.b/?x_sig=***&design=abc",
    '{"url":"https://a.b/?seed=1\\u0026sig=ab\\/cd\\u002bef"}': (
        '{"url":"https://a.b/?seed=1\\u0026sig=***"}'
    ),
    '"https://a.b/\\u003fToken\\u003dab\\u0026n=1"': '"https://a.b/\\u003fToken\\u003d***\\u0026n=1"',
    '<a href="/?a=1&amp;token=ab&#x2F;cd&amp;b=2">': '<a href="/?a=1&amp;token=***&amp;b=2">',
    "/login?next=https%3A%2F%2Fa.b%3Fsig%3Dabc%26n%3D1&x=1": (
        "/login?next=https%3A%2F%2Fa.b%3Fsig%3D***%26n%3D1&x=1"
    ),
    "/login?next=a%253Ftoken%253Dabc%2526n%253D1": "/login?next=a%253Ftoken%253D***%2526n%253D1",
    "the key=abc of a text stays": "the key=abc of a text stays",
    "https://a.b/token=abc/c.png?p=monkey": "https://a.b/token=abc/c.png?p=monkey",
}


@pytest.mark.parametrize("text", SIGNED, ids=range(len(SIGNED)))
def test_what_makes_a_link_valid_is_blotted_by_its_name(text: str) -> None:
    assert unsigned(text) == SIGNED[text]
    assert unsigned(unsigned(text)) == unsigned(text)


def test_a_text_is_cleaned_of_the_key_and_of_signatures() -> None:
    clean = cleaner(KEY)
    assert clean(f"{CANARY} at https://a.b/?sig=1") == "*** at https://a.b/?sig=***"


def test_a_short_body_is_shown_whole() -> None:
    shown = excerpt("Grüße, 茶壶".encode(), KEY)
    assert (shown.text, shown.encoding, shown.size, shown.cut) == (
        "Grüße, 茶壶",
        "utf-8",
        15,
        False,
    )


def test_of_a_picture_in_base64_the_beginning_is_shown_and_what_follows_it() -> None:
    payload = base64.b64encode(bytes(range(256)) * 40).decode()
    shown = excerpt(json.dumps({"data": [{"b64_json": payload, "seed": 7}]}).encode(), KEY)
    start = payload[:60]
    assert shown.text == (
        f'{{"data": [{{"b64_json": "{start}… ({len(payload):,} characters)", "seed": 7}}]}}'
    )


def test_base64_with_escaped_slashes_is_base64_too() -> None:
    shown = excerpt(b'"' + rb"AAAAAAAAAAAAAAAA\/" * 100 + b'"', KEY)
    assert shown.text.endswith('… (1,800 characters)"')


def test_a_long_body_is_cut_and_what_is_left_out_is_counted() -> None:
    shown = excerpt(b"word " * 1000, KEY)
    assert shown.text == "word " * 400 + "… (3,000 characters more)"
    assert shown.cut
    assert shown.size == 5000


def test_what_is_no_utf_8_is_shown_in_base64() -> None:
    shown = excerpt(b"\x89PNG", KEY)
    assert (shown.text, shown.encoding, shown.cut) == ("iVBORw==", "base64", False)
    shown = excerpt(b"\x89PNG" * 100, KEY)
    assert shown.cut
    assert len(base64.b64decode(shown.text)) == 45


def test_ten_megabytes_are_shortened_like_everything() -> None:
    body = (f'{{"a":"{"A" * 5_000_000}","b":"' + "x y " * 1_250_000 + '"}').encode()
    shown = excerpt(body, KEY)
    assert len(shown.text) < LONGEST + 60
    assert shown.size == len(body)


@given(st.integers(0, 2200), st.sampled_from(["x ", "A", "sk-"]), st.integers(0, 300))
def test_a_key_is_not_found_wherever_a_body_is_cut(before: int, filler: str, after: int) -> None:
    body = (filler * before)[:before] + CANARY + "A" * after
    shown = excerpt(body.encode(), KEY)
    assert CANARY[:13] not in shown.text
    assert CANARY[-8:] not in shown.text


def test_a_key_in_bytes_that_are_no_text_is_not_found_in_their_base64() -> None:
    for before in range(3):
        shown = excerpt(b"\xff" * (before + 20) + CANARY.encode(), KEY)
        assert CANARY.encode()[4:-4] not in base64.b64decode(shown.text + "==")


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b2Jgone", "\\x9b2Jgone"),
        ("one\r\ntwo\rthree\tfour", "one\ntwo\\x0dthree\tfour"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u2066b\u2069c\u200fd\u061ce", "a\\u2066b\\u2069c\\u200fd\\u061ce"),
        ("\ud800\ufffe\ufeff\0", "\\ud800\\ufffe\\ufeff\\x00"),
        ("\U000e0041", "\\U000e0041"),
        ("مرحبا, שלום, 茶壶, 👩‍🎨", "مرحبا, שלום, 茶壶, 👩‍🎨"),
    ],
)
def test_what_would_move_the_cursor_or_turn_the_line_round_is_spelled_out(
    text: str, spelled: str
) -> None:
    assert visible(text) == spelled


@given(st.text())
def test_no_control_character_gets_through(text: str) -> None:
    kept = {unicodedata.category(one) for one in visible(text) if one not in "\n\t"}
    assert not kept & {"Cc", "Cs", "Zl", "Zp"}


def test_a_line_is_one_line() -> None:
    assert one_line(" one\n\ttwo  three\u2028four ") == "one two three\\u2028four"


def test_what_is_left_out_is_counted() -> None:
    assert shortened("12345", 5) == "12345"
    assert shortened("123456", 5) == "12345… (1 characters more)"
