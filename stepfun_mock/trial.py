"""A test under the mock: what is set up around it, and what is to be said of it afterwards."""

import asyncio
import fnmatch
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from threading import Lock
from types import BuiltinFunctionType as _Builtin
from typing import TYPE_CHECKING

from stepfun_mock import contract, questions, variables
from stepfun_mock.advice import Advice, Advisor, this_task
from stepfun_mock.journal import Exchange
from stepfun_mock.service import StepfunMock
from stepfun_mock.settings import Settings
from stepfun_mock.tally import Tally
from stepfun_mock.transports.contexts import SharedContexts
from stepfun_mock.transports.guard import Guard
from stepfun_mock.transports.intercept import Interception

if TYPE_CHECKING:
    from stepfun_mock.transports.mockserver import MockServer
    from stepfun_mock.transports.respx import StepfunRouter

_GENERATIONS = contract.ROUTES[0].path.removeprefix("/v1")


class Trial:
    """One test: its own mock, and who watches it.

    Args:
        settings: What holds for the test.
        hidden: Real keys, which nothing may show.
    """

    def __init__(self, settings: Settings, hidden: tuple[str, ...] = ()) -> None:
        self.settings = settings
        self.mock = StepfunMock(choices=settings.choices, hidden=hidden)
        self.tally = Tally(tests=1)
        self.served = False
        self.ways_in = ExitStack()
        self._variables = variables.Changes(os.environ)
        self.strays: list[str] = []
        self._lock = Lock()
        self._advisor = Advisor(
            pauses_visible=self._pauses_show,
            sender=this_task,
            keys=self.mock.choices.api_keys,
        )
        self.mock.watch(self._count)
        if settings.advice != "off":
            self.mock.watch(self._advisor, self._advisor.clear)

    def hide_keys(self) -> None:
        """Put a fake key in the place of the real ones."""
        self._variables.make(variables.of_keys(self.settings, self.mock.api_key, os.environ))

    def set_base_url(self, base_url: str) -> None:
        """Point the variables of the test to a base URL."""
        served = self.served
        named = variables.of_base_url(self.settings, base_url, os.environ, served=served)
        self._variables.make(named)

    def end(self) -> None:
        """Take away what lies under the clients, and bring back the environment."""
        self.ways_in.close()
        self._variables.undo()

    def _pauses_show(self) -> bool:
        """Whether a client that waits is seen to wait."""
        sleep: object = time.sleep
        real = asyncio.sleep.__module__ == "asyncio.tasks" and isinstance(sleep, _Builtin)
        return real and not self.mock.clock.frozen

    def _count(self, exchange: Exchange) -> None:
        with self._lock:
            self.tally.count(exchange)

    def note_passed(self, host: str, path: str) -> None:
        """Remember a request for a picture that went to somebody else's host."""
        if path.endswith(_GENERATIONS) and host not in variables.LOOPBACK:
            self.strays.append(f"https://{host}{path}")

    def hints(self) -> list[str]:
        """What may help where the test failed and nothing reached the mock."""
        if self.mock.journal.total:
            return []
        return [
            f"a request for a picture went to {url}, which is not StepFun's: give the client "
            f'base_url="{self.mock.base_url}"'
            for url in dict.fromkeys(self.strays)
        ]

    def explanation(self) -> list[str]:
        """What is to be said beside a failure of the test's own."""
        return self.hints() + questions.refused(self.mock.journal) + self.advice()

    def advice(self) -> list[str]:
        """The advice of this test in sentences, but for what its settings pass over."""
        if self.settings.advice == "off":
            return []
        return [_sentence(one) for one in self._advisor.at_end() if not self._ignores(one)]

    def _ignores(self, advice: Advice) -> bool:
        patterns = self.settings.ignore_advice
        return any(fnmatch.fnmatchcase(advice.id, pattern) for pattern in patterns)

    def unmet(self) -> list[str]:
        """What is to be said of faults that nobody met; nothing where that is allowed."""
        waiting = self.mock.unmet_faults() if self.settings.unmet_faults == "error" else []
        if not waiting:
            return []
        return [
            f"scripted, and not met: {', '.join(waiting)}; script what the code under test will "
            'meet, or allow the rest with @pytest.mark.stepfun(unmet_faults="allow")'
        ]


def _sentence(advice: Advice) -> str:
    return (
        f"{advice.message} (advice of stepfun-mock, by the rule {advice.rule}; where it is meant: "
        f'@pytest.mark.stepfun(ignore_advice=["{advice.id}"]))'
    )


