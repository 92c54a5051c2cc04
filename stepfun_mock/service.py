"""The mock itself: one request in, one response out, and everything that a test asks of it.

Knows no socket and no framework, reads no clock of its own and draws on no shared randomness.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterable
from random import Random
from typing import Any, NoReturn

from stepfun_mock import contract, questions, refusals
from stepfun_mock.api import PATH_SHOWN, Api
from stepfun_mock.chaos import WEATHER, Chaos
from stepfun_mock.choices import Choices
from stepfun_mock.clock import Clock
from stepfun_mock.errors import BUG_MESSAGE, RefusedError, to_response
from stepfun_mock.faults import Fault
from stepfun_mock.journal import Entry, Exchange, Journal
from stepfun_mock.keys import blot
from stepfun_mock.limits import Meter
from stepfun_mock.message import Delivery, ImageRequest, Request, Response
from stepfun_mock.script import Script

_log = logging.getLogger("stepfun_mock")

_CORS_HEADERS = (("access-control-allow-origin", "*"),)
_MESSAGE_SHOWN = 512
_NOBODY = Response(503, delivery=Delivery(ending="refused"))
_BUG = to_response(RefusedError(refusals.MOCK_BUG, BUG_MESSAGE))

_Handler = Callable[[Api, Request, Entry], Response]


class StepfunMock:
    """StepFun's image API in this process.

    Args:
        choices: What the documentation leaves open; see `stepfun_mock.Choices`.
        clock: The mock's time, which a test can move.
        random: Draws seeds; a generator of the mock's own, since test libraries re-seed the
            global one.
        secret: Signs picture links; mocks that share it serve each other's links. Without one
            the links of a mock die with it.
        journal: Keeps what was asked and answered.
        hidden: Keys that are never written down, beside those that requests bear and those of
            the choices: real ones, which a test may send by mistake.
        faults: What the first requests meet, in order; see `stepfun_mock.faults`.
        chaos: Makes the chaos that is loose from the start; it is made anew at each `reset`.
    """

    def __init__(
        self,
        *,
        choices: Choices | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
        secret: bytes | None = None,
        journal: Journal | None = None,
        hidden: tuple[str, ...] = (),
        faults: tuple[Fault, ...] = (),
        chaos: Callable[[], Chaos] | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.journal = Journal() if journal is None else journal
        self._random = random or Random(secrets.randbits(256))  # noqa: S311 (seeds of pictures)
        self._secret = secrets.token_bytes(32) if secret is None else secret
        self._script = Script(self.clock.now)
        self._meter = Meter(self.clock)
        self._scripted_at_start = faults
        self._chaos_at_start = chaos
        self._hidden = hidden
        self._watchers: tuple[Callable[[Exchange], None], ...] = ()
        self._on_reset: tuple[Callable[[], None], ...] = ()
        self._made_with = choices or Choices()
        self._use(self._made_with)
        self._begin()

    def __repr__(self) -> str:
        return f"<StepfunMock: {self.journal.total} tried, {self.journal.image_requests} valid>"

    def _begin(self) -> None:
        self._script.add(*self._scripted_at_start)
        if self._chaos_at_start is not None:
            self._script.let_loose(self._chaos_at_start())

    def _use(self, choices: Choices) -> None:
        self.choices = choices
        self._api = Api(
            choices, self._secret, self._random, self._script, self._meter, self._hidden
        )

    # What a test asks and wants ------------------------------------------------

    @property
    def base_url(self) -> str:
        """The base URL of the API that this mock stands for."""
        return contract.BASE_URL

    @property
    def reach(self) -> str:
        """What to do where nothing reached the mock, in a sentence."""
        return (
            f"nothing reached the mock, which answers {self.base_url} in this process: give the "
            "client that base URL; child processes, and clients that are not built on httpx or "
            "httpx2, need the fixture stepfun_server"
        )

    @property
    def api_key(self) -> str:
        """A key that this mock accepts."""
        return next(iter(self.choices.api_keys), "stepfun-mock-key")

    @property
    def requests(self) -> list[ImageRequest]:
        """The valid requests for a picture, oldest first, repeated tries included."""
        return self.journal.requests()

    def assert_requested(self, times: int | None = None, **fields: object) -> None:
        """Assert that a picture was asked for, by valid requests.

        Args:
            times: How many such requests there must be, retries included; None for at least one.
            fields: Values of the request, or objects that decide by `==`, as dirty-equals has
                them. Fields that a client left out have their documented defaults.

        Raises:
            AssertionError: with every request as its differences, the most similar first.
            TypeError: a field that no request has.
            ValueError: `times` is no whole number from 0.
            ForgottenError: the answer lies in entries that the journal no longer keeps.
        """
        __tracebackhide__ = True
        if problem := questions.requested(self.journal, times, fields, self.reach):
            raise AssertionError(problem)

    def assert_not_requested(self) -> None:
        """Assert that nothing asked the mock, not even in vain.

        Raises:
            AssertionError: with what came.
        """
        __tracebackhide__ = True
        if problem := questions.not_requested(self.journal):
            raise AssertionError(problem)

    def script(self, *faults: Fault) -> None:
        """Let the next requests for a picture meet faults, in order; see `stepfun_mock.faults`.

        Raises:
            TypeError: something that is no fault.
        """
        self._script.add(*faults)

    def chaos(self, rate: float, seed: int, among: Iterable[Fault] = WEATHER) -> None:
        """Let requests for a picture that meet no scripted fault meet one at random, from now on.

        The same seed brings the same days: the n-th request for a picture draws the same each
        time. A fault that its request does not allow, such as one of a link where none was asked
        for, leaves it unharmed.

        Args:
            rate: How many of them meet one, from 0, which ends it, to 1.
            seed: Where the randomness starts.
            among: The faults, each as likely as the others; what passes, unless others are given.

        Raises:
            ValueError: a rate out of range, no faults, or one with `times`, `after` or `when`.
            TypeError: something that is no fault.
        """
        chaos = Chaos(rate, seed, among)
        self._script.let_loose(chaos if chaos.rate else None)

    @property
    def waiting(self) -> Script:
        """What waits for requests, for those who show it."""
        return self._script

    def unmet_faults(self) -> list[str]:
        """What was scripted and has not been met as often as it should, in words."""
        return self._script.unmet()

    def choose(self, **changes: Any) -> None:  # noqa: ANN401 (each choice has its own type)
        """Decide something else of what the documentation leaves open, from the next request on.

        A `balance` is what the account has from now on.

        Raises:
            ValueError: an unknown choice, or a value that it does not have.
        """
        self._use(self.choices.changed(**changes))
        if "balance" in changes:
            self._meter.top_up()

    def reset(self) -> None:
        """Forget what was asked, scripted and chosen since the mock was made; real time again."""
        self.journal.clear()
        self.clock.reset()
        self._script.clear()
        self._meter.clear()
        self._begin()
        if self.choices is not self._made_with:
            self._use(self._made_with)
        for forget in self._on_reset:
            forget()

    def watch(
        self, watcher: Callable[[Exchange], None], on_reset: Callable[[], None] | None = None
    ) -> None:
        """Call `watcher` with each exchange from now on, in the thread that answers it.

        Args:
            watcher: Gets each exchange.
            on_reset: Is called when the mock is reset.
        """
        self._watchers = (*self._watchers, watcher)
        if on_reset is not None:
            self._on_reset = (*self._on_reset, on_reset)

    def secrets(self, request: Request) -> tuple[str, ...]:
        """All that must not be written down of a request: its key, and those that are known."""
        return self._api.keys.secrets(request.headers)

    # What a way in asks -----------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answer a request, and write it down. Never raises for what a client sent.

        Raises:
            TypeError: the body is no bytes, which no client can send.
        """
        body: object = request.body
        if not isinstance(body, bytes):
            came = type(body).__name__
            raise TypeError(f"a body is bytes, as from json.dumps(...).encode(), but {came} came")
        if "authorization" not in request.headers or "content-type" not in request.headers:
            # The ways in give names in lower case; those who call by hand may not.
            folded = {name.lower(): value for name, value in request.headers.items()}
            request = request._replace(headers=folded)
        return self._answer(request, Api.answer)

    def refuse(self, request: Request, refused: RefusedError) -> Response:
        """Answer a request with what a transport found wrong with it, and write it down."""

        def raise_it(api: Api, request: Request, entry: Entry) -> NoReturn:
            raise refused

        return self._answer(request, raise_it)

    def _answer(self, request: Request, handler: _Handler) -> Response:
        if self._script.down_until() is not None:
            return _NOBODY
        # One set of choices for the whole of a request, whatever a test chooses meanwhile.
        api, journal = self._api, self.journal
        entry = Entry(0, self.clock.now(), request.method, request.path[:PATH_SHOWN])
        started = time.perf_counter()
        response = _BUG
        try:
            response = self._tried(api, request, entry, handler)
        except Exception:
            entry.refusal, entry.message = refusals.MOCK_BUG.id, BUG_MESSAGE
            _log.exception("stepfun-mock failed")
        finally:
            delivery = response.delivery
            entry.status = 0 if delivery is not None and delivery.silent else response.status
            entry.seconds = time.perf_counter() - started
            journal.add(entry)
        if api.choices.cors:
            response = response._replace(headers=response.headers + _CORS_HEADERS)
        if self._watchers:
            self._show(Exchange(entry, request, response))
        return response

    def _tried(self, api: Api, request: Request, entry: Entry, handler: _Handler) -> Response:
        try:
            return handler(api, request, entry)
        except RefusedError as refused:
            # A path that was answered names a route or a link; only a refused one can hold a key.
            hidden = api.keys.secrets(request.headers)
            entry.path = blot(request.path, hidden)[:PATH_SHOWN]
            message = blot(refused.message, hidden)
            entry.refusal, entry.message = refused.refusal.id, message[:_MESSAGE_SHOWN]
            if refused.parameter is not None:
                entry.parameter = blot(refused.parameter, hidden)
            told = RefusedError(refused.refusal, message, refused.headers, refused.plain)
            told.delivery = refused.delivery
            return to_response(told, description=api.choices.error_description)

    def _show(self, exchange: Exchange) -> None:
        for watcher in self._watchers:
            try:
                watcher(exchange)
            except Exception:
                # Who looks on must not spoil the answer.
                _log.exception("a watcher failed")
