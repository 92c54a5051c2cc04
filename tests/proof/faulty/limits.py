"""Servers whose ranges and lengths end elsewhere, or that bend a value instead of refusing it."""

from ..messages import Json
from ..reading import LAST_SEED
from ..reference import Make
from .kinds import (
    Faulty,
    Test,
    always,
    between,
    exactly,
    is_number,
    is_text,
    longer_than,
    refuses,
    takes,
)


def is_whole(value: Json) -> bool:
    return type(value) is int


def outside(low: float, high: float, kind: Test) -> Test:
    return lambda value: kind(value) and not low <= value <= high


def clamps(field: str, low: float, high: float, kind: Test) -> Make:
    return takes(field, outside(low, high, kind), lambda value: min(max(value, low), high))


def as_long_as(length: int) -> Test:
    return lambda value: is_text(value) and len(value) == length


def many_bytes(value: Json) -> bool:
    return is_text(value) and len(value.encode("utf-8", "surrogatepass")) > 512


def texts(field: str) -> tuple[Faulty, ...]:
    """The faults of the length of a text."""
    rule = f"{field}.length"
    return (
        Faulty(
            f"{field}-513-taken",
            f"takes 513 characters as {field}",
            rule,
            takes(field, as_long_as(513)),
        ),
        Faulty(
            f"{field}-512-refused",
            f"refuses 512 characters as {field}",
            rule,
            refuses(field, as_long_as(512)),
        ),
        Faulty(
            f"{field}-endless",
            f"takes a {field} of any length",
            rule,
            takes(field, longer_than(512)),
        ),
        Faulty(
            f"{field}-cut",
            f"cuts a long {field} after 512 characters instead of refusing it",
            rule,
            takes(field, longer_than(512), lambda value: value[:512]),
        ),
        Faulty(
            f"{field}-bytes-counted",
            f"counts the bytes of {field}, so that 512 umlauts are too many",
            rule,
            refuses(field, many_bytes),
        ),
        Faulty(
            f"{field}-short",
            f"takes 256 characters as {field} at most",
            rule,
            refuses(field, longer_than(256)),
        ),
    )


FAULTS = (
    *texts("prompt"),
    *texts("negative_prompt"),
    Faulty("steps-0-taken", "takes steps 0", "steps.range", takes("steps", exactly(0))),
    Faulty("steps-51-taken", "takes steps 51", "steps.range", takes("steps", exactly(51))),
    Faulty("steps-1-refused", "refuses steps 1", "steps.range", refuses("steps", exactly(1))),
    Faulty("steps-50-refused", "refuses steps 50", "steps.range", refuses("steps", exactly(50))),
    Faulty(
        "steps-to-100",
        "takes up to 100 steps, as another model does",
        "steps.range",
        takes("steps", lambda value: is_whole(value) and 50 < value <= 100),
    ),
    Faulty(
        "steps-negative-taken",
        "takes negative steps",
        "steps.range",
        takes("steps", lambda value: is_whole(value) and value < 0),
    ),
    Faulty(
        "steps-clamped",
        "bends steps into the range",
        "steps.range",
        clamps("steps", 1, 50, is_whole),
    ),
    Faulty(
        "seed-minus-1-taken",
        "takes the seed -1, and then draws one",
        "seed.range",
        takes("seed", exactly(-1), always(None)),
    ),
    Faulty(
        "seed-negative-taken",
        "takes the amount of a negative seed",
        "seed.range",
        takes("seed", lambda value: is_whole(value) and value < 0, abs),
    ),
    Faulty(
        "seed-2147483648-taken",
        "takes the first seed after the last",
        "seed.range",
        takes("seed", exactly(LAST_SEED + 1)),
    ),
    Faulty(
        "seed-2147483647-refused",
        "refuses the last seed",
        "seed.range",
        refuses("seed", exactly(LAST_SEED)),
    ),
    Faulty(
        "seed-0-refused",
        "refuses the seed 0",
        "seed.range",
        refuses("seed", exactly(0)),
        also=("seed.zero",),
    ),
    Faulty(
        "seed-clamped",
        "bends a seed into the range",
        "seed.range",
        clamps("seed", 0, LAST_SEED, is_whole),
    ),
    Faulty(
        "seed-wrapped",
        "takes a large seed modulo 2**31",
        "seed.range",
        takes(
            "seed",
            lambda value: is_whole(value) and value > LAST_SEED,
            lambda value: value % (LAST_SEED + 1),
        ),
    ),
    Faulty(
        "seed-to-64-bits",
        "takes seeds of up to 64 bits",
        "seed.range",
        takes("seed", lambda value: is_whole(value) and LAST_SEED < value < 2**64),
    ),
    Faulty(
        "cfg_scale-below-taken",
        "takes a cfg_scale from 0 on",
        "cfg_scale.range",
        takes("cfg_scale", between(0.0, 1.0)),
    ),
    Faulty(
        "cfg_scale-hair-below-taken",
        "takes a cfg_scale of 0.99",
        "cfg_scale.range",
        takes("cfg_scale", between(0.99, 1.0)),
    ),
    Faulty(
        "cfg_scale-above-taken",
        "takes a cfg_scale up to 20",
        "cfg_scale.range",
        takes("cfg_scale", between(10.0, 20.0)),
    ),
    Faulty(
        "cfg_scale-hair-above-taken",
        "takes a cfg_scale of 10.01",
        "cfg_scale.range",
        takes("cfg_scale", between(10.0, 10.01)),
    ),
    Faulty(
        "cfg_scale-negative-taken",
        "takes a negative cfg_scale",
        "cfg_scale.range",
        takes("cfg_scale", lambda value: is_number(value) and value < 0),
    ),
    Faulty(
        "cfg_scale-1-refused",
        "refuses a cfg_scale of 1",
        "cfg_scale.range",
        refuses("cfg_scale", between(1, 1)),
        also=("cfg_scale.integer",),
    ),
    Faulty(
        "cfg_scale-10-refused",
        "refuses a cfg_scale of 10",
        "cfg_scale.range",
        refuses("cfg_scale", between(10, 10)),
    ),
    Faulty(
        "cfg_scale-clamped",
        "bends a cfg_scale into the range",
        "cfg_scale.range",
        clamps("cfg_scale", 1.0, 10.0, is_number),
    ),
    Faulty(
        "cfg_scale-fraction-refused",
        "takes whole numbers alone as cfg_scale",
        "cfg_scale.type",
        refuses("cfg_scale", lambda value: isinstance(value, float) and not value.is_integer()),
        also=("cfg_scale.range",),
    ),
    Faulty(
        "cfg_scale-whole-refused",
        "refuses a cfg_scale without a fraction part",
        "cfg_scale.integer",
        refuses("cfg_scale", is_whole),
        "differs",
        also=("cfg_scale.range",),
    ),
    Faulty(
        "n-0-taken",
        "takes n 0, and draws one picture",
        "n.values",
        takes("n", exactly(0), always(1)),
    ),
    Faulty(
        "n-negative-taken",
        "takes n -1, and draws one picture",
        "n.values",
        takes("n", exactly(-1), always(1)),
    ),
    Faulty("n-1-refused", "refuses n 1", "n.values", refuses("n", exactly(1))),
    Faulty(
        "n-2-taken",
        "takes n above 1, and draws one picture",
        "n.values",
        takes("n", lambda value: is_whole(value) and value > 1, always(1)),
    ),
)
