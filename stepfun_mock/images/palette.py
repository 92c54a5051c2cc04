"""The 256 colours of a picture, mixed from the anchors of its mood; it knows no shapes."""

from typing import Literal, NamedTuple

from stepfun_mock.images.colour import Colour, gradient, mix, turned, vivid
from stepfun_mock.images.inks import (
    BACK,
    BETWEEN,
    CLOUD,
    DETAIL,
    FAR,
    FRONT,
    GLOW,
    HALO,
    MIDDLE,
    MIRRORED,
    NEAR,
    SKY,
    SNOW,
    STAR,
    SUN,
    VEIL,
    Ramp,
)
from stepfun_mock.images.moods import Mood

DICE = 27
"""How many random bytes vary a mood."""

Surface = Literal["land", "stone", "water"]
"""What the foreground is made of, which decides its colours."""

_MOST_LEVELS = 32
_WHITE, _BLACK = (247, 242, 231), (34, 30, 38)


class Look(NamedTuple):
    """What a request changes about the colours while the scene stays.

    Args:
        levels: Flat steps per gradient, 2..32.
        contrast: Distance from mid grey in 256ths.
        saturation: Distance from the colour's own grey in 256ths.
        turn: Hue shift in 256ths of a third of the circle, either way.
    """

    levels: int
    contrast: int
    saturation: int
    turn: int


class _Anchors(NamedTuple):
    top: Colour
    high: Colour
    low: Colour
    sun: Colour
    far: Colour
    near: Colour
    land: Colour
    dark: Colour


def look(steps: int, cfg_scale: float, turn: int) -> Look:
    """Return the look of ``steps`` (finer gradients) and ``cfg_scale`` (stronger colours)."""
    strength = round(min(max(cfg_scale, 0.0), 20.0) * 100)
    return Look(
        levels=min(2 + max(steps, 0) * 3 // 5, _MOST_LEVELS),
        contrast=248 + strength * 6 // 100,
        saturation=246 + strength * 8 // 100,
        turn=turn,
    )


def palette(mood: Mood, dice: bytes, shown: Look, surface: Surface) -> bytes:
    """Return 256 entries of red, green and blue; the DICE bytes vary the mood a little."""
    anchors = _Anchors(
        *(
            _varied(colour, dice[3 * i : 3 * i + 3], dice[24:27], shown)
            for i, colour in enumerate(mood[1:])
        )
    )
    if surface == "stone":
        anchors = anchors._replace(land=mix(anchors.near, anchors.far, 110))
    veil = anchors.high if mood.night else mix(anchors.sun, anchors.low, 60)
    lower = _water if surface == "water" else _land
    # In the order of the inks, without a gap.
    return b"".join(
        (
            _sky(anchors, veil, shown.levels),
            _ridges(anchors, shown.levels),
            lower(anchors, shown.levels),
            _print(anchors),
        )
    )


def _varied(anchor: bytes, own: bytes, shared: bytes, shown: Look) -> Colour:
    red, green, blue = (
        channel + (one - 128) // 16 + (all_ - 128) // 12
        for channel, one, all_ in zip(anchor, own, shared, strict=True)
    )
    return vivid(turned((red, green, blue), shown.turn), shown.contrast, shown.saturation)


def _sky(anchors: _Anchors, veil: Colour, levels: int) -> bytes:
    _, _, low, sun, far, near, _, dark = anchors
    return b"".join(
        (
            _heaven(anchors, sun, 0, SKY, levels),
            _heaven(anchors, sun, 46, HALO, levels),
            _heaven(anchors, sun, 100, GLOW, levels),
            _heaven(anchors, veil, 150, CLOUD, levels),
            _heaven(anchors, veil, 70, VEIL, levels),
            _heaven(anchors, sun, 190, STAR, levels),
            gradient(sun, mix(sun, low, 90), SUN.size, levels),
            bytes(mix(near, dark, 128)),
            _layer(mix(sun, far, 60), mix(sun, far, 120), SNOW, levels, low),
        )
    )


def _ridges(anchors: _Anchors, levels: int) -> bytes:
    low, far, near = anchors.low, anchors.far, anchors.near
    middle, mist = mix(far, near, 120), mix(far, low, 150)
    return (
        _layer(far, mist, FAR, levels, low)
        + _layer(middle, mix(mist, far, 60), MIDDLE, levels, mist)
        + _layer(near, mix(mist, middle, 60), NEAR, levels, mist)
    )


def _land(anchors: _Anchors, levels: int) -> bytes:
    _, _, low, sun, far, _, land, dark = anchors
    mist = mix(far, low, 150)
    return (
        _layer(mix(land, mist, 110), mix(land, mist, 20), BACK, levels, mix(mist, land, 128))
        + _layer(mix(land, dark, 50), mix(land, dark, 120), BETWEEN, levels, land)
        + _layer(mix(land, dark, 180), dark, FRONT, levels, land)
        + gradient(sun, mix(sun, land, 128), DETAIL.size, levels)
    )


def _water(anchors: _Anchors, levels: int) -> bytes:
    _, high, low, sun, far, near, _, dark = anchors
    middle, surface, deep = mix(far, near, 120), mix(low, far, 60), mix(high, dark, 110)
    return b"".join(
        (
            _layer(surface, deep, BACK, levels, deep),
            *(
                _layer(mix(ridge, deep, 110), mix(ridge, surface, 60), ramp, levels, behind)
                for ramp, ridge, behind in zip(
                    MIRRORED, (far, middle, near), (surface, far, middle), strict=True
                )
            ),
            bytes(deep),
            _layer(mix(near, dark, 160), dark, FRONT, levels, deep),
            gradient(mix(sun, low, 40), mix(sun, deep, 120), DETAIL.size, levels),
        )
    )


def _heaven(anchors: _Anchors, target: Colour, share: int, ramp: Ramp, levels: int) -> bytes:
    start, bend, end = (mix(colour, target, share) for colour in anchors[:3])
    half = ramp.size // 2
    return gradient(start, bend, half, levels) + gradient(bend, end, half, levels)


def _layer(start: Colour, end: Colour, ramp: Ramp, levels: int, behind: Colour) -> bytes:
    return gradient(start, end, ramp.size, levels) + bytes(mix(start, behind, 160))


def _print(anchors: _Anchors) -> bytes:
    paper, ink = mix(_WHITE, anchors.low, 24), mix(_BLACK, anchors.dark, 110)
    return bytes(paper + mix(ink, paper, 80) + ink)
