"""The clients in Python, each used as an application would use it."""

import asyncio
import base64
import importlib
import ssl
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, NamedTuple, Protocol

from .cases import Case
from .seen import Seen, item_of

KEY = "some-key"
_HEADERS = {"Authorization": f"Bearer {KEY}"}


class Client(Protocol):
    """A client: it asks for a picture, and it fetches one."""

    def draw(self, base_url: str, case: Case) -> tuple[int, Any]:
        """Ask for a picture: the status, and the JSON of a reply that is 200."""
        ...

    def fetch(self, link: str, timeout: float) -> tuple[int, bytes]:
        """Fetch a link: the status, and what came."""
        ...


def ask(client: Client, base_url: str, case: Case) -> Seen:
    """Ask for a picture as a careful application does, and say what it got."""
    at_link = False
    try:
        status, reply = client.draw(base_url, case)
        payload = (item_of(reply) or {}).get(case.response_format)
        if status != 200 or not payload:
            return Seen(status=status, reply=reply)
        if case.response_format == "b64_json":
            return Seen(reply=reply, content=base64.b64decode(payload))
        at_link = True
        status, content = client.fetch(payload, case.link_timeout)
        return Seen(at_link=True, status=status, reply=reply, content=content)
    except Exception as problem:
        known = getattr(problem, "status_code", 200)
        return Seen(raised=_name(problem), at_link=at_link, status=known)


class OpenAI:
    """The openai SDK with its own retries, and without its pauses between them."""

    def draw(self, base_url: str, case: Case) -> tuple[int, Any]:
        """Ask for a picture; the reply as a mapping where the SDK made one of it."""
        import openai

        class Client(openai.OpenAI):
            def _calculate_retry_timeout(self, *_: Any, **__: Any) -> float:
                return 0.0

        transport = openai.DefaultHttpxClient(verify=_tls())
        settings: Any = {"base_url": base_url, "api_key": KEY, "timeout": case.timeout}
        with Client(**settings, http_client=transport) as client:
            reply: Any = client.images.generate(**case.body)
        return 200, reply if isinstance(reply, str) else reply.to_dict(warnings=False)

    def fetch(self, link: str, timeout: float) -> tuple[int, bytes]:
        """Fetch a link with the library that the SDK stands on."""
        import openai

        library = importlib.import_module("httpx2" if openai.VERSION.startswith("3.") else "httpx")
        reply = library.get(link, timeout=timeout, verify=_tls())
        return reply.status_code, reply.content


class Httpx:
    """httpx, which follows no redirects unless told to."""

    def draw(self, base_url: str, case: Case) -> tuple[int, Any]:
        """Ask for a picture."""
        import httpx

        reply = httpx.post(
            _generations(base_url),
            headers=_HEADERS,
            json=case.body,
            timeout=case.timeout,
            verify=_tls(),
        )
        return reply.status_code, reply.json() if reply.status_code == 200 else None

    def fetch(self, link: str, timeout: float) -> tuple[int, bytes]:
        """Fetch a link."""
        import httpx

        reply = httpx.get(link, timeout=timeout, verify=_tls())
        return reply.status_code, reply.content


class Requests:
    """requests."""

    def draw(self, base_url: str, case: Case) -> tuple[int, Any]:
        """Ask for a picture."""
        import requests

        reply = requests.post(
            _generations(base_url), headers=_HEADERS, json=case.body, timeout=case.timeout
        )
        return reply.status_code, reply.json() if reply.status_code == 200 else None

    def fetch(self, link: str, timeout: float) -> tuple[int, bytes]:
        """Fetch a link."""
        import requests

        reply = requests.get(link, timeout=timeout)
        return reply.status_code, reply.content


class Aiohttp:
    """aiohttp, whose time-out is for the whole exchange."""

    def draw(self, base_url: str, case: Case) -> tuple[int, Any]:
        """Ask for a picture."""

        async def work(session: Any) -> tuple[int, Any]:
            url = _generations(base_url)
            async with session.post(url, headers=_HEADERS, json=case.body) as reply:
                return reply.status, await reply.json() if reply.status == 200 else None

        return self._run(work, case.timeout)

    def fetch(self, link: str, timeout: float) -> tuple[int, bytes]:
        """Fetch a link."""

        async def work(session: Any) -> tuple[int, bytes]:
            async with session.get(link) as reply:
                return reply.status, await reply.read()

        return self._run(work, timeout)

    def _run(
        self, work: Callable[[Any], Awaitable[tuple[int, Any]]], timeout: float
    ) -> tuple[int, Any]:
        import aiohttp

        async def main() -> tuple[int, Any]:
            limit = aiohttp.ClientTimeout(total=timeout)
            async with aiohttp.ClientSession(timeout=limit) as session:
                return await work(session)

        return asyncio.run(main())


class Package(NamedTuple):
    """Where a client comes from: its package, and which major version; 0 for any."""

    name: str
    major: int = 0


CLIENTS: dict[str, tuple[Client, Package]] = {
    "openai 3": (OpenAI(), Package("openai", 3)),
    "openai 2": (OpenAI(), Package("openai", 2)),
    "httpx": (Httpx(), Package("httpx")),
    "requests": (Requests(), Package("requests")),
    "aiohttp": (Aiohttp(), Package("aiohttp")),
}
"""The clients by the names of their columns."""


def _name(problem: Exception) -> str:
    kind = type(problem)
    return f"{kind.__module__}.Error" if kind.__name__ == "Error" else kind.__name__


def _generations(base_url: str) -> str:
    return f"{base_url}/images/generations"


@cache
def _tls() -> ssl.SSLContext:
    # Loading certificates takes longer than a request, and nothing here is encrypted.
    return ssl.create_default_context()
