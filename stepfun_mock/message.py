"""The values that everything else speaks: what came in, what was asked for, what goes out.

Nothing here knows a web framework, a clock or a rule of the contract.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Request(NamedTuple):
    """One HTTP request, free of any framework.

    Args:
        method: The verb in capitals, ``POST``.
        path: The decoded path without the query, ``/v1/images/generations``.
        headers: Header values by lower-case name.
        body: The bytes of the body, as sent.
        query: The raw query string without its question mark.
        scheme: ``http`` or ``https``; picture links start with it.
    """

    method: str
    path: str
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""
    query: str = ""
    scheme: str = "http"


class Response(NamedTuple):
    """One HTTP reply, free of any framework.

    Args:
        status: The HTTP status code.
        headers: Pairs of lower-case name and value; the transports add ``content-length``.
        body: The bytes of the body.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


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
