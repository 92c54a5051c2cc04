"""The contract as an OpenAPI 3.1 document, built from `stepfun_mock.contract` alone.

Ids of rules stand in `x-stepfun-rules` fields, grades in `x-stepfun-grade`.
"""

from typing import Any

from stepfun_mock import contract
from stepfun_mock.refusals import REFUSALS
from stepfun_mock.rules import RULES
from stepfun_mock.terms import Kind, Model, Parameter, Refusal, ReplyField, Route

Schema = dict[str, Any]

_BEARER: list[Schema] = [{"key": []}]
_JSON = "application/json"
_ABOUT = (
    "Made from the contract of stepfun-mock; StepFun publishes none. Two things JSON Schema cannot "
    "tell as the mock has them: 8.0 is no integer (unless loose_numbers accepts it), and null for "
    "an optional field means that it is absent (unless null_fields refuses it)."
)


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
            "description": _ABOUT,
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
        "responses": {"200": success, **_refusals(route.id.partition(".")[0])},
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


def _refusals(route: str) -> Schema:
    rows = [row for row in REFUSALS if {route, "every"} & set(row.routes)]
    return {
        str(status): _refusal([row for row in rows if row.status == status])
        for status in sorted({row.status for row in rows})
    }


def _refusal(rows: list[Refusal]) -> Schema:
    reply: Schema = {
        "description": "; or ".join(row.when for row in rows),
        "x-stepfun-rules": [row.id for row in rows],
        "x-stepfun-grade": {row.id: str(row.source.grade) for row in rows},
    }
    if any(row.type for row in rows):
        reply["content"] = {_JSON: {"schema": _ref("Error")}}
    return reply


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
    rules = [rule for rule in RULES if rule.part in ("request", "reply")]
    return [rule.id for rule in rules if rule.id.partition(".")[0] == name]


def _reply_schema() -> Schema:
    def fields(where: str) -> Schema:
        rows = [row for row in contract.REPLY_FIELDS if row.where == where]
        return {row.name: _field_schema(row) for row in rows}

    item = {
        "type": "object",
        "required": ["seed", "finish_reason"],
        "properties": fields("data[0]"),
        "not": {"required": ["b64_json", "url"]},
        "if": {"properties": {"finish_reason": {"const": contract.SUCCESS}}},
        "then": {"anyOf": [{"required": ["b64_json"]}, {"required": ["url"]}]},
    }
    reply = fields("reply")
    reply["data"] |= {"items": item, "minItems": 1, "maxItems": 1}
    return {"type": "object", "required": list(reply), "properties": reply}


def _field_schema(row: ReplyField) -> Schema:
    schema: Schema = {"type": str(row.kind), "description": row.about}
    if row.values:
        schema["enum"] = list(row.values)
    schema["x-stepfun-rules"] = [f"reply.{row.name}"]
    schema["x-stepfun-grade"] = str(row.source.grade)
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
        "examples": [{"object": "model", **_MODEL}],
    }


def _error_schema() -> Schema:
    words = sorted({row.type for row in REFUSALS if row.type})
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
        "examples": [{"error": {"message": "what is wrong, and the way out", "type": words[0]}}],
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
    done = {"finish_reason": contract.SUCCESS, "seed": 42}
    filtered = {"finish_reason": contract.FILTERED, "seed": 42}
    return {
        "url": {"value": {"created": _THEN, "data": [{"url": _LINK, **done}]}},
        "b64_json": {"value": {"created": _THEN, "data": [{"b64_json": "iVBORw0KGgo=", **done}]}},
        "filtered": {"value": {"created": _THEN, "data": [filtered]}},
    }


_MODEL = {
    "id": contract.MODELS[0].id,
    "created": contract.MODELS[0].created,
    "owned_by": contract.MODELS[0].owned_by,
}
_THEN = contract.MODELS[0].created
_LINK = (
    f"http://127.0.0.1:8793{contract.LINK_PREFIX}20260428/0123456789abcdef0123456789abcdef.png"
    f"?p=MFsi&expires={_THEN + contract.LINK_LIFE}&signature=0123456789abcdef0123456789abcdef"
)
