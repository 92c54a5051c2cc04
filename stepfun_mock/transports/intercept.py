"""The mock under the HTTP clients of this process: httpx and httpx2, and what is built on them.

Requests to StepFun's hosts are answered here, without a socket; all others go on to whatever lies
below, be it the network or another mock. Each library gets responses of its own type.
"""

import sys
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, NamedTuple, Self

from stepfun_mock.contract import HOSTS
from stepfun_mock.message import Request
from stepfun_mock.service import StepfunMock
from stepfun_mock.transports.headers import encoded
from stepfun_mock.transports.libraries import LIBRARIES, found
from stepfun_mock.transports.patches import Patches
from stepfun_mock.transports.troubles import stream

_HOSTS = frozenset(HOSTS)
_HTTP_1_1 = {"http_version": b"HTTP/1.1"}

_Send = Callable[[Any, Any], Any]
_SendAsync = Callable[[Any, Any], Awaitable[Any]]


class Answers(NamedTuple):
    """How the requests of one library are answered, in its own types.

    Both take a request and return a response, or None for one that is to go on to what lies below.
    """

    sync: Callable[[Any], Any]
    asynchronous: Callable[[Any], Awaitable[Any]]


class Layer:
    """Lays answers over the transports of httpx and httpx2, from `start` to `stop`.

    Libraries that are not installed are passed over. Of two layers the one that started later
    is asked first; they may stop in any order.

    Args:
        answers: Makes the answers for a library, which it gets as a module.
    """

    def __init__(self, answers: Callable[[Any], Answers]) -> None:
        self._answers = answers
        self._patches = Patches()
        self._above: _Above | None = None

    def start(self) -> None:
        """Answer from now on.

        Raises:
            ImportError: neither httpx nor httpx2 is installed.
        """
        installed = [library for name in LIBRARIES if (library := found(name)) is not None]
        if not installed:
            raise ImportError(
                "neither httpx nor httpx2 is installed, so there is no client to answer here; "
                "install one of them, or use the fixture stepfun_server, or a MockServer"
            )
        for library in installed:
            answers = self._answers(library)
            self._lay(library, answers)
            mocks = sys.modules.get("respx.mocks")
            if library.__name__ == "httpx" and hasattr(mocks, "HTTPXMocker"):
                self._above = _Above(answers, mocks)

    def stop(self) -> None:
        """Answer no longer, and put back what was there."""
        if self._above is not None:
            self._above.leave()
            self._above = None
        self._patches.undo()

    def _lay(self, library: Any, answers: Answers) -> None:  # noqa: ANN401 (a module)
        patches = self._patches

        def sync(below: _Send) -> _Send:
            answer = answers.sync

            def handle_request(transport: Any, request: Any) -> Any:  # noqa: ANN401
                response = answer(request) if patches.active else None
                return below(transport, request) if response is None else response

            return handle_request

        def asynchronous(below: _SendAsync) -> _SendAsync:
            answer = answers.asynchronous

            async def handle_async_request(transport: Any, request: Any) -> Any:  # noqa: ANN401
                response = await answer(request) if patches.active else None
                return await below(transport, request) if response is None else response

            return handle_async_request

        patches.replace(library.HTTPTransport, "handle_request", sync)
        patches.replace(library.AsyncHTTPTransport, "handle_async_request", asynchronous)


class Interception:
    """Answers StepFun's hosts by a mock, for as long as the `with` block lasts.

    Libraries that are not installed are passed over. Clients may be made before the block or in
    it; transports of other kinds, such as `MockTransport`, keep what they are.

    Args:
        mock: The core that answers.
        passed: Is told the host and the path of each request to another host, which goes on.

    Raises:
        ImportError: on entering, where neither httpx nor httpx2 is installed.
    """

    def __init__(
        self, mock: StepfunMock, passed: Callable[[str, str], None] = lambda host, path: None
    ) -> None:
        self.mock = mock
        self._passed = passed
        self._layers: list[Layer] = []

    def __enter__(self) -> Self:
        layer = Layer(self._answers)
        layer.start()
        self._layers.append(layer)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._layers.pop().stop()

    def _answers(self, library: Any) -> Answers:  # noqa: ANN401 (a module)
        mock, passed = self.mock, self._passed

        def sync(request: Any) -> Any:  # noqa: ANN401 (types of the library)
            if request.url.host not in _HOSTS:
                return passed(request.url.host, request.url.path)
            return answer(mock, library, request, request.read())

        async def asynchronous(request: Any) -> Any:  # noqa: ANN401 (types of the library)
            if request.url.host not in _HOSTS:
                return passed(request.url.host, request.url.path)
            return answer(mock, library, request, await request.aread(), in_loop=True)

        return Answers(sync, asynchronous)


class _Above:
    """Stands before the routers of `respx.mock(using="httpx")`, which lie above all transports.

    respx asks its routers in turn, and goes on where one raises its `AllMockedAssertionError`.
    """

    def __init__(self, answers: Answers, mocks: Any) -> None:  # noqa: ANN401 (`respx.mocks`)
        self._answers = answers
        self._mocks = mocks
        mocks.HTTPXMocker.routers.insert(0, self)

    def leave(self) -> None:
        """Go, and put out the light: respx does not while a router is left, be it ours."""
        self._mocks.HTTPXMocker.unregister(self)
        self._mocks.HTTPXMocker.stop()

    def handler(self, request: Any) -> Any:  # noqa: ANN401 (types of httpx)
        """Answer a request as a router of respx does."""
        self._check_company(request)
        return self._or_go_on(self._answers.sync(request))

    async def async_handler(self, request: Any) -> Any:  # noqa: ANN401 (types of httpx)
        """Answer a request as a router of respx does."""
        self._check_company(request)
        return self._or_go_on(await self._answers.asynchronous(request))

    def _check_company(self, request: Any) -> None:  # noqa: ANN401 (a request of httpx)
        if all(isinstance(router, _Above) for router in self._mocks.HTTPXMocker.routers):
            # respx has stopped: the transports answer again, ours and those of the user's own.
            raise self._mocks.PassThrough("left to the transport", request=request, origin=None)

    def _or_go_on(self, response: Any) -> Any:  # noqa: ANN401 (a response of httpx)
        if response is None:
            raise self._mocks.AllMockedAssertionError("left to the routers that follow")
        return response


def answer(
    mock: StepfunMock,
    library: Any,  # noqa: ANN401 (a module)
    request: Any,  # noqa: ANN401 (types of the library)
    body: bytes,
    *,
    in_loop: bool = False,
) -> Any:  # noqa: ANN401 (types of the library)
    """Answer a request by a mock, whatever its host.

    Args:
        mock: The core that answers.
        library: The module whose types these are, httpx or httpx2.
        request: Its request.
        body: The whole body.
        in_loop: Whether its client is an async one.

    Returns:
        Its response, not read yet, as from the network.

    Raises:
        Exception: the library's ConnectError, ReadError or ReadTimeout, where a fault says that
            nothing arrives, or too late for this client.
    """
    url = request.url
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1")
        for name, value in request.headers.raw
    }
    query = url.query.decode("ascii")
    response = mock.handle(Request(request.method, url.path, headers, body, query, url.scheme))
    length = (b"content-length", b"%d" % response.length)
    return library.Response(
        response.status,
        headers=[*encoded(response.headers), length],
        stream=stream(library, request, response, in_loop=in_loop),
        extensions=_HTTP_1_1,
    )
