"""Servers whose reply is no proper JSON object, or whose `created` or `data` are no such."""

import json
from collections.abc import Callable

from ..messages import Reply, Request, Wire
from ..reference import Make, ReferenceServer
from .kinds import Faulty, says

ENTRY = ("reply.seed", "reply.finish_reason", "reply.url", "reply.b64_json", "payload.one")
DATA = ("reply.created", "reply.data", *ENTRY)


def writes(written: Callable[[str], bytes]) -> Make:
    """A server that writes its replies of pictures in another way."""

    class Writing(ReferenceServer):
        def generate(self, request: Request) -> Reply:
            reply = super().generate(request)
            return Reply(reply.status, reply.headers, written(reply.body.decode()))

    return Writing


def replies(status: int, kind: str) -> Make:
    """A server that replies to pictures with another status or type."""

    class Replying(ReferenceServer):
        def generate(self, request: Request) -> Reply:
            return Reply(status, {"Content-Type": kind}, super().generate(request).body)

    return Replying


def ships(wire: Wire) -> Make:
    """A server whose replies of pictures go over the wire in another way."""

    class Shipping(ReferenceServer):
        def generate(self, request: Request) -> Reply:
            reply = super().generate(request)
            return Reply(reply.status, reply.headers, reply.body, wire)

    return Shipping


class Job(ReferenceServer):
    """Takes a job instead of drawing."""

    def generate(self, request: Request) -> Reply:
        self.parameters(self.fields(request))
        return self.said({"id": "job-1", "status": "queued"}, 202)


class Closed(ReferenceServer):
    """Knows every route but that for pictures."""

    def generate(self, request: Request) -> Reply:
        return Reply(404)


class Misread(ReferenceServer):
    """Says that its plain reply is compressed."""

    def generate(self, request: Request) -> Reply:
        reply = super().generate(request)
        return Reply(200, {**reply.headers, "Content-Encoding": "gzip"}, reply.body)


def doubled(text: str) -> bytes:
    return b'{"created": 1,' + text[1:].encode()


def trailing(text: str) -> bytes:
    return text.encode()[:-1] + b",}"


def unquoted(text: str) -> bytes:
    return repr(json.loads(text)).encode()


def with_nan(text: str) -> bytes:
    return b'{"score": NaN,' + text[1:].encode()


PROPER = "reply.json"


FAULTS = (
    Faulty(
        "reply-list", "puts the reply into a list", PROPER, says(lambda reply: [reply]), also=DATA
    ),
    Faulty(
        "reply-text-of-json",
        "gives a JSON text in which the JSON stands",
        PROPER,
        says(json.dumps),
        also=DATA,
    ),
    Faulty("reply-key-twice", "has created twice in the reply", PROPER, writes(doubled)),
    Faulty("reply-nan", "has NaN in the reply", PROPER, writes(with_nan)),
    Faulty(
        "reply-mark",
        "puts a byte order mark before the reply",
        PROPER,
        writes(lambda text: text.encode("utf-8-sig")),
    ),
    Faulty("reply-comma", "has a comma too many in the reply", PROPER, writes(trailing)),
    Faulty("reply-quotes", "writes single quotes", PROPER, writes(unquoted)),
    Faulty("reply-utf-16", "writes UTF-16", PROPER, writes(lambda text: text.encode("utf-16"))),
    Faulty(
        "reply-utf-16-unmarked",
        "writes UTF-16 without saying so",
        PROPER,
        writes(lambda text: text.encode("utf-16-le")),
    ),
    Faulty(
        "reply-latin-1",
        "writes Latin-1",
        PROPER,
        writes(lambda text: '{"note": "schön",'.encode("latin-1") + text[1:].encode()),
    ),
    Faulty(
        "reply-half", "leaves out the last bracket", PROPER, writes(lambda text: text[:-1].encode())
    ),
    Faulty("reply-twice", "writes the reply twice", PROPER, writes(lambda text: text.encode() * 2)),
    Faulty("reply-empty", "says 200 and nothing more", PROPER, writes(lambda _: b""), also=DATA),
    Faulty(
        "reply-events",
        "writes the reply as an event",
        PROPER,
        writes(lambda text: f"data: {text}\n\n".encode()),
    ),
    Faulty(
        "reply-called",
        "writes the call of a function around the reply",
        PROPER,
        writes(lambda text: f"callback({text});".encode()),
    ),
    Faulty("reply-as-html", "says that the reply is HTML", PROPER, replies(200, "text/html")),
    Faulty(
        "reply-as-text",
        "says that the reply is plain text",
        PROPER,
        replies(200, "text/plain"),
        "differs",
    ),
    Faulty(
        "reply-as-compressed", "says that the plain reply is compressed", PROPER, Misread, also=DATA
    ),
    Faulty(
        "reply-too-short",
        "promises more bytes than it sends",
        PROPER,
        ships(Wire(length_off=50, close=True)),
        also=DATA,
    ),
    Faulty(
        "reply-broken-off",
        "closes in the middle of the reply",
        PROPER,
        ships(Wire(cut=60)),
        also=DATA,
    ),
    Faulty("reply-job", "takes a job instead of drawing", "route.generate", Job, also=DATA),
    Faulty("reply-none", "knows every route but that for pictures", "route.generate", Closed),
)
