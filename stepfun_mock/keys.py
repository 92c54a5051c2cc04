"""API keys: which one came, whether it is known, and how it stays out of all that is written.

Says nothing of a key to anybody.
"""

import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NoReturn

from stepfun_mock.errors import RefusedError
from stepfun_mock.refusals import KEY_REFUSED

_SEND = 'send "Authorization: Bearer <key>"'
_SHORTEST = 8  # below that a key is a word like others, and blotting it would garble sentences
_START = 16
_NAMED = ("api-key", "apikey", "token", "secret", "-authorization")


BLOT = "***"
"""Stands where a key stood, or may have stood."""


class Keys:
    """The keys that are known.

    Args:
        known: The keys; none of them means that any key will do.
        hidden: Further keys that must not be written down, such as real ones.
    """

    def __init__(self, known: tuple[str, ...], hidden: tuple[str, ...] = ()) -> None:
        self._known = tuple(key.encode() for key in known)
        self._secrets = tuple(key for key in (*known, *hidden) if len(key) >= _SHORTEST)

    def check(self, headers: Mapping[str, str]) -> None:
        """Let a request with a known key pass.

        Raises:
            RefusedError: `key.refused`.
        """
        header = headers.get("authorization")
        if header is None:
            _refuse(f"no Authorization header came; {_SEND}")
        if header.partition(" ")[0].lower() != "bearer":
            _refuse(f"the Authorization header is not of the Bearer scheme; {_SEND}")
        key = header.strip().partition(" ")[2].strip()
        if not key:
            _refuse(f"the key is empty; {_SEND}")
        if self._known and not self._knows(key):
            _refuse("the key is not one of those that this mock was started with")

    def _knows(self, key: str) -> bool:
        # A socket gives the bytes of a header one by one as letters; other callers give text.
        forms = (key.encode("latin-1", "replace"), key.encode("utf-8", "replace"))
        return any(hmac.compare_digest(form, known) for form in forms for known in self._known)

    def secrets(self, headers: Mapping[str, str]) -> tuple[str, ...]:
        """All that must not be written down of a request: the keys that it bears, and ours."""
        named = [headers[name] for name in headers if name.endswith(_NAMED)]
        hidden = (*_last_words(named), *self._secrets) if named else self._secrets
        scheme, _, key = headers.get("authorization", "").strip().partition(" ")
        if len(scheme) >= _SHORTEST:  # who forgets the scheme sends the key, or its start, there
            return (key.strip() or scheme, scheme, *hidden)
        return (key.strip(), *hidden) if len(key) >= _SHORTEST else hidden


def _last_words(values: Iterable[str]) -> Iterator[str]:
    """The keys in headers that are named after one: a scheme may stand before it."""
    for value in values:
        yield from (word for word in value.split()[-1:] if len(word) >= _SHORTEST)


def blot(text: str, secrets: tuple[str, ...]) -> str:
    """Give the text without the secrets.

    The start of one is enough to blot out a word, since sentences cut what they quote.
    """
    for secret in secrets:
        start = secret[:_START]
        if start in text:
            text = re.sub(re.escape(start) + r"\S*", BLOT, text.replace(secret, BLOT))
    return text


def _refuse(why: str) -> NoReturn:
    raise RefusedError(KEY_REFUSED, f"Incorrect API key provided: {why}")
