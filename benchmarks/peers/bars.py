"""What is measured beside the peers, by its name, and what has to be reached."""

from dataclasses import dataclass
from fractions import Fraction

LINKS_32 = "link replies, 32 connections"
P50_32 = "half of them came within, 32 connections"
CPU_32 = "CPU per reply, 32 connections"
LINKS_1 = "link replies, 1 connection"
P50_1 = "half of them came within, 1 connection"
START = "start to first 200"
MEMORY = "memory after load"
MEMORY_REQUESTS = "requests of that load"
KEPT_CLIENT = "a test with one call through a kept client: added"
OWN_CLIENT = "a test that builds its client and makes one call: added"
EXAMPLES = "contract examples"


@dataclass(frozen=True)
class Bar:
    """What the median of the rounds' ratios, ours to theirs, has to reach.

    Args:
        limit: The ratio.
        at_least: Whether more is better.
    """

    limit: Fraction
    at_least: bool = False

    def reached(self, ratio: float) -> bool:
        """Whether a ratio does."""
        return ratio >= self.limit if self.at_least else ratio <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit}"


_AT_LEAST = {
    (LINKS_32, "aimock"): "2",
    (LINKS_32, "Prism"): "5",
    (LINKS_32, "pytest-httpserver"): "6",
    (LINKS_32, "Mockoon"): "15",
    (EXAMPLES, "Schemathesis"): "5",
}
_AT_MOST = {
    (START, "aimock"): "1",
    (START, "Mockoon"): "1/4",
    (START, "WireMock"): "1/6",
    (START, "Prism"): "1/12",
    (MEMORY, "aimock"): "1/2",
    (OWN_CLIENT, "respx"): "1/5",
    (OWN_CLIENT, "pytest-httpx"): "1/5",
    (OWN_CLIENT, "pytest-httpserver"): "1/5",
}

BARS = {
    **{of: Bar(Fraction(limit), at_least=True) for of, limit in _AT_LEAST.items()},
    **{of: Bar(Fraction(limit)) for of, limit in _AT_MOST.items()},
}
"""The bars, by figure and peer."""
