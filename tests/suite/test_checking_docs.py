"""What is told of `check`: the tables are the command's own, the examples and the action run."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml  # type: ignore[import-untyped]
from proof.conforming import CONFORMING
from proof.faulty import FAULTY, UNSEEN, UNTOLD
from proof.strange import STRANGE

from contracts.matrix import STORMS
from contracts.report.outcome import EXITS
from contracts.report.record import SCHEMA_VERSION
from contracts.run import PLACEHOLDER
from contracts.target import parse
from contracts.verdict import RULE_BY_ID, Verdict
from stepfun_mock import Choices, MockServer, StepfunMock
from stepfun_mock.checking import check
from stepfun_mock.suite import MAX_IMAGES, MAX_REQUESTS

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
PAGE = (ROOT / "docs" / "checking.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
HOUSE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
FLOW = (ROOT / "docs" / "check-workflow.yml").read_text("utf-8")
ACT = (ROOT / "action.yml").read_text("utf-8")
ACTION: dict[str, Any] = yaml.safe_load(ACT)
WORKFLOW: dict[Any, Any] = yaml.safe_load(FLOW)
INPUTS: dict[str, Any] = ACTION["inputs"]
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
KEY = "sk-canary-7Q2x9Zp4LmT8vB1n"
REPORTS = {"report.json", "junit.xml", "index.html"}
PARAMETERS = check.params


def table(heads: str, page: str = PAGE) -> list[list[str]]:
    """The rows of the table that begins with these headings, as cells."""
    found = re.findall(rf"^\| {heads} \|.*\n\|[-|]+\n((?:\|.*\n)+)", page, re.MULTILINE)
    (rows,) = found
    return [[cell.strip() for cell in row[1:-1].split("|")] for row in rows.splitlines()]


def section(title: str, page: str) -> str:
    return page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def blocks(kind: str, page: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def quoted(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def called(*command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with no variables of ours but these."""
    return subprocess.run(
        command,
        cwd=folder,
        env={"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """A server that keeps the contract, and knows its keys."""
    with MockServer(StepfunMock(choices=Choices(api_keys=(KEY,)))) as server:
        yield server.base_url


@pytest.fixture(scope="module")
def report(base_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the example of the README leaves behind."""
    folder = tmp_path_factory.mktemp("readme")
    (example,) = blocks("bash", section("Check a server", README))
    here = example.replace("http://127.0.0.1:8793/v1", base_url)
    given = {"STEP_API_KEY": KEY, "STEPFUN_MOCK_LINK_WAIT": "0"}
    ended = called("bash", "-euo", "pipefail", "-c", here, folder=folder, **given)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "The contract is kept" in ended.stdout
    assert "sent to https://api.stepfun.ai/v1" in ended.stdout
    assert KEY not in ended.stdout + ended.stderr
    return folder / "report"


# The page -----------------------------------------------------------------------------------


def spelled(parameter: click.Parameter) -> list[str]:
    """A parameter as the table has it: flag, variable, default."""
    if isinstance(parameter, click.Argument):
        return [f"`{parameter.human_readable_name}`", f"`{parameter.envvar}`", "`mock`"]
    assert isinstance(parameter, click.Option)
    value = "" if parameter.is_flag else f" {parameter.metavar or 'N'}"
    variable = f"`{parameter.envvar}`" if parameter.envvar else ""
    return [
        f"`{parameter.opts[0]}{value}`",
        variable,
        f"`{parameter.default}`" if parameter.show_default else "",
    ]


def test_the_table_of_flags_is_the_help_of_the_command() -> None:
    in_words = ("all", "none", "by target")
    told = [["" if cell in in_words else cell for cell in row[:3]] for row in table("flag")]
    assert told == [spelled(parameter) for parameter in PARAMETERS]


def test_the_caps_are_those_of_the_suite() -> None:
    defaults = {parameter.name: parameter.default for parameter in PARAMETERS}
    assert (defaults["max_images"], defaults["max_requests"]) == (MAX_IMAGES, MAX_REQUESTS)
    assert f"`--max-images` ({MAX_IMAGES})" in section("Check a server", README)


def test_the_exit_codes_are_those_of_the_reports() -> None:
    told = {int(code.strip("`")): meaning for code, meaning in table("exit code")}
    assert told.pop(2) == "the command line makes no sense; nothing was sent"
    assert told == EXITS
    assert re.findall(r"\b(\d) \w", str(check.help).split("Exit codes:")[1]) == list("0123")


def test_the_verdicts_are_all_that_there_are() -> None:
    assert [word.strip("`") for word, _ in table("verdict")] == list(Verdict)


@pytest.mark.parametrize("page", [PAGE, section("Check a server", README)], ids=["page", "readme"])
def test_every_rule_and_every_flag_that_is_named_exists(page: str) -> None:
    parts = {rule.partition(".")[0] for rule in RULE_BY_ID}
    names = {name for name in quoted(page) if re.fullmatch(r"[a-z_]+(\.[a-z_0-9]+)+", name)}
    rules = {name for name in names if name.partition(".")[0] in parts}
    assert rules <= set(RULE_BY_ID)
    flags = {flag for parameter in PARAMETERS for flag in parameter.opts}
    elsewhere = {"--api-key", "--stepfun-target", "--preserve-status"}  # serve, pytest, timeout
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page)) <= flags | elsewhere


