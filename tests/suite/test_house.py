"""The house of the suite: who may import whom, and that it ships whole."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import contracts
import stepfun_mock

FOLDER = Path(contracts.__file__).parent
REPOSITORY = Path(stepfun_mock.__file__).parent.parent

# Third-party names, and the only modules that may know them; tests of the suite beside them.
HOMES = {
    "pytest": {"check", "conftest", "order", "ties"},
    "hypothesis": {"check", "generated", "strategies"},
    "httpx": {"carrier"},
    "httpcore": {"carrier", "errand"},
    "PIL": {"evidence.pictures"},
    "jinja2": {"report.page"},
    "markupsafe": {"report.page"},
}
# What says nothing and decides nothing: data, and the words in which a name is unknown.
DATA = {"stepfun_mock.contract", "stepfun_mock.rules", "stepfun_mock.terms"}
# The mock is one of the targets; it judges nothing.
MEETS_THE_MOCK = {"inprocess", "run", "test_door", "test_service", "test_stateful"}


def files() -> list[Path]:
    return sorted(FOLDER.rglob("*.py"))


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(FOLDER).with_suffix("").parts)


def imports(file: Path) -> tuple[set[str], set[str]]:
    """What a file imports: modules of the suite, and absolute names."""
    inside, outside = set(), set()
    package = name_of(file).split(".")[:-1]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            outside |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            outside |= names if node.module == "stepfun_mock" else {str(node.module)}
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
            parent = ".".join(part for part in base if part)
            inside |= {_module(parent, alias.name) for alias in node.names}
    return inside, outside


def _module(parent: str, name: str) -> str:
    longer = f"{parent}.{name}" if parent else name
    is_module = (FOLDER / longer.replace(".", "/")).with_suffix(".py").is_file()
    return longer if is_module else parent


@pytest.mark.parametrize("file", files(), ids=name_of)
def test_third_party_names_appear_only_where_they_belong(file: Path) -> None:
    _, outside = imports(file)
    name = name_of(file)
    for module in outside:
        known = HOMES.get(module.split(".")[0])
        if known is not None:
            assert name in known or name.startswith("test_"), f"{name} imports {module}"


@pytest.mark.parametrize("file", files(), ids=name_of)
def test_the_suite_judges_by_the_written_contract_alone(file: Path) -> None:
    _, outside = imports(file)
    ours = {module for module in outside if module.startswith("stepfun_mock")}
    name = name_of(file)
    if name == "matrix":
        assert ours == {"stepfun_mock.suite"}
    elif name not in MEETS_THE_MOCK:
        assert ours <= DATA, f"{name} imports {ours - DATA}"


@pytest.mark.parametrize("file", files(), ids=name_of)
def test_the_suite_imports_itself_by_relative_names(file: Path) -> None:
    _, outside = imports(file)
    assert not {module for module in outside if module.split(".")[0] in ("contracts", "proof")}


def test_no_module_of_the_suite_imports_in_a_circle() -> None:
    graph = {name_of(file): imports(file)[0] - {""} for file in files()}
    list(TopologicalSorter(graph).static_order())  # raises a CycleError that names the circle


@pytest.mark.parametrize("file", files(), ids=name_of)
def test_modules_stay_small(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= 250


def test_nobody_but_the_clocks_asks_for_the_time() -> None:
    asks = {
        name_of(file)
        for file in files()
        if any(
            ast.unparse(node) == "time.time"
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.Attribute)
        )
    }
    assert asks == {"matrix", "run"}
