"""One request that the suite may send, written down before it is sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from .key import KeyUse

JSON_TYPE = ("content-type", "application/json")
GENERATIONS = "/images/generations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A request of the plan.

    Args:
        id: Names it in the plan, the reports and the cache; what was asked once is not asked
            again.
        path: Under the base URL; or from the root of the host where `rooted`.
        fields: The JSON body, for those who judge the reply; None where there is none.
        body: The bytes that are sent.
        draws: Whether a server that keeps the contract draws a picture for it, which costs.
        may_draw: Whether a server that breaks it may, so that the budget must allow for one.
        seed_of: The probe whose drawn seed this one repeats; it joins `fields` when sent.
        alone: Asked when nothing else is, in the order of the plan: what a server remembers
            of one request may show in the next.
        spare: Sent only where another reply asks for it; the plan lists it apart.
    """

    id: str
    method: str = "POST"
    path: str = GENERATIONS
    rooted: bool = False
    fields: Mapping[str, object] | None = field(default=None, compare=False)
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (JSON_TYPE,)
    key: KeyUse = KeyUse.RIGHT
    draws: bool = False
    may_draw: bool = True
    seed_of: str | None = None
    alone: bool = False
    spare: bool = False

    @property
    def images(self) -> int:
        """Pictures for which the budget must allow."""
        return int(self.draws or self.may_draw)


def asking(id: str, fields: Mapping[str, object], **more: object) -> Probe:
    """A probe that asks for a picture with these fields as JSON."""
    return Probe(id=id, fields=fields, body=encoded(fields), **more)  # type: ignore[arg-type]


def encoded(fields: object) -> bytes:
    """JSON as clients send it: in UTF-8, without escapes beyond what JSON needs."""
    return json.dumps(fields, ensure_ascii=False).encode()