@pytest.mark.parametrize(
    "row", table(r"target \| requests"), ids=lambda row: row[0].strip("`").split("/")[-2:][0]
)
def test_a_run_costs_what_is_told(row: list[str], tmp_path: Path) -> None:
    target = row[0].strip("`")
    requests, pictures, (cost, currency), (worst, _) = (
        int(row[1]),
        int(row[2]),
        row[3].split(),
        row[4].split(),
    )
    price = parse(target).price
    assert price is not None
    assert currency == price.currency
    assert float(cost) == pytest.approx(pictures * price.amount)
    assert float(worst) == pytest.approx(MAX_IMAGES * price.amount)
    planned = called("stepfun-mock", "check", target, "--plan", folder=tmp_path).stdout
    (sums,) = re.findall(r"^(\d+) requests, (\d+) pictures,", planned, re.MULTILINE)
    assert (int(sums[0]), int(sums[1])) == (requests, pictures)
    assert requests <= MAX_REQUESTS
    assert f"cost: {cost} {currency}, at worst {worst} {currency}" in planned
    (minutes,) = re.findall(r"^time: ([\d.]+) minutes", planned, re.MULTILINE)
    assert 0 < int(row[5].removeprefix("about ")) - float(minutes) <= 1


def test_the_figures_in_the_text_are_those_of_the_table() -> None:
    live = table(r"target \| requests")[0]
    dollars = f"{live[2]} pictures for {live[3].split()[0]} US dollars, at worst "
    assert dollars + live[4].split()[0] in section("Check a server", README)
    assert f"draws more than {live[2]}." in PAGE
    assert f"At worst: {MAX_IMAGES} pictures in {MAX_REQUESTS} requests" in PAGE
    assert f"the budget of {MAX_REQUESTS} is spent" in PAGE
    assert f"the stand-in `{PLACEHOLDER}`" in PAGE


def test_only_lines_of_suspicion_are_told_of_as_such(tmp_path: Path) -> None:
    planned = called("stepfun-mock", "check", "live", "--plan", folder=tmp_path).stdout
    spares = re.findall(r"^ +if +picture .*?generations  (\S.*?)  ", planned, re.MULTILINE)
    looks = r"second look$|changed$|left out$"  # a default looks wrong
    assert spares
    for one in spares:
        assert re.search(rf"{looks}|half as many emoji$|its seed again, by link$", one), one


def test_what_cannot_be_seen_is_what_a_good_server_does_not_show(report: Path) -> None:
    rules = json.loads((report / "report.json").read_text("utf-8"))["rules"]
    unseen = {rule["id"] for rule in rules if rule["verdict"] == "not run"}
    told = [quoted(row[0]) for row in table("rule")]
    assert set().union(*told) == unseen
    assert sum(map(len, told)) == len(unseen)


def test_the_reports_are_those_that_are_told_of(report: Path) -> None:
    files = {file.name: file.read_text("utf-8") for file in report.iterdir()}
    assert set(files) == REPORTS == {row[0].strip("`") for row in table("file")}
    assert KEY not in "".join(files.values())
    assert f"`schema_version` is {SCHEMA_VERSION} |" in PAGE


def test_pytest_takes_the_suite_as_is_told() -> None:
    (example,) = [block for block in blocks("bash", PAGE) if block.startswith(".venv/bin/pytest ")]
    given = example.split()[1:]
    ended = called(sys.executable, "-m", "pytest", *given, "-q", "--collect-only", folder=ROOT)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.skipif(shutil.which("timeout") is None, reason="the shell has no timeout")
