"""How to send a request again: as curl, and as Python.

No key stands in either but a magic one, which is no secret: without it the reply is another.
"""

import contextlib
import json
import pprint
import shlex
from urllib.parse import quote

from stepfun_mock.body import read_object
from stepfun_mock.errors import RefusedError
from stepfun_mock.inspector.record import Record

_KEY = "STEP_API_KEY"
_ANY = "any-key"
_JSON = "application/json"
_WORDS = "/:@!$&'()*+,;=?"  # what may stand in a URL as it is, beside letters and figures


def curl(record: Record, *, any_key: bool) -> str:
    """A line for a shell, with the key in the variable STEP_API_KEY; a picture becomes a file.

    Args:
        record: What is to be sent again.
        any_key: Whether a word will do where the variable is not set.
    """
    method, headers = record.entry.method, dict(record.headers)
    file = _file(record)
    lines = [f"curl {'-f' if file else '-i'} {shlex.quote(url_of(record))}"]
    if method == "HEAD":
        lines.append("--head")  # with -X it would wait for a body
    elif method != ("POST" if _sends(record) else "GET"):
        lines.append(f"-X {shlex.quote(method)}")
    if record.magic_key:
        lines.append(f"-H {shlex.quote(f'Authorization: Bearer {record.magic_key}')}")
    elif "authorization" in headers:
        key = f"${{{_KEY}:-{_ANY}}}" if any_key else f"${_KEY}"
        lines.append(f'-H "Authorization: Bearer {key}"')
    for name in ("content-type", "accept"):
        if headers.get(name, "*/*") != "*/*":
            lines.append(f"-H {shlex.quote(f'{name}: {headers[name]}')}")
    if _sends(record):
        if "content-type" not in headers:
            lines.append("-H 'content-type:'")  # or curl would speak of a form
        # Not --data, which takes a file where the text starts with @.
        lines.append(f"--data-raw {shlex.quote(record.body.text)}")
    if file:
        lines.append(f"-o {file}")
    return " \\\n  ".join(lines)


def python(record: Record, *, any_key: bool) -> str:
    """A program that needs httpx, with the key in STEP_API_KEY; a picture becomes a file.

    Args:
        record: What is to be sent again.
        any_key: Whether a word will do where the variable is not set.
    """
    method, sent = record.entry.method, dict(record.headers)
    arguments = [repr(url_of(record))]
    if method not in ("GET", "POST"):
        arguments.insert(0, repr(method))
    headers = []
    named = "authorization" in sent and not record.magic_key
    if record.magic_key:
        headers.append(f'"Authorization": {f"Bearer {record.magic_key}"!r}')
    elif named:
        key = f"os.environ.get('{_KEY}', '{_ANY}')" if any_key else f"os.environ['{_KEY}']"
        headers.append(f'"Authorization": f"Bearer {{{key}}}"')
    body = _body(record) if _sends(record) else ""
    if "content-type" in sent and not body.startswith("json="):
        headers.append(f'"Content-Type": {sent["content-type"]!r}')
    if headers:
        arguments.append(f"headers={{{', '.join(headers)}}}")
    if body:
        arguments.append(body)
    call = {"GET": "get", "POST": "post"}.get(method, "request")
    lines = ",\n    ".join(arguments)
    imports = "import os\n\nimport httpx" if named else "import httpx"
    return f"{imports}\n\nreply = httpx.{call}(\n    {lines},\n)\n{_shown(_file(record))}"


def _shown(file: str) -> str:
    if not file:
        return "print(reply.status_code, reply.text[:500])\n"
    return (
        "reply.raise_for_status()\n"
        f'with open("{file}", "wb") as file:\n    file.write(reply.content)\n'
    )


def _file(record: Record) -> str:
    """The file for a picture, which no terminal shows; empty for other bodies."""
    kind = record.reply.kind
    if record.entry.method != "GET" or not kind.startswith("image/"):
        return ""
    return "picture.jpg" if kind == "image/jpeg" else "picture.png"


def _sends(record: Record) -> bool:
    return record.entry.method == "POST" or bool(record.body.text)


def url_of(record: Record) -> str:
    """The address that was asked, with what an address cannot hold written out."""
    path = quote(record.entry.path, safe=_WORDS.replace("?", ""), errors="replace")
    # What came as a byte is a letter here, and curl takes brackets for a pattern.
    query = quote(record.query.encode("latin-1", "replace"), safe=f"{_WORDS}%")
    return f"{record.base}{path}{'?' if query else ''}{query}"


def _body(record: Record) -> str:
    """The body as an object, where httpx would make the same of it, or as it came."""
    text = record.body.text
    if dict(record.headers).get("content-type") == _JSON:
        # What httpx would not take goes as it came: 1e999, a field that stands there twice.
        with contextlib.suppress(RefusedError, ValueError):
            content = read_object(text.encode())
            json.dumps(content, allow_nan=False)
            shown = pprint.pformat(content, sort_dicts=False, width=88)
            return "json=" + shown.replace("\n", "\n    ")
    return f"content={text!r}.encode()"
