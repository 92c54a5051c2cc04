"""Servers that draw, use or name their seeds otherwise."""

from collections.abc import Callable
from dataclasses import replace

from ..drawing import COLOURS
from ..messages import Parameters, Picture
from ..reading import LAST_SEED
from ..reference import Make, ReferenceServer
from .kinds import Faulty


def draws_seed(drawn: Callable[[ReferenceServer], int]) -> Make:
    """A server that draws its seeds in another way."""

    class Drawing(ReferenceServer):
        def drawn_seed(self) -> int:
            return drawn(self)

    return Drawing


class Counting(ReferenceServer):
    """Counts its seeds instead of drawing them."""

    last = 0

    def drawn_seed(self) -> int:
        with self.lock:
            self.last += 1
            return self.last


class Remembering(ReferenceServer):
    """Draws its first seed, and then stays with the last that it used."""

    last: int | None = None

    def seed(self, parameters: Parameters) -> int:
        if parameters.seed is None and self.last is not None:
            return self.last
        self.last = super().seed(parameters)
        return self.last


class ZeroAbsent(ReferenceServer):
    """Takes the seed 0 for none."""

    def seed(self, parameters: Parameters) -> int:
        return super().seed(replace(parameters, seed=parameters.seed or None))


class Unused(ReferenceServer):
    """Draws with a fresh seed every time."""

    def draw(self, parameters: Parameters, seed: int) -> Picture:
        return super().draw(parameters, self.drawn_seed())


class Indifferent(ReferenceServer):
    """Draws one picture for every seed."""

    def draw(self, parameters: Parameters, seed: int) -> Picture:
        return super().draw(parameters, 1)


class Turning(ReferenceServer):
    """Turns every second picture upside down."""

    turned = False

    def palette(self, parameters: Parameters, seed: int) -> bytes:
        palette = super().palette(parameters, seed)
        with self.lock:
            self.turned = not self.turned
            return palette[::-1] if self.turned else palette


class Loud(ReferenceServer):
    """Adds so much noise that two pictures of one seed are not alike."""

    def palette(self, parameters: Parameters, seed: int) -> bytes:
        palette = super().palette(parameters, seed)
        with self.lock:
            noise = self.random.randbytes(COLOURS)
        return bytes((shade + stray) % 256 for shade, stray in zip(palette, noise, strict=True))


ECHO = ("seed.echo",)


FAULTS = (
    Faulty("seed-0-absent", "takes the seed 0 for none", "seed.zero", ZeroAbsent, also=ECHO),
    Faulty(
        "seed-constant", "draws the seed 42 every time", "seed.random", draws_seed(lambda _: 42)
    ),
    Faulty("seed-default-0", "takes 0 if no seed is named", "seed.random", draws_seed(lambda _: 0)),
    Faulty("seed-counting", "counts its seeds", "seed.random", Counting),
    Faulty(
        "seed-of-the-time",
        "takes the seconds of the clock for a seed",
        "seed.random",
        draws_seed(lambda server: int(server.setting.clock())),
    ),
    Faulty("seed-remembered", "takes the seed of the request before", "seed.random", Remembering),
    Faulty(
        "seed-tiny",
        "draws seeds below 10",
        "seed.random",
        draws_seed(lambda server: server.random.randrange(10)),
    ),
    Faulty(
        "seed-drawn-beyond",
        "draws seeds beyond the last",
        "seed.range",
        draws_seed(lambda server: server.random.randint(LAST_SEED + 1, 2**32 - 1)),
        also=("reply.seed", "seed.random", "seed.echo"),
    ),
    Faulty(
        "seed-drawn-negative",
        "draws negative seeds",
        "seed.range",
        draws_seed(lambda server: -server.random.randint(1, LAST_SEED)),
        also=("reply.seed", "seed.random", "seed.echo"),
    ),
    Faulty(
        "seed-unused",
        "draws another picture every time",
        "seed.similar",
        Unused,
        also=("seed.echo", "seed.zero"),
    ),
    Faulty(
        "seed-loud",
        "adds noise until pictures of one seed are not alike",
        "seed.similar",
        Loud,
        also=("seed.echo", "seed.zero"),
    ),
    Faulty(
        "seed-turning",
        "turns every second picture upside down",
        "seed.similar",
        Turning,
        also=("seed.echo", "seed.zero"),
    ),
    Faulty(
        "seed-indifferent",
        "draws one picture for every seed",
        "seed.similar",
        Indifferent,
        "differs",
    ),
)
