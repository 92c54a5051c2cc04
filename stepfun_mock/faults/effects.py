"""What faults do to a reply, as values; how each is done lies in `stepfun_mock.generation`."""

from collections.abc import Callable
from typing import NamedTuple

from stepfun_mock.message import Delivery, ImageRequest, Response
from stepfun_mock.terms import Refusal


class Retry(NamedTuple):
    """When a client may try again: seconds from 0, and how the header says so."""

    seconds: float
    form: str


class Refused(NamedTuple):
    """The request is refused before anybody reads it."""

    refusal: Refusal
    message: str
    retry: Retry | None = None


class Answered(NamedTuple):
    """Somebody before the service answers; `message` is what the journal says of it."""

    response: Response
    message: str


class Filtered(NamedTuple):
    """The picture is held back by the filter, or comes with the filter's mark."""

    with_picture: bool


class Rewritten(NamedTuple):
    """The reply to a valid request is sent in another form; `needs` names the payload it takes."""

    rewrite: Callable[[Response], Response]
    needs: str = ""


class Pictured(NamedTuple):
    """The picture is another than it should be, or what its link gives is.

    `code` is what stands in the link: see `stepfun_mock.pictures`.
    """

    code: str
    needs: str = ""


class ShortLived(NamedTuple):
    """The link lives so many seconds."""

    life: int
    needs: str = "url"


class Travelling(NamedTuple):
    """The reply, whatever it is, travels badly."""

    delivery: Delivery


class Outage(NamedTuple):
    """Nobody listens for so many seconds of the mock's time."""

    seconds: float


Effect = Refused | Answered | Filtered | Rewritten | Pictured | ShortLived | Travelling | Outage

READING = (Filtered, Rewritten, Pictured, ShortLived)
"""Effects that it takes a valid request to meet."""


def misfit(effect: Effect, request: ImageRequest) -> str:
    """Why a request cannot meet an effect, as what it would take; empty where it can."""
    if isinstance(effect, Pictured) and effect.code == f"resized {request.size}":
        return f"another size than {request.size}"
    needs = getattr(effect, "needs", "")
    if needs == OBLONG:
        return "" if request.height != request.width else "a size that is not square"
    if needs and request.response_format != needs:
        return f'response_format "{needs}"'
    return ""


OBLONG = "oblong"
"""What an effect needs that shows only where height and width differ."""
