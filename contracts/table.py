"""The written table: every end of every range from both sides, and every wrong type.

Derived from `stepfun_mock.contract`: a figure changed there changes what is asked here. What must
be refused stands here, one fault to a request; what must be accepted stands in `rows`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from stepfun_mock import contract
from stepfun_mock.terms import Kind, Parameter

from .probe import Probe, asking
from .prompts import PLAIN, ascii_text, cjk_text, emoji_text

MODEL = contract.MODELS[0]
PARAMETERS = (contract.MODEL_PARAMETER, *MODEL.parameters)
PARAMETER = {parameter.name: parameter for parameter in PARAMETERS}
MINIMAL: dict[str, object] = {"model": MODEL.id, "prompt": PLAIN}

# One step outside a range that has no next number.
_STEP = 0.01
_SHOWN = 60

# What clients send that no page lists; each is one way to be wrong.
_UNLISTED: dict[str, tuple[object, ...]] = {
    "model": ("step-1x-medium", MODEL.id.upper(), f"{MODEL.id}-2026", ""),
    "size": ("512x512", "1024X1024", "768x1184", "1024*1024", "1024x1024 ", "auto"),
    "n": (0, 2, -1),
    "response_format": ("png", "B64_JSON", "b64"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A request with one fault, which must be refused.

    Args:
        probe: The request.
        rule: The rule that the fault offends.
        about: The fault in words, after "the server accepted".
        refusal: The rule that says how it is refused.
        lenient: Whether accepting it can be read into the page.
    """

    probe: Probe
    rule: str
    about: str
    refusal: str = "parameter.refused"
    lenient: bool = False


def cases(name: str) -> tuple[Case, ...]:
    """All that must be refused of one parameter."""
    return tuple(case for case in CASES if case.rule.partition(".")[0] == name)


def _cases() -> Iterator[Case]:
    for parameter in PARAMETERS:
        yield from _missing(parameter)
        yield from _wrong_types(parameter)
        yield from _outside(parameter)


def _case(
    parameter: Parameter, aspect: str, label: str, value: object, *, lenient: bool = False
) -> Case:
    name = parameter.name
    probe = asking(f"{name}.{aspect}/{label}", {**MINIMAL, name: value})
    refusal = f"{name}.refused" if aspect == "values" and name in ("model", "size") else None
    written = json.dumps(value, ensure_ascii=False)
    about = (
        f"{name} {written}" if len(written) < _SHOWN else f"{name} of {len(str(value))} characters"
    )
    return Case(probe, f"{name}.{aspect}", about, refusal or "parameter.refused", lenient)


def _missing(parameter: Parameter) -> Iterator[Case]:
    if not parameter.required:
        return
    name = parameter.name
    left = {key: value for key, value in MINIMAL.items() if key != name}
    yield Case(asking(f"{name}.required/missing", left), f"{name}.required", f"no {name}")
    yield _case(parameter, "required", "null", None)


def _wrong_types(parameter: Parameter) -> Iterator[Case]:
    right = _right(parameter)
    strange: dict[Kind, dict[str, object]] = {
        Kind.STRING: {"a number": 7, "true": True},
        Kind.INTEGER: {"a word": "one", "a fraction": 1.5, "true": True},
        Kind.NUMBER: {"a word": "high", "true": True},
        Kind.BOOLEAN: {"a text": "true", "1": 1},
        Kind.ARRAY: {},
    }
    for label, value in strange[parameter.kind].items():
        yield _case(parameter, "type", label, value)
    yield _case(parameter, "type", "a list", [right])
    yield _case(parameter, "type", "an object", {"value": right})
    if parameter.kind in (Kind.INTEGER, Kind.NUMBER):
        yield _case(parameter, "type", "numeric text", str(right), lenient=True)
    if parameter.kind is Kind.INTEGER:
        yield _case(parameter, "type", "a whole fraction", float(str(right)), lenient=True)


def _right(parameter: Parameter) -> object:
    """A value that the parameter may have."""
    if parameter.values:
        return parameter.values[0]
    if parameter.default not in (None, ""):
        return parameter.default
    return parameter.maximum if parameter.maximum is not None else PLAIN


def _outside(parameter: Parameter) -> Iterator[Case]:
    for value in _UNLISTED.get(parameter.name, ()):
        yield _case(parameter, "values", f"{value!r}", value)
    if parameter.minimum is not None and parameter.maximum is not None:
        step = 1 if parameter.kind is Kind.INTEGER else _STEP
        yield _case(parameter, "range", "below the lowest", parameter.minimum - step)
        yield _case(parameter, "range", "above the highest", parameter.maximum + step)
        if parameter.minimum > 0:
            yield _case(parameter, "range", "below nothing", -parameter.minimum)
    if parameter.max_length is not None:
        over = parameter.max_length + 1
        yield _case(parameter, "length", "one ASCII letter over", ascii_text(over))
        yield _case(parameter, "length", "one CJK character over", cjk_text(over))
        yield _case(parameter, "length", "one emoji over", emoji_text(over))


CASES: tuple[Case, ...] = tuple(_cases())


def _body(label: str, body: bytes, rule: str, about: str) -> Case:
    # Without a prompt there is nothing to draw.
    probe = Probe(id=f"body/{label}", body=body, may_draw=PLAIN.encode() in body)
    return Case(probe, rule, about, "body.refused")


_BEGUN = f'{{"model": "{MODEL.id}", "prompt": "{PLAIN}"'

BODIES: tuple[Case, ...] = (
    _body("empty", b"", "prompt.required", "an empty body"),
    _body("a list", b"[]", "prompt.required", "a list for a body"),
    _body("cut short", _BEGUN.encode(), "body.refused", "JSON that stops in the middle"),
    _body(
        "no UTF-8",
        f'{_BEGUN}, "negative_prompt": "'.encode() + b'\xff"}',
        "body.refused",
        "bytes that are no UTF-8",
    ),
    _body("NaN", f'{_BEGUN}, "cfg_scale": NaN}}'.encode(), "cfg_scale.type", "NaN for a number"),
)
"""Bodies that are no JSON object at all, or hold what JSON does not have."""
