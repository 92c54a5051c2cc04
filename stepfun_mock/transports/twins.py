"""From httpx to the library of the client, and back: requests, responses and errors of two kinds.

respx knows httpx alone, and a client of httpx2 takes nothing but httpx2's.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx


def shown(request: Any, body: bytes) -> httpx.Request:  # noqa: ANN401 (types of a library)
    """A request as the routes see it: as one of httpx, its body read."""
    if isinstance(request, httpx.Request):
        return request
    twin = httpx.Request(
        request.method,
        str(request.url),
        headers=request.headers.raw,
        stream=httpx.ByteStream(body),
        extensions=request.extensions,
    )
    twin.read()
    return twin


def told(library: Any, request: Any, response: httpx.Response) -> Any:  # noqa: ANN401 (its types)
    """What a route answered, as a new response of the library, not read yet."""
    return library.Response(
        response.status_code,
        headers=response.headers.raw,
        stream=_stream(library, request, response.stream),
        extensions=response.extensions,
    )


def _stream(library: Any, request: Any, stream: Any) -> Any:  # noqa: ANN401 (types of a library)
    if isinstance(stream, httpx.ByteStream):
        return library.ByteStream(b"".join(stream))
    return stream if library is httpx else _streamed(library, request, stream)


def _streamed(library: Any, request: Any, stream: Any) -> Any:  # noqa: ANN401 (types of a library)
    # A client takes streams of its own library alone, and which one that is shows only here.
    class Streamed(library.SyncByteStream, library.AsyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            with raised_as(library, request):
                yield from stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            with raised_as(library, request):
                async for part in stream:
                    yield part

        def close(self) -> None:
            stream.close()

        async def aclose(self) -> None:
            await stream.aclose()

    return Streamed()


@contextmanager
def raised_as(library: Any, request: Any) -> Iterator[None]:  # noqa: ANN401 (types of a library)
    """Raise errors of httpx as the library's own of the same name."""
    try:
        yield
    except Exception as error:
        twin = _twin(library, request, error)
        if twin is None:
            raise
        raise twin from error


def _twin(library: Any, request: Any, error: Exception) -> Exception | None:  # noqa: ANN401
    if library is httpx:
        return None
    for kind in type(error).__mro__:
        if kind.__module__ == httpx.__name__ and hasattr(library, kind.__name__):
            same = getattr(library, kind.__name__)
            twin: Exception = same.__new__(same, *error.args)
            # The constructors differ from error to error; what they would set does not.
            vars(twin).update(vars(error), _request=request)
            return twin
    return None
