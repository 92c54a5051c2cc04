"""What a run says of the mock: one line at its head, one at its end."""

import re

import pytest

from plugin.conftest import Run


def lines_of(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if line.startswith("stepfun-mock: ")]


def test_one_line_at_the_head_names_the_version_and_what_is_set(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (line,) = lines_of(run("def test_one(): pass"))
    assert re.fullmatch(r"stepfun-mock: \d+\.\d+\.\d+", line)
    monkeypatch.setenv("STEPFUN_MOCK_PYTEST_PORT", "0")
    (line,) = lines_of(run("def test_one(): pass", "--stepfun-advice=warn"))
    assert line.endswith(", with advice, port set")


def test_one_line_at_the_end_has_the_pictures_and_their_price(run: Run) -> None:
    result = run(
        """
        from asking import ask, ask_socket
        from stepfun_mock import faults

        def test_in_process(stepfun_mock):
            assert [ask(prompt=str(number)).status_code for number in range(3)] == [200] * 3
            assert ask(steps=0).status_code == 400

        def test_over_the_socket(stepfun_server):
            stepfun_server.script(faults.overloaded())
            assert [ask_socket().status_code, ask_socket().status_code] == [503, 200]

        def test_without():
            pass
        """
    )
    result.assert_outcomes(passed=3)
    assert lines_of(result)[1:] == [
        "stepfun-mock: 5 pictures asked for in 2 tests, 4 drawn; live they would have cost "
        "0.012 USD or 0.080 CNY"
    ]


def test_where_nothing_was_asked_nothing_is_said(run: Run) -> None:
    result = run(
        """
        def test_one(stepfun_mock):
            pass

        def test_two():
            pass
        """
    )
    assert len(lines_of(result)) == 1


def test_quietly_nothing_stands_at_the_head(run: Run) -> None:
    assert lines_of(run("def test_one(stepfun_mock): pass", "-q")) == []


def test_the_count_is_exact_under_threads(run: Run) -> None:
    result = run(
        """
        from concurrent.futures import ThreadPoolExecutor
        from asking import ask, ask_socket

        def test_one(stepfun_mock, stepfun_server):
            with ThreadPoolExecutor(8) as threads:
                for number in range(40):
                    threads.submit(ask, seed=number)
                    threads.submit(ask_socket, seed=number)
            stepfun_mock.assert_requested(times=80)
            for number in range(40):
                stepfun_server.assert_requested(times=2, seed=number)
        """
    )
    result.assert_outcomes(passed=1)
    assert lines_of(result)[1].startswith("stepfun-mock: 80 pictures asked for in 1 test, 80 drawn")
