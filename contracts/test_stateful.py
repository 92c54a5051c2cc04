"""The mock through whole stories: faults are scripted, time passes, links die, all is forgotten.

Only the mock can be told to do these things, and only there do they cost nothing.
"""

import json

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from stepfun_mock import Clock, StepfunMock, contract, faults

from .evidence import pictures
from .exchange import Ask, Reply
from .inprocess import MockCarrier
from .judge import Judge
from .key import KeyUse
from .probe import GENERATIONS, JSON_TYPE, encoded
from .run import Run
from .table import MINIMAL
from .test_service import FAULTS
from .ties import judges, on_the_mock
from .verdict import RULE_BY_ID

_EXAMPLES, _STEPS = 25, 25
_LIFE = contract.LINK_LIFE
_START = 1_790_000_000.0
_STEPS_IN_TIME = st.sampled_from([1, 60, _LIFE - 1, _LIFE, _LIFE + 1])
_FAULTS = {**FAULTS, contract.FILTERED: faults.content_filtered}

_RULES = ("route.generate", "reply.created", "url.lifetime", "link.dead", *FAULTS)


class _Broken(Exception):
    """A step at which the mock did not do what the contract says."""

    def __init__(self, rule_id: str, text: str) -> None:
        super().__init__(rule_id, text)
        self.rule_id = rule_id
        self.text = text


class _Story(RuleBasedStateMachine):
    """A mock, and what its client knows must come."""

    run: Run

    @initialize()
    def begin(self) -> None:
        target, key = self.run.order.target, self.run.order.key
        self.now = _START
        self.waiting: list[str] = []
        self.links: list[tuple[str, float]] = []
        clock = Clock()
        clock.freeze(at=_START)
        self.mock = StepfunMock(clock=clock)
        self.carrier = MockCarrier(self.mock, target, key)
        self.url = f"{target.base_url}{GENERATIONS}"

    @rule(names=st.lists(st.sampled_from(sorted(_FAULTS)), min_size=1, max_size=3))
    def script(self, names: list[str]) -> None:
        self.mock.script(*(_FAULTS[name]() for name in names))
        self.waiting += names

    @rule(as_link=st.booleans())
    def generate(self, as_link: bool) -> None:
        fields = {**MINIMAL, "response_format": "url" if as_link else "b64_json"}
        reply = self.carrier.carry(Ask("POST", self.url, (JSON_TYPE,), encoded(fields)))
        due = self.waiting.pop(0) if self.waiting else None
        if due is None or due == contract.FILTERED:
            self._drawn(reply, filtered=due is not None)
        else:
            self._status(due, reply, RULE_BY_ID[due].figures["status"])

    @rule(seconds=_STEPS_IN_TIME)
    def wait(self, seconds: int) -> None:
        self.mock.clock.advance(seconds=seconds)
        self.now += seconds

    @rule(which=st.integers(0, 100))
    def fetch(self, which: int) -> None:
        if not self.links:
            return
        url, born = self.links[which % len(self.links)]
        reply = self.carrier.carry(Ask("GET", url, key=KeyUse.NONE))
        if self.now - born < _LIFE:
            self._status("url.lifetime", reply, 200)
            pictures.read(reply.body)
        else:
            self._status("link.dead", reply, RULE_BY_ID["link.dead"].figures["status"])

    @rule()
    def reset(self) -> None:
        self.mock.reset()
        self.waiting.clear()
        self.mock.clock.freeze(at=self.now)

    def _drawn(self, reply: Reply, *, filtered: bool) -> None:
        self._status("route.generate", reply, 200)
        body = json.loads(reply.body)
        if body["created"] != int(self.now):
            raise _Broken("reply.created", f"{body['created']} came at {self.now}")
        (item,) = body["data"]
        if filtered != (item["finish_reason"] == contract.FILTERED):
            raise _Broken("route.generate", f"{item['finish_reason']} came")
        if "url" in item:
            self.links.append((item["url"], self.now))

    def _status(self, rule_id: str, reply: Reply, due: object) -> None:
        if reply.status != due:
            raise _Broken(rule_id, f"{due} is due, but {reply.status} came")


@on_the_mock
@judges(*_RULES)
def test_whatever_happens_in_whatever_order_each_reply_is_due(judge: Judge, run: Run) -> None:
    story = type("Story", (_Story,), {"run": run})
    bounds = settings(
        max_examples=_EXAMPLES,
        stateful_step_count=_STEPS,
        derandomize=True,
        database=None,
        deadline=None,
        print_blob=False,
    )
    try:
        run_state_machine_as_test(story, settings=bounds)
    except _Broken as broken:
        judge.against(broken.rule_id, broken.text)
        return
    for rule_id in _RULES:
        judge.holds(rule_id)
