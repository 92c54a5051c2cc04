"""Colours and gradients in whole numbers, the same on every machine; it picks none itself."""

from functools import lru_cache

Colour = tuple[int, int, int]
"""Red, green and blue, 0..255 each."""


def mix(start: Colour, end: Colour, share: int) -> Colour:
    """Return the colour ``share`` 256ths of the way from ``start`` to ``end``."""
    return (
        start[0] + ((end[0] - start[0]) * share >> 8),
        start[1] + ((end[1] - start[1]) * share >> 8),
        start[2] + ((end[2] - start[2]) * share >> 8),
    )


def turned(colour: Colour, share: int) -> Colour:
    """Turn the hue by ``share``: at 256 red takes green's place, at -256 blue's."""
    red, green, blue = colour
    if share < 0:
        return mix(colour, (blue, red, green), -share)
    return mix(colour, (green, blue, red), share)


def vivid(colour: Colour, contrast: int, saturation: int) -> Colour:
    """Stretch the channels around mid grey and around their own grey, in 256ths."""
    grey = (77 * colour[0] + 150 * colour[1] + 29 * colour[2]) >> 8
    middle = 128 + ((grey - 128) * contrast >> 8)
    red, green, blue = (
        min(max(middle + ((channel - grey) * saturation >> 8), 0), 255) for channel in colour
    )
    return red, green, blue


def gradient(start: Colour, end: Colour, count: int, levels: int) -> bytes:
    """Return ``count`` palette entries from ``start`` to ``end`` in ``levels`` flat steps."""
    shares = _shares(count, min(levels, count))
    entries = bytearray(3 * count)
    for channel in range(3):
        first = start[channel]
        offsets = shares.translate(_offsets(end[channel] - first))
        entries[channel::3] = offsets.translate(_TWICE[first : first + 256])
    return bytes(entries)


_TWICE = bytes(range(256)) * 2


@lru_cache(maxsize=511)
def _offsets(reach: int) -> bytes:
    # Bytes wrap around, below zero too; adding the start wraps them back.
    return bytes([reach * share >> 8 & 255 for share in range(256)])


@lru_cache(maxsize=256)
def _shares(count: int, levels: int) -> bytes:
    return bytes([(2 * (i * levels // count) + 1) * 128 // levels for i in range(count)])
