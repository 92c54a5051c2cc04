"""Test files with one call in each test, and the fixtures that answer it: ours and others'."""

from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.commands import quiet_command
from benchmarks.environments import FIXTURES, OPENAI
from benchmarks.harness import HEADERS, LOOPBACK, PATH, body, done, free_port, running
from benchmarks.suites import Suite
from stepfun_mock.contract import BASE_URL

KEPT, FRESH = "ask(client, URL)", "ask_anew(URL)"
"""A call through the client of the file, and through one that is built for it and closed."""

_REPLY = f"""
URL, PATH = "https://api.stepfun.ai{PATH}", {PATH!r}
HEADERS, BODY = {HEADERS!r}, {body()!r}
REPLY = {{"created": 1589478378, "data": [{{"url": "x", "finish_reason": "success", "seed": 1}}]}}
"""
_HTTPX = f"""import httpx
{_REPLY}
client = httpx.Client()


def ask(client, url):
    assert client.post(url, content=BODY, headers=HEADERS).json()["data"]


def ask_anew(url):
    with httpx.Client() as client:
        ask(client, url)
"""
_OPENAI = f"""import openai
{_REPLY}
TO = {{"base_url": {BASE_URL!r}, "api_key": "any-key"}}
client = openai.OpenAI(**TO)


def ask(client, url):
    assert client.images.generate(model="step-image-edit-2", prompt="A serene alpine lake").data


def ask_anew(url):
    with openai.OpenAI(**TO) as client:
        ask(client, url)
"""
_RECORD = """import sys

import httpx
import vcr

cassette, url, body, *headers = sys.argv[1:]
with vcr.use_cassette(cassette):
    told = dict(zip(headers[::2], headers[1::2]))
    httpx.post(url, content=body, headers=told).raise_for_status()
"""


@dataclass(frozen=True)
class Fixture:
    """One way to answer the call of a test.

    Args:
        package: What to install for it.
        setup: How it is used, in a sentence.
        suite: Its tests; `{ask}` stands for the call.
        replays: Whether it needs a recorded reply.
    """

    package: str
    setup: str
    suite: Suite
    replays: bool = False

    def calling(self, head: str, ask: str, conftest: str) -> Suite:
        """Its tests with a call, behind the lines that all fixtures of a room share."""
        lines = tuple(line.format(ask=ask) for line in self.suite.does)
        return replace(self.suite, head=head + self.suite.head, does=lines, conftest=conftest)


@dataclass(frozen=True)
class Room:
    """Fixtures in one environment, which answer the same client.

    Args:
        environment: By its name among `benchmarks.environments`.
        client: The package of the client.
        head: The begin of every test file.
        fixtures: All but ours.
    """

    environment: str
    client: str
    head: str
    fixtures: tuple[Fixture, ...]


def recorded(python: Path, folder: Path) -> str:
    """Record a reply of this mock's on the loopback address.

    Args:
        python: An interpreter that has vcrpy.
        folder: Where the cassette goes.

    Returns:
        Lines for a test file: where it lies, and what was asked.
    """
    cassette, port = folder / "generations.yaml", free_port()
    url = f"http://{LOOPBACK}:{port}{PATH}"
    told = [word for header in HEADERS.items() for word in header]
    with running(quiet_command(port), port):
        done([python, "-c", _RECORD, cassette, url, body().decode(), *told])
    return f"CASSETTE, URL = {str(cassette)!r}, {url!r}\n"


OURS = Fixture(
    "stepfun-mock",
    "The fixture `stepfun_mock` as it comes.",
    Suite(takes="stepfun_mock", does=("{ask}",), plugin="stepfun_mock.pytest_plugin"),
)
"""Ours, which every environment has."""

_RESPX = Fixture(
    "respx",
    "The fixture `respx_mock` with one static route.",
    Suite(
        takes="respx_mock",
        does=("respx_mock.post(URL).respond(json=REPLY)", "{ask}"),
        plugin="respx.plugin",
    ),
)
_PYTEST_HTTPX = Fixture(
    "pytest-httpx",
    "The fixture `httpx_mock` with one static reply.",
    Suite(
        takes="httpx_mock",
        does=("httpx_mock.add_response(method='POST', url=URL, json=REPLY)", "{ask}"),
        plugin="pytest_httpx",
    ),
)
_PYTEST_HTTPSERVER = Fixture(
    "pytest-httpserver",
    "The fixture `httpserver`, which keeps one server for all tests, with one static reply.",
    Suite(
        takes="httpserver",
        does=(
            "httpserver.expect_request(PATH, method='POST').respond_with_json(REPLY)",
            "URL = httpserver.url_for(PATH)",
            "{ask}",
        ),
        plugin="pytest_httpserver.pytest_plugin",
    ),
)
_VCRPY = Fixture(
    "vcrpy",
    "`vcr.use_cassette` in each test, with a reply of this mock's, recorded on loopback.",
    Suite(
        head="\nimport vcr\n",
        does=("with vcr.use_cassette(CASSETTE, record_mode='none'): {ask}",),
    ),
    replays=True,
)
_OPENAI_RESPONSES = Fixture(
    "openai-responses",
    "`openai_responses.mock` over each test, and a static route for pictures added to its router.",
    Suite(
        head="\nimport openai_responses\n",
        takes="openai_mock",
        does=("openai_mock.router.post('/images/generations').respond(json=REPLY)", "{ask}"),
        plugin="openai_responses.plugin",
        over=f"@openai_responses.mock(base_url={BASE_URL!r})",
    ),
)

ROOMS = (
    Room(FIXTURES, "httpx", _HTTPX, (_RESPX, _PYTEST_HTTPX, _PYTEST_HTTPSERVER, _VCRPY)),
    Room(OPENAI, "openai", _OPENAI, (_OPENAI_RESPONSES,)),
)
"""What is measured, environment by environment."""
