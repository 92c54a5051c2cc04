"""What one would write first: a Starlette route that reads JSON and answers 240 bytes of JSON."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_PICTURE = "iVBORw0KGgo".ljust(160, "A")


async def _generate(request: Request) -> JSONResponse:
    body = await request.json()
    item = {"b64_json": _PICTURE, "finish_reason": "success", "seed": body["seed"]}
    return JSONResponse({"created": 1589478378, "data": [item]})


app = Starlette(routes=[Route("/v1/images/generations", _generate, methods=["POST"])])
