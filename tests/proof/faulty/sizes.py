"""Servers that draw another size than asked for, or know other sizes."""

import re
from typing import Any

from ..messages import Json
from ..reading import SIZES
from ..reference import Make, ReferenceServer
from .kinds import Faulty, always, exactly, is_text, refuses, takes


def swaps(*sizes: str) -> Make:
    """A server that takes width for height in these sizes."""

    class Swapping(ReferenceServer):
        def measures(self, size: str) -> tuple[int, int]:
            width, height = super().measures(size)
            return (height, width) if size in sizes else (width, height)

    return Swapping


def resizes(width: int, height: int) -> Make:
    """A server whose pictures all have one size."""

    class Resizing(ReferenceServer):
        def measures(self, size: str) -> tuple[int, int]:
            return width, height

    return Resizing


class PixelShort(ReferenceServer):
    def measures(self, size: str) -> tuple[int, int]:
        width, height = super().measures(size)
        return width, height - 1


class PixelWide(ReferenceServer):
    def measures(self, size: str) -> tuple[int, int]:
        width, height = super().measures(size)
        return width + 1, height


class Half(ReferenceServer):
    def measures(self, size: str) -> tuple[int, int]:
        width, height = super().measures(size)
        return width // 2, height // 2


def like_size(value: Json) -> bool:
    return is_text(value) and re.fullmatch(r"[1-9]\d{1,3}x[1-9]\d{1,3}", value) is not None


def other_text(*values: str) -> Any:
    return lambda value: is_text(value) and value not in values


def otherwise_spelled(value: Json) -> bool:
    return is_text(value) and value not in SIZES and plain(value) in SIZES


def plain(size: str) -> str:
    return re.sub(r"[X*×]", "x", size).strip()


class Small(ReferenceServer):
    """Draws other models' smaller sizes too."""

    def checked(self, name: str, value: Json) -> Any:
        if name == "size" and value in ("256x256", "512x512", "768x768"):
            return value
        return super().checked(name, value)


FAULTS = (
    *(
        Faulty(
            f"size-{size}-swapped",
            f"draws {size} as wide as it should be high",
            "size.order",
            swaps(size),
        )
        for size in SIZES[1:]
    ),
    Faulty("sizes-swapped", "takes the width first in every size", "size.order", swaps(*SIZES)),
    *(
        Faulty(
            f"size-{size}-refused",
            f"does not know the size {size}",
            "size.values",
            refuses("size", exactly(size)),
        )
        for size in SIZES
    ),
    Faulty(
        "size-always-square",
        "draws every picture with 1024x1024",
        "size.order",
        resizes(1024, 1024),
        also=("size.values",),
    ),
    Faulty(
        "size-always-small",
        "draws every picture with 512x512",
        "size.order",
        resizes(512, 512),
        also=("size.values", "size.default"),
    ),
    Faulty(
        "size-halved",
        "draws every picture half as high and wide",
        "size.order",
        Half,
        also=("size.values", "size.default"),
    ),
    Faulty(
        "size-pixel-short",
        "draws one row too few",
        "size.order",
        PixelShort,
        also=("size.values", "size.default"),
    ),
    Faulty(
        "size-pixel-wide",
        "draws one column too many",
        "size.order",
        PixelWide,
        also=("size.values", "size.default"),
    ),
    Faulty("size-512x512-taken", "takes the small sizes of other models", "size.values", Small),
    Faulty(
        "size-any-taken",
        "takes any size, and draws a square",
        "size.values",
        takes("size", lambda value: like_size(value) and value not in SIZES, always("1024x1024")),
    ),
    Faulty(
        "size-words-taken",
        "takes any text as a size, and draws a square",
        "size.values",
        takes("size", other_text(*SIZES), always("1024x1024")),
    ),
    Faulty(
        "size-1024X1024-taken",
        "takes sizes with a capital X or a star",
        "size.values",
        takes("size", otherwise_spelled, plain),
    ),
    Faulty(
        "size-auto-taken",
        "takes the size auto",
        "size.values",
        takes("size", exactly("auto"), always("1024x1024")),
    ),
)
