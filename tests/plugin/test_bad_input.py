"""What users do that cannot work, and what they are told."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plugin.conftest import Run

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")


@pytest.mark.parametrize("fixture", ["stepfun_mock", "stepfun_respx", "stepfun_server"])
@pytest.mark.parametrize("scope", ["session", "module"])
def test_a_fixture_of_a_wider_scope_is_told_which_one_to_take(
    run: Run, fixture: str, scope: str
) -> None:
    result = run(
        f"""
        import pytest

        @pytest.fixture(scope="{scope}")
        def application({fixture}):
            pass

        def test_one(application):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            f"ScopeMismatch: You tried to access the function scoped fixture {fixture} with a "
            f"{scope} scoped request object*",
            "stepfun_mock, stepfun_respx and stepfun_server serve one test each; a fixture of a "
            "wider scope takes stepfun_server_session, whose server runs as long as pytest does",
        ]
    )


def test_other_scope_mismatches_are_not_ours_to_explain(run: Run) -> None:
    result = run(
        """
        import pytest

        @pytest.fixture(scope="session")
        def application(monkeypatch):
            pass

        def test_one(application):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.no_fnmatch_line("*stepfun_server_session*")


def test_unknown_faults_choices_and_fields_are_named_with_the_known(run: Run) -> None:
    result = run(
        """
        import stepfun_mock as package
        from stepfun_mock import faults

        def test_fault(stepfun_mock):
            stepfun_mock.script(faults.overload())

        def test_fault_by_name(stepfun_server):
            stepfun_server.script("overloaded")

        def test_choice(stepfun_mock):
            stepfun_mock.choose(link_live=1)

        def test_field(stepfun_mock):
            stepfun_mock.assert_requested(promt="a fox")
        """
    )
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(
        [
            'E   *Error: there is no fault "overload"; did you mean "overloaded"? The faults *',
            "E   *Error: script takes faults, as in faults.overloaded(), but 'overloaded' came",
            'E   *Error: there is no choice "link_live"; did you mean "link_life"? The choices *',
            'E   *Error: *"promt"; did you mean "prompt"? *',
        ]
    )


def test_a_port_that_is_taken_is_told_in_one_sentence_with_the_way_out(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run(
            """
            def test_server(stepfun_server):
                pass

            def test_session(stepfun_server_session):
                pass

            def test_in_process(stepfun_mock):
                pass
            """,
            f"--stepfun-port={port}",
        )
    result.assert_outcomes(errors=2, passed=1)
    told = (
        f"cannot listen on 127.0.0.1 port {port}: Address already in use; stop the program that "
        "has it, or choose another port (0 picks a free one)"
    )
    assert result.outlines.count(told) == 2
    result.stdout.no_fnmatch_line("E  *")


# Processes ---------------------------------------------------------------------------------

IN_A_CHILD = """
    import os, traceback
    from asking import ask, ask_socket

    def in_a_child(work):
        \"\"\"Do something in a forked process, and return what it says.\"\"\"
        reading, writing = os.pipe()
        if os.fork() == 0:
            try:
                said = str(work())
            except BaseException as error:
                said = f"{type(error).__name__}: {error}"
            os.write(writing, said.encode())
            os._exit(0)
        os.close(writing)
        with open(reading) as pipe:
            return pipe.read()
"""
FORKED = (
    "RuntimeError: this process was forked from the one in which the server runs, so what it "
    "sees here is a copy; ask in the process that started it, or start a MockServer in the child"
)


@forks
def test_a_forked_child_may_ask_the_server_but_not_its_handle(run_apart: Run) -> None:
    result = run_apart(
        IN_A_CHILD
        + f"""
    FORKED = {FORKED!r}

    def test_asks(stepfun_server):
        assert in_a_child(lambda: ask_socket(stepfun_server.base_url).status_code) == "200"
        stepfun_server.assert_requested(times=1)

    def test_handle(stepfun_server):
        assert in_a_child(lambda: stepfun_server.requests) == FORKED
        assert in_a_child(lambda: stepfun_server.reset()) == FORKED

    def test_fixture_requested_in_the_child(request):
        assert in_a_child(lambda: request.getfixturevalue("stepfun_server").journal) == FORKED
        """
    )
    result.assert_outcomes(passed=3)


@forks
def test_a_child_that_is_forked_before_the_server_starts_has_one_of_its_own(
    run_apart: Run,
) -> None:
    result = run_apart(
        IN_A_CHILD
        + """
    def test_fixture_requested_in_the_child(request):
        def work():
            server = request.getfixturevalue("stepfun_server")
            ask_socket()
            return len(server.requests)
        assert in_a_child(work) == "1"
        """
    )
    result.assert_outcomes(passed=1)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs Linux's /proc")
def test_nothing_outlives_a_pytest_that_is_killed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import time

        def test_one(stepfun_server):
            with open("port", "w") as file:
                print(stepfun_server.port, file=file)
            time.sleep(60)
        """
    )
    command = [sys.executable, "-m", "pytest", "-p", "stepfun_mock", "-q"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as killed:
        try:
            port = _written(pytester.path / "port")
            socket.create_connection(("127.0.0.1", port)).close()
            children = Path(f"/proc/{killed.pid}/task/{killed.pid}/children").read_text()
        finally:
            killed.kill()
    assert (killed.returncode, children) == (-signal.SIGKILL, "")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def _written(file: Path) -> int:
    """The number in a file, once it is there."""
    deadline = time.monotonic() + 30
    while not (file.exists() and file.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return int(file.read_text())