class Session:
    """What outlives a test: the guard, the server, the kept TLS contexts and the counts.

    Args:
        port: The port of the server; 0 picks one.
    """

    def __init__(self, port: int) -> None:
        self.tally = Tally()
        # Before anybody here set anything.
        self._environ = {name: os.environ[name] for name in variables.ALL if name in os.environ}
        self._held: Mapping[str, str] = {}
        self._port = port
        self._guard = Guard(self._remedy)
        self._guarding = 0
        self._contexts = SharedContexts()
        self._server: MockServer | None = None
        self._trial: Trial | None = None
        self._idle = StepfunMock()  # answers what comes between tests

    # Tests -------------------------------------------------------------------------

    def begin(self, settings: Settings) -> Trial:
        """Start a test: a fresh mock, and nothing escapes from now on."""
        real = (self._environ.get(name, "") for name in variables.SECRETS)
        trial = self._trial = Trial(settings, tuple(key for key in real if key))
        self._watch()
        self._point_server()
        return trial

    def end(self, trial: Trial) -> None:
        """End a test: what comes later is nobody's."""
        trial.end()
        if trial.tally.asked:
            self.tally.add(trial.tally)
        self._trial = None
        self._point_server()
        self._unwatch()

    def close(self) -> None:
        """End what was interrupted, and stop guarding."""
        if self._trial is not None:
            self.end(self._trial)
        while self._guarding:
            self._unwatch()

    def escapes(self) -> list[str]:
        """What the guard stopped since this was last asked, each once."""
        stopped = self._guard.escapes
        taken = [stopped.pop(0).message for _ in range(len(stopped))]
        return list(dict.fromkeys(taken))

    def _watch(self) -> None:
        if not self._guarding:
            self._guard.__enter__()
        self._guarding += 1

    def _unwatch(self) -> None:
        self._guarding -= 1
        if not self._guarding:
            self._guard.__exit__(None, None, None)

    # Ways in -----------------------------------------------------------------------

    # They lie there until the test has ended, and `monkeypatch` with it: what a test replaces
    # for itself, on top of them, is put back before they go.

    def intercept(self, trial: Trial) -> StepfunMock:
        """Let the mock of a test answer httpx and httpx2."""
        trial.ways_in.enter_context(self._contexts)
        trial.ways_in.enter_context(Interception(trial.mock, trial.note_passed))
        return trial.mock

    def route(self, trial: Trial) -> "StepfunRouter":
        """Let it answer them through a router of respx."""
        from stepfun_mock.transports.respx import StepfunRouter

        trial.ways_in.enter_context(self._contexts)
        return trial.ways_in.enter_context(StepfunRouter(trial.mock))

    def serves(self, trial: Trial) -> bool:
        """Whether the clients of a test are to ask the server."""
        return self._server is not None and (trial.served or self.held)

    def start_server(self) -> "MockServer":
        """Start the server; the mock of whichever test runs answers on it.

        Raises:
            CannotListenError: the port is taken.
        """
        from stepfun_mock.transports.mockserver import MockServer

        server = MockServer(self._idle, port=self._port)
        server.start()
        self._server = server
        self._point_server()
        return server

    def stop_server(self) -> None:
        """Stop the server."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    @contextmanager
    def holding(self, named: Mapping[str, str]) -> Iterator[None]:
        """Make every test one under the mock, with these variables, whatever it names."""
        self._held = named
        os.environ.update(named)
        self._watch()
        try:
            yield
        finally:
            self._unwatch()
            self._held = {}
            for name in named:
                os.environ.pop(name, None)
                if name in self._environ:
                    os.environ[name] = self._environ[name]

    @property
    def held(self) -> bool:
        """Whether every test is one under the mock."""
        return bool(self._held)

    def hold(self) -> bool:
        """Whether every test is held; sets again what the end of a test has undone.

        A test may ask for the session's server after its own fixtures set the same variables.
        """
        for name, value in self._held.items():
            if os.environ.get(name) == self._environ.get(name):
                os.environ[name] = value
        return self.held

    def _point_server(self) -> None:
        if self._server is not None:
            self._server.mock = self._idle if self._trial is None else self._trial.mock

    def _remedy(self, client: str) -> str:
        if self._server is not None and self._trial is not None and self.serves(self._trial):
            return (
                "the client was made before the fixture or without a base URL; make it within "
                f"the test, and give it {self._server.base_url}"
            )
        return "use the fixture stepfun_server, and give the client its base_url"
