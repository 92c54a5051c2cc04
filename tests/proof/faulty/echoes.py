"""Servers that name another seed than the one they used, or name it in another way."""

import struct
from collections.abc import Callable
from typing import Any

from ..messages import Json, Parameters, Picture
from ..reading import LAST_SEED
from ..reference import Make, ReferenceServer
from .kinds import Faulty, enters, having, says, takes, without


def names(named: Callable[[Json], Json]) -> Make:
    """A server that names its seed otherwise."""
    return enters(having("seed", named))


def as_float32(seed: int) -> int:
    return int(struct.unpack("f", struct.pack("f", seed))[0])


class ZeroUnused(ReferenceServer):
    """Names the seed 0, and draws with another."""

    def draw(self, parameters: Parameters, seed: int) -> Picture:
        return super().draw(parameters, seed or self.drawn_seed())


class DrawnUnused(ReferenceServer):
    """Names a seed that it drew, and draws the picture with yet another."""

    def draw(self, parameters: Parameters, seed: int) -> Picture:
        used = self.drawn_seed() if parameters.seed is None else seed
        return super().draw(parameters, used)


class NamedAnew(ReferenceServer):
    """Uses the seed, and names another."""

    def entry(self, *asked: Any) -> dict[str, Json]:
        return {**super().entry(*asked), "seed": self.drawn_seed()}


def beside_data(reply: dict[str, Json]) -> Json:
    (entry,) = reply["data"]
    return {**reply, "seed": entry["seed"], "data": [without("seed")(entry)]}


ECHO = ("seed.echo",)


FAULTS = (
    Faulty(
        "seed-missing", "does not name the seed", "reply.seed", enters(without("seed")), also=ECHO
    ),
    Faulty("seed-null", "names null as the seed", "reply.seed", names(lambda _: None), also=ECHO),
    Faulty("seed-as-text", "names the seed as a text", "reply.seed", names(str), also=ECHO),
    Faulty(
        "seed-as-float",
        "names the seed with a fraction of zero",
        "reply.seed",
        names(float),
        also=ECHO,
    ),
    Faulty(
        "seed-beside-data",
        "names the seed beside data, not in it",
        "reply.seed",
        says(beside_data),
        also=ECHO,
    ),
    Faulty(
        "seed-as-list",
        "names the seed in a list",
        "reply.seed",
        names(lambda seed: [seed]),
        also=ECHO,
    ),
    Faulty(
        "seed-echo-one-off",
        "names the seed after the one it used",
        "seed.echo",
        names(lambda seed: seed + 1 if seed < LAST_SEED else 0),
    ),
    Faulty(
        "seed-echo-rounded",
        "loses the last digits of large seeds",
        "seed.echo",
        names(as_float32),
        also=("reply.seed", "seed.range"),
    ),
    Faulty(
        "seed-echo-zero",
        "names 0 whatever the seed",
        "seed.echo",
        names(lambda _: 0),
        also=("seed.random",),
    ),
    Faulty(
        "seed-echo-other",
        "names a seed that it did not use",
        "seed.echo",
        NamedAnew,
        also=("seed.zero",),
    ),
    Faulty(
        "seed-16-bits",
        "uses and names the last 16 bits of a seed",
        "seed.echo",
        takes(
            "seed",
            lambda seed: type(seed) is int and 0 <= seed <= LAST_SEED,
            lambda seed: seed & 0xFFFF,
        ),
    ),
    Faulty(
        "seed-0-unused",
        "names the seed 0, and draws with another",
        "seed.zero",
        ZeroUnused,
        also=("seed.similar", "seed.echo"),
    ),
    Faulty(
        "seed-drawn-unused",
        "names the seed that it drew, and draws with another",
        "seed.echo",
        DrawnUnused,
        also=("seed.similar",),
    ),
)
