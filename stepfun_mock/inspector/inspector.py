"""The page of one mock: its routes."""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

from stepfun_mock import pictures
from stepfun_mock.errors import RefusedError, to_response
from stepfun_mock.inspector.assets import SAFE, asset
from stepfun_mock.inspector.feed import Feed
from stepfun_mock.inspector.question import Question
from stepfun_mock.inspector.record import Record
from stepfun_mock.inspector.records import Records
from stepfun_mock.inspector.rows import is_shown, row
from stepfun_mock.inspector.state import own_version, state
from stepfun_mock.message import Delivery, Request, Response
from stepfun_mock.refusals import METHOD_REFUSED, PATH_ELSEWHERE
from stepfun_mock.replies import base_of
from stepfun_mock.service import StepfunMock
from stepfun_mock.transports.control import CONTROL_PREFIX

_JSON = (("content-type", "application/json"), *SAFE)
_PAGES = {"": "page.html", "contract": "contract.html"}
_NUMBER = re.compile(r"[0-9]{1,15}")

_Write = Callable[[list[Record], str], AsyncIterator[bytes]]


class Inspector:
    """Shows what a mock is asked, as it comes.

    Args:
        mock: The mock; it is watched from now on.
        session: Tells this page from another one that is served on the same port later on; a
            random word unless one is given.
    """

    def __init__(self, mock: StepfunMock, session: str | None = None) -> None:
        self._mock = mock
        self._session = secrets.token_hex(8) if session is None else session
        self._feed = Feed()
        self._expiry = 0
        self._records = Records(mock, self._tell, self._forgotten, lambda: bool(self._feed))
        self._routes: dict[str, Callable[[Request], Response]] = {
            "requests": self._list,
            "state": lambda request: _answer(self._state(request)),
            "events": self._events,
            "rules": _rules,
            "session.json": self._export,
            "session.har": self._archive,
        }

    def answer(self, request: Request) -> Response | None:
        """Answer a request for a part of the page, or refuse it; None for a path that is none.

        Nothing of it is written down: the page would show what it asked itself.
        """
        name = request.path.removeprefix(CONTROL_PREFIX)
        handler = self._handler(name)
        if handler is None:
            return None
        try:
            if request.method not in ("GET", "HEAD"):
                raise _verb_refused(request)
            return handler(request)
        except RefusedError as refused:
            response = to_response(refused, description=self._mock.choices.error_description)
            return response._replace(headers=(*response.headers, *SAFE))

    def _handler(self, name: str) -> Callable[[Request], Response] | None:
        if name in self._routes:
            return self._routes[name]
        folder, slash, rest = name.partition("/")
        file = _PAGES.get(name) or (rest if folder == "assets" and slash else "")
        found = asset(file) if file else None
        if found is not None:
            return lambda request: found
        if folder == "requests" and slash:
            return lambda request: _answer(self._details(rest))
        if folder == "pictures" and slash:
            return lambda request: self._picture(rest)
        return None

    def changed(self) -> None:
        """Tell open pages that something was changed by a control route."""
        self._records.settle()
        self._feed.refresh()

    def close(self) -> None:
        """End the streams of open pages."""
        self._feed.close()

    # What happens -----------------------------------------------------------------

    def _tell(self, record: Record) -> None:
        self._feed.publish("row", lambda: row(record), record.entry.number)
        if record.entry.fault is not None or self._is_next(record):
            self._feed.refresh()

    def _is_next(self, record: Record) -> bool:
        """Whether its link may expire before the one that was last said to be next, or with it."""
        told, link = self._expiry, record.link
        return link is not None and not self._mock.clock.now() < told < link.expires

    def _forgotten(self, everything: bool) -> None:
        self._feed.publish("reset", lambda: {"everything": everything})
        self._feed.refresh()

    def _state(self, request: Request) -> dict[str, Any]:
        self._records.settle()
        found = state(self._mock, self._records, base_of(request), self._session)
        self._expiry = (found["next_expiry"] or {}).get("expires", 0)
        return found

    # Routes -----------------------------------------------------------------------

    def _events(self, request: Request) -> Response:
        def parts() -> AsyncIterator[bytes]:
            return self._feed.stream(
                lambda: self._state(request), lambda: self._mock.choices.control_routes
            )

        kind = ("content-type", "text/event-stream")
        return Response(200, (kind, *SAFE), delivery=Delivery(parts=parts))

    def _list(self, request: Request) -> Response:
        asked = Question(request.query)
        self._records.settle()
        return Response(200, _JSON, delivery=Delivery(parts=lambda: self._found(asked)))

    async def _found(self, asked: Question) -> AsyncIterator[bytes]:
        """The rows that are asked for; to search all texts takes a second, and others go between.

        All is as of the moment when it begins: pages are told of what comes meanwhile.
        """
        counts = {"total": self._mock.journal.total, "kept": len(self._records)}
        found = []
        for record in self._records.newest_first(asked.before):
            if asked.fits(record):
                found.append(record)
            if len(found) > asked.limit:
                break
            await asyncio.sleep(0)
        rows = [row(record) for record in found[: asked.limit]]
        yield _written({"rows": rows, **counts, "more": len(found) > asked.limit})

    def _kept(self, number: str) -> Record:
        record = self._records.get(int(number)) if _NUMBER.fullmatch(number) else None
        if record is None:
            raise RefusedError(PATH_ELSEWHERE, f"request {number[:16]} is not kept any more")
        return record

    def _picture(self, number: str) -> Response:
        record = self._kept(number)
        image, seed = record.entry.image_request, record.entry.seed
        if not is_shown(record) or image is None or seed is None:
            raise RefusedError(PATH_ELSEWHERE, f"no picture was sent for request {number[:16]}")
        shown = pictures.shown(record.entry.spoilt, image, seed)._replace(delivery=None)
        return shown._replace(headers=(*shown.headers, *SAFE))

    # What few look at is loaded when they do: a server is to be there at once.

    def _details(self, number: str) -> dict[str, Any]:
        from stepfun_mock.inspector.details import details

        return details(self._kept(number), any_key=not self._mock.choices.api_keys)

    def _export(self, request: Request) -> Response:
        from stepfun_mock.inspector.exports import session

        return self._written("stepfun-mock.json", session)

    def _archive(self, request: Request) -> Response:
        from stepfun_mock.inspector.exports import archive

        return self._written("stepfun-mock.har", archive)

    def _written(self, file: str, write: _Write) -> Response:
        """The session as a file: what is kept at this moment, whatever becomes of it meanwhile."""
        self._records.settle()
        records = list(self._records.newest_first())[::-1]
        named = ("content-disposition", f'attachment; filename="{file}"')
        parts = Delivery(parts=lambda: write(records, own_version()))
        return Response(200, (*_JSON, named), delivery=parts)


def _rules(request: Request) -> Response:
    from stepfun_mock.inspector.rulebook import rules

    return _answer(rules())


def _verb_refused(request: Request) -> RefusedError:
    message = f"{request.path} answers GET, HEAD, but {request.method} came"
    return RefusedError(METHOD_REFUSED, message, headers=(("allow", "GET, HEAD"),))


def _answer(content: object) -> Response:
    return Response(200, _JSON, _written(content))


def _written(content: object) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
