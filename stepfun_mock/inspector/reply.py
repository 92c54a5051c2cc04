"""What a client was sent in reply: how much of it, when, and what the page keeps of that."""

from dataclasses import dataclass

from stepfun_mock.inspector.text import Headers, Text, reply_text_of
from stepfun_mock.journal import Exchange
from stepfun_mock.message import Delivery, Response


@dataclass(slots=True)
class Reply:
    """What was sent of a reply.

    `size` is in bytes of the body; `sent` a sentence where it did not travel whole and in one
    piece; `wait` and `pauses` are the seconds that it was held back on purpose, before its first
    byte and between its pieces.
    """

    headers: Headers
    body: Text
    size: int
    sent: str | None
    wait: float
    pauses: float

    @property
    def held(self) -> float:
        """Seconds that it was held back on purpose, from 0."""
        return self.wait + self.pauses

    @property
    def kind(self) -> str:
        """Its content type; empty where it has none."""
        return dict(self.headers).get("content-type", "")


def reply_of(exchange: Exchange, hidden: tuple[str, ...]) -> Reply:
    """What was sent in an exchange, as our own server sends it.

    Args:
        exchange: The exchange, as it was.
        hidden: What must not be written down.
    """
    _, request, response = exchange
    delivery = response.delivery or Delivery()
    bodiless = delivery.silent or request.method == "HEAD"
    pieces = [b""] if bodiless else delivery.split(response.body)
    body = b"".join(pieces)
    return Reply(
        _headers(response, delivery),
        reply_text_of(body, response.headers, hidden),
        len(body),
        _sent(response, delivery, pieces, headed=request.method == "HEAD"),
        delivery.delay,
        delivery.pause * (len(pieces) - 1),
    )


def _headers(response: Response, delivery: Delivery) -> Headers:
    """The headers as sent, with the length that the transports add."""
    if delivery.silent:
        return ()
    announced = response.announced
    if announced is None:
        return response.headers
    return (*response.headers, ("content-length", str(announced)))


def _sent(
    response: Response, delivery: Delivery, pieces: list[bytes], *, headed: bool
) -> str | None:
    whole, sent = len(response.body), sum(map(len, pieces))
    if delivery.silent:
        return "Nothing was sent: the connection was reset."
    if headed:
        return "The head was sent without the body, as HEAD asks."
    if sent < whole:
        return f"The connection was closed after {sent:,} of {whole:,} bytes."
    if delivery.excess:
        return f"The header said {response.length:,} bytes, and {sent:,} were sent."
    if len(pieces) > 1:
        return f"All of it was sent, in {len(pieces)} pieces, {delivery.pause:g} s apart."
    return None
