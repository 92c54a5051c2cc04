"""All that a server can be told before it starts, whoever tells it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from stepfun_mock.chaos import WEATHER, Chaos
from stepfun_mock.choices import Choices
from stepfun_mock.faults import Fault

_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Startup:
    """What was asked for; None, or empty, is what nobody spoke of.

    `rate`, `seed` and `among` are those of chaos.
    """

    host: str | None = None
    port: int | None = None
    allow_hosts: tuple[str, ...] = ()
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    choices: Mapping[str, Any] | None = None
    faults: tuple[Fault, ...] = ()
    rate: float | None = None
    seed: int | None = None
    among: tuple[Fault, ...] = ()

    def over(self, file: "Startup") -> "Startup":
        """This one, with what a file says where this one says nothing.

        Each choice stands for itself. Faults add up, those of the file first.
        """
        said = {name: value for name, value in vars(self).items() if value not in (None, ())}
        said["choices"] = {**(file.choices or {}), **(self.choices or {})}
        said["faults"] = (*file.faults, *self.faults)
        return replace(file, **said)

    def made_choices(self) -> Choices:
        """The choices, keys included.

        Raises:
            ValueError: a value that a choice does not have.
        """
        return Choices(api_keys=self.api_keys, **(self.choices or {}))

    def made_chaos(self) -> Callable[[], Chaos] | None:
        """What makes the chaos that is loose from the start; None without.

        Raises:
            ValueError: a rate out of range, or a seed where there is neither a rate nor a file's.
        """
        if self.rate is None:
            if self.seed is not None:
                raise ValueError(
                    f"the seed {self.seed} is there, but no chaos that it could start; say --chaos "
                    "RATE too"
                )
            return None
        if self.rate == 0:
            return None
        rate, seed, among = self.rate, self.seed or 0, self.among or WEATHER
        Chaos(rate, seed, among)  # looks at each value
        return lambda: Chaos(rate, seed, among)

    def scripted(self) -> str:
        """What waits for the first requests, in a line; empty where nothing does."""
        told = [_told(fault) for fault in self.faults[:_SHOWN]]
        if len(self.faults) > _SHOWN:
            told.append(f"{len(self.faults) - _SHOWN} more")
        line = f"scripted: {', then '.join(told)}" if told else ""
        if not self.rate:
            return line
        chaos = f"chaos at a rate of {self.rate:g} with the seed {self.seed}"
        return f"{line}; {chaos}" if line else chaos


def _told(fault: Fault) -> str:
    after = f" after {fault.after} more" if fault.after else ""
    return f"{fault}{f' {fault.times} times' if fault.times > 1 else ''}{after}"
