"""One prompt drawn again and again with one thing changed: pictures as evidence.

With one seed, a parameter left out must give the picture of its documented default. How much two
pictures of the same request differ is measured first.
"""

from stepfun_mock import contract

from .probe import Probe, asking
from .prompts import NEGATIVE
from .table import MINIMAL, PARAMETERS

SEED = 20261010
OTHER_SEED = 1234567891
UNKNOWN_FIELD = "stepfun_mock_check"

_DEFAULTS = {
    parameter.name: parameter.default
    for parameter in PARAMETERS
    if parameter.default is not None and parameter.name != "response_format"
}
_B64 = {"response_format": "b64_json"}
_SEEDED = {**MINIMAL, **_B64, "seed": SEED}
_GUIDED = {**_SEEDED, "cfg_scale": 7.5}


def _draw(label: str, fields: dict[str, object], **more: object) -> Probe:
    return asking(f"series/{label}", fields, draws=True, **more)


FIRST = _draw("all left out", MINIMAL)
REPLAY = _draw("its seed again", {**MINIMAL, **_B64}, seed_of=FIRST.id)
REPLAY_BY_LINK = _draw("its seed again, by link", MINIMAL, seed_of=FIRST.id, spare=True)
BASE = _draw("one seed", _SEEDED)
AGAIN = _draw("the same again", _SEEDED)
ONCE_MORE = _draw("with a field that nobody knows", {**_SEEDED, UNKNOWN_FIELD: True})
SPELLED = _draw("all defaults spelled out", {**_SEEDED, **_DEFAULTS})
STEPS = _draw("more steps", {**_SEEDED, "steps": 30})
TEXT_MODE = _draw("text_mode on", {**_SEEDED, "text_mode": True})
NEUTRAL = _draw("a negative prompt at no guidance", {**_SEEDED, "negative_prompt": NEGATIVE})
GUIDED = _draw("more guidance", _GUIDED)
GUIDED_EMPTY = _draw("more guidance, empty negative prompt", {**_GUIDED, "negative_prompt": ""})
GUIDED_NEGATIVE = _draw(
    "more guidance and a negative prompt", {**_GUIDED, "negative_prompt": NEGATIVE}
)
OTHER = _draw("another seed, late", {**_SEEDED, "seed": OTHER_SEED})

SAME = (BASE, AGAIN, ONCE_MORE)
"""Three pictures of one request: how much they differ is the noise."""

ALL = (
    FIRST,
    REPLAY,
    *SAME,
    SPELLED,
    STEPS,
    TEXT_MODE,
    NEUTRAL,
    GUIDED,
    GUIDED_EMPTY,
    GUIDED_NEGATIVE,
)
"""All but the last picture, which is drawn when the links have grown old."""


def spelled_alone(name: str) -> Probe:
    """One default spelled out: asked where all together give another picture."""
    return _draw(f"{name} spelled out", {**_SEEDED, name: _DEFAULTS[name]}, spare=True)


NEUTRAL_CFG_SCALE = contract.NEUTRAL_CFG_SCALE
