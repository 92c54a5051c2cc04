"""What the page keeps of one exchange beside its entry: never a key, never a picture."""

import re
from dataclasses import dataclass, field
from sys import getsizeof
from typing import TYPE_CHECKING

from stepfun_mock.inspector.receipt import Receipt, receipt
from stepfun_mock.inspector.reply import Reply, reply_of
from stepfun_mock.inspector.text import (
    Headers,
    Text,
    headers_of,
    query_of,
    text_of,
    without_payload,
)
from stepfun_mock.journal import Entry, Exchange
from stepfun_mock.keys import blot
from stepfun_mock.refusals import BODY_TOO_LARGE

if TYPE_CHECKING:
    from stepfun_mock.advice import Advice

_BESIDE = 2048  # bytes of a record beside its texts
_LINK = re.compile(r'"url":"([^"]*?(/image_gen/[^"?]*)\?[^"]*?expires=([0-9]{1,20})[^"]*)"')


@dataclass(slots=True)
class Link:
    """A link that was given: when it dies, in Unix seconds, and how often it was fetched.

    `path` is where it leads, `moved` where a redirection led the last who came.
    """

    url: str
    path: str
    expires: int
    fetched: int = 0
    moved: str = ""


@dataclass(slots=True)
class Record:
    """One exchange. `base` is scheme and host that the client used; `magic_key` its key where that
    is no secret, since it asks for a fault, and empty otherwise; `picture` what it got of one;
    `origin` the number of the request whose link was fetched; `size` about how many bytes it
    takes."""

    entry: Entry
    base: str
    query: str
    headers: Headers
    magic_key: str
    body: Text
    reply: Reply
    picture: Receipt | None
    advice: "tuple[Advice, ...]"
    link: Link | None = None
    origin: int | None = None
    size: int = field(init=False)

    def __post_init__(self) -> None:
        """Reckon, once, about how many bytes it takes."""
        texts = [self.body.text, self.reply.body.text, self.base, self.query]
        texts += (value for headers in (self.headers, self.reply.headers) for _, value in headers)
        self.size = _BESIDE + sum(map(getsizeof, texts))

    def blot_payload(self) -> None:
        """Leave out what a link says of a prompt, which may hold a key, where nobody can tell."""
        self.query = without_payload(self.query)
        self.reply.headers = tuple(
            (name, without_payload(value)) for name, value in self.reply.headers
        )


def recorded(
    exchange: Exchange, hidden: tuple[str, ...], magic_key: str, advice: "tuple[Advice, ...]"
) -> Record:
    """What is kept of an exchange.

    Args:
        exchange: The exchange, as it was.
        hidden: What must not be written down.
        magic_key: The key of the request, where it is no secret; empty otherwise.
        advice: What was advised.
    """
    entry, request, _ = exchange
    body = text_of(request.body, hidden)
    body.cut = body.cut or _is_unread(exchange)
    reply = reply_of(exchange, hidden)
    if body.blotted:
        # A link holds the prompt, and so perhaps what was blotted out of it.
        reply.body.text = without_payload(reply.body.text)
    link = None
    if (
        entry.status == 200
        and request.method == "POST"
        and (found := _LINK.search(reply.body.text))
    ):
        link = Link(found[1], found[2], int(found[3]))
    return Record(
        entry,
        blot(f"{request.scheme}://{request.headers.get('host', '')}", hidden),
        query_of(request.query, hidden),
        headers_of(request.headers, hidden),
        magic_key,
        body,
        reply,
        receipt(exchange),
        advice,
        link,
    )


def _is_unread(exchange: Exchange) -> bool:
    """Whether a body was refused, or its client gone, before it was there whole."""
    entry, request, _ = exchange
    announced = request.headers.get("content-length", "0")
    return not request.body and (announced != "0" or entry.refusal == BODY_TOO_LARGE.id)
