"""Advice on a test: a warning, a failure or nothing, as the run is set up."""

import pytest

from plugin.conftest import Run

SEED = (
    "seed -1 asks for a random seed elsewhere and is refused here; leave seed out, and the reply "
    "names the one that was drawn (advice of stepfun-mock, by the rule seed.range; where it is "
    'meant: @pytest.mark.stepfun(ignore_advice=["seed.minus_one"]))'
)
SHOWN = SEED.replace("[", "[[]")
UNFETCHED = "a link to a picture was never fetched, *by the rule url.lifetime; where it is meant: *"

HABITS = """
    from asking import ask

    def test_one(stepfun_mock):
        ask(seed=-1)

    def test_two(stepfun_mock):
        ask(seed=-1)
        ask(seed=-1, steps=4)
        ask(response_format="url")
"""


def test_advice_is_a_warning_of_the_test_and_the_same_is_said_once(run: Run) -> None:
    result = run(HABITS)
    result.assert_outcomes(passed=2, warnings=3)
    result.stdout.fnmatch_lines(
        [
            "test_it.py::test_one",
            "test_it.py::test_two",
            f"  stepfun-mock:0: StepfunAdviceWarning: {SHOWN}",
            "test_it.py::test_two",
            f"  stepfun-mock:0: StepfunAdviceWarning: {UNFETCHED}",
        ]
    )


def test_equal_advice_to_the_cases_of_one_test_is_grouped(run: Run) -> None:
    result = run(
        """
        import pytest
        from asking import ask

        @pytest.mark.parametrize("case", range(4))
        def test_one(stepfun_mock, case):
            ask(seed=-1)
        """
    )
    result.assert_outcomes(passed=4, warnings=4)
    assert result.stdout.str().count(SEED) == 1
    result.stdout.fnmatch_lines(["test_it.py::test_one[[]3[]]", f"  *: {SHOWN}"])


@pytest.mark.parametrize(
    ("flags", "outcomes"),
    [
        (["--stepfun-advice=error"], {"failed": 2}),
        (["--stepfun-advice=off"], {"passed": 2}),
        (["--stepfun-ignore-advice=seed.minus_one"], {"passed": 2, "warnings": 1}),
        (
            ["--stepfun-ignore-advice=seed.minus_one", "--stepfun-ignore-advice=link.unfetched"],
            {"passed": 2},
        ),
        (["-W", "error"], {"failed": 2}),
        (["-W", "error::stepfun_mock.pytest_plugin.StepfunAdviceWarning"], {"failed": 2}),
        (["-W", "ignore::stepfun_mock.pytest_plugin.StepfunAdviceWarning"], {"passed": 2}),
        (["-W", "ignore:seed -1"], {"passed": 2, "warnings": 1}),
    ],
    ids=" ".join,
)
def test_flags_make_it_a_failure_or_nothing(
    run: Run, flags: list[str], outcomes: dict[str, int]
) -> None:
    result = run(HABITS, *flags)
    result.assert_outcomes(**{"warnings": 0, **outcomes})
    if "failed" in outcomes:
        result.stdout.fnmatch_lines(
            ["*_ test_one _*", SHOWN, "*_ test_two _*", SHOWN, UNFETCHED], consecutive=True
        )


def test_markers_of_pytest_and_ours_decide_for_one_test(run: Run) -> None:
    result = run(
        """
        import pytest
        from asking import ask

        @pytest.mark.filterwarnings("ignore::stepfun_mock.pytest_plugin.StepfunAdviceWarning")
        def test_ignored(stepfun_mock):
            ask(seed=-1)

        @pytest.mark.filterwarnings("error")
        def test_error_of_pytests(stepfun_mock):
            ask(seed=-1)

        @pytest.mark.stepfun(advice="error")
        def test_error_of_ours(stepfun_mock):
            ask(seed=-1)

        @pytest.mark.stepfun(ignore_advice=["seed.minus_one"])
        def test_passed_over(stepfun_mock):
            ask(seed=-1)

        @pytest.mark.stepfun(advice="off")
        def test_off(stepfun_mock):
            ask(seed=-1)
        """
    )
    result.assert_outcomes(passed=3, failed=2, warnings=0)


def test_advice_stands_beside_another_failure_and_does_not_warn(run: Run) -> None:
    result = run(
        """
        from asking import ask

        def test_one(stepfun_mock):
            assert ask(seed=-1).status_code == 200
        """
    )
    result.assert_outcomes(failed=1, warnings=0)
    result.stdout.fnmatch_lines(
        ["E  *400*", "-* Captured stepfun-mock call -*", "refused: #1 *", SHOWN]
    )
    assert result.stdout.str().count(SEED) == 1


def test_requests_over_the_socket_are_looked_at_too(run: Run) -> None:
    result = run(
        """
        from asking import ask_socket

        def test_one(stepfun_server):
            ask_socket(seed=-1)
        """
    )
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines([f"*{SHOWN}"])
