"""The routes of our own, as a Starlette application: whether the mock is up, and its contract."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stepfun_mock.openapi import document


def application(prefix: str) -> Starlette:
    """Make the application, with all of its routes below a prefix that ends in a slash."""
    return Starlette(
        routes=[
            Route(f"{prefix}health", _health),
            Route(f"{prefix}openapi.json", _openapi),
        ]
    )


async def _health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _openapi(request: Request) -> Response:
    return JSONResponse(document(f"{request.url.scheme}://{request.headers['host']}"))
