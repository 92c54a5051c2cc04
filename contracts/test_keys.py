"""The key: a Bearer token, and nothing else will do."""

import pytest

from . import envelope
from .judge import REFUSED, Judge
from .key import KeyUse
from .probe import Probe, asking
from .table import MINIMAL
from .ties import asks, judges

_WORDS = {
    KeyUse.NONE: "no key",
    KeyUse.EMPTY: "an empty key",
    KeyUse.BASIC: "the key under the scheme Basic",
    KeyUse.TOKEN: "the key under the scheme Token",
    KeyUse.BARE: "the key without a scheme",
    KeyUse.WRONG: "a wrong key",
    KeyUse.LONGER: "a key that is longer than the right one",
}

# The page shows the key by example only, so a server that knows no keys of its own keeps it.
_LENIENT = {KeyUse.WRONG, KeyUse.LONGER}


def _probe(use: KeyUse) -> Probe:
    return asking(f"key/{use.value}", {**MINIMAL, "response_format": "b64_json"}, key=use)


@judges("key.bearer", "key.refused", "error.envelope")
@pytest.mark.parametrize(
    ("use", "probe"),
    [pytest.param(use, _probe(use), id=use.value, marks=[asks(_probe(use))]) for use in _WORDS],
)
def test_what_is_not_the_key_is_refused(judge: Judge, use: KeyUse, probe: Probe) -> None:
    exchange = judge.look(probe)
    lenient = use in _LENIENT
    rule = "key.refused" if lenient else "key.bearer"
    status = exchange.reply.status if exchange.reply else 0
    if status in REFUSED:
        judge.holds("key.bearer", exchange.number)
        judge.refused_as("key.refused", exchange)
    elif exchange.reply is not None and envelope.is_error(exchange.reply.body):
        text = f"{_WORDS[use]} must be refused with 401, but {status} came, and no picture"
        judge.against("key.refused", text, exchange.number)
    else:
        text = f"{_WORDS[use]} must be refused, but was answered {status}"
        if lenient:
            text = f"{_WORDS[use]} was answered {status}: the server seems to know no keys"
        judge.against(rule, text, exchange.number, lenient=lenient)
