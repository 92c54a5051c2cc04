"""What the in-process fixtures give a test, and take away with it."""

import os

import pytest

from plugin.conftest import Run


def test_each_test_has_a_fresh_mock(run: Run) -> None:
    result = run(
        """
        import pytest
        from asking import ask

        @pytest.fixture
        def asked_before_the_first_line(stepfun_mock):
            ask(prompt="a fixture's")

        @pytest.mark.parametrize("number", range(3))
        def test_sees_its_own_requests(stepfun_mock, number):
            assert not stepfun_mock.journal
            assert ask(prompt=f"fox {number}").status_code == 200
            stepfun_mock.assert_requested(times=1, prompt=f"fox {number}")

        def test_and_those_of_its_fixtures(asked_before_the_first_line, stepfun_mock):
            assert [request.prompt for request in stepfun_mock.requests] == ["a fixture's"]

        def test_and_its_own_choices_and_time(stepfun_mock):
            stepfun_mock.choose(link_life=1)
            stepfun_mock.clock.freeze(at=0)

        def test_which_the_next_does_not_see(stepfun_mock):
            assert stepfun_mock.choices.link_life == 7200
            assert stepfun_mock.clock.now() > 0
        """
    )
    result.assert_outcomes(passed=6)


def test_both_hosts_both_prefixes_and_links_are_answered_to_each_client(run: Run) -> None:
    result = run(
        """
        import asyncio, httpx, httpx2, pytest
        from asking import KEY, body

        async def awaited(library, method, url, **given):
            async with library.AsyncClient(verify=False) as client:
                return await client.request(method, url, headers=KEY, **given)

        def sync(library, method, url, **given):
            with library.Client(verify=False) as client:
                return client.request(method, url, headers=KEY, **given)

        def asynchronous(*given, **named):
            return asyncio.run(awaited(*given, **named))

        @pytest.mark.parametrize("host", ["api.stepfun.ai", "api.stepfun.com"])
        @pytest.mark.parametrize("prefix", ["/v1", "/step_plan/v1"])
        @pytest.mark.parametrize("library", [httpx, httpx2])
        @pytest.mark.parametrize("send", [sync, asynchronous])
        def test_picture(stepfun_mock, host, prefix, library, send):
            root = f"https://{host}"
            asked = body(response_format="url")
            reply = send(library, "POST", f"{root}{prefix}/images/generations", json=asked)
            assert type(reply) is library.Response
            link = reply.json()["data"][0]["url"]
            assert link.startswith(f"{root}/")
            assert send(library, "GET", link).content.startswith(b"\\x89PNG")
            assert [entry.status for entry in stepfun_mock.journal] == [200, 200]
        """
    )
    result.assert_outcomes(passed=16)


def test_the_openai_sdk_is_answered_with_its_own_types(run: Run) -> None:
    result = run(
        """
        import asyncio, openai, pytest
        from asking import body
        from stepfun_mock import faults

        AT = {"base_url": "https://api.stepfun.ai/v1", "api_key": "any-key", "max_retries": 0}

        def test_sync(stepfun_mock):
            reply = openai.OpenAI(**AT).images.generate(**body(), extra_body={"seed": 7})
            assert type(reply).__name__ == "ImagesResponse"
            stepfun_mock.assert_requested(times=1, seed=7)

        def test_async(stepfun_mock):
            async def main():
                async with openai.AsyncOpenAI(**AT) as client:
                    return await client.images.generate(**body())
            assert asyncio.run(main()).data[0].b64_json
            stepfun_mock.assert_requested(times=1)

        def test_errors(stepfun_mock):
            stepfun_mock.script(faults.rate_limited())
            with pytest.raises(openai.RateLimitError):
                openai.OpenAI(**AT).images.generate(**body())
        """
    )
    result.assert_outcomes(passed=3)


# The environment -------------------------------------------------------------------------


