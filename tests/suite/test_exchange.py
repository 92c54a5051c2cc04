"""Values that hold no key, and the curl line that asks the same again."""

import subprocess
from pathlib import Path

import pytest

from contracts.exchange import Ask
from contracts.key import KeyUse
from suite.talking import OK, PATH, VALUE, Listen, WireTo, headers_of, post

# The same with curl -------------------------------------------------------------------------------

BODIES = [
    b"",
    b'{"prompt": "it\'s $HOME `ls` \\n !!"}\n',
    "Ein Füchslein 🦊 50 %".encode(),
    b"@/etc/hostname",
    b"-n\xff%s%%\\n'\\101\x00\x01\r\n\t1",
    b"a\x00b",
    b"'" + "狐".encode() * 50_000,
    bytes(range(256)) * 1000,
]


def curled(ask: Ask, tmp_path: Path) -> None:
    script = tmp_path / "ask.sh"  # where no argument of the shell's is too long
    script.write_text(ask.as_curl("A_KEY") + "\n")
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path), "A_KEY": VALUE}
    done = subprocess.run(["sh", script], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def compared(request: bytes) -> tuple[bytes, dict[str, str], bytes]:
    """A request without what curl and we say of ourselves."""
    head, _, body = request.partition(b"\r\n\r\n")
    headers = headers_of(request)
    ours = {"user-agent", "accept-encoding"}
    return (
        head.split(b"\r\n")[0],
        {name: value for name, value in headers.items() if name not in ours},
        body,
    )


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_the_curl_line_asks_the_same(
    body: bytes, listen: Listen, wire_to: WireTo, tmp_path: Path
) -> None:
    server = listen(OK)
    headers = (("Content-Type", "application/json"), ("X-Empty", ""), ("X-Odd", "it's $1"))
    ask = Ask("POST", f"http://{server.place}{PATH}?a=b&c={{d}}[1]", headers, body)
    wire_to(server).carry(ask)
    curled(ask, tmp_path)
    assert compared(server.requests[1]) == compared(server.requests[0])


@pytest.mark.parametrize("use", [use for use in KeyUse if use is not KeyUse.WRONG])
def test_the_curl_line_says_of_the_key_what_the_probe_said(
    use: KeyUse, listen: Listen, wire_to: WireTo, tmp_path: Path
) -> None:
    server = listen(OK)
    ask = post(server, key=use)
    wire_to(server).carry(ask)
    curled(ask, tmp_path)
    assert compared(server.requests[1]) == compared(server.requests[0])
    assert VALUE not in ask.as_curl("A_KEY")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_the_curl_line_has_the_method(
    method: str, listen: Listen, wire_to: WireTo, tmp_path: Path
) -> None:
    server = listen(OK.removesuffix(b"ok") if method == "HEAD" else OK)
    ask = Ask(method, f"http://{server.place}/a/../b", body=b"x" if method == "DELETE" else b"")
    wire_to(server).carry(ask)
    curled(ask, tmp_path)
    assert compared(server.requests[1])[0] == compared(server.requests[0])[0]
    assert "content-type" not in headers_of(server.requests[1])


def test_the_curl_line_is_easy_to_read() -> None:
    body = b'{"model": "step-image-edit-2", "prompt": "a fox"}'
    ask = Ask("POST", "https://api.stepfun.ai/v1/x", (("Content-Type", "application/json"),), body)
    assert ask.as_curl() == (
        "curl -sS -i -X POST https://api.stepfun.ai/v1/x \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        '  -H "Authorization: Bearer $STEP_API_KEY" \\\n'
        """  --data-raw '{"model": "step-image-edit-2", "prompt": "a fox"}'"""
    )


def test_a_wrong_key_is_shown_as_one_and_is_not_ours() -> None:
    line = Ask("GET", "https://api.stepfun.ai/v1/models", key=KeyUse.WRONG).as_curl()
    assert line.endswith("-H 'Authorization: Bearer not-the-right-key'")
