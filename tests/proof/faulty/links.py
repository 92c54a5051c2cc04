"""Servers whose links lead nowhere, elsewhere, or not for long."""

import base64
from collections.abc import Callable

from ..messages import Picture, RefusedError, Reply, Request
from ..reference import Make, ReferenceServer
from .kinds import Faulty


def addresses(written: Callable[[str, str], str]) -> Make:
    """A server that writes its links in another way, of origin and path."""

    class Addressing(ReferenceServer):
        def address(self, request: Request, place: str) -> str:
            return written(request.origin, place)

    return Addressing


class Dying(ReferenceServer):
    """Lets its links die after a moment."""

    def life(self) -> float:
        return self.setting.moment


class Once(ReferenceServer):
    """Serves what is behind a link once."""

    def fetch(self, request: Request) -> Reply:
        reply = super().fetch(request)
        if request.method == "GET":
            self.links.pop(request.path, None)
        return reply


class Belated(ReferenceServer):
    """Lets a link die when the next is given."""

    def link(self, request: Request, picture: Picture) -> str:
        self.links.clear()
        return super().link(request, picture)


class Inline(ReferenceServer):
    """Gives the picture itself as an address."""

    def link(self, request: Request, picture: Picture) -> str:
        return "data:image/png;base64," + base64.b64encode(picture.file).decode()


class Keyed(ReferenceServer):
    """Asks for the key at its links."""

    def fetch(self, request: Request) -> Reply:
        self.admit(request)
        return super().fetch(request)


class Circling(ReferenceServer):
    """Sends whoever follows a link to that link."""

    def fetch(self, request: Request) -> Reply:
        return Reply(302, {"Location": request.origin + request.target})


class Signed(ReferenceServer):
    """Refuses its own links."""

    def fetch(self, request: Request) -> Reply:
        raise RefusedError(403, "SignatureDoesNotMatch", "The signature does not match.")


class Gone(ReferenceServer):
    """Knows none of its own links."""

    def fetch(self, request: Request) -> Reply:
        raise RefusedError(404, "link_dead", "This link is dead.")


WHOLE = "picture.whole"
URL = "reply.url"
DEAD = (URL, WHOLE)


FAULTS = (
    Faulty("link-dead", "says 404 to its own links", URL, Gone, also=("url.lifetime", WHOLE)),
    Faulty("link-refused", "says 403 to its own links", URL, Signed, also=("url.lifetime", WHOLE)),
    Faulty("link-keyed", "asks for the key at its links", URL, Keyed, also=("url.lifetime", WHOLE)),
    Faulty(
        "link-circling",
        "sends whoever follows a link round in a circle",
        URL,
        Circling,
        also=("url.lifetime", WHOLE),
    ),
    Faulty("link-dying", "lets its links die after a moment", "url.lifetime", Dying, also=DEAD),
    Faulty("link-once", "serves what is behind a link once", "url.lifetime", Once, also=DEAD),
    Faulty(
        "link-belated", "lets a link die when the next is given", "url.lifetime", Belated, also=DEAD
    ),
    Faulty("link-relative", "gives links without a host", URL, addresses(lambda _, place: place)),
    Faulty(
        "link-without-scheme",
        "gives links without http",
        URL,
        addresses(lambda origin, place: origin.removeprefix("http:") + place),
    ),
    Faulty(
        "link-of-files",
        "gives links to files of its own machine",
        URL,
        addresses(lambda _, place: "file:///var/lib" + place),
    ),
    Faulty(
        "link-blank",
        "gives links with a blank in them",
        URL,
        addresses(
            lambda origin, place: origin + place.replace("/image_gen/", "/image_gen/my picture/")
        ),
    ),
    Faulty(
        "link-empty-text",
        "gives an empty text as a link",
        URL,
        addresses(lambda *_: ""),
        also=("payload.one",),
    ),
    Faulty(
        "link-nowhere",
        "gives links to a host that does not exist",
        URL,
        addresses(lambda _, place: "http://pictures.invalid" + place),
        also=("url.lifetime", WHOLE),
    ),
    Faulty(
        "link-closed-port",
        "gives links to a port where nobody listens",
        URL,
        addresses(lambda _, place: "http://127.0.0.1:1" + place),
        also=("url.lifetime", WHOLE),
    ),
    Faulty("link-inline", "gives the picture itself as an address", URL, Inline),
)
