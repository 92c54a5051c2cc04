"""Beside the fixtures of other mocks in one test, whichever comes first."""

import pytest

from plugin.conftest import Run

OURS = ["stepfun_mock", "stepfun_respx"]


@pytest.mark.parametrize("ours", OURS)
@pytest.mark.parametrize("using", ["httpcore", "httpx"])
def test_respx_keeps_other_hosts_in_either_order(run: Run, ours: str, using: str) -> None:
    result = run(
        f"""
        import httpx, pytest, respx
        from asking import ask

        @pytest.fixture
        def theirs():
            with respx.mock(using="{using}", assert_all_called=False) as router:
                router.get("https://other.example/").respond(418)
                yield router

        def check():
            assert ask().status_code == 200
            assert httpx.get("https://other.example/", verify=False).status_code == 418
            with pytest.raises(Exception, match="not mocked!"):
                httpx.get("https://unheard.of/", verify=False)

        def test_ours_first({ours}, theirs):
            check()

        def test_theirs_first(theirs, {ours}):
            check()

        @respx.mock
        def test_decorator({ours}):
            respx.get("https://other.example/").respond(418)
            check()

        def test_nothing_is_left():
            from respx.mocks import HTTPCoreMocker, HTTPXMocker
            assert HTTPXMocker.routers == HTTPCoreMocker.routers == []
        """
    )
    result.assert_outcomes(passed=4)


@pytest.mark.parametrize("ours", OURS)
def test_respxs_own_fixture_in_either_order(run: Run, ours: str) -> None:
    result = run(
        f"""
        import httpx, pytest
        from asking import ask

        def check(router):
            router.get("https://other.example/").respond(418)
            assert ask().status_code == 200
            assert httpx.get("https://other.example/", verify=False).status_code == 418

        def test_ours_first({ours}, respx_mock):
            check(respx_mock)

        def test_theirs_first(respx_mock, {ours}):
            check(respx_mock)
        """,
        plugins=("respx.plugin",),
    )
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("ours", OURS)
def test_pytest_httpx_keeps_other_hosts_in_either_order(run: Run, ours: str) -> None:
    result = run(
        f"""
        import httpx
        from asking import ask

        def check(httpx_mock):
            httpx_mock.add_response(url="https://other.example/", status_code=418)
            assert ask().status_code == 200
            assert httpx.get("https://other.example/", verify=False).status_code == 418

        def test_ours_first({ours}, httpx_mock):
            check(httpx_mock)

        def test_theirs_first(httpx_mock, {ours}):
            check(httpx_mock)

        def test_both_of_ours(stepfun_mock, stepfun_respx, httpx_mock):
            check(httpx_mock)
        """,
        plugins=("pytest_httpx",),
    )
    result.assert_outcomes(passed=3)


@pytest.mark.parametrize("ours", OURS)
def test_pytest_httpx2_keeps_other_hosts_in_either_order(run: Run, ours: str) -> None:
    result = run(
        f"""
        import httpx2
        from asking import GENERATIONS, KEY, body

        def check(mock):
            mock.get("https://other.example/").respond(418)
            reply = httpx2.post(GENERATIONS, headers=KEY, json=body(), verify=False)
            assert reply.status_code == 200
            assert httpx2.get("https://other.example/", verify=False).status_code == 418

        def test_ours_first({ours}, httpx2_mock):
            check(httpx2_mock)

        def test_theirs_first(httpx2_mock, {ours}):
            check(httpx2_mock)
        """,
        plugins=("pytest_httpx2",),
    )
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("ours", OURS)
def test_a_transport_of_the_tests_own_keeps_what_it_is(run: Run, ours: str) -> None:
    result = run(
        f"""
        import httpx, httpx2, pytest
        from asking import GENERATIONS

        @pytest.mark.parametrize("library", [httpx, httpx2])
        def test_one({ours}, library):
            own = library.MockTransport(lambda request: library.Response(418))
            assert library.Client(transport=own).get(GENERATIONS).status_code == 418
        """
    )
    result.assert_outcomes(passed=2)


def test_the_server_is_reached_past_a_router_that_lets_it_pass(run: Run) -> None:
    result = run(
        """
        import httpx, respx
        from asking import ask

        def test_one(stepfun_server, respx_mock):
            respx_mock.route(host="127.0.0.1").pass_through()
            assert ask(stepfun_server.base_url).status_code == 200
        """,
        plugins=("respx.plugin",),
    )
    result.assert_outcomes(passed=1)
