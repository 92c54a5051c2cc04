"""Where settings come from: command line, marker, environment, ini file, default, in this order."""

import socket

import pytest

from plugin.conftest import Run

# Of each setting: the code of a test, a value under which it fails, and one under which it passes.
SETTINGS = {
    "advice": ("ask(seed=-1)", "error", "off"),
    "unmet_faults": ("stepfun_mock.script(faults.overloaded())", "error", "allow"),
    "openai_variables": ('assert "OPENAI_API_KEY" not in os.environ', "on", "off"),
    "choice": (
        "assert stepfun_mock.choices.link_life == 7200",
        "link_life=60",
        "link_life=7200",
    ),
}
SOURCES = ["flag", "marker", "variable", "ini"]


def marked(name: str, value: str) -> str:
    if name == "choice":
        return f"@pytest.mark.stepfun({value})"
    return f'@pytest.mark.stepfun({name}="{value}")'


@pytest.mark.parametrize("winner", SOURCES)
@pytest.mark.parametrize("name", SETTINGS)
def test_the_strongest_source_decides(
    run: Run,
    name: str,
    winner: str,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The winner wants the test to fail; all that are weaker want it to pass."""
    code, strong, weak = SETTINGS[name]
    flags, decorator = [], ""
    for source in SOURCES[SOURCES.index(winner) :]:
        value = strong if source == winner else weak
        if source == "flag":
            flags = [f"--stepfun-{name.replace('_', '-')}={value}"]
        elif source == "marker":
            decorator = marked(name, value)
        elif source == "variable":
            monkeypatch.setenv(f"STEPFUN_MOCK_PYTEST_{name.upper()}", value)
        else:
            pytester.makeini(f"[pytest]\nstepfun_{name} = {value}")
    result = run(
        f"""
        import os, pytest
        from asking import ask
        from stepfun_mock import faults

        {decorator}
        def test_one(stepfun_mock):
            {code}
        """,
        "-W",
        "error",
        *flags,
    )
    result.assert_outcomes(failed=1)


def test_advice_that_is_passed_over_adds_up(
    run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeini("[pytest]\nstepfun_advice = error\nstepfun_ignore_advice = seed.minus_one")
    monkeypatch.setenv("STEPFUN_MOCK_PYTEST_IGNORE_ADVICE", "size.foreign")
    result = run(
        """
        import pytest
        from asking import ask

        pytestmark = pytest.mark.stepfun(ignore_advice=["field.unknown"])

        @pytest.mark.stepfun(ignore_advice=["negative_prompt.*"])
        def test_one(stepfun_mock):
            ask(seed=-1)
            ask(size="1920x1920")
            ask(quality="hd", negative_prompt="fog")
            ask(response_format="url")
        """,
        "--stepfun-ignore-advice=link.unfetched",
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("winner", ["flag", "variable", "ini"])
def test_the_port_is_the_same_for_all_tests_so_markers_have_no_say(
    run: Run, winner: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        pytester.makeini(f"[pytest]\nstepfun_port = {port if winner == 'ini' else 0}")
        if winner != "ini":
            monkeypatch.setenv("STEPFUN_MOCK_PYTEST_PORT", f"{port if winner != 'flag' else 0}")
        flags = [f"--stepfun-port={port}"] if winner == "flag" else []
        result = run("def test_one(stepfun_server): pass", *flags)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"cannot listen on 127.0.0.1 port {port}: *"])


def test_choices_of_several_sources_add_up(
    run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeini("[pytest]\nstepfun_choice =\n    cors=on\n    link_life=1\n    reply_id=on")
    monkeypatch.setenv("STEPFUN_MOCK_PYTEST_CHOICE", "link_life=2 n_above_one=one_picture")
    result = run(
        """
        import pytest

        @pytest.mark.stepfun(reply_id=False, link_life=3)
        def test_one(stepfun_mock):
            found = stepfun_mock.choices
            assert (found.cors, found.n_above_one) == (True, "one_picture")
            assert (found.reply_id, found.link_life) == (False, 4)
        """,
        "--stepfun-choice=link_life=4",
    )
    result.assert_outcomes(passed=1)


def test_of_several_markers_the_closest_wins_each_name_by_itself(run: Run) -> None:
    result = run(
        """
        import pytest

        pytestmark = pytest.mark.stepfun(link_life=1, cors=True, advice="error")

        def test_module(stepfun_mock):
            assert stepfun_mock.choices.link_life == 1

        @pytest.mark.stepfun(link_life=2, null_fields="refuse")
        class TestClass:
            def test_class(self, stepfun_mock):
                found = stepfun_mock.choices
                assert (found.link_life, found.cors, found.null_fields) == (2, True, "refuse")

            @pytest.mark.stepfun(link_life=3)
            def test_function(self, stepfun_server):
                found = stepfun_server.choices
                assert (found.link_life, found.cors, found.null_fields) == (3, True, "refuse")

        @pytest.mark.stepfun(link_life=4)
        class TestDerived(TestClass):
            def test_class(self, stepfun_mock):
                found = stepfun_mock.choices
                assert (found.link_life, found.cors, found.null_fields) == (4, True, "refuse")

        @pytest.mark.parametrize(
            "life", [5, pytest.param(6, marks=pytest.mark.stepfun(link_life=6))]
        )
        @pytest.mark.stepfun(link_life=5)
        def test_case(stepfun_mock, life):
            assert stepfun_mock.choices.link_life == life
        """
    )
    result.assert_outcomes(passed=7)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pytest.ini", "[pytest]\nstepfun_choice = link_life=60\nstepfun_advice = off"),
        ("tox.ini", "[pytest]\nstepfun_choice = link_life=60\nstepfun_advice = off"),
        (
            "pyproject.toml",
            '[tool.pytest]\nstepfun_choice = ["link_life=60"]\nstepfun_advice = "off"',
        ),
        (
            "pyproject.toml",
            '[tool.pytest.ini_options]\nstepfun_choice = "link_life=60"\nstepfun_advice = "off"',
        ),
    ],
    ids=["pytest.ini", "tox.ini", "tool.pytest", "tool.pytest.ini_options"],
)
def test_every_file_that_pytest_reads_has_the_keys(
    run: Run, pytester: pytest.Pytester, file: str, text: str
) -> None:
    (pytester.path / file).write_text(text)
    result = run(
        """
        from asking import ask

        def test_one(stepfun_mock):
            assert stepfun_mock.choices.link_life == 60
            ask(seed=-1)
        """,
        "--strict-config",
        "--strict-markers",
    )
    result.assert_outcomes(passed=1, warnings=0)


# What is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            "--stepfun-advice=loud",
            '--stepfun-advice must be "warn" or "error" or "off", but \'loud\' came',
        ),
        (
            "--stepfun-advice=",
            '--stepfun-advice must be "warn" or "error" or "off", but \'\' came',
        ),
        (
            "--stepfun-choice=link_live=1",
            'there is no choice "link_live"; did you mean "link_life"? The choices are *',
        ),
        (
            "STEPFUN_MOCK_PYTEST_PORT=http",
            "STEPFUN_MOCK_PYTEST_PORT must be a port from 0 to 65535, but 'http' came",
        ),
        (
            "stepfun_unmet_faults = no",
            'stepfun_unmet_faults must be "error" or "allow", but \'no\' came',
        ),
        (
            "stepfun_advice =",
            'stepfun_advice must be "warn" or "error" or "off", but \'\' came',
        ),
        (
            "stepfun_ignore_advice = link.unfetchd",
            'stepfun_ignore_advice: there is no advice "link.unfetchd"; did you mean '
            '"link.unfetched"? There is *',
        ),
    ],
)
def test_a_bad_value_ends_the_run_with_one_sentence(
    run: Run,
    source: str,
    sentence: str,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if source.startswith("stepfun_"):
        pytester.makeini(f"[pytest]\n{source}")
    elif source.startswith("STEPFUN_"):
        monkeypatch.setenv(*source.split("="))
    flags = [source] if source.startswith("--") else []
    result = run("def test_that_uses_no_fixture(): pass", *flags)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.outlines == []
    (line,) = filter(None, result.errlines)
    result.stderr.fnmatch_lines([f"ERROR: {sentence}"])
    assert line.startswith("ERROR: ")


def test_a_value_of_another_type_in_toml_ends_the_run_with_one_sentence(
    run: Run, pytester: pytest.Pytester
) -> None:
    pytester.makepyprojecttoml("[tool.pytest]\nstepfun_port = 8793")
    result = run("def test_that_uses_no_fixture(): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*'stepfun_port' expects a string, got int: 8793"])


@pytest.mark.parametrize("held", [False, True], ids=["", "under a server for all tests"])
def test_a_bad_marker_is_refused_on_tests_that_use_no_fixture_too(run: Run, held: bool) -> None:
    result = run(
        f"""
        import pytest

        if {held}:
            @pytest.fixture(scope="session", autouse=True)
            def application(stepfun_server_session):
                pass

        def test_first():
            pass

        @pytest.mark.stepfun(link_live=60)
        def test_name():
            pass

        @pytest.mark.stepfun(link_life="60")
        def test_value(stepfun_mock):
            pass

        @pytest.mark.stepfun("link_life")
        def test_positional():
            pass

        @pytest.mark.stepfun
        def test_nothing_said():
            pass
        """
    )
    result.assert_outcomes(passed=2, errors=3)
    result.stdout.fnmatch_lines(
        [
            "*_ ERROR at setup of test_name _*",
            'the marker stepfun has no argument "link_live"; did you mean "link_life"? It has *',
            "*_ ERROR at setup of test_value _*",
            "link_life must be a whole number from 1 to 3153600000, but '60' came",
            "*_ ERROR at setup of test_positional _*",
            "the marker stepfun takes named arguments only, as in link_life=60",
        ],
    )
    result.stdout.no_fnmatch_line("E  *")
