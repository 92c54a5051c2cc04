"""Magic values: a tag in a prompt, or a key, that asks for a fault, as a bank's test cards do.

[mock:rate_limited retry_after=2]        in a prompt
mock-402, mock-overloaded                as a key
"""

import re
from typing import NoReturn

from stepfun_mock import faults
from stepfun_mock.errors import RefusedError
from stepfun_mock.faults import Fault
from stepfun_mock.faults.effects import Outage, misfit
from stepfun_mock.message import ImageRequest
from stepfun_mock.refusals import KEY_REFUSED, PARAMETER_REFUSED
from stepfun_mock.terms import unknown

STATUSES = {
    "400": "model_unknown",
    "401": "bad_key",
    "402": "out_of_balance",
    "404": "retired",
    "429": "rate_limited",
    "451": "censored",
    "500": "server_error",
    "503": "overloaded",
    "504": "gateway_timeout",
}
"""The faults that a key can name by their status."""

_TAG = re.compile(r"\[mock:([^\]]*)\]")
_TAG_START = "[mock:"
_KEY_START = "mock-"
_STATUS = re.compile(r"[0-9]{3}")


def by_prompt(request: ImageRequest) -> Fault | None:
    """The fault that a tag in the prompt asks for; None without a tag.

    Raises:
        RefusedError: `parameter.refused`, for a tag that names no fault, or one that cannot be.
    """
    if _TAG_START not in request.prompt:
        return None
    tags = _TAG.findall(request.prompt)
    if len(tags) != 1:
        _refuse("one whole tag is due")
    from stepfun_mock.faults import catalogue  # few prompts hold a tag

    try:
        fault = catalogue.from_text(tags[0])
    except ValueError as problem:
        _refuse(str(problem))
    if fault.scheduled:
        _refuse("it takes no times, after or when, since the requests that hold it meet it")
    if isinstance(fault.effect, Outage):
        _refuse(f"no single request meets {fault.name}")
    if needed := misfit(fault.effect, request):
        _refuse(f"{fault.name} takes a request with {needed}")
    return fault


def by_key(header: str) -> Fault | None:
    """The fault that the key in an Authorization header asks for; None where it names none.

    Raises:
        RefusedError: `key.refused`, for a status that no fault has.
    """
    if _KEY_START not in header:
        return None
    scheme, _, key = header.strip().partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key.startswith(_KEY_START):
        return None
    name = key.removeprefix(_KEY_START).replace("-", "_")
    if _STATUS.fullmatch(name) and name not in STATUSES:
        message = unknown("no magic key has the status", name, "They have", tuple(STATUSES))
        raise RefusedError(KEY_REFUSED, message)
    name = STATUSES.get(name, name)
    if name not in faults.__all__:
        return None
    fault: Fault = getattr(faults, name)()
    return None if isinstance(fault.effect, Outage) else fault


def fitting(fault: Fault, request: ImageRequest) -> Fault:
    """Let the fault of a key pass where the request can meet it.

    Raises:
        RefusedError: `key.refused`, for a request that cannot.
    """
    if needed := misfit(fault.effect, request):
        raise RefusedError(
            KEY_REFUSED,
            f"the magic key asks for {fault.name}, which takes a request with {needed}; ask for "
            "that, or switch magic keys off with the choice magic_keys=off",
        )
    return fault


def _refuse(why: str) -> NoReturn:
    raise RefusedError(
        PARAMETER_REFUSED,
        f"the prompt holds a tag [mock:FAULT] that the mock cannot follow: {why}; leave the tag "
        "out, or switch tags off with the choice magic_prompts=off",
    )
