"""The server fixtures: one server for a run, a state of its own for each test."""

import os
import socket
import threading

import pytest

from plugin.conftest import Run


def test_one_server_serves_all_tests_that_want_it_and_stops_with_the_run(
    run: Run, pytester: pytest.Pytester
) -> None:
    result = run(
        """
        import threading, pytest
        from asking import ask, ask_socket
        from pathlib import Path

        def threads():
            return [one for one in threading.enumerate() if one.name == "stepfun-mock"]

        def test_nobody_starts_it_for_others(stepfun_mock):
            ask()
            assert not threads()

        @pytest.mark.parametrize("number", range(3))
        def test_the_same_server_and_a_state_of_its_own(stepfun_server, number):
            assert not stepfun_server.journal
            assert ask_socket(prompt=f"fox {number}").status_code == 200
            stepfun_server.assert_requested(times=1, prompt=f"fox {number}")
            assert len(threads()) == 1
            with Path("addresses").open("a") as file:
                print(stepfun_server.base_url, file=file)

        def test_choices_and_time_are_of_one_test(stepfun_server):
            stepfun_server.mock.choose(link_life=1)
            stepfun_server.clock.freeze(at=0)

        @pytest.mark.stepfun(n_above_one="one_picture")
        def test_and_not_of_the_next(stepfun_server):
            assert stepfun_server.choices.link_life == 7200
            assert stepfun_server.clock.now() > 0
            assert ask_socket(n=2).status_code == 200
        """
    )
    result.assert_outcomes(passed=6)
    addresses = (pytester.path / "addresses").read_text().splitlines()
    assert len(addresses) == 3
    (address,) = set(addresses)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(address.split(":")[2].removesuffix("/v1"))))
    assert "stepfun-mock" not in {thread.name for thread in threading.enumerate()}


def test_its_variables_lead_to_it_in_any_order(run: Run) -> None:
    result = run(
        """
        import os
        from asking import ask_socket

        def led(server):
            assert os.environ["STEP_BASE_URL"] == server.base_url
            assert os.environ["STEPFUN_BASE_URL"] == server.base_url
            assert ask_socket().status_code == 200
            server.assert_requested(times=1)

        def test_alone(stepfun_server):
            led(stepfun_server)

        def test_after_the_mock(stepfun_mock, stepfun_server):
            led(stepfun_server)

        def test_before_the_mock(stepfun_server, stepfun_mock):
            led(stepfun_server)

        def test_before_the_router(stepfun_server, stepfun_respx):
            led(stepfun_server)

        def test_gone():
            assert not {"STEP_BASE_URL", "STEPFUN_BASE_URL"} & set(os.environ)
        """
    )
    result.assert_outcomes(passed=5)


def test_the_server_and_the_mock_of_one_test_share_one_state(run: Run) -> None:
    result = run(
        """
        import requests
        from asking import ask, ask_socket
        from stepfun_mock import faults

        def check(mock, server):
            server.script(faults.overloaded(), faults.server_error())
            assert (ask_socket().status_code, ask().status_code) == (503, 500)
            link = ask_socket(response_format="url").json()["data"][0]["url"]
            assert link.startswith(server.url)
            assert requests.get(link).status_code == 200
            mock.clock.advance(hours=3)
            assert requests.get(link).status_code == 404
            assert [e.status for e in mock.journal] == [e.status for e in server.journal]
            assert len(mock.journal) == 5
            mock.reset()
            server.assert_not_requested()

        def test_mock_first(stepfun_mock, stepfun_server):
            check(stepfun_mock, stepfun_server)

        def test_server_first(stepfun_server, stepfun_mock):
            check(stepfun_mock, stepfun_server)
        """,
        "--stepfun-ignore-advice=link.late",
    )
    result.assert_outcomes(passed=2)


