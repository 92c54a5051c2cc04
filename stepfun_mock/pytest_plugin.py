"""The pytest plugin: the fixtures, and what is done before and after each test.

Every run of pytest loads this, so it imports nothing but pytest and a small table; everything
else waits for a test that uses it.
"""

from __future__ import annotations  # to evaluate them takes a tenth of the time to load

import os
from typing import TYPE_CHECKING, Any

import pytest

from stepfun_mock.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stepfun_mock.service import StepfunMock
    from stepfun_mock.transports.mockserver import MockServer
    from stepfun_mock.transports.respx import StepfunRouter
    from stepfun_mock.trial import Session, Trial
    from stepfun_mock.verdicts import Verdicts

_MARKER = (
    "stepfun(**settings): set up the stepfun fixtures of a test: any choice of the mock, as in "
    "link_life=60, and advice, ignore_advice, unmet_faults, openai_variables"
)

_ITEM: pytest.StashKey[pytest.Item] = pytest.StashKey()
_VERDICTS = "stepfun-mock-verdicts"


class StepfunAdviceWarning(UserWarning):
    """The code under test did what works against the mock and hurts in life."""


# Settings --------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flags, and the keys of the ini file."""
    group = parser.getgroup("stepfun-mock")
    for option in OPTIONS:
        action, kind = ("append", "linelist") if option.many else ("store", "string")
        about = f"{option.about} (variable {option.variable}, ini {option.ini})"
        group.addoption(
            option.flag, dest=option.ini, action=action, metavar=option.metavar, help=about
        )
        parser.addini(option.ini, option.about, type=kind, default=None)  # type: ignore[arg-type]


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and refuse settings that there are not."""
    config.addinivalue_line("markers", _MARKER)
    if _given(config):
        from stepfun_mock.config import settings_of

        try:
            settings_of(config)
        except ValueError as problem:
            raise pytest.UsageError(str(problem)) from None


def _given(config: pytest.Config) -> list[str]:
    """The names of the settings that the run sets, wherever."""
    return [
        option.name
        for option in OPTIONS
        if config.getoption(option.ini) not in (None, [])
        or config.getini(option.ini) not in (None, [])
        or option.variable in os.environ
    ]


# Fixtures --------------------------------------------------------------------------


@pytest.fixture
def stepfun_mock(request: pytest.FixtureRequest) -> StepfunMock:
    """StepFun's image API in this process, under httpx, httpx2 and the openai SDK.

    A fresh mock answers requests to api.stepfun.ai and api.stepfun.com; all others go on as
    before.
    """
    _after_others(request)
    return _session_of(request.config).intercept(_in_process(request))


@pytest.fixture
def stepfun_respx(request: pytest.FixtureRequest) -> StepfunRouter:
    """The same as a router of respx, with the routes `generations`, `models` and `picture`.

    `stepfun_respx.mock` is what answers; `stepfun_mock` is the same.
    """
    _after_others(request, "stepfun_mock")
    return _session_of(request.config).route(_in_process(request))


@pytest.fixture
def stepfun_server(request: pytest.FixtureRequest, _stepfun_engine: MockServer) -> MockServer:
    """StepFun's image API on a port of this machine, with a clean state for each test.

    The first test that wants it starts it, and it runs until pytest ends; clients take its
    `base_url`.
    """
    trial = _begin(request.node)
    trial.hide_keys()
    trial.served = True
    trial.set_base_url(_stepfun_engine.base_url)
    return _stepfun_engine


@pytest.fixture(scope="session")
def stepfun_server_session(
    request: pytest.FixtureRequest, _stepfun_engine: MockServer
) -> Iterator[MockServer]:
    """The server of `stepfun_server`, for applications that are started once.

    Once it is there every test has a clean state of its own, whether it names a fixture or not.
    """
    from stepfun_mock import variables
    from stepfun_mock.config import settings_of

    config = request.config
    settings, base_url = settings_of(config), _stepfun_engine.base_url
    named = variables.of_keys(settings, _stepfun_engine.api_key, os.environ)
    named |= variables.of_base_url(settings, base_url, os.environ, served=True)
    with _session_of(config).holding(named):
        _begin(config.stash[_ITEM])
        yield _stepfun_engine


@pytest.fixture(scope="session")
def _stepfun_engine(request: pytest.FixtureRequest) -> Iterator[MockServer]:
    session = _session_of(request.config)
    try:
        server = session.start_server()
    except OSError as taken:
        raise _sentence(taken) from None
    yield server
    session.stop_server()


def _session_of(config: pytest.Config) -> Session:
    """What outlives a test, made by the first that needs it."""
    from stepfun_mock.verdicts import SESSION

    session = config.stash.get(SESSION, None)
    if session is None:
        from stepfun_mock.config import settings_of
        from stepfun_mock.trial import Session

        session = config.stash[SESSION] = Session(settings_of(config).port)
        _judges(config)
    return session


def _begin(item: pytest.Item) -> Trial:
    """What all fixtures of a test share, begun where it was not; the verdicts end it."""
    from stepfun_mock.verdicts import TRIAL

    trial = item.stash.get(TRIAL, None)
    if trial is None:
        from stepfun_mock.config import settings_of

        settings = settings_of(item.config, item)
        trial = item.stash[TRIAL] = _session_of(item.config).begin(settings)
    return trial


def _sentence(problem: Exception) -> BaseException:
    """A failure that shows the sentence of a problem, and not our insides."""
    return pytest.fail.Exception(str(problem), pytrace=False)


def _after_others(request: pytest.FixtureRequest, *more: str) -> None:
    """Set up the test's other mocks first, since what comes later lies above them."""
    for name in ("httpx_mock", "httpx2_mock", *more):
        if name in request.fixturenames:
            request.getfixturevalue(name)


