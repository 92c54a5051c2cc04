"""A reply that holds a picture, or should: read strictly, and never trusted."""

from collections.abc import Mapping
from dataclasses import dataclass

from stepfun_mock import contract

from .evidence import jsontext
from .exchange import Exchange
from .probe import Probe


@dataclass(frozen=True, slots=True)
class Shot:
    """An accepted request for a picture, and what came.

    Args:
        probe: The request as it was meant.
        exchange: The request as it was sent, and its reply.
        asked: The JSON fields that were sent.
        json: The reply as JSON; None where it is none.
        problem: Why it is none.
    """

    probe: Probe
    exchange: Exchange
    asked: Mapping[str, object]
    json: object = None
    problem: str | None = None

    @property
    def number(self) -> int:
        """The number of the exchange, for the report."""
        return self.exchange.number

    @property
    def top(self) -> Mapping[str, object]:
        """The reply's fields; empty where it is no object."""
        return self.json if isinstance(self.json, dict) else {}

    @property
    def item(self) -> Mapping[str, object]:
        """The fields of the one picture; empty where there is none."""
        data = self.top.get("data")
        first = data[0] if isinstance(data, list) and data else None
        return first if isinstance(first, dict) else {}

    @property
    def wants(self) -> str:
        """The payload field that the page promises for this request."""
        wanted = self.asked.get("response_format", "url")
        return str(wanted)

    @property
    def filtered(self) -> bool:
        """Whether the filter stopped the picture, which says nothing of the other rules."""
        return self.item.get("finish_reason") == contract.FILTERED


def read(probe: Probe, exchange: Exchange, asked: Mapping[str, object]) -> Shot:
    """Read the reply of an accepted request."""
    assert exchange.reply is not None
    try:
        return Shot(probe, exchange, asked, jsontext.read(exchange.reply.body))
    except jsontext.NotJsonError as problem:
        return Shot(probe, exchange, asked, problem=str(problem))
