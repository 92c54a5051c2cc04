"""A listening socket that can stop to listen for a while, and keeps its port meanwhile."""

import contextlib
import errno
import os
import socket
from collections.abc import Callable
from typing import Any

_BACKLOG = 2048
_TRIES = 16

_TAKEN = "stop the program that has it, or choose another port (0 picks a free one)"
_NOT_OURS = "choose an address of this machine as the host, and a port that you may open"


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
        return _listening(host, port) if port else _picked(host)
    except OSError as problem:
        remedy = _TAKEN if problem.errno == errno.EADDRINUSE else _NOT_OURS
        raise CannotListenError(
            f"cannot listen on {host} port {port}: {problem.strerror or problem}; {remedy}"
        ) from problem


def _picked(host: str, tries: int = _TRIES) -> socket.socket:
    # A port that the system picked is lost with the first pause, one that was named is kept. So
    # one is picked, and named; somebody else may be given it between the two.
    with _named(host, 0) as probe:
        port = probe.getsockname()[1]
    try:
        return _listening(host, port)
    except OSError as problem:
        if tries == 1 or problem.errno != errno.EADDRINUSE:
            raise
    return _picked(host, tries - 1)


def _listening(host: str, port: int) -> socket.socket:
    bound = _named(host, port)
    try:
        bound.listen(_BACKLOG)
    except OSError:
        bound.close()
        raise
    return bound


def _named(host: str, port: int) -> socket.socket:
    # A text would have Python load its tables of international names first.
    name = host.encode() if host.isascii() else host
    family, _, _, _, address = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0]
    return _bound(family, address)


def _bound(family: int, address: object) -> socket.socket:
    # Named by protocol: asyncio switches off Nagle's delay (40 ms a reply) for those alone.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        _share(bound, True)
        bound.bind(address)  # type: ignore[arg-type]
    except OSError:
        bound.close()
        raise
    return bound


def _share(bound: socket.socket, on: bool) -> None:
    """Let the port be taken although connections of before linger on it."""
    if os.name == "posix":
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, on)


class _Accepting(socket.socket):
    """Accepts connections as asyncio does it; while nobody listens, there are none."""

    def __init__(self, bound: socket.socket) -> None:
        with bound.dup() as other:
            super().__init__(bound.family, bound.type, bound.proto, other.detach())

    def accept(self) -> tuple[socket.socket, Any]:
        try:
            return super().accept()
        except OSError as problem:
            if problem.errno == errno.EINVAL:
                raise BlockingIOError from problem
            raise


class Listener:
    """A socket on which a server accepts connections, but for pauses.

    Args:
        bound: From `bind`; the listener closes it.
    """

    def __init__(self, bound: socket.socket) -> None:
        self._bound = bound
        self._address = bound.getsockname()

    @property
    def port(self) -> int:
        """The port, also while nobody listens on it, and when it is closed."""
        return int(self._address[1])

    def accepting(self) -> socket.socket:
        """The socket for one that accepts connections, who closes it."""
        return _Accepting(self._bound)

    def pause(self, close: Callable[[], None]) -> None:
        """Refuse connections from now on, those that wait to be accepted included.

        Args:
            close: Closes the sockets that accept; called where it takes that.
        """
        try:
            self._bound.shutdown(socket.SHUT_RDWR)
        except OSError:
            # Not every system does it to a listening socket: one that never listened refuses too.
            close()
            self._bound.close()
            self._bound = _bound(self._bound.family, self._address)
        # Somebody else who shares could listen on it now.
        _share(self._bound, False)

    def resume(self) -> None:
        """Let connections come again; they wait until somebody accepts them."""
        # Without it the connections of before would be in the way.
        _share(self._bound, True)
        self._bound.listen(_BACKLOG)

    def close(self) -> None:
        """Leave the port."""
        # A process that was forked from this one has the socket too. Closing ours alone would
        # leave the port open for as long as that process lives, with nobody to answer.
        with contextlib.suppress(OSError):  # not every system does it, and it may be closed
            _share(self._bound, True)
            self._bound.shutdown(socket.SHUT_RDWR)
        self._bound.close()
