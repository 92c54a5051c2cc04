"""The routes of the API: a request in, a reply or a refusal out. The one place with their steps."""

import contextlib
import json
from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import NoReturn

from stepfun_mock import contract, refusals
from stepfun_mock.choices import Choices
from stepfun_mock.content import check_content
from stepfun_mock.errors import JSON_HEADERS, RefusedError
from stepfun_mock.faults import Fault, Refused
from stepfun_mock.images import draw
from stepfun_mock.journal import Entry
from stepfun_mock.keys import Keys, blot
from stepfun_mock.links import Links
from stepfun_mock.message import ImageRequest, Request, Response
from stepfun_mock.models import listed, record
from stepfun_mock.moderation import CENSORED, Filter
from stepfun_mock.replies import Replies
from stepfun_mock.script import Script, Verdict
from stepfun_mock.validation import Validator

PATH_SHOWN = 256
"""Letters of a path that are shown or written down."""

_quote = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_PNG_HEADERS = (("content-type", "image/png"),)
_PREFLIGHT_HEADERS = (
    ("access-control-allow-methods", "GET, HEAD, POST"),
    ("access-control-allow-headers", "*, Authorization"),
    ("access-control-max-age", "600"),
)
_SEEDS = {
    model.id: (int(row.minimum or 0), int(row.maximum or 0))
    for model in contract.MODELS
    for row in model.parameters
    if row.name == "seed"
}

_Handler = Callable[[Request, Entry], Response]


class Api:
    """StepFun's image API under one set of choices.

    Args:
        choices: What the documentation leaves open.
        secret: Signs picture links.
        random: Draws seeds.
        script: The faults that wait for requests.
        hidden: Keys that must not be written down, beside those that come and those known.
    """

    def __init__(
        self,
        choices: Choices,
        secret: bytes,
        random: Random,
        script: Script,
        hidden: tuple[str, ...] = (),
    ) -> None:
        self.choices = choices
        self._random = random
        self._script = script
        self._links = Links(secret, choices.link_life)
        self._validator = _validator(choices)
        self._filter = Filter(choices)
        self._replies = Replies(self._links, random, choices)
        self.keys = Keys(choices.api_keys, hidden)
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
        handlers = {"generate": self._generate, "models": self._models, "model": self._model}
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

    def _generate(self, request: Request, entry: Entry) -> Response:
        met = self._script.take() if self._script else Verdict.PASS
        if isinstance(met, Fault):
            self._fail_early(met, request, entry)
        self.keys.check(request.headers)
        check_content(request.headers)
        image = self._validator.read(request.body)
        seed = self._random.randint(*_SEEDS[image.model]) if image.seed is None else image.seed
        entry.image_request, entry.seed = self._without_keys(image, request), seed
        if met is Verdict.READ_FIRST:
            met = self._script.take(image)
        filtered, with_picture = self._filtered(image, entry, met)
        entry.finish_reason = contract.FILTERED if filtered else contract.SUCCESS
        return self._replies.make(
            request, image, seed, entry.at, entry.finish_reason, with_picture=with_picture
        )

    def _fail_early(self, fault: Fault, request: Request, entry: Entry) -> NoReturn:
        """Refuse what nobody has looked at; the journal names what was asked all the same."""
        with contextlib.suppress(RefusedError):
            image = self._validator.read(request.body)
            entry.image_request = self._without_keys(image, request)
        self._fail(fault, entry)

    def _fail(self, fault: Fault, entry: Entry) -> NoReturn:
        assert isinstance(fault.effect, Refused)
        entry.fault = fault.name
        raise RefusedError(*fault.effect)

    def _filtered(
        self, image: ImageRequest, entry: Entry, met: Fault | Verdict
    ) -> tuple[bool, bool]:
        """Whether the filter holds the picture back, and whether the reply has it."""
        if isinstance(met, Fault):
            if isinstance(met.effect, Refused):
                self._fail(met, entry)
            entry.fault = met.name
            return True, met.effect.with_picture
        if not self._filter.refuses(image.prompt):
            return False, True
        if self.choices.filtered_reply == "http_451":
            entry.finish_reason = contract.FILTERED
            raise RefusedError(refusals.PROMPT_CENSORED, CENSORED)
        return True, self.choices.filtered_reply == "with_picture"

    def _without_keys(self, image: ImageRequest, request: Request) -> ImageRequest:
        """The request as it may be written down: no key, even where its prompt holds one."""
        for secret in self.keys.secrets(request.headers):
            if secret.encode("utf-8", "replace") in request.body:
                return image._replace(
                    prompt=blot(image.prompt, (secret,)),
                    negative_prompt=blot(image.negative_prompt, (secret,)),
                    unknown=tuple(blot(name, (secret,)) for name in image.unknown),
                )
        return image

    def _picture(self, request: Request, entry: Entry) -> Response:
        image, seed = self._links.read(request.path, request.query, entry.at)
        entry.seed = seed
        return Response(200, _PNG_HEADERS, draw(image, seed))

    def _models(self, request: Request, entry: Entry) -> Response:
        self.keys.check(request.headers)
        return Response(200, JSON_HEADERS, _quote(listed()).encode())

    def _model(self, request: Request, entry: Entry) -> Response:
        self.keys.check(request.headers)
        name = request.path.rpartition("/")[2]
        return Response(200, JSON_HEADERS, _quote(record(name)).encode())


@lru_cache(maxsize=16)
def _validator(choices: Choices) -> Validator:
    # Shared by all mocks of the same choices: a test suite makes one for each test.
    return Validator(choices)


def _refuse_path(path: str) -> NoReturn:
    here = f"there is no such path; the image API is at {contract.ROUTES[0].path}"
    if path == "/v1" or path.startswith("/v1/"):
        raise RefusedError(refusals.PATH_UNKNOWN, here)
    if path.startswith("/step_plan"):
        raise RefusedError(refusals.PATH_UNKNOWN, here, plain="404 page not found")
    raise RefusedError(refusals.PATH_ELSEWHERE, f"{here}, so a base URL ends in /v1")
