"""The values that everything else speaks: what came in, what was asked for, what goes out.

Nothing here knows a web framework, a clock or a rule of the contract.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple


class Request(NamedTuple):
    """One HTTP request, free of any framework.

    Args:
        method: The verb in capitals, ``POST``.
        path: The decoded path without the query, ``/v1/images/generations``.
        headers: Header values by lower-case name.
        body: The bytes of the body, as sent.
        query: The raw query string without its question mark.
        scheme: ``http`` or ``https``; picture links start with it.
        waits: Whether the way in waits as long as a reply says, so that requests overlap.
    """

    method: str
    path: str
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""
    query: str = ""
    scheme: str = "http"
    waits: bool = False


class Delivery(NamedTuple):
    """How a reply travels that does not arrive whole and at once.

    A socket does as it says; within a process nothing sleeps, and the client is told at once what
    it would have been told in the end.

    Args:
        delay: Seconds before the first byte, from 0.
        pieces: How many pieces the body is sent in, from 1.
        pause: Seconds between two pieces, from 0.
        share: How much of the body is sent, from 0 to 1.
        excess: Bytes that ``content-length`` announces beyond the body; below 0, bytes of the body
            that it leaves out.
        ending: What becomes of the connection after that. Of a reply that ends in a reset, or on
            a connection that is refused, not a byte is sent.
        parts: Makes what is sent in place of a body, for as long as there is more; its length is
            not announced.
    """

    delay: float = 0.0
    pieces: int = 1
    pause: float = 0.0
    share: float = 1.0
    excess: int = 0
    ending: Literal["keep", "close", "reset", "refused"] = "keep"
    parts: Callable[[], AsyncIterator[bytes]] | None = None

    @property
    def seconds(self) -> float:
        """Seconds that it holds a reply back, from 0."""
        return self.delay + self.pause * (self.pieces - 1)

    @property
    def silent(self) -> bool:
        """Whether the client gets nothing, not even a status."""
        return self.ending in ("reset", "refused")

    def split(self, body: bytes) -> list[bytes]:
        """What is sent of a body, in its pieces; at least one, which may be empty."""
        sent = body[: int(len(body) * self.share)]
        size = max(1, -(-len(sent) // self.pieces))
        return [sent[at : at + size] for at in range(0, len(sent), size)] or [b""]


class Response(NamedTuple):
    """One HTTP reply, free of any framework.

    Args:
        status: The HTTP status code.
        headers: Pairs of lower-case name and value; the transports add ``content-length``.
        body: The bytes of the body.
        delivery: How it travels; None for whole and at once.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    delivery: Delivery | None = None

    @property
    def length(self) -> int:
        """How many bytes a client is told to expect, from 0."""
        excess = self.delivery.excess if self.delivery else 0
        return max(0, len(self.body) + excess)

    @property
    def held(self) -> float:
        """Seconds that it is held back on purpose, from 0."""
        return self.delivery.seconds if self.delivery else 0.0

    @property
    def announced(self) -> int | None:
        """What `content-length` says; None where there is no such header: nothing, or no end."""
        if self.status == 204:
            return None
        if self.delivery is None:
            return len(self.body)
        return None if self.delivery.parts else self.length


class ImageRequest(NamedTuple):
    """A valid request for a picture: every parameter of the contract, defaults filled in.

    ``seed`` is None where the client gave none. ``unknown`` names the fields that the
    contract does not know and the mock passed over: the first 16, cut to 64 letters.
    """

    model: str
    prompt: str
    size: str
    n: int
    response_format: str
    seed: int | None
    steps: int
    cfg_scale: float
    negative_prompt: str
    text_mode: bool
    unknown: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        """Pixels from top to bottom: the figure of ``size`` before the x."""
        return int(self.size.partition("x")[0])

    @property
    def width(self) -> int:
        """Pixels from left to right: the figure of ``size`` after the x."""
        return int(self.size.partition("x")[2])
