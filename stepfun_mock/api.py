"""The routes of the API: a request in, a reply or a refusal out. The one place with their steps."""

import json
from collections.abc import Callable
from random import Random
from typing import NoReturn

from stepfun_mock import contract, magic, pictures, refusals
from stepfun_mock.choices import Choices
from stepfun_mock.errors import JSON_HEADERS, RefusedError
from stepfun_mock.faults.effects import Answered, Refused
from stepfun_mock.generation import Generation, refusal
from stepfun_mock.images import draw
from stepfun_mock.journal import Entry
from stepfun_mock.keys import Keys
from stepfun_mock.limits import Meter
from stepfun_mock.links import Links
from stepfun_mock.message import Request, Response
from stepfun_mock.models import listed, record
from stepfun_mock.replies import Replies, base_of
from stepfun_mock.script import Script

PATH_SHOWN = 256
"""Letters of a path that are shown or written down."""

_quote = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_PNG_HEADERS = (("content-type", "image/png"),)
_PREFLIGHT_HEADERS = (
    ("access-control-allow-methods", "GET, HEAD, POST"),
    ("access-control-allow-headers", "*, Authorization"),
    ("access-control-max-age", "600"),
)

_Handler = Callable[[Request, Entry], Response]


class Api:
    """StepFun's image API under one set of choices.

    Args:
        choices: What the documentation leaves open.
        secret: Signs picture links.
        random: Draws seeds.
        script: The faults that wait for requests.
        meter: Counts what is sent and spent.
        hidden: Keys that must not be written down, beside those that come and those known.
    """

    def __init__(
        self,
        choices: Choices,
        secret: bytes,
        random: Random,
        script: Script,
        meter: Meter,
        hidden: tuple[str, ...] = (),
    ) -> None:
        self.choices = choices
        self._links = Links(secret, choices.link_life)
        self.keys = Keys(choices.api_keys, hidden)
        replies = Replies(self._links, random, choices)
        self._meter = meter
        self._generation = Generation(choices, replies, random, script, self.keys, meter)
        self._routes = self._table()

    def answer(self, request: Request, entry: Entry) -> Response:
        """Answer a request, and note in its entry what was asked.

        Raises:
            RefusedError: the request is refused.
        """
        found = self._routes.get(request.path)
        if found is None or request.path.endswith("/"):
            return self._answer_by_start(request, entry)
        return self._call(found, request, entry)

    # Routes ------------------------------------------------------------------

    def _table(self) -> dict[str, tuple[str, _Handler]]:
        handlers = {
            "generate": self._generation.answer,
            "models": self._models,
            "model": self._model,
        }
        return {
            route.path.removesuffix("{id}"): (route.method, handlers[route.id.partition(".")[0]])
            for route in contract.ROUTES
        }

    def _answer_by_start(self, request: Request, entry: Entry) -> Response:
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
            f"{request.path[:PATH_SHOWN]} answers {method}, but {request.method} came"
            + ("; web pages need the choice cors=on" if request.method == "OPTIONS" else ""),
            headers=(("allow", method if method == "POST" else "GET, HEAD"),),
        )

    # Handlers ----------------------------------------------------------------

    def _picture(self, request: Request, entry: Entry) -> Response:
        image, seed, code = self._links.read(request.path, request.query, entry.at)
        entry.seed = seed
        if not code:
            return Response(200, _PNG_HEADERS, draw(image, seed))
        entry.fault, entry.spoilt = pictures.FAULTS[code.partition(" ")[0]], code
        if code == pictures.REDIRECTED:
            good = self._links.make(base_of(request), image, seed, entry.at)
            return Response(302, (("location", good),))
        return pictures.shown(code, image, seed)

    def _models(self, request: Request, entry: Entry) -> Response:
        refused = self._refused_by_key(request, entry)
        return refused or Response(200, JSON_HEADERS, _quote(listed()).encode())

    def _model(self, request: Request, entry: Entry) -> Response:
        refused = self._refused_by_key(request, entry)
        name = request.path.rpartition("/")[2]
        return refused or Response(200, JSON_HEADERS, _quote(record(name)).encode())

    def _refused_by_key(self, request: Request, entry: Entry) -> Response | None:
        if self.choices.magic_keys:
            fault = magic.by_key(request.headers.get("authorization", ""))
            if fault is not None and isinstance(fault.effect, Refused | Answered):
                return refusal(fault, entry)
        self.keys.check(request.headers)
        if self._generation.limits is not None:
            self._meter.admit(self._generation.limits, overlaps=False)
        return None


def _refuse_path(path: str) -> NoReturn:
    here = f"there is no such path; the image API is at {contract.ROUTES[0].path}"
    if path == "/v1" or path.startswith("/v1/"):
        raise RefusedError(refusals.PATH_UNKNOWN, here)
    if path.startswith("/step_plan"):
        raise RefusedError(refusals.PATH_UNKNOWN, here, plain="404 page not found")
    raise RefusedError(refusals.PATH_ELSEWHERE, f"{here}, so a base URL ends in /v1")
