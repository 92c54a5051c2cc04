"""The reader of base64 takes the one text that stands for some bytes, and no other."""

from base64 import b64encode, urlsafe_b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.evidence import base64text
from contracts.evidence.base64text import NotBase64Error

URL_SAFE = "it is of the URL-safe alphabet"
FOREIGN = "it is not of the alphabet"
FAULTS = {
    "": "the base64 is empty",
    "data:image/png;base64,QUJD": "the base64 starts with data:, as a URL does",
    "DATA:,QUJD": "the base64 starts with data:, as a URL does",
    "QUJD\nQUJD": "a line end stands at character 4 of the base64",
    "QUJD\r\n": "a line end stands at character 4 of the base64",
    " QUJD": "white space, ' ', stands at character 0 of the base64",
    "QU\tJD": "white space, '\\t', stands at character 2 of the base64",
    "QUJD\xa0": "white space, '\\xa0', stands at character 4 of the base64",
    "QU-D": f"'-' stands at character 2 of the base64: {URL_SAFE}",
    "QUJDQU_D": f"'_' stands at character 6 of the base64: {URL_SAFE}",
    "QU*D": f"'*' stands at character 2 of the base64: {FOREIGN}",
    "QUJ\xc4": f"'\\xc4' stands at character 3 of the base64: {FOREIGN}",
    "QUJ\x00": f"'\\x00' stands at character 3 of the base64: {FOREIGN}",
    "QUJ\ud800": f"'\\ud800' stands at character 3 of the base64: {FOREIGN}",
    "QUI": "the base64 ends with 0 = instead of 1",
    "QQ": "the base64 ends with 0 = instead of 2",
    "QQ=": "the base64 ends with 1 = instead of 2",
    "QUI==": "the base64 ends with 2 = instead of 1",
    "QUJD=": "the base64 ends with 1 = instead of 0",
    "QUJD====": "the base64 ends with 4 = instead of 0",
    "====": "the base64 ends with 4 = instead of 0",
    "QUJDQ": "the base64 without padding is 5 long, one too many or three too few",
    "Q===": "the base64 without padding is 1 long, one too many or three too few",
    "QQ==QQ==": "the padding = stands at character 2 of the base64, inside it",
    "=QUJ": "the padding = stands at character 0 of the base64, inside it",
    "QR==": "the base64 ends with 'R', whose last bits stand for nothing and are not 0",
    "QUJ=": "the base64 ends with 'J', whose last bits stand for nothing and are not 0",
}


@pytest.mark.parametrize(("text", "sentence"), FAULTS.items(), ids=map(ascii, FAULTS))
def test_a_text_that_is_not_base64_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(NotBase64Error) as caught:
        base64text.read(text)
    assert str(caught.value) == sentence


@given(st.binary(min_size=1))
def test_base64_is_read_as_its_bytes(data: bytes) -> None:
    assert base64text.read(b64encode(data).decode()) == data


@given(st.text() | st.text(alphabet="AQRb8+/-_= \n", max_size=12))
def test_no_text_but_the_one_of_its_bytes_is_read(text: str) -> None:
    with suppress(NotBase64Error):
        assert b64encode(base64text.read(text)).decode() == text


@given(st.binary(min_size=1))
def test_the_url_safe_text_is_read_only_where_both_alphabets_agree(data: bytes) -> None:
    text = urlsafe_b64encode(data).decode()
    if "-" in text or "_" in text:
        with pytest.raises(NotBase64Error, match=URL_SAFE):
            base64text.read(text)
    else:
        assert base64text.read(text) == data
