"""The routes of our own: whether the mock is up, and its contract."""

import json
from collections.abc import Callable
from typing import Any

from stepfun_mock.api import PATH_SHOWN
from stepfun_mock.errors import JSON_HEADERS, RefusedError
from stepfun_mock.message import Request, Response
from stepfun_mock.refusals import METHOD_REFUSED, PATH_ELSEWHERE

CONTROL_PREFIX = "/__stepfun_mock/"
"""All routes of our own start with this."""

_Handler = Callable[[Request], Response]


class Control:
    """Answers the routes of our own, each by its path and its verb."""

    def __init__(self) -> None:
        self._routes: dict[str, dict[str, _Handler]] = {
            f"{CONTROL_PREFIX}health": {"GET": _health},
            f"{CONTROL_PREFIX}openapi.json": {"GET": _openapi},
        }

    def answer(self, request: Request) -> Response:
        """Answer a request that the door has let in.

        Raises:
            RefusedError: `path.elsewhere` for a path that is not there, `method.refused` for a
                verb that it does not answer.
        """
        verbs = self._routes.get(request.path)
        if verbs is None:
            raise RefusedError(PATH_ELSEWHERE, self._unknown(request.path))
        # HEAD asks for what GET gives; the transports leave out the body.
        handler = verbs.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            raise _verb_refused(request, _allowed(verbs))
        return handler(request)

    def _unknown(self, path: str) -> str:
        return (
            f"{path[:PATH_SHOWN]} is no control route of the mock; it has "
            f"{' and '.join(self._routes)}"
        )


def _allowed(verbs: dict[str, _Handler]) -> str:
    return ", ".join(sorted({*verbs, "HEAD"} if "GET" in verbs else verbs))


def _verb_refused(request: Request, allowed: str) -> RefusedError:
    message = f"{request.path} answers {allowed}, but {request.method} came"
    return RefusedError(METHOD_REFUSED, message, headers=(("allow", allowed),))


def _health(request: Request) -> Response:
    return _json({"status": "ok"})


def _openapi(request: Request) -> Response:
    # Few ask for the document, and what builds it takes its time to load.
    from stepfun_mock.openapi import document

    return _json(document(f"{request.scheme}://{request.headers['host']}"))


def _json(content: dict[str, Any]) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(200, JSON_HEADERS, text.encode())
