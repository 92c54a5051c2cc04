"""A request's picture from its parts: scenery, colours, caption and PNG; it decides no validity."""

from hashlib import blake2b
from typing import TYPE_CHECKING

from stepfun_mock.images import scenery
from stepfun_mock.images.caption import HEIGHT, caption
from stepfun_mock.images.palette import Look, look, palette
from stepfun_mock.images.png import png

if TYPE_CHECKING:
    from stepfun_mock.message import ImageRequest


def picture(request: "ImageRequest", seed: int) -> bytes:
    """Put it together; see `stepfun_mock.images.draw`."""
    shown = scenery.scene(request.prompt, seed)
    width, height = request.width, request.height
    colours = palette(shown.mood, shown.dice, _look(request), shown.surface)
    margin = caption(width, _label(request, seed), request.prompt, request.text_mode)
    fragments = (*scenery.parts(shown, width, height - HEIGHT), margin)
    return png(width, colours, _texts(request, seed), fragments)


def _look(request: "ImageRequest") -> Look:
    turn = 0
    if request.cfg_scale > 1.0 and request.negative_prompt:
        unwanted = request.negative_prompt.encode(errors="surrogatepass")
        number = blake2b(unwanted, digest_size=1).digest()[0]
        turn = (24 + number // 8) * (1 if number % 2 else -1)
    return look(request.steps, request.cfg_scale, turn)


def _label(request: "ImageRequest", seed: int) -> str:
    # Not 1360x768: that is a size of the API too, and another one.
    size = f"{request.width}w x {request.height}h"
    cfg_scale = round(float(request.cfg_scale), 4)
    return f"MOCK {size}  seed {seed}  steps {request.steps}  cfg {cfg_scale}"


def _texts(request: "ImageRequest", seed: int) -> dict[str, str]:
    return {
        "Software": "stepfun-mock",
        "model": request.model,
        "prompt": request.prompt,
        "size": request.size,
        "seed": str(seed),
        "steps": str(request.steps),
        "cfg_scale": repr(float(request.cfg_scale)),
        "negative_prompt": request.negative_prompt,
        "text_mode": str(request.text_mode).lower(),
    }
