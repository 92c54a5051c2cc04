"""The mock under the HTTP clients of this process: httpx and httpx2, and what is built on them.

Requests to StepFun's hosts are answered here, without a socket; all others go on as before. Each
library gets responses of its own type.
"""

from collections.abc import Awaitable, Callable
from importlib import import_module
from types import TracebackType
from typing import Any, Self

from stepfun_mock.contract import HOSTS
from stepfun_mock.message import Request
from stepfun_mock.service import StepfunMock

_LIBRARIES = ("httpx", "httpx2")

_Send = Callable[[Any, Any], Any]
_SendAsync = Callable[[Any, Any], Awaitable[Any]]


class Interception:
    """Answers StepFun's hosts by a mock, for as long as the `with` block lasts.

    Libraries that are not installed are passed over. Clients may be made before the block or in
    it; transports of other kinds, such as `MockTransport`, keep what they are.

    Args:
        mock: The core that answers.

    Raises:
        ImportError: on entering, where neither httpx nor httpx2 is installed.
    """

    def __init__(self, mock: StepfunMock) -> None:
        self.mock = mock
        self._undo: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        found = [library for name in _LIBRARIES if (library := _found(name)) is not None]
        if not found:
            raise ImportError(
                "neither httpx nor httpx2 is installed, so there is no client to answer here; "
                "install one of them, or serve the mock on a port"
            )
        for library in found:
            self._replace(library.HTTPTransport, "handle_request", self._sync(library))
            self._replace(library.AsyncHTTPTransport, "handle_async_request", self._async(library))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        while self._undo:
            self._undo.pop()()

    def _replace(
        self, transport: type, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]
    ) -> None:
        before = getattr(transport, name)
        self._undo.append(lambda: setattr(transport, name, before))
        setattr(transport, name, make(before))

    def _sync(self, library: Any) -> Callable[[_Send], _Send]:  # noqa: ANN401 (a module)
        def make(before: _Send) -> _Send:
            def handle_request(transport: Any, request: Any) -> Any:  # noqa: ANN401
                if request.url.host not in HOSTS:
                    return before(transport, request)
                return self._answer(library, request, request.read())

            return handle_request

        return make

    def _async(self, library: Any) -> Callable[[_SendAsync], _SendAsync]:  # noqa: ANN401 (a module)
        def make(before: _SendAsync) -> _SendAsync:
            async def handle_async_request(transport: Any, request: Any) -> Any:  # noqa: ANN401
                if request.url.host not in HOSTS:
                    return await before(transport, request)
                return self._answer(library, request, await request.aread())

            return handle_async_request

        return make

    def _answer(self, library: Any, request: Any, body: bytes) -> Any:  # noqa: ANN401 (its types)
        response = self.mock.handle(
            Request(
                request.method,
                request.url.path,
                dict(request.headers),
                body,
                request.url.query.decode("ascii"),
                request.url.scheme,
            )
        )
        return library.Response(
            response.status,
            headers=[*response.headers, ("content-length", str(len(response.body)))],
            content=b"" if request.method == "HEAD" else response.body,
            extensions={"http_version": b"HTTP/1.1"},
        )


def _found(name: str) -> Any:  # noqa: ANN401 (a module, or None)
    try:
        return import_module(name)
    except ModuleNotFoundError:
        return None
