"""How much two pictures differ, measured against how much one request differs from itself."""

from dataclasses import dataclass
from itertools import combinations

from .evidence.pictures import Picture, distance

# Two samples of a noise say little of its largest; what counts as a difference is beyond this
# many times the largest that was seen.
MARGIN = 2.0


@dataclass(frozen=True, slots=True)
class Noise:
    """How much pictures of one request and one seed differ.

    Args:
        largest: The largest distance between two of them, from 0 to 1.
        middle: The median.
        exact: Whether all are the same to the last pixel.
        samples: How many pictures there are.
    """

    largest: float
    middle: float
    exact: bool
    samples: int

    def alike(self, one: Picture, other: Picture) -> bool:
        """Whether two pictures could be of the same request."""
        if self.exact:
            return one.pixels == other.pixels
        return distance(one, other) <= self.largest * MARGIN

    def hides(self, one: Picture, other: Picture) -> bool:
        """Whether the difference between two pictures is no larger than the noise."""
        return not self.exact and self.alike(one, other)


def measured(pictures: list[Picture]) -> Noise:
    """Measure the noise on pictures of the same request; two at least."""
    pairs = list(combinations(pictures, 2))
    distances = sorted(distance(one, other) for one, other in pairs)
    exact = len({(picture.pixels, picture.width, picture.height) for picture in pictures}) == 1
    return Noise(distances[-1], distances[len(distances) // 2], exact, len(pictures))
