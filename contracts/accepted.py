"""Judges whether what is allowed is accepted, and finds which value a refusal is to blame on."""

from . import rows
from .judge import Judge
from .rows import ALONE, EMOJI, LEFT_OUT, ROWS, Level, Row, explained, half_as_long
from .verdict import CannotLookError, Verdict


def levels_of(name: str) -> tuple[Level, ...]:
    """The values of a parameter that must be accepted; what is left out is judged elsewhere."""
    alone = [level for row in ALONE for level in row.levels if level.name == name]
    levels = dict.fromkeys((*rows.LEVELS[name], *alone))
    return tuple(level for level in levels if level.value is not LEFT_OUT)


def rules_of(name: str) -> tuple[str, ...]:
    """The rules that say so."""
    return tuple({level.rule: None for level in levels_of(name)})


def judge_levels(judge: Judge, name: str) -> None:
    """Say of each value of a parameter whether it is accepted."""
    outcomes, accepted = _outcomes(judge)
    for level in levels_of(name):
        tried = {row: outcome for row, outcome in outcomes.items() if level in row.levels}
        numbers = [number for number, ok in tried.values() if ok]
        if numbers:
            judge.holds(level.rule, numbers[0])
            continue
        blamed = [
            number for row, (number, _) in tried.items() if explained(row, accepted) == (level,)
        ]
        if blamed:
            text = f"{level.about} is allowed, but the server refused it"
            judge.against(level.rule, text, *blamed, lenient=_is_counted_twice(judge, level))
        else:
            judge.unsure(level.rule, f"no answer tells whether {level.about} is accepted")


def _outcomes(judge: Judge) -> tuple[dict[Row, tuple[int, bool]], set[Level]]:
    """The requests that tell something: their numbers, and whether they were accepted; and the
    levels of those that were.
    """
    judge.lab.look_together(rows.EVERY)
    found = {}
    reason = CannotLookError(Verdict.INCONCLUSIVE, "no request tells anything")
    for row in (*ALONE, *ROWS):
        try:
            exchange = judge.look(row.probe)
        except CannotLookError as cannot:
            reason = cannot
            continue
        if exchange.reply is not None:
            found[row] = (exchange.number, exchange.reply.status < 300)
    if not found:
        raise reason
    return found, {level for row, (_, ok) in found.items() if ok for level in row.levels}


def _is_counted_twice(judge: Judge, level: Level) -> bool:
    """Whether emoji are counted as UTF-16 units, of which the page says nothing."""
    if not level.about.endswith(EMOJI):
        return False
    try:
        exchange = judge.look(half_as_long(level.name))
    except CannotLookError:
        return True  # it is not told from a count of units, so nobody is blamed
    return exchange.reply is not None and exchange.reply.status < 300


def unexplained(judge: Judge) -> list[tuple[int, str]]:
    """Refused requests whose every value is accepted elsewhere: the pair is at fault."""
    outcomes, accepted = _outcomes(judge)
    return [
        (number, ", ".join(level.about for level in row.levels))
        for row, (number, ok) in outcomes.items()
        if not ok and not explained(row, accepted)
    ]
