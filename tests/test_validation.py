"""Request bodies: what is read of the good ones, and what is said of the bad ones."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import GENERATIONS, HEADERS, MINIMAL, examples
from stepfun_mock import Choices, ImageRequest, Request, StepfunMock, contract
from stepfun_mock.errors import RefusedError
from stepfun_mock.terms import Kind, Parameter
from stepfun_mock.validation import Validator

ROWS = {row.name: row for row in contract.MODELS[0].parameters}
SIZES = '"1024x1024", "768x1360", "896x1184", "1360x768" or "1184x896"'
ORDER = 'the height comes first: 768x1360 is 1360 wide; leave it out for "1024x1024"'
EMOJI = "\U0001f98a"
RAW_1E400 = "the number 1e400, which Python cannot write"


def read(choices: Choices | None = None, **fields: Any) -> ImageRequest:
    text = json.dumps({**MINIMAL, **fields}, ensure_ascii=False)
    body = text.replace(f'"{RAW_1E400}"', "1e400").encode()
    return Validator(choices or Choices()).read(body)


def refusal_of(choices: Choices | None = None, **fields: Any) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        read(choices, **fields)
    return caught.value


def test_left_out_fields_get_the_defaults_of_the_page() -> None:
    assert read() == ImageRequest(
        model="step-image-edit-2",
        prompt="A red fox in the snow",
        size="1024x1024",
        n=1,
        response_format="url",
        seed=None,
        steps=8,
        cfg_scale=1.0,
        negative_prompt="",
        text_mode=False,
        unknown=(),
    )


def test_every_field_is_read() -> None:
    fields: dict[str, Any] = {
        "size": "768x1360",
        "n": 1,
        "response_format": "b64_json",
        "seed": 0,
        "steps": 50,
        "cfg_scale": 10.0,
        "negative_prompt": "blur",
        "text_mode": True,
    }
    assert read(**fields)._asdict() == {**MINIMAL, **fields, "unknown": ()}


def test_768x1360_is_768_high_and_1360_wide() -> None:
    request = read(size="768x1360")
    assert (request.height, request.width) == (768, 1360)


def test_the_json_integer_1_is_a_cfg_scale() -> None:
    scale = read(cfg_scale=1).cfg_scale
    assert scale == 1.0
    assert type(scale) is float


@pytest.mark.parametrize(
    ("fields", "refusal", "message"),
    [
        ({"steps": 0}, "parameter", "steps must be an integer from 1 to 50, but 0 came"),
        ({"steps": 51}, "parameter", "steps must be an integer from 1 to 50, but 51 came"),
        ({"seed": -1}, "parameter", "seed must be an integer from 0 to 2147483647, but -1 came"),
        ({"seed": 2147483648}, "parameter", "but 2147483648 came; leave it out and one is drawn"),
        ({"cfg_scale": 0.99}, "parameter", "cfg_scale must be a number from 1.0 to 10.0, but 0.99"),
        ({"cfg_scale": 10.01}, "parameter", "but 10.01 came; leave it out for 1.0"),
        ({"cfg_scale": 0}, "parameter", "but 0 came; leave it out for 1.0"),
        ({"cfg_scale": 1e300}, "parameter", "but 1e+300 came"),
        ({"cfg_scale": 10**30}, "parameter", "but 1000000000000000000000000000000 came"),
        ({"steps": True}, "parameter", "but true came; leave it out for 8"),
        ({"cfg_scale": True}, "parameter", "but true came"),
        ({"steps": 8.0}, "parameter", "but 8.0 came; leave it out for 8"),
        ({"steps": "8"}, "parameter", 'but the text "8" came; send the number without quotes'),
        ({"cfg_scale": "1.0"}, "parameter", 'the text "1.0" came; send the number without quotes'),
        ({"steps": "\uff18"}, "parameter", 'but the text "\uff18" came; leave it out for 8'),
        ({"steps": []}, "parameter", "but a list came"),
        ({"steps": RAW_1E400}, "parameter", "but a number beyond all bounds came"),
        ({"steps": {}}, "parameter", "but an object came"),
        ({"n": 0}, "parameter", "n must be 1, but 0 came; one picture a request"),
        ({"n": 2}, "parameter", "n must be 1, but 2 came; one picture a request"),
        ({"n": True}, "parameter", "n must be 1, but true came"),
        ({"n": 1.0}, "parameter", "n must be 1, but 1.0 came"),
        ({"text_mode": 1}, "parameter", "text_mode must be true or false, but 1 came"),
        ({"text_mode": "True"}, "parameter", "send true without quotes"),
        ({"response_format": "png"}, "parameter", 'response_format must be "b64_json" or "url"'),
        ({"response_format": "URL"}, "parameter", 'but the text "URL" came; write "url"'),
        ({"response_format": 1}, "parameter", 'but 1 came; leave it out for "url"'),
        ({"prompt": None}, "parameter", "but null came; send a text that describes the picture"),
        ({"prompt": ""}, "parameter", "prompt must not be empty; send a text that describes"),
        ({"prompt": 5}, "parameter", "prompt must be a text of at most 512 characters, but 5 came"),
        ({"prompt": "x" * 513}, "parameter", "but 513 characters came; shorten it before"),
        ({"negative_prompt": "x" * 513}, "parameter", "but 513 characters came; shorten it before"),
        ({"negative_prompt": ["x"]}, "parameter", 'but a list came; leave it out for ""'),
        ({"model": None}, "model", 'model must be "step-image-edit-2", but null came'),
        ({"model": "dall-e-3"}, "model", 'but the text "dall-e-3" came'),
        ({"model": "Step-Image-Edit-2"}, "model", 'came; write "step-image-edit-2"'),
        ({"model": ["step-image-edit-2"]}, "model", "but a list came"),
        ({"size": "1024X1024"}, "size", f'{SIZES}, but the text "1024X1024" came; write'),
        ({"size": "1024*1024"}, "size", 'came; write "1024x1024"'),
        ({"size": " 768x1360 "}, "size", 'came; write "768x1360"'),
        ({"size": "1280x800"}, "size", f'but the text "1280x800" came; {ORDER}'),
        ({"size": "１０２４x1024"}, "size", ORDER),
        ({"size": ""}, "size", 'but the text "" came'),
        ({"size": 1024}, "size", "but 1024 came"),
        ({"size": "9" * 90}, "size", f'but the text "{"9" * 46}… came'),
    ],
)  # fmt: skip
def test_what_the_contract_forbids_is_refused_with_parameter_allowed_came_and_way_out(
    fields: dict[str, Any], refusal: str, message: str
) -> None:
    refused = refusal_of(**fields)
    assert refused.refusal.id == f"{refusal}.refused"
    assert refused.refusal.status == 400
    assert message in refused.message
    assert refused.message.startswith(f"{next(iter(fields))} must ")


@pytest.mark.parametrize("name", ["model", "prompt"])
def test_a_required_field_that_is_missing_is_named(name: str) -> None:
    body = {key: value for key, value in MINIMAL.items() if key != name}
    with pytest.raises(RefusedError) as caught:
        Validator(Choices()).read(json.dumps(body).encode())
    assert f"{name} must be " in caught.value.message
    remedy = {"model": 'send "step-image-edit-2"', "prompt": "send a text that describes"}[name]
    assert f"but it is missing; {remedy}" in caught.value.message


def test_the_first_refusal_in_the_order_of_the_contract_is_told() -> None:
    assert refusal_of(steps=0, size="1x1", prompt=None).message.startswith("prompt must be")


@pytest.mark.parametrize(
    "text",
    [
        "x" * 512,
        "\u96ea" * 512,
        EMOJI * 512,
        "e\u0301" * 256,
        " " * 512,
        "\n\t\x00\x1b\u2028" * 100,
    ],
    ids=["ascii", "cjk", "emoji", "combining", "spaces", "controls"],
)
def test_512_characters_of_any_script_are_text_like_any_other(text: str) -> None:
    request = read(prompt=text, negative_prompt=text)
    assert (request.prompt, request.negative_prompt) == (text, text)


@pytest.mark.parametrize("letter", ["x", "\u96ea", EMOJI, "\u0301"])
@pytest.mark.parametrize("name", ["prompt", "negative_prompt"])
def test_one_character_more_is_refused_in_any_script(name: str, letter: str) -> None:
    fields: dict[str, Any] = {name: letter * 513}
    assert "but 513 characters came" in refusal_of(**fields).message


@pytest.mark.parametrize("name", list(ROWS))
def test_null_means_absent_for_what_may_be_left_out(name: str) -> None:
    if ROWS[name].required:
        assert "but null came" in refusal_of(**{name: None}).message
    else:
        assert read(**{name: None}) == read()


def test_unknown_fields_are_passed_over_and_remembered() -> None:
    request = read(quality="hd", image="data:image/png;base64,AAAA", extra_body={"seed": 1})
    assert request.unknown == ("quality", "image", "extra_body")
    assert request._replace(unknown=()) == read()


# Choices ---------------------------------------------------------------------


def test_n_above_1_gets_one_picture_where_the_choice_says_so() -> None:
    choices = Choices(n_above_one="one_picture")
    assert read(choices, n=4).n == 4
    assert "n must be an integer from 1 to" in refusal_of(choices, n=0).message
    assert "but true came" in refusal_of(choices, n=True).message


def test_unknown_fields_are_refused_where_the_choice_says_so() -> None:
    refused = refusal_of(Choices(unknown_fields="refuse"), quality="hd")
    assert refused.message == (
        '"quality" is not a field of this request; leave it out. The fields are model, prompt, '
        "size, n, response_format, seed, steps, cfg_scale, negative_prompt, text_mode"
    )


def test_a_misspelt_field_is_refused_with_the_right_spelling() -> None:
    refused = refusal_of(Choices(unknown_fields="refuse"), negativ_prompt="x")
    assert '"negativ_prompt" is not a field of this request; did you mean "negative_prompt"?' in (
        refused.message
    )


def test_null_is_refused_where_the_choice_says_so() -> None:
    refused = refusal_of(Choices(null_fields="refuse"), steps=None)
    assert "steps must be an integer from 1 to 50, but null came" in refused.message


def test_loose_numbers_are_read_where_the_choice_says_so() -> None:
    choices = Choices(loose_numbers="accept")
    request = read(choices, steps="9", seed=7.0, cfg_scale="2.5", n="1")
    assert (request.steps, request.seed, request.cfg_scale, request.n) == (9, 7, 2.5, 1)
    assert {type(request.steps), type(request.seed)} == {int}


@pytest.mark.parametrize("value", ["51", 8.5, "8.5", "x", "٨", " 8", "1e1", "0x8", True, "9" * 400])
def test_loose_numbers_still_keep_type_and_range(value: object) -> None:
    refused = refusal_of(Choices(loose_numbers="accept"), steps=value)
    assert "steps must be an integer from 1 to 50" in refused.message


def test_utf16_units_are_counted_where_the_choice_says_so() -> None:
    choices = Choices(length_unit="utf16")
    assert read(choices, prompt=EMOJI * 256).prompt == EMOJI * 256
    assert "but 514 UTF-16 units came" in refusal_of(choices, prompt=EMOJI * 257).message


def test_an_empty_prompt_is_read_where_the_choice_says_so() -> None:
    assert read(Choices(empty_prompt="accept"), prompt="").prompt == ""


# Generated bodies --------------------------------------------------------------

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)


def allowed(row: Parameter, value: object) -> bool:
    """What the contract allows, said a second time and apart from the code that decides."""
    if value is None:
        return not row.required
    if row.kind is Kind.BOOLEAN or isinstance(value, bool):
        return row.kind is Kind.BOOLEAN and isinstance(value, bool)
    if row.kind is Kind.STRING:
        if not isinstance(value, str):
            return False
        if row.values:
            return value in row.values
        return (len(value) > 0 or not row.required) and len(value) <= (row.max_length or 0)
    if not isinstance(value, int) and not (row.kind is Kind.NUMBER and isinstance(value, float)):
        return False
    if row.values:
        return value in row.values
    return (row.minimum or 0) <= value <= (row.maximum or 0)


def near(row: Parameter) -> st.SearchStrategy[object]:
    """Values that only just miss: beside the ends, in other clothes, of other types."""
    near_misses: list[object] = [True, False, [], {}, "", "null", [row.default]]
    if row.minimum is not None and row.maximum is not None:
        ends = (row.minimum, row.maximum)
        near_misses += [row.minimum - 1, row.maximum + 1, -row.maximum, 1e308, 10**300]
        near_misses += [row.minimum - 2**-20, row.maximum + 2**-20, *map(str, ends)]
    for value in row.values:
        near_misses += [f" {value}", f"{value}\n", str(value).upper(), f"{value}x", [value]]
    long = st.text("aé雪" + EMOJI, min_size=513, max_size=600)
    return st.sampled_from(near_misses) | long | anything


@st.composite
def broken_fields(draw: st.DrawFn) -> bytes:
    row = draw(st.sampled_from([contract.MODEL_PARAMETER, *ROWS.values()]))
    wrong = draw(near(row).filter(lambda value: not allowed(row, value)))
    order = draw(st.sampled_from([list, reversed]))
    fields = {**MINIMAL, "steps": 8, row.name: wrong}
    return json.dumps(dict(order(list(fields.items()))), ensure_ascii=draw(st.booleans())).encode()


@st.composite
def broken_json(draw: st.DrawFn) -> bytes:
    good = json.dumps({**MINIMAL, "steps": 8, "cfg_scale": 1.5}).encode()
    place = draw(st.integers(0, len(good) - 1))
    piece = draw(
        st.sampled_from([b"\xff", b"\xed\xa0\x80", b"\x00", b"\n", b'"', b"{", b"NaN", b""])
    )
    if draw(st.booleans()):
        return good[:place] + piece  # cut off
    return piece + good + draw(st.sampled_from([b"}", b",", b"\x00", b"x", b"{}", b"\xc3"]))


bodies = st.one_of(
    broken_fields(),
    broken_fields(),
    broken_json(),
    anything.filter(lambda value: not isinstance(value, dict)).map(
        lambda value: json.dumps(value).encode()
    ),
    st.binary(max_size=64).filter(lambda body: b"{" not in body),
)
ONE_MOCK = StepfunMock()


def refused(body: bytes) -> None:
    response = ONE_MOCK.handle(Request("POST", GENERATIONS, HEADERS, body))
    assert response.status == 400, (body, response.body)
    error = json.loads(response.body)["error"]
    assert set(error) == {"message", "type"}
    assert error["type"] in {"request_params_invalid", "size_invalid", "input_invalid"}
    assert 20 < len(error["message"]) < 400


@examples(400)
@given(body=bodies)
def test_any_invalid_body_gets_a_400_in_the_envelope(body: bytes) -> None:
    refused(body)


def good(row: Parameter) -> st.SearchStrategy[object]:
    if row.values:
        return st.sampled_from(row.values)
    if row.kind is Kind.BOOLEAN:
        return st.booleans()
    if row.kind is Kind.INTEGER:
        return st.integers(int(row.minimum or 0), int(row.maximum or 0))
    if row.kind is Kind.NUMBER:
        return st.floats(row.minimum, row.maximum) | st.integers(1, 10)
    letters = st.characters(exclude_categories=["Cs"])
    return st.text(letters, min_size=int(row.required), max_size=row.max_length)


@examples(500, database=None)
@given(
    fields=st.fixed_dictionaries(
        {"prompt": good(ROWS["prompt"])},
        optional={name: good(row) for name, row in ROWS.items() if name != "prompt"},
    )
)
def test_every_body_that_the_contract_allows_is_read_as_it_is(fields: dict[str, Any]) -> None:
    request = read(**fields)
    for name, value in fields.items():
        assert getattr(request, name) == value