def test_the_shell_ends_a_run_as_is_told(tmp_path: Path) -> None:
    (example,) = [block for block in blocks("bash", PAGE) if block.startswith("timeout ")]
    (silence,) = [target for target in STRANGE if target.name == "silence"]
    with silence.open() as url:
        here = example.replace("15m", "3").replace(" live ", f" {url} ").split()
        ended = called(*here, folder=tmp_path)
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert {file.name for file in (tmp_path / "report").iterdir()} == REPORTS
    record = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert record["complete"] is False


def test_a_run_without_a_key_writes_its_reports(tmp_path: Path) -> None:
    command = ("stepfun-mock", "check", "https://gateway.invalid/v1", "--report", "report")
    ended = called(*command, folder=tmp_path)
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert {file.name for file in (tmp_path / "report").iterdir()} == REPORTS
    for file in (tmp_path / "report").iterdir():
        assert "no key for" in file.read_text("utf-8"), file.name


def test_the_proof_is_as_large_as_is_told() -> None:
    told = [row[1] for row in table("servers of the proof")]
    counts = [len(FAULTY), len(UNTOLD), len(CONFORMING)]
    assert told == [*map(str, counts), f"{STORMS} runs"]
    assert f"{len(FAULTY)} servers with one fault" in section("Check a server", README)


def test_what_slips_through_is_told() -> None:
    assert {server.name: server.rule for server in UNSEEN} == {
        "key-case-taken": "key.refused",
        "key-shorter-taken": "key.refused",
        "key-unasked-for-models": "key.refused",
    }
    text = " ".join(section("Who checks the check", PAGE).split())
    assert (
        "a server that compares keys without case, takes the beginning of a key for the key, or "
        "lists its models without one;"
    ) in text
    assert "host.international" not in {server.rule for server in FAULTY}


