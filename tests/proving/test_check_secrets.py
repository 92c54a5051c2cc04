"""The key is found in nothing that a check leaves behind, whatever the server does with it."""

import base64
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from proof.messages import JSON, Json, Parameters, Picture, Reply, Request, Setting
from proof.reference import ReferenceServer
from proof.serving import serve
from suite.checking import FILES, Done, check

CANARY = "sk-CANARY-7Q2x9Zp4+LmT8_vB1n~Wd6Ks3"
PIECE = 8

# Runs the command with everything that Python can say said, and a test of the suite that crashes
# with what the server said in its hands.
TALKATIVE = """
import logging, sys, traceback
logging.basicConfig(level=logging.DEBUG)
logging.debug("whatever is worth a line")
from stepfun_mock import suite
from stepfun_mock.cli import main

suite.module("command")
run = sys.modules[suite.module("command").Run.__module__].Run
judge = suite.module("judge").Judge
refused = judge.refused
crashes = []

def crash(self, case):
    exchange = self.look(case.probe)
    if case.rule == "n.values" and not crashes:
        crashes.append(case)
        words = str(exchange.reply)
        raise RuntimeError(f"it went wrong: {words[:300]} {words}")
    refused(self, case)

def tell(self, call, report):
    told = traceback.TracebackException.from_exception(call.excinfo.value, capture_locals=True)
    sys.stderr.write("".join(told.format()).replace("Traceback", "Crash"))
    sys.stderr.write(str(call.excinfo.getrepr(showlocals=True, funcargs=True)))

judge.refused = crash
run.pytest_exception_interact = tell
main()
"""


class Echoing(ReferenceServer):
    """Says the key wherever it can, and breaks some rules.

    Each message is a little longer before the key, so that wherever it is shortened, one is cut
    in the middle of the key.
    """

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.said_so_far = 0

    def answer(self, request: Request) -> Reply:
        reply = super().answer(request)
        heard = request.headers.get("authorization", "") or f"Bearer {CANARY}"
        headers = {
            **reply.headers,
            "X-Request": heard,
            "X-Coded": base64.b64encode(heard.encode()).decode(),
            "Set-Cookie": f"key={quote(CANARY, safe='')}",
            "Link": f"<https://a.test/?token={CANARY}>",
            CANARY: "as a name",
        }
        if reply.status < 400:
            return Reply(reply.status, headers, reply.body, reply.wire)
        with self.lock:
            self.said_so_far += 1
            before = "." * (self.said_so_far * 5 % 200)
        words = f"{before} {heard} {base64.b64encode(heard.encode()).decode()} {quote(heard)}"
        failed = self.said_so_far % 9 == 0
        if self.said_so_far % 2:
            body = json.dumps({"error": {"message": words, "type": heard}}).encode()
            return Reply(500 if failed else reply.status, {**headers, "Content-Type": JSON}, body)
        return Reply(reply.status, {**headers, "Content-Type": "text/plain"}, words.encode())

    def checked(self, name: str, value: Json) -> Any:
        return value if name == "steps" and value == 51 else super().checked(name, value)

    def measures(self, size: str) -> tuple[int, int]:
        width, height = super().measures(size)
        return height, width

    def address(self, request: Request, place: str) -> str:
        # No URL at all, and cut at its end like other long words.
        padding = "a" * (self.random.getrandbits(6) + 10)
        if self.random.getrandbits(1):
            return f"//{padding}/{CANARY}{place}"
        return f"{super().address(request, place)}?Signature={CANARY}&key={quote(CANARY, safe='')}"

    def entry(
        self, request: Request, parameters: Parameters, seed: int, picture: Picture
    ) -> dict[str, Json]:
        entry = super().entry(request, parameters, seed, picture)
        return {**entry, "finish_reason": CANARY, "seed": CANARY if seed % 2 else seed}


def spellings() -> dict[str, str]:
    """The key, pieces of it that nobody may keep, and what else it is written as."""
    coded = base64.b64encode(f"Bearer {CANARY}".encode()).decode()
    return {
        "key": CANARY,
        "beginning": CANARY[:PIECE],
        "end": CANARY[-PIECE:],
        "for URLs": quote(CANARY, safe=""),
        "beginning for URLs": quote(CANARY, safe="")[:PIECE],
        "in Base64": base64.b64encode(CANARY.encode()).decode()[:12],
        "as header in Base64": coded[10:30],
        "as password in Base64": base64.b64encode(f"user:{CANARY}".encode()).decode()[8:28],
        "in hexadecimal": CANARY.encode().hex()[:16],
    }


