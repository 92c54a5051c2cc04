"""The postcard maker, with StepFun's API in this process.

The fixture `stepfun_mock` sets STEP_API_KEY, and answers for https://api.stepfun.ai itself.
"""

from pathlib import Path

import postcard
import pytest

from stepfun_mock import StepfunMock, faults


def test_a_postcard_is_saved(stepfun_mock: StepfunMock, tmp_path: Path) -> None:
    postcard.make("a red fox", tmp_path / "fox.png", seed=7)
    assert (tmp_path / "fox.png").read_bytes().startswith(b"\x89PNG")
    stepfun_mock.assert_requested(times=1, size="768x1360")
    # What else was asked for, by the names of the API; width is what `size` means.
    stepfun_mock.assert_requested(prompt="A postcard of a red fox", seed=7, width=1360)


def test_a_filtered_postcard_is_an_error_and_no_file(
    stepfun_mock: StepfunMock, tmp_path: Path
) -> None:
    stepfun_mock.script(faults.content_filtered())
    with pytest.raises(postcard.FilteredError):
        postcard.make("a red fox", tmp_path / "fox.png")
    assert not (tmp_path / "fox.png").exists()


def test_the_sdk_waits_and_asks_again_when_there_were_too_many_requests(
    stepfun_mock: StepfunMock, tmp_path: Path
) -> None:
    stepfun_mock.script(faults.rate_limited())
    postcard.make("a red fox", tmp_path / "fox.png")
    assert (tmp_path / "fox.png").exists()
    assert [entry.status for entry in stepfun_mock.journal] == [429, 200]


def test_an_empty_balance_is_an_error_of_its_own_and_not_tried_again(
    stepfun_mock: StepfunMock, tmp_path: Path
) -> None:
    stepfun_mock.script(faults.out_of_balance())
    with pytest.raises(postcard.OutOfBalanceError):
        postcard.make("a red fox", tmp_path / "fox.png")
    stepfun_mock.assert_requested(times=1)
