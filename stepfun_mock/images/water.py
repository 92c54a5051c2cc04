"""The lower part of the picture where it is water: a lake that mirrors the ridges, or the sea."""

from stepfun_mock.images.canvas import Canvas
from stepfun_mock.images.ground import hills
from stepfun_mock.images.inks import BACK, DETAIL, FRONT, MIRRORED, Ramp
from stepfun_mock.images.noise import numbers
from stepfun_mock.images.ridges import low_sun_at, outlines


def lake(width: int, rows: int, above: int, variant: int, low_sun: bool) -> Canvas:
    """Draw a lake under the ``above`` rows of ridges ``variant``, which it mirrors."""
    canvas = Canvas(width, rows, BACK.over(rows))
    canvas.rows.reverse()
    for heights, ramp in zip(outlines(width, above, variant, low_sun), MIRRORED, strict=True):
        _mirror(canvas, heights, ramp)
    canvas.rows.reverse()
    name = f"lake {variant} {low_sun}"
    if low_sun:
        _glitter(canvas, name, low_sun_at(width, variant), above // 4)
    _ripples(canvas, name)
    hills(canvas, f"{name} bank", 0, 50, FRONT, 4)
    return canvas


def sea(width: int, rows: int, variant: int) -> Canvas:
    """Draw an open sea with sailing boats and a cape in front."""
    canvas = Canvas(width, rows, BACK.over(rows))
    name = f"sea {variant}"
    _ripples(canvas, name)
    dice = numbers(f"{name} boats", 6)
    for boat, (place, size) in enumerate(zip(dice[:3], dice[3:], strict=True)):
        _boat(canvas, (boat * 256 + place) * width // 768, rows * (40 + size // 4) >> 8, rows)
    hills(canvas, f"{name} cape", 0, 90, FRONT, 5)
    return canvas


def _mirror(canvas: Canvas, heights: list[int], ramp: Ramp) -> None:
    canvas.silhouette([height * 5 // 8 for height in heights], ramp)


def _ripples(canvas: Canvas, name: str) -> None:
    rows, dice = len(canvas.rows), numbers(f"{name} ripples", 72)
    # Some rows late, the gradient is lighter than the water around.
    ink = BACK.over(rows, rows // 6)
    for left, down, size in zip(dice[::3], dice[1::3], dice[2::3], strict=True):
        stretch = canvas.width * (6 + size // 8) >> 9
        canvas.capsule(
            left * canvas.width >> 8, 4 + (down * (128 + down // 2) * rows >> 16), 1, ink, stretch
        )


def _glitter(canvas: Canvas, name: str, x: int, radius: int) -> None:
    rows, dice = len(canvas.rows), numbers(f"{name} glitter", 22)
    for bar, number in enumerate(dice):
        stretch = radius * (48 + number // 2) * (32 - bar) // 6000
        y = rows * (12 + bar * 10) >> 8
        canvas.capsule(x + number % 32 - 16, y, max(rows // 160, 1), DETAIL.over(rows), stretch)


def _boat(canvas: Canvas, x: int, y: int, rows: int) -> None:
    tall = rows * (20 + 60 * y // rows) >> 8
    for down in range(tall):
        canvas.span(y - tall + down, x - down * 2 // 5, x, DETAIL.first)
        canvas.span(y - tall + down, x + 2, x + 2 + down // 2, DETAIL.first + 3)
    for down in range(tall // 6):
        canvas.span(y + 2 + down, x - tall // 2 + down, x + tall * 5 // 8 - down, FRONT.first)
