"""What a run means to send, before it is sent: every request, how many pictures, what they cost."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from .probe import Probe
from .table import MINIMAL
from .target import Target

_SHOWN = 100


@dataclass
class Plan:
    """The requests of the tests that were chosen.

    Args:
        probes: What is sent in any case, by id, in the order in which it is first asked for.
        spares: What is sent only where a reply asks for it.
        linked: The probes whose pictures come as links that are fetched, by id.
        fetches: Links that are fetched beside those.
        generated: Requests that Hypothesis makes up, and for how many of them pictures are drawn.
    """

    probes: dict[str, Probe] = field(default_factory=dict)
    spares: dict[str, Probe] = field(default_factory=dict)
    linked: set[str] = field(default_factory=set)
    fetches: int = 0
    generated: int = 0
    drawn: int = 0

    def add(
        self,
        probes: tuple[Probe, ...],
        fetches: int = 0,
        generated: int = 0,
        drawn: int = 0,
        *,
        pictures: bool = False,
    ) -> None:
        """Add what a test asks; what another has asked already is sent once."""
        for probe in probes:
            (self.spares if probe.spare else self.probes).setdefault(probe.id, probe)
            if pictures and not probe.spare and _is_linked(probe):
                self.linked.add(probe.id)
        self.fetches += fetches
        self.generated += generated
        self.drawn += drawn

    @property
    def links(self) -> int:
        """Links that are fetched."""
        return len(self.linked) + self.fetches

    @property
    def requests(self) -> int:
        """Requests in all, where nothing is tried twice."""
        return len(self.probes) + self.links + self.generated

    @property
    def pictures(self) -> int:
        """Pictures that a server draws which keeps the contract."""
        return sum(probe.draws for probe in self.probes.values()) + self.drawn

    def lines(
        self, target: Target, max_images: int | None, max_requests: int | None, rate: float | None
    ) -> Iterator[str]:
        """The plan as people read it, a line to a request."""
        for number, probe in enumerate(self.probes.values(), start=1):
            yield f"{number:4d}  {_line(probe)}"
        if self.generated:
            yield f"      and {self.generated} that are made up from reviewed words"
        if self.links:
            yield f"      and {self.links} links to pictures"
        for probe in self.spares.values():
            yield f"   if  {_line(probe)}"
        yield from self._sums(target, max_images, max_requests, rate)

    def _sums(
        self, target: Target, max_images: int | None, max_requests: int | None, rate: float | None
    ) -> Iterator[str]:
        yield ""
        yield f"{self.requests} requests, {self.pictures} pictures, sent to {target.base_url}"
        if target.in_process:
            yield "to the mock in this process; what Hypothesis tries there comes on top"
            return
        if max_images is not None and max_images < self.pictures:
            yield f"the budget of {max_images} pictures is too small for it (--max-images)"
        if max_requests is not None and max_requests < self.requests:
            yield f"the budget of {max_requests} requests is too small for it (--max-requests)"
        worst = max_images if max_images is not None else len(self.probes) + self.drawn
        price = target.price
        if price is not None:
            cost = f"{self.pictures * price.amount:.3f} {price.currency}"
            yield f"cost: {cost}, at worst {worst * price.amount:.3f} {price.currency}"
        else:
            yield f"cost: {self.pictures} pictures, at worst {worst}, at what they cost there"
        cap = max_requests if max_requests is not None else self.requests
        if rate is not None:
            yield (
                f"time: {self.requests / rate:.1f} minutes at {rate:g} requests a minute, at worst "
                f"{cap / rate:.1f}, and what the pictures take"
            )


def _is_linked(probe: Probe) -> bool:
    return probe.draws and (probe.fields or {}).get("response_format", "url") == "url"


def _line(probe: Probe) -> str:
    price = "picture" if probe.draws else "free"
    body = " ".join(probe.body.decode("utf-8", "replace").split())
    if probe.fields is not None:
        telling = {
            name: value for name, value in probe.fields.items() if MINIMAL.get(name) != value
        }
        body = json.dumps(telling, ensure_ascii=False)
    shown = body if len(body) <= _SHOWN else f"{body[:_SHOWN]}..."
    return f"{price:7}  {probe.method:4} {probe.path}  {probe.id}  {shown}".rstrip()
