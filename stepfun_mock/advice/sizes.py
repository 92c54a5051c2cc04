"""Sizes that other models take: what each is likely to mean, and what to send instead."""

import math
import re

from stepfun_mock.advice.habits import FOREIGN_SIZE, SIZE_SPELLING, Advice
from stepfun_mock.terms import Parameter, either
from stepfun_mock.values import cut

_LONGEST = 32  # letters; what is longer is no size, and its spaces would stand in a message
_FIGURES = re.compile(r"\s*([1-9][0-9]{1,4})\s*[xX*×]\s*([1-9][0-9]{1,4})\s*")
_SHAPE = re.compile(r"([1-9][0-9]?):([1-9][0-9]?)")
_WORD = re.compile(r"auto|[0-9](\.[0-9])?k", re.IGNORECASE)


def advice_on_size(number: int, size: object, parameter: Parameter) -> Advice | None:
    """Give advice on a size that the parameter does not have; None where its origin is unknown."""
    if not isinstance(size, str) or len(size) > _LONGEST or size in parameter.values:
        return None
    if figures := _FIGURES.fullmatch(size):
        return _on_figures(number, size, figures, parameter)
    if shape := _SHAPE.fullmatch(size):
        nearest = _nearest(int(shape[1]), int(shape[2]), parameter)
        return _foreign(number, size, parameter, f"nearest to {size} is {nearest}")
    if _WORD.fullmatch(size):
        way_out = f"send one of them, or leave size out for {either((parameter.default,))}"
        return _foreign(number, size, parameter, way_out)
    return None


def _on_figures(
    number: int, size: str, figures: re.Match[str], parameter: Parameter
) -> Advice | None:
    meant = f"{figures[1]}x{figures[2]}"
    if meant in parameter.values:
        message = (
            f"size {cut(size)} is not written as this model has it; "
            f"write {_spelled_out(meant)}: the height comes first"
        )
        return SIZE_SPELLING.advice(message, number)
    # Whoever sends another model's size means it as nearly all others do, width first.
    wide, high = int(figures[1]), int(figures[2])
    way_out = f"nearest to {wide} wide and {high} high is {_nearest(wide, high, parameter)}"
    return _foreign(number, size, parameter, way_out)


def _foreign(number: int, size: str, parameter: Parameter, way_out: str) -> Advice:
    message = (
        f"size {cut(size)} is not one of this model's, "
        f"which are {parameter.allowed}, the height first; {way_out}"
    )
    return FOREIGN_SIZE.advice(message, number)


def _nearest(wide: int, high: int, parameter: Parameter) -> str:
    """The size whose shape is the nearest, and of those the one whose area is."""

    def distance(size: str) -> tuple[float, float]:
        height, width = _height_and_width(size)
        shape = abs(math.log(width / height * high / wide))
        return round(shape, 9), abs(width * height - wide * high)

    return _spelled_out(min(map(str, parameter.values), key=distance))


def _spelled_out(size: str) -> str:
    height, width = _height_and_width(size)
    return f'"{size}", which is {width} wide and {height} high'


def _height_and_width(size: str) -> tuple[int, int]:
    height, _, width = size.partition("x")
    return int(height), int(width)
