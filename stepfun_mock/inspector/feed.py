"""What has just happened, told to every page that is open."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

_WAITING = 256  # events that a page may leave unread
_SPACING = 0.1  # seconds between two states
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

    def refresh(self) -> None:
        """Let everybody be told the state soon, from any thread.

        What changes often is told at most ten times a second; the last is always told.
        """
        for listener in self._listeners:
            listener.refresh()

    def close(self) -> None:
        """End all streams, from any thread."""
        for listener in self._listeners:
            listener.tell(None)

    async def stream(
        self, state: Callable[[], Any], allowed: Callable[[], bool] = lambda: True
    ) -> AsyncIterator[bytes]:
        """The events from now on, as server-sent events; the first is a state.

        Args:
            state: Gives what holds now.
            allowed: Whether anything may be told; the stream ends where not.
        """
        listener = _Listener(asyncio.get_running_loop(), state)
        self._listeners = (*self._listeners, listener)
        try:
            yield f"retry: {_RETRY}\n\n".encode()
            async for text in listener.heard(allowed):
                yield text
        finally:
            self._listeners = tuple(one for one in self._listeners if one is not listener)


class _Listener:
    def __init__(self, loop: asyncio.AbstractEventLoop, state: Callable[[], Any]) -> None:
        self._loop = loop
        self._state = state
        self._unread: deque[bytes | None] = deque()
        self._rung = asyncio.Event()
        self._missed = False
        # Whether the state has changed since it was told, and when it may be told again.
        self._stale = True
        self._due = 0.0

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

    def refresh(self) -> None:
        self._stale = True
        self._ring()

    async def heard(self, allowed: Callable[[], bool]) -> AsyncIterator[bytes]:
        while allowed():
            if self._stale and self._loop.time() >= self._due:
                self._due = self._loop.time() + _SPACING
                self._stale = False  # before it is made, since it may change meanwhile
                yield _event("state", self._state())
            rung = await self._is_rung()
            if not allowed():
                return
            if not rung and not self._stale:
                yield b": here\n\n"
            # No more than there are: others may tell faster than a client reads.
            for _ in range(len(self._unread)):
                text = self._unread.popleft()
                if text is None:
                    return
                yield text
            if self._missed:
                self._missed = False
                yield _event("missed", {})

    async def _is_rung(self) -> bool:
        """Wait until there is something to tell: True for events, False where time has passed."""
        wait = self._due - self._loop.time() if self._stale else _BREATH
        try:
            async with asyncio.timeout(wait):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


def _event(event: str, content: Any, number: int | None = None) -> bytes:  # noqa: ANN401 (JSON)
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    start = "" if number is None else f"id: {number}\n"
    # Half of a surrogate pair, which a path can hold, has no UTF-8.
    return f"{start}event: {event}\ndata: {data}\n\n".encode("utf-8", "replace")
