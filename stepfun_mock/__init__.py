"""StepFun's image API on your own computer.

The public names are resolved when they are first used, so that importing the package costs
nothing and loads no web framework.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepfun_mock.choices import Choices
    from stepfun_mock.clock import Clock
    from stepfun_mock.journal import Entry, ForgottenError, Journal
    from stepfun_mock.message import ImageRequest, Request, Response
    from stepfun_mock.service import StepfunMock
    from stepfun_mock.transports.mockserver import MockServer

__all__ = [
    "Choices",
    "Clock",
    "Entry",
    "ForgottenError",
    "ImageRequest",
    "Journal",
    "MockServer",
    "Request",
    "Response",
    "StepfunMock",
]

_HOMES = {
    "Choices": "choices",
    "Clock": "clock",
    "Entry": "journal",
    "ForgottenError": "journal",
    "ImageRequest": "message",
    "Journal": "journal",
    "MockServer": "transports.mockserver",
    "Request": "message",
    "Response": "message",
    "StepfunMock": "service",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
