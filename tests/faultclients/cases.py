"""What is asked for: every fault once, in the form that it needs."""

import inspect
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from stepfun_mock import faults
from stepfun_mock.faults import Fault
from stepfun_mock.faults.effects import Outage

HEIGHT, WIDTH = 768, 1360
PATIENCE = 30.0
"""Seconds that a client waits where nothing is late, however busy the machine is."""

_SHORT = 1.0
_LONG = 60  # seconds: a client that gives up is long gone
_MANY = 100  # tries: no client makes so many


class Case(NamedTuple):
    """One fault, and how a client asks for a picture that meets it.

    `timeout` and `link_timeout` are what the client waits for the reply, and for the picture
    behind its link, in seconds.
    """

    fault: str
    arguments: Mapping[str, Any] = MappingProxyType({})
    timeout: float = PATIENCE
    link_timeout: float = PATIENCE

    @property
    def label(self) -> str:
        """How the fault is written, `slow(seconds=60)`."""
        return written(self.fault, self.arguments)

    @property
    def prompt(self) -> str:
        """The prompt that meets this case and no other."""
        return f"A fox that meets {self.label}"

    @property
    def group(self) -> str:
        """The group of the fault: service, reply, picture or wire."""
        return group_of(self.fault)

    @property
    def at_link(self) -> bool:
        """Whether what goes wrong is the link, which is fetched with another function."""
        return self.group == "picture" and self.response_format == "url"

    @property
    def outage(self) -> bool:
        """Whether nobody listens, so that no other case can be asked meanwhile."""
        return isinstance(self._made().effect, Outage)

    @property
    def response_format(self) -> str:
        """What the fault needs; else `url` on the wire, where nothing is drawn and no time lost."""
        needs = getattr(self._made().effect, "needs", "")
        if needs in ("url", "b64_json"):
            return str(needs)
        return "url" if self.group == "wire" else "b64_json"

    @property
    def body(self) -> dict[str, Any]:
        """The request."""
        return {
            "model": "step-image-edit-2",
            "prompt": self.prompt,
            "size": f"{HEIGHT}x{WIDTH}",
            "response_format": self.response_format,
        }

    def scripted(self) -> Fault:
        """The fault as it waits for this case, however often a client tries."""
        if self.outage:
            return self._made()
        return self._made(times=_MANY, when={"prompt": self.prompt})

    def _made(self, **schedule: Any) -> Fault:
        fault: Fault = getattr(faults, self.fault)(**self.arguments, **schedule)
        return fault


def group_of(name: str) -> str:
    """The group of a fault: the module in which it is made."""
    module = inspect.getmodule(getattr(faults, name))
    assert module is not None
    return module.__name__.rpartition(".")[2]


def written(name: str, arguments: Mapping[str, Any]) -> str:
    """A fault as it stands in a program."""
    given = (f"{key}={_quoted(value)}" for key, value in arguments.items())
    return f"{name}({', '.join(given)})"


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


# Those that are asked in another way than with their defaults.
_OTHERWISE = {
    "content_filtered": (
        Case("content_filtered"),
        Case("content_filtered", {"with_picture": True}),
    ),
    "maintenance": (Case("maintenance"), Case("maintenance", {"status": 200})),
    "slow_link": (Case("slow_link", {"seconds": _LONG}, link_timeout=_SHORT),),
    "slow": (Case("slow", {"seconds": _LONG}, _SHORT),),
    # Each wait is far below the time-out, and the whole far above.
    "drip": (Case("drip", {"pieces": 6, "pause": 0.5}, 2.0),),
    "stall": (Case("stall", {"seconds": _LONG}, _SHORT),),
    "connection_refused": (Case("connection_refused", {"seconds": 3600}),),
    "wrong_length": (Case("wrong_length"), Case("wrong_length", {"by": 16}, _SHORT)),
}

CASES = tuple(case for name in faults.__all__ for case in _OTHERWISE.get(name, (Case(name),)))
"""Every fault, in the order in which people read of them."""
