"""One prompt drawn again and again with one thing changed: pictures as evidence.

With one seed, a parameter left out must give the picture of its documented default. How much two
pictures of the same request differ is measured first.
"""

from dataclasses import replace

from .probe import Probe, asking
from .prompts import ascii_text
from .table import MINIMAL, PARAMETER, PARAMETERS

SEED = 20261010
GUIDANCE = 7.5
UNKNOWN_FIELD = "stepfun_mock_check"

MORE_STEPS = PARAMETER["steps"].maximum
LONG_PROMPT = ascii_text(PARAMETER["prompt"].max_length or 0)
NEGATIVE = ascii_text(PARAMETER["negative_prompt"].max_length or 0)

_DEFAULTS = {
    parameter.name: parameter.default
    for parameter in PARAMETERS
    if parameter.default is not None and parameter.name != "response_format"
}
_B64 = {"response_format": "b64_json"}
_SEEDED = {**MINIMAL, **_B64, "seed": SEED}
_SPELLED = {**_SEEDED, **_DEFAULTS}
_GUIDED = {**_SEEDED, "cfg_scale": GUIDANCE}
_ZERO = {**_SEEDED, "prompt": LONG_PROMPT, "seed": 0}
_CHANGES: dict[str, object] = {"steps": MORE_STEPS, "cfg_scale": GUIDANCE, "text_mode": True}


def _draw(label: str, fields: dict[str, object], **more: object) -> Probe:
    return asking(f"series/{label}", fields, draws=True, alone=True, **more)


FIRST = _draw("all left out", MINIMAL)
REPLAY = _draw("its seed again", {**MINIMAL, **_B64}, seed_of=FIRST.id)
REPLAY_BY_LINK = _draw("its seed again, by link", MINIMAL, seed_of=FIRST.id, spare=True)

STEPS = _draw("more steps", {**_SEEDED, "steps": MORE_STEPS})
TEXT_MODE = _draw("text_mode on", {**_SEEDED, "text_mode": True})
GUIDED_NEGATIVE = _draw(
    "more guidance and a negative prompt", {**_GUIDED, "negative_prompt": NEGATIVE}
)
CHANGED = (STEPS, TEXT_MODE, GUIDED_NEGATIVE)
"""Asked before `SAME`, so that a server which remembers what it was sent shows it."""

BASE = _draw("one seed", _SEEDED)
AGAIN = _draw("the same again", _SEEDED)
ONCE_MORE = _draw("with a field that nobody knows", {**_SEEDED, UNKNOWN_FIELD: True})
SAME = (BASE, AGAIN, ONCE_MORE)
"""Three pictures of one request: how much they differ is the noise."""

SPELLED = _draw("all defaults spelled out", _SPELLED)
WHOLE = _draw(
    "a negative prompt at no guidance", {**_SPELLED, "cfg_scale": 1, "negative_prompt": NEGATIVE}
)
GUIDED = _draw("more guidance", _GUIDED)
GUIDED_EMPTY = _draw("more guidance, empty negative prompt", {**_GUIDED, "negative_prompt": ""})
ZERO = _draw("seed 0", _ZERO)
ZERO_AGAIN = _draw("seed 0 again", _ZERO)

LATE = _draw("all left out, late", MINIMAL)
"""Drawn when the links have grown old, and after requests that spell the format out."""

ALL = (
    FIRST,
    REPLAY,
    *CHANGED,
    *SAME,
    SPELLED,
    WHOLE,
    GUIDED,
    GUIDED_EMPTY,
    ZERO,
    ZERO_AGAIN,
)
"""All but the last picture."""


def drawn_again(probe: Probe) -> Probe:
    """The same request, for a second look where the first gave another picture than was due."""
    return replace(probe, id=f"{probe.id}, second look", spare=True)


def second_looks(name: str) -> tuple[Probe, ...]:
    """What is drawn again where a parameter left out seems not to be its default."""
    return tuple(drawn_again(probe) for probe in (*changed_first(name), SPELLED))


def changed_first(name: str) -> tuple[Probe, Probe]:
    """A parameter changed, and then left out with all else spelled: which default is wrong?"""
    changed = {**_SPELLED, name: _CHANGES[name]}
    left_out = {key: value for key, value in _SPELLED.items() if key != name}
    return (
        _draw(f"{name} changed", changed, spare=True),
        _draw(f"{name} left out", left_out, spare=True),
    )