def found_in(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Where the key was found, and as what."""
    return [
        (Path(place).name, name)
        for place, text in texts.items()
        for name, spelling in spellings().items()
        if spelling.lower() in text.lower()
    ]


def texts_under(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.rglob("*"):
        yield f"name of {path}", str(path.relative_to(folder))
        if path.is_file():
            yield str(path), path.read_bytes().decode("latin-1")


def left_by(done: Done, folder: Path) -> dict[str, str]:
    return {"stdout": done.out, "stderr": done.err, **dict(texts_under(folder))}


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """Where a run may leave something."""
    names = {"home": "home", "tmpdir": "temporary", "xdg_cache_home": "cache"}
    for name in names.values():
        (tmp_path / name).mkdir()
    return {variable: str(tmp_path / name) for variable, name in names.items()}


@pytest.fixture(scope="module")
def echoing() -> Iterator[str]:
    with serve(Echoing(Setting(key=CANARY))) as base_url:
        yield base_url


def test_the_key_is_found_in_nothing_that_a_run_leaves(
    echoing: str, places: dict[str, str], tmp_path: Path
) -> None:
    report, summary = tmp_path / "report", tmp_path / "summary"
    here = tmp_path / "here"
    here.mkdir()
    done = check(
        *("--link-wait", "0", "--report", report, echoing),
        folder=here,
        step_api_key=CANARY,
        github_actions="true",
        github_step_summary=str(summary),
        pythondevmode="1",
        **places,  # type: ignore[arg-type]
    )
    # The server was as bad as it should be.
    assert done.code == 1
    assert "broken size.order" in done.out
    assert "::error" in done.out
    assert {path.name for path in report.iterdir()} == FILES
    told = json.loads((report / "report.json").read_text("utf-8"))
    assert told["verdicts"]["broken"] > 2
    assert "***" in (report / "index.html").read_text("utf-8")
    assert found_in(left_by(done, tmp_path)) == []
    assert list(here.iterdir()) == []


def test_the_key_is_found_in_no_log_and_no_traceback(
    echoing: str, places: dict[str, str], tmp_path: Path
) -> None:
    done = check(
        *("--link-wait", "0", "--only", "n.values", "--report", tmp_path / "report", echoing),
        folder=tmp_path,
        command=(sys.executable, "-X", "dev", "-c", TALKATIVE, "check"),
        step_api_key=CANARY,
        **places,
    )
    assert "DEBUG:root:whatever is worth a line" in done.err
    assert "it went wrong: " in done.err
    assert "the suite itself failed: RuntimeError: it went wrong: " in done.words
    assert found_in(left_by(done, tmp_path)) == []


# A message is shown to its 160th character, which is then one of the key.
CUT = 160 - len("Bearer ") - PIECE - 2


@pytest.mark.parametrize(
    ("status", "before"),
    [(401, 0), (401, CUT), (402, CUT), (404, CUT), (410, CUT), (503, CUT)],
)
def test_the_key_is_not_in_the_sentence_that_ends_a_run(
    status: int, before: int, tmp_path: Path
) -> None:
    class Refusing(ReferenceServer):
        def answer(self, request: Request) -> Reply:
            words = f"{'.' * before}{request.headers['authorization']}"
            body = json.dumps({"error": {"message": words}}).encode()
            return Reply(status, {"Content-Type": JSON, "Retry-After": "0"}, body)

    with serve(Refusing(Setting())) as base_url:
        done = check(base_url, folder=tmp_path, step_api_key=CANARY)
    assert (done.code, "Bearer *" in done.out) == (3, True)
    assert found_in(left_by(done, tmp_path)) == []


def test_the_key_is_not_in_the_sentence_of_a_redirect(tmp_path: Path) -> None:
    class Moved(ReferenceServer):
        def answer(self, request: Request) -> Reply:
            return Reply(301, {"Location": f"https://{CANARY[:9]}.a.test/{CANARY}?key={CANARY}"})

    with serve(Moved(Setting())) as base_url:
        done = check(base_url, folder=tmp_path, step_api_key=CANARY)
    assert done.code == 3
    assert "answered 301 and points to " in done.out
    assert CANARY not in done.out
