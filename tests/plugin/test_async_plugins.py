"""Beside pytest-asyncio and anyio: async tests, and async clients on any event loop."""

import pytest

from plugin.conftest import Run

ASKING = """
    import os
    import httpx, httpx2, openai, pytest
    from asking import GENERATIONS, KEY, body

    async def asked(library, url):
        async with library.AsyncClient(verify=False) as client:
            return (await client.post(url, headers=KEY, json=body())).status_code

    async def asked_by_openai(base_url):
        async with openai.AsyncOpenAI(base_url=base_url, api_key="any-key") as client:
            return (await client.images.generate(**body())).data[0].b64_json
"""
TESTS = """
    {mark}
    @pytest.mark.parametrize("library", [httpx, httpx2])
    async def test_in_process(stepfun_mock, library):
        assert await asked(library, GENERATIONS) == 200
        stepfun_mock.assert_requested(times=1)

    {mark}
    async def test_in_process_by_openai(stepfun_mock):
        assert await asked_by_openai(stepfun_mock.base_url)

    {mark}
    @pytest.mark.parametrize("library", [httpx, httpx2])
    async def test_over_the_socket(stepfun_server, library):
        assert await asked(library, os.environ["STEP_BASE_URL"] + "/images/generations") == 200
        stepfun_server.assert_requested(times=1)

    {mark}
    async def test_over_the_socket_by_openai(stepfun_server):
        assert await asked_by_openai(stepfun_server.base_url)
        stepfun_server.assert_requested(times=1)
"""


def test_pytest_asyncio(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    source = ASKING + TESTS.format(mark="@pytest.mark.asyncio")
    run(source, "-W", "error", plugins=("pytest_asyncio.plugin",)).assert_outcomes(passed=6)


def test_pytest_asyncio_in_its_automatic_mode_with_async_fixtures(
    run: Run, pytester: pytest.Pytester
) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = session\nasyncio_mode = auto")
    result = run(
        ASKING
        + """
    @pytest.fixture
    async def client(stepfun_mock):
        async with httpx.AsyncClient(headers=KEY) as client:
            yield client

    async def test_one(client, stepfun_mock):
        assert (await client.post(GENERATIONS, json=body())).status_code == 200
        stepfun_mock.assert_requested(times=1)
        """,
        plugins=("pytest_asyncio.plugin",),
    )
    result.assert_outcomes(passed=1)


def test_anyio_on_asyncio_and_on_trio(run: Run) -> None:
    result = run(
        ASKING + TESTS.format(mark="@pytest.mark.anyio"), "-W", "error", plugins=("anyio",)
    )
    result.assert_outcomes(passed=12)


def test_what_escapes_from_a_coroutine_fails_its_test(run: Run) -> None:
    result = run(
        """
        import aiohttp, pytest

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.mark.anyio
        async def test_one(stepfun_mock):
            try:
                async with aiohttp.ClientSession() as session:
                    await session.get("https://api.stepfun.ai/v1/models")
            except BaseException:
                pass
        """,
        plugins=("anyio",),
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["aiohttp asked the real api.stepfun.ai, and *"])
