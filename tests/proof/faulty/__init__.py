"""Servers with one fault each."""

from ..reference import Make
from . import (
    behind,
    choices,
    crowds,
    defaults,
    echoes,
    envelopes,
    keys,
    limits,
    links,
    payloads,
    pictures,
    refusals,
    replies,
    routes,
    seeds,
    sizes,
    types,
)
from .kinds import Faulty, Verdict

_ALL: tuple[Faulty, ...] = (
    *choices.FAULTS,
    *sizes.FAULTS,
    *types.FAULTS,
    *limits.FAULTS,
    *defaults.FAULTS,
    *seeds.FAULTS,
    *echoes.FAULTS,
    *pictures.FAULTS,
    *payloads.FAULTS,
    *envelopes.FAULTS,
    *replies.FAULTS,
    *links.FAULTS,
    *behind.FAULTS,
    *refusals.FAULTS,
    *routes.FAULTS,
    *keys.FAULTS,
    *crowds.FAULTS,
)


# Faults that from outside look like a bad line or a wrong address: nothing that can be read comes.
_LIKE_WEATHER = {
    "reply-as-compressed",
    "reply-too-short",
    "reply-broken-off",
    "reply-none",
    "link-nowhere",
    "link-closed-port",
    "link-broken-off",
}
# Faults that would take requests of their own, for what no page promises.
_NOT_LOOKED_FOR = {"key-unasked-for-models", "key-shorter-taken", "key-case-taken"}

FAULTY = tuple(one for one in _ALL if one.name not in _LIKE_WEATHER | _NOT_LOOKED_FOR)
"""A judge must catch these, by the rule that they break."""

UNTOLD = tuple(one for one in _ALL if one.name in _LIKE_WEATHER)
"""A judge must not take these for sound, and cannot take them for broken."""

UNSEEN = tuple(one for one in _ALL if one.name in _NOT_LOOKED_FOR)
"""A judge may pass these over."""


def one_a_rule() -> tuple[Faulty, ...]:
    """The first server that breaks each rule; enough for a quick proof."""
    first: dict[str, Faulty] = {}
    for faulty in FAULTY:
        first.setdefault(faulty.rule, faulty)
    return tuple(first.values())


__all__ = ["FAULTY", "UNSEEN", "UNTOLD", "Faulty", "Make", "Verdict", "one_a_rule"]
