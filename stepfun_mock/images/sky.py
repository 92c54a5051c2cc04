"""The upper part of the picture: sun or moon, clouds, stars and birds; it knows no ridges."""

from stepfun_mock.images.canvas import Canvas
from stepfun_mock.images.inks import BIRD, CLOUD, GLOW, HALO, SKY, STAR, SUN, VEIL
from stepfun_mock.images.noise import numbers


def sky(width: int, rows: int, horizon: int, variant: int, night: bool, lit: bool) -> Canvas:
    """Draw sky ``variant``, ``lit`` by a sun or, at ``night``, by a moon among stars.

    ``horizon`` is the row, counted from the top of the picture, where the gradient ends.
    """
    canvas = Canvas(width, rows, SKY.over(horizon))
    # The word decides the shapes: of a dozen that were tried, this one gives the finest.
    name = f"ether {variant} {night} {lit}"
    unit = min(width, rows * 2)
    if night:
        _stars(canvas, name, horizon)
    if lit:
        _high_orb(canvas, name, horizon, unit, crescent=night and variant % 2 == 1)
    for cloud in range(1 if night else 3):
        _cloud(canvas, f"{name} {cloud}", horizon, unit)
    if not night:
        _birds(canvas, name, unit)
    return canvas


def orb(canvas: Canvas, x: int, y: int, radius: int, horizon: int, above: int) -> None:
    """Paint a sun or moon in two rings of glow, ``above`` rows of sky being over the canvas."""
    canvas.capsule(x, y, radius * 5 // 2, HALO.over(horizon, -above))
    canvas.capsule(x, y, radius * 13 // 8, GLOW.over(horizon, -above))
    canvas.capsule(x, y, radius, SUN.over(radius * 2, y - radius))


def _high_orb(canvas: Canvas, name: str, horizon: int, unit: int, crescent: bool) -> None:
    dice = numbers(f"{name} orb", 3)
    x = canvas.width * (48 + dice[0] * 5 // 8) >> 8
    y = len(canvas.rows) * (104 + dice[1] // 4) >> 8
    radius = unit * (13 + dice[2] // 36) >> 8
    orb(canvas, x, y, radius, horizon, 0)
    if crescent:
        canvas.capsule(x + radius // 2, y - radius // 4, radius * 7 // 8, GLOW.over(horizon))


def _stars(canvas: Canvas, name: str, horizon: int) -> None:
    dice = numbers(f"{name} stars", 240)
    for left, down, fine in zip(dice[::3], dice[1::3], dice[2::3], strict=True):
        x = (left * 256 + fine) * canvas.width >> 16
        y = (down * 256 + fine) * len(canvas.rows) >> 16
        size = 3 if fine < 24 else 2
        canvas.box(x, y, size, size, STAR.over(horizon))


def _cloud(canvas: Canvas, name: str, horizon: int, unit: int) -> None:
    dice = numbers(f"{name} cloud", 7)
    x, y = dice[0] * canvas.width >> 8, (32 + dice[1] * 3 // 4) * len(canvas.rows) >> 8
    radius = unit * (8 + dice[2] % 5) >> 9
    ink = (CLOUD if dice[3] & 1 else VEIL).over(horizon)
    canvas.capsule(x, y, radius, ink, radius * (3 + dice[4] % 3))
    canvas.capsule(x + radius * (dice[5] % 5 - 2), y - radius, radius * 5 // 4, ink, radius)
    canvas.capsule(x + radius * (dice[6] % 7 - 3), y + radius, radius * 3 // 4, ink, radius * 4)


def _birds(canvas: Canvas, name: str, unit: int) -> None:
    dice = numbers(f"{name} birds", 11)
    wing = max(unit // 88, 4)
    for left, down in zip(dice[1:6], dice[6:], strict=True):
        x = (16 + dice[0] * 3 // 4 + left // 6) * canvas.width >> 8
        y = (96 + down // 3) * len(canvas.rows) >> 8
        for step in range(wing):
            rise = (wing - abs(2 * step - wing)) * 2 // 5
            for column in (x - step, x + step):
                canvas.box(column, y - rise, 1, 2, BIRD.over(1))
