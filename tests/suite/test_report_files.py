"""Reports are written whole, cleaned once more, and while a run lasts."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from contracts.report import files
from contracts.report.files import Partial, as_json, write_all, written
from contracts.report.github import annotations, summary
from contracts.report.junit import junit
from contracts.report.page import page
from contracts.report.record import SCHEMA_FILE
from contracts.report.terminal import table
from contracts.run import Run
from suite.hostile import hostile, secrets_in
from suite.runs import (
    CANARY,
    REFUSED,
    a_run,
    all_hold,
    broken,
    drawn,
    holds,
    png,
    unpainted,
    with_pictures,
)

ROOT = Path(__file__).parents[2]


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def told_by(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "report.json").read_text("utf-8"))
    return found


def test_three_files_are_written_into_a_folder_that_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "report"
    write_all(with_pictures(drawn(png())), folder, complete=True)
    assert {path.name for path in folder.iterdir()} == {"report.json", "junit.xml", "index.html"}
    assert told_by(folder)["complete"] is True
    assert ET.parse(folder / "junit.xml").getroot().tag == "testsuites"
    assert (folder / "index.html").read_text("utf-8").startswith("<!doctype html>\n")


def test_a_hostile_server_leaves_no_key_in_any_file(tmp_path: Path) -> None:
    run = hostile()
    write_all(run, tmp_path, complete=not run.mishaps)
    for path in tmp_path.iterdir():
        data = path.read_bytes()
        assert secrets_in(data.decode()) == [], path.name
        assert b"\x1b" not in data
        assert "\u202e".encode() not in data
    found = told_by(tmp_path)
    Draft202012Validator(json.loads(SCHEMA_FILE.read_text("utf-8"))).validate(found)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 600_000


def test_a_key_in_the_base_url_is_found_nowhere(tmp_path: Path) -> None:
    run = a_run(
        REFUSED,
        base_url=f"https://elsewhere.example/{CANARY}/v1",
        findings=[broken("n.type", "so", 1)],
    )
    write_all(run, tmp_path, complete=True)
    told = [path.read_text("utf-8") for path in tmp_path.iterdir()]
    told += [table(run, 100, unpainted), summary(run), *annotations(run)]
    told += [page(run, complete=True), junit(run, complete=True), as_json(run, complete=True)]
    for text in told:
        assert secrets_in(text.replace("\\", "")) == []


def test_json_keeps_what_came_and_prints_as_nothing_else() -> None:
    run = a_run(REFUSED, findings=[broken("n.type", "\x1b[2J \x9b \u202e \u2028 \ud800 茶 é", 1)])
    text = as_json(run, complete=True)
    assert "\\u001b[2J \\u009b \\u202e \\u2028 \\ud800 茶 é" in text
    rules = {rule["id"]: rule for rule in json.loads(text)["rules"]}
    assert rules["n.type"]["findings"][0]["text"] == "\x1b[2J \x9b \u202e \u2028 \ud800 茶 é"


def test_whatever_is_written_is_cleaned_once_more(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    written(a_run(), path, f"{CANARY} https://a.b/?sig=1 \ud800\r\n")
    assert path.read_bytes() == b"*** https://a.b/?sig=*** \\ud800\r\n"


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    written(a_run(), path, "old")

    def fail(self: Path, target: Path) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no space left"):
        written(a_run(), path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_partial_report_says_that_it_is_one(tmp_path: Path) -> None:
    Partial(a_run(REFUSED, findings=all_hold()), tmp_path).update()
    assert {path.name for path in tmp_path.iterdir()} == {"report.json", "index.html"}
    found = told_by(tmp_path)
    assert (found["complete"], found["exit_code"], found["finished"]) == (False, 3, None)
    assert "The run has not ended" in (tmp_path / "index.html").read_text("utf-8")


def test_a_partial_report_is_written_at_most_once_a_second(tmp_path: Path) -> None:
    run, watch = a_run(findings=[holds("n.type")]), Watch()
    partial = Partial(run, tmp_path, now=watch)

    def holding() -> object:
        verdicts = told_by(tmp_path)["verdicts"]
        assert isinstance(verdicts, dict)
        return verdicts["holds"]

    partial.update()
    run.findings.append(holds("n.values"))
    watch.time += 0.9
    partial.update()
    assert holding() == 1
    watch.time += 0.1
    partial.update()
    assert holding() == 2


def test_nobody_waits_for_a_report_that_another_thread_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    write, calls = files.written, []

    def slow(run: Run, path: Path, text: str) -> None:
        calls.append(path.name)
        begun.set()
        assert go_on.wait(10)
        write(run, path, text)

    monkeypatch.setattr(files, "written", slow)
    partial = Partial(a_run(), tmp_path)
    thread = threading.Thread(target=partial.update)
    thread.start()
    assert begun.wait(10)
    partial.update()
    assert calls == ["report.json"]
    go_on.set()
    thread.join(10)
    assert calls == ["report.json", "index.html"]


def test_a_disk_that_is_full_does_not_end_the_run(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    Partial(a_run(), blocked).update()
    with pytest.raises(OSError, match="file"):
        write_all(a_run(), blocked, complete=True)


KILLED = """
import os, signal, sys
from pathlib import Path
from suite.runs import REFUSED, a_run, holds
from contracts.probe import asking
from contracts.report.files import Partial

run = a_run(REFUSED, REFUSED, findings=[holds("n.type", 1)])
partial = Partial(run, Path(sys.argv[1]), every=0)
run.lab.dispatch.on_exchange = lambda exchange: partial.update()
run.carrier.answers = iter([REFUSED])
run.lab.look(asking("one more", {}))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such signal here")
def test_a_run_that_is_killed_leaves_a_report_that_can_be_read(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    found = told_by(tmp_path)
    assert found["complete"] is False
    counts = found["counts"]
    assert isinstance(counts, dict)
    assert counts["requests"] == 3
    assert "one more" in (tmp_path / "index.html").read_text("utf-8")
