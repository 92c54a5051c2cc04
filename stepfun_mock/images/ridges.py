"""The middle of the picture: three ridges in the mist, one behind the other; no foreground."""

from stepfun_mock.images.canvas import Canvas
from stepfun_mock.images.inks import FAR, MIDDLE, NEAR, SKY, SNOW
from stepfun_mock.images.noise import crags, numbers, stretched, swells
from stepfun_mock.images.sky import orb


def outlines(width: int, rows: int, variant: int, low_sun: bool) -> tuple[list[int], ...]:
    """Return the heights per column, in half rows, of the far, the middle and the near ridge."""
    # As in the sky, the word was picked for its shapes: here no sun hides behind a peak.
    name = f"ether {variant} {low_sun}"
    reach = 2 * rows * (21 if low_sun else 30) // 32
    far, middle = ((crags, crags), (crags, swells), (swells, swells))[variant % 3]
    return (
        stretched(far(f"{name} far", 7 + variant % 4), width, reach * 3 // 8, reach),
        stretched(middle(f"{name} middle", 6 + variant % 3), width, reach // 5, reach * 5 // 8),
        stretched(swells(f"{name} near", 7), width, reach // 16, reach * 3 // 8),
    )


def low_sun_at(width: int, variant: int) -> int:
    """Return the column of the sun that stands between the ridges of ``variant``."""
    return width * (64 + numbers(f"ether sun {variant}", 1)[0] // 2) >> 8


def ridges(width: int, rows: int, above: int, variant: int, low_sun: bool) -> Canvas:
    """Draw ridges ``variant`` under ``above`` rows of sky, with a sun between them or without."""
    horizon = above + rows
    canvas = Canvas(width, rows, SKY.over(horizon, -above))
    if low_sun:
        orb(canvas, low_sun_at(width, variant), rows * 41 // 64, rows // 4, horizon, above)
    far, middle, near = outlines(width, rows, variant, low_sun)
    if variant % 3 == 2 or low_sun:
        canvas.silhouette(far, FAR)
    else:
        _snowy(canvas, far, f"ether snow {variant}")
    canvas.silhouette(middle, MIDDLE)
    canvas.silhouette(near, NEAR)
    return canvas


def _snowy(canvas: Canvas, far: list[int], name: str) -> None:
    peak = max(far)
    line = stretched(crags(name, 16), canvas.width, peak * 11 // 16, peak * 14 // 16)
    canvas.silhouette(far, SNOW)
    canvas.silhouette([min(pair) for pair in zip(far, line, strict=True)], FAR)
