"""The mock as a router of respx, with a named route for each thing that the API does.

For tests that are written with respx. It works under httpx2 too, which respx itself does not know:
requests are shown to the routes as httpx's, and what they answer or raise becomes httpx2's.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Self

from stepfun_mock.contract import HOSTS, LINK_PREFIX, ROUTES
from stepfun_mock.service import StepfunMock
from stepfun_mock.terms import unknown
from stepfun_mock.transports.intercept import Answers, Layer, answer

try:
    import httpx
    import respx
    from respx.models import AllMockedAssertionError, PassThrough, RouteList, SideEffectError
    from respx.types import RouteResultTypes

    from stepfun_mock.transports.twins import raised_as, shown, told
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

        Raises:
            httpx.TransportError: a fault says that nothing arrives, or too late.
        """
        response: httpx.Response = answer(self.mock, httpx, request, request.read())
        response.request = request
        stream: Any = response.stream
        with suppress(httpx.TransportError):
            b"".join(stream)  # a body that breaks off is left to whoever reads it
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
        try:
            response = self.answer(request)
        except httpx.TransportError:
            self.record(request, response=None)
            raise
        self.record(request, response=response)
        return response

    def _answers(self, library: Any) -> Answers:  # noqa: ANN401 (a module)
        def sync(request: Any) -> Any:  # noqa: ANN401 (types of the library)
            seen = shown(request, request.read())
            try:
                with raised_as(library, request):
                    return told(library, request, self.handler(seen))
            except (AllMockedAssertionError, PassThrough):
                return None

        async def asynchronous(request: Any) -> Any:  # noqa: ANN401 (types of the library)
            seen = shown(request, await request.aread())
            try:
                with raised_as(library, request):
                    return told(library, request, await self.async_handler(seen))
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
            return self._answered(request)
        return super().resolve(request, **context)

    def _answered(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._answer(request)
        except httpx.TransportError as error:
            raise SideEffectError(self, error) from error  # so that the call is written down


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
