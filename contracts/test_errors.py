"""Errors as a whole: what a server refuses, it refuses, and does not fall over."""

from .judge import Judge
from .rows import EVERY
from .table import CASES
from .ties import judges, late
from .verdict import CannotLookError, Verdict

_FAILED = 500
_ENOUGH = 10
_MOSTLY, _HARDLY = 0.8, 0.2


@judges("parameter.refused")
@late
def test_what_must_be_refused_is_no_failure_of_the_server(judge: Judge) -> None:
    """One 500 is weather; one for each faulty request, and none for the others, is none."""
    refusing = _statuses(judge, [case.probe.id for case in CASES])
    drawing = _statuses(judge, [probe.id for probe in EVERY])
    if len(refusing) < _ENOUGH or len(drawing) < _ENOUGH:
        raise CannotLookError(Verdict.INCONCLUSIVE, "too few requests were answered to compare")
    failed = [number for number, status in refusing.items() if status >= _FAILED]
    share, usual = len(failed) / len(refusing), _share_failed(drawing)
    if share > _MOSTLY and usual < _HARDLY:
        text = (
            f"what is not allowed must be refused with 400, but {len(failed)} of {len(refusing)} "
            "such requests made the server fail, and what is allowed did not"
        )
        judge.against("parameter.refused", text, *failed[:3])
    elif share > _HARDLY:
        judge.unsure("parameter.refused", f"the server failed at {share:.0%} of such requests")
    else:
        judge.holds("parameter.refused")


def _statuses(judge: Judge, probes: list[str]) -> dict[int, int]:
    """The status of each request that was answered, the last try alone."""
    wanted = set(probes)
    last = {
        exchange.name: exchange
        for exchange in judge.lab.exchanges
        if exchange.name in wanted and exchange.reply is not None
    }
    return {found.number: found.reply.status for found in last.values() if found.reply}


def _share_failed(statuses: dict[int, int]) -> float:
    return sum(status >= _FAILED for status in statuses.values()) / len(statuses)
