"""Runs of the suite made by hand: what was asked, what came, and what was found."""

import base64
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO

from PIL import Image

from contracts.album import NoPictureError
from contracts.exchange import Ask, NotCarriedError, Reply, Trouble
from contracts.key import Key
from contracts.probe import Probe, asking
from contracts.run import Order, Run
from contracts.target import Target
from contracts.verdict import CannotLookError, Finding, Verdict
from stepfun_mock.rules import RULES

CANARY = "sk-canary-7Q2x9Zp4LmT8vB1n"
"""The key of these runs, which must be found in nothing that they leave behind."""

HOST = "https://api.stepfun.ai/v1"
BEGUN = 1_790_000_000.25
MINIMAL = {"model": "step-image-edit-2", "prompt": "a lighthouse"}
JSON = (("content-type", "application/json"),)
REFUSED = Reply(400, JSON, b'{"error":{"message":"steps is out of range","type":"invalid"}}')
LATE = NotCarriedError(Trouble.TIMEOUT, "api.stepfun.ai:443 did not answer within 60 s")

Answer = Reply | NotCarriedError


class Canned:
    """A carrier that answers what it was given, in that order."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self.answers = iter(answers)
        self.asked: list[Ask] = []

    def carry(self, ask: Ask) -> Reply:
        self.asked.append(ask)
        answer = next(self.answers)
        if isinstance(answer, NotCarriedError):
            raise answer
        return answer


class Times:
    """A time that moves where somebody waits."""

    def __init__(self, began: float = BEGUN) -> None:
        self.time = began

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def a_run(
    *answers: Answer,
    findings: Sequence[Finding] = (),
    base_url: str = HOST,
    planned: Iterable[str] = (),
    only: frozenset[str] = frozenset(),
    key: Key | None = None,
    asks: Sequence[Probe] = (),
) -> Run:
    """A run that sent a request for each answer, and found something."""
    target = Target(base_url, base_url)
    order = Order(target=target, key=key or Key(CANARY, "STEP_API_KEY"), only=only)
    run = Run(order, carrier=Canned(answers), times=Times())
    while (sent := len(run.lab.exchanges)) < len(answers):
        asked = asks[sent] if asks else asking(f"probe/{sent + 1}", MINIMAL, draws=True)
        with contextlib.suppress(CannotLookError):
            run.lab.look(asked)
    run.findings += findings
    run.planned |= {*planned, *(finding.rule for finding in findings)}
    return run


def holds(rule: str, *exchanges: int) -> Finding:
    return Finding(rule, Verdict.HOLDS, "", "test_x.py::test_that_it_holds", exchanges)


def broken(rule: str, text: str = "the status must be 400, but 200 came", *numbers: int) -> Finding:
    return Finding(rule, Verdict.BROKEN, text, "test_x.py::test_it", numbers)


def differs(rule: str, text: str = "nobody promised it", *numbers: int) -> Finding:
    return Finding(rule, Verdict.DIFFERS, text, "test_x.py::test_it", numbers)


def unsure(rule: str, text: str = "the server answered 500", *numbers: int) -> Finding:
    return Finding(rule, Verdict.INCONCLUSIVE, text, "test_x.py::test_it", numbers)


def not_run(rule: str, text: str = "no reply says what it cost", *, beyond: bool = True) -> Finding:
    return Finding(rule, Verdict.NOT_RUN, text, "test_x.py::test_it", (), beyond)


def all_hold(but: Iterable[str] = ()) -> list[Finding]:
    left_out = set(but)
    return [holds(rule.id) for rule in RULES if rule.id not in left_out]


def png(width: int = 48, height: int = 32) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "PNG")
    return file.getvalue()


def drawn(picture: bytes, seed: object = 7) -> Reply:
    coded = base64.b64encode(picture).decode()
    named = f'"{seed}"' if isinstance(seed, str) else seed
    body = f'{{"created":1,"data":[{{"b64_json":"{coded}","seed":{named}}}]}}'
    return Reply(200, JSON, body.encode())


def said(body: str | bytes, status: int = 200, *headers: tuple[str, str]) -> Reply:
    return Reply(status, headers, body.encode() if isinstance(body, str) else body)


def with_pictures(*answers: Answer, asks: Sequence[Mapping[str, object]] = ()) -> Run:
    """A run that asked for pictures, and looked at each."""
    probes = [
        asking(f"series/{number}", {**MINIMAL, "response_format": "b64_json", **fields}, draws=True)
        for number, fields in enumerate(asks or [{} for _ in answers], 1)
    ]
    run = a_run(*answers, asks=probes)
    for probe in probes:
        shot = run.lab.shot(probe)
        assert shot is not None
        with contextlib.suppress(NoPictureError):
            run.lab.album.take(shot)
    return run


def unpainted(text: str, role: str) -> str:
    return text


def painted(text: str, role: str) -> str:
    return f"<{role}>{text}</>"
