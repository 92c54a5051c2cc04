"""Servers that read, work or link otherwise than the reference, as they may."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from .messages import JSON, Json, Parameters, Picture, RefusedError, Reply, Request, Setting
from .reading import TYPES
from .reference import Make, ReferenceServer

AT_ONCE = 3
QUERY = "?X-Tos-Algorithm=TOS4-HMAC-SHA256&X-Tos-Credential=AKTP%2F20260914%2Fcn%2Ftos&X-Tos-Date="
QUERY += "20260914T080000Z&X-Tos-Expires=7200&x=a+b%20c&empty=&X-Tos-Signature=" + "5f" * 700


def addresses(written: Callable[[str, str], str]) -> Make:
    """A server that writes its links otherwise."""

    class Addressing(ReferenceServer):
        def address(self, request: Request, place: str) -> str:
            return written(request.origin, place)

    return Addressing


class EmptyPrompt(ReferenceServer):
    """Takes the prompt that is empty."""

    def checked(self, name: str, value: Json) -> Any:
        return value if name == "prompt" and value == "" else super().checked(name, value)


class UnknownRefused(ReferenceServer):
    """Refuses fields that it doesn't know."""

    def parameters(self, fields: Mapping[str, Json]) -> Parameters:
        if fields.keys() - TYPES.keys():
            self.wrong("A field", "is unknown")
        return super().parameters(fields)


class NullRefused(ReferenceServer):
    """Refuses null for any field."""

    def parameter(self, name: str, fields: Mapping[str, Json]) -> Any:
        if name in fields and fields[name] is None:
            self.wrong(name, "is null")
        return super().parameter(name, fields)


class Lenient(ReferenceServer):
    """Reads bodies that are nearly JSON, whatever they are called."""

    def fields(self, request: Request) -> dict[str, Json]:
        return super().fields(replace(request, headers={"content-type": JSON}))

    def parse(self, body: bytes) -> Json:
        return json.loads(body.decode("utf-8-sig"))


class KeyLast(ReferenceServer):
    """Reads the parameters first, and asks for the key then."""

    def generations(self, request: Request) -> Reply:
        self.allow(request, "POST")
        self.parameters(self.fields(request))
        return super().generations(request)


class OtherPort(ReferenceServer):
    second_listener = True


class Bare(ReferenceServer):
    """Gives links without an ending."""

    def place(self, picture: Picture) -> str:
        return super().place(replace(picture, ending=""))


class Redirecting(ReferenceServer):
    """Sends whoever follows a link to where the picture is."""

    def fetch(self, request: Request) -> Reply:
        if urlsplit(request.target).query == "direct":
            return super().fetch(request)
        return Reply(302, {"Location": f"{request.origin}{request.path}?direct"})


class Signed(ReferenceServer):
    """Knows its links only with the query that they were given with."""

    def address(self, request: Request, place: str) -> str:
        return super().address(request, place) + QUERY

    def fetch(self, request: Request) -> Reply:
        if not request.target.endswith(QUERY):
            raise RefusedError(403, "SignatureDoesNotMatch", "The signature does not match.")
        return super().fetch(request)


class Crowded(ReferenceServer):
    """Works on three requests at a time, and says 429 to more."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.places = threading.Semaphore(AT_ONCE)

    def generate(self, request: Request) -> Reply:
        if not self.places.acquire(blocking=False):
            raise RefusedError(429, "rate_limited", "request limited concurrency reached")
        try:
            time.sleep(0.01)
            return super().generate(request)
        finally:
            self.places.release()


class Waiting(ReferenceServer):
    """Works on one request after the other."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.turn = threading.Lock()

    def answer(self, request: Request) -> Reply:
        with self.turn:
            return super().answer(request)


HABITS: tuple[tuple[str, str, Make], ...] = (
    (
        "links-by-name",
        "gives links to localhost",
        addresses(lambda origin, place: origin.replace("127.0.0.1", "localhost") + place),
    ),
    ("links-to-other-port", "gives links to another port", OtherPort),
    ("links-redirecting", "sends whoever follows a link on, once", Redirecting),
    ("links-signed", "gives links with a long query, and knows them with it alone", Signed),
    ("links-bare", "gives links without an ending", Bare),
    ("prompt-empty-taken", "takes the prompt that is empty", EmptyPrompt),
    ("unknown-refused", "refuses fields that it doesn't know", UnknownRefused),
    ("null-refused", "refuses null for any field", NullRefused),
    ("lenient", "reads bodies that are nearly JSON, whatever they are called", Lenient),
    ("key-last", "reads the parameters first, and asks for the key then", KeyLast),
    ("crowded", "works on three requests at a time, and says 429 to more", Crowded),
    ("waiting", "works on one request after the other", Waiting),
)