def _in_process(request: pytest.FixtureRequest) -> Trial:
    trial = _begin(request.node)
    trial.hide_keys()
    if not _session_of(request.config).serves(trial):
        trial.set_base_url(trial.mock.base_url)
    return trial


# What is left to others ------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse markers that say what there is not; see to it that tests that may use us are judged.

    A function that asks for a fixture late does so by `request`; a doctest by means of its own.
    """
    item.config.stash[_ITEM] = item
    if next(item.iter_markers("stepfun"), None) is not None:
        from stepfun_mock.config import marked

        try:
            marked(item)  # on tests without a fixture too
        except ValueError as refused:
            raise _sentence(refused) from None
    names = item.fixturenames if isinstance(item, pytest.Function) else ("request",)
    for name in names:
        if name == "request" or name.startswith("stepfun_"):
            _judges(item.config)
            break
    if item.config.pluginmanager.has_plugin(_VERDICTS):
        from stepfun_mock.verdicts import SESSION

        if SESSION in item.config.stash and item.config.stash[SESSION].hold():
            _begin(item)


def _judges(config: pytest.Config) -> Verdicts:
    verdicts = config.pluginmanager.get_plugin(_VERDICTS)
    if verdicts is None:
        from stepfun_mock.verdicts import Verdicts

        verdicts = Verdicts(StepfunAdviceWarning)
        config.pluginmanager.register(verdicts, _VERDICTS)
    return verdicts


def pytest_report_header(config: pytest.Config) -> str:
    """One line: which version, and what is set."""
    plugins = config.pluginmanager.list_plugin_distinfo()
    versions = [dist.version for _, dist in plugins if dist.project_name == "stepfun-mock"]
    version = versions[0] if versions else "loaded by -p"
    names = _given(config)
    return f"stepfun-mock: {version}" + (f", with {', '.join(names)} set" if names else "")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 (of xdist, which may not be there)
    """Take what a worker of xdist counted."""
    counted = getattr(node, "workeroutput", {}).get("stepfun_mock")
    if counted:
        _judges(node.config).add(counted)
