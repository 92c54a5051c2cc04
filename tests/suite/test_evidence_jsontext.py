"""The reader of JSON takes what every client reads alike, and says what it does not take."""

import json
import tracemalloc
from contextlib import suppress
from time import perf_counter
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.evidence import jsontext
from contracts.evidence.jsontext import NotJsonError

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64) | FLOATS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)

FAULTS = {
    b"": "the body is empty",
    b"\xef\xbb\xbf{}": "the body starts with a byte order mark, which JSON forbids",
    b'{"a": "\xff"}': "the body is not UTF-8: byte 0xff at 7",
    b'"\xed\xa0\x80"': "the body is not UTF-8: byte 0xed at 1",
    b"\xff\xfe{\x00}\x00": "the body is not UTF-8: byte 0xff at 0",
    b"<!DOCTYPE html><html>": (
        'the body is not JSON at character 0, before "<!DOCTYPE html><html"...: expecting value'
    ),
    b" \n": "the body is not JSON at character 2, where it ends: expecting value",
    b'{"a": 1': "the body is not JSON at character 7, where it ends: expecting ',' delimiter",
    b'{"a": "b': ('the body is not JSON at character 6, before "\\"b": unterminated string'),
    b'["a\nb"]': (
        'the body is not JSON at character 3, before "\\nb\\"]": invalid control character'
    ),
    b"['a']": """the body is not JSON at character 1, before "'a']": expecting value""",
    b"[01]": "the body is not JSON at character 2, before \"1]\": expecting ',' delimiter",
    b"{}{}": 'the body goes on after its JSON, at character 2: "{}"',
    b"{}\x00": 'the body goes on after its JSON, at character 2: "\\u0000"',
    b"data: {}": 'the body is not JSON at character 0, before "data: {}": expecting value',
    b'{"a": NaN}': "NaN stands for a number, which JSON forbids",
    b"[Infinity]": "Infinity stands for a number, which JSON forbids",
    b"-Infinity": "-Infinity stands for a number, which JSON forbids",
    b"[1e400]": "the number 1e400 is larger than any double",
    b"1" * 101: "the number 11111111111111111111... takes 101 characters, more than 100",
    b"[-0." + b"1" * 5000 + b"]": (
        "the number -0.11111111111111111... takes 5003 characters, more than 100"
    ),
    b'{"a": 1, "b": 2, "a": 1}': 'the key "a" stands twice in one object',
    b'[{"x": {"\\u0061\\n": 1, "a\\n": 2}}]': 'the key "a\\n" stands twice in one object',
    b'{"\xc3\xa9": 1, "\\u00e9": 2}': 'the key "\\u00e9" stands twice in one object',
    b'["\\ud800"]': "\\ud800 stands alone, half of a pair of surrogates",
    b'{"a": {"\\uDC00b": 1}}': "\\udc00 stands alone, half of a pair of surrogates",
    b"[" * 101 + b"]" * 101: "the body is nested deeper than 100 levels",
    b'{"a":' * 500 + b"1" + b"}" * 500: "the body is nested deeper than 100 levels",
    b"[" * 200_000 + b"]" * 200_000: "the body is nested deeper than 100 levels",
    b"[" * 200_000: "the body is nested deeper than 100 levels",
}


@pytest.mark.parametrize(("body", "sentence"), FAULTS.items(), ids=lambda case: repr(case[:24]))
def test_a_body_that_is_not_json_is_refused_with_a_sentence(body: bytes, sentence: str) -> None:
    with pytest.raises(NotJsonError) as caught:
        jsontext.read(body)
    assert str(caught.value) == sentence


@given(VALUES, st.booleans())
@example({"\U0001f98a": "\U0001f98a"}, True)
def test_json_is_read_as_the_value_that_it_stands_for(value: Any, ascii_only: bool) -> None:
    assert jsontext.read(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


def test_a_body_of_100_levels_is_read() -> None:
    assert jsontext.read(b"[" * 100 + b"]" * 100) == json.loads("[" * 100 + "]" * 100)


def test_white_space_may_stand_around() -> None:
    assert jsontext.read(b' \r\n\t{"a": 1} \n') == {"a": 1}


def test_the_same_key_may_stand_in_different_objects() -> None:
    assert jsontext.read(b'[{"a": 1}, {"a": 2}]') == [{"a": 1}, {"a": 2}]


@given(st.binary() | st.text(alphabet='[]{},:"\\u0123456789eE+-.dntrfalsNI ').map(str.encode))
def test_no_body_raises_anything_else(body: bytes) -> None:
    with suppress(NotJsonError):
        assert jsontext.read(body) == json.loads(body)


def test_an_answer_with_megabytes_of_base64_is_read_in_a_moment() -> None:
    body = json.dumps({"data": [{"b64_json": "QUJD" * 500_000}] * 4}).encode()
    tracemalloc.start()
    start = perf_counter()
    jsontext.read(body)
    took, (_, peak) = perf_counter() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 1
    assert peak < 4 * len(body)
