"""What passes between a server of this package and the wire, and what a server is made from."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any
Clock = Callable[[], float]

JSON = "application/json"
BAD_KEY = "invalid_api_key"
BAD_PARAMETER = "request_params_invalid"
BAD_SIZE = "size_invalid"
BAD_BODY = "input_invalid"
NO_MODEL = "model_invalid"
NO_LINK = "link_dead"
NO_METHOD = "method_not_allowed"


@dataclass(frozen=True)
class Setting:
    """What a server is made from; time and chance come from here alone.

    `moment` is how long the links of servers live that let them die too early.
    """

    key: str = "key-of-the-proof"
    clock: Clock = time.time
    seed: int = 0
    link_life: float = 7200.0
    moment: float = 0.5


@dataclass(frozen=True)
class Request:
    """One request. Names of headers are in lower case; `target` has the query in it."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    origin: str

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True)
class Wire:
    """How a reply goes over the wire, where that is not the plain way.

    Of a reply, `length_off` is added to its Content-Length, `cut` bytes of its body are sent before
    the line closes, and `drip` says how many bytes go at once, and with what pause.
    """

    chunked: bool = False
    close: bool = False
    bare: bool = False
    spelled: Callable[[str], str] = str
    delay: float = 0.0
    reset: bool = False
    length_off: int = 0
    cut: int | None = None
    drip: tuple[int, float] | None = None


PLAIN = Wire()


@dataclass(frozen=True)
class Reply:
    """One reply. Date, Content-Length and Connection are added on the wire if they are not here."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    wire: Wire = PLAIN


@dataclass(frozen=True)
class Picture:
    """The file of a picture, and what it is served as."""

    file: bytes
    type: str = "image/png"
    ending: str = ".png"


@dataclass(frozen=True)
class Parameters:
    """A request for a picture, with its defaults filled in. A seed of None is to be drawn."""

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


class RefusedError(Exception):
    """A request is refused."""

    def __init__(self, status: int, kind: str, message: str, parameter: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message
        self.parameter = parameter


def header(headers: Mapping[str, str], name: str) -> str:
    """A header's value whatever the case of its name; empty if it isn't there."""
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")
