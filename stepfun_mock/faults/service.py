"""Faults of the service: it refuses, or what stands before it does."""

from typing import Literal, Unpack

from stepfun_mock import refusals
from stepfun_mock.contract import MODELS
from stepfun_mock.errors import JSON_HEADERS
from stepfun_mock.faults.effects import Answered, Effect, Filtered, Refused, Retry
from stepfun_mock.faults.fault import Fault, Schedule, check_seconds, check_word, scheduled
from stepfun_mock.limits import BALANCE_TEXT, reached
from stepfun_mock.message import Response
from stepfun_mock.moderation import CENSORED

FORMS = ("seconds", "milliseconds", "date")
"""How a reply can say when to try again."""

_HTML = (("content-type", "text/html; charset=utf-8"),)
_MAINTENANCE = b"""<!doctype html>
<html><head><title>Maintenance</title></head>
<body><h1>Back soon</h1><p>This service is under maintenance.</p></body></html>
"""
_TEXTS = {"rpm": reached("RPM", 11, 10), "concurrency": reached("concurrency", 16, 15)}
_UNKNOWN_MODEL = {
    400: (refusals.MODEL_REFUSED, f"model {MODELS[0].id} not supported"),
    404: (
        refusals.MODEL_UNKNOWN,
        f'The model "{MODELS[0].id}" does not exist or you do not have access to it.',
    ),
}
_RETIRED = (404, 410, 503)
_GONE = "the image API has been retired and is no longer offered"
_GONE_TYPE = refusals.MODEL_UNKNOWN.type


def bad_key(**schedule: Unpack[Schedule]) -> Fault:
    """401 `invalid_api_key`: the key is not known, or no longer.

    Source: StepFun's error page for the status, live calls for the words.

    Clients: openai raises `AuthenticationError`; requests and aiohttp hand on the 401.
    """
    return scheduled(
        "bad_key", Refused(refusals.KEY_REFUSED, "Incorrect API key provided"), schedule
    )


def out_of_balance(**schedule: Unpack[Schedule]) -> Fault:
    """402 `quota_exceeded`: the account has nothing left to pay with.

    Source: StepFun's error page for the status, live calls to its other routes for the words.

    Clients: openai raises `APIStatusError`; requests and aiohttp hand on the 402.
    """
    return scheduled("out_of_balance", Refused(refusals.BALANCE_EMPTY, BALANCE_TEXT), schedule)


def model_unknown(*, status: Literal[400, 404] = 400, **schedule: Unpack[Schedule]) -> Fault:
    """400 `request_params_invalid`, or 404 `model_invalid`: the account may not use the model.

    Source: live calls; the image route was seen to say 400, StepFun's other routes 404.

    Clients: openai raises `BadRequestError`; requests and aiohttp hand on the 400.

    Args:
        status: 400 or 404.
        schedule: Which tries meet it.

    Raises:
        ValueError: another status.
    """
    check_word("status", status, _UNKNOWN_MODEL)
    return scheduled(
        "model_unknown", Refused(*_UNKNOWN_MODEL[status]), schedule, {"status": status}
    )


def rate_limited(
    *,
    by: Literal["rpm", "concurrency"] = "rpm",
    retry_after: float | None = None,
    form: Literal["seconds", "milliseconds", "date"] | None = None,
    **schedule: Unpack[Schedule],
) -> Fault:
    """429 `rate_limited`: more requests in a minute, or more at a time, than the account may send.

    Source: StepFun's error page for the status, live calls to its other routes for the words.

    Clients: openai raises `RateLimitError` after 3 tries; requests and aiohttp hand on the 429.

    Args:
        by: `rpm` or `concurrency`, which the message names.
        retry_after: Seconds after which to try again, from 0 to a day. None was seen live, so
            nothing is said by default.
        form: How that is said: `seconds` (the default) and `date` as `Retry-After`,
            `milliseconds` as the `Retry-After-Ms` that the openai SDK reads.
        schedule: Which tries meet it.

    Raises:
        ValueError: another word, seconds out of range, or a form of no `retry_after`.
    """
    check_word("by", by, _TEXTS)
    retry = None
    if retry_after is not None:
        check_seconds("retry_after", retry_after)
        written = "seconds" if form is None else form
        check_word("form", written, FORMS)
        retry = Retry(retry_after, written)
    elif form is not None:
        raise ValueError(f"form={form} says how retry_after is written, but no retry_after came")
    return scheduled(
        "rate_limited",
        Refused(refusals.RATE_LIMITED, _TEXTS[by], retry),
        schedule,
        {"by": None if by == "rpm" else by, "retry_after": retry_after, "form": form},
    )


