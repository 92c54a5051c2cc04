"""What the fields of one request show, whether it was answered or refused."""

import difflib
import json
from collections.abc import Iterator
from functools import lru_cache

from stepfun_mock import contract
from stepfun_mock.advice.habits import (
    CUT_NEGATIVE_PROMPT,
    CUT_PROMPT,
    EXTRA_BODY,
    IDLE_NEGATIVE_PROMPT,
    LONG_NEGATIVE_PROMPT,
    LONG_PROMPT,
    SEED_MINUS_ONE,
    UNKNOWN_FIELD,
    Advice,
)
from stepfun_mock.advice.sizes import advice_on_size
from stepfun_mock.journal import Entry
from stepfun_mock.message import ImageRequest, Request
from stepfun_mock.refusals import BODY_REFUSED, PARAMETER_REFUSED, SIZE_REFUSED
from stepfun_mock.terms import Parameter
from stepfun_mock.values import cut

_MODELS = {model.id: {row.name: row for row in model.parameters} for model in contract.MODELS}
# Requests refused for these have a body that was read. Under a model that is not listed,
# what looks foreign here may be right.
_READ = frozenset((BODY_REFUSED.id, PARAMETER_REFUSED.id, SIZE_REFUSED.id))
_TEXTS = {
    "prompt": (CUT_PROMPT, LONG_PROMPT),
    "negative_prompt": (CUT_NEGATIVE_PROMPT, LONG_NEGATIVE_PROMPT),
}
_CUT_ENDS = frozenset("\ufffd\u200d")  # what cut bytes are decoded to; the joiner in an emoji

_SEED = (
    "seed -1 asks for a random seed elsewhere and is refused here; "
    "leave seed out, and the reply names the one that was drawn"
)
_IDLE = (
    f"a negative prompt came at cfg_scale {contract.NEUTRAL_CFG_SCALE}, given or by default, "
    "where it changes nothing; "
    f"send a cfg_scale above {contract.NEUTRAL_CFG_SCALE} with it, or leave it out"
)
_CUT_BYTES = (
    "a body came in which a text ends inside a character of UTF-8, as a cut by bytes leaves it; "
    "cut texts before they are encoded"
)
_EXTRA_BODY = (
    "a field named extra_body came, and nothing in it counted; only the Python SDK unfolds it, "
    "so with others put its fields beside prompt"
)


def advice_on_fields(entry: Entry, request: Request) -> Iterator[Advice]:
    """Give advice on each field that shows a habit."""
    image = entry.image_request
    if image is not None:
        yield from _on_valid(entry.number, image)
    elif entry.refusal == BODY_REFUSED.id and _is_cut_inside(request.body):
        yield CUT_PROMPT.advice(_CUT_BYTES, entry.number)
    elif entry.refusal in _READ:
        given = _given(request.body)
        model = given.get(contract.MODEL_PARAMETER.name)
        if isinstance(model, str) and model in _MODELS:
            yield from _on_refused(entry.number, given, _MODELS[model])


def _on_valid(number: int, image: ImageRequest) -> Iterator[Advice]:
    if image.cfg_scale <= contract.NEUTRAL_CFG_SCALE and image.negative_prompt.strip():
        yield IDLE_NEGATIVE_PROMPT.advice(_IDLE, number)
    if _is_cut(image.prompt):
        yield CUT_PROMPT.advice(_cut("prompt"), number)
    if _is_cut(image.negative_prompt):
        yield CUT_NEGATIVE_PROMPT.advice(_cut("negative_prompt"), number)
    for name in image.unknown:
        if name == "extra_body":
            yield EXTRA_BODY.advice(_EXTRA_BODY, number)
        else:
            yield UNKNOWN_FIELD.advice(_unknown(name, image.model), number)


def _on_refused(
    number: int, given: dict[str, object], parameters: dict[str, Parameter]
) -> Iterator[Advice]:
    on_size = advice_on_size(number, given.get("size"), parameters["size"])
    if on_size is not None:
        yield on_size
    if given.get("seed") in (-1, "-1"):
        yield SEED_MINUS_ONE.advice(_SEED, number)
    for name, (cut_short, too_long) in _TEXTS.items():
        text, limit = given.get(name), parameters[name].max_length
        if isinstance(text, str) and _is_cut(text):
            yield cut_short.advice(_cut(name), number)
        if isinstance(text, str) and limit is not None and len(text) > limit:
            yield too_long.advice(_long(name, limit), number)
    if "extra_body" in given:
        yield EXTRA_BODY.advice(_EXTRA_BODY, number)


def _given(body: bytes) -> dict[str, object]:
    """The fields of a body that the mock refused, as far as anybody can read them."""
    if len(body) > contract.BODY_LIMIT:
        return {}
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def _is_cut_inside(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError as problem:
        return body[problem.end : problem.end + 1] == b'"'
    return False


def _is_cut(text: str) -> bool:
    last = text[-1:]
    return last in _CUT_ENDS or "\ud800" <= last <= "\udfff"


def _cut(name: str) -> str:
    return (
        f"a {name} ends in half a surrogate pair, U+FFFD or U+200D, as a cut inside a character "
        "leaves it; cut between whole characters, and never by bytes or UTF-16 units"
    )


def _long(name: str, limit: int) -> str:
    return (
        f"a {name} of more than {limit} characters came, which is refused; "
        "ask for less where it is written, or cut it between words"
    )


@lru_cache(maxsize=64)
def _unknown(name: str, model: str) -> str:
    known = (contract.MODEL_PARAMETER.name, *_MODELS[model])
    near = difflib.get_close_matches(name, known, n=1)
    way_out = (
        f'did you mean "{near[0]}"?'
        if near
        else "leave it out, since what it asks for does not happen"
    )
    return f"the field {cut(name)} is none of this API's and was passed over; {way_out}"
