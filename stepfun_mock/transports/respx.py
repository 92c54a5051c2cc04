"""The mock as a router of respx, with a named route for each thing that the API does.

For tests that are written with respx. It works under httpx2 too, which respx itself does not know:
requests are shown to the routes as httpx's, and what they answer or raise becomes httpx2's.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from stepfun_mock.contract import HOSTS, LINK_PREFIX, ROUTES
from stepfun_mock.service import StepfunMock
from stepfun_mock.terms import unknown
from stepfun_mock.transports.intercept import Answers, Layer, answer

try:
    import httpx
    import respx
    from respx.models import AllMockedAssertionError, PassThrough, RouteList
    from respx.types import RouteResultTypes
except ModuleNotFoundError as problem:
    raise ImportError(
        "a respx router needs respx and httpx: pip install 'stepfun-mock[respx]'"
    ) from problem

_Answer = Callable[[httpx.Request], httpx.Response]


class StepfunRouter(respx.MockRouter):
    """Answers StepFun's hosts by a mock, through routes that a test can watch and replace.

    The routes are called `generations`, `models` and `picture`. Routes that a test adds are asked
    before them, whatever their host. Requests to StepFun's hosts that no route matches are
    answered by the mock as well; those to other hosts go on to what lies below.

    Args:
        mock: The core that answers.
        assert_all_called: Whether leaving fails if a route was not called, the named ones included.
    """

    def __init__(self, mock: StepfunMock, *, assert_all_called: bool = False) -> None:
        super().__init__(assert_all_called=assert_all_called, using=None)
        self.mock = mock
        self.routes = _Routes()
        self._layers: list[Layer] = []
        for name, lookups in _LOOKUPS.items():
            self.add(_Named(self.answer, host__in=HOSTS, **lookups), name=name)
        self.snapshot()

    def __getitem__(self, name: str) -> respx.Route:
        """The route of this name.

        Raises:
            KeyError: there is none; the sentence names those that there are.
        """
        known = [route.name for route in self.routes if route.name]
        if name not in known:
            raise KeyError(unknown("there is no route", name, "The routes are", known))
        return super().__getitem__(name)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request by the mock, as the named routes do.

        Of use in a side effect that answers some requests otherwise and leaves the rest alone.
        """
        response: httpx.Response = answer(self.mock, httpx, request, request.read())
        response.request = request
        response.read()
        return response

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def start(self) -> None:
        """Answer from now on."""
        layer = Layer(self._answers)
        layer.start()
        self._layers.append(layer)
        super().start()

    def stop(self, clear: bool = True, reset: bool = True, quiet: bool = False) -> None:
        """Answer no longer, and forget what the test added."""
        if self._layers:
            self._layers.pop().stop()
        super().stop(clear, reset, quiet)

    def handler(self, request: httpx.Request) -> httpx.Response:
        """Answer by the first route that matches, or for StepFun's hosts by the mock.

        Raises:
            AllMockedAssertionError: no route matches, and the host is another.
            PassThrough: the route is to let it go on.
        """
        try:
            return super().handler(request)
        except AllMockedAssertionError:
            if request.url.host not in HOSTS:
                raise
            return self._unmatched(request)

    async def async_handler(self, request: httpx.Request) -> httpx.Response:
        """Answer as `handler` does, with side effects that are coroutines too."""
        try:
            return await super().async_handler(request)
        except AllMockedAssertionError:
            if request.url.host not in HOSTS:
                raise
            return self._unmatched(request)

    def _unmatched(self, request: httpx.Request) -> httpx.Response:
        response = self.answer(request)
        self.record(request, response=response)
        return response

    def _answers(self, library: Any) -> Answers:  # noqa: ANN401 (a module)
        def sync(request: Any) -> Any:  # noqa: ANN401 (types of the library)
            shown = _shown(request, request.read())
            try:
                with _raised_as(library, request):
                    return _told(library, request, self.handler(shown))
            except (AllMockedAssertionError, PassThrough):
                return None

        async def asynchronous(request: Any) -> Any:  # noqa: ANN401 (types of the library)
            shown = _shown(request, await request.aread())
            try:
                with _raised_as(library, request):
                    return _told(library, request, await self.async_handler(shown))
            except (AllMockedAssertionError, PassThrough):
                return None

        return Answers(sync, asynchronous)


class _Named(respx.Route):
    """A route that the mock answers, until a test gives it something else to answer."""

    def __init__(self, answer: _Answer, **lookups: Any) -> None:  # noqa: ANN401 (as in respx)
        super().__init__(**lookups)
        self._answer = answer

    def resolve(
        self,
        request: httpx.Request,
        **context: Any,  # noqa: ANN401 (as in respx)
    ) -> RouteResultTypes:
        """Answer a request that matches."""
        if self.side_effect is None and self.return_value is None:
            return self._answer(request)
        return super().resolve(request, **context)


class _Routes(RouteList):
    """Asks the routes that a test added before the named ones."""

    def __iter__(self) -> Iterator[respx.Route]:
        return iter(sorted(super().__iter__(), key=lambda route: isinstance(route, _Named)))


def _paths(start: str) -> str:
    """A regular expression for the paths of the routes whose id starts so."""
    paths = [route.path for route in ROUTES if route.id.startswith(start)]
    return rf"(?:{'|'.join(map(re.escape, paths))})\Z".replace(r"\{id\}", "[^/]+")


_LOOKUPS: dict[str, dict[str, Any]] = {
    "generations": {"method": "POST", "path__regex": _paths("generate")},
    "models": {"method": "GET", "path__regex": _paths("model")},
    "picture": {"method__in": ("GET", "HEAD"), "path__startswith": LINK_PREFIX},
}


# From one library to the other ----------------------------------------------------------


def _shown(request: Any, body: bytes) -> httpx.Request:  # noqa: ANN401 (types of a library)
    """A request as the routes see it: as one of httpx, its body read."""
    if isinstance(request, httpx.Request):
        return request
    shown = httpx.Request(
        request.method,
        str(request.url),
        headers=request.headers.raw,
        stream=httpx.ByteStream(body),
        extensions=request.extensions,
    )
    shown.read()
    return shown


def _told(library: Any, request: Any, response: httpx.Response) -> Any:  # noqa: ANN401 (its types)
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
            with _raised_as(library, request):
                yield from stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            with _raised_as(library, request):
                async for part in stream:
                    yield part

        def close(self) -> None:
            stream.close()

        async def aclose(self) -> None:
            await stream.aclose()

    return Streamed()


@contextmanager
def _raised_as(library: Any, request: Any) -> Iterator[None]:  # noqa: ANN401 (types of a library)
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
