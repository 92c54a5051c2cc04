"""The pytest plugin: fixtures that put the mock under a test's clients.

Imports pytest alone when it is loaded; everything else waits for a test that uses it.
"""

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from stepfun_mock.options import OPTIONS, Option

if TYPE_CHECKING:
    from stepfun_mock.service import StepfunMock
    from stepfun_mock.settings import Settings, Values
    from stepfun_mock.tally import Tally
    from stepfun_mock.transports.mockserver import MockServer
    from stepfun_mock.transports.respx import StepfunRouter
    from stepfun_mock.trial import Session, Trial

_MARKER = (
    "stepfun(**settings): set up the stepfun fixtures of a test: any choice of the mock, as in "
    "link_life=60, and advice, ignore_advice, unmet_faults, openai_variables"
)
_SCOPE_HINT = (
    "stepfun_mock, stepfun_respx and stepfun_server serve one test each; a fixture of a wider "
    "scope takes stepfun_server_session, whose server runs as long as pytest does"
)
SECTION = "stepfun-mock"
"""The heading under which reports show what the mock has to say."""

TRIAL: pytest.StashKey["Trial"] = pytest.StashKey()
_ITEM: pytest.StashKey[pytest.Item] = pytest.StashKey()
_SESSION: pytest.StashKey["Session"] = pytest.StashKey()
_TALLY: pytest.StashKey["Tally"] = pytest.StashKey()


class StepfunAdviceWarning(UserWarning):
    """The code under test did what works against the mock and hurts in life."""


# Settings ------------------------------------------------------------------------


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
    if not any(_given(config, option) for option in OPTIONS):
        return
    try:
        _settings(config)
    except ValueError as problem:
        raise pytest.UsageError(str(problem)) from None


def _given(config: pytest.Config, option: Option) -> bool:
    sources = (config.getoption(option.ini), config.getini(option.ini))
    return any(one not in (None, []) for one in sources) or option.variable in os.environ


def _settings(config: pytest.Config, item: pytest.Item | None = None) -> "Settings":
    from stepfun_mock import settings

    return settings.merged(
        settings.from_options(lambda one: one.flag, lambda one: config.getoption(one.ini)),
        _marked(item),
        settings.from_environment(os.environ),
        settings.from_options(lambda one: one.ini, lambda one: config.getini(one.ini)),
    )


def _marked(item: pytest.Item | None) -> "Values":
    """What the markers of a test say, the closest first."""
    nodes = reversed(item.listchain()) if item else ()
    # Of one node the last: a case's own after its function's, a class's after its base's.
    own = [mark for node in nodes for mark in reversed(node.own_markers)]
    markers = [mark for mark in own if mark.name == "stepfun"]
    if not markers:
        return {}
    from stepfun_mock.settings import from_marker, together

    return together(*(from_marker(marker.args, marker.kwargs) for marker in markers))


# Fixtures ------------------------------------------------------------------------


@pytest.fixture
def stepfun_mock(
    request: pytest.FixtureRequest, _stepfun_trial: "Trial", monkeypatch: pytest.MonkeyPatch
) -> "Iterator[StepfunMock]":
    """StepFun's image API in this process, under httpx, httpx2 and the openai SDK.

    A fresh mock answers requests to api.stepfun.ai and api.stepfun.com; all others go on as
    before.
    """
    _after_others(request)
    _set_base_url(_stepfun_trial, monkeypatch, _stepfun_trial.mock.base_url)
    with _session(request.config).intercepted(_stepfun_trial) as mock:
        yield mock


@pytest.fixture
def stepfun_respx(
    request: pytest.FixtureRequest, _stepfun_trial: "Trial", monkeypatch: pytest.MonkeyPatch
) -> "Iterator[StepfunRouter]":
    """The same as a router of respx, with the routes `generations`, `models` and `picture`.

    `stepfun_respx.mock` is what answers; `stepfun_mock` is the same.
    """
    _after_others(request, "stepfun_mock")
    _set_base_url(_stepfun_trial, monkeypatch, _stepfun_trial.mock.base_url)
    with _session(request.config).routed(_stepfun_trial) as router:
        yield router


@pytest.fixture
def stepfun_server(
    _stepfun_engine: "MockServer", _stepfun_trial: "Trial", monkeypatch: pytest.MonkeyPatch
) -> "MockServer":
    """StepFun's image API on a port of this machine, with a clean state for each test.

    The first test that wants it starts it, and it runs until pytest ends; clients take its
    `base_url`.
    """
    _stepfun_trial.served = True
    _set_base_url(_stepfun_trial, monkeypatch, _stepfun_engine.base_url)
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
    settings, base_url = _settings(config), _stepfun_engine.base_url
    named = variables.of_keys(settings, _stepfun_engine.api_key, os.environ)
    named |= variables.of_base_url(settings, base_url, os.environ, served=True)
    with _session(config).holding(named):
        _begin(config.stash[_ITEM])
        yield _stepfun_engine


