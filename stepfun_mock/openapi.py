"""The contract as an OpenAPI 3.1 document, built from `stepfun_mock.contract` alone.

Ids of rules stand in `x-stepfun-rules` fields, grades in `x-stepfun-grade`.
"""

from collections.abc import Iterable
from typing import Any

from stepfun_mock import contract
from stepfun_mock.rules import RULES
from stepfun_mock.terms import Kind, Model, Parameter, ReplyField, Route

Schema = dict[str, Any]

_BEARER: list[Schema] = [{"key": []}]
_JSON = "application/json"


def document(server: str = "http://127.0.0.1:8793") -> Schema:
    """Build the document.

    Args:
        server: Scheme and host of the server that it describes.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "StepFun image generation, as documented",
            "version": "1",
            "description": "Made from the contract of stepfun-mock; StepFun publishes none.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": server}],
        "security": _BEARER,
        "paths": _paths(),
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "ImageRequest": _request_schema(),
                "ImageReply": _reply_schema(),
                "Model": _model_schema(),
                "Error": _error_schema(),
            },
        },
    }


def _paths() -> Schema:
    operations = {"generate": _generate, "models": _models, "model": _model}
    return {
        route.path: {route.method.lower(): operations[route.id.partition(".")[0]](route)}
        for route in contract.ROUTES
    }


def _operation(route: Route, name: str, success: Schema) -> Schema:
    return {
        "operationId": route.id.replace(".", "_"),
        "summary": name,
        "x-stepfun-rules": [f"route.{route.id}"],
        "x-stepfun-grade": str(route.source.grade),
        "responses": {"200": success, **_refusals(_STATUSES[route.id.partition(".")[0]])},
    }


_STATUSES = {
    "generate": (400, 401, 402, 405, 408, 413, 415, 421, 429, 451, 500, 503, 504),
    "models": (401, 405, 421, 429, 500, 503),
    "model": (401, 404, 405, 421, 429, 500, 503),
}


def _generate(route: Route) -> Schema:
    operation = _operation(route, "Draw a picture", _answer("ImageReply", _reply_examples()))
    body = {"schema": _ref("ImageRequest"), "examples": _request_examples()}
    operation["requestBody"] = {"required": True, "content": {_JSON: body}}
    return operation


def _models(route: Route) -> Schema:
    schema = {
        "type": "object",
        "required": ["object", "data"],
        "properties": {
            "object": {"const": "list"},
            "data": {"type": "array", "items": _ref("Model")},
        },
    }
    content = {_JSON: {"schema": schema}}
    return _operation(route, "List the models", {"description": "The models", "content": content})


def _model(route: Route) -> Schema:
    operation = _operation(route, "Show one model", _answer("Model", {}))
    operation["parameters"] = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    ]
    return operation


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(schema: str, examples: Schema) -> Schema:
    content: Schema = {"schema": _ref(schema)}
    if examples:
        content["examples"] = examples
    return {"description": "Done", "content": {_JSON: content}}


def _refusals(statuses: Iterable[int]) -> Schema:
    replies: Schema = {}
    for status in statuses:
        rows = [row for row in contract.REFUSALS if row.status == status]
        replies[str(status)] = {
            "description": "; or ".join(row.when for row in rows),
            "content": {_JSON: {"schema": _ref("Error")}},
            "x-stepfun-rules": [row.id for row in rows],
        }
    return replies


# Schemas ---------------------------------------------------------------------


def _request_schema() -> Schema:
    schemas = [_model_request(model) for model in contract.MODELS]
    return {"anyOf": schemas} if schemas[1:] else schemas[0]


def _model_request(model: Model) -> Schema:
    rows = (contract.MODEL_PARAMETER, *model.parameters)
    return {
        "type": "object",
        "required": [row.name for row in rows if row.required],
        "properties": {row.name: _parameter_schema(row) for row in rows},
    }


def _parameter_schema(row: Parameter) -> Schema:
    schema: Schema = {"type": str(row.kind), "description": _sentence(row)}
    if row.values:
        schema["enum"] = list(row.values)
    if row.minimum is not None:
        schema |= {"minimum": row.minimum, "maximum": row.maximum}
    if row.max_length is not None:
        schema["maxLength"] = row.max_length
    if row.required and row.kind is Kind.STRING and not row.values:
        schema["minLength"] = 1
    if row.default is not None:
        schema["default"] = row.default
    schema["x-stepfun-rules"] = _rule_ids(row.name)
    schema["x-stepfun-grade"] = str(row.source.grade)
    return schema


def _sentence(row: Parameter) -> str:
    return f"{row.about}; {row.note}" if row.note else row.about


def _rule_ids(name: str) -> list[str]:
    return [rule.id for rule in RULES if rule.id.partition(".")[0] == name]


def _reply_schema() -> Schema:
    def fields(where: str) -> Schema:
        rows = [row for row in contract.REPLY_FIELDS if row.where == where]
        return {row.name: _field_schema(row) for row in rows}

    item = {
        "type": "object",
        "required": ["seed", "finish_reason"],
        "properties": fields("data[0]"),
        "not": {"required": ["b64_json", "url"]},
    }
    reply = fields("reply")
    reply["data"] |= {"items": item, "minItems": 1, "maxItems": 1}
    return {"type": "object", "required": list(reply), "properties": reply}


def _field_schema(row: ReplyField) -> Schema:
    schema: Schema = {"type": str(row.kind), "description": row.about}
    if row.values:
        schema["enum"] = list(row.values)
    schema["x-stepfun-rules"] = [f"reply.{row.name}"]
    return schema


def _model_schema() -> Schema:
    return {
        "type": "object",
        "required": ["id", "object", "created", "owned_by"],
        "properties": {
            "id": {"type": "string"},
            "object": {"const": "model"},
            "created": {"type": "integer"},
            "owned_by": {"type": "string"},
        },
    }


def _error_schema() -> Schema:
    words = sorted({row.type for row in contract.REFUSALS if row.type})
    error = {
        "type": "object",
        "required": ["message", "type"],
        "properties": {
            "message": {"type": "string"},
            "type": {"type": "string", "examples": words},
        },
    }
    return {
        "type": "object",
        "required": ["error"],
        "properties": {"error": error},
        "x-stepfun-rules": ["error.envelope"],
    }


# Examples --------------------------------------------------------------------


def _request_examples() -> Schema:
    prompt = "A lighthouse on a cliff above a calm sea, early morning"
    short = {"model": contract.MODELS[0].id, "prompt": prompt}
    full = {row.name: row.default for row in contract.MODELS[0].parameters}
    full |= short | {"seed": 42, "response_format": "b64_json", "size": "768x1360"}
    return {
        "short": {"summary": "what is required", "value": short},
        "full": {"summary": "every parameter; 1360 wide", "value": full},
    }


def _reply_examples() -> Schema:
    link = f"https://127.0.0.1:8793{contract.LINK_PREFIX}20260428/0123456789abcdef.png"
    done = {"finish_reason": contract.SUCCESS, "seed": 42}
    return {
        "url": {"value": {"created": 1777334400, "data": [{"url": link, **done}]}},
        "b64_json": {
            "value": {"created": 1777334400, "data": [{"b64_json": "iVBORw0KGgo=", **done}]}
        },
        "filtered": {
            "value": {
                "created": 1777334400,
                "data": [{"finish_reason": contract.FILTERED, "seed": 42}],
            }
        },
    }
