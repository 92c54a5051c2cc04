"""The house: who may import whom, and that importing the package loads no framework."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import stepfun_mock

PACKAGE = Path(stepfun_mock.__file__).parent

# Lowest first. A room may import rooms of its own layer and of those below.
LAYERS = [
    {"terms", "options", "domain", "watchers"},
    {"contract", "message", "clock"},
    {"refusals", "choices", "errors"},
    {"rules"},
    {"body", "content", "values", "images", "links", "keys", "models", "moderation", "matching"},
    {"limits", "pictures"},
    {"validation", "journal", "faults", "replies"},
    {"chaos", "script", "magic", "questions", "advice"},
    {"generation"},
    {"api"},
    {"service", "openapi", "handbook", "requestlog"},
    {"transports"},
    {"inspector", "startup"},
    {"settings", "variables", "tally", "trial"},
    {"config", "verdicts", "suite", "colours", "flags"},
    {"checking"},
    {"cli", "__main__", "pytest_plugin"},
]
FLOOR = {room: floor for floor, rooms in enumerate(LAYERS) for room in rooms}

# Third-party names, and the only rooms that may know them.
HOMES = {
    "uvicorn": {"transports"},
    "httptools": {"transports"},
    "click": {"checking", "cli", "colours", "flags"},
    "httpx": {"transports"},
    "respx": {"transports"},
    "pytest": {"config", "pytest_plugin", "verdicts"},
}


def files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(file: Path) -> str:
    return file.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(file: Path) -> set[str]:
    """The modules that a file imports, wherever in it; those for type checkers included."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "stepfun_mock":
            found |= {f"stepfun_mock.{name.name}" for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are written in full"
            found.add(str(node.module))
    return found


def test_every_room_stands_in_one_layer() -> None:
    rooms = {room_of(file) for file in files()} - {"__init__"}
    assert rooms == set(FLOOR)
    assert sum(map(len, LAYERS)) == len(FLOOR)


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_arrows_point_down(file: Path) -> None:
    if room_of(file) == "__init__":
        return  # it names the public classes of every floor, and imports them when they are used
    for module in imports(file):
        if module.startswith("stepfun_mock."):
            below = module.split(".")[1]
            assert FLOOR[below] <= FLOOR[room_of(file)], f"{file.name} imports {module}"


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_third_party_names_appear_only_where_they_belong(file: Path) -> None:
    for module in imports(file):
        name = module.split(".")[0]
        known = name in sys.stdlib_module_names or name == "stepfun_mock"
        assert known or room_of(file) in HOMES.get(name, set()), f"{file.name} imports {module}"


@pytest.mark.parametrize(
    "file", sorted((PACKAGE / "images").glob("*.py")), ids=lambda file: file.name
)
def test_pictures_need_the_standard_library_and_the_request_alone(file: Path) -> None:
    inside = {name for name in imports(file) if name.startswith("stepfun_mock")}
    assert {name for name in inside if ".images" not in name} <= {"stepfun_mock.message"}


def names_of(file: Path) -> set[str]:
    """Every dotted name that a file uses, such as `time.time`."""
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    return {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_nobody_but_the_clock_asks_for_the_time_and_nobody_for_shared_randomness(
    file: Path,
) -> None:
    # `from random import Random` makes a generator of one's own; the module itself is shared.
    assert not {name for name in names_of(file) if name.startswith("random.")}
    assert "time.time" not in names_of(file) or file.name == "clock.py"
    assert not names_of(file) & {"datetime.now", "datetime.datetime.now", "date.today"}


def test_openapi_reads_the_contract_alone() -> None:
    inside = {name for name in imports(PACKAGE / "openapi.py") if name.startswith("stepfun_mock")}
    assert inside == {
        "stepfun_mock.contract",
        "stepfun_mock.refusals",
        "stepfun_mock.rules",
        "stepfun_mock.terms",
    }


def test_importing_the_package_loads_no_framework() -> None:
    code = (
        "import sys, stepfun_mock; stepfun_mock.StepfunMock;"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {*HOMES, "httpx", "httpx2", "pytest", "asyncio", "PIL"}


def test_what_draws_is_loaded_with_the_first_picture_and_not_with_links() -> None:
    code = """if True:
        import json, sys
        from stepfun_mock import Request, StepfunMock
        mock = StepfunMock()
        body = {"model": "step-image-edit-2", "prompt": "A red fox"}
        headers = {"authorization": "Bearer any-key", "content-type": "application/json"}
        for form in ("url", "b64_json"):
            sent = json.dumps({**body, "response_format": form}).encode()
            request = Request("POST", "/v1/images/generations", headers, sent)
            assert mock.handle(request).status == 200
            print("stepfun_mock.images.scenery" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_every_public_name_is_there() -> None:
    assert all(getattr(stepfun_mock, name).__name__ == name for name in stepfun_mock.__all__)
    assert set(stepfun_mock.__all__) <= set(dir(stepfun_mock))
    assert stepfun_mock.__all__ == sorted(stepfun_mock.__all__)


def test_a_name_that_is_not_there_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError, match="module 'stepfun_mock' has no attribute 'Mock'"):
        stepfun_mock.Mock  # noqa: B018
