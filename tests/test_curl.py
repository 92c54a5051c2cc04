"""The real curl, as people paste it from the documentation page and from the README."""

import gzip
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Running, decoded, opened

# The page's own example; only host and key are ours.
PAGE_EXAMPLE = """curl %s/v1/images/generations \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer $STEP_API_KEY" \\
  -d '{
    "model": "step-image-edit-2",
    "prompt": "A serene alpine lake at sunset, mirror reflection, photorealistic",
    "response_format": "b64_json",
    "cfg_scale": 1.0,
    "steps": 8,
    "seed": 1,
    "text_mode": true
  }'"""

SAVE = (
    """python3 -c "import sys,json,base64; sys.stdout.buffer.write("""
    """base64.b64decode(json.load(sys.stdin)['data'][0]['b64_json']))" > picture.png"""
)
MINIMAL = '{"model": "step-image-edit-2", "prompt": "A red fox in the snow", "seed": 3}'
Curl = Callable[..., tuple[int, str]]


@pytest.fixture
def shell(tmp_path: Path) -> Callable[[str], str]:
    """Run a line of shell in an empty directory, and give what it prints."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "STEP_API_KEY": "any-key"}

    def run(script: str) -> str:
        done = subprocess.run(
            ["sh", "-euc", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def curl(running: Running, tmp_path: Path) -> Curl:
    """Ask for a picture: `curl(flag, ...)` gives the status and the body."""

    def run(*flags: str, data: str | bytes = MINIMAL) -> tuple[int, str]:
        body = tmp_path / "body"
        body.write_bytes(data.encode() if isinstance(data, str) else data)
        sent = ["-H", "Content-Type: application/json", "-H", "Authorization: Bearer any-key"]
        sent += ["--data-binary", f"@{body}", "-w", "\n%{http_code} %{http_version}"]
        done = subprocess.run(
            ["curl", "-sS", *flags, *sent, f"{running.base_url}/images/generations"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        text, _, status = done.stdout.rpartition("\n")
        code, version = status.split()
        assert version == "1.1"
        return int(code), text

    return run


def item(answer: tuple[int, str]) -> Any:
    status, text = answer
    assert status == 200, text
    (only,) = json.loads(text)["data"]
    return only


def test_the_example_of_the_page_gives_its_picture(
    running: Running, shell: Callable[[str], str]
) -> None:
    reply = json.loads(shell(PAGE_EXAMPLE % running.root))
    assert set(reply) == {"created", "data"}
    (only,) = reply["data"]
    assert set(only) == {"b64_json", "finish_reason", "seed"}
    assert (only["finish_reason"], only["seed"]) == ("success", 1)
    assert decoded(only["b64_json"]).size == (1024, 1024)
    (image,) = running.mock.requests
    assert (image.steps, image.cfg_scale, image.text_mode) == (8, 1.0, True)


def test_the_pipe_saves_the_picture(
    running: Running, shell: Callable[[str], str], tmp_path: Path
) -> None:
    assert shell(f"{PAGE_EXAMPLE % running.root} | {SAVE}") == ""
    picture = opened((tmp_path / "picture.png").read_bytes())
    assert (picture.format, picture.size) == ("PNG", (1024, 1024))
    assert picture.info["seed"] == "1"


def test_the_link_of_a_reply_downloads(
    running: Running, shell: Callable[[str], str], tmp_path: Path
) -> None:
    reply = json.loads(shell((PAGE_EXAMPLE % running.root).replace("b64_json", "url")))
    (only,) = reply["data"]
    assert set(only) == {"url", "finish_reason", "seed"}
    shell(f"curl -sSf -o picture.png '{only['url']}'")
    assert opened((tmp_path / "picture.png").read_bytes()).size == (1024, 1024)
    head = shell(f"curl -sSfI '{only['url']}'")
    assert head.startswith("HTTP/1.1 200 OK\n")
    assert "content-type: image/png\n" in head


def test_the_height_comes_first(
    running: Running, shell: Callable[[str], str], tmp_path: Path
) -> None:
    example = PAGE_EXAMPLE.replace('"steps": 8', '"size": "768x1360"')
    shell(f"{example % running.root} | {SAVE}")
    assert opened((tmp_path / "picture.png").read_bytes()).size == (1360, 768)


@pytest.mark.parametrize(
    "flags",
    [
        ["--http2"],
        ["--http1.0"],
        ["-H", "Transfer-Encoding: chunked"],
        ["-H", "Expect: 100-continue"],
        ["--http2", "-H", "Transfer-Encoding: chunked"],
        ["--compressed"],
    ],
    ids=" ".join,
)
def test_curl_gets_its_picture_whatever_it_offers(curl: Curl, flags: list[str]) -> None:
    assert item(curl(*flags))["seed"] == 3


def test_two_pictures_come_over_one_connection(
    running: Running, shell: Callable[[str], str]
) -> None:
    one = f"-sS -H 'Authorization: Bearer k' {running.base_url}/models -w '%{{num_connects}}\\n'"
    assert [line[-1] for line in shell(f"curl {one} --next {one}").splitlines()] == ["1", "0"]


def test_a_compressed_body_is_refused(curl: Curl) -> None:
    status, text = curl("-H", "Content-Encoding: gzip", data=gzip.compress(MINIMAL.encode()))
    assert (status, json.loads(text)["error"]["type"]) == (415, "content_type_invalid")


@pytest.mark.parametrize("flags", [[], ["-H", "Expect:"], ["-H", "Transfer-Encoding: chunked"]])
def test_a_body_of_two_megabytes_is_refused_and_curl_reads_why(
    curl: Curl, flags: list[str]
) -> None:
    status, text = curl(*flags, data=MINIMAL.ljust(2_000_000))
    assert (status, json.loads(text)["error"]["type"]) == (413, "body_too_large")


def test_the_form_that_curl_sends_by_default_is_refused(
    running: Running, shell: Callable[[str], str]
) -> None:
    shell(
        f"curl -s {running.base_url}/images/generations -H 'Authorization: Bearer k' -d '{MINIMAL}'"
        " | grep -q 'content type must be application/json'"
    )
