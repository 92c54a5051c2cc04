"""Servers that let in who has no key, or the wrong one, or shows it in another way."""

import base64
from collections.abc import Callable

from ..messages import Request
from ..reference import Make, ReferenceServer
from .kinds import Faulty

Key = str


def admits(fits: Callable[[str, Key], bool]) -> Make:
    """A server that also lets in what fits, of an Authorization header and its key."""

    class Admitting(ReferenceServer):
        def key_fits(self, authorization: str) -> bool:
            return super().key_fits(authorization) or fits(authorization, self.setting.key)

    return Admitting


def bearer(authorization: str) -> str:
    """The key after Bearer; empty if there is none."""
    scheme, _, key = authorization.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def basic(authorization: str, key: Key) -> bool:
    """A Basic header with the key for name or password, plain or coded."""
    scheme, _, coded = authorization.partition(" ")
    try:
        plain = base64.b64decode(coded).decode(errors="replace")
    except ValueError:
        plain = coded
    return scheme.lower() == "basic" and (key in plain.split(":") or key in coded)


class Lenient(ReferenceServer):
    """Asks for a key where pictures are drawn, and nowhere else."""

    def admit(self, request: Request) -> None:
        if request.method == "POST":
            super().admit(request)


class Careless(ReferenceServer):
    """Asks for a key everywhere but where pictures are drawn."""

    def admit(self, request: Request) -> None:
        if request.method != "POST":
            super().admit(request)


BEARER = ("key.bearer",)
REFUSED = ("key.refused",)

FAULTS = (
    Faulty(
        "key-none-taken",
        "lets in who shows no key",
        "key.refused",
        admits(lambda given, _: not given),
        also=BEARER,
    ),
    Faulty(
        "key-empty-taken",
        "lets in who shows an empty key",
        "key.refused",
        admits(lambda given, _: given.lower().split() == ["bearer"]),
        also=BEARER,
    ),
    Faulty(
        "key-unasked", "never asks for a key", "key.refused", admits(lambda *_: True), also=BEARER
    ),
    Faulty(
        "key-unasked-for-pictures",
        "asks for a key everywhere but for pictures",
        "key.refused",
        Careless,
        also=BEARER,
    ),
    Faulty(
        "key-unasked-for-models",
        "asks for no key where it lists its models",
        "key.refused",
        Lenient,
        "differs",
    ),
    Faulty(
        "key-basic-taken", "takes the key as Basic too", "key.bearer", admits(basic), also=REFUSED
    ),
    Faulty(
        "key-bare-taken",
        "takes the key without Bearer",
        "key.bearer",
        admits(lambda given, key: given.strip() == key),
        also=REFUSED,
    ),
    Faulty(
        "key-token-taken",
        "takes the key after any word",
        "key.bearer",
        admits(lambda given, key: given.split()[1:] == [key]),
        also=REFUSED,
    ),
    Faulty(
        "key-any-taken",
        "takes any key that is not empty",
        "key.refused",
        admits(lambda given, _: bool(bearer(given))),
        "differs",
    ),
    Faulty(
        "key-longer-taken",
        "takes a key that begins like the right one",
        "key.refused",
        admits(lambda given, key: bearer(given).startswith(key)),
        "differs",
    ),
    Faulty(
        "key-shorter-taken",
        "takes a key with which the right one begins",
        "key.refused",
        admits(lambda given, key: bool(bearer(given)) and key.startswith(bearer(given))),
        "differs",
    ),
    Faulty(
        "key-case-taken",
        "takes the key in any case",
        "key.refused",
        admits(lambda given, key: bearer(given).lower() == key.lower()),
        "differs",
    ),
)
