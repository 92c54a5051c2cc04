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

FAULTY: tuple[Faulty, ...] = (
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


def one_a_rule() -> tuple[Faulty, ...]:
    """The first server that breaks each rule; enough for a quick proof."""
    first: dict[str, Faulty] = {}
    for faulty in FAULTY:
        first.setdefault(faulty.rule, faulty)
    return tuple(first.values())


__all__ = ["FAULTY", "Faulty", "Make", "Verdict", "one_a_rule"]
