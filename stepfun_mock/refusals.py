"""How requests are refused: each status, the word of its envelope, and who says so.

Data only, like `stepfun_mock.contract`, of which this is a part.
"""

from stepfun_mock.contract import ERROR_PAGE, LIVE, OURS
from stepfun_mock.terms import Refusal

KEY_REFUSED = Refusal(
    id="key.refused",
    status=401,
    type="invalid_api_key",
    when="no key, an empty one, or one that is not known",
    source=ERROR_PAGE,
    type_source=LIVE,
    routes=("generate", "models", "model"),
)
SIZE_REFUSED = Refusal(
    id="size.refused",
    status=400,
    type="size_invalid",
    when="a size that is not listed",
    source=LIVE,
    type_source=LIVE,
    routes=("generate",),
)
MODEL_REFUSED = Refusal(
    id="model.refused",
    status=400,
    type="request_params_invalid",
    when="a model that is not listed",
    source=ERROR_PAGE,
    type_source=LIVE,
    routes=("generate",),
)
PARAMETER_REFUSED = Refusal(
    id="parameter.refused",
    status=400,
    type="request_params_invalid",
    when="a field that is missing, of the wrong type, too long or out of range",
    source=ERROR_PAGE,
    type_source=OURS,
    routes=("generate",),
)
BODY_REFUSED = Refusal(
    id="body.refused",
    status=400,
    type="input_invalid",
    when="a body that is not one JSON object in UTF-8",
    source=OURS,
    type_source=OURS,
    routes=("generate",),
)
PROMPT_CENSORED = Refusal(
    id="prompt.censored",
    status=451,
    type="censorship_blocked",
    when="the filter refuses the prompt",
    source=ERROR_PAGE,
    type_source=LIVE,
    routes=("generate",),
)
MODEL_UNKNOWN = Refusal(
    id="model.unknown",
    status=404,
    type="model_invalid",
    when="GET of a model that is not listed",
    source=OURS,
    type_source=OURS,
    routes=("model",),
)
PATH_UNKNOWN = Refusal(
    id="path.unknown",
    status=404,
    type=None,
    when="a path that the API does not have: no body under /v1, plain text under /step_plan",
    source=LIVE,
    type_source=LIVE,
    routes=(),
)
PATH_ELSEWHERE = Refusal(
    id="path.elsewhere",
    status=404,
    type="path_unknown",
    when="any other path",
    source=OURS,
    type_source=OURS,
    routes=(),
)
LINK_DEAD = Refusal(
    id="link.dead",
    status=404,
    type="link_dead",
    when="a picture link that expired, was forged or never given",
    source=OURS,
    type_source=OURS,
    routes=("link",),
)
METHOD_REFUSED = Refusal(
    id="method.refused",
    status=405,
    type="method_not_allowed",
    when="a known path with another verb",
    source=OURS,
    type_source=OURS,
    routes=("every",),
)
BODY_TOO_LARGE = Refusal(
    id="body.too_large",
    status=413,
    type="body_too_large",
    when="a body over the limit",
    source=OURS,
    type_source=OURS,
    routes=("every",),
)
CONTENT_REFUSED = Refusal(
    id="content.refused",
    status=415,
    type="content_type_invalid",
    when="not application/json, or compressed",
    source=OURS,
    type_source=OURS,
    routes=("generate",),
)
HOST_REFUSED = Refusal(
    id="host.refused",
    status=421,
    type="host_not_allowed",
    when="a Host header that does not name this machine",
    source=OURS,
    type_source=OURS,
    routes=("every",),
)
ORIGIN_REFUSED = Refusal(
    id="origin.refused",
    status=403,
    type="origin_not_allowed",
    when="a control route, asked from a web page",
    source=OURS,
    type_source=OURS,
    routes=("control",),
)
REQUEST_LATE = Refusal(
    id="request.late",
    status=408,
    type="request_timeout",
    when="a request that does not arrive whole in time",
    source=OURS,
    type_source=OURS,
    routes=("every",),
)
HEAD_TOO_LARGE = Refusal(
    id="head.too_large",
    status=431,
    type="headers_too_large",
    when="more headers than the mock reads",
    source=OURS,
    type_source=OURS,
    routes=("every",),
)
HTTP_MALFORMED = Refusal(
    id="http.malformed",
    status=400,
    type="http_invalid",
    when="no HTTP, no Host header, or more than one",
    source=OURS,
    type_source=OURS,
    routes=("every",),
)
MOCK_BUG = Refusal(
    id="mock.bug",
    status=500,
    type="mock_error",
    when="a fault of stepfun-mock itself",
    source=OURS,
    type_source=OURS,
    routes=("every",),
)
BALANCE_EMPTY = Refusal(
    id="balance.empty",
    status=402,
    type="quota_exceeded",
    when="the balance is used up",
    source=ERROR_PAGE,
    type_source=LIVE,
    routes=("generate",),
    by_itself=False,
)
RATE_LIMITED = Refusal(
    id="rate.limited",
    status=429,
    type="rate_limited",
    when="more requests than the account may send",
    source=ERROR_PAGE,
    type_source=LIVE,
    routes=("every",),
    by_itself=False,
)
SERVICE_FAILED = Refusal(
    id="service.failed",
    status=500,
    type=None,
    when="the service failed",
    source=ERROR_PAGE,
    type_source=ERROR_PAGE,
    routes=("every",),
    by_itself=False,
)
SERVICE_OVERLOADED = Refusal(
    id="service.overloaded",
    status=503,
    type="engine_overloaded",
    when="the service is overloaded",
    source=ERROR_PAGE,
    type_source=LIVE,
    routes=("every",),
    by_itself=False,
)
SERVICE_LATE = Refusal(
    id="service.late",
    status=504,
    type=None,
    when="the service took too long",
    source=ERROR_PAGE,
    type_source=ERROR_PAGE,
    routes=("generate",),
    by_itself=False,
)

REFUSALS = (
    KEY_REFUSED,
    SIZE_REFUSED,
    MODEL_REFUSED,
    PARAMETER_REFUSED,
    BODY_REFUSED,
    PROMPT_CENSORED,
    MODEL_UNKNOWN,
    PATH_UNKNOWN,
    PATH_ELSEWHERE,
    LINK_DEAD,
    METHOD_REFUSED,
    BODY_TOO_LARGE,
    CONTENT_REFUSED,
    HOST_REFUSED,
    ORIGIN_REFUSED,
    REQUEST_LATE,
    HEAD_TOO_LARGE,
    HTTP_MALFORMED,
    MOCK_BUG,
    BALANCE_EMPTY,
    RATE_LIMITED,
    SERVICE_FAILED,
    SERVICE_OVERLOADED,
    SERVICE_LATE,
)
