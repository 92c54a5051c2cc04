"""Runs of pytest within a test, each on files of its own and with our plugin alone."""

import os
import socket
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

# pytester forgets what a run within this process imported, so that the next would load it again.
for _name in (
    "aiohttp",
    "httpx",
    "httpx2",
    "openai",
    "openai.resources.images",
    "requests",
    "respx",
    "trio",
    "urllib3",
    "stepfun_mock.transports.respx",
    "stepfun_mock.trial",
    "stepfun_mock.variables",
):
    import_module(_name)

Run = Callable[..., pytest.RunResult]

# What suites within a suite ask with; each finds it beside itself.
ASKING = '''
import os

import httpx
import requests

GENERATIONS = "https://api.stepfun.ai/v1/images/generations"
KEY = {"authorization": "Bearer any-key"}


def body(**fields):
    """The body of a request for a picture, on which there is nothing to advise."""
    return {"model": "step-image-edit-2", "prompt": "a fox", "response_format": "b64_json"} | fields


def ask(base_url="https://api.stepfun.ai/v1", **fields):
    """Ask by httpx, which stepfun_mock answers in process."""
    url = f"{base_url}/images/generations"
    return httpx.post(url, headers=KEY, json=body(**fields), verify=False, timeout=30)


def ask_socket(base_url=None, **fields):
    """Ask by requests, which nobody answers in process."""
    url = f"{base_url or os.environ['STEP_BASE_URL']}/images/generations"
    return requests.post(url, headers=KEY, json=body(**fields), timeout=30)


def swallowed(base_url="https://api.stepfun.ai/v1"):
    """Ask by requests, and take every error for a bad day."""
    try:
        ask_socket(base_url)
    except BaseException:
        pass
'''


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of whoever runs this reaches the runs within."""
    for name in os.environ:
        if name.startswith(("STEP", "OPENAI_", "PYTEST_A")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    for name in ("CI", "BUILD_NUMBER"):  # where pytest says things at greater length
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.fixture(autouse=True)
def looked_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names that the system was asked for within this process; StepFun's are not to be there."""
    names: list[str] = []
    system = socket.getaddrinfo.__globals__["_socket"]
    real = system.getaddrinfo

    def getaddrinfo(host: Any, *given: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if "stepfun" not in name:
            return real(host, *given, **named)
        names.append(name)
        raise socket.gaierror(f"a test asked the network for {name}")

    monkeypatch.setattr(system, "getaddrinfo", getaddrinfo)
    yield names
    assert names == []


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Run a suite in this process: `run(source, "--flag", plugins=["anyio"])`.

    Where no source is given, it runs what the test wrote itself.
    """
    pytester.makepyfile(asking=ASKING)

    def inner(source: str = "", *arguments: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        if source:
            pytester.makepyfile(test_it=source)
        with warnings.catch_warnings():
            warnings.resetwarnings()  # ours are errors, which theirs would inherit
            return pytester.runpytest_inprocess(*_loading(plugins), *arguments)

    return inner


@pytest.fixture
def run_apart(pytester: pytest.Pytester) -> Run:
    """The same in a process of its own."""
    pytester.makepyfile(asking=ASKING)

    def inner(source: str = "", *arguments: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        if source:
            pytester.makepyfile(test_it=source)
        return pytester.runpytest_subprocess(*_loading(plugins), *arguments, timeout=60)

    return inner


def _loading(plugins: tuple[str, ...]) -> list[str]:
    return [part for name in ("stepfun_mock", *plugins) for part in ("-p", name)]