def test_real_clients_reach_it_with_the_variables_alone(run: Run) -> None:
    result = run(
        """
        import asyncio, http.client, json, os, urllib.request
        from urllib.parse import urlsplit

        import aiohttp, httpx, httpx2, openai, pytest, requests, urllib3
        from asking import body

        @pytest.fixture(autouse=True)
        def asked_once(stepfun_server):
            yield
            stepfun_server.assert_requested(times=1, prompt="a fox")

        @pytest.fixture
        def url():
            return os.environ["STEP_BASE_URL"] + "/images/generations"

        @pytest.fixture
        def headers():
            return {
                "Authorization": f"Bearer {os.environ['STEP_API_KEY']}",
                "Content-Type": "application/json",
            }

        SENT = json.dumps(body()).encode()

        def test_requests(url, headers):
            assert requests.post(url, headers=headers, json=body()).status_code == 200

        def test_urllib(url, headers):
            asked = urllib.request.Request(url, SENT, headers)
            with urllib.request.urlopen(asked) as reply:
                assert reply.status == 200

        def test_urllib3(url, headers):
            assert urllib3.request("POST", url, body=SENT, headers=headers).status == 200

        def test_http_client(url, headers):
            connection = http.client.HTTPConnection(urlsplit(url).netloc)
            connection.request("POST", urlsplit(url).path, SENT, headers)
            assert connection.getresponse().status == 200
            connection.close()

        def test_aiohttp(url, headers):
            async def main():
                async with aiohttp.ClientSession() as session:
                    async with session.post(url, headers=headers, json=body()) as reply:
                        return reply.status
            assert asyncio.run(main()) == 200

        @pytest.mark.parametrize("library", [httpx, httpx2])
        def test_httpx(url, headers, library):
            assert library.post(url, headers=headers, json=body()).status_code == 200

        @pytest.mark.parametrize("library", [httpx, httpx2])
        def test_httpx_async(url, headers, library):
            async def main():
                async with library.AsyncClient() as client:
                    return await client.post(url, headers=headers, json=body())
            assert asyncio.run(main()).status_code == 200

        def test_openai():
            at = {"base_url": os.environ["STEP_BASE_URL"], "api_key": os.environ["STEP_API_KEY"]}
            with openai.OpenAI(**at) as client:
                assert client.images.generate(**body()).data[0].b64_json
        """
    )
    result.assert_outcomes(passed=10)


# An application that is started once -------------------------------------------------------

APPLICATION = '''
import os, sys, urllib.error, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from asking import ask_socket, swallowed

class Handler(BaseHTTPRequestHandler):
    """GET /PROMPT asks StepFun for it; GET /escape asks the real host, and hides the failure."""

    protocol_version = "HTTP/1.0"

    def do_GET(self):
        if self.path == "/escape":
            swallowed()
            status = 200
        else:
            status = ask_socket(self.server.base_url, prompt=self.path[1:]).status_code
        self.send_response(status)
        self.end_headers()

    def log_message(self, *given):
        pass

def made():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.base_url = os.environ["STEP_BASE_URL"]
    return server

if __name__ == "__main__":
    server = made()
    print(server.server_port, flush=True)
    server.serve_forever()
'''

STARTED_ONCE = """
import subprocess, sys, threading, urllib.error, urllib.request
import application, pytest

@pytest.fixture(scope="session")
def thread(stepfun_server_session):
    with application.made() as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()

@pytest.fixture(scope="session")
def child(stepfun_server_session):
    command = [sys.executable, "application.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()

def got(url):
    try:
        return urllib.request.urlopen(url).status
    except urllib.error.HTTPError as error:
        return error.code
"""


