"""The mock itself: one request in, one response out. The one place with an order of steps.

Knows no socket and no framework, reads no clock of its own and draws on no shared randomness.
"""

import base64
import json
import logging
import secrets
import time
from collections.abc import Callable
from json.encoder import encode_basestring
from random import Random
from typing import NoReturn

from stepfun_mock import contract, refusals
from stepfun_mock.choices import Choices
from stepfun_mock.clock import Clock
from stepfun_mock.content import check_content
from stepfun_mock.errors import BUG_MESSAGE, JSON_HEADERS, RefusedError, to_response
from stepfun_mock.images import draw
from stepfun_mock.journal import Entry, Exchange, Journal
from stepfun_mock.keys import Keys, blot
from stepfun_mock.links import Links
from stepfun_mock.message import ImageRequest, Request, Response
from stepfun_mock.models import listed, record
from stepfun_mock.moderation import Filter
from stepfun_mock.validation import Validator

_log = logging.getLogger("stepfun_mock")
_quote = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_PNG_HEADERS = (("content-type", "image/png"),)
_CORS_HEADERS = (("access-control-allow-origin", "*"),)
_PREFLIGHT_HEADERS = (
    ("access-control-allow-methods", "GET, HEAD, POST"),
    ("access-control-allow-headers", "*, Authorization"),
    ("access-control-max-age", "600"),
)
_PATH_SHOWN = 256
_MESSAGE_SHOWN = 512

_SEEDS = {
    model.id: (int(row.minimum or 0), int(row.maximum or 0))
    for model in contract.MODELS
    for row in model.parameters
    if row.name == "seed"
}

_Handler = Callable[[Request, Entry], Response]


