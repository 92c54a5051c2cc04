"""The routes beside the one that draws: the models, the plan's twins, and what is not there."""

import json

import pytest

from stepfun_mock.terms import Grade

from .judge import REFUSED, Judge
from .probe import GENERATIONS, Probe
from .table import BODIES, MODEL
from .ties import asks, judges, on_the_mock
from .verdict import RULE_BY_ID

_NOT_THERE = (404, 405)

MODELS = Probe(id="models", method="GET", path="/models", headers=(), may_draw=False)
PLAN_MODELS = Probe(
    id="models/plan",
    method="GET",
    path="/step_plan/v1/models",
    rooted=True,
    headers=(),
    may_draw=False,
)
ONE_MODEL = Probe(id="model", method="GET", path=f"/models/{MODEL.id}", headers=(), may_draw=False)
PLAN_MODEL = Probe(
    id="model/plan",
    method="GET",
    path=f"/step_plan/v1/models/{MODEL.id}",
    rooted=True,
    headers=(),
    may_draw=False,
)
NO_MODEL = Probe(
    id="model/unknown", method="GET", path="/models/no-such-model", headers=(), may_draw=False
)
PLAN = Probe(
    id="generate/plan", path=f"/step_plan/v1{GENERATIONS}", rooted=True, body=BODIES[0].probe.body
)
NO_PATH = Probe(id="path/unknown", method="GET", path="/no/such/path", headers=(), may_draw=False)
ELSEWHERE = Probe(
    id="path/elsewhere", method="GET", path="/no-api", rooted=True, headers=(), may_draw=False
)
OTHER_VERB = Probe(id="generate/GET", method="GET", path=GENERATIONS, headers=(), may_draw=False)


def _marks(rule: str, probe: Probe) -> list[pytest.MarkDecorator]:
    # What nobody but the mock says is worth no request to anybody else.
    said = RULE_BY_ID[rule].grade is not Grade.OURS or rule == "model.unknown"
    ours = not said or rule in ("route.models.plan", "route.model.plan")
    return [judges(rule), asks(probe), *([on_the_mock] if ours else [])]


@judges("route.models", "model.owned_by", "model.created")
@asks(MODELS)
def test_the_models_are_listed(judge: Judge) -> None:
    exchange = judge.look(MODELS)
    listed = _json(judge, MODELS)
    entries = listed.get("data") if isinstance(listed, dict) else None
    found = (
        [
            entry
            for entry in entries or []
            if isinstance(entry, dict) and entry.get("id") == MODEL.id
        ]
        if isinstance(entries, list)
        else []
    )
    if not found:
        status = exchange.reply.status if exchange.reply else 0
        text = f"GET /models must list {MODEL.id}, but answered {status} without it"
        judge.against("route.models", text, exchange.number)
        return
    judge.holds("route.models", exchange.number)
    _fields(judge, found[0], exchange.number)


@judges("route.model", "model.owned_by", "model.created")
@asks(ONE_MODEL)
def test_one_model_is_shown(judge: Judge) -> None:
    exchange = judge.look(ONE_MODEL)
    shown = _json(judge, ONE_MODEL)
    if isinstance(shown, dict) and shown.get("id") == MODEL.id:
        judge.holds("route.model", exchange.number)
        _fields(judge, shown, exchange.number)
    else:
        judge.against(
            "route.model", f"GET /models/{MODEL.id} must show it, but does not", exchange.number
        )


def _fields(judge: Judge, model: dict[str, object], number: int) -> None:
    if model.get("owned_by") == MODEL.owned_by:
        judge.holds("model.owned_by", number)
    else:
        text = f"models are owned by {MODEL.owned_by}, but {model.get('owned_by')!r} came"
        judge.against("model.owned_by", text, number)
    if model.get("created") == MODEL.created:
        judge.holds("model.created", number)
    else:
        text = f"{model.get('created')!r} came for the second in which the model appeared"
        judge.against("model.created", text, number)


@pytest.mark.parametrize(
    ("rule", "probe"),
    [
        pytest.param(rule, probe, id=rule, marks=_marks(rule, probe))
        for rule, probe in {
            "route.generate.plan": PLAN,
            "route.models.plan": PLAN_MODELS,
            "route.model.plan": PLAN_MODEL,
        }.items()
    ],
)
def test_the_plan_has_the_route_too(judge: Judge, rule: str, probe: Probe) -> None:
    exchange = judge.look(probe)
    status = exchange.reply.status if exchange.reply else 0
    # An empty body is refused by who draws, and unknown to who does not.
    if status == 200 or (probe is PLAN and status in REFUSED and status not in _NOT_THERE):
        judge.holds(rule, exchange.number)
    else:
        judge.against(rule, f"{probe.path} answered {status}", exchange.number)


@pytest.mark.parametrize(
    ("rule", "probe"),
    [
        pytest.param(rule, probe, id=rule, marks=_marks(rule, probe))
        for rule, probe in {
            "model.unknown": NO_MODEL,
            "path.unknown": NO_PATH,
            "path.elsewhere": ELSEWHERE,
            "method.refused": OTHER_VERB,
        }.items()
    ],
)
def test_what_is_not_there_is_refused(judge: Judge, rule: str, probe: Probe) -> None:
    exchange = judge.look(probe)
    if exchange.reply is None:
        assert exchange.trouble is not None
        judge.against(rule, exchange.trouble.sentence, exchange.number)
    else:
        judge.refused_as(rule, exchange)


def _json(judge: Judge, probe: Probe) -> object:
    reply = judge.look(probe).reply
    if reply is None or reply.status != 200:
        return None
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
