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

_TAG = re.compile(r"\[mock:([^\]]*)\]", re.IGNORECASE)
_TAG_START = "[mock:"
_KEY_START = "mock-"
_NEAR = 0.8  # how like a fault's name a key must be to be a slip
_STATUS = re.compile(r"[45][0-9]{2}")


def by_prompt(request: ImageRequest) -> Fault | None:
    """The fault that a tag in the prompt asks for; None without a tag.

    Raises:
        RefusedError: `parameter.refused`, for a tag that names no fault, or one that cannot be.
    """
    if _TAG_START not in request.prompt.lower():
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
    if _KEY_START not in header.lower():
        return None
    scheme, _, key = header.strip().partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key.lower().startswith(_KEY_START):
        return None
    name = key.lower().removeprefix(_KEY_START).replace("-", "_")
    if _STATUS.fullmatch(name) and name not in STATUSES:
        _refuse_key(f"no fault has the status {name}; they have {', '.join(STATUSES)}")
    name = STATUSES.get(name, name)
    if name not in faults.__all__:
        _check_spelling(name)
        return None
    fault: Fault = getattr(faults, name)()
    if isinstance(fault.effect, Outage):
        _refuse_key(f"{name} is no single request's to meet, so no key asks for it")
    return fault


def key_of(header: str) -> str:
    """The key in an Authorization header where it is a magic one, or a slip for one; else empty."""
    try:
        found = by_key(header) is not None
    except RefusedError:
        found = True
    return header.strip().partition(" ")[2].strip() if found else ""


def _check_spelling(name: str) -> None:
    """Let a key pass that names no fault; one that nearly does is a slip that nobody would see."""
    import difflib  # few keys begin so

    near = difflib.get_close_matches(name, faults.__all__, n=1, cutoff=_NEAR)
    if near:
        _refuse_key(f'there is no fault "{name}"; "mock-{near[0]}" is one')


def fitting(fault: Fault, request: ImageRequest) -> Fault:
    """Let the fault of a key pass where the request can meet it.

    Raises:
        RefusedError: `key.refused`, for a request that cannot.
    """
    if needed := misfit(fault.effect, request):
        _refuse_key(f"it asks for {fault.name}, which takes a request with {needed}")
    return fault


def _refuse_key(why: str) -> NoReturn:
    raise RefusedError(
        KEY_REFUSED,
        f"the magic key cannot be followed: {why}; send another key, or switch magic keys off with "
        "the choice magic_keys=off",
    )


def _refuse(why: str) -> NoReturn:
    raise RefusedError(
        PARAMETER_REFUSED,
        f"the prompt holds a tag [mock:FAULT] that the mock cannot follow: {why}; leave the tag "
        "out, or switch tags off with the choice magic_prompts=off",
    )