class StepfunMock:
    """StepFun's image API in this process.

    Args:
        choices: What the documentation leaves open; see `stepfun_mock.Choices`.
        clock: The mock's time, which a test can move.
        random: Draws seeds; a generator of the mock's own, since test libraries re-seed the
            global one.
        secret: Signs picture links; mocks that share it serve each other's links. Without one
            the links of a mock die with it.
        journal: Keeps what was asked and answered.
    """

    def __init__(
        self,
        *,
        choices: Choices | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
        secret: bytes | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.choices = choices or Choices()
        self.clock = clock or Clock()
        self.journal = Journal() if journal is None else journal
        self._random = random or Random(secrets.randbits(256))  # noqa: S311 (seeds of pictures)
        self._links = Links(
            secrets.token_bytes(32) if secret is None else secret, self.choices.link_life
        )
        self._validator = Validator(self.choices)
        self._filter = Filter(self.choices)
        self._keys = Keys(self.choices.api_keys)
        self._routes = self._table()
        self._watchers: tuple[Callable[[Exchange], None], ...] = ()

    @property
    def api_key(self) -> str:
        """A key that this mock accepts."""
        return next(iter(self.choices.api_keys), "stepfun-mock-key")

    @property
    def requests(self) -> list[ImageRequest]:
        """The valid requests for a picture, oldest first, repeated tries included."""
        return self.journal.requests()

    def reset(self) -> None:
        """Forget what was asked and return to real time."""
        self.journal.clear()
        self.clock.reset()

    def watch(self, watcher: Callable[[Exchange], None]) -> None:
        """Call `watcher` with each exchange from now on, in the thread that answers it."""
        self._watchers = (*self._watchers, watcher)

    def handle(self, request: Request) -> Response:
        """Answer a request, and write it down. Never raises for what a client sent.

        Raises:
            TypeError: the body is no bytes, which no client can send.
        """
        body: object = request.body
        if not isinstance(body, bytes):
            came = type(body).__name__
            raise TypeError(f"a body is bytes, as from json.dumps(...).encode(), but {came} came")
        if "authorization" not in request.headers or "content-type" not in request.headers:
            # The ways in give names in lower case; those who call by hand may not.
            folded = {name.lower(): value for name, value in request.headers.items()}
            request = request._replace(headers=folded)
        return self._answer(request, self._route)

    def refuse(self, request: Request, refused: RefusedError) -> Response:
        """Answer a request with what a transport found wrong with it, and write it down."""

        def raise_it(request: Request, entry: Entry) -> NoReturn:
            raise refused

        return self._answer(request, raise_it)

    def _answer(self, request: Request, handler: _Handler) -> Response:
        entry = Entry(0, self.clock.now(), request.method, request.path[:_PATH_SHOWN])
        started = time.perf_counter()
        response = _BUG
        try:
            response = self._tried(request, entry, handler)
        except Exception:
            entry.refusal, entry.message = refusals.MOCK_BUG.id, BUG_MESSAGE
            _log.exception("stepfun-mock failed")
        finally:
            entry.status = response.status
            entry.seconds = time.perf_counter() - started
            self.journal.add(entry)
        if self.choices.cors:
            response = self._opened(response)
        if self._watchers:
            self._show(Exchange(entry, request, response))
        return response

    def _show(self, exchange: Exchange) -> None:
        for watcher in self._watchers:
            try:
                watcher(exchange)
            except Exception:
                # Who looks on must not spoil the answer.
                _log.exception("a watcher failed")

    def _tried(self, request: Request, entry: Entry, handler: _Handler) -> Response:
        try:
            return handler(request, entry)
        except RefusedError as refused:
            # A path that was answered names a route or a link; only a refused one can hold a key.
            hidden = self._keys.secrets(request.headers)
            entry.path = blot(request.path, hidden)[:_PATH_SHOWN]
            message = blot(refused.message, hidden)
            entry.refusal, entry.message = refused.refusal.id, message[:_MESSAGE_SHOWN]
            told = RefusedError(refused.refusal, message, refused.headers, refused.plain)
            return to_response(told, description=self.choices.error_description)

    def _opened(self, response: Response) -> Response:
        headers = response.headers + _CORS_HEADERS
        return Response(response.status, headers, response.body)

    # Routes ------------------------------------------------------------------

    def _table(self) -> dict[str, tuple[str, _Handler]]:
        handlers = {"generate": self._generate, "models": self._models, "model": self._model}
        return {
            route.path.removesuffix("{id}"): (route.method, handlers[route.id.partition(".")[0]])
            for route in contract.ROUTES
        }

    def _route(self, request: Request, entry: Entry) -> Response:
        found = self._routes.get(request.path)
        if found is None or request.path.endswith("/"):
            return self._route_by_start(request, entry)
        return self._call(found, request, entry)

    def _route_by_start(self, request: Request, entry: Entry) -> Response:
        if request.path.startswith(contract.LINK_PREFIX):
            return self._call(("GET", self._picture), request, entry)
        start, slash, name = request.path.rpartition("/")
        found = self._routes.get(start + slash)
        if found is None or not name:
            _refuse_path(request.path)
        return self._call(found, request, entry)

    def _call(self, route: tuple[str, _Handler], request: Request, entry: Entry) -> Response:
        method, handler = route
        if request.method == method or (request.method == "HEAD" and method == "GET"):
            return handler(request, entry)
        if request.method == "OPTIONS" and self.choices.cors:
            return Response(204, _PREFLIGHT_HEADERS)
        raise RefusedError(
            refusals.METHOD_REFUSED,
            f"{request.path[:_PATH_SHOWN]} answers {method}, but {request.method} came"
            + ("; web pages need the choice cors=on" if request.method == "OPTIONS" else ""),
            headers=(("allow", method if method == "POST" else "GET, HEAD"),),
        )

    # Handlers ----------------------------------------------------------------

    def _generate(self, request: Request, entry: Entry) -> Response:
        self._keys.check(request.headers)
        check_content(request.headers)
        image = self._validator.read(request.body)
        seed = self._random.randint(*_SEEDS[image.model]) if image.seed is None else image.seed
        entry.image_request, entry.seed = self._without_keys(image, request), seed
        filtered = self._filter.refuses(image.prompt)
        entry.finish_reason = contract.FILTERED if filtered else contract.SUCCESS
        if filtered and self.choices.filtered_reply == "http_451":
            raise RefusedError(refusals.PROMPT_CENSORED, _CENSORED)
        payload = ""
        if not filtered or self.choices.filtered_reply == "with_picture":
            payload = self._payload(request, image, seed, entry.at)
        reply_id = self._reply_id() if self.choices.reply_id else ""
        body = (
            f'{{{reply_id}"created":{int(entry.at)},"data":[{{{payload}'
            f'"finish_reason":"{entry.finish_reason}","seed":{seed}}}]}}'
        )
        return Response(200, JSON_HEADERS, body.encode())

    def _without_keys(self, image: ImageRequest, request: Request) -> ImageRequest:
        """The request as it may be written down: no key, even where its prompt holds one."""
        for secret in self._keys.secrets(request.headers):
            if secret.encode("utf-8", "replace") in request.body:
                return image._replace(
                    prompt=blot(image.prompt, (secret,)),
                    negative_prompt=blot(image.negative_prompt, (secret,)),
                    unknown=tuple(blot(name, (secret,)) for name in image.unknown),
                )
        return image

    def _payload(self, request: Request, image: ImageRequest, seed: int, now: float) -> str:
        # Joined by hand: the JSON encoder takes longer over 16 KB of Base64 than the drawing.
        if image.response_format == "b64_json":
            return f'"b64_json":"{base64.b64encode(draw(image, seed)).decode()}",'
        base = f"{request.scheme}://{request.headers.get('host', 'localhost')}"
        return f'"url":{encode_basestring(self._links.make(base, image, seed, now))},'

    def _reply_id(self) -> str:
        halves = [f"{self._random.getrandbits(128):032x}" for _ in range(2)]
        return f'"id":"{".".join(halves)}",'

    def _picture(self, request: Request, entry: Entry) -> Response:
        image, seed = self._links.read(request.path, request.query, entry.at)
        entry.seed = seed
        return Response(200, _PNG_HEADERS, draw(image, seed))

    def _models(self, request: Request, entry: Entry) -> Response:
        self._keys.check(request.headers)
        return Response(200, JSON_HEADERS, _quote(listed()).encode())

    def _model(self, request: Request, entry: Entry) -> Response:
        self._keys.check(request.headers)
        name = request.path.rpartition("/")[2]
        return Response(200, JSON_HEADERS, _quote(record(name)).encode())


_BUG = to_response(RefusedError(refusals.MOCK_BUG, BUG_MESSAGE))
_CENSORED = "The content you provided or machine outputted is blocked."


def _refuse_path(path: str) -> NoReturn:
    here = f"there is no such path; the image API is at {contract.ROUTES[0].path}"
    if path == "/v1" or path.startswith("/v1/"):
        raise RefusedError(refusals.PATH_UNKNOWN, here)
    if path.startswith("/step_plan"):
        raise RefusedError(refusals.PATH_UNKNOWN, here, plain="404 page not found")
    raise RefusedError(refusals.PATH_ELSEWHERE, f"{here}, so a base URL ends in /v1")
