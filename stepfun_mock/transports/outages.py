"""Keeps a server in step with its mock: while that says that nobody listens, nobody does.

An outage begins in the thread of whoever scripts it, or in that of the server, by the request
before it. It ends with the mock's time, by a call, or by another mock. Whoever causes that from
another thread waits until it is so: a test that goes on finds the port as it wants it.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent import futures

from stepfun_mock.transports.asgi import Application

_CATCH_UP_SECONDS = 2.0
_SOON = 0.001


class Outages:
    """Says when a server opens and when it shuts.

    Args:
        application: Has the mock.
        shut: Stops to listen at once, and gives what does the rest; called in the server's thread.
        reopen: Listens again at once, and gives what does the rest.
    """

    def __init__(
        self,
        application: Application,
        shut: Callable[[], Awaitable[None]],
        reopen: Callable[[], Awaitable[None]],
    ) -> None:
        self._application = application
        self._shut = shut
        self._reopen = reopen
        self._down = False
        self._turning: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._watching = contextlib.ExitStack()
        self._lock = threading.Lock()
        self._ended = False

    def begin(self) -> None:
        """Keep in step from now on; to be called in the server's thread."""
        self._loop = asyncio.get_running_loop()
        self._home = (os.getpid(), threading.get_ident())
        self._application.on_swap = self._swapped
        self._watch()
        self._settle()

    async def end(self) -> None:
        """Leave everything as it is from now on."""
        self._application.on_swap = None
        with self._lock:
            self._ended = True
            self._watching.close()
        if self._timer is not None:
            self._timer.cancel()
        if self._turning is not None:
            await self._turning

    def _watch(self) -> None:
        mock = self._application.mock
        with self._lock:
            self._watching.close()
            if not self._ended:
                self._watching.enter_context(mock.clock.watched(self._turned))
                self._watching.enter_context(mock.waiting.watched(self._turned))

    def _swapped(self) -> None:
        self._watch()
        self._turned()

    def _turned(self) -> None:
        """Look at the mock again, in whatever thread this is, and wait until all is in step."""
        process, thread = self._home
        if os.getpid() != process:
            return  # the server is that of the process from which this one was forked
        if threading.get_ident() == thread:
            self._settle()
        elif self._down or self._turning or self._application.mock.waiting.down_until() is not None:
            self._wait()

    def _wait(self) -> None:
        caught_up = self._caught_up()
        try:
            done = asyncio.run_coroutine_threadsafe(caught_up, self._loop)
        except RuntimeError:  # the server has stopped
            caught_up.close()
            return
        with contextlib.suppress(TimeoutError, futures.CancelledError):
            # A server's thread that waits for this one, in a watcher perhaps, must not lock both.
            done.result(_CATCH_UP_SECONDS)

    async def _caught_up(self) -> None:
        self._settle()
        while self._turning is not None:
            await self._turning

    def _settle(self) -> None:
        if self._turning is not None or self._ended:
            return  # the turn that is under way ends in another look
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        mock = self._application.mock
        until = mock.waiting.down_until()
        if self._down != (until is not None):
            self._down = until is not None
            rest = self._shut() if self._down else self._reopen()
            self._turning = self._loop.create_task(self._turn(rest))
        elif until is not None and not mock.clock.frozen:
            wait = max(_SOON, until - mock.clock.now())
            self._timer = self._loop.call_later(wait, self._settle)

    async def _turn(self, rest: Awaitable[None]) -> None:
        try:
            await rest
        finally:
            self._turning = None
            self._settle()