def test_the_first_run_takes_three_lines() -> None:
    assert len(blocks("bash", PAGE)[0].splitlines()) == 3


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(((?!http)[^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
    for page in (PAGE, README):
        headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}
        assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= anchors
    assert "docs/checking.md#flags" in README


def named(heads: str) -> list[str]:
    return [name for row in table(heads, HOUSE) for name in re.findall(r"`([^`]+)`", row[0])]


def test_every_room_of_the_suite_stands_in_the_house() -> None:
    told = named(r"room of `contracts/` \| what is in it")
    folder = ROOT / "contracts"
    rooms = {file.stem for file in folder.glob("*.py") if not file.match("test_*.py")}
    rooms |= {f"{file.parent.name}/" for file in folder.glob("*/__init__.py")} | {"test_*"}
    assert sorted(told) == sorted(rooms - {"__init__"})


def test_every_room_of_the_package_stands_in_the_house() -> None:
    folder = ROOT / "stepfun_mock"
    rooms = {file.stem for file in folder.glob("*.py") if not file.stem.startswith("__")}
    rooms |= {f"{file.parent.name}/" for file in folder.glob("*/__init__.py")}
    assert sorted(named(r"room \| what is in it")) == sorted(rooms)


def test_every_room_of_the_tests_stands_in_the_house() -> None:
    rooms = {f"{file.parent.name}/" for file in (ROOT / "tests").glob("*/__init__.py")}
    assert sorted(named(r"room of `tests/` \| what is in it")) == sorted(rooms)


# The action ---------------------------------------------------------------------------------


def test_the_inputs_and_outputs_are_those_that_are_told_of() -> None:
    told = [(name.strip("`"), default.strip("`")) for name, default, _ in table("input")]
    assert told == [(name, given.get("default", "")) for name, given in INPUTS.items()]
    assert [name.strip("`") for name, _ in table("output")] == list(ACTION["outputs"])
    assert [name for name, given in INPUTS.items() if given.get("required")] == ["target"]


def test_no_script_holds_what_somebody_else_wrote() -> None:
    scripts = [step["run"] for step in STEPS.values() if "run" in step]
    assert len(scripts) == 2
    assert "${{" not in "".join(scripts)


def test_every_input_is_used_and_the_key_once() -> None:
    used = [
        str(value)
        for step in STEPS.values()
        for value in {**step.get("env", {}), **step.get("with", {})}.values()
    ]
    for name in INPUTS:
        assert used.count(f"${{{{ inputs.{name} }}}}") == 1, name
    assert ACT.count("inputs.api-key") == 1


@pytest.mark.parametrize("text", [ACT, FLOW, PAGE], ids=["action", "workflow", "page"])
def test_actions_of_others_are_pinned_to_a_commit(text: str) -> None:
    used = re.findall(r"uses: (.+)$", text, re.MULTILINE)
    others = [one for one in used if one != "OWNER/stepfun-mock@COMMIT"]
    assert others
    for one in others:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)


def resolved(value: str, known: dict[str, str]) -> str:
    return re.sub(r"\$\{\{ (.+?) \}\}", lambda found: known[found[1]], value)


def acted(name: str, folder: Path, known: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the script of a step as the runner does."""
    step, defaults = STEPS[name], {key: given.get("default", "") for key, given in INPUTS.items()}
    known = {f"inputs.{key}": value for key, value in defaults.items()} | known
    script = folder / "script.sh"
    script.write_text(step["run"], "utf-8")
    assert step["shell"] == "bash"
    return called(
        *("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)),
        folder=folder,
        RUNNER_TEMP=str(folder / "temp"),
        GITHUB_OUTPUT=str(folder / "output"),
        GITHUB_ACTION_PATH="/the action/stepfun-mock",
        **{key: resolved(value, known) for key, value in step["env"].items()},
    )


def program(file: Path, script: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}", "utf-8")
    file.chmod(0o755)
    return file


def stand_in(folder: Path, code: int) -> None:
    """Put something in the command's place that writes down how it was called."""
    called_with = "printf '%s\\n' \"$@\" > arguments\nenv > variables\n"
    program(folder / "temp/stepfun-mock/bin/stepfun-mock", f"{called_with}exit {code}\n")


def outputs(folder: Path) -> dict[str, str]:
    lines = (folder / "output").read_text("utf-8").splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


@pytest.mark.parametrize(
    ("version", "package"),
    [("", "/the action/stepfun-mock[check]"), ("0.1.0", "stepfun-mock[check]==0.1.0")],
    ids=["own checkout", "version"],
)
def test_the_action_installs_the_suite_apart(tmp_path: Path, version: str, package: str) -> None:
    program(tmp_path / "pip", "printf '%s\\n' \"$@\" > installed\n")
    # An environment, as far as the action needs one.
    made = 'mkdir -p "$4/bin"\ncp pip "$4/bin/python"\n'
    python = program(tmp_path / "python", f'[ "$1 $2 $3" = "-m venv --clear" ]\n{made}')
    known = {"steps.python.outputs.python-path": str(python), "inputs.version": version}
    ended = acted("Install stepfun-mock", tmp_path, known)
    assert ended.returncode == 0, ended.stderr
    installed = (tmp_path / "installed").read_text("utf-8").splitlines()
    assert installed[:3] == ["-m", "pip", "install"]
    assert installed[-1] == package


@pytest.mark.parametrize(
    ("code", "fail", "verdict", "ended"),
    [
        (0, "false", "kept", 0),
        (1, "false", "broken", 1),
        (2, "false", "error", 2),
        (3, "false", "inconclusive", 0),
        (3, "true", "inconclusive", 3),
        (137, "false", "error", 137),
    ],
)
def test_the_exit_code_becomes_a_verdict(
    tmp_path: Path, code: int, fail: str, verdict: str, ended: int
) -> None:
    stand_in(tmp_path, code)
    known = {"inputs.target": "live", "inputs.fail-on-inconclusive": fail}
    step = acted("Check", tmp_path, known)
    assert step.returncode == ended
    assert outputs(tmp_path) == {"exit-code": str(code), "verdict": verdict}
    assert ("::warning" in step.stdout) == (code == 3 and fail == "false")
    assert f"`{verdict}`" in PAGE


def test_inputs_reach_the_command_as_they_are(tmp_path: Path) -> None:
    stand_in(tmp_path, 0)
    known = {
        "inputs.target": "$(touch owned)",
        "inputs.api-key": KEY,
        "inputs.only": "seed.echo  *\n$(touch owned) --plan",
        "inputs.max-images": "3",
        "inputs.timeout": "7.5",
        "inputs.link-wait": "0; touch owned",
        "inputs.report": "a folder; touch owned",
    }
    step = acted("Check", tmp_path, known)
    assert step.returncode == 0, step.stderr
    assert not (tmp_path / "owned").exists()
    arguments = (tmp_path / "arguments").read_text("utf-8").splitlines()
    rules = ["seed.echo", "*", "$(touch", "owned)", "--plan"]
    assert arguments == ["check", *(f"--only={rule}" for rule in rules)]
    variables = (tmp_path / "variables").read_text("utf-8").splitlines()
    assert {
        "STEPFUN_MOCK_TARGET=$(touch owned)",
        f"STEP_API_KEY={KEY}",
        "STEPFUN_MOCK_API_KEY_ENV=STEP_API_KEY",
        "STEPFUN_MOCK_MAX_IMAGES=3",
        "STEPFUN_MOCK_MAX_REQUESTS=",
        "STEPFUN_MOCK_RATE=",
        "STEPFUN_MOCK_TIMEOUT=7.5",
        "STEPFUN_MOCK_LINK_WAIT=0; touch owned",
        "STEPFUN_MOCK_REPORT=a folder; touch owned",
    } <= set(variables)


def test_every_variable_that_the_action_sets_is_one_of_the_command() -> None:
    known = {parameter.envvar for parameter in PARAMETERS} | {"STEP_API_KEY"}
    mine = {"ONLY", "FAIL_ON_INCONCLUSIVE"}
    assert set(STEPS["Check"]["env"]) - mine <= known


@pytest.mark.parametrize(
    ("key", "masked"),
    [
        (KEY, [f"::add-mask::{KEY}"]),
        ("two%25\nlines-of-a-key", ["::add-mask::two%2525%0Alines-of-a-key"]),
        ("test", []),
        ("", []),
    ],
    ids=["key", "two lines", "placeholder", "none"],
)
def test_the_key_is_masked_before_anything_else_is_said(
    tmp_path: Path, key: str, masked: list[str]
) -> None:
    stand_in(tmp_path, 0)
    step = acted("Check", tmp_path, {"inputs.target": "live", "inputs.api-key": key})
    assert step.stdout.splitlines() == masked


@pytest.mark.parametrize(
    "known",
    [{"inputs.target": ""}, {"inputs.target": "live", "inputs.fail-on-inconclusive": "yes"}],
    ids=["no target", "neither true nor false"],
)
def test_inputs_that_make_no_sense_cost_nothing(tmp_path: Path, known: dict[str, str]) -> None:
    stand_in(tmp_path, 0)
    step = acted("Check", tmp_path, known)
    assert (step.returncode, outputs(tmp_path)["verdict"]) == (2, "error")
    assert step.stdout.startswith("::error ")
    assert not (tmp_path / "arguments").exists()


def test_the_action_checks_a_server(tmp_path: Path, base_url: str) -> None:
    there = tmp_path / "temp/stepfun-mock/bin"
    there.mkdir(parents=True)
    (there / "stepfun-mock").symlink_to(BIN / "stepfun-mock")
    known = {"inputs.target": base_url, "inputs.api-key": KEY, "inputs.link-wait": "0"}
    step = acted("Check", tmp_path, known)
    assert step.returncode == 0, step.stdout + step.stderr
    assert outputs(tmp_path) == {"exit-code": "0", "verdict": "kept"}
    assert (tmp_path / INPUTS["report"]["default"] / "index.html").is_file()
    assert step.stdout.count(KEY) == 1  # the line that masks it
    # A server that takes no such key cannot be judged.
    step = acted("Check", tmp_path, {**known, "inputs.api-key": "sk-of-somebody-else"})
    assert step.returncode == 0
    assert (tmp_path / "output").read_text("utf-8").endswith("verdict=inconclusive\n")


# The workflow -------------------------------------------------------------------------------


def test_the_workflow_never_runs_on_what_strangers_send() -> None:
    assert set(WORKFLOW[True]) == {"schedule", "workflow_dispatch"}  # YAML takes `on` for true
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is False
    assert WORKFLOW["jobs"]["check"]["timeout-minutes"] <= 60


def test_the_examples_of_the_action_use_inputs_that_exist_and_upload_the_report() -> None:
    (snippet,) = [yaml.safe_load(block) for block in blocks("yaml", PAGE)]
    for checked, upload in (snippet, WORKFLOW["jobs"]["check"]["steps"]):
        assert set(checked["with"]) <= set(INPUTS)
        assert checked["with"]["api-key"] == "${{ secrets.STEP_API_KEY }}"
        assert upload["if"] == "${{ always() }}"
        assert upload["with"]["path"] in ("stepfun-check", "${{ steps.check.outputs.report }}")
