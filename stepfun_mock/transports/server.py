"""An ASGI application on a port: uvicorn, which stops in time and keeps its connections moving."""

import asyncio
import contextlib
import errno
import functools
import os
import socket
from collections.abc import Callable

import uvicorn

from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.outbox import Outbox
from stepfun_mock.transports.protocol import Protocol

STOP_SECONDS = 1.0
"""Seconds that a stopping server gives to the requests that it is answering."""

_TAKEN = "stop the program that has it, or choose another port (0 picks a free one)"
_NOT_OURS = "choose an address of this machine as the host, and a port that you may open"
_BACKLOG = 2048
_TICK = 1.0
_FAREWELL = 0.005
_KEEP_ALIVE = 65
# Longer than the clients keep theirs, so that none finds its connection closed while it sends.
_TO_CONNECT = 3
# Turns of the loop until a connection that was just accepted is known as one.


class CannotListenError(OSError):
    """The address cannot be listened on; the sentence says why and what to do."""


def bind(host: str, port: int) -> socket.socket:
    """Bind a listening socket.

    Args:
        host: An address of this machine, or a name for one.
        port: 0 to 65535; 0 lets the system pick one.

    Raises:
        CannotListenError: the port is taken, or the host is no address of this machine.
    """
    try:
        return _listening(host, port)
    except OSError as problem:
        remedy = _TAKEN if problem.errno == errno.EADDRINUSE else _NOT_OURS
        raise CannotListenError(
            f"cannot listen on {host} port {port}: {problem.strerror or problem}; {remedy}"
        ) from problem


def _listening(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    # Named by protocol: asyncio switches off Nagle's delay (40 ms a reply) for those alone.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


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
        self._bound = bound
        self.port: int = bound.getsockname()[1]
        self._on_ready = on_ready
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run_until_stopped(self) -> None:
        """Serve in this thread until `stop`, Ctrl-C or a SIGTERM."""
        self.run(sockets=[self._bound])

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
        await super().startup(sockets)
        self._on_ready()

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
        for bound in sockets or []:
            _deafen(bound)
        for server in self.servers:
            server.close()
        for bound in sockets or []:
            bound.close()
        await _turns(_TO_CONNECT)
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


def _deafen(listener: socket.socket) -> None:
    # A process that was forked from this one has the socket too. Closing ours alone would leave
    # the port open for as long as that process lives, with nobody to answer.
    with contextlib.suppress(OSError):  # not every system does it to a listening socket
        listener.shutdown(socket.SHUT_RDWR)


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
