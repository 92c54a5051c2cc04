"""Chaos: faults at random, by a seed; the same seed brings the same days."""

from collections.abc import Iterable
from random import Random

from stepfun_mock import faults
from stepfun_mock.faults import Fault
from stepfun_mock.faults.effects import Outage

WEATHER: tuple[Fault, ...] = (
    faults.rate_limited(),
    faults.rate_limited(by="concurrency"),
    faults.server_error(),
    faults.overloaded(),
    faults.gateway_timeout(),
    faults.slow(seconds=2),
    faults.connection_reset(),
    faults.cut_off(),
)
"""What chaos brings unless told otherwise: what passes, and a client should get over."""


class Chaos:
    """Draws for each try whether it meets a fault, and which.

    Args:
        rate: How many of the tries meet one, from 0 to 1.
        seed: Where the randomness starts.
        among: The faults; each is as likely as the others.

    Raises:
        ValueError: a rate out of range, no faults, or one that says itself which tries meet it.
        TypeError: something that is no fault.
    """

    def __init__(self, rate: float, seed: int, among: Iterable[Fault] = WEATHER) -> None:
        number = isinstance(rate, int | float) and not isinstance(rate, bool)
        if not number or not 0 <= rate <= 1:  # no comparison with NaN holds
            raise ValueError(f"rate is a number from 0 to 1, but {rate!r} came")
        if type(seed) is not int:
            raise ValueError(f"seed is a whole number, but {seed!r} came")
        self.rate = rate
        self.seed = seed
        if isinstance(among, Fault | str):
            raise TypeError(
                f"among is a list of faults, as in [faults.overloaded()], but {among} came"
            )
        self.among = tuple(among)
        _check(self.among)
        self._random = Random(seed)  # noqa: S311 (days, not secrets)

    def draw(self) -> Fault | None:
        """What the next try meets; the n-th try gets the n-th, whatever it asks for."""
        happens, which = self._random.random(), self._random.randrange(len(self.among))
        return self.among[which] if happens < self.rate else None


def _check(among: tuple[Fault, ...]) -> None:
    if not among:
        raise ValueError("chaos needs some faults to bring, but none came")
    for fault in among:
        if not isinstance(fault, Fault):
            raise TypeError(f"chaos brings faults, as in faults.overloaded(), but {fault!r} came")
        if fault.scheduled:
            raise ValueError(
                f"{fault.name} in chaos takes no times, after or when: chance says which tries "
                "meet it"
            )
        if isinstance(fault.effect, Outage):
            raise ValueError(f"chaos cannot bring {fault.name}, which no single try meets")
