"""Repeatable whole numbers and outlines made from a name; no clock, no shared state, no floats."""

from collections.abc import Sequence
from hashlib import shake_128
from itertools import pairwise


def numbers(name: str, count: int) -> bytes:
    """Return ``count`` numbers of 0..255 that depend on nothing but ``name``."""
    return shake_128(name.encode()).digest(count)


def crags(name: str, corners: int) -> list[int]:
    """Return a jagged outline: the gaps between ``corners`` are halved and shaken four times."""
    heights = [number << 8 for number in numbers(name, corners)]
    for halving in range(4):
        shakes = numbers(f"{name} {halving}", len(heights))
        shaken: list[int] = []
        for (left, right), shake in zip(pairwise(heights), shakes, strict=False):
            shaken += [left, (left + right) // 2 + ((shake - 128) * 52 >> halving)]
        heights = [*shaken, heights[-1]]
    return heights


def swells(name: str, corners: int) -> list[int]:
    """Return a rolling outline: ``corners`` cut round four times."""
    heights = [number << 8 for number in numbers(name, corners)]
    for _ in range(4):
        rounded: list[int] = []
        for left, right in pairwise(heights):
            rounded += [(3 * left + right) // 4, (left + 3 * right) // 4]
        heights = rounded
    return heights


def stretched(outline: Sequence[int], width: int, low: int, high: int) -> list[int]:
    """Spread an outline over ``width`` columns, from ``low`` at its lowest to ``high``."""
    floor, gaps = min(outline), len(outline) - 1
    rise, reach = high - low, max(max(outline) - floor, 1)
    columns = []
    for x in range(width):
        place = (x * gaps << 8) // width
        gap, part = place >> 8, place & 255
        height = (outline[gap] * (256 - part) + outline[gap + 1] * part >> 8) - floor
        columns.append(low + height * rise // reach)
    return columns