def test_an_application_that_is_started_once_asks_on_behalf_of_the_test_that_runs(
    run: Run, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(application=APPLICATION, conftest=STARTED_ONCE)
    result = run(
        """
        import pytest
        from conftest import got
        from stepfun_mock import faults

        @pytest.mark.parametrize("prompt", ["fox", "owl"])
        def test_own_requests(prompt, thread, stepfun_server):
            assert got(f"{thread}/{prompt}") == 200
            stepfun_server.assert_requested(times=1)
            stepfun_server.assert_requested(prompt=prompt)

        @pytest.mark.parametrize("prompt", ["fox", "owl"])
        def test_own_requests_of_a_child_process(prompt, child, stepfun_server):
            assert got(f"{child}/{prompt}") == 200
            stepfun_server.assert_requested(times=1)
            stepfun_server.assert_requested(prompt=prompt)

        def test_that_names_no_fixture_has_a_state_of_its_own(thread, stepfun_server_session):
            assert not stepfun_server_session.journal
            stepfun_server_session.script(faults.overloaded())
            assert got(f"{thread}/fox") == 503

        def test_of_the_mock_in_process(thread, stepfun_mock):
            assert got(f"{thread}/fox") == 200
            stepfun_mock.assert_requested(times=1)

        @pytest.mark.stepfun(filter_words=["blood"], filtered_reply="http_451")
        def test_with_choices_of_its_own(thread):
            assert got(f"{thread}/blood") == 451

        def test_whose_variables_lead_to_the_server(stepfun_server_session):
            import os
            assert os.environ["STEP_BASE_URL"] == stepfun_server_session.base_url
            assert os.environ["STEP_API_KEY"] == "stepfun-mock-key"
        """
    )
    result.assert_outcomes(passed=8)
    result.stdout.fnmatch_lines(["stepfun-mock: 7 pictures asked for in 7 tests, 5 drawn; *"])


def test_what_it_does_wrong_fails_the_test_that_made_it_so(
    run: Run, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(application=APPLICATION, conftest=STARTED_ONCE)
    result = run(
        """
        import os
        import pytest
        from conftest import got
        from stepfun_mock import faults

        def test_before(thread):
            pass

        def test_faults_unmet(thread, stepfun_server_session):
            stepfun_server_session.script(faults.overloaded())

        def test_between(thread):
            got(f"{thread}/fox")

        def test_escape(thread):
            got(f"{thread}/escape")

        @pytest.mark.stepfun(advice="error")
        def test_advice(thread):
            got(f"{thread}/" + "x" * 600)

        def test_after():
            pass
        """,
        "-v",
    )
    result.assert_outcomes(passed=3, failed=3)
    result.stdout.fnmatch_lines(
        [
            "*::test_faults_unmet FAILED*",
            "*::test_between PASSED*",
            "*::test_escape FAILED*",
            "*::test_advice FAILED*",
            "*::test_after PASSED*",
            "scripted, and not met: overloaded *",
            "requests (urllib3) asked the real api.stepfun.ai, and stepfun-mock stopped it: *",
            "*(advice of stepfun-mock, by the rule prompt.length; where it is meant: *",
        ]
    )


def test_its_variables_last_as_long_as_the_run_even_if_a_test_asks_for_it_late(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEP_API_KEY", "the-real-key")
    result = run(
        """
        import os, pytest

        @pytest.fixture(scope="module")
        def own_key(stepfun_server_session):
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("STEP_API_KEY", "a-fixtures-own")
                yield

        def check(server, key="stepfun-mock-key"):
            assert os.environ["STEP_BASE_URL"] == server.base_url
            assert os.environ["STEP_API_KEY"] == key

        def test_late(stepfun_server, request):
            check(request.getfixturevalue("stepfun_server_session"))

        def test_that_names_it(stepfun_server_session):
            check(stepfun_server_session)

        def test_with_a_key_of_its_own(stepfun_server_session, own_key):
            check(stepfun_server_session, "a-fixtures-own")

        def test_after_it(stepfun_server_session):
            check(stepfun_server_session, "a-fixtures-own")
        """
    )
    result.assert_outcomes(passed=4)
    left = {name: value for name, value in os.environ.items() if name.startswith("STEP")}
    assert left == {"STEP_API_KEY": "the-real-key"}


def test_under_the_sessions_server_children_are_never_led_to_the_real_host(run: Run) -> None:
    result = run(
        """
        import os
        import pytest

        @pytest.fixture(scope="session", autouse=True)
        def application(stepfun_server_session):
            return stepfun_server_session

        @pytest.mark.parametrize("fixture", ["stepfun_mock", "stepfun_respx", "stepfun_server"])
        def test_one(application, fixture, request):
            request.getfixturevalue(fixture)
            assert os.environ["STEP_BASE_URL"] == application.base_url
        """
    )
    result.assert_outcomes(passed=3)
