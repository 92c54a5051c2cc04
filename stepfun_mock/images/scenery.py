"""What a picture shows and its compressed parts, each drawn once; it mixes no colours."""

from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from stepfun_mock.images.canvas import TALLEST, Canvas
from stepfun_mock.images.ground import ground
from stepfun_mock.images.moods import MOODS, Mood
from stepfun_mock.images.palette import DICE, Surface
from stepfun_mock.images.png import Fragment, fragment
from stepfun_mock.images.ridges import ridges
from stepfun_mock.images.sky import sky
from stepfun_mock.images.water import lake, sea

_LANDSCAPES = ("lake", "lake", "sea", "meadow", "meadow", "dunes", "pines", "town")
_SURFACES: dict[str, Surface] = {"lake": "water", "sea": "water", "town": "stone"}
_RIDGES = 4
_SKIES = {True: 3, False: 4}
_GROUNDS = 2


class Scene(NamedTuple):
    """A composition, the same for every size.

    Args:
        mood: The colours to start from.
        dice: Random bytes that vary them.
        low_sun: Whether the sun or moon stands between the ridges, not high up in the sky.
        sky: Variant of the sky.
        ridges: Variant of the ridges.
        landscape: What lies in front of them.
        ground: Variant of that.
    """

    mood: Mood
    dice: bytes
    low_sun: bool
    sky: int
    ridges: int
    landscape: str
    ground: int

    @property
    def surface(self) -> Surface:
        """What the foreground is made of."""
        return _SURFACES.get(self.landscape, "land")


def scene(prompt: str, seed: int) -> Scene:
    """Choose a composition: equal prompts and seeds have equal ones."""
    name = f"{seed} {prompt}".encode(errors="surrogatepass")
    dice = blake2b(name, digest_size=DICE + 6).digest()
    mood = MOODS[dice[0] % len(MOODS)]
    return Scene(
        mood=mood,
        dice=dice[6:],
        low_sun=dice[1] % 2 == 1,
        sky=dice[2] % _SKIES[mood.night],
        ridges=dice[3] % _RIDGES,
        landscape=_LANDSCAPES[dice[4] % len(_LANDSCAPES)],
        ground=dice[5] % _GROUNDS,
    )


def parts(shown: Scene, width: int, height: int) -> tuple[Fragment, Fragment, Fragment]:
    """Return the fragments of ``height`` rows: sky, ridges and foreground."""
    middle = min(height * 3 // 10, TALLEST)
    above = (height - middle) * 11 // 20
    below = height - middle - above
    return (
        _sky(width, above, above + middle, shown.sky, shown.mood.night, not shown.low_sun),
        _ridges(width, middle, above, shown.ridges, shown.low_sun),
        _lake(width, below, middle, shown.ridges, shown.low_sun)
        if shown.landscape == "lake"
        else _ground(width, below, shown.landscape, shown.ground),
    )


def _compressed(canvas: Canvas) -> Fragment:
    # Level 8 makes a quarter less than 6 for 2 ms more, once; 9 takes 3 ms more for 2 %.
    return fragment(canvas.scanlines(), 8)


# The four caches hold every variant of five sizes: at most 248 fragments, under 1 MB.
@lru_cache(maxsize=80)
def _sky(width: int, rows: int, horizon: int, variant: int, night: bool, lit: bool) -> Fragment:
    return _compressed(sky(width, rows, horizon, variant, night, lit))


@lru_cache(maxsize=56)
def _ridges(width: int, rows: int, above: int, variant: int, low_sun: bool) -> Fragment:
    return _compressed(ridges(width, rows, above, variant, low_sun))


@lru_cache(maxsize=56)
def _lake(width: int, rows: int, above: int, variant: int, low_sun: bool) -> Fragment:
    return _compressed(lake(width, rows, above, variant, low_sun))


@lru_cache(maxsize=56)
def _ground(width: int, rows: int, landscape: str, variant: int) -> Fragment:
    if landscape == "sea":
        return _compressed(sea(width, rows, variant))
    return _compressed(ground(width, rows, landscape, variant))
