"""API keys: which one came, and whether it is known. Says nothing of it to anybody."""

import hmac
from typing import NoReturn

from stepfun_mock.contract import KEY_REFUSED
from stepfun_mock.errors import RefusedError
from stepfun_mock.message import Request

_SEND = 'send "Authorization: Bearer <key>"'


def presented_key(request: Request) -> str:
    """The key that the request bears, whatever its scheme; empty where there is none."""
    return request.headers.get("authorization", "").rpartition(" ")[2]


class Keys:
    """The keys that are known.

    Args:
        known: The keys; none of them means that any key will do.
    """

    def __init__(self, known: tuple[str, ...]) -> None:
        self._known = tuple(key.encode() for key in known)

    def check(self, request: Request) -> None:
        """Let a request with a known key pass.

        Raises:
            RefusedError: `key.refused`.
        """
        header = request.headers.get("authorization")
        if header is None:
            _refuse(f"no Authorization header came; {_SEND}")
        scheme, _, key = header.partition(" ")
        if scheme.lower() != "bearer":
            _refuse(f"the Authorization header is not of the Bearer scheme; {_SEND}")
        key = key.strip()
        if not key:
            _refuse(f"the key is empty; {_SEND}")
        if self._known and not self._knows(key.encode("latin-1", "replace")):
            _refuse("the key is not one of those that this mock was started with")

    def _knows(self, key: bytes) -> bool:
        return any(hmac.compare_digest(key, known) for known in self._known)


def _refuse(why: str) -> NoReturn:
    raise RefusedError(KEY_REFUSED, f"Incorrect API key provided: {why}")
