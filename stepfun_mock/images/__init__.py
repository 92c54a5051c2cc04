"""Pictures for the mock: a valid PNG for any request, and nothing that generates with a model."""

from typing import TYPE_CHECKING

from stepfun_mock.images.jpeg import jpeg

if TYPE_CHECKING:
    from stepfun_mock.message import ImageRequest

__all__ = ["draw", "jpeg"]


def draw(request: "ImageRequest", seed: int) -> bytes:
    """Return a PNG of exactly ``request.width`` x ``request.height`` pixels, 256 or more each.

    The pixels depend on the size, the prompt, the seed, steps, cfg_scale, text_mode and, where
    cfg_scale is above 1.0, the negative prompt: on nothing else, on every machine. Prompt and
    seed choose the scene. ``cfg_scale`` has to be finite; values less than 0.0001 apart may
    give the same pixels. The parameters are in the PNG's text chunks, in which U+0000 becomes
    U+2400 because PNG forbids it.
    """
    # Loaded with the first picture: who asks for links, and fetches none, starts sooner.
    from stepfun_mock.images import picture

    return picture.picture(request, seed)
