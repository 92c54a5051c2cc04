"""Runs against a server that means ill, for whatever shows what it said."""

from contracts.exchange import NotCarriedError, Trouble
from contracts.probe import asking
from contracts.run import Run
from suite.runs import CANARY, LATE, a_run, broken, differs, drawn, png, said, unsure

SCRIPT = "<script>alert(1)</script><img src=//evil.example/x onerror=alert(1)>"
CDATA = "]]> --> <!ENTITY x> &amp; &#0;"
CONTROL = "\x00\x07\x1b[2J\x1b]0;title\x07\x9b31m\r"
TURNED = "\u202egnp.exe \u2066x\u2069 مرحبا بالعالم"
BROKEN_TEXT = "\ud800 \ufffe \uffff"
MARKS = "`` | [x](http://evil.example) ![x](http://evil.example) @everyone #1 www.evil.example"
COMMAND = "::error::x%0A\n::set-output name=x::y"
SIGNATURE = "5dCANARYc0ffee"
LINK = f"https://cdn.example/i.png?Expires=1&Signature={SIGNATURE}&p=1"

ALL = "\n".join((SCRIPT, CDATA, CONTROL, TURNED, BROKEN_TEXT, MARKS, COMMAND, LINK, CANARY))
SENT = ALL.encode("utf-8", "surrogatepass").replace(b"\xed\xa0\x80", b"?")


def hostile() -> Run:
    """A run whose every text that a server can choose was chosen to do harm."""
    headers = (("x-evil", f"{SCRIPT} {TURNED} {CANARY}"), ("location", LINK), ("set-cookie", "a=b"))
    encoded = "".join(f"%{byte:02x}" for byte in CANARY.encode())
    run = a_run(
        said(SENT, 200, *headers),
        drawn(png(), seed=f"{CANARY} {SCRIPT[:8]}".replace('"', "")),
        said(b"\xff\xfe" + CANARY.encode() * 3, 400),
        said(f'{{"a":"{encoded}","b":"{"A" * 10_000_000}","c":"{"x y " * 100_000}"}}', 404),
        NotCarriedError(Trouble.NETWORK, f"api.stepfun.ai:443 {SCRIPT} {CONTROL} {CANARY}"),
        LATE,
        asks=[
            asking("evil/text", {"prompt": f"{SCRIPT} {TURNED} {CANARY}"}),
            asking("evil/picture", {"response_format": "b64_json", "prompt": CANARY}),
            asking("evil/bytes", {"prompt": "x"}),
            asking("evil/long", {"prompt": "x" * 2**20}),
            asking("evil/trouble", {"prompt": "x"}),
            asking("evil/late", {"prompt": "x"}),
        ],
        findings=[
            broken("n.type", f"it must be refused, but {ALL} came", 1),
            broken("reply.url", f'url must be whole, but "{LINK}" came', 4, 3),
            differs("n.default", f"it names {ALL}", 2),
            unsure("seed.type", f"the server answered 500 ({ALL})", 5, 6),
        ],
    )
    shot = run.lab.shot(asking("evil/picture", {}))
    assert shot is not None
    run.lab.album.take(shot)
    run.mishaps.append(f"test_x: the suite itself failed: {ALL}")
    return run


def secrets_in(text: str) -> list[str]:
    """What must not be there, and is."""
    encoded = "".join(f"%{byte:02x}" for byte in CANARY.encode())
    wanted = [CANARY, CANARY[:14], CANARY[-10:], encoded, SIGNATURE, "a=b"]
    return [secret for secret in wanted if secret in text]
