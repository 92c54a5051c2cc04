"""What nobody wrote down: requests and faults that Hypothesis makes up."""

from .generated import explore, made_up
from .judge import REFUSED, Judge
from .run import Run
from .strategies import Fields, offences, requests
from .table import PARAMETERS, Case
from .ties import asks, judges
from .verdict import RULE_BY_ID

# On a server that may cost, and on the mock.
VALID = (1, 100)
INVALID = (2, 300)

_ASPECTS = ("type", "range", "values", "length")
_OFFENDED = [
    f"{parameter.name}.{aspect}"
    for parameter in PARAMETERS
    for aspect in _ASPECTS
    if f"{parameter.name}.{aspect}" in RULE_BY_ID
]
_REFUSALS = ("parameter.refused", "model.refused", "size.refused")


@judges("route.generate", "seed.echo")
@asks(generates=VALID[0], drawn=VALID[0])
def test_whatever_is_allowed_is_accepted(judge: Judge, run: Run) -> None:
    free = run.mock is not None

    def look(judge: Judge, fields: Fields) -> None:
        probe = made_up(fields, draws=True)
        exchange = judge.look(probe)
        if exchange.reply is None or exchange.reply.status in REFUSED:
            text = f"the server must accept {fields!r}, but refused it"
            judge.against("route.generate", text, exchange.number)
            return
        (shot,) = judge.shots([probe])
        judge.holds("route.generate", shot.number)
        if "seed" in fields and type(shot.item.get("seed")) is int:
            judge.seed_echoed(shot)

    explore(judge, requests(free=free), look, examples=VALID[free], free=free)


@judges(*_OFFENDED, *_REFUSALS, "error.envelope")
@asks(generates=INVALID[0])
def test_whatever_is_not_allowed_is_refused(judge: Judge, run: Run) -> None:
    free = run.mock is not None

    def look(judge: Judge, offence: tuple[str, str, Fields]) -> None:
        name, aspect, fields = offence
        refusal = f"{name}.refused" if aspect == "values" else ""
        judge.refused(
            Case(
                made_up(fields, draws=False),
                f"{name}.{aspect}",
                f"{name} {str(fields[name])[:60]!r}",
                refusal if refusal in _REFUSALS else "parameter.refused",
            )
        )

    explore(judge, offences(), look, examples=INVALID[free], free=free)
