"""How the service fails, by the mock's own faults: nobody can make another server do so."""

from collections.abc import Callable

import pytest

from stepfun_mock import Choices, StepfunMock, faults

from .exchange import Ask, Reply
from .inprocess import MockCarrier
from .judge import Judge
from .probe import GENERATIONS, JSON_TYPE, encoded
from .run import Run
from .table import MINIMAL
from .ties import judges, on_the_mock
from .verdict import RULE_BY_ID

FAULTS: dict[str, Callable[[], faults.Fault]] = {
    "balance.empty": faults.out_of_balance,
    "rate.limited": faults.rate_limited,
    "prompt.censored": faults.censored,
    "service.failed": faults.server_error,
    "service.overloaded": faults.overloaded,
    "service.late": faults.gateway_timeout,
}


@on_the_mock
@pytest.mark.parametrize(
    "rule", [pytest.param(rule, id=rule, marks=judges(rule)) for rule in FAULTS]
)
def test_a_failure_answers_with_its_status_and_word(judge: Judge, run: Run, rule: str) -> None:
    mock = StepfunMock(choices=Choices())
    mock.script(FAULTS[rule]())
    _judge_status(judge, rule, _asked(run, mock))


@on_the_mock
@judges("mock.bug")
def test_a_fault_of_the_mock_itself_is_told_from_the_services(judge: Judge, run: Run) -> None:
    mock = StepfunMock(random=_NoRandom())  # type: ignore[arg-type]
    _judge_status(judge, "mock.bug", _asked(run, mock))


class _NoRandom:
    """A generator that has a bug."""


def _asked(run: Run, mock: StepfunMock) -> Reply:
    target, key = run.order.target, run.order.key
    url = f"{target.base_url}{GENERATIONS}"
    ask = Ask("POST", url, (JSON_TYPE,), encoded(MINIMAL))
    return MockCarrier(mock, target, key).carry(ask)


def _judge_status(judge: Judge, rule: str, reply: Reply) -> None:
    due = RULE_BY_ID[rule].figures
    word = due.get("type")
    if reply.status == due["status"] and (word is None or str(word).encode() in reply.body):
        judge.holds(rule)
    else:
        judge.against(rule, f"{due} is due, but {reply.status} came")
