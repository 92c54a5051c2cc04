"""Which palette index stands for what; it knows no colours."""

from collections.abc import Callable
from typing import NamedTuple

Ink = Callable[[int], int]
"""The palette index for a row of the canvas being painted."""


class Ramp(NamedTuple):
    """Neighbouring palette indexes that hold one gradient."""

    first: int
    size: int

    @property
    def last(self) -> int:
        """The index of the gradient's lower end."""
        return self.first + self.size - 1

    @property
    def edge(self) -> int:
        """The index right after the gradient: the soft rim of a silhouette."""
        return self.first + self.size

    def over(self, rows: int, top: int = 0) -> Ink:
        """Return the ink that runs through the ramp once, from row ``top`` on for ``rows`` rows."""
        return lambda y: self.first + min(max((y - top) * self.size // rows, 0), self.size - 1)


SKY = Ramp(0, 64)
HALO = Ramp(64, 16)
GLOW = Ramp(80, 16)
CLOUD = Ramp(96, 16)
VEIL = Ramp(112, 16)
STAR = Ramp(128, 8)
SUN = Ramp(136, 4)
BIRD = Ramp(140, 1)

# From here to FRONT, the index after each ramp is its edge.
SNOW = Ramp(141, 2)
FAR = Ramp(144, 20)
MIDDLE = Ramp(165, 20)
NEAR = Ramp(186, 20)
BACK = Ramp(207, 16)
BETWEEN = Ramp(224, 12)
FRONT = Ramp(237, 8)
DETAIL = Ramp(246, 7)

# Water has no hills between its banks: there it shows the three ridges, the deepest row first.
MIRRORED = (Ramp(224, 3), Ramp(228, 3), Ramp(232, 3))

PAPER, SOFT, INK = 253, 254, 255
