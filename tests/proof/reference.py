"""A server of the image API that conforms, cut into small methods for others to override."""

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .drawing import colours, png
from .messages import (
    BAD_KEY,
    JSON,
    NO_LINK,
    NO_METHOD,
    NO_MODEL,
    Json,
    Parameters,
    Picture,
    RefusedError,
    Reply,
    Request,
    Setting,
)
from .reading import LAST_SEED, MODEL, Reading

PLAN = "/step_plan"
LINKS = "/image_gen/"


@dataclass(frozen=True)
class Link:
    """A picture behind a link, and when the link dies."""

    picture: Picture
    dies: float


class ReferenceServer(Reading):
    """Answers requests as documented: the key first, then the body, then its parameters."""

    # Whether links lead to a second port.
    second_listener = False

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.random = Random(setting.seed)
        self.lock = threading.Lock()
        self.links: dict[str, Link] = {}
        # Asked before the server itself; what one of them answers is the answer.
        self.weather: list[Callable[[Request], Reply | None]] = []
        # Where links lead to, if not to where the request went.
        self.link_origin = ""

    # Routes

    def answer(self, request: Request) -> Reply:
        """The reply to a request."""
        for turn in self.weather:
            if (reply := turn(request)) is not None:
                return reply
        try:
            return self.sent(request, self.route(request))
        except RefusedError as refused:
            return self.sent(request, self.refuse(refused))

    def route(self, request: Request) -> Reply:
        place = request.path.removeprefix(PLAN)
        if request.path.startswith(LINKS):
            return self.fetch(request)
        if place == "/v1/images/generations":
            return self.generations(request)
        if place == "/v1/models":
            return self.models(request)
        if place.startswith("/v1/models/"):
            return self.model(request, place.removeprefix("/v1/models/"))
        return self.nowhere(request)

    def generations(self, request: Request) -> Reply:
        self.allow(request, "POST")
        self.admit(request)
        return self.generate(request)

    def models(self, request: Request) -> Reply:
        self.allow(request, "GET", "HEAD")
        self.admit(request)
        return self.said({"object": "list", "data": [self.card()]})

    def model(self, request: Request, name: str) -> Reply:
        self.allow(request, "GET", "HEAD")
        self.admit(request)
        if name != MODEL:
            raise RefusedError(404, NO_MODEL, f"There is no model {name!r} for you.")
        return self.said(self.card())

    def card(self) -> Json:
        return {"id": MODEL, "object": "model", "created": 1777334400, "owned_by": "stepai"}

    def nowhere(self, request: Request) -> Reply:
        if request.path.startswith(PLAN + "/"):
            return Reply(404, {"Content-Type": "text/plain"}, b"404 page not found\n")
        return Reply(404)

    def allow(self, request: Request, *methods: str) -> None:
        if request.method not in methods:
            raise RefusedError(405, NO_METHOD, f"The method must be {methods[0]}.")

    def admit(self, request: Request) -> None:
        """Refuse a request without the right key."""
        if not self.key_fits(request.headers.get("authorization", "")):
            raise RefusedError(401, BAD_KEY, "The API key is missing or wrong.")

    def key_fits(self, authorization: str) -> bool:
        scheme, _, key = authorization.partition(" ")
        return scheme.lower() == "bearer" and key.strip() == self.setting.key

    # The picture

    def generate(self, request: Request) -> Reply:
        parameters = self.parameters(self.fields(request))
        seed = self.seed(parameters)
        entry = self.entry(request, parameters, seed, self.draw(parameters, seed))
        return self.said(self.whole(entry))

    def seed(self, parameters: Parameters) -> int:
        """The seed to draw with."""
        return self.drawn_seed() if parameters.seed is None else parameters.seed

    def drawn_seed(self) -> int:
        with self.lock:
            return self.random.randint(0, LAST_SEED)

    def draw(self, parameters: Parameters, seed: int) -> Picture:
        width, height = self.measures(parameters.size)
        return Picture(png(width, height, self.palette(parameters, seed)))

    def measures(self, size: str) -> tuple[int, int]:
        """Width and height in pixels; the height comes first in a size."""
        height, width = size.split("x")
        return int(width), int(height)

    def palette(self, parameters: Parameters, seed: int) -> bytes:
        return colours(parameters.prompt, seed, self.looks(parameters))

    def looks(self, parameters: Parameters) -> dict[str, object]:
        """What makes a picture look different for one prompt and seed."""
        heeded = parameters.cfg_scale > 1.0
        return {
            "steps": parameters.steps,
            "cfg_scale": float(parameters.cfg_scale),
            "text_mode": parameters.text_mode,
            "negative_prompt": parameters.negative_prompt if heeded else "",
        }

    # The reply

    def entry(
        self, request: Request, parameters: Parameters, seed: int, picture: Picture
    ) -> dict[str, Json]:
        """The one entry of `data`."""
        payload = self.payload(request, parameters, picture)
        return {**payload, "finish_reason": "success", "seed": seed}

    def payload(
        self, request: Request, parameters: Parameters, picture: Picture
    ) -> dict[str, Json]:
        if parameters.response_format == "b64_json":
            return {"b64_json": self.text(picture)}
        return {"url": self.link(request, picture)}

    def text(self, picture: Picture) -> str:
        """The picture in Base64."""
        return base64.b64encode(picture.file).decode()

    def whole(self, entry: dict[str, Json]) -> Json:
        """The reply, of its entry."""
        return {"created": self.created(), "data": [entry]}

    def created(self) -> Json:
        return int(self.setting.clock())

    def said(self, said: Json, status: int = 200) -> Reply:
        """A reply that is JSON."""
        return Reply(status, {"Content-Type": JSON}, self.written(said))

    def written(self, said: Json) -> bytes:
        return json.dumps(said, ensure_ascii=False).encode()

    def refuse(self, refused: RefusedError) -> Reply:
        """The reply to a request that is refused."""
        error = {"message": refused.message, "type": refused.kind}
        return self.said({"error": error}, refused.status)

    def sent(self, request: Request, reply: Reply) -> Reply:
        """The last word on a reply of any kind."""
        return reply

    # Links

    def link(self, request: Request, picture: Picture) -> str:
        """A new link to the picture."""
        place = self.place(picture)
        with self.lock:
            self.links[place] = Link(picture, self.setting.clock() + self.life())
        return self.address(request, place)

    def place(self, picture: Picture) -> str:
        """The path of a new link."""
        with self.lock:
            return f"{LINKS}20260914/{self.random.getrandbits(128):032x}{picture.ending}"

    def address(self, request: Request, place: str) -> str:
        return (self.link_origin or request.origin) + place

    def life(self) -> float:
        return self.setting.link_life

    def fetch(self, request: Request) -> Reply:
        """What a link leads to."""
        self.allow(request, "GET", "HEAD")
        link = self.links.get(request.path)
        if link is None or self.setting.clock() >= link.dies:
            raise RefusedError(404, NO_LINK, "This link is dead.")
        return self.file(link.picture)

    def file(self, picture: Picture) -> Reply:
        return Reply(200, {"Content-Type": picture.type}, picture.file)


# Makes a server.
Make = Callable[[Setting], ReferenceServer]
