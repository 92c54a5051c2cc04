"""Nothing escapes: what asks the real service from under a fixture fails its test."""

import pytest

from plugin.conftest import Run

USE_THE_SERVER = "use the fixture stepfun_server, and give the client its base_url"
USE_ITS_URL = (
    "the client was made before the fixture or without a base URL; make it within the test, and "
    "give it http://127.0.0.1:*/v1"
)

# Each asks the real service, by a client that a test may well have, and hides the failure.
CLIENTS = {
    "requests": ("requests (urllib3)", 'requests.get("https://api.stepfun.ai/v1/models")'),
    "urllib": ("urllib", 'urllib.request.urlopen("https://api.stepfun.ai/v1/models")'),
    "urllib3": ("urllib3", 'urllib3.request("GET", "https://api.stepfun.ai/v1/models")'),
    "aiohttp": ("aiohttp", "asyncio.run(by_aiohttp())"),
    "http_client": (
        "http.client",
        'http.client.HTTPSConnection("api.stepfun.ai").request("GET", "/")',
    ),
    "socket": ("a socket of its own", 'socket.create_connection(("api.stepfun.ai", 443))'),
}
PRELUDE = """
import asyncio, http.client, socket, threading, urllib.request
import aiohttp, httpx, openai, pytest, requests, urllib3

async def by_aiohttp():
    async with aiohttp.ClientSession() as session:
        await session.get("https://api.stepfun.ai/v1/models")
"""


def suite(fixture: str, calls: dict[str, str]) -> str:
    """A test for each call, in which the application swallows every exception."""
    tests = [
        f"def test_{name}({fixture}):\n    try:\n        {call}\n"
        "    except BaseException:\n        pass\n"
        for name, call in calls.items()
    ]
    return "\n".join([PRELUDE, *tests])


@pytest.mark.parametrize("fixture", ["stepfun_mock", "stepfun_respx"])
def test_an_escape_fails_its_test_though_the_application_swallowed_it(
    run: Run, fixture: str
) -> None:
    result = run(suite(fixture, {name: call for name, (_, call) in CLIENTS.items()}))
    result.assert_outcomes(failed=len(CLIENTS))
    for who, _ in CLIENTS.values():
        sentence = f"{who} asked the real api.stepfun.ai, and stepfun-mock stopped it"
        assert f"\n{sentence}: {USE_THE_SERVER}\n" in result.stdout.str()
    assert result.stdout.str().count(USE_THE_SERVER) == len(CLIENTS)


def test_under_the_server_alone_clients_of_httpx_escape_too_and_hear_of_its_address(
    run: Run,
) -> None:
    asked = 'base_url="https://api.stepfun.ai/v1", api_key="any-key"'
    calls = {
        "httpx": 'httpx.get("https://api.stepfun.ai/v1/models")',
        "openai": f"openai.OpenAI({asked}).models.list()",
        "requests": CLIENTS["requests"][1],
    }
    result = run(suite("stepfun_server", calls))
    result.assert_outcomes(failed=3)
    below = "httpx" if int(openai_version().split(".")[0]) < 3 else "httpx2"
    result.stdout.fnmatch_lines(
        [
            f"{who} asked the real api.stepfun.ai, and stepfun-mock stopped it: {USE_ITS_URL}"
            for who in ("httpx", f"openai ({below})", "requests (urllib3)")
        ]
    )


def openai_version() -> str:
    import openai

    return openai.__version__


def test_what_escapes_around_a_test_fails_it(run: Run) -> None:
    result = run(
        """
        import threading
        import pytest
        from asking import swallowed

        @pytest.fixture
        def untidy(stepfun_mock):
            yield
            swallowed()

        @pytest.fixture
        def curious(stepfun_mock):
            swallowed()

        def test_in_a_teardown(untidy):
            pass

        def test_in_a_setup(curious):
            pass

        def test_in_a_thread(stepfun_mock):
            thread = threading.Thread(target=swallowed)
            thread.start()
            thread.join()

        def test_before_a_skip(stepfun_mock):
            swallowed()
            pytest.skip("the service does not seem to be there")

        def test_and_no_other(stepfun_mock):
            pass
        """,
        "-rA",
    )
    result.assert_outcomes(passed=2, failed=2, errors=2, skipped=1)
    result.stdout.fnmatch_lines_random(
        [
            "ERROR *::test_in_a_teardown - *requests (urllib3) asked*",
            "FAILED *::test_in_a_setup - *requests (urllib3) asked*",
            "FAILED *::test_in_a_thread - *requests (urllib3) asked*",
            "ERROR *::test_before_a_skip - *requests (urllib3) asked*",
            "PASSED *::test_and_no_other",
        ]
    )


def test_equal_escapes_are_told_once(run: Run) -> None:
    result = run(
        """
        from asking import swallowed

        def test_many(stepfun_mock):
            for _ in range(3):
                swallowed()
                swallowed("https://api.stepfun.com/v1")
        """
    )
    result.assert_outcomes(failed=1)
    for host in ("api.stepfun.ai", "api.stepfun.com"):
        assert result.stdout.str().count(f"asked the real {host}, and") == 1


def test_an_escape_that_the_test_expected_fails_it_all_the_same(run: Run) -> None:
    result = run(
        """
        import pytest
        from asking import ask_socket

        def test_refused(stepfun_mock):
            with pytest.raises(RuntimeError, match="stepfun-mock stopped it"):
                ask_socket("https://api.stepfun.ai/v1")
        """
    )
    result.assert_outcomes(failed=1)


def test_other_hosts_are_left_alone(run: Run) -> None:
    result = run(
        """
        import threading
        from http.server import BaseHTTPRequestHandler, HTTPServer
        import httpx, pytest, requests

        class Teapot(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(418)
                self.end_headers()

            def log_message(self, *given):
                pass

        @pytest.fixture(scope="session")
        def elsewhere():
            with HTTPServer(("127.0.0.1", 0), Teapot) as server:
                threading.Thread(target=server.serve_forever).start()
                yield f"http://localhost:{server.server_port}"
                server.shutdown()

        def test_one(stepfun_mock, stepfun_respx, stepfun_server, elsewhere):
            for library in (httpx, requests):
                assert library.get(elsewhere).status_code == 418
        """
    )
    result.assert_outcomes(passed=1)


def test_the_guard_is_off_where_no_fixture_is_active(run: Run, looked_up: list[str]) -> None:
    result = run(
        """
        from asking import swallowed

        def test_before():
            swallowed()

        def test_guarded(stepfun_mock, stepfun_server):
            pass

        def test_after():
            swallowed()
        """
    )
    result.assert_outcomes(passed=3)
    assert looked_up == ["api.stepfun.ai"] * 2
    looked_up.clear()


def test_a_test_case_that_skips_after_an_escape_is_an_error_all_the_same(run: Run) -> None:
    result = run(
        """
        import unittest
        import pytest
        from asking import swallowed

        @pytest.mark.usefixtures("stepfun_mock")
        class TestIt(unittest.TestCase):
            def test_one(self):
                swallowed()
                self.skipTest("not today")
        """
    )
    result.assert_outcomes(skipped=1, errors=1)
    result.stdout.fnmatch_lines(["requests (urllib3) asked the real api.stepfun.ai, and *"])
