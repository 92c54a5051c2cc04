"""How to send a request again: what the page shows is run, by bash and by Python."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from looking import Looking, record_of, served

from conftest import GENERATIONS, MINIMAL, Running, item
from stepfun_mock import Choices, Request, StepfunMock, faults
from stepfun_mock.contract import BODY_LIMIT
from stepfun_mock.inspector import details
from stepfun_mock.inspector.text import BODY_KEPT

HEADERS = {"Authorization": "Bearer a-key-of-the-test", "Content-Type": "application/json"}
HOSTILE = [
    "a fox, \"quoted\" and 'quoted'",
    "one\ntwo\r\n\tthree\\n",
    "$HOME ${PATH} $(touch x) `touch x` !! \\",
    "@/etc/passwd",
    "' ; exit 3 ; '",
    "\"\"\"\n{fox!r} %s {{}} '''",
    "红狐 🦊 \u202eright to left\u202c e\u0301 \u2028 \ufeff",
    "-d --data @x",
    "a fox in the snow " * 28,
    "\x01\x1b[31m\x7f",
]


@pytest.fixture
def running() -> Iterator[Running]:
    with served(StepfunMock()) as (_, found):
        yield found


def shown(running: Running, number: int = 1) -> Any:
    """The details of a request."""
    return httpx.get(f"{running.root}/__stepfun_mock/requests/{number}").json()


def run(*command: str, key: str = "a-key-of-the-shell") -> str:
    """Run what the page shows; it must end well, and leave nothing behind."""
    environment = {**os.environ, "STEP_API_KEY": key, "NO_PROXY": "*"}
    if not key:
        del environment["STEP_API_KEY"]
    ended = subprocess.run(command, capture_output=True, env=environment, timeout=30, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout.decode()


def run_as(way: str, text: str, key: str = "a-key-of-the-shell") -> str:
    """Run what is a line for a shell, or a program in Python."""
    if way == "python":
        return run(sys.executable, "-c", text, key=key)
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    return run("bash", "-c", text, key=key)


def again(running: Running, way: str, number: int = 1) -> str:
    """Send a request again."""
    return run_as(way, shown(running, number)[way])


WAYS = pytest.mark.parametrize("way", ["curl", "python"])


@WAYS
def test_hostile_prompts_come_back_as_they_were(running: Running, way: str) -> None:
    for prompt in HOSTILE:
        body = {**MINIMAL, "prompt": prompt, "seed": 7, "cfg_scale": 1.0, "text_mode": True}
        httpx.post(f"{running.base_url}/images/generations", headers=HEADERS, json=body)
    texts = [shown(running, number)[way] for number in range(1, len(HOSTILE) + 1)]
    run_as(way, "\n".join(texts))
    asked = running.mock.requests
    assert [one.prompt for one in asked] == HOSTILE * 2
    assert asked[len(HOSTILE) :] == asked[: len(HOSTILE)]


@WAYS
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"@/etc/passwd",
        b'{"prompt": "a $fox\'s `tail`\n',
        b"[1, 2]",
        b'{"model": "step-image-edit-2", "prompt": "fox", "prompt": "wolf"}',
        b'{"model": "step-image-edit-2", "prompt": "fox", "cfg_scale": 1e999}',
        b'{"model": "step-image-edit-2", "prompt": "fox", "seed": NaN}',
        rb'{"model": "step-image-edit-2", "prompt": "\ud800"}',
    ],
)
def test_a_broken_body_is_refused_again_in_the_same_words(
    running: Running, way: str, body: bytes
) -> None:
    httpx.post(f"{running.base_url}/images/generations", headers=HEADERS, content=body)
    assert "400" in again(running, way)
    first, second = running.mock.journal
    assert (first.status, first.message) == (400, second.message)


@WAYS
@pytest.mark.parametrize("kind", [None, "text/plain", "application/json; charset=utf-8"])
def test_a_body_goes_again_under_the_same_name(
    running: Running, way: str, kind: str | None
) -> None:
    headers = {"Authorization": "Bearer x"} | ({"Content-Type": kind} if kind else {})
    content = json.dumps(MINIMAL).encode()
    httpx.post(f"{running.base_url}/images/generations", headers=headers, content=content)
    again(running, way)
    first, second = running.mock.journal
    assert (first.status, first.message) == (second.status, second.message)
    sent = [dict(shown(running, number)["request"]["headers"]) for number in (1, 2)]
    assert sent[0].get("content-type") == sent[1].get("content-type") == kind


@WAYS
def test_a_link_is_fetched_again_into_a_file(
    running: Running, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    reply = httpx.post(f"{running.base_url}/images/generations", headers=HEADERS, json=MINIMAL)
    picture = httpx.get(reply.json()["data"][0]["url"]).content
    text = shown(running, 2)[way]
    assert "STEP_API_KEY" not in text  # it was fetched without a key
    assert run_as(way, text) == ""
    assert (tmp_path / "picture.png").read_bytes() == picture
    assert [one.status for one in running.mock.journal] == [200, 200, 200]


@WAYS
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "PUT", "PATCH", "OPTIONS"])
def test_a_verb_is_sent_again_with_its_body(running: Running, way: str, method: str) -> None:
    content = b"{}" if method in ("PUT", "PATCH") else b""
    httpx.request(method, f"{running.base_url}/models", headers=HEADERS, content=content)
    again(running, way)
    first, second = running.mock.journal
    assert (second.method, second.path, second.status) == (method, first.path, first.status)
    assert shown(running, 2)["request"]["body"] == content.decode()


@WAYS
@pytest.mark.parametrize(
    "target",
    ["/v1/a%20b", "/v1/%E7%8B%90%27%22", "/v1/[1-3]{a,b}", "/v1/50%25?q=[1-2]&r={a}&s=%20%27$x"],
)
def test_a_path_is_asked_for_again(running: Running, way: str, target: str) -> None:
    httpx.get(f"{running.root}{target}", headers=HEADERS)
    again(running, way)
    first, second = running.mock.journal
    assert second.path == first.path


def test_a_path_with_half_a_character_is_shown_all_the_same() -> None:
    looking = Looking(StepfunMock())
    looking.mock.handle(Request("GET", "/v1/\ud800", {"host": "127.0.0.1"}))
    assert "curl -i http" in details.details(record_of(looking), any_key=True)["curl"]


def test_the_key_is_a_variable() -> None:
    looking = Looking(StepfunMock())
    looking.post()
    shown = looking.only()
    assert '-H "Authorization: Bearer ${STEP_API_KEY:-any-key}"' in shown["curl"]
    assert "os.environ.get('STEP_API_KEY', 'any-key')" in shown["python"]


@WAYS
def test_who_has_no_key_needs_none_where_any_will_do(running: Running, way: str) -> None:
    httpx.post(f"{running.base_url}/images/generations", headers=HEADERS, json=MINIMAL)
    run_as(way, shown(running)[way], key="")
    assert [one.status for one in running.mock.journal] == [200, 200]


def test_where_certain_keys_are_known_one_of_them_is_needed() -> None:
    looking = Looking(StepfunMock(choices=Choices(api_keys=("a-key-that-is-known",))))
    looking.post()
    shown = looking.only()
    assert '-H "Authorization: Bearer $STEP_API_KEY"' in shown["curl"]
    assert "os.environ['STEP_API_KEY']" in shown["python"]


@WAYS
@pytest.mark.parametrize(
    "key", ["mock-402", "mock-overloaded", "Mock-Rate-Limited", "mock-403", "mock-rate-limitd"]
)
def test_a_magic_key_is_written_out_so_that_the_reply_is_the_same(
    running: Running, way: str, key: str
) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    httpx.post(f"{running.base_url}/images/generations", headers=headers, json=MINIMAL)
    text = shown(running)[way]
    assert f"Authorization: Bearer {key}" in text.replace("\": '", ": ")
    assert "STEP_API_KEY" not in text
    run_as(way, text)
    first, second = running.mock.journal
    assert first.status >= 400
    assert (second.status, second.message) == (first.status, first.message)


@pytest.mark.parametrize(
    ("choices", "key"),
    [
        (Choices(), "mock-key-of-a-test-suite"),
        (Choices(magic_keys=False), "mock-402"),
        (Choices(api_keys=("mock-402",)), "mock-402"),
    ],
    ids=["of no fault", "switched off", "known"],
)
def test_a_key_that_only_looks_like_a_magic_one_stays_a_secret(choices: Choices, key: str) -> None:
    looking = Looking(StepfunMock(choices=choices))
    looking.post(authorization=f"Bearer {key}")
    shown = looking.only()
    assert key not in json.dumps(shown)
    assert "STEP_API_KEY" in shown["curl"]
    assert "STEP_API_KEY" in shown["python"]


def test_a_picture_that_is_a_jpeg_is_called_one() -> None:
    looking = Looking(StepfunMock())
    looking.mock.script(faults.jpeg_picture())
    looking.fetch(item(looking.post())["url"])
    assert looking.json("requests/2")["curl"].endswith(" \\\n  -o picture.jpg")


def test_a_short_fetch_is_easy_to_read() -> None:
    looking = Looking(StepfunMock())
    url = item(looking.post())["url"]
    looking.fetch(url)
    shown = looking.json("requests/2")
    assert shown["curl"] == f"curl -f '{url}' \\\n  -o picture.png"
    assert shown["python"] == (
        f"import httpx\n\nreply = httpx.get(\n    '{url}',\n)\n"
        "reply.raise_for_status()\n"
        'with open("picture.png", "wb") as file:\n    file.write(reply.content)\n'
    )


def test_a_body_that_was_cut_is_not_sent_again_as_if_it_were_whole() -> None:
    looking = Looking(StepfunMock())
    looking.post(b"x" * BODY_KEPT)
    assert "curl -i" in looking.only()["curl"]
    assert looking.only()["why"] is None
    looking.post(b"x" * (BODY_KEPT + 1))
    shown = looking.json("requests/2")
    assert (shown["curl"], shown["python"]) == (None, None)
    assert shown["why"] == (
        "The body of this request was longer than the 64 KiB that are kept, so it cannot be sent "
        "again from here."
    )


def test_a_body_that_was_not_read_is_not_sent_again_as_if_it_were_empty(running: Running) -> None:
    body = b"x" * (BODY_LIMIT + 1)
    address = f"{running.base_url}/images/generations"
    httpx.post(address, headers=HEADERS, content=body)
    httpx.post(address, headers=HEADERS, content=iter([body]))  # of a length that nobody announces
    archive = httpx.get(f"{running.root}/__stepfun_mock/session.har").json()["log"]["entries"]
    assert [entry["request"]["bodySize"] for entry in archive] == [BODY_LIMIT + 1, -1]
    for number in (1, 2):
        told = shown(running, number)
        assert (told["status"], told["curl"], told["python"]) == (413, None, None)
        assert told["request"]["body"] == ""
        assert told["request"]["cut"] is True
        assert told["why"] == (
            "The body of this request was not read to its end, and nothing of it is kept, so it "
            "cannot be sent again from here."
        )


def test_a_body_that_is_empty_is_sent_again(running: Running) -> None:
    address = f"{running.base_url}/images/generations"
    httpx.post(address, headers=HEADERS, content=b"")
    httpx.post(address, headers=HEADERS, content=iter([b""]))  # of a length that nobody announces
    for number in (1, 2):
        told = shown(running, number)
        assert (told["why"], told["request"]["cut"]) == (None, False)


def test_what_is_blotted_out_is_said_to_be_sent_as_it_stands() -> None:
    looking = Looking(StepfunMock())
    url = item(looking.post({"prompt": "a fox, a-key-of-the-test"}))["url"]
    looking.fetch(url)
    looking.mock.handle(Request("GET", "/v1/models", {"host": "127.0.0.1"}, b"", "api_key=abc"))
    for number in (1, 2, 3):
        told = looking.json(f"requests/{number}")
        assert "***" in told["curl"]
        assert told["notes"] == [
            "*** stands for what is not kept, since it holds a key, or may hold one. It is sent "
            "as it stands here, so that the reply may be another."
        ]


@pytest.mark.parametrize("authorization", ["Basic dXNlcjpwYXNz", "a-key-of-the-test", "Bearer"])
def test_where_the_key_was_refused_it_is_said_that_another_is_sent(authorization: str) -> None:
    looking = Looking(StepfunMock())
    looking.post(authorization=authorization)
    told = looking.only()
    assert (told["status"], told["notes"]) == (
        401,
        [
            "This request was refused for its Authorization header, which is not kept. What stands "
            "here sends a key of your own by the Bearer scheme, so that the reply may be another."
        ],
    )


def test_what_is_sent_again_as_it_came_has_no_notes() -> None:
    looking = Looking(StepfunMock())
    looking.post()
    looking.mock.handle(Request("GET", "/v1/models", {"host": "127.0.0.1"}))  # without a key
    looking.post(authorization="Bearer mock-401")
    for number, status in ((1, 200), (2, 401), (3, 401)):
        told = looking.json(f"requests/{number}")
        assert (told["status"], told["notes"]) == (status, [])


def test_a_short_request_is_easy_to_read() -> None:
    looking = Looking(StepfunMock())
    looking.post({"seed": 7}, accept="*/*")
    shown = looking.only()
    assert shown["curl"] == (
        f"curl -i http://127.0.0.1:8793{GENERATIONS} \\\n"
        '  -H "Authorization: Bearer ${STEP_API_KEY:-any-key}" \\\n'
        "  -H 'content-type: application/json' \\\n"
        """  --data-raw '{"model": "step-image-edit-2", "prompt": "A red fox in the snow", """
        """"seed": 7}'"""
    )
    assert shown["python"] == (
        "import os\n\nimport httpx\n\nreply = httpx.post(\n"
        f"    'http://127.0.0.1:8793{GENERATIONS}',\n"
        '    headers={"Authorization": f"Bearer '
        "{os.environ.get('STEP_API_KEY', 'any-key')}\"},\n"
        "    json={'model': 'step-image-edit-2', 'prompt': 'A red fox in the snow', 'seed': 7},\n"
        ")\nprint(reply.status_code, reply.text[:500])\n"
    )