def censored(**schedule: Unpack[Schedule]) -> Fault:
    """451 `censorship_blocked`: the prompt is refused, and will be each time.

    Source: StepFun's error page for the status, live calls to its other routes for the words.

    Clients: openai raises `APIStatusError`; requests and aiohttp hand on the 451.
    """
    return scheduled("censored", Refused(refusals.PROMPT_CENSORED, CENSORED), schedule)


def content_filtered(*, with_picture: bool = False, **schedule: Unpack[Schedule]) -> Fault:
    """200 with `finish_reason` `content_filtered`: the picture was made, then held back.

    Source: the documentation page, which does not say whether a picture comes.

    Clients: openai, requests and aiohttp hand on a 200 (`content_filtered` without a picture). With
    `with_picture=True`, openai, requests and aiohttp hand on the picture (`finish_reason` is
    `content_filtered`).

    Args:
        with_picture: Whether the reply has the picture all the same.
        schedule: Which tries meet it.

    Raises:
        ValueError: `with_picture` is neither True nor False.
    """
    if not isinstance(with_picture, bool):
        raise ValueError(f"with_picture is True or False, but {with_picture!r} came")
    given = {"with_picture": with_picture or None}
    return scheduled("content_filtered", Filtered(with_picture), schedule, given)


def server_error(**schedule: Unpack[Schedule]) -> Fault:
    """500 without a body: something broke on the service's side.

    Source: StepFun's error page for the status; nobody says what it looks like.

    Clients: openai raises `InternalServerError` after 3 tries; requests and aiohttp hand on the
    500.
    """
    return scheduled("server_error", Refused(refusals.SERVICE_FAILED, "internal error"), schedule)


def overloaded(**schedule: Unpack[Schedule]) -> Fault:
    """503 `engine_overloaded`: the service has too much to do.

    Source: StepFun's error page for the status, live calls to the image route for the type.

    Clients: openai raises `InternalServerError` after 3 tries; requests and aiohttp hand on the
    503.
    """
    text = "the engine is overloaded, please try again later"
    return scheduled("overloaded", Refused(refusals.SERVICE_OVERLOADED, text), schedule)


def gateway_timeout(**schedule: Unpack[Schedule]) -> Fault:
    """504 without a body: the service's gateway stopped waiting.

    Source: StepFun's error page for the status; nobody says what it looks like.

    Clients: openai raises `InternalServerError` after 3 tries; requests and aiohttp hand on the
    504.
    """
    effect = Refused(refusals.SERVICE_LATE, "gateway timeout")
    return scheduled("gateway_timeout", effect, schedule)


def retired(*, status: Literal[404, 410, 503] = 404, **schedule: Unpack[Schedule]) -> Fault:
    """404, 410 or 503 `model_invalid`: the API was taken off, as announced for 10 October 2026.

    Source: StepFun's notice for the end; nobody says how later calls are answered.

    Clients: openai raises `NotFoundError`; requests and aiohttp hand on the 404.

    Args:
        status: 404, 410 or 503.
        schedule: Which tries meet it.

    Raises:
        ValueError: another status.
    """
    check_word("status", status, _RETIRED)
    body = f'{{"error":{{"message":"{_GONE}","type":"{_GONE_TYPE}"}}}}'
    effect: Effect = Answered(Response(status, JSON_HEADERS, body.encode()), _GONE)
    return scheduled("retired", effect, schedule, {"status": status})


def maintenance(*, status: Literal[200, 503] = 503, **schedule: Unpack[Schedule]) -> Fault:
    """503, or 200, with a page of HTML: a load balancer answers while the service is down.

    Source: ours; load balancers do so.

    Clients: openai raises `InternalServerError` after 3 tries; requests and aiohttp hand on the
    503. With `status=200`, openai hands on a 200 (a `str` instead of the reply); requests raises
    `JSONDecodeError`, aiohttp `ContentTypeError`.

    Args:
        status: 200 or 503.
        schedule: Which tries meet it.

    Raises:
        ValueError: another status.
    """
    check_word("status", status, (200, 503))
    effect: Effect = Answered(Response(status, _HTML, _MAINTENANCE), "a page of maintenance")
    return scheduled("maintenance", effect, schedule, {"status": status})
