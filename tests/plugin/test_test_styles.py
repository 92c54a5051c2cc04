"""Tests of every shape that pytest runs: classes, unittest, cases, and the same test again."""

import pytest

from plugin.conftest import Run


def test_unittest_cases_name_the_fixture_by_a_mark(run: Run) -> None:
    result = run(
        """
        import unittest
        import pytest
        from asking import ask, swallowed
        from stepfun_mock import faults

        @pytest.mark.usefixtures("stepfun_mock")
        class TestPicture(unittest.TestCase):
            def setUp(self):
                assert ask().status_code == 200

            def test_passes(self):
                self.assertEqual(ask(steps=4).status_code, 200)

            def test_escapes(self):
                swallowed()

            @unittest.expectedFailure
            def test_expected(self):
                self.fail()

            @unittest.skip("not today")
            def test_skipped(self):
                pass

        class TestWithHandle(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def handle(self, stepfun_mock):
                self.mock = stepfun_mock

            def test_unmet(self):
                self.mock.script(faults.overloaded())
        """
    )
    result.assert_outcomes(passed=1, failed=2, xfailed=1, skipped=1)
    result.stdout.fnmatch_lines_random(
        ["requests (urllib3) asked the real api.stepfun.ai, *", "scripted, and not met: *"]
    )


def test_classes_and_cases(run: Run) -> None:
    result = run(
        """
        import pytest
        from asking import ask

        @pytest.mark.usefixtures("stepfun_mock")
        class TestPicture:
            def test_one(self):
                assert ask().status_code == 200

            @pytest.mark.parametrize("size", ["1024x1024", "768x1360"])
            def test_sizes(self, stepfun_mock, size):
                ask(size=size)
                stepfun_mock.assert_requested(times=1, size=size)
        """
    )
    result.assert_outcomes(passed=3)


def test_an_expected_failure_does_not_hide_what_escaped(run: Run) -> None:
    result = run(
        """
        import pytest
        from asking import swallowed

        @pytest.mark.xfail
        def test_swallows(stepfun_mock):
            swallowed()
            assert False

        @pytest.mark.xfail
        def test_passes(stepfun_mock):
            swallowed()

        @pytest.mark.xfail(strict=True)
        def test_fails_as_expected(stepfun_mock):
            assert False
        """
    )
    result.assert_outcomes(xfailed=2, xpassed=1, errors=2)
    result.stdout.fnmatch_lines(["requests (urllib3) asked the real api.stepfun.ai, and *"])


def test_the_same_test_can_run_again_in_one_session(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            for _ in range(3):
                item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
                runtestprotocol(item, nextitem=nextitem)
            return True
        """
    )
    result = run(
        """
        from asking import ask, ask_socket, swallowed

        def test_in_process(stepfun_mock):
            ask()
            stepfun_mock.assert_requested(times=1)

        def test_over_the_socket(stepfun_server):
            ask_socket()
            stepfun_server.assert_requested(times=1)

        def test_escapes(stepfun_mock):
            swallowed()
        """
    )
    result.assert_outcomes(passed=6, failed=3)
    result.stdout.fnmatch_lines(["stepfun-mock: 6 pictures asked for in 6 tests, 6 drawn; *"])


def test_setup_show_and_setup_only_work(run: Run) -> None:
    source = "def test_one(stepfun_mock, stepfun_respx, stepfun_server): pass"
    shown = run(source, "--setup-show")
    shown.assert_outcomes(passed=1)
    shown.stdout.fnmatch_lines(
        ["*SETUP    S _stepfun_engine*", "*SETUP    F stepfun_mock*", "*TEARDOWN F stepfun_mock*"]
    )
    assert run("", "--setup-only").ret == run("", "--setup-plan").ret == 0


def test_a_doctest_can_use_it(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makefile(
        ".txt",
        test_pages="""
        >>> from asking import ask
        >>> mock = getfixture("stepfun_mock")
        >>> ask().status_code
        200
        """,
    )
    pytester.syspathinsert()
    run("", "test_pages.txt").assert_outcomes(passed=1)
