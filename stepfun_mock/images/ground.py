"""The lower part of the picture where it is land: meadow, dunes, pines or a town; no water."""

from collections.abc import Sequence

from stepfun_mock.images.canvas import TALLEST, Canvas
from stepfun_mock.images.inks import BACK, BETWEEN, DETAIL, FRONT, NEAR, Ink, Ramp
from stepfun_mock.images.noise import numbers, stretched, swells


def ground(width: int, rows: int, kind: str, variant: int) -> Canvas:
    """Draw ``kind``, a key of KINDS, in ``variant`` before the mist that the ridges end in."""
    canvas = Canvas(width, rows, lambda _: NEAR.last)
    KINDS[kind](canvas, f"{kind} {variant}")
    return canvas


def hills(
    canvas: Canvas, name: str, low: int, high: int, ramp: Ramp, corners: int = 5
) -> list[int]:
    """Paint a hilly layer between ``low`` and ``high`` 256ths of the canvas and return its tops."""
    floor = len(canvas.rows) * low >> 8
    reach = min(len(canvas.rows) * (high - low) >> 8, TALLEST)
    heights = stretched(swells(name, corners), canvas.width, 0, 2 * reach)
    canvas.silhouette(heights, ramp, floor)
    return [len(canvas.rows) - floor - height // 2 for height in heights]


def _meadow(canvas: Canvas, name: str) -> None:
    tops = hills(canvas, f"{name} back", 150, 236, BACK)
    _grove(canvas, f"{name} back grove", tops, BETWEEN)
    tops = hills(canvas, f"{name} between", 70, 176, BETWEEN)
    _grove(canvas, f"{name} grove", tops, FRONT)
    hills(canvas, f"{name} front", 8, 92, FRONT)


def _grove(canvas: Canvas, name: str, tops: Sequence[int], ramp: Ramp) -> None:
    rows, dice = len(canvas.rows), numbers(name, 16)
    for place, size in zip(dice[::2], dice[1::2], strict=True):
        x = place * canvas.width >> 8
        radius = rows * (9 + size % 9) >> 9
        canvas.capsule(x, tops[x] - radius * 2, radius, ramp.over(rows))
        canvas.box(x - 1, tops[x] - radius * 2, 3, radius * 3, ramp.over(rows))


def _dunes(canvas: Canvas, name: str) -> None:
    hills(canvas, f"{name} back", 150, 226, BACK)
    _dune(canvas, f"{name} between", (70, 180), BETWEEN)
    _dune(canvas, f"{name} front", (8, 116), FRONT)


def _dune(canvas: Canvas, name: str, heights: tuple[int, int], shade: Ramp) -> None:
    low, high = (len(canvas.rows) * height >> 8 for height in heights)
    reach = 2 * min(high - low, TALLEST)
    crest = stretched(swells(name, 5), canvas.width, 0, reach)
    fall = stretched(swells(f"{name} shade", 6), canvas.width, 0, reach)
    canvas.silhouette(crest, BACK, low)
    canvas.silhouette([min(pair) for pair in zip(crest, fall, strict=True)], shade, low)


def _pines(canvas: Canvas, name: str) -> None:
    hills(canvas, f"{name} hill", 130, 216, BACK)
    _trees(canvas, f"{name} far", 12, (96, 176), BETWEEN)
    hills(canvas, f"{name} floor", 70, 100, BETWEEN)
    _trees(canvas, f"{name} near", 8, (110, 246), FRONT)
    hills(canvas, f"{name} earth", 12, 34, FRONT)


def _trees(canvas: Canvas, name: str, count: int, heights: tuple[int, int], ramp: Ramp) -> None:
    rows, dice = len(canvas.rows), numbers(name, 2 * count)
    low, high = heights
    for place, (shake, size) in enumerate(zip(dice[::2], dice[1::2], strict=True)):
        x = (place * 256 + shake) * canvas.width // (count * 256)
        top = rows - (rows * (low * 256 + (high - low) * size) >> 16)
        _pine(canvas, x, top, ramp.over(rows))


def _pine(canvas: Canvas, x: int, top: int, ink: Ink) -> None:
    tall = len(canvas.rows) - top
    tier = max(tall // 5, 8)
    for down in range(tall):
        level, part = divmod(down, tier)
        half = (level * tier // 2 + part) // 6 * 2 + 1
        canvas.span(top + down, x - half, x + half + 1, ink(top + down))


def _town(canvas: Canvas, name: str) -> None:
    _blocks(canvas, f"{name} back", 20, (130, 250), BACK)
    tops = _blocks(canvas, f"{name} between", 13, (60, 190), BETWEEN)
    _windows(canvas, f"{name} windows", tops)
    hills(canvas, f"{name} park", 10, 48, FRONT, 9)


def _blocks(
    canvas: Canvas, name: str, count: int, heights: tuple[int, int], ramp: Ramp
) -> list[int]:
    rows, dice = len(canvas.rows), numbers(name, 2 * count)
    shares = [96 + number for number in dice[:count]]
    low, high = heights
    tops: list[int] = []
    for share, size in zip(shares, dice[count:], strict=True):
        top = rows - (rows * (low * 256 + (high - low) * size) >> 16)
        columns = share * canvas.width // sum(shares) + 1
        canvas.box(len(tops), top, columns, rows - top, ramp.over(rows))
        tops += [top] * columns
    return tops


def _windows(canvas: Canvas, name: str, tops: Sequence[int]) -> None:
    rows, pane = len(canvas.rows), max(len(canvas.rows) // 64, 3)
    columns = range(pane, canvas.width - 2 * pane, 3 * pane)
    for x in columns:
        lit = numbers(f"{name} {x}", rows)
        if len(set(tops[x - pane : x + 2 * pane])) == 1:
            for y in range(tops[x] + 2 * pane, rows, 3 * pane):
                if lit[y] < 80:
                    canvas.box(x, y, pane, pane * 3 // 2, DETAIL.over(rows))


KINDS = {"meadow": _meadow, "dunes": _dunes, "pines": _pines, "town": _town}
