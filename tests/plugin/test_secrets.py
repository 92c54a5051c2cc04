"""No key is written anywhere, whatever a test does with it."""

import pytest

from plugin.conftest import Run

CANARY = "sk-CANARY-0123456789abcdef"


@pytest.mark.parametrize("name", ["STEP_API_KEY", "STEPFUN_API_KEY", "OPENAI_API_KEY"])
def test_a_real_key_shows_up_in_no_output(
    run: Run, name: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, CANARY)
    pytester.makeconftest(f"""
        import os
        os.environ["STEPFUN_KEPT"] = os.environ[{name!r}]  # an application that read it early
    """)
    result = run(
        """
        import contextlib
        import os
        import httpx
        import requests
        from asking import body

        GENERATIONS = "https://api.stepfun.ai/v1/images/generations"

        def headers():
            return {"Authorization": "Bearer " + os.environ["STEPFUN_KEPT"]}

        def test_in_a_path(stepfun_mock):
            httpx.get("https://api.stepfun.ai/v1/models/" + os.environ["STEPFUN_KEPT"])
            stepfun_mock.assert_not_requested()

        def test_in_a_query(stepfun_mock):
            httpx.get("https://api.stepfun.ai/v1/nowhere?key=" + os.environ["STEPFUN_KEPT"])
            stepfun_mock.assert_requested()

        def test_in_a_header(stepfun_mock):
            httpx.post(GENERATIONS, headers=headers(), json=body(steps=0))
            stepfun_mock.assert_requested(steps=9)

        def test_in_a_prompt(stepfun_mock):
            prompt = "draw " + os.environ["STEPFUN_KEPT"]
            httpx.post(GENERATIONS, headers=headers(), json=body(prompt=prompt))
            stepfun_mock.assert_requested(steps=9)

        def test_on_the_way_out(stepfun_mock):
            with contextlib.suppress(Exception):
                requests.post(GENERATIONS, headers=headers(), json=body())

        """,
        "-vv",
        "--junitxml=report.xml",
    )
    result.assert_outcomes(failed=5)
    assert CANARY not in result.stdout.str() + result.stderr.str()
    assert CANARY not in (pytester.path / "report.xml").read_text("utf-8")
