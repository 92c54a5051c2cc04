"""Replies that say nothing of the contract are told from those that do."""

import json

import pytest

from contracts.exchange import Ask, Exchange, NotCarriedError, Reply, Trouble
from contracts.key import KeyUse
from contracts.weather import said, unusable, weather
from suite.labs import DOWN, GARBLED, LATE, Answer, drawn, error

URL = "https://image.example/v1"
HTML = Reply(502, (("content-type", "text/html"),), b"  <html><h1>Bad gateway</h1></html>")


def came(answer: Answer, key: KeyUse = KeyUse.RIGHT) -> Exchange:
    ask = Ask("POST", f"{URL}/images/generations", key=key)
    reply, trouble = (answer, None) if isinstance(answer, Reply) else (None, answer)
    return Exchange(1, "x", ask, reply, trouble, 0.0, 0.0)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (drawn(), None),
        (error(400), None),
        (error(403), None),
        (error(404), None),
        (error(405), None),
        (error(410), None),
        (error(422), None),
        (Reply(301, (), b""), None),
        (Reply(204, (), b""), None),
        (error(401, "who?"), 'the server refused the key: 401 ("who?")'),
        (error(402, "top up"), 'the balance is used up: 402 ("top up")'),
        (error(408), 'the server gave up waiting for the request: 408 ("no")'),
        (error(409), 'the server was busy with another request: 409 ("no")'),
        (error(425), 'the server wanted the request later: 425 ("no")'),
        (error(429), 'the server was sent too many requests: 429 ("no")'),
        (
            error(451),
            'the filter refused a prompt that was written to be harmless: 451 ("no")',
        ),
        (error(500), 'the server answered 500 ("no")'),
        (error(503, "busy"), 'the server answered 503 ("busy")'),
        (HTML, 'the server answered 502 ("a page of HTML")'),
        (Reply(599, (), b""), "the server answered 599"),
        (LATE, LATE.sentence),
        (DOWN, DOWN.sentence),
        (GARBLED, GARBLED.sentence),
        (NotCarriedError(Trouble.TOO_LARGE, "too much"), None),
        (NotCarriedError(Trouble.ADDRESS, "a link to nowhere"), None),
    ],
)
def test_what_says_nothing_has_a_sentence(answer: Answer, reason: str | None) -> None:
    assert weather(came(answer)) == reason


@pytest.mark.parametrize("key", [use for use in KeyUse if use is not KeyUse.RIGHT])
def test_a_401_to_what_is_not_the_key_says_what_it_should(key: KeyUse) -> None:
    assert weather(came(error(401), key)) is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (drawn(), None),
        (error(400), None),
        (error(422), None),
        (
            error(451),
            'the filter refused a prompt that was written to be harmless: 451 ("no")',
        ),
        (DOWN, DOWN.sentence),
        (error(402, "top up"), 'the balance is used up: 402 ("top up")'),
        (error(500, "oops"), 'the server answered 500 ("oops")'),
        (error(503, "busy"), 'the service is overloaded: 503 ("busy")'),
        (Reply(410, (), b""), f"the image API at {URL} has been retired: 410"),
        (
            Reply(307, (("location", "https://else.example"),), b""),
            f"{URL} answered 307 and points to https://else.example: check that address instead",
        ),
        (
            Reply(404, (), b""),
            f"there is no image API at {URL}: 404; the target is a base URL, which clients "
            "complete with /images/generations",
        ),
    ],
)
@pytest.mark.parametrize("draws", [False, True])
def test_where_there_is_no_api_a_sentence_says_what_to_do(
    answer: Answer, reason: str | None, draws: bool
) -> None:
    assert unusable(came(answer), URL, draws=draws) == reason


def test_a_403_is_about_the_key_where_a_picture_is_due() -> None:
    exchange = came(error(403, "not yours"))
    assert unusable(exchange, URL, draws=True) == 'the server refused the key: 403 ("not yours")'
    assert unusable(exchange, URL, draws=False) is None


@pytest.mark.parametrize(
    "words",
    [
        "This model has been RETIRED",
        "The API went offline",
        "deprecated since May",
        "discontinued",
        "in its sunset",
        "no longer supported",
        "该模型已下线",
        "接口停用",
        "停止服务",
    ],
)
@pytest.mark.parametrize("status", [403, 404, 503])
def test_a_service_that_says_so_has_been_retired(words: str, status: int) -> None:
    reason = f'the image API at {URL} has been retired: {status} ("{words}")'
    assert unusable(came(error(status, words)), URL, draws=False) == reason


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_other_errors_that_use_such_a_word_are_what_they_are(status: int) -> None:
    reason = unusable(came(error(status, "no longer")), URL, draws=False)
    assert reason is None or "retired" not in reason


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", ""),
        (b"  \n ", ""),
        (b"upstream connect error\n  reset", ' ("upstream connect error reset")'),
        (b"<!doctype html><p>x", ' ("a page of HTML")'),
        (b'{"error": {"message": "a  b\\nc"}}', ' ("a b c")'),
        (b'{"error": {"message": 7}}', ' ("7")'),
        (b'{"error": "just so"}', ' ("{"error": "just so"}")'),
        (b'{"error": null}', ' ("{"error": null}")'),
        (b'["error"]', ' ("["error"]")'),
        (b'{"detail": "x"}', ' ("{"detail": "x"}")'),
        (b"\xff\xfe", ' ("\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}")'),
        (json.dumps({"error": {"message": "x" * 200}}).encode(), f' ("{"x" * 160}")'),
        (b"[" * 4096, f' ("{"[" * 160}")'),
    ],
)
def test_the_message_of_an_error_ends_the_sentence(body: bytes, words: str) -> None:
    assert said(came(Reply(500, (), body))) == words
