"""The album, with StepFun's API on a port of this machine.

requests is none of the libraries that can be answered in process, so it needs a server. The
fixture `stepfun_server` starts one, and sets STEP_BASE_URL and STEP_API_KEY.
"""

from pathlib import Path

import album
import pytest
import requests

from stepfun_mock import MockServer, faults


def test_pictures_are_downloaded_at_once(stepfun_server: MockServer, tmp_path: Path) -> None:
    album.add(tmp_path, "fox", "a red fox")
    album.add(tmp_path, "lake", "an alpine lake")
    assert (tmp_path / "fox.png").read_bytes().startswith(b"\x89PNG")
    assert [one.prompt for one in stepfun_server.requests] == ["a red fox", "an alpine lake"]
    # Each link was fetched before the next picture was asked for.
    assert [entry.method for entry in stepfun_server.journal] == ["POST", "GET", "POST", "GET"]


# A link that is fetched too late is what the mock gives advice on, as a warning; here it is
# the very thing that is tested.
@pytest.mark.stepfun(ignore_advice=["link.late"])
def test_a_link_dies_after_two_hours(stepfun_server: MockServer) -> None:
    link = album.ask("a red fox")
    stepfun_server.clock.advance(hours=2)
    with pytest.raises(album.GoneError):
        album.download(link)


def test_nothing_is_added_when_the_service_is_overloaded(
    stepfun_server: MockServer, tmp_path: Path
) -> None:
    stepfun_server.script(faults.overloaded())
    with pytest.raises(requests.HTTPError, match="503"):
        album.add(tmp_path, "fox", "a red fox")
    assert list(tmp_path.iterdir()) == []


# The word is the mock's own choice, set for this test; which ones StepFun filters nobody says.
@pytest.mark.stepfun(filter_words=["bloody"])
def test_nothing_is_added_when_the_prompt_is_filtered(
    stepfun_server: MockServer, tmp_path: Path
) -> None:
    with pytest.raises(album.FilteredError):
        album.add(tmp_path, "fox", "a bloody fox")
    assert list(tmp_path.iterdir()) == []
