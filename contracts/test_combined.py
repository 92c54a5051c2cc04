"""Every pair of values together, and what nobody knows beside them."""

from .accepted import unexplained
from .judge import Judge
from .rows import EVERY
from .series import BASE, ONCE_MORE, UNKNOWN_FIELD
from .ties import asks, judges


@judges("route.generate")
@asks(*EVERY)
def test_what_is_allowed_alone_is_allowed_together(judge: Judge) -> None:
    refused = unexplained(judge)
    for number, values in refused:
        text = f"each of these is accepted elsewhere, but together they were refused: {values}"
        judge.against("route.generate", text, number)
    if not refused:
        judge.holds("route.generate")


@judges("fields.unknown")
@asks(BASE, ONCE_MORE)
def test_a_field_that_nobody_knows_is_passed_over(judge: Judge) -> None:
    judge.shots([BASE])
    exchange = judge.look(ONCE_MORE)
    if exchange.reply is not None and exchange.reply.status < 300:
        judge.holds("fields.unknown", exchange.number)
    else:
        text = f"the field {UNKNOWN_FIELD} was refused"
        judge.against("fields.unknown", text, exchange.number)
