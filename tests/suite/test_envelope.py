"""An error has its envelope, or a sentence says what is wrong with it."""

import pytest

from contracts import envelope
from contracts.exchange import Reply

RIGHT = b'{"error": {"message": "no", "type": "invalid"}}'


@pytest.mark.parametrize(
    "body", [RIGHT, b'{"error": {"message": "", "type": "", "code": 1}, "request_id": "x"}']
)
def test_an_error_with_two_texts_is_right(body: bytes) -> None:
    assert envelope.problem(Reply(400, (), body)) is None


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"[]", 'an error must stand under "error", but no object does'),
        (b"{}", 'an error must stand under "error", but no object does'),
        (b'{"error": "no"}', 'an error must stand under "error", but no object does'),
        (b'{"detail": "no"}', 'an error must stand under "error", but no object does'),
        (b'{"error": {"type": "invalid"}}', "error.message must be a text"),
        (b'{"error": {"message": null, "type": "x"}}', "error.message must be a text"),
        (b'{"error": {"message": "no"}}', "error.type must be a text"),
        (b'{"error": {"message": "no", "type": 400}}', "error.type must be a text"),
    ],
)
def test_another_error_is_wrong_in_a_sentence(body: bytes, problem: str) -> None:
    assert envelope.problem(Reply(400, (), body)) == problem


@pytest.mark.parametrize("body", [b"", b"<html>", b"no", RIGHT[:-1], b'"\xff"'])
def test_an_error_that_is_no_json_says_why(body: bytes) -> None:
    problem = envelope.problem(Reply(400, (), body))
    assert problem is not None
    assert problem.startswith("an error must be JSON: ")
    assert len(problem) > len("an error must be JSON: ")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (RIGHT, True),
        (b"", True),
        (b"<html>", True),
        (b"[]", True),
        (b'{"data": []}', True),
        (b'{"data": null}', True),
        (b'{"created": 1}', True),
        (b'{"data": [{"url": "x"}]}', False),
        (b'{"data": {"url": "x"}}', False),
        (b'{"data": [{"url": "x"}],}', False),
        (b'\xef\xbb\xbf{"data": [{"url": "x"}]}', False),
    ],
)
def test_a_body_without_a_picture_is_an_error_whatever_its_status(body: bytes, error: bool) -> None:
    assert envelope.is_error(body) is error
