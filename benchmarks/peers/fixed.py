"""The floor: an ASGI function that reads its body and sends one reply that never changes.

It takes the body as whole after one message, which holds for requests of one packet.
"""

import os
from collections.abc import Awaitable, Callable
from typing import Any

_BODY = b'{"created":0,"data":[{"url":"x"}]}'.ljust(int(os.environ.get("REPLY_BYTES", "380")))
_HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", b"%d" % len(_BODY)),
]


async def app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[Any]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Answer anything."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})