@pytest.fixture(scope="session")
def _stepfun_engine(request: pytest.FixtureRequest) -> "Iterator[MockServer]":
    session = _session(request.config)
    try:
        server = session.start_server()
    except OSError as taken:
        raise _sentence(taken) from None
    yield server
    session.stop_server()


@pytest.fixture
def _stepfun_trial(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> "Trial":
    """What all fixtures of one test share."""
    from stepfun_mock import variables

    trial = _begin(request.node)
    # By the fixture that tests use themselves, so that whoever sets a variable last is undone
    # first.
    _set(monkeypatch, variables.of_keys(trial.settings, trial.mock.api_key, os.environ))
    return trial


def _after_others(request: pytest.FixtureRequest, *more: str) -> None:
    """Set up the test's other mocks first, since what comes later lies above them."""
    for name in ("httpx_mock", "httpx2_mock", *more):
        if name in request.fixturenames:
            request.getfixturevalue(name)


def _set_base_url(trial: "Trial", monkeypatch: pytest.MonkeyPatch, base_url: str) -> None:
    from stepfun_mock import variables

    if trial.served and base_url == trial.mock.base_url:
        return  # a server's address reaches the mock from more clients than its own does
    named = variables.of_base_url(trial.settings, base_url, os.environ, served=trial.served)
    _set(monkeypatch, named)


def _set(patch: pytest.MonkeyPatch, named: dict[str, str]) -> None:
    for name, value in named.items():
        patch.setenv(name, value)


# Tests under the mock --------------------------------------------------------------


def _session(config: pytest.Config) -> "Session":
    session = config.stash.get(_SESSION, None)
    if session is None:
        from stepfun_mock.trial import Session
        from stepfun_mock.verdicts import Verdicts

        session = config.stash[_SESSION] = Session(_settings(config).port)
        config.pluginmanager.register(Verdicts(session, _begin), "stepfun-mock-verdicts")
    return session


def _begin(item: pytest.Item) -> "Trial":
    """The trial of a test, begun where it was not."""
    trial = item.stash.get(TRIAL, None)
    if trial is None:
        trial = item.stash[TRIAL] = _session(item.config).begin(_settings(item.config, item))
    return trial


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse markers that say what there is not, on tests without a fixture too."""
    item.config.stash[_ITEM] = item
    try:
        _marked(item)
    except ValueError as refused:
        raise _sentence(refused) from None


def _sentence(problem: Exception) -> BaseException:
    """A failure that shows the sentence of a problem, and not our insides."""
    return pytest.fail.Exception(str(problem), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[Any],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say what to do where a fixture of a test is wanted by one of a wider scope."""
    report = yield
    if report.failed and call.when == "setup" and call.excinfo is not None:
        text = str(call.excinfo.value)
        if "ScopeMismatch" in text and "stepfun_" in text:
            report.sections.append((SECTION, _SCOPE_HINT))
    return report


# What a run says -------------------------------------------------------------------


def pytest_report_header(config: pytest.Config) -> str:
    """One line: which version, and what is not as by default."""
    plugins = config.pluginmanager.list_plugin_distinfo()
    versions = [dist.version for _, dist in plugins if dist.project_name == "stepfun-mock"]
    version = versions[0] if versions else "loaded by -p"
    given = [option.name for option in OPTIONS if _given(config, option)]
    return f"stepfun-mock: {version}" + (f", with {', '.join(given)} set" if given else "")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what was counted to the process that reports, where xdist has several."""
    output = getattr(session.config, "workeroutput", None)
    mine = session.config.stash.get(_SESSION, None)
    if output is not None and mine is not None:
        tally = mine.tally
        output["stepfun_mock"] = (tally.tests, tally.asked, tally.drawn, tally.costs)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 (of xdist, which may not be there)
    """Take what a worker counted."""
    counted = getattr(node, "workeroutput", {}).get("stepfun_mock")
    if counted:
        from stepfun_mock.tally import Tally

        total = node.config.stash.setdefault(_TALLY, Tally())
        total.add(Tally(*counted))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:  # noqa: ANN401
    """One line: the pictures asked for, and what they would have cost live."""
    session = config.stash.get(_SESSION, None)
    tally = session.tally if session is not None else config.stash.get(_TALLY, None)
    if tally is not None and tally.asked and config.get_verbosity() >= 0:
        terminalreporter.write_line(f"stepfun-mock: {tally}")
