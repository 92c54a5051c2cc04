"""What has just happened, told to every page that is open."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

_WAITING = 256  # events that a page may leave unread
_BREATH = 15.0  # seconds after which an idle stream says that it lives
_RETRY = 1000  # milliseconds after which a page tries again


class Feed:
    """Hands events to those who listen; who is too slow is told that it missed some."""

    def __init__(self) -> None:
        self._listeners: tuple[_Listener, ...] = ()

    def __bool__(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def publish(self, event: str, make: Callable[[], Any], number: int | None = None) -> None:
        """Tell everybody, from any thread.

        Args:
            event: Its name.
            make: Makes its content; not called where nobody listens, or nobody keeps up.
            number: Its id.
        """
        listening = [listener for listener in self._listeners if listener.has_room()]
        if listening:
            text = _event(event, make(), number)
            for listener in listening:
                listener.tell(text)

    def close(self) -> None:
        """End all streams, from any thread."""
        for listener in self._listeners:
            listener.tell(None)

    async def stream(self, greeting: Callable[[], list[tuple[str, Any]]]) -> AsyncIterator[bytes]:
        """The events from now on, as server-sent events.

        Args:
            greeting: Gives the events to begin with, asked once what comes after is not lost.
        """
        listener = _Listener(asyncio.get_running_loop())
        self._listeners = (*self._listeners, listener)
        try:
            yield f"retry: {_RETRY}\n\n".encode()
            for event, content in greeting():
                yield _event(event, content)
            async for text in listener.heard():
                yield text
        finally:
            self._listeners = tuple(one for one in self._listeners if one is not listener)


class _Listener:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._unread: deque[bytes | None] = deque()
        self._rung = asyncio.Event()
        self._missed = False

    def has_room(self) -> bool:
        if len(self._unread) < _WAITING:
            return True
        self._missed = True
        self._ring()
        return False

    def tell(self, text: bytes | None) -> None:
        self._unread.append(text)
        self._ring()

    def _ring(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._rung.set)

    async def heard(self) -> AsyncIterator[bytes]:
        while True:
            try:
                async with asyncio.timeout(_BREATH):
                    await self._rung.wait()
            except TimeoutError:
                yield b": here\n\n"
                continue
            self._rung.clear()
            while self._unread:
                text = self._unread.popleft()
                if text is None:
                    return
                yield text
            if self._missed:
                self._missed = False
                yield _event("missed", {})


def _event(event: str, content: Any, number: int | None = None) -> bytes:  # noqa: ANN401 (JSON)
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    start = "" if number is None else f"id: {number}\n"
    # Half of a surrogate pair, which a path can hold, has no UTF-8.
    return f"{start}event: {event}\ndata: {data}\n\n".encode("utf-8", "replace")
