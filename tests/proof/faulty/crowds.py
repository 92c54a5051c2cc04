"""Servers that mix up what several requests ask for."""

import threading
import time
from dataclasses import replace

from ..messages import Parameters, Picture, Reply, Request
from ..reference import Make, ReferenceServer
from .kinds import Faulty

OVERLAP = 0.015
MIXED = (
    "seed.similar",
    "size.order",
    "size.values",
    "response_format.values",
    "reply.b64_json",
    "reply.url",
    "payload.one",
    "seed.zero",
    "seed.random",
)


class Place:
    """Where two requests meet that are answered at the same time."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.met = threading.Event()


class Crossing(ReferenceServer):
    """Gives each of two requests that overlap the reply to the other."""

    waiting: Place | None = None

    def generate(self, request: Request) -> Reply:
        mine = Place(super().generate(request))
        with self.lock:
            other, self.waiting = self.waiting, None if self.waiting else mine
            if other:
                other.reply, mine.reply = mine.reply, other.reply
                other.met.set()
                return mine.reply
        mine.met.wait(OVERLAP)
        with self.lock:
            if self.waiting is mine:
                self.waiting = None
            return mine.reply


class Sharing(ReferenceServer):
    """Keeps the seed in one place for all requests, so that the latest counts for all."""

    latest = 0

    def seed(self, parameters: Parameters) -> int:
        self.latest = super().seed(parameters)
        # Long enough for another request to put its own seed there.
        time.sleep(OVERLAP)
        return self.latest


def keeps(*named: str) -> Make:
    """A server that keeps its pictures, under these parameters and no others."""

    class Keeping(ReferenceServer):
        kept: dict[object, Picture] | None = None

        def draw(self, parameters: Parameters, seed: int) -> Picture:
            self.kept = {} if self.kept is None else self.kept
            used = replace(parameters, seed=seed)
            key = tuple(getattr(used, name) for name in named)
            return self.kept.setdefault(key, super().draw(parameters, seed))

    return Keeping


FAULTS = (
    Faulty(
        "crowd-crossing",
        "crosses the replies to requests that overlap",
        "seed.echo",
        Crossing,
        also=MIXED,
    ),
    Faulty(
        "crowd-sharing",
        "uses the latest seed for all requests that overlap",
        "seed.echo",
        Sharing,
        also=("seed.zero", "seed.random", "seed.similar"),
    ),
    Faulty(
        "kept-by-seed",
        "keeps pictures by prompt and seed, whatever the size",
        "size.order",
        keeps("prompt", "seed"),
        also=("size.values", "size.default"),
    ),
)
