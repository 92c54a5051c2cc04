"""Bodies that are not the one JSON object that is due."""

import pytest

from stepfun_mock.body import read_object
from stepfun_mock.contract import BODY_LIMIT
from stepfun_mock.errors import RefusedError

START = "the body is not the JSON object that is due: "


def refusal_of(body: bytes) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        read_object(body)
    return caught.value


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "it is empty at line 1, column 1"),
        (b" \n", "Expecting value at line 2, column 1"),
        (b'{"a":', "Expecting value at line 1, column 6"),
        (b"{'a': 1}", "Expecting property name enclosed in double quotes at line 1, column 2"),
        (b'{"a": 1,}', "Illegal trailing comma before end of object at line 1, column 8"),
        (b'{"a": 1} x', "Extra data at line 1, column 10"),
        (b'{"a": 1}{"a": 1}', "Extra data at line 1, column 9"),
        (b'{"a": 01}', "Expecting ',' delimiter at line 1, column 8"),
        (b'{"a": "\n"}', "Invalid control character at line 1, column 8"),
        (b'{"a": 1 /* one */}', "Expecting ',' delimiter at line 1, column 9"),
        (b"null", "it must be an object, {...}, at the top"),
        (b"[]", "it must be an object, {...}, at the top"),
        (b'"text"', "it must be an object, {...}, at the top"),
        (b"1", "it must be an object, {...}, at the top"),
        (b'{"a": 1, "a": 2}', 'the field "a" stands in it twice'),
        (b'{"a": 1, "a" : 2}', 'the field "a" stands in it twice'),
        (b'{"a": 1, "\\u0061": 2}', 'the field "a" stands in it twice'),
        (b'{"a": {"b": 1, "b": 2}}', 'the field "b" stands in it twice'),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"a": Infinity}', "Infinity is not JSON"),
        (b'{"a": [-Infinity]}', "-Infinity is not JSON"),
        (b'{"a": ' + b"1" * 5000 + b"}", "a number in it is too long"),
        (b'{"a": "\xff"}', "byte 7 is not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "byte 7 is not UTF-8"),
        (b'{"a": "\xc0\xaf"}', "byte 7 is not UTF-8"),
        (b'\xef\xbb\xbf{"a": 1}', "it starts with a byte order mark; send UTF-8 without one"),
        ('{"a": 1}'.encode("utf-16"), "byte 0 is not UTF-8"),
        ('{"a": 1}'.encode("utf-16-le"), "Expecting property name enclosed in double quotes at"),
        ('{"a": 1}'.encode("utf-32-be"), "Expecting value at line 1, column 1"),
        (b'{"a": "\\ud800"}', "half of a surrogate pair stands alone in it (a \\ud800 to \\udfff)"),
        (b'{"\\udfff": 1}', "half of a surrogate pair stands alone in it"),
        (b'{"a": ["\\ud800x"]}', "half of a surrogate pair stands alone in it"),
        (b"[" * 100_000, "it is nested more than 64 levels deep"),
        (b'{"a":' * 100_000, "it is nested more than 64 levels deep"),
        (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "it is nested more than 64 levels deep"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused_with_the_reason(body: bytes, why: str) -> None:
    refused = refusal_of(body)
    assert refused.refusal.id == "body.refused"
    assert _same_on_every_python(refused.message).startswith(_same_on_every_python(START + why))


def _same_on_every_python(message: str) -> str:
    # 3.13 names trailing commas; before it the missing name after one was reported.
    before = "Expecting property name enclosed in double quotes at line 1, column 9"
    return message.replace(
        before, "Illegal trailing comma before end of object at line 1, column 8"
    )


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b' \t\r\n{"a": 1}\n', {"a": 1}),
        (b"{}", {}),
        (b'{"a": "\\ud83e\\udd8a"}', {"a": "\U0001f98a"}),
        (b'{"a": "10:30"}', {"a": "10:30"}),
        (b'{"a": "line\\nbreak\\u0000"}', {"a": "line\nbreak\x00"}),
        (b'{"a": "' + b"[" * 500 + b'"}', {"a": "[" * 500}),
        (b'{"a": "\\"[[' + b"[" * 500 + b'"}', {"a": '"[[' + "[" * 500}),
        (b'{"a":' + b"[" * 63 + b"]" * 63 + b"}", None),
        (b'{"a": [' + b"[]," * 500 + b"[]]}", None),
    ],
)
def test_a_json_object_is_read(body: bytes, value: object) -> None:
    read = read_object(body)
    assert value is None or read == value


def test_a_body_of_the_limit_is_read_and_one_byte_more_is_not() -> None:
    frame = b'{"a": ""}'
    longest = b'{"a": "' + b"x" * (BODY_LIMIT - len(frame)) + b'"}'
    assert len(longest) == BODY_LIMIT
    read_object(longest)
    refused = refusal_of(longest + b" ")
    assert refused.refusal.id == "body.too_large"
    assert refused.message == (
        "the body may have 1048576 bytes, but 1048577 came; "
        "this endpoint takes no picture, so leave fields such as image out"
    )


@pytest.mark.parametrize("piece", [b'\\"', b'"', b"[", b"[]", b"{", b"\\"])
def test_a_megabyte_of_anything_is_refused_quickly(piece: bytes) -> None:
    # A quadratic search for the ends of strings would take hours here, not a moment.
    body = b'{"a": "' + b"[" * 100 + piece * ((BODY_LIMIT - 200) // len(piece))
    assert refusal_of(body).refusal.id == "body.refused"
