"""The contract: what StepFun says of its image API, stated once, as data.

Validation, error messages, the OpenAPI export, the printed contract and the suite that checks
servers all read these tables; no figure of the contract stands anywhere else. How requests are
refused stands in `stepfun_mock.refusals`, what the documentation leaves open in
`stepfun_mock.choices`.
"""

from stepfun_mock.terms import (
    Grade,
    Kind,
    Latency,
    Model,
    Parameter,
    Price,
    ReplyField,
    Route,
    Rule,
    Source,
    Tier,
)

# Sources ---------------------------------------------------------------------

_DOCS = "https://platform.stepfun.ai/docs/en/"
_REFERENCE = f"{_DOCS}api-reference/"

PAGE = Source("page", Grade.PAGE, "StepFun: Generate images", f"{_REFERENCE}images/image")
PLAN_PAGE = Source(
    "plan", Grade.VENDOR, "StepFun: Step Plan image API", f"{_DOCS}step-plan/integrations/image-api"
)
ERROR_PAGE = Source("errors", Grade.VENDOR, "StepFun: Error codes", f"{_REFERENCE}error-codes")
MODELS_PAGE = Source(
    "models",
    Grade.VENDOR,
    "StepFun: List models",
    "https://platform.stepfun.com/docs/api-reference/models/list",
)
MODEL_PAGE = Source(
    "model",
    Grade.VENDOR,
    "StepFun: Retrieve a model",
    "https://platform.stepfun.com/docs/api-reference/models/retrieve",
)
PRICES_PAGE = Source(
    "prices", Grade.VENDOR, "StepFun: Pricing details", f"{_DOCS}guides/pricing/details"
)
CHINA_PRICES_PAGE = Source(
    "china-prices",
    Grade.VENDOR,
    "StepFun: Pricing details (China)",
    "https://platform.stepfun.com/docs/zh/guides/pricing/details",
)
LIVE = Source("live", Grade.REPORTED, "Live calls that people published, June to September 2026")
OURS = Source("ours", Grade.OURS, "Nobody says; stepfun-mock chose")

SOURCES = (
    PAGE,
    PLAN_PAGE,
    ERROR_PAGE,
    MODELS_PAGE,
    MODEL_PAGE,
    PRICES_PAGE,
    CHINA_PRICES_PAGE,
    LIVE,
    OURS,
)

HOSTS = ("api.stepfun.ai", "api.stepfun.com")
BASE_URL = f"https://{HOSTS[0]}/v1"

# The request -----------------------------------------------------------------

NEUTRAL_CFG_SCALE = 1.0
"""The `cfg_scale` at which a negative prompt changes nothing."""

MODELS = (
    Model(
        "step-image-edit-2",
        owned_by="stepai",
        created=1777334400,  # 28 April 2026, when it was first seen; no page gives the second
        prices=(
            Price(HOSTS[0], "USD", 0.003, PRICES_PAGE),
            Price(HOSTS[1], "CNY", 0.02, CHINA_PRICES_PAGE),
        ),
        parameters=(
            Parameter(
                name="prompt",
                kind=Kind.STRING,
                about="describes the picture",
                source=PAGE,
                required=True,
                max_length=512,
            ),
            Parameter(
                name="size",
                kind=Kind.STRING,
                about="height x width in pixels",
                source=PAGE,
                default="1024x1024",
                values=("1024x1024", "768x1360", "896x1184", "1360x768", "1184x896"),
                note="the height comes first: 768x1360 is 1360 wide",
            ),
            Parameter(
                name="n",
                kind=Kind.INTEGER,
                about="how many pictures",
                source=PAGE,
                default=1,
                default_source=OURS,
                values=(1,),
                note="one picture a request",
            ),
            Parameter(
                name="response_format",
                kind=Kind.STRING,
                about="how the picture comes back",
                source=PAGE,
                default="url",
                values=("b64_json", "url"),
            ),
            Parameter(
                name="seed",
                kind=Kind.INTEGER,
                about="where the randomness starts",
                source=PAGE,
                minimum=0,
                maximum=2147483647,
                note="drawn by the server when left out",
            ),
            Parameter(
                name="steps",
                kind=Kind.INTEGER,
                about="generation steps",
                source=PAGE,
                default=8,
                minimum=1,
                maximum=50,
            ),
            Parameter(
                name="cfg_scale",
                kind=Kind.NUMBER,
                about="strength of classifier-free guidance",
                source=PAGE,
                default=NEUTRAL_CFG_SCALE,
                minimum=1.0,
                maximum=10.0,
            ),
            Parameter(
                name="negative_prompt",
                kind=Kind.STRING,
                about="what the picture keeps clear of",
                source=PAGE,
                default="",
                max_length=512,
                note=f"changes nothing at cfg_scale {NEUTRAL_CFG_SCALE}",
            ),
            Parameter(
                name="text_mode",
                kind=Kind.BOOLEAN,
                about="suits the picture to text in it",
                source=PAGE,
                default=False,
            ),
        ),
    ),
)

MODEL_PARAMETER = Parameter(
    name="model",
    kind=Kind.STRING,
    about="names the model that draws",
    source=PAGE,
    required=True,
    values=tuple(model.id for model in MODELS),
)

BODY_LIMIT = 1024 * 1024
"""Bytes of body that the mock reads."""

NESTING_LIMIT = 64
"""Levels of lists and objects that a body may have."""

# The routes ------------------------------------------------------------------

LINK_PREFIX = "/image_gen/"

