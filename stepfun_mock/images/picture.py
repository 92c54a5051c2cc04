"""A request's picture from its parts: scenery, colours, caption and PNG; it decides no validity."""

from hashlib import blake2b
from typing import TYPE_CHECKING

from stepfun_mock.images import scenery
from stepfun_mock.images.caption import HEIGHT, caption
from stepfun_mock.images.palette import Look, look, palette
from stepfun_mock.images.png import png

if TYPE_CHECKING:
    from stepfun_mock.message import ImageRequest


def draw(request: "ImageRequest", seed: int) -> bytes:
    """Return a PNG of exactly ``request.width`` x ``request.height`` pixels, 256 or more each.

    The pixels depend on the size, the prompt, the seed, steps, cfg_scale, text_mode and, where
    cfg_scale is above 1.0, the negative prompt: on nothing else, on every machine. Prompt and
    seed choose the scene. ``cfg_scale`` has to be finite; values less than 0.0001 apart may
    give the same pixels. The parameters are in the PNG's text chunks, in which U+0000 becomes
    U+2400 because PNG forbids it.
    """
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
