"""The heads of requests that a connection has brought before.

A client sends the same head with each of its requests, and reading one takes about as long as
answering it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from stepfun_mock.message import Request

Given = Sequence[tuple[bytes, bytes]]
"""Headers as they came, doubles included."""

_END = b"\r\n\r\n"
_MOST = 8  # their lengths differ with the bodies
_LONGEST = 4096  # bytes of a head
_ONCE = frozenset({b"transfer-encoding", b"expect"})  # after these the head is not all that counts


class Head(NamedTuple):
    """A head as it was read.

    Args:
        request: The request, its body left out.
        given: The headers as they came.
        length: Bytes of the body that follows.
    """

    request: Request
    given: Given
    length: int


class Heads:
    """What one connection has brought; who asks has no other request under way."""

    def __init__(self) -> None:
        self._read: dict[bytes, Head] = {}

    def whole(self, data: bytes) -> tuple[Request, Given] | None:
        """The request that `data` is, and its headers as they came.

        None where its head is not known, or `data` is less or more than one request.
        """
        end = data.find(_END) + len(_END)
        head = self._read.get(data[:end])
        if head is None or len(data) - end != head.length:
            return None
        method, path, headers, _, query, scheme, waits = head.request
        return Request(method, path, headers, data[end:], query, scheme, waits), head.given

    def learn(self, data: bytes, request: Request, given: Given) -> None:
        """Keep the head of a request, where `data` was that request and nothing else.

        Args:
            data: What came.
            request: The last request that was read from it.
            given: Its headers as they came.
        """
        end = data.find(_END) + len(_END)
        length = len(request.body)
        # Without a body it is a link that is fetched, each of them once.
        if not length or len(data) - end != length or end > _LONGEST:
            return
        if _ONCE.isdisjoint(name for name, _ in given):
            if len(self._read) >= _MOST:
                self._read.clear()
            self._read[data[:end]] = Head(request._replace(body=b""), given, length)

    def forget(self) -> None:
        """Know none any more: what comes next is the parser's to judge."""
        self._read.clear()
