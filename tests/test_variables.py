"""The environment of a test: which variables, and when."""

import pytest

from stepfun_mock import variables
from stepfun_mock.settings import Settings

PLAIN, OPENAI = Settings(), Settings(openai_variables=True)


def test_real_keys_are_replaced_and_proxies_kept_away() -> None:
    found = variables.of_keys(PLAIN, "fake", {"STEP_API_KEY": "real", "NO_PROXY": "intra.net"})
    assert found.pop("STEP_API_KEY") == found.pop("STEPFUN_API_KEY") == "fake"
    assert set(found) == {"NO_PROXY", "no_proxy"}
    assert found["NO_PROXY"].startswith("intra.net,")
    assert all("api.stepfun.ai" in value for value in found.values())


def test_openais_variables_are_set_where_that_is_asked_for_only() -> None:
    assert "OPENAI_API_KEY" not in variables.of_keys(PLAIN, "fake", {})
    assert variables.of_keys(OPENAI, "fake", {})["OPENAI_API_KEY"] == "fake"
    url = "http://127.0.0.1:1/v1"
    assert "OPENAI_BASE_URL" not in variables.of_base_url(PLAIN, url, {}, served=True)
    assert variables.of_base_url(OPENAI, url, {}, served=False) == {"OPENAI_BASE_URL": url}


def test_a_servers_address_is_always_set() -> None:
    url = "http://127.0.0.1:1/v1"
    found = variables.of_base_url(PLAIN, url, {"NO_PROXY": "intra.net"}, served=True)
    assert found["STEP_BASE_URL"] == found["STEPFUN_BASE_URL"] == url


def test_no_proxy_stands_before_the_server() -> None:
    found = variables.of_base_url(PLAIN, "url", {"NO_PROXY": "intra.net"}, served=True)
    hosts = "intra.net,api.stepfun.ai,api.stepfun.com,127.0.0.1,localhost,::1"
    assert found["NO_PROXY"] == found["no_proxy"] == hosts


def test_in_process_only_what_points_elsewhere_is_pointed_back() -> None:
    url = "https://api.stepfun.ai/v1"
    assert variables.of_base_url(PLAIN, url, {}, served=False) == {}
    environ = {"STEPFUN_BASE_URL": "https://gateway.intra/v1"}
    assert variables.of_base_url(PLAIN, url, environ, served=False) == {"STEPFUN_BASE_URL": url}


@pytest.mark.parametrize("before", [None, "real"])
def test_changes_are_undone_where_nobody_else_has_been(before: str | None) -> None:
    environ = {} if before is None else {"KEY": before}
    changes = variables.Changes(environ)
    changes.make({"KEY": "fake"})
    changes.make({"KEY": "fake again", "URL": "there"})
    assert environ == {"KEY": "fake again", "URL": "there"}
    changes.undo()
    assert environ == ({} if before is None else {"KEY": before})


def test_what_another_put_back_stays() -> None:
    environ = {"KEY": "real"}
    changes = variables.Changes(environ)
    environ["KEY"] = "another's"
    changes.make({"KEY": "fake"})
    environ["KEY"] = "real"  # the other is undone first
    changes.undo()
    assert environ == {"KEY": "real"}


def test_what_another_laid_on_top_and_took_away_leads_back_to_the_start() -> None:
    environ = {"KEY": "real"}
    changes = variables.Changes(environ)
    changes.make({"KEY": "fake"})
    environ["KEY"] = "another's"
    environ["KEY"] = "fake"  # the other puts back what it found
    changes.undo()
    assert environ == {"KEY": "real"}
