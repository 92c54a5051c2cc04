"""How each server peer is told to answer with a link: written into a folder, one for each start.

As each project's own documentation says for this job. Where a reply can be given to the letter, it
is as long as the mock's.
"""

import json
from pathlib import Path

from benchmarks.harness import LOOPBACK, PATH
from stepfun_mock.openapi import document

REPLY_BYTES = 378
"""The length of the mock's reply with a link."""

_IDS = [f"00000000-0000-4000-8000-{number:012}" for number in range(3)]
_JSON = "application/json"


def reply(port: int) -> str:
    """A fixed reply, with a link on the server itself."""
    short = _reply(_link(port, 0))
    return _reply(_link(port, REPLY_BYTES - len(short)))


def _reply(link: str) -> str:
    item = {"url": link, "finish_reason": "success", "seed": 1}
    return json.dumps({"created": 1589478378, "data": [item]}, separators=(",", ":"))


def _link(port: int, padding: int) -> str:
    return f"http://{LOOPBACK}:{port}/image_gen/picture.png?p={'A' * padding}"


def aimock(folder: Path, port: int) -> Path:
    """A configuration without a log, and a fixture for every image."""
    link = json.loads(reply(port))["data"][0]["url"]
    fixture = {"match": {"endpoint": "image"}, "response": {"image": {"url": link}}}
    fixtures = _written(folder / "fixtures.json", {"fixtures": [fixture]})
    llm = {"fixtures": str(fixtures), "logLevel": "silent"}
    return _written(folder / "aimock.json", {"port": port, "host": LOOPBACK, "llm": llm})


def prism(folder: Path, port: int) -> Path:
    """The mock's own OpenAPI document, with the fixed reply as its example."""
    described = document(f"http://{LOOPBACK}:{port}")
    success = described["paths"][PATH]["post"]["responses"]["200"]["content"][_JSON]
    success["examples"] = {"url": {"value": json.loads(reply(port))}}
    return _written(folder / "openapi.json", described)


def wiremock(folder: Path, port: int) -> Path:
    """A root folder with one stub."""
    (folder / "mappings").mkdir()
    response = {"status": 200, "headers": {"Content-Type": _JSON}, "body": reply(port)}
    stub = {"request": {"method": "POST", "urlPath": PATH}, "response": response}
    _written(folder / "mappings" / "images.json", stub)
    return folder


def mockoon(folder: Path, port: int) -> Path:
    """An environment with one route; whole, or Mockoon asks whether to repair it."""
    environment, route, response = _IDS
    endpoint = {"type": "http", "method": "post", "endpoint": PATH.removeprefix("/")}
    switched_off = {"enabled": False, "type": "CERT", "passphrase": ""}
    no_files = {"pfxPath": "", "certPath": "", "keyPath": "", "caPath": ""}
    empty = ("headers", "proxyReqHeaders", "proxyResHeaders", "folders", "data", "callbacks")
    whole = {
        "uuid": environment,
        "lastMigration": 33,
        "name": "images",
        "hostname": LOOPBACK,
        "port": port,
        "endpointPrefix": "",
        "latency": 0,
        "cors": False,
        "proxyMode": False,
        "proxyHost": "",
        "proxyRemovePrefix": False,
        "tlsOptions": {**switched_off, **no_files},
        "rootChildren": [{"type": "route", "uuid": route}],
        "routes": [
            {
                "uuid": route,
                "documentation": "",
                **endpoint,
                "responses": [_mockoon_response(response, reply(port))],
                "responseMode": None,
            }
        ],
    }
    return _written(folder / "mockoon.json", {**whole, **{name: [] for name in empty}})


def _mockoon_response(uuid: str, body: str) -> dict[str, object]:
    off = ("sendFileAsBody", "fallbackTo404")
    blank = ("label", "filePath", "databucketID")
    return {
        "uuid": uuid,
        "body": body,
        "bodyType": "INLINE",
        "statusCode": 200,
        "headers": [{"key": "Content-Type", "value": _JSON}],
        "latency": 0,
        "rules": [],
        "rulesOperator": "OR",
        "disableTemplating": True,
        "default": True,
        "crudKey": "id",
        "callbacks": [],
        **dict.fromkeys(off, False),
        **dict.fromkeys(blank, ""),
    }


def httpserver(folder: Path, port: int) -> Path:
    """The reply itself."""
    path = folder / "reply.json"
    path.write_text(reply(port), "utf-8")
    return path


def _written(path: Path, data: object) -> Path:
    path.write_text(json.dumps(data), "utf-8")
    return path