@pytest.mark.parametrize("fixture", ["stepfun_mock", "stepfun_respx", "stepfun_server"])
def test_a_real_key_is_out_of_reach_while_a_fixture_is_active(
    run: Run, fixture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEP_API_KEY", "the-real-key")
    result = run(
        f"""
        import os, pytest

        def test_under_the_fixture({fixture}):
            assert os.environ["STEP_API_KEY"] == os.environ["STEPFUN_API_KEY"]
            assert os.environ["STEP_API_KEY"] == "stepfun-mock-key"

        @pytest.mark.stepfun(api_keys=["only-this-one"])
        def test_the_fake_key_is_one_that_the_mock_accepts({fixture}):
            assert os.environ["STEP_API_KEY"] == "only-this-one"

        def test_without_it():
            assert os.environ["STEP_API_KEY"] == "the-real-key"
            assert "STEPFUN_API_KEY" not in os.environ
        """
    )
    result.assert_outcomes(passed=3)


def test_variables_that_a_test_sets_itself_are_restored_too(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEP_API_KEY", "the-real-key")
    result = run(
        """
        import os, pytest

        @pytest.fixture
        def patched_by_itself():
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("STEP_API_KEY", "the fixture's own")
                yield

        @pytest.fixture(autouse=True)
        def nothing_leaked():
            assert os.environ["STEP_API_KEY"] == "the-real-key"
            yield

        def test_monkeypatch_first(monkeypatch, stepfun_mock):
            monkeypatch.setenv("STEP_API_KEY", "the test's own")

        def test_monkeypatch_last(stepfun_mock, monkeypatch):
            monkeypatch.setenv("STEP_API_KEY", "the test's own")

        def test_monkeypatch_used_first(monkeypatch, request):
            monkeypatch.setenv("STEP_API_KEY", "the test's own")
            request.getfixturevalue("stepfun_mock")
            assert os.environ["STEP_API_KEY"] == "stepfun-mock-key"

        def test_another_patch_first(patched_by_itself, stepfun_mock):
            assert os.environ["STEP_API_KEY"] == "stepfun-mock-key"

        def test_another_patch_last(stepfun_mock, patched_by_itself):
            assert os.environ["STEP_API_KEY"] == "the fixture's own"

        def test_nothing_is_left():
            pass
        """
    )
    result.assert_outcomes(passed=6)
    assert "STEPFUN_API_KEY" not in os.environ


def test_openais_variables_are_set_where_that_is_asked_for_only(run: Run) -> None:
    result = run(
        """
        import os, openai, pytest
        from asking import body

        def test_not_by_default(stepfun_mock, stepfun_server):
            assert not {"OPENAI_API_KEY", "OPENAI_BASE_URL"} & set(os.environ)

        @pytest.mark.stepfun(openai_variables=True)
        def test_in_process(stepfun_mock):
            assert os.environ["OPENAI_BASE_URL"] == "https://api.stepfun.ai/v1"
            openai.OpenAI().images.generate(**body())
            stepfun_mock.assert_requested(times=1)

        @pytest.mark.stepfun(openai_variables=True)
        def test_over_the_socket(stepfun_server):
            assert os.environ["OPENAI_BASE_URL"] == stepfun_server.base_url
            openai.OpenAI().images.generate(**body())
            stepfun_server.assert_requested(times=1)
        """
    )
    result.assert_outcomes(passed=3)


def test_in_process_a_base_url_that_points_elsewhere_is_pointed_back(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEP_BASE_URL", "https://gateway.intra/v1")
    result = run(
        """
        import os

        def test_pointed_back(stepfun_mock):
            assert os.environ["STEP_BASE_URL"] == stepfun_mock.base_url
            assert stepfun_mock.base_url == "https://api.stepfun.ai/v1"
            assert "STEPFUN_BASE_URL" not in os.environ

        def test_by_the_router_too(stepfun_respx):
            assert os.environ["STEP_BASE_URL"] == "https://api.stepfun.ai/v1"

        def test_restored():
            assert os.environ["STEP_BASE_URL"] == "https://gateway.intra/v1"
        """
    )
    result.assert_outcomes(passed=3)


def test_proxies_are_kept_from_stepfuns_hosts_alone(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.intra:3128")
    result = run(
        """
        import os, urllib.request

        def test_the_proxy_is_there_for_others_only(stepfun_mock):
            assert urllib.request.proxy_bypass("api.stepfun.ai")
            assert not urllib.request.proxy_bypass("api.example")
            assert os.environ["HTTPS_PROXY"] == "http://proxy.intra:3128"
        """
    )
    result.assert_outcomes(passed=1)


# The router of respx ----------------------------------------------------------------------


def test_the_router_has_named_routes_that_a_test_can_watch_and_replace(run: Run) -> None:
    result = run(
        """
        import httpx, httpx2, pytest
        from asking import GENERATIONS, KEY, ask, body

        def test_watched(stepfun_respx):
            link = ask(response_format="url").json()["data"][0]["url"]
            httpx.get(link, verify=False)
            httpx.get("https://api.stepfun.ai/v1/models", headers=KEY, verify=False)
            names = ["generations", "picture", "models"]
            assert [stepfun_respx[name].call_count for name in names] == [1, 1, 1]
            assert b"a fox" in stepfun_respx["generations"].calls.last.request.content

        def test_replaced(stepfun_respx):
            stepfun_respx["generations"].respond(418)
            assert ask().status_code == 418

        def test_whole_again_and_none_need_be_called(stepfun_respx):
            assert stepfun_respx["generations"].call_count == 0

        def test_httpx2(stepfun_respx):
            reply = httpx2.post(GENERATIONS, headers=KEY, json=body(), verify=False)
            assert type(reply) is httpx2.Response
            assert stepfun_respx["generations"].called
        """
    )
    result.assert_outcomes(passed=4)


def test_the_router_and_the_mock_of_one_test_share_one_state(run: Run) -> None:
    result = run(
        """
        from asking import ask
        from stepfun_mock import faults

        def check(mock, router):
            mock.script(faults.overloaded())
            assert ask().status_code == 503
            assert ask().status_code == 200
            mock.assert_requested(times=2)
            assert router["generations"].call_count == 2

        def test_mock_first(stepfun_mock, stepfun_respx):
            check(stepfun_mock, stepfun_respx)

        def test_router_first(stepfun_respx, stepfun_mock):
            check(stepfun_mock, stepfun_respx)
        """
    )
    result.assert_outcomes(passed=2)
