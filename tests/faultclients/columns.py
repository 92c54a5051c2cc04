"""One column of the table: one client, and every case asked of a server on a real port."""

import base64
import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any

from stepfun_mock import MockServer

from .cases import CASES, Case
from .clients import CLIENTS, KEY, ask
from .seen import Seen

NODE = "Node's fetch"
COLUMNS = (*list(CLIENTS), NODE)
"""The clients, in the order of the table."""

_SCRIPT = Path(__file__).with_name("fetch.mjs")
_DRAWING, _WAITING = 4, 16  # threads
_NODE_SECONDS = 120

Servers = Mapping[str, MockServer]


def missing(column: str) -> str:
    """What is missing here for a client, in a sentence; empty where nothing is."""
    if column == NODE:
        return "" if shutil.which("node") else "there is no `node` on the PATH"
    package = CLIENTS[column][1]
    try:
        major = int(metadata.version(package.name).partition(".")[0])
    except metadata.PackageNotFoundError:
        return f"{package.name} is not installed here"
    if package.major in (0, major):
        return ""
    return f"{package.name} is {major} here; {column} has an environment of its own"


def fill(column: str) -> dict[str, str]:
    """What a client got of each case, in the words of the table."""
    with _servers() as servers:
        seen = _by_node(servers) if column == NODE else _by_python(column, servers)
        return {
            case.label: _settled(case, str(one)) + _tries(case, servers[_home(case)])
            for case, one in zip(CASES, seen, strict=True)
        }


def _home(case: Case) -> str:
    """Which server a case is asked of.

    Those of the wire have one of their own: there a connection may die that a client has kept for
    its next request. An outage is everybody's.
    """
    if case.outage:
        return "outage"
    return "wire" if case.group == "wire" else "calm"


@contextlib.contextmanager
def _servers() -> Iterator[Servers]:
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(MockServer()) for name in ("calm", "wire", "outage")}
        for case in CASES:
            servers[_home(case)].script(case.scripted())
        yield servers


def _by_python(column: str, servers: Servers) -> Sequence[Seen]:
    client = CLIENTS[column][0]

    def asked(case: Case) -> Seen:
        return ask(client, servers[_home(case)].base_url, case)

    with ThreadPoolExecutor(_DRAWING) as drawing, ThreadPoolExecutor(_WAITING) as waiting:
        pools = {"calm": drawing, "wire": waiting, "outage": waiting}
        futures = [pools[_home(case)].submit(asked, case) for case in CASES]
        return [future.result() for future in futures]


def _by_node(servers: Servers) -> Sequence[Seen]:
    cases = [
        {
            "url": f"{servers[_home(case)].base_url}/images/generations",
            "headers": {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
            "body": case.body,
            "timeout": case.timeout,
            "linkTimeout": case.link_timeout,
        }
        for case in CASES
    ]
    ended = subprocess.run(
        ["node", _SCRIPT],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=_NODE_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return [_from_node(record) for record in json.loads(ended.stdout)]


def _from_node(record: dict[str, Any]) -> Seen:
    content = record.get("content")
    return Seen(
        raised=record.get("raised", ""),
        at_link=record.get("atLink", False),
        status=record.get("status", 200),
        reply=record.get("reply"),
        content=None if content is None else base64.b64decode(content),
    )


def _tries(case: Case, server: MockServer) -> str:
    asked = [entry.image_request for entry in server.journal]
    tries = sum(1 for request in asked if request and request.prompt == case.prompt)
    return f", {tries} tries" if tries > 1 else ""


# Python passes over letters that are no Base64, and what is left makes whole groups of four or not
# as the compressed bytes of the picture fall, which differ between builds of zlib.
_BY_CHANCE = ("`binascii.Error`", "a broken PNG")


def _settled(case: Case, text: str) -> str:
    chancy = case.fault == "url_safe_base64" and text in _BY_CHANCE
    return " or ".join(_BY_CHANCE) if chancy else text