ROUTES = (
    Route("generate", "POST", "/v1/images/generations", "draw a picture", PAGE),
    Route(
        "generate.plan",
        "POST",
        "/step_plan/v1/images/generations",
        "draw a picture, on the plan",
        PLAN_PAGE,
    ),
    Route("models", "GET", "/v1/models", "list the models", MODELS_PAGE),
    Route("models.plan", "GET", "/step_plan/v1/models", "list the models", LIVE),
    Route("model", "GET", "/v1/models/{id}", "show one model", MODEL_PAGE),
    Route("model.plan", "GET", "/step_plan/v1/models/{id}", "show one model", OURS),
)

# The reply -------------------------------------------------------------------

SUCCESS = "success"
FILTERED = "content_filtered"

REPLY_FIELDS = (
    ReplyField("created", "reply", Kind.INTEGER, "when it was drawn, in Unix seconds", PAGE),
    ReplyField("data", "reply", Kind.ARRAY, "the pictures: one", PAGE),
    ReplyField("seed", "data[0]", Kind.INTEGER, "the seed that was used", PAGE),
    ReplyField(
        "finish_reason",
        "data[0]",
        Kind.STRING,
        f"{SUCCESS}, or {FILTERED} where the filter stopped the picture",
        PAGE,
        values=(SUCCESS, FILTERED),
    ),
    ReplyField(
        "b64_json",
        "data[0]",
        Kind.STRING,
        "the picture in Base64, where response_format is b64_json",
        PAGE,
    ),
    ReplyField(
        "url",
        "data[0]",
        Kind.STRING,
        "where to fetch the picture, where response_format is url",
        PAGE,
    ),
)

LINK_LIFE = 7200
"""Seconds that a picture link lives."""

# What an account may send ------------------------------------------------------

TIERS = (
    Tier(HOSTS[0], "V0", concurrency=5, rpm=100, source=PRICES_PAGE),
    Tier(HOSTS[0], "V1", concurrency=20, rpm=400, source=PRICES_PAGE),
    Tier(HOSTS[0], "V2", concurrency=30, rpm=600, source=PRICES_PAGE),
    Tier(HOSTS[0], "V3", concurrency=40, rpm=800, source=PRICES_PAGE),
    Tier(HOSTS[0], "V4", concurrency=130, rpm=2_600, source=PRICES_PAGE),
    Tier(HOSTS[1], "V0", concurrency=5, rpm=10, source=CHINA_PRICES_PAGE),
    Tier(HOSTS[1], "V1", concurrency=100, rpm=1_000, source=CHINA_PRICES_PAGE),
    Tier(HOSTS[1], "V2", concurrency=200, rpm=5_000, source=CHINA_PRICES_PAGE),
    Tier(HOSTS[1], "V3", concurrency=400, rpm=10_000, source=CHINA_PRICES_PAGE),
    Tier(HOSTS[1], "V4", concurrency=1_000, rpm=20_000, source=CHINA_PRICES_PAGE),
    Tier(HOSTS[1], "V5", concurrency=10_000, rpm=200_000, source=CHINA_PRICES_PAGE),
)

LATENCY = Latency(7.4, "one picture of 1024x1024, on the plan", LIVE)

# Statements that no table above makes ----------------------------------------

STATEMENTS = (
    Rule("host.international", "route", f"the API is at {HOSTS[0]}", PAGE, {"host": HOSTS[0]}),
    Rule("host.china", "route", f"and at {HOSTS[1]}", MODELS_PAGE, {"host": HOSTS[1]}),
    Rule(
        "body.limit",
        "request",
        f"a body has at most {BODY_LIMIT} bytes",
        OURS,
        {"bytes": BODY_LIMIT},
    ),
    Rule(
        "body.nesting",
        "request",
        f"lists and objects in it stand at most {NESTING_LIMIT} deep",
        OURS,
        {"levels": NESTING_LIMIT},
    ),
    Rule("fields.unknown", "request", "fields that no model knows are passed over", LIVE),
    Rule("cfg_scale.integer", "request", "the JSON integer 1 is a cfg_scale too", OURS),
    Rule("seed.zero", "request", "0 is a seed like any other", PAGE, {"seed": 0}),
    Rule("key.bearer", "request", "the key comes as `Authorization: Bearer <key>`", PAGE),
    Rule("size.order", "reply", "the picture is as high as the first figure of size", PAGE),
    Rule("seed.echo", "reply", "the reply names the seed that was used", PAGE),
    Rule("seed.random", "reply", "without a seed the server draws one", PAGE),
    Rule("seed.similar", "reply", "the same seed gives a similar picture", PAGE),
    Rule(
        "negative_prompt.neutral",
        "reply",
        f"at cfg_scale {NEUTRAL_CFG_SCALE} the negative prompt changes nothing",
        PAGE,
        {"cfg_scale": NEUTRAL_CFG_SCALE},
    ),
    Rule("reply.json", "reply", "the reply is one JSON object, in UTF-8", PAGE),
    Rule(
        "picture.whole",
        "reply",
        "the picture is a whole image file, of the type that it claims",
        PAGE,
    ),
    Rule("payload.one", "reply", "a picture comes as b64_json or as url, never as both", PAGE),
    Rule("picture.png", "reply", "the picture is a PNG", LIVE),
    Rule(
        "url.lifetime",
        "link",
        f"a link lives {LINK_LIFE} seconds and is dead after that",
        PAGE,
        {"seconds": LINK_LIFE},
    ),
    Rule("model.owned_by", "reply", "models are owned by stepai", MODELS_PAGE),
    Rule("model.created", "reply", "the day on which the model was first seen", OURS),
    Rule("error.envelope", "refusal", '`{"error": {"message": "...", "type": "..."}}`', LIVE),
)
