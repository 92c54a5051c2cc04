"""Runs whose target is a function of the test, and whose time costs nothing."""

import base64
import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from contracts.exchange import Ask, NotCarriedError, Reply, Trouble
from contracts.judge import Judge
from contracts.key import Key, KeyUse
from contracts.probe import Probe, asking
from contracts.run import Order, Run
from contracts.target import Target
from contracts.verdict import CannotLookError, Finding, Verdict
from suite.runs import CANARY, JSON, Times, png

HOST = "https://image.example"
MINIMAL: dict[str, Any] = {"model": "step-image-edit-2", "prompt": "a lighthouse"}
PICTURE = png()
LATE = NotCarriedError(Trouble.TIMEOUT, "image.example:443 did not answer within 60 s")
DOWN = NotCarriedError(Trouble.NETWORK, "image.example:443 refused the connection")
GARBLED = NotCarriedError(Trouble.PROTOCOL, "image.example:443 does not speak HTTP/1.1")

Answer = Reply | NotCarriedError
Answers = Callable[[Ask], Answer]


def error(status: int, message: str = "no", *headers: tuple[str, str]) -> Reply:
    body = json.dumps({"error": {"message": message, "type": "invalid"}}).encode()
    return Reply(status, (*JSON, *headers), body)


def drawn(seed: object = 7, *, as_link: str | None = None, status: int = 200, **more: Any) -> Reply:
    payload = {"url": as_link} if as_link else {"b64_json": base64.b64encode(PICTURE).decode()}
    item = {**payload, "seed": seed, "finish_reason": "success", **more}
    body = json.dumps({"created": 1_790_000_000, "data": [item]}).encode()
    return Reply(status, JSON, body)


def fields_of(ask: Ask) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(ask.body)
    return fields


class Fake:
    """A carrier that answers by a function, and keeps what it was asked, and how many at once."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.asked: list[Ask] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()

    def carry(self, ask: Ask) -> Reply:
        with self._lock:
            self.asked.append(ask)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            answer = self.answers(ask)
        finally:
            with self._lock:
                self._at_once -= 1
        if isinstance(answer, NotCarriedError):
            raise answer
        return answer


def in_turn(*answers: Answer) -> Answers:
    """Answers in this order, and the last for ever."""
    left = list(answers)
    lock = threading.Lock()

    def next_one(ask: Ask) -> Answer:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return next_one


class Asking:
    """A run, with its lab, its carrier and its time at hand."""

    def __init__(
        self,
        answers: Answers | Answer,
        *more: Answer,
        base_url: str = f"{HOST}/v1",
        max_images: int | None = 40,
        max_requests: int | None = 150,
    ) -> None:
        self.carrier = Fake(answers if callable(answers) else in_turn(answers, *more))
        self.times = Times()
        order = Order(
            target=Target(base_url, base_url),
            key=Key(CANARY, "STEP_API_KEY"),
            max_images=max_images,
            max_requests=max_requests,
        )
        self.run = Run(order, carrier=self.carrier, times=self.times)
        self.lab = self.run.lab

    @property
    def asked(self) -> list[Ask]:
        return self.carrier.asked

    @property
    def images(self) -> int:
        """Pictures reserved."""
        return self.lab.dispatch.budget.images

    @property
    def tries(self) -> Counter[str]:
        """How often each probe was tried."""
        return Counter(exchange.name for exchange in self.lab.exchanges)

    @property
    def passed(self) -> float:
        """Seconds that were waited."""
        return self.times.time - self.run.started

    def judge(self, *rules: str, probes: tuple[Probe, ...] = ()) -> Judge:
        names = frozenset(probe.id for probe in probes)
        return Judge(self.lab, frozenset(rules), names, "test_x.py::test_it")

    def cannot(self, probe: Probe) -> tuple[Verdict, str]:
        """Why nothing can be said of a probe."""
        with pytest.raises(CannotLookError) as problem:
            self.lab.look(probe)
        return problem.value.verdict, problem.value.reason


def picture_of(number: int = 1, **more: Any) -> Probe:
    """A probe for a picture, in Base64."""
    fields = {**MINIMAL, "response_format": "b64_json"}
    return asking(f"picture/{number}", fields, draws=True, **more)


def fault(number: int = 1) -> Probe:
    """A probe that should be refused, and may be drawn for."""
    return asking(f"fault/{number}", {**MINIMAL, "steps": 50 + number})


def list_of_models() -> Probe:
    """A probe that nobody draws for."""
    return Probe(id="models", method="GET", path="/models", headers=(), may_draw=False)


def unkeyed(ask: Ask) -> bool:
    return ask.key is KeyUse.NONE


def said(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """Rules, words and texts, without what else a finding holds."""
    return [(found.rule, str(found.verdict), found.text) for found in findings]
