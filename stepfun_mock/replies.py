"""The JSON of a reply that went well, with its picture or its link."""

import base64
from json.encoder import encode_basestring
from random import Random

from stepfun_mock.choices import Choices
from stepfun_mock.errors import JSON_HEADERS
from stepfun_mock.images import draw
from stepfun_mock.links import Links
from stepfun_mock.message import ImageRequest, Request, Response


class Replies:
    """Makes replies to valid requests.

    Args:
        links: Makes links, where a link was asked for.
        random: Draws the ids of replies.
        choices: Whether a reply has an id.
    """

    def __init__(self, links: Links, random: Random, choices: Choices) -> None:
        self._links = links
        self._random = random
        self._with_id = choices.reply_id

    def make(
        self,
        request: Request,
        image: ImageRequest,
        seed: int,
        now: float,
        finish_reason: str,
        *,
        with_picture: bool,
    ) -> Response:
        """Make the reply to a request; `now` is Unix seconds."""
        payload = self._payload(request, image, seed, now) if with_picture else ""
        reply_id = self._reply_id() if self._with_id else ""
        # Joined by hand: the JSON encoder takes longer over 16 KB of Base64 than the drawing.
        body = (
            f'{{{reply_id}"created":{int(now)},"data":[{{{payload}'
            f'"finish_reason":"{finish_reason}","seed":{seed}}}]}}'
        )
        return Response(200, JSON_HEADERS, body.encode())

    def _payload(self, request: Request, image: ImageRequest, seed: int, now: float) -> str:
        if image.response_format == "b64_json":
            return f'"b64_json":"{base64.b64encode(draw(image, seed)).decode()}",'
        base = f"{request.scheme}://{request.headers.get('host', 'localhost')}"
        return f'"url":{encode_basestring(self._links.make(base, image, seed, now))},'

    def _reply_id(self) -> str:
        halves = [f"{self._random.getrandbits(128):032x}" for _ in range(2)]
        return f'"id":"{".".join(halves)}",'
