"""How pytest runs the suite: what is checked, in which order, and what becomes of what is seen."""

from collections.abc import Iterator

import pytest

from .judge import Judge
from .order import for_pytest
from .run import OPENING, Run
from .ties import MARKERS, generates, marked, probes_of, rules_of
from .verdict import CannotLookError, Finding, Verdict

ONLY_THE_MOCK = "only the mock in this process shows it"

_JUDGE = pytest.StashKey[Judge]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `pytest contracts` name a server."""
    parser.getgroup("stepfun-mock").addoption(
        "--stepfun-target",
        default="mock",
        metavar="TARGET",
        help="The server that the contract suite checks: mock, live or a base URL.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and a run where `check` has not handed one over."""
    for marker, about in MARKERS.items():
        config.addinivalue_line("markers", f"{marker}: {about}")
    if not any(isinstance(plugin, Run) for plugin in config.pluginmanager.get_plugins()):
        config.pluginmanager.register(for_pytest(config.getoption("--stepfun-target")))


def run_of(config: pytest.Config) -> Run:
    """The run that this pytest is for."""
    return next(plugin for plugin in config.pluginmanager.get_plugins() if isinstance(plugin, Run))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was not asked for, and put first what costs nothing."""
    run = run_of(config)
    unasked = {item for item in items if (rules := rules_of(item)) and not _wanted(run, rules)}
    if unasked:
        config.hook.pytest_deselected(items=list(unasked))
        items[:] = [item for item in items if item not in unasked]
    items.sort(key=_cost)
    run.plan.add(OPENING)
    for item in items:
        run.planned |= _wanted(run, rules_of(item))
        if run.mock is None and item.get_closest_marker("on_the_mock"):
            continue
        for mark in marked(item, "asks"):
            counts = (mark.kwargs.get(name, 0) for name in ("fetches", "generates", "drawn"))
            run.plan.add(mark.args, *counts, pictures=mark.kwargs.get("pictures", False))


def _wanted(run: Run, rules: frozenset[str]) -> set[str]:
    return {rule for rule in rules if run.order.wants(rule)}


def _cost(item: pytest.Item) -> int:
    if item.get_closest_marker("late"):
        return 2
    return int(any(probe.draws for probe in probes_of(item)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """See first whether there is anything to look at."""
    if not session.config.option.collectonly and not session.testsfailed:
        run_of(session.config).open()


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Judge:
    """Looks at the target, and says of the test's rules what it found."""
    judge: Judge = request.node.stash[_JUDGE]
    return judge


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    """The run itself: the mock in this process, the waiting."""
    return run_of(request.config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    run = run_of(item.config)
    probes = frozenset(probe.id for probe in probes_of(item))
    name = item.nodeid.rpartition("/")[2]
    item.stash[_JUDGE] = Judge(run.lab, rules_of(item), probes, name, generates(item))
    if item.get_closest_marker("on_the_mock") and run.mock is None:
        for rule in rules_of(item):
            run.shown_by_the_mock.setdefault(rule, name)
        pytest.skip(ONLY_THE_MOCK)
    return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Say of what nobody else has looked at that only the mock shows it."""
    run = run_of(session.config)
    said = {finding.rule for finding in run.findings}
    for rule, test in run.shown_by_the_mock.items():
        if rule not in said and run.order.wants(rule):
            found = Finding(rule, Verdict.NOT_RUN, ONLY_THE_MOCK, test, beyond=True)
            run.findings.append(found)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Turn what was found into pytest's own words: failed where a rule is broken."""
    judge, run = item.stash[_JUDGE], run_of(item.config)
    try:
        result = yield
    except CannotLookError as cannot:
        judge.cannot(cannot)
        if cannot.verdict is Verdict.NOT_RUN:
            pytest.skip(cannot.reason)
        return None
    except Exception as problem:
        # A fault of the suite's own says nothing of the target, and is never green.
        reason = f"the suite itself failed: {type(problem).__name__}: {problem}"
        judge.cannot(CannotLookError(Verdict.INCONCLUSIVE, reason))
        run.mishaps.append(f"{judge.test}: {reason}")
        raise
    finally:
        run.findings += [found for found in judge.findings if run.order.wants(found.rule)]
        run.on_finding()
    broken = [found for found in judge.findings if found.verdict is Verdict.BROKEN]
    if broken:
        pytest.fail("\n".join(f"{found.rule}: {found.text}" for found in broken), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """A test that could not look is an error, and never green."""
    result = yield
    unsure = [
        found for found in item.stash[_JUDGE].findings if found.verdict is Verdict.INCONCLUSIVE
    ]
    if unsure:
        pytest.fail(f"inconclusive: {unsure[0].text}", pytrace=False)
    return result
