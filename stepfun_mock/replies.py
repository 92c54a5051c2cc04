"""The JSON of a reply that went well, with its picture or its link."""

import base64
from json.encoder import encode_basestring
from random import Random

from stepfun_mock.choices import Choices
from stepfun_mock.errors import JSON_HEADERS
from stepfun_mock.images import draw
from stepfun_mock.links import Links
from stepfun_mock.message import ImageRequest, Request, Response
from stepfun_mock.pictures import shown


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
        with_picture: bool = True,
        code: str = "",
        life: int | None = None,
    ) -> Response:
        """Make the reply to a request.

        Args:
            request: What came.
            image: What was asked for.
            seed: The seed given or drawn.
            now: The mock's time in Unix seconds.
            finish_reason: What the reply says of the picture.
            with_picture: Whether it has the picture.
            code: How the picture is not as it should be; see `stepfun_mock.pictures`.
            life: Seconds that its link lives, where not as ever.
        """
        payload = ""
        if with_picture and image.response_format == "b64_json":
            file = shown(code, image, seed).body if code else draw(image, seed)
            payload = f'"b64_json":"{base64.b64encode(file).decode()}",'
        elif with_picture:
            # A base may hold anything, while nothing behind it needs an escape.
            base = encode_basestring(base_of(request))[1:-1]
            url = self._links.make(base, image, seed, now, code=code, life=life)
            payload = f'"url":"{url}",'
        reply_id = self._reply_id() if self._with_id else ""
        # Joined by hand: the JSON encoder takes longer over 16 KB of Base64 than the drawing.
        body = (
            f'{{{reply_id}"created":{int(now)},"data":[{{{payload}'
            f'"finish_reason":"{finish_reason}","seed":{seed}}}]}}'
        )
        return Response(200, JSON_HEADERS, body.encode())

    def _reply_id(self) -> str:
        halves = [f"{self._random.getrandbits(128):032x}" for _ in range(2)]
        return f'"id":"{".".join(halves)}",'


def base_of(request: Request) -> str:
    """Scheme and host that a client used, on which its links stand."""
    return f"{request.scheme}://{request.headers.get('host', 'localhost')}"
