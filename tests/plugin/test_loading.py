"""How the plugin is loaded: what it costs those who do not use it, and how it is left out."""

import subprocess
import sys

import pytest

from plugin.conftest import Run

PLAIN = """
    import requests
    from asking import ask, ask_socket

    def test_in_process(stepfun_mock):
        import httpx
        link = ask(response_format="url").json()["data"][0]["url"]
        assert httpx.get(link).status_code == 200

    def test_by_the_router(stepfun_respx):
        assert ask().status_code == 200

    def test_over_the_socket(stepfun_server):
        link = ask_socket(response_format="url").json()["data"][0]["url"]
        assert requests.get(link).status_code == 200
"""


OURS = [
    "stepfun_mock.options",
    "stepfun_mock.pytest_plugin",
]


def test_the_plugin_module_imports_nothing_but_pytest() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import stepfun_mock.pytest_plugin;"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["stepfun_mock", *OURS]


def test_a_run_that_does_not_use_it_loads_no_more(run_apart: Run) -> None:
    result = run_apart(
        """
        import sys, pytest

        def test_one():
            ours = {name for name in sys.modules if name.startswith("stepfun_mock.")}
            assert len(ours) == 2, ours
            assert not {"httpx", "httpx2", "asyncio", "uvicorn", "click"} & set(sys.modules)
        """
    )
    result.assert_outcomes(passed=1)


def test_installed_it_is_there_and_holds_under_strictness_and_warnings_as_errors(
    run_apart: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    pytester.makepyfile(test_it=PLAIN)
    strict = ["--strict-markers", "--strict-config", "-W", "error"]
    result = pytester.runpytest_subprocess(*strict, "-p", "no:asyncio", timeout=60)
    result.assert_outcomes(passed=3, warnings=0)
    assert result.stderr.str() == ""


@pytest.mark.parametrize("name", ["stepfun_mock", "stepfun_mock.pytest_plugin"])
def test_without_autoload_it_is_loaded_by_either_name(
    run: Run, pytester: pytest.Pytester, name: str
) -> None:
    pytester.makepyfile(test_it=PLAIN)
    pytester.runpytest_inprocess("-p", name, "-W", "error").assert_outcomes(passed=3)


def test_it_can_be_left_out(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it="def test_one(stepfun_mock): pass")
    result = pytester.runpytest_inprocess("-p", "no:stepfun_mock")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["E       fixture 'stepfun_mock' not found"])
    result.stdout.no_fnmatch_line("stepfun-mock: *")


def test_its_marker_and_its_flags_explain_themselves(run: Run) -> None:
    markers, flags = run("", "--markers"), run("", "--help")
    markers.stdout.fnmatch_lines(["@pytest.mark.stepfun([*][*]settings): set up the stepfun *"])
    flags.stdout.fnmatch_lines(
        ["stepfun-mock:", "  --stepfun-choice=NAME=VALUE", "  --stepfun-port=PORT *"]
    )


def test_its_fixtures_explain_themselves(run: Run) -> None:
    result = run("def test_one(): pass", "--fixtures")
    result.stdout.fnmatch_lines_random(
        [
            "stepfun_mock -- *",
            "    StepFun's image API in this process, under httpx, httpx2 and the openai SDK.",
            "stepfun_respx -- *",
            "stepfun_server -- *",
            "stepfun_server_session [[]session scope[]] -- *",
        ]
    )
    result.stdout.no_fnmatch_line("_stepfun*")


def test_what_is_not_installed_is_named_and_the_server_needs_none_of_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "stepfun_mock.transports.respx")
    for library in ("httpx", "httpx2", "respx"):
        monkeypatch.setitem(sys.modules, library, None)
    result = run(
        """
        import os, urllib.request

        def test_mock(stepfun_mock):
            pass

        def test_router(stepfun_respx):
            pass

        def test_server(stepfun_server):
            url = os.environ["STEP_BASE_URL"] + "/models"
            key = {"Authorization": "Bearer any-key"}
            with urllib.request.urlopen(urllib.request.Request(url, headers=key)) as reply:
                assert reply.status == 200
        """
    )
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(
        [
            "E *neither httpx nor httpx2 is installed, so there is no client to answer here; *",
            "E *a respx router needs respx and httpx: pip install 'stepfun-mock[[]respx[]]'",
        ]
    )
