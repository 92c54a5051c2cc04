"""What nobody can see from outside: it is listed, so that nobody takes silence for a yes."""

import pytest

from .judge import Judge
from .ties import judges
from .verdict import RULE_BY_ID

_UNSEEN = {
    "price.usd": "no reply says what it cost",
    "price.cny": "no reply says what it cost",
    "request.late": "to see it takes longer than a run should",
}
_HOSTS = ("host.international", "host.china")


@pytest.mark.parametrize(
    "rule", [pytest.param(rule, id=rule, marks=judges(rule)) for rule in _UNSEEN]
)
def test_what_cannot_be_seen_is_not_run(judge: Judge, rule: str) -> None:
    judge.beyond(rule, _UNSEEN[rule])


@pytest.mark.parametrize(
    "rule", [pytest.param(rule, id=rule, marks=judges(rule)) for rule in _HOSTS]
)
def test_the_host_answers_where_it_is_the_target(judge: Judge, rule: str) -> None:
    host = RULE_BY_ID[rule].figures["host"]
    if judge.lab.target.host == host and judge.lab.exchanges:
        judge.holds(rule, 1)
    else:
        judge.beyond(rule, f"the target is not {host}")
