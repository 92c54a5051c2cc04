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
    from collections.abc import Generator, Iterator

    from stepfun_mock.service import StepfunMock
    from stepfun_mock.tally import Tally
    from stepfun_mock.transports.mockserver import MockServer
    from stepfun_mock.transports.respx import StepfunRouter
    from stepfun_mock.trial import Session, Trial

_MARKER = (
    "stepfun(**settings): set up the stepfun fixtures of a test: any choice of the mock, as in "
    "link_life=60, and advice, ignore_advice, unmet_faults, openai_variables"
)

_ITEM: pytest.StashKey[pytest.Item] = pytest.StashKey()
_SESSION: pytest.StashKey[Session] = pytest.StashKey()
_TRIAL: pytest.StashKey[Trial] = pytest.StashKey()
_TALLY: pytest.StashKey[Tally] = pytest.StashKey()


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
def stepfun_mock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> StepfunMock:
    """StepFun's image API in this process, under httpx, httpx2 and the openai SDK.

    A fresh mock answers requests to api.stepfun.ai and api.stepfun.com; all others go on as
    before.
    """
    _after_others(request)
    return _session_of(request.config).intercept(_in_process(request))


@pytest.fixture
def stepfun_respx(
    request: pytest.FixtureRequest,
) -> StepfunRouter:
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
    session = config.stash.get(_SESSION, None)
    if session is None:
        from stepfun_mock.config import settings_of
        from stepfun_mock.trial import Session

        session = config.stash[_SESSION] = Session(settings_of(config).port)
    return session


def _begin(item: pytest.Item) -> Trial:
    """What all fixtures of a test share, begun where it was not; `pytest_plugin` ends it."""
    trial = item.stash.get(_TRIAL, None)
    if trial is None:
        from stepfun_mock.config import settings_of

        settings = settings_of(item.config, item)
        trial = item.stash[_TRIAL] = _session_of(item.config).begin(settings)
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


# Before and after each test --------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse markers that say what there is not, and begin where the session's server is there."""
    item.config.stash[_ITEM] = item
    if next(item.iter_markers("stepfun"), None) is not None:
        from stepfun_mock.config import marked

        try:
            marked(item)  # on tests without a fixture too
        except ValueError as refused:
            raise _sentence(refused) from None
    session = item.config.stash.get(_SESSION, None)
    if session is not None and session.hold():
        _begin(item)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Judge a test that passed, explain one that did not."""
    try:
        result = yield
    except (pytest.skip.Exception, pytest.xfail.Exception):
        raise  # nobody reads what is said of it; the teardown tells of escapes
    except BaseException as problem:
        _explain(item, "call", problem)
        raise
    trial = item.stash.get(_TRIAL, None)
    if trial is not None:
        from stepfun_mock.verdicts import judge

        judge(item, item.config.stash[_SESSION], trial, StepfunAdviceWarning)
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """End the test's trial; what escaped and was not told yet fails it."""
    trial = item.stash.get(_TRIAL, None)
    try:
        result = yield
    except BaseException as problem:
        _end(item)
        _explain(item, "teardown", problem)
        raise
    _end(item)
    session = item.config.stash.get(_SESSION, None)
    if session is not None and (trial is not None or session.held):
        from stepfun_mock.verdicts import fail, may_fail

        fail([] if may_fail(item) else session.escapes())
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Explain a setup that failed; fail a test that expects to, where something escaped."""
    problem = call.excinfo.value if call.excinfo is not None and call.when == "setup" else None
    if problem is not None and not isinstance(problem, pytest.skip.Exception):
        _explain(item, "setup", problem)
    report = yield
    if problem is not None:
        from stepfun_mock.verdicts import hint_at_scope

        hint_at_scope(report, problem)
    session = item.config.stash.get(_SESSION, None)
    if session is not None and call.when == "teardown":
        from stepfun_mock.verdicts import fail_in_spite, may_fail

        fail_in_spite(report, session.escapes() if may_fail(item) else [])
    return report


def _explain(item: pytest.Item, when: str, problem: BaseException) -> None:
    session = item.config.stash.get(_SESSION, None)
    if session is not None:
        from stepfun_mock.verdicts import explain

        explain(item, when, problem, session, item.stash.get(_TRIAL, None))


def _end(item: pytest.Item) -> None:
    trial = item.stash.get(_TRIAL, None)
    if trial is not None:
        del item.stash[_TRIAL]
        item.config.stash[_SESSION].end(trial)


# What a run says -------------------------------------------------------------------


def pytest_report_header(config: pytest.Config) -> str:
    """One line: which version, and what is set."""
    plugins = config.pluginmanager.list_plugin_distinfo()
    versions = [dist.version for _, dist in plugins if dist.project_name == "stepfun-mock"]
    version = versions[0] if versions else "loaded by -p"
    names = _given(config)
    return f"stepfun-mock: {version}" + (f", with {', '.join(names)} set" if names else "")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave nothing behind, and hand on what was counted where xdist has several processes."""
    mine = session.config.stash.get(_SESSION, None)
    if mine is None:
        return
    mine.close()  # a test that was interrupted has no teardown of ours
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
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
