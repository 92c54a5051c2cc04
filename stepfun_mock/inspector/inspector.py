"""The page of one mock: its routes."""

import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qsl

from stepfun_mock import pictures
from stepfun_mock.errors import RefusedError, to_response
from stepfun_mock.images import draw
from stepfun_mock.inspector.assets import SAFE, asset
from stepfun_mock.inspector.feed import Feed
from stepfun_mock.inspector.records import Record, Records
from stepfun_mock.inspector.rows import is_drawn, kind_of, row
from stepfun_mock.inspector.state import own_version, state
from stepfun_mock.message import Delivery, Request, Response
from stepfun_mock.refusals import METHOD_REFUSED, PARAMETER_REFUSED, PATH_ELSEWHERE
from stepfun_mock.replies import base_of
from stepfun_mock.service import StepfunMock
from stepfun_mock.transports.control import CONTROL_PREFIX

_JSON = (("content-type", "application/json"), *SAFE)
_PAGES = {"": "page.html", "contract": "contract.html"}
_SHOWN, _MOST = 50, 500
_NUMBER = re.compile(r"[0-9]{1,15}")
_STATUS = re.compile(r"[1-5](?:[0-9]{2}|xx)|none")


class Inspector:
    """Shows what a mock is asked, as it comes.

    Args:
        mock: The mock; it is watched from now on.
    """

    def __init__(self, mock: StepfunMock) -> None:
        self._mock = mock
        self._feed = Feed()
        self._root = ""
        self._expiry = 0
        self._records = Records(mock, self._tell, self._forgotten, lambda: bool(self._feed))
        self._routes: dict[str, Callable[[Request], Response]] = {
            "requests": self._list,
            "state": lambda request: _answer(self._state(request)),
            "events": self._events,
            "rules": _rules,
            "session.json": self._session,
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
            return lambda request: _answer(_details(self._kept(rest)))
        if folder == "pictures" and slash:
            return lambda request: self._picture(rest)
        return None

    def changed(self) -> None:
        """Tell open pages that something was changed by a control route."""
        self._records.settle()
        self._feed.publish("state", self._last_state)

    def close(self) -> None:
        """End the streams of open pages."""
        self._feed.close()

    # What happens -----------------------------------------------------------------

    def _tell(self, record: Record) -> None:
        self._feed.publish("row", lambda: row(record), record.entry.number)
        if record.entry.fault is not None or self._is_next(record):
            self._feed.publish("state", self._last_state)

    def _is_next(self, record: Record) -> bool:
        """Whether its link may expire before the one that was last said to be next."""
        told, link = self._expiry, record.link
        return link is not None and not self._mock.clock.now() < told <= link.expires

    def _forgotten(self) -> None:
        self._feed.publish("reset", dict)
        self._feed.publish("state", self._last_state)

    def _state(self, request: Request) -> dict[str, Any]:
        self._root = base_of(request)
        return self._last_state()

    def _last_state(self) -> dict[str, Any]:
        self._records.settle()
        found = state(self._mock, self._records, self._root)
        self._expiry = (found["next_expiry"] or {}).get("expires", 0)
        return found

    # Routes -----------------------------------------------------------------------

    def _events(self, request: Request) -> Response:
        def parts() -> AsyncIterator[bytes]:
            return self._feed.stream(lambda: [("state", self._state(request))])

        kind = ("content-type", "text/event-stream")
        return Response(200, (kind, *SAFE), delivery=Delivery(parts=parts))

    def _list(self, request: Request) -> Response:
        asked = dict(parse_qsl(request.query))
        limit = _whole(asked, "limit", _SHOWN)
        if not 1 <= limit <= _MOST:
            _refuse(f"limit is a whole number from 1 to {_MOST}, but {limit} came")
        self._records.settle()
        before = _whole(asked, "before", 0) if "before" in asked else None
        fits = _filter(asked)
        found = []
        for record in self._records.newest_first(before):
            if fits(record):
                found.append(record)
            if len(found) > limit:
                break
        return _answer(
            {
                "rows": [row(record) for record in found[:limit]],
                "total": self._mock.journal.total,
                "kept": len(self._records),
                "more": len(found) > limit,
            }
        )

    def _kept(self, number: str) -> Record:
        record = self._records.get(int(number)) if _NUMBER.fullmatch(number) else None
        if record is None:
            raise RefusedError(PATH_ELSEWHERE, f"request {number[:16]} is not kept any more")
        return record

    def _picture(self, number: str) -> Response:
        record = self._kept(number)
        image, seed = record.entry.image_request, record.entry.seed
        if not is_drawn(record) or image is None or seed is None:
            raise RefusedError(PATH_ELSEWHERE, f"no picture was drawn for request {number[:16]}")
        code = record.entry.spoilt
        if code and code != pictures.REDIRECTED:
            shown = pictures.shown(code, image, seed)._replace(delivery=None)
            return shown._replace(headers=(*shown.headers, *SAFE))
        return Response(200, (("content-type", "image/png"), *SAFE), draw(image, seed))

    def _session(self, request: Request) -> Response:
        records = list(self._records.newest_first())[::-1]
        content = {"version": own_version(), "requests": list(map(_details, records))}
        return _answer(content, "stepfun-mock.json")

    def _archive(self, request: Request) -> Response:
        from stepfun_mock.inspector.har import har

        records = list(self._records.newest_first())[::-1]
        return _answer(har(records, own_version()), "stepfun-mock.har")


# What few look at is loaded when they do: a server is to be there at once.


def _details(record: Record) -> dict[str, Any]:
    from stepfun_mock.inspector.details import details

    return details(record)


def _rules(request: Request) -> Response:
    from stepfun_mock.inspector.rulebook import rules

    return _answer(rules())


def _filter(asked: dict[str, str]) -> Callable[[Record], bool]:
    status, text, kind = (asked.get(name, "") for name in ("status", "text", "kind"))
    if status and not _STATUS.fullmatch(status):
        _refuse(f'status is 2xx, 4xx, 5xx, none or a number such as 429, but "{status[:16]}" came')
    wanted = "0" if status == "none" else status.removesuffix("xx")
    words = text.casefold()

    def fits(record: Record) -> bool:
        entry = record.entry
        return (
            str(entry.status).startswith(wanted)
            and (not kind or kind_of(entry.path) == kind)
            and (not words or words in _words(record))
        )

    return fits


def _words(record: Record) -> str:
    """All the text of an exchange that people look for."""
    entry = record.entry
    prompt = entry.image_request.prompt if entry.image_request else ""  # as people write it
    seed = "" if entry.seed is None else str(entry.seed)
    found = (prompt, entry.path, entry.message or "", entry.fault or "", seed)
    advice = (one.message for one in record.advice)
    return "\n".join((_plain(record.body.text), *found, *advice)).casefold()


def _plain(body: str) -> str:
    """A body without the escapes that many clients put in place of what is not ASCII."""
    if "\\u" not in body:
        return body
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)
    except (ValueError, RecursionError):
        return body


def _verb_refused(request: Request) -> RefusedError:
    message = f"{request.path} answers GET, HEAD, but {request.method} came"
    return RefusedError(METHOD_REFUSED, message, headers=(("allow", "GET, HEAD"),))


def _whole(asked: dict[str, str], name: str, default: int) -> int:
    text = asked.get(name, str(default))
    if not _NUMBER.fullmatch(text):
        _refuse(f'{name} is a whole number, but "{text[:16]}" came')
    return int(text)


def _refuse(message: str) -> None:
    raise RefusedError(PARAMETER_REFUSED, message)


def _answer(content: object, file: str = "") -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    named = (("content-disposition", f'attachment; filename="{file}"'),) if file else ()
    return Response(200, (*_JSON, *named), text.encode("utf-8", "replace"))
