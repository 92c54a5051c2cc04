"""Servers that reply or refuse otherwise than the reference, as they may."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate

from .messages import JSON, Json, RefusedError, Reply, Request, Wire
from .reference import Make, ReferenceServer

HOUR = 3600


def ships(wire: Wire) -> Make:
    """A server whose replies all go over the wire in another way."""

    class Shipping(ReferenceServer):
        def sent(self, request: Request, reply: Reply) -> Reply:
            return replace(reply, wire=wire)

    return Shipping


def heads(added: Callable[[float], dict[str, str]]) -> Make:
    """A server that sends other headers."""

    class Heading(ReferenceServer):
        def sent(self, request: Request, reply: Reply) -> Reply:
            return replace(reply, headers={**reply.headers, **added(self.setting.clock())})

    return Heading


def errs(erring: Callable[[RefusedError], Json]) -> Make:
    """A server that words its errors otherwise."""

    class Erring(ReferenceServer):
        def refuse(self, refused: RefusedError) -> Reply:
            return self.said({"error": erring(refused)}, refused.status)

    return Erring


class Adding(ReferenceServer):
    """Says more than is documented."""

    def whole(self, entry: dict[str, Json]) -> Json:
        entry = {"index": 0, **entry, "revised_prompt": None}
        extra = {"id": "a1" * 16 + "." + "b2" * 16, "model": "step-image-edit-2", "usage": {"n": 1}}
        return {**extra, **super().whole(entry)}


class Pretty(ReferenceServer):
    """Writes its JSON with white space and escapes."""

    def written(self, said: Json) -> bytes:
        text = json.dumps(said, indent=4, separators=(" ,", " : "))
        return f"\r\n\t {text} \n".replace("/", "\\/").replace("seed", "\\u0073eed").encode()


class Charset(ReferenceServer):
    def said(self, said: Json, status: int = 200) -> Reply:
        return Reply(status, {"Content-Type": f"{JSON}; charset=utf-8"}, self.written(said))


class Compressing(ReferenceServer):
    """Compresses for those who understand it."""

    def sent(self, request: Request, reply: Reply) -> Reply:
        if "gzip" not in request.headers.get("accept-encoding", "") or not reply.body:
            return reply
        headers = {**reply.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return replace(reply, headers=headers, body=gzip.compress(reply.body, 1))


class Behind(ReferenceServer):
    """Its clock is two seconds behind."""

    def created(self) -> Json:
        return int(self.setting.clock()) - 2


class Mannered(ReferenceServer):
    """Says in JSON what it doesn't have, and how to show a key."""

    def nowhere(self, request: Request) -> Reply:
        raise RefusedError(404, "path_unknown", "There is nothing here.")

    def refuse(self, refused: RefusedError) -> Reply:
        reply = super().refuse(refused)
        shown = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else {}
        return replace(reply, headers={**reply.headers, **shown})


def with_more(refused: RefusedError) -> Json:
    told = {"message": refused.message, "type": refused.kind, "code": refused.kind}
    return {**told, "param": refused.parameter or None, "description": "Read the documentation."}


CROWD = {"Access-Control-Allow-Origin": "*", "X-Trace-Id": "0123456789abcdef", "Server": "odd"}


ODDITIES: tuple[tuple[str, str, Make], ...] = (
    (
        "other-words",
        "words its errors in Chinese",
        errs(lambda refused: {"message": "参数不合法,请检查后重试", "type": refused.kind}),
    ),
    (
        "other-types",
        "has other words for the types of its errors",
        errs(lambda refused: {"message": refused.message, "type": "invalid_request_error"}),
    ),
    ("more-in-errors", "says more in its errors", errs(with_more)),
    ("more-in-replies", "says more in its replies", Adding),
    ("more-headers", "sends headers that nobody needs", heads(lambda _: CROWD)),
    ("cookies", "sets a cookie", heads(lambda _: {"Set-Cookie": "router=7; Path=/; HttpOnly"})),
    ("chunked", "sends its replies in chunks", ships(Wire(chunked=True))),
    ("headers-lower", "writes its headers in lower case", ships(Wire(spelled=str.lower))),
    ("headers-upper", "writes its headers in upper case", ships(Wire(spelled=str.upper))),
    ("closing", "closes the connection after every reply", ships(Wire(close=True))),
    ("old", "speaks HTTP/1.0, and says no lengths", ships(Wire(bare=True))),
    ("compressing", "compresses for those who understand it", Compressing),
    (
        "date-behind",
        "is an hour behind in its Date",
        heads(lambda now: {"Date": formatdate(now - HOUR, usegmt=True)}),
    ),
    ("created-behind", "is two seconds behind in created", Behind),
    ("pretty", "writes its JSON with white space and escapes", Pretty),
    ("charset", "says that its JSON is in UTF-8", Charset),
    ("mannered", "says in JSON what it doesn't have, and how to show a key", Mannered),
)
