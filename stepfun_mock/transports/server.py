"""An ASGI application on a port: uvicorn, which stops in time and keeps its connections moving."""

import asyncio
import contextlib
import functools
import socket
from collections.abc import Awaitable, Callable

import uvicorn

from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.listener import CannotListenError as CannotListenError
from stepfun_mock.transports.listener import Listener
from stepfun_mock.transports.listener import bind as bind
from stepfun_mock.transports.outages import Outages
from stepfun_mock.transports.outbox import Outbox
from stepfun_mock.transports.protocol import Protocol

STOP_SECONDS = 1.0
"""Seconds that a stopping server gives to the requests that it is answering."""

_TICK = 1.0
_FAREWELL = 0.005
_KEEP_ALIVE = 65
# Longer than the clients keep theirs, so that none finds its connection closed while it sends.
_TO_CONNECT = 3
# Turns of the loop until a connection that was just accepted is known as one.


def root_url(host: str, port: int) -> str:
    """The address of a server as clients on this machine write it."""
    # One that listens everywhere has no name of its own.
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (not listened on)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


class Server(uvicorn.Server):
    """The mock on a bound socket.

    Args:
        application: The mock as an ASGI application.
        bound: The socket, bound and listening; the server closes it.
        on_ready: Called once when the server accepts connections.
    """

    def __init__(
        self,
        application: Application,
        bound: socket.socket,
        on_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self._lost = asyncio.Event()
        super().__init__(_config(application, self._lost.set))
        self._listener = Listener(bound)
        self.port = self._listener.port
        self._application = application
        self._outages = Outages(application, self._shut, self._reopen)
        self._on_ready = on_ready
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run_until_stopped(self) -> None:
        """Serve in this thread until `stop`, Ctrl-C or a SIGTERM."""
        self.run()

    def stop(self) -> None:
        """Ask the server to stop, from any thread; it does within two seconds."""
        self.should_exit = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has stopped already
                self._loop.call_soon_threadsafe(self._wake.set)

    def handle_exit(self, sig: int, frame: object) -> None:
        """Stop on a signal, and return as after any other stop."""
        self.stop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept connections."""
        self._loop = asyncio.get_running_loop()
        await super().startup([self._listener.accepting()])
        self._outages.begin()
        self._on_ready()

    def _shut(self) -> Awaitable[None]:
        """Refuse connections at once; those that are there are closed by what is given."""
        self._listener.pause(self._close_servers)
        return self._retire(self._accept_no_more())

    async def _retire(self, accepted: Awaitable[None]) -> None:
        await accepted
        # The request that was being answered has a reply by now.
        for connection in tuple(self.server_state.connections):
            connection.retire()  # type: ignore[union-attr]

    def _accept_no_more(self) -> Awaitable[None]:
        """Close what accepts, when all that was accepted is known as a connection."""
        # asyncio loses what is not, when it closes; uvloop knows all at once, and would complain
        # of a socket that listens no more.
        if not all(isinstance(server, asyncio.Server) for server in self.servers):
            self._close_servers()
        return self._close_soon()

    async def _close_soon(self) -> None:
        await _turns(_TO_CONNECT)
        self._close_servers()

    def _close_servers(self) -> None:
        for server in self.servers:
            server.close()

    def _reopen(self) -> Awaitable[None]:
        """Take connections at once; they are accepted by what is given."""
        self._listener.resume()
        return super().startup([self._listener.accepting()])

    async def main_loop(self) -> None:
        """Once a second set the date and close what is late, until asked to stop."""
        while not await self.on_tick(0):
            now = asyncio.get_running_loop().time()
            for connection in tuple(self.server_state.connections):
                connection.expire(now)  # type: ignore[union-attr]
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what can be finished in time, then close everything."""
        await self._outages.end()
        self._application.close()
        self._listener.close()
        await self._accept_no_more()
        state = self.server_state
        for connection in tuple(state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._all_done()
        if state.connections or state.tasks:
            await self._break_off()

    async def _all_done(self) -> None:
        state = self.server_state
        while state.connections:
            self._lost.clear()
            await self._lost.wait()
        while state.tasks:
            await asyncio.wait(tuple(state.tasks))

    async def _break_off(self) -> None:
        state = self.server_state
        for connection in tuple(state.connections):
            connection.transport.abort()
        await asyncio.sleep(_FAREWELL)  # the application learns that its client is gone, and ends
        for task in tuple(state.tasks):
            task.cancel()


async def _turns(count: int) -> None:
    """Let the loop go round, without waiting."""
    for _ in range(count):
        await asyncio.sleep(0)


def _config(application: Application, on_lost: Callable[[], None]) -> uvicorn.Config:
    protocol = functools.partial(
        Protocol, application=application, outbox=Outbox(), on_lost=on_lost
    )
    return uvicorn.Config(
        application,
        http=protocol,  # type: ignore[arg-type]
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
    )
