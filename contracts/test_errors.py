"""Errors as a whole: what a server must refuse, it refuses, and does not fall over."""

from .judge import REFUSED, Judge
from .rows import EVERY
from .run import OPENING
from .table import CASES, Case
from .ties import asks, judges, late
from .verdict import CannotLookError, Verdict

_FAILED = 500
_ENOUGH = 10
_MOSTLY, _HARDLY = 0.8, 0.2
# How many requests that failed are asked again at the end, and how often.
_SUSPECTS = 2
_AGAIN = 3
_CONTROL = OPENING[0]

NOTHING_REFUSED = "no request that must be refused was answered"


@judges("parameter.refused")
@late
def test_what_must_be_refused_is_no_failure_of_the_server(judge: Judge) -> None:
    """One 500 is weather; one for each faulty request, and none for the others, is none."""
    refusing = _statuses(judge, [case.probe.id for case in CASES])
    drawing = _statuses(judge, [probe.id for probe in EVERY])
    if not refusing:
        raise CannotLookError(Verdict.INCONCLUSIVE, NOTHING_REFUSED)
    failed = [number for number, status in refusing.items() if status >= _FAILED]
    share = len(failed) / len(refusing) if len(refusing) >= _ENOUGH else 0.0
    usual = _share_failed(drawing) if len(drawing) >= _ENOUGH else 1.0
    if share > _MOSTLY and usual < _HARDLY:
        text = (
            f"what is not allowed must be refused with 400, but {len(failed)} of {len(refusing)} "
            "such requests made the server fail, and what is allowed did not"
        )
        judge.against("parameter.refused", text, *failed[:3])
    elif share > _HARDLY:
        judge.unsure("parameter.refused", f"the server failed at {share:.0%} of such requests")
    else:
        judge.holds("parameter.refused", *list(refusing)[:3])


@judges("parameter.refused")
@asks(_CONTROL, *(case.probe for case in CASES))
@late
def test_nothing_makes_the_server_fail_each_time(judge: Judge) -> None:
    """What failed is asked again, later, each time after one that is refused as it should be."""
    last = _last(judge, [case.probe.id for case in CASES])
    failed = {name for name, (_, status) in last.items() if status == _FAILED}
    if not last:
        raise CannotLookError(Verdict.INCONCLUSIVE, NOTHING_REFUSED)
    for case in [case for case in CASES if case.probe.id in failed][:_SUSPECTS]:
        _insist(judge, case)
    if len(failed) < len(last):
        judge.holds("parameter.refused", *[number for number, _ in last.values()][:3])
    judge.unsure_unless_judged("parameter.refused", "every such request made the server fail")


def _insist(judge: Judge, case: Case) -> None:
    numbers = []
    for _ in range(_AGAIN):
        control = judge.lab.again(_CONTROL)
        exchange = judge.lab.again(case.probe)
        numbers.append(exchange.number)
        refuses = control.reply is not None and control.reply.status in REFUSED
        if not refuses or exchange.reply is None or exchange.reply.status != _FAILED:
            return
    text = (
        f"the server must refuse {case.about}, but answered 500 each of the {_AGAIN + 1} times "
        "that it was asked"
    )
    judge.against("parameter.refused", text, *numbers)


def _statuses(judge: Judge, probes: list[str]) -> dict[int, int]:
    """The status of each request that was answered, the last try alone, by its number."""
    return dict(_last(judge, probes).values())


def _share_failed(statuses: dict[int, int]) -> float:
    return sum(status >= _FAILED for status in statuses.values()) / len(statuses)


def _last(judge: Judge, probes: list[str]) -> dict[str, tuple[int, int]]:
    """The number and the status of the last reply to each probe, by its id."""
    wanted = set(probes)
    return {
        exchange.name: (exchange.number, exchange.reply.status)
        for exchange in judge.lab.exchanges
        if exchange.name in wanted and exchange.reply is not None
    }
