"""The fixtures: what a test asks for by name."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from stepfun_mock.config import settings_of

if TYPE_CHECKING:
    from stepfun_mock.service import StepfunMock
    from stepfun_mock.transports.mockserver import MockServer
    from stepfun_mock.transports.respx import StepfunRouter
    from stepfun_mock.trial import Session, Trial

ITEM: pytest.StashKey[pytest.Item] = pytest.StashKey()
SESSION: pytest.StashKey["Session"] = pytest.StashKey()
TRIAL: pytest.StashKey["Trial"] = pytest.StashKey()


@pytest.fixture
def stepfun_mock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> "StepfunMock":
    """StepFun's image API in this process, under httpx, httpx2 and the openai SDK.

    A fresh mock answers requests to api.stepfun.ai and api.stepfun.com; all others go on as
    before.
    """
    _after_others(request)
    return session_of(request.config).intercept(_in_process(request))


@pytest.fixture
def stepfun_respx(
    request: pytest.FixtureRequest,
) -> "StepfunRouter":
    """The same as a router of respx, with the routes `generations`, `models` and `picture`.

    `stepfun_respx.mock` is what answers; `stepfun_mock` is the same.
    """
    _after_others(request, "stepfun_mock")
    return session_of(request.config).route(_in_process(request))


@pytest.fixture
def stepfun_server(request: pytest.FixtureRequest, _stepfun_engine: "MockServer") -> "MockServer":
    """StepFun's image API on a port of this machine, with a clean state for each test.

    The first test that wants it starts it, and it runs until pytest ends; clients take its
    `base_url`.
    """
    trial = begin(request.node)
    trial.hide_keys()
    trial.served = True
    trial.set_base_url(_stepfun_engine.base_url)
    return _stepfun_engine


@pytest.fixture(scope="session")
def stepfun_server_session(
    request: pytest.FixtureRequest, _stepfun_engine: "MockServer"
) -> "Iterator[MockServer]":
    """The server of `stepfun_server`, for applications that are started once.

    Once it is there every test has a clean state of its own, whether it names a fixture or not.
    """
    from stepfun_mock import variables

    config = request.config
    settings, base_url = settings_of(config), _stepfun_engine.base_url
    named = variables.of_keys(settings, _stepfun_engine.api_key, os.environ)
    named |= variables.of_base_url(settings, base_url, os.environ, served=True)
    with session_of(config).holding(named):
        begin(config.stash[ITEM])
        yield _stepfun_engine


@pytest.fixture(scope="session")
def _stepfun_engine(request: pytest.FixtureRequest) -> "Iterator[MockServer]":
    session = session_of(request.config)
    try:
        server = session.start_server()
    except OSError as taken:
        raise sentence(taken) from None
    yield server
    session.stop_server()


def session_of(config: pytest.Config) -> "Session":
    """What outlives a test, made by the first that needs it."""
    session = config.stash.get(SESSION, None)
    if session is None:
        from stepfun_mock.trial import Session

        session = config.stash[SESSION] = Session(settings_of(config).port)
    return session


def begin(item: pytest.Item) -> "Trial":
    """What all fixtures of a test share, begun where it was not; `pytest_plugin` ends it."""
    trial = item.stash.get(TRIAL, None)
    if trial is None:
        settings = settings_of(item.config, item)
        trial = item.stash[TRIAL] = session_of(item.config).begin(settings)
    return trial


def sentence(problem: Exception) -> BaseException:
    """A failure that shows the sentence of a problem, and not our insides."""
    return pytest.fail.Exception(str(problem), pytrace=False)


def _after_others(request: pytest.FixtureRequest, *more: str) -> None:
    """Set up the test's other mocks first, since what comes later lies above them."""
    for name in ("httpx_mock", "httpx2_mock", *more):
        if name in request.fixturenames:
            request.getfixturevalue(name)


def _in_process(request: pytest.FixtureRequest) -> "Trial":
    trial = begin(request.node)
    trial.hide_keys()
    if not session_of(request.config).serves(trial):
        trial.set_base_url(trial.mock.base_url)
    return trial
