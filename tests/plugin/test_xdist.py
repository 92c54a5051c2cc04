"""Beside xdist: a server for each worker, and one count of them all."""

import pytest

from plugin.conftest import Run


def test_workers_have_a_server_each_and_their_counts_add_up(
    run_apart: Run, pytester: pytest.Pytester
) -> None:
    result = run_apart(
        """
        import os
        from pathlib import Path
        import pytest
        from asking import ask, ask_socket, swallowed

        @pytest.mark.parametrize("number", range(6))
        def test_server(stepfun_server, number):
            assert ask_socket(prompt=f"fox {number}").status_code == 200
            stepfun_server.assert_requested(times=1)
            worker = os.environ["PYTEST_XDIST_WORKER"]
            with Path(f"addresses-{worker}").open("a") as file:
                print(stepfun_server.base_url, file=file)

        def test_mock(stepfun_mock):
            ask(seed=-1)

        def test_escape(stepfun_mock):
            swallowed()

        @pytest.mark.stepfun(link_live=1)
        def test_marker():
            pass
        """,
        "-n2",
        "--dist=worksteal",
        plugins=("xdist",),
    )
    result.assert_outcomes(passed=7, failed=1, errors=1, warnings=1)
    used = [set(file.read_text().split()) for file in pytester.path.glob("addresses-*")]
    assert all(len(addresses) == 1 for addresses in used)
    assert len(set.union(*used)) == len(used)
    result.stdout.fnmatch_lines_random(
        [
            'the marker stepfun has no argument "link_live"; did you mean "link_life"? *',
            "requests (urllib3) asked the real api.stepfun.ai, and *",
            "*StepfunAdviceWarning: seed -1 *",
            "stepfun-mock: 6 pictures asked for in 6 tests, 6 drawn; live they would have cost "
            "0.018 USD or 0.120 CNY",
        ]
    )
    assert result.stdout.str().count("pictures asked for") == 1


def test_a_bad_flag_ends_the_run_before_any_worker_starts(run_apart: Run) -> None:
    result = run_apart("def test_one(): pass", "-n2", "--stepfun-advice=loud", plugins=("xdist",))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.lines[0] == (
        'ERROR: --stepfun-advice must be "warn" or "error" or "off", but \'loud\' came'
    )
