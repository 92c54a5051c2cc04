"""Which HTTP client a call comes from, read off the stack."""

from collections.abc import Iterator
from types import FrameType

NOBODY = "a socket of its own"

# Modules, with all that is inside them, and what people call them.
_CLIENTS = {
    "aiohttp": "aiohttp",
    "anthropic": "anthropic",
    "httpx": "httpx",
    "httpx2": "httpx2",
    "litellm": "litellm",
    "niquests": "niquests",
    "openai": "openai",
    "requests": "requests",
    "tornado": "tornado",
    "twisted": "twisted",
    "urllib.request": "urllib",
    "urllib3": "urllib3",
}

# What clients stand on: a name only where no client is to be seen. Of trio and anyio not the
# modules that run a whole program, since those lie under every socket of the program.
_GROUND = {
    "anyio._core._sockets": "anyio",
    "anyio.streams.tls": "anyio",
    "http.client": "http.client",
    "httpcore": "httpcore",
    "httpcore2": "httpcore2",
    "trio._highlevel_open_tcp_stream": "trio",
    "trio._highlevel_ssl_helpers": "trio",
    "trio._socket": "trio",
    "trio._ssl": "trio",
}

# Here an application is being served, often by a client's own transport in a test: whoever
# stands further out asks the application, not StepFun.
_SERVING = (
    "aiohttp.web",
    "django.",
    "flask.",
    "httpx._transports.asgi",
    "httpx._transports.wsgi",
    "httpx2._transports.asgi",
    "httpx2._transports.wsgi",
    "starlette.",
    "uvicorn.",
    "werkzeug.",
)


def client_of(called: str, frame: FrameType | None) -> str:
    """The client that a call works for, such as `requests (urllib3)`.

    The outermost client that is known comes first; the innermost follows in brackets, where it
    is another.

    Args:
        called: The module whose function was called; it need not be on the stack.
        frame: Where the call came in.
    """
    modules = [called, *_modules(frame)]
    clients = [name for module in modules if (name := _named(module, _CLIENTS))]
    if clients:
        inner, outer = clients[0], clients[-1]
        return outer if inner == outer else f"{outer} ({inner})"
    ground = [name for module in modules if (name := _named(module, _GROUND))]
    return ground[-1] if ground else NOBODY


def _modules(frame: FrameType | None) -> Iterator[str]:
    """The modules of the stack, innermost first, out to where an application is served."""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(_SERVING):
            return
        yield module
        frame = frame.f_back


def _named(module: str, names: dict[str, str]) -> str | None:
    while module:
        if module in names:
            return names[module]
        module = module.rpartition(".")[0]
    return None
