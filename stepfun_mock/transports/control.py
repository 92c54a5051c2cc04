"""The routes of our own: their paths, their verbs, and how they refuse."""

import json
from collections.abc import Callable
from typing import Protocol

from stepfun_mock.api import PATH_SHOWN
from stepfun_mock.errors import JSON_HEADERS, RefusedError, to_response
from stepfun_mock.keys import blot
from stepfun_mock.message import Request, Response
from stepfun_mock.refusals import METHOD_REFUSED, PARAMETER_REFUSED, PATH_ELSEWHERE
from stepfun_mock.service import StepfunMock
from stepfun_mock.terms import unknown
from stepfun_mock.transports import orders, views

CONTROL_PREFIX = "/__stepfun_mock/"
"""All routes of our own start with this."""

_MESSAGE_SHOWN = 512

_Handler = Callable[[StepfunMock, Request], object]


class Page(Protocol):
    """What people look at, beside the control routes."""

    def answer(self, request: Request) -> Response | None:
        """Answer a request for a part of the page; None for a path that is none of its own."""

    def changed(self) -> None:
        """Take note that a control route has changed the mock."""

    def close(self) -> None:
        """End what would go on for ever."""


class Control:
    """Answers the routes of our own, each by its path and its verb.

    Args:
        page: What people look at; it is asked first.
    """

    def __init__(self, page: Page | None = None) -> None:
        self._page = page

    def answer(self, request: Request, mock: StepfunMock) -> Response:
        """Answer a request that the door has let in; nothing of it is written down."""
        try:
            return self._answer(request, mock)
        except RefusedError as refused:
            message = blot(refused.message, mock.secrets(request))[:_MESSAGE_SHOWN]
            told = RefusedError(refused.refusal, message, refused.headers)
            return to_response(told, description=mock.choices.error_description)

    def _answer(self, request: Request, mock: StepfunMock) -> Response:
        shown = None if self._page is None else self._page.answer(request)
        if shown is not None:
            return shown
        name = request.path.removeprefix(CONTROL_PREFIX)
        verbs = _ROUTES.get(name)
        if verbs is None:
            raise RefusedError(PATH_ELSEWHERE, _unknown(name[:PATH_SHOWN]))
        # HEAD asks for what GET gives; the transports leave out the body.
        handler = verbs.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            raise _verb_refused(request, _allowed(verbs))
        try:
            response = _json(handler(mock, request))
        except ValueError as problem:  # what a value says of itself
            raise RefusedError(PARAMETER_REFUSED, str(problem)) from None
        if self._page is not None and request.method not in ("GET", "HEAD"):
            self._page.changed()
        return response

    def close(self) -> None:
        """End what would go on for ever."""
        if self._page is not None:
            self._page.close()


def _unknown(name: str) -> str:
    return unknown("the mock has no control route", name, f"Under {CONTROL_PREFIX} it has", _ROUTES)


def _allowed(verbs: dict[str, _Handler]) -> str:
    return ", ".join(sorted({*verbs, "HEAD"} if "GET" in verbs else verbs))


def _verb_refused(request: Request, allowed: str) -> RefusedError:
    message = f"{request.path} answers {allowed}, but {request.method} came"
    return RefusedError(METHOD_REFUSED, message, headers=(("allow", allowed),))


def _json(content: object) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # A path or a condition can hold half a surrogate pair, which has no UTF-8.
    return Response(200, JSON_HEADERS, text.encode("utf-8", "replace"))


def _shown(view: Callable[[StepfunMock], object]) -> _Handler:
    return lambda mock, request: view(mock)


def _done(
    order: Callable[[StepfunMock, bytes], None], view: Callable[[StepfunMock], object]
) -> _Handler:
    """What carries out an order, and shows what holds then."""

    def handler(mock: StepfunMock, request: Request) -> object:
        order(mock, request.body)
        return view(mock)

    return handler


_ROUTES: dict[str, dict[str, _Handler]] = {
    "health": {"GET": _shown(views.health)},
    "openapi.json": {"GET": lambda mock, request: views.openapi(request)},
    "catalogue": {"GET": _shown(views.catalogue)},
    "faults": {
        "GET": _shown(views.faults),
        "POST": _done(orders.script, views.faults),
        "DELETE": _done(orders.unscript, views.faults),
    },
    "chaos": {
        "GET": _shown(views.chaos),
        "POST": _done(orders.let_loose, views.chaos),
        "PUT": _done(orders.let_loose, views.chaos),
        "DELETE": _done(orders.calm, views.chaos),
    },
    "clock": {"GET": _shown(views.clock), "POST": _done(orders.set_clock, views.clock)},
    "journal": {
        "GET": lambda mock, request: views.journal(mock, request.query),
        "DELETE": _done(orders.forget, views.summary),
    },
    "choices": {
        "GET": _shown(views.choices),
        "PATCH": _done(orders.choose, views.choices),
        "POST": _done(orders.choose, views.choices),
    },
    "reset": {"POST": _done(orders.reset, views.health)},
}
