"""The key shows itself to nobody, and is found wherever a server repeats it."""

import base64
import copy
import html
import json
import logging
import pickle
import pprint
import time
import traceback
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.key import Key, KeyUse

VALUE = "sk-CANARY-4f/Tq+9=Zx"
KEY = Key(VALUE, "STEP_API_KEY")
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in a URL": lambda text: quote(text, safe=""),
    "in a URL, in lower case": lambda text: quote(text, safe="").replace("%2F", "%2f"),
    "in a form": quote_plus,
    "in a URL twice": lambda text: quote(quote(text, safe=""), safe=""),
    "every character in a URL": lambda text: "".join(f"%{ord(one):02X}" for one in text),
    "in JSON": lambda text: json.dumps(text)[1:-1],
    "in JSON, slashes too": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "in JSON in JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "every character in JSON": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "in HTML": html.escape,
    "every character in HTML": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "in base64": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "in base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
}
VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
SECRETS = st.text(VISIBLE, min_size=8, max_size=80)


@pytest.mark.parametrize(
    "shown",
    [str, repr, "{}".format, "{:>40}".format, pprint.pformat, lambda key: f"{key!r:.2}"],
)
def test_a_key_shows_nothing_of_itself(shown: Callable[[object], str]) -> None:
    assert shown(KEY).strip() in ("***", "**")


def test_what_holds_it_shows_nothing_of_it() -> None:
    assert str({"key": KEY}) == "{'key': ***}"


def test_a_log_line_shows_nothing_of_it(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("any").warning("the key is %s, %r", KEY, KEY)
    assert caplog.messages == ["the key is ***, ***"]


@pytest.mark.parametrize("taken", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_key_is_neither_pickled_nor_copied(taken: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="a key is neither pickled nor copied"):
        taken(KEY)


def test_json_knows_no_key() -> None:
    with pytest.raises(TypeError):
        json.dumps(KEY)
    assert json.dumps(KEY, default=str) == '"***"'


@pytest.mark.parametrize("other", [VALUE, KEY, Key(VALUE, "another"), None])
def test_a_key_is_not_compared_by_accident(other: object) -> None:
    with pytest.raises(TypeError, match="a key is not compared, since a comparison that fails"):
        assert other == KEY
    with pytest.raises(TypeError):
        hash(KEY)


def test_no_attribute_holds_the_value() -> None:
    with pytest.raises(TypeError):
        vars(KEY)
    held = [getattr(KEY, name) for name in dir(KEY)]
    assert not [one for one in held if VALUE in str(one)]


def test_it_says_where_it_is_from() -> None:
    assert KEY.origin == "STEP_API_KEY"


# What a key may be -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("", "the key (STEP_API_KEY) is empty"),
        (
            f"{VALUE}\n",
            "the key (STEP_API_KEY) must be visible ASCII characters, without spaces and line "
            "ends, but character 21 of 21 is none; look at its ends first",
        ),
        (
            f" {VALUE}",
            "the key (STEP_API_KEY) must be visible ASCII characters, without spaces and line "
            "ends, but character 1 of 21 is none; look at its ends first",
        ),
        (
            "schlüssel-CANARY",
            "the key (STEP_API_KEY) must be visible ASCII characters, without spaces and line "
            "ends, but character 5 of 16 is none; look at its ends first",
        ),
    ],
)
def test_a_value_that_no_header_carries_is_refused_and_not_repeated(
    value: str, sentence: str
) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        Key(value, "STEP_API_KEY")
    assert str(refused.value) == sentence
    last = traceback.walk_tb(refused.tb)
    frames = [frame for frame, _ in last if frame.f_code.co_filename.endswith("contracts/key.py")]
    assert frames
    assert not [frame for frame in frames if "CANARY" in str(frame.f_locals)]


