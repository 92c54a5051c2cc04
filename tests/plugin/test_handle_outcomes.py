"""What the handle's assertions and scripted faults make of a test."""

import pytest

from plugin.conftest import Run


@pytest.mark.parametrize("fixture", ["stepfun_mock", "stepfun_server"])
def test_a_failed_assertion_is_shown_at_the_line_of_the_test_alone(run: Run, fixture: str) -> None:
    result = run(
        f"""
        import pytest
        from asking import ask_socket

        @pytest.fixture(autouse=True)
        def asked(stepfun_server):
            ask_socket()

        def test_requested({fixture}):
            {fixture}.assert_requested(prompt="an owl")

        def test_not_requested({fixture}):
            {fixture}.assert_not_requested()
        """
    )
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            f">       {fixture}.assert_requested(prompt=[\"']an owl[\"'])",
            "E       AssertionError: no request for a picture with prompt='an owl' came, of 1",
            "E         #1 (200): prompt was 'a fox', not 'an owl'",
            "E       fields that a client left out have their documented defaults: *",
            "",
            "test_it.py:*: AssertionError",
            f">       {fixture}.assert_not_requested()",
            "E       AssertionError: nothing was to ask the mock, but 1 request came:",
            "E         #1 POST /v1/images/generations 200",
        ]
    )
    result.stdout.no_fnmatch_line("*stepfun_mock/*.py:*")


UNMET = """
    import pytest
    from asking import ask
    from stepfun_mock import faults

    def test_unmet(stepfun_mock):
        stepfun_mock.script(faults.overloaded(times=2), faults.server_error(when={"seed": 1}))
        ask()
"""


def test_faults_that_nobody_met_fail_the_test_and_name_the_way_out(run: Run) -> None:
    result = run(UNMET)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "scripted, and not met: overloaded (met 1 of 2 times), server_error when seed=1 "
            "(met 0 of 1 times); script what the code under test will meet, or allow the rest "
            'with @pytest.mark.stepfun(unmet_faults="allow")'
        ]
    )


@pytest.mark.parametrize("way", ["marker", "flag", "variable", "ini"])
def test_the_way_out_works(
    run: Run, way: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = UNMET
    if way == "marker":
        allowed = '@pytest.mark.stepfun(unmet_faults="allow")'
        source = source.replace("def test_unmet", f"{allowed}\n    def test_unmet")
    if way == "variable":
        monkeypatch.setenv("STEPFUN_MOCK_PYTEST_UNMET_FAULTS", "allow")
    if way == "ini":
        pytester.makeini("[pytest]\nstepfun_unmet_faults = allow")
    flags = ["--stepfun-unmet-faults=allow"] if way == "flag" else []
    run(source, *flags).assert_outcomes(passed=1)


def test_a_reset_and_a_skip_leave_nothing_unmet(run: Run) -> None:
    result = run(
        """
        import pytest
        from stepfun_mock import faults

        def test_reset(stepfun_mock):
            stepfun_mock.script(faults.overloaded())
            stepfun_mock.reset()

        def test_skipped(stepfun_mock):
            stepfun_mock.script(faults.overloaded())
            pytest.skip("not today")
        """
    )
    result.assert_outcomes(passed=1, skipped=1)


def test_a_failed_test_is_not_failed_twice_and_tells_what_may_have_led_to_it(run: Run) -> None:
    result = run(
        """
        import unittest
        import pytest
        from asking import ask, swallowed
        from stepfun_mock import faults

        def test_function(stepfun_mock):
            stepfun_mock.script(faults.overloaded())
            swallowed()
            assert not "the function's own"

        @pytest.mark.usefixtures("stepfun_mock")
        class Case(unittest.TestCase):
            def test_method(self):
                swallowed()
                self.fail("the method's own")

        @pytest.fixture
        def unready(stepfun_mock):
            swallowed()
            raise LookupError("the setup's own")

        def test_setup(unready):
            pass

        @pytest.fixture
        def untidy(stepfun_mock):
            yield
            swallowed()
            raise LookupError("the teardown's own")

        def test_teardown(untidy):
            pass
        """
    )
    result.assert_outcomes(failed=2, errors=2, passed=1)
    escaped = "requests (urllib3) asked the real api.stepfun.ai, and stepfun-mock stopped it: *"
    told = []
    for who, phase in [
        ("setup", "setup"),
        ("teardown", "teardown"),
        ("function", "call"),
        ("method", "call"),
    ]:
        told += [f"E *the {who}'s own*", f"-* Captured stepfun-mock {phase} -*", escaped]
    result.stdout.fnmatch_lines(told)
    result.stdout.no_fnmatch_line("*not met*")


def test_a_base_url_that_was_forgotten_is_told_beside_the_failure(run: Run) -> None:
    result = run(
        """
        import httpx

        def draw():
            try:
                transport = httpx.HTTPTransport(local_address="192.0.2.1")  # leads nowhere
                with httpx.Client(transport=transport) as client:
                    client.post("https://api.openai.com/v1/images/generations", json={})
            except httpx.HTTPError:
                return None

        def test_one(stepfun_mock):
            assert draw() is not None

        def test_of_somebody_elses_pictures(stepfun_mock):
            draw()
        """
    )
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        [
            "-* Captured stepfun-mock call -*",
            "a request for a picture went to https://api.openai.com/v1/images/generations, which "
            'is not StepFun\'s: give the client base_url="https://api.stepfun.ai/v1"',
        ]
    )


def test_a_fixture_that_is_asked_for_late_is_judged_all_the_same(run: Run) -> None:
    result = run(
        """
        import pytest
        from asking import ask, swallowed
        from stepfun_mock import faults

        def test_unmet(request):
            request.getfixturevalue("stepfun_mock").script(faults.overloaded())

        def test_escape(request):
            request.getfixturevalue("stepfun_mock")
            swallowed()

        @pytest.mark.stepfun(advice="error")
        def test_advice(request):
            request.getfixturevalue("stepfun_mock")
            ask(seed=-1)
        """
    )
    result.assert_outcomes(failed=3)


def test_an_exception_whose_text_is_broken_is_shown_as_it_is(run: Run) -> None:
    result = run(
        """
        class Broken(Exception):
            def __str__(self):
                raise ZeroDivisionError

        def test_one(stepfun_mock):
            raise Broken
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E  *Broken*"])


def test_a_condition_that_fails_is_told_of_with_its_fault(run: Run) -> None:
    result = run(
        """
        from asking import ask
        from stepfun_mock import faults

        class Fussy:
            def __eq__(self, other):
                raise ZeroDivisionError("of mine")

        def test_one(stepfun_mock):
            stepfun_mock.script(faults.overloaded(when={"prompt": Fussy()}))
            assert ask().status_code == 200
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*met 0 of 1 times; its condition raised ZeroDivisionError: of mine*"]
    )


def test_reset_forgets_what_there_was_advice_on(run: Run) -> None:
    result = run(
        """
        from asking import ask

        def test_one(stepfun_mock):
            ask(seed=-1)
            ask(response_format="url")
            stepfun_mock.reset()
        """
    )
    result.assert_outcomes(passed=1, warnings=0)
