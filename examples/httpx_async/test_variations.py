"""The variations, with StepFun's API in this process; no async plugin of pytest is needed.

The fixture `stepfun_mock` sets STEP_API_KEY, and answers for https://api.stepfun.ai itself.
"""

import asyncio

import httpx
import pytest
from dirty_equals import HasLen, IsInt, IsStr
from variations import variations

from stepfun_mock import StepfunMock, faults


def test_each_seed_gives_a_picture_of_its_own(stepfun_mock: StepfunMock) -> None:
    pictures = asyncio.run(variations("a red fox", [1, 2, 3]))
    assert set(pictures) == {1, 2, 3}
    assert len(set(pictures.values())) == 3
    stepfun_mock.assert_requested(times=3, prompt="a red fox", response_format="b64_json")


def test_the_same_seed_gives_the_same_picture(stepfun_mock: StepfunMock) -> None:
    once = asyncio.run(variations("a red fox", [7]))
    again = asyncio.run(variations("a red fox", [7]))
    assert once == again


def test_what_was_asked_can_be_matched_by_dirty_equals(stepfun_mock: StepfunMock) -> None:
    asyncio.run(variations("a red fox in the snow", range(5)))
    stepfun_mock.assert_requested(times=5, prompt=IsStr(regex=".*fox.*") & HasLen(1, 512))
    stepfun_mock.assert_requested(times=2, seed=IsInt(ge=3))


def test_a_variation_that_is_filtered_is_left_out(stepfun_mock: StepfunMock) -> None:
    # They are sent at once, so a fault picks its request by a field and not by its turn.
    stepfun_mock.script(faults.content_filtered(when={"seed": 2}))
    assert set(asyncio.run(variations("a red fox", [1, 2, 3]))) == {1, 3}


def test_a_key_that_is_not_known_is_an_error(
    stepfun_mock: StepfunMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stepfun_mock.choose(api_keys=["the-only-key"])
    monkeypatch.setenv("STEP_API_KEY", "another-key")
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        asyncio.run(variations("a red fox", [1]))
