"""What a user wants checked, and with which key."""

import pytest

from contracts.order import NoKeyError, for_pytest, key_for
from contracts.run import PLACEHOLDER
from contracts.target import parse

REMOTE = parse("https://image.example/v1")
HERE = parse("http://127.0.0.1:9000/v1")
MOCK = parse("mock")


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEP_API_KEY", raising=False)
    monkeypatch.delenv("OTHER_KEY", raising=False)


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEP_API_KEY", "sk-1")
    monkeypatch.setenv("OTHER_KEY", "sk-2")
    for target in (REMOTE, HERE):
        key = key_for(target)
        assert (key.bearer(), key.origin) == ("Bearer sk-1", "STEP_API_KEY")
        key = key_for(target, "OTHER_KEY")
        assert (key.bearer(), key.origin) == ("Bearer sk-2", "OTHER_KEY")


@pytest.mark.parametrize("target", [HERE, MOCK], ids=["a server", "the mock"])
def test_on_this_machine_a_placeholder_will_do(target: object) -> None:
    key = key_for(target)  # type: ignore[arg-type]
    assert (key.bearer(), key.origin) == (f"Bearer {PLACEHOLDER}", "a placeholder for STEP_API_KEY")


def test_the_mock_is_never_given_the_users_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEP_API_KEY", "sk-1")
    assert key_for(MOCK).bearer() == f"Bearer {PLACEHOLDER}"


@pytest.mark.parametrize("value", [None, ""])
def test_another_machine_wants_a_key(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    if value is not None:
        monkeypatch.setenv("OTHER_KEY", value)
    sentence = (
        "^no key for https://image.example/v1: set OTHER_KEY, or name another variable with "
        "--api-key-env$"
    )
    with pytest.raises(NoKeyError, match=sentence):
        key_for(REMOTE, "OTHER_KEY")


@pytest.mark.parametrize("target", [REMOTE, HERE])
def test_a_key_that_no_header_can_carry_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, target: object
) -> None:
    monkeypatch.setenv("STEP_API_KEY", "sk-1\n")
    with pytest.raises(ValueError, match=r"^the key \(STEP_API_KEY\) must be visible") as problem:
        key_for(target)  # type: ignore[arg-type]
    assert "sk-1" not in str(problem.value)


def test_pytest_gets_a_run_for_a_target(monkeypatch: pytest.MonkeyPatch) -> None:
    run = for_pytest("mock")
    assert run.order.target == MOCK
    assert run.mock is not None
    monkeypatch.setenv("STEP_API_KEY", "sk-1")
    run = for_pytest("live")
    assert (run.order.target.host, run.order.key.bearer()) == ("api.stepfun.ai", "Bearer sk-1")
    assert run.mock is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nowhere", "^TARGET must be mock, live or a base URL such as "),
        ("live", "^no key for https://api.stepfun.ai/v1: set STEP_API_KEY, or name "),
    ],
)
def test_pytest_is_told_what_is_wrong_in_its_own_way(text: str, sentence: str) -> None:
    with pytest.raises(pytest.UsageError, match=sentence):
        for_pytest(text)
