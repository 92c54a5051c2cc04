"""The README: its examples run as they stand."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Running, opened
from stepfun_mock import choices, faults
from stepfun_mock.advice import ADVICE
from stepfun_mock.options import OPTIONS
from stepfun_mock.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def text_of(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_first_picture_is_there_within_ten_lines() -> None:
    lines = README.splitlines()
    assert "> picture.png" in "".join(lines[:13])


def test_the_curl_example_saves_a_picture(running: Running, tmp_path: Path) -> None:
    (example,) = [block for block in blocks("bash") if "picture.png" in block]
    here = example.replace("127.0.0.1:8793", f"127.0.0.1:{running.port}")
    subprocess.run(["bash", "-euo", "pipefail", "-c", here], cwd=tmp_path, check=True, timeout=20)
    assert opened((tmp_path / "picture.png").read_bytes()).size == (1024, 1024)


@pytest.mark.parametrize("example", blocks("python"))
def test_python_examples_run(example: str) -> None:
    exec(compile(example, "README.md", "exec"), {})


def test_the_example_with_the_openai_sdk_runs(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = blocks("python skip")
    exec(example.replace("127.0.0.1:8793", f"127.0.0.1:{running.port}"), {})
    url, seed, reason = capsys.readouterr().out.split()
    assert url.startswith(f"{running.root}/image_gen/")
    assert (seed, reason) == ("42", "success")


def test_the_refusal_that_is_shown_is_the_one_that_comes(generate: Callable[..., object]) -> None:
    (example,) = blocks("json")
    response = generate(steps=51)
    assert response.body.decode() == example.strip()  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", ["README.md", "docs/testing.md"])
def test_the_fixtures_that_are_told_of_are_all_that_there_are(page: str) -> None:
    told = set(re.findall(r"`(stepfun_(?:mock|server|server_session|respx))`", text_of(page)))
    assert told == {"stepfun_mock", "stepfun_server", "stepfun_server_session", "stepfun_respx"}


def test_control_calls_are_answered(running: Running) -> None:
    (example,) = [block for block in blocks("bash") if "__stepfun_mock" in block]
    here = example.replace("127.0.0.1:8793", f"127.0.0.1:{running.port}").replace("-s", "-sf")
    subprocess.run(["bash", "-euo", "pipefail", "-c", here], check=True, timeout=20)
    assert running.mock.unmet_faults() == ["overloaded (met 0 of 2 times)"]


def test_the_faults_are_counted_right_and_every_advice_is_told_of() -> None:
    assert f"{len(faults.__all__)} ways in which" in README
    page = text_of("docs/testing.md")
    for habit in ADVICE:
        assert f"| `{habit.id}` | `{habit.rule}` | {habit.about} |" in page


def test_every_setting_is_told_of_with_its_default() -> None:
    page = text_of("docs/testing.md")
    for option in OPTIONS:
        assert f"| `{option.name}` | " in page
        default = getattr(Settings(), option.name, ())
        if default != ():
            shown = "off" if default is False else default
            assert re.search(rf"^\| `{option.name}` \|.*\| `{shown}` \|$", page, re.MULTILINE)


def test_choices_on_the_command_line_are_choices() -> None:
    texts = re.findall(r"--choice (\w+=\S+)", "".join(blocks("bash")))
    assert len(texts) == 6
    choices.Choices.from_texts(texts)


def test_every_link_inside_the_project_leads_somewhere() -> None:
    targets = re.findall(r"\]\(((?!http)[^)#]+)\)", README)
    assert [target for target in targets if not (ROOT / target).exists()] == []