# What requests say of it ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (KeyUse.RIGHT, {"authorization": f"Bearer {VALUE}"}),
        (KeyUse.NONE, {}),
        (KeyUse.EMPTY, {"authorization": "Bearer"}),
        (
            KeyUse.BASIC,
            {
                "authorization": f"Basic {base64.b64encode(b'user:' + VALUE.encode()).decode()}",
            },
        ),
        (KeyUse.BARE, {"authorization": VALUE}),
        (KeyUse.LONGER, {"authorization": f"Bearer {VALUE}x"}),
    ],
)
def test_each_use_says_it_in_its_way(use: KeyUse, said: dict[str, str]) -> None:
    assert KEY.headers(use) == said
    assert KEY.bearer() == f"Bearer {VALUE}"


def wrong(value: str) -> str:
    return Key(value, "a test").headers(KeyUse.WRONG)["authorization"].removeprefix("Bearer ")


def test_the_wrong_key_looks_like_ours() -> None:
    assert wrong(VALUE) == "sk-ZIVUAB-0j/Qt+1=Xj"


@given(st.text(VISIBLE, min_size=1, max_size=80))
def test_the_wrong_key_is_always_another_of_the_same_length(value: str) -> None:
    other = wrong(value)
    assert other != value
    assert len(other) == len(value)
    assert other == wrong(value)
    Key(other, "a test")


def test_the_wrong_key_does_not_lead_back_to_ours() -> None:
    near = {wrong(f"sk-{'a' * 30}{last}")[3:13] for last in "bcdefgh"}
    assert len(near) == 7  # a change at the end changes it all, so no letter stands for one of ours


# Where it is found ------------------------------------------------------------------------


@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_it_is_blotted_however_it_is_spelled(spelled: Callable[[str], str]) -> None:
    assert KEY.blot(f"<{spelled(VALUE)}>") in ("<***>", f"<***{spelled(VALUE)[-1]}>")
    assert KEY.blot_bytes(f"<{spelled(VALUE)}>".encode()).startswith(b"<***")


@given(
    SECRETS,
    st.sampled_from(list(SPELLINGS.values())),
    st.text(max_size=5),
    st.text(st.characters(categories=["Lu", "Zs"]), max_size=5),
)
def test_any_key_is_found_in_any_spelling(
    value: str, spelled: Callable[[str], str], before: str, after: str
) -> None:
    blotted = Key(value, "a test").blot(f"{before}{spelled(value)}{after}")
    assert spelled(value) not in blotted
    assert "***" in blotted


@given(SECRETS, st.binary(max_size=7), st.binary(max_size=7), st.booleans())
def test_it_is_found_in_base64_wherever_it_begins(
    value: str, before: bytes, after: bytes, for_urls: bool
) -> None:
    encode = base64.urlsafe_b64encode if for_urls else base64.b64encode
    blotted = Key(value, "a test").blot(encode(before + value.encode() + after).decode())
    # Two characters may hold bits of the key and of its neighbours.
    assert len(blotted) <= 3 + 2 + len(base64.b64encode(before + b"  " + after))
    assert "***" in blotted


@given(st.binary(max_size=50))
def test_bytes_of_any_kind_keep_what_is_not_the_key(data: bytes) -> None:
    assert KEY.blot_bytes(data) == data
    assert KEY.blot_bytes(data + VALUE.encode() + data) == data + b"***" + data


@pytest.mark.parametrize("piece", ["\\", "%25", "&#0", "%", "&"])
def test_a_megabyte_of_what_might_begin_a_key_is_looked_through_in_a_second(piece: str) -> None:
    text = piece * (2**20 // len(piece))
    began = time.process_time()
    assert KEY.blot(text) == text
    assert time.process_time() - began < 1


def test_a_short_placeholder_is_left_alone() -> None:
    assert Key("any-key", "a test").blot("any-key will do") == "any-key will do"
    assert Key("any--key", "a test").blot("any--key will do") == "*** will do"


def test_what_servers_say_of_wrong_keys_stays_readable() -> None:
    said = f'{{"message": "Incorrect API key provided: {VALUE}x"}}'
    assert KEY.blot(said) == '{"message": "Incorrect API key provided: ***x"}'
