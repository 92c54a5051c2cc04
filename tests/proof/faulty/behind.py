"""Servers that have something else behind their links than the picture."""

from collections.abc import Callable
from dataclasses import replace

from ..drawing import image, png, saved
from ..messages import Parameters, Picture, Reply, Request, Setting, Wire
from ..reference import LINKS, Make, ReferenceServer
from .kinds import Faulty

PAGE = b"<!doctype html><title>Download</title><h1>Your picture is ready</h1>"


def serves(served: Callable[[Picture], Reply]) -> Make:
    """A server that serves something else behind its links."""

    class Serving(ReferenceServer):
        def file(self, picture: Picture) -> Reply:
            return served(picture)

    return Serving


def labels(kind: str) -> Make:
    """A server that calls the picture behind a link something else."""
    return serves(lambda picture: Reply(200, {"Content-Type": kind}, picture.file))


class Previous(ReferenceServer):
    """Has the picture of the link before behind every link."""

    last: Picture | None = None

    def link(self, request: Request, picture: Picture) -> str:
        shown, self.last = self.last or picture, picture
        return super().link(request, shown)


class OneForAll(ReferenceServer):
    """Gives one link for all pictures, behind which is the latest."""

    def place(self, picture: Picture) -> str:
        return f"{LINKS}latest{picture.ending}"


class Stranger(ReferenceServer):
    """Has one and the same picture behind all links."""

    def file(self, picture: Picture) -> Reply:
        shown = image(picture.file)
        return super().file(replace(picture, file=png(*shown.size, bytes(range(256)) * 3)))


def kept_by(*names: str) -> Make:
    """A server whose links bring the first picture that was drawn with these parameters."""

    class Kept(ReferenceServer):
        def __init__(self, setting: Setting) -> None:
            super().__init__(setting)
            self.first: dict[tuple[object, ...], Picture] = {}

        def draw(self, parameters: Parameters, seed: int) -> Picture:
            picture = super().draw(parameters, seed)
            if parameters.response_format != "url":
                return picture
            return self.first.setdefault(tuple(getattr(parameters, n) for n in names), picture)

    return Kept


class Thumbnail(ReferenceServer):
    """Has a smaller picture behind its links."""

    def file(self, picture: Picture) -> Reply:
        shown = image(picture.file)
        small = shown.resize((shown.width // 4, shown.height // 4))
        return super().file(replace(picture, file=saved(small, "PNG")))


class Turned(ReferenceServer):
    """Has the picture lying on its side behind its links."""

    def file(self, picture: Picture) -> Reply:
        shown = image(picture.file)
        lying = saved(shown.rotate(90, expand=True), "PNG", compress_level=1)
        return super().file(replace(picture, file=lying))


class Unready(ReferenceServer):
    """Gives links that nothing is behind yet."""

    def fetch(self, request: Request) -> Reply:
        return Reply(202, {"Content-Type": "application/json"}, b'{"status": "queued"}')


WHOLE = "picture.whole"
URL = "reply.url"


FAULTS = (
    Faulty(
        "link-unready",
        "says at its links that the picture is not drawn yet",
        URL,
        Unready,
        also=("url.lifetime", WHOLE),
    ),
    Faulty(
        "link-previous",
        "has the picture of the link before behind every link",
        URL,
        Previous,
        also=("seed.similar", "size.order", "size.values", "size.default", "seed.echo"),
    ),
    Faulty(
        "link-one-for-all",
        "gives one link for all pictures",
        URL,
        OneForAll,
        also=("seed.similar", "seed.echo", "size.order", "size.default", "url.lifetime"),
    ),
    Faulty(
        "link-kept-by-prompt",
        "has the first picture of a prompt and size behind all their links",
        URL,
        kept_by("prompt", "size"),
    ),
    Faulty(
        "link-kept-by-size",
        "has the first picture of a size behind all its links",
        URL,
        kept_by("size"),
    ),
    Faulty(
        "link-stranger",
        "has one and the same picture behind all links",
        URL,
        Stranger,
        also=("seed.similar",),
    ),
    Faulty(
        "link-thumbnail",
        "has a smaller picture behind its links",
        "size.order",
        Thumbnail,
        also=(URL, "size.values", "size.default"),
    ),
    Faulty(
        "link-turned",
        "has the picture on its side behind its links",
        "size.order",
        Turned,
        also=(URL, "size.values", "size.default"),
    ),
    Faulty(
        "link-page",
        "has a web page behind its links",
        URL,
        serves(lambda _: Reply(200, {"Content-Type": "text/html"}, PAGE)),
        also=(WHOLE,),
    ),
    Faulty(
        "link-page-as-png",
        "has a web page behind its links, and calls it a PNG",
        WHOLE,
        serves(lambda _: Reply(200, {"Content-Type": "image/png"}, PAGE)),
        also=(URL,),
    ),
    Faulty(
        "link-empty",
        "has no bytes behind its links",
        URL,
        serves(lambda _: Reply(200, {"Content-Type": "image/png"})),
        also=(WHOLE,),
    ),
    Faulty(
        "link-half",
        "breaks the picture behind a link off in the middle",
        WHOLE,
        serves(lambda picture: Reply(200, {"Content-Type": "image/png"}, picture.file[:1000])),
        also=(URL,),
    ),
    Faulty(
        "link-broken-off",
        "closes in the middle of the picture behind a link",
        WHOLE,
        serves(
            lambda picture: Reply(200, {"Content-Type": "image/png"}, picture.file, Wire(cut=1000))
        ),
        also=(URL,),
    ),
    Faulty(
        "link-as-text",
        "calls the picture behind a link plain text",
        WHOLE,
        labels("text/plain"),
        also=(URL,),
    ),
    Faulty(
        "link-as-json",
        "calls the picture behind a link JSON",
        WHOLE,
        labels("application/json"),
        also=(URL,),
    ),
    Faulty(
        "link-as-bytes",
        "calls the picture behind a link mere bytes",
        WHOLE,
        labels("application/octet-stream"),
        "differs",
        also=(URL,),
    ),
    Faulty(
        "link-as-jpeg",
        "calls the PNG behind a link a JPEG",
        WHOLE,
        labels("image/jpeg"),
        also=(URL,),
    ),
)
