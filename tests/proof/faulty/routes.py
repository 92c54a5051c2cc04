"""Servers that lack a route, or show other models."""

from ..messages import (
    NO_MODEL,
    Json,
    RefusedError,
    Reply,
    Request,
)
from ..reference import PLAN, Make, ReferenceServer
from .kinds import Faulty

HTML = {"Content-Type": "text/html; charset=utf-8"}
PAGE = b"<!doctype html><title>Error</title><h1>Something went wrong</h1>"


def refuses_with(status: int, *kinds: str) -> Make:
    """A server that gives refusals of these kinds another status."""

    class Refusing(ReferenceServer):
        def refuse(self, refused: RefusedError) -> Reply:
            reply = super().refuse(refused)
            if refused.kind in kinds:
                return Reply(status, reply.headers, reply.body)
            return reply

    return Refusing


class Unplanned(ReferenceServer):
    """Knows nothing of the plan."""

    def route(self, request: Request) -> Reply:
        return Reply(404) if request.path.startswith(PLAN) else super().route(request)


class Modelless(ReferenceServer):
    """Lists no models."""

    def models(self, request: Request) -> Reply:
        return Reply(404)


class ModelHidden(ReferenceServer):
    """Lists models, but not its own."""

    def models(self, request: Request) -> Reply:
        self.admit(request)
        return self.said({"object": "list", "data": [{**self.card(), "id": "step-2x-large"}]})


class ModelUnshown(ReferenceServer):
    """Lists models, and shows none."""

    def model(self, request: Request, name: str) -> Reply:
        return Reply(404)


class ModelOwned(ReferenceServer):
    """Says that someone else owns the models."""

    def card(self) -> Json:
        return {**super().card(), "owned_by": "openai"}


class ModelAny(ReferenceServer):
    """Shows any model that one can name."""

    def model(self, request: Request, name: str) -> Reply:
        self.admit(request)
        return self.said({**self.card(), "id": name})


class Elsewhere(ReferenceServer):
    """Has a web page where it has nothing."""

    def nowhere(self, request: Request) -> Reply:
        return Reply(200, HTML, PAGE)


FAULTS = (
    Faulty(
        "plan-missing",
        "knows nothing of the plan",
        "route.generate.plan",
        Unplanned,
        "differs",
        also=("route.models.plan", "route.model.plan"),
    ),
    Faulty(
        "models-missing",
        "lists no models",
        "route.models",
        Modelless,
        "differs",
        also=("route.models.plan", "model.owned_by"),
    ),
    Faulty(
        "models-hidden",
        "lists models, but not its own",
        "route.models",
        ModelHidden,
        "differs",
        also=("route.models.plan",),
    ),
    Faulty(
        "model-unshown",
        "lists models, and shows none",
        "route.model",
        ModelUnshown,
        "differs",
        also=("route.model.plan", "model.unknown"),
    ),
    Faulty(
        "model-owned",
        "says that someone else owns the models",
        "model.owned_by",
        ModelOwned,
        "differs",
    ),
    Faulty(
        "model-any-shown", "shows any model that one can name", "model.unknown", ModelAny, "differs"
    ),
    Faulty(
        "model-unknown-400",
        "says 400 to a model that it does not have",
        "model.unknown",
        refuses_with(400, NO_MODEL),
        "differs",
    ),
    Faulty(
        "path-any",
        "has a web page where it has nothing",
        "path.unknown",
        Elsewhere,
        "differs",
        also=("path.elsewhere",),
    ),
)
