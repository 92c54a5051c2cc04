"""The mock on a real port of this process, in a thread of its own."""

import os
import threading
from collections.abc import Callable, Collection, Iterable
from types import TracebackType
from typing import Any, NamedTuple, Self

from stepfun_mock import questions
from stepfun_mock.chaos import WEATHER
from stepfun_mock.choices import Choices
from stepfun_mock.clock import Clock
from stepfun_mock.faults import Fault
from stepfun_mock.journal import Exchange, Journal
from stepfun_mock.message import ImageRequest
from stepfun_mock.service import StepfunMock
from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.server import Server, bind, root_url

_JOIN_SECONDS = 5.0

_NOT_RUNNING = (
    "the server is not running; use it in a `with` block, or between start() and stop(). A mock "
    "of your own, as in MockServer(mock), can be asked at any time"
)
_RUNNING = "the server is running already; stop() it first, or make another MockServer"
_FORKED = (
    "this process was forked from the one in which the server runs, so what it sees here is a "
    "copy; ask in the process that started it, or start a MockServer in the child"
)
_STUCK = (
    "the server was asked to stop, but its thread does not end; something that it called does not "
    "return, such as a watcher of the mock: let that return, then stop() again"
)


class _Run(NamedTuple):
    """One start of the server, and the process that it belongs to."""

    server: Server
    thread: threading.Thread
    process: int


class MockServer:
    """StepFun's image API on a port of this machine, for as long as the `with` block lasts.

    Any HTTP client can ask it, from any process; what came in is asked of this object, in the
    process that started it.

    Args:
        mock: The core that answers; a new one where none is given.
        host: An address of this machine, or a name for one.
        port: 0 to 65535; 0 lets the system pick one each time the server starts.
        allow_hosts: Host names to answer to, beside `host` and the loopback ones; without ports.

    Raises:
        ValueError: a name in `allow_hosts` that no Host header could bear.
        RuntimeError: on use, where the server is not running, or runs in the process from which
            this one was forked; only the addresses can be asked there.
    """

    def __init__(
        self,
        mock: StepfunMock | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        allow_hosts: Collection[str] = (),
    ) -> None:
        core = StepfunMock() if mock is None else mock
        self._application = Application(core, allow_hosts=(host, *allow_hosts))
        self._host = host.strip("[]")
        self._wanted = port
        self._run: _Run | None = None

    def __repr__(self) -> str:
        where = f"on port {self.port}" if self._run is not None else "not running"
        return f"<{type(self).__name__} {where}>"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    # Start and stop --------------------------------------------------------------

    def start(self) -> None:
        """Listen, and return once requests are answered.

        Raises:
            CannotListenError: the port is taken, or the host is no address of this machine.
            RuntimeError: the server runs already, or its thread ended at once.
        """
        if self._run is not None:
            raise RuntimeError(_RUNNING if self._run.process == os.getpid() else _FORKED)
        bound = bind(self._host, self._wanted)
        settled = threading.Event()
        server = Server(self._application, bound, on_ready=settled.set)

        def serve() -> None:
            try:
                server.run_until_stopped()
            finally:
                settled.set()

        thread = threading.Thread(target=serve, name="stepfun-mock", daemon=True)
        thread.start()
        self._run = _Run(server, thread, os.getpid())
        settled.wait()
        if not server.started:
            self._run = None
            thread.join(_JOIN_SECONDS)
            bound.close()
            raise RuntimeError("the server ended before it was ready; its thread printed why")

    def stop(self) -> None:
        """Stop, within two seconds; does nothing where the server does not run.

        In a forked process it does nothing either: the server is its parent's.

        Raises:
            RuntimeError: the thread does not end.
        """
        run = self._run
        if run is None or run.process != os.getpid():
            return
        run.server.stop()
        run.thread.join(_JOIN_SECONDS)
        if run.thread.is_alive():
            raise RuntimeError(_STUCK)
        self._run = None

    def _running(self) -> _Run:
        if self._run is None:
            raise RuntimeError(_NOT_RUNNING)
        return self._run

    # Addresses, in forked processes too --------------------------------------------

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        return self._running().server.port

    @property
    def url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return root_url(self._host, self.port)

    @property
    def base_url(self) -> str:
        """What clients take as their base URL; it ends in `/v1`."""
        return f"{self.url}/v1"

    # The core, in the process that started the server --------------------------------

    @property
    def mock(self) -> StepfunMock:
        """The core that answers; a new one answers the requests that come after it was set."""
        self._check_process()
        return self._application.mock

    @mock.setter
    def mock(self, mock: StepfunMock) -> None:
        self._check_process()
        self._application.mock = mock

    def _check_process(self) -> None:
        if self._running().process != os.getpid():
            raise RuntimeError(_FORKED)

    @property
    def requests(self) -> list[ImageRequest]:
        """The valid requests for a picture, oldest first, repeated tries included."""
        return self.mock.requests

    @property
    def journal(self) -> Journal:
        """Every try, valid or not."""
        return self.mock.journal

    @property
    def clock(self) -> Clock:
        """The mock's time, which a test can move."""
        return self.mock.clock

    @property
    def choices(self) -> Choices:
        """What the documentation leaves open, and how the mock decides it."""
        return self.mock.choices

    @property
    def api_key(self) -> str:
        """A key that the mock accepts."""
        return self.mock.api_key

    @property
    def reach(self) -> str:
        """What to do where nothing reached the server, in a sentence."""
        return (
            f"nothing reached the server at {self.base_url}: give the client that base URL; a "
            "child process has it in STEP_BASE_URL, if it gets the environment of the test"
        )

    def assert_requested(self, times: int | None = None, **fields: object) -> None:
        """Assert that a picture was asked for with these fields; see `StepfunMock`."""
        __tracebackhide__ = True
        if problem := questions.requested(self.journal, times, fields, self.reach):
            raise AssertionError(problem)

    def assert_not_requested(self) -> None:
        """Assert that nothing was asked, not even in vain."""
        __tracebackhide__ = True
        self.mock.assert_not_requested()

    def script(self, *faults: Fault) -> None:
        """Say what the next requests meet, in order."""
        self.mock.script(*faults)

    def chaos(self, rate: float, seed: int, among: Iterable[Fault] = WEATHER) -> None:
        """Let requests that meet no scripted fault meet one at random; see `StepfunMock`."""
        self.mock.chaos(rate, seed, among)

    def unmet_faults(self) -> list[str]:
        """What was scripted and has not been met as often as it should, in words."""
        return self.mock.unmet_faults()

    def choose(self, **changes: Any) -> None:  # noqa: ANN401 (each choice has its own type)
        """Decide something else of what the documentation leaves open, from now on."""
        self.mock.choose(**changes)

    def watch(
        self, watcher: Callable[[Exchange], None], on_reset: Callable[[], None] | None = None
    ) -> None:
        """Call `watcher` with each exchange from now on, in the server's thread."""
        self.mock.watch(watcher, on_reset)

    def reset(self) -> None:
        """Forget what was asked, scripted and chosen since the mock was made; real time again."""
        self.mock.reset()
