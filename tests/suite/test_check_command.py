"""The command `check`: what it is told, what it tells, and what its exit code says."""

import contextlib
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from proof.messages import Reply, Request, Setting
from proof.serving import serve

from stepfun_mock import contract
from stepfun_mock.cli import main
from stepfun_mock.rules import RULES
from suite.checking import (
    FILES,
    KEY,
    MODULE,
    Counting,
    check,
    checking,
    closed_port,
    counted,
    door,
    ended,
    faulty,
    serving,
    surroundings,
    until,
)

QUICK = ("--link-wait", "0")
REMOTE = "https://api.example.test/v1"
LOCAL = "http://127.0.0.1:8793/v1"
RULE = "prompt.required"  # shown by requests that are refused, and by nothing else
ESCAPE = "\x1b"

Invoke = Callable[..., Result]


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run the command in this process."""
    for name in os.environ.keys() - surroundings().keys():
        monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "path", [*sys.path])  # the command takes folders out of it

    def run(*arguments: str | Path, **variables: str) -> Result:
        given = {name.upper(): value for name, value in variables.items()}
        return CliRunner(env=given).invoke(main, ["check", *map(str, arguments)])

    return run


# What makes no sense --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        *(
            (
                target,
                f'TARGET must be mock, live or a base URL such as {LOCAL}, but "{target}" came',
            )
            for target in ("nonsense", "ftp://a.test/v1", "http://", "127.0.0.1:8793", "http://a:x")
        ),
        (
            "https://user:word@a.test/v1",
            "TARGET must not hold a key or a password; the environment does",
        ),
        (f"{LOCAL}?a=1", f'TARGET must end with its path, but "{LOCAL}?a=1" came'),
    ],
)
def test_a_target_that_is_no_url_is_refused(invoke: Invoke, target: str, sentence: str) -> None:
    result = invoke(target)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"stepfun-mock: {sentence}\n"


@pytest.mark.parametrize(
    ("flag", "value", "allowed"),
    [
        ("--max-images", "0", "x>=1"),
        ("--max-requests", "0", "x>=1"),
        ("--rate", "0", "x>0"),
        ("--timeout", "0", "x>0"),
        ("--link-wait", "-1", "x>=0"),
    ],
)
def test_a_figure_out_of_its_range_is_refused(
    invoke: Invoke, flag: str, value: str, allowed: str
) -> None:
    result = invoke(flag, value)
    variable = f"STEPFUN_MOCK_{flag[2:].replace('-', '_').upper()}"
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == (
        f"Error: Invalid value for '{flag}' (env var: '{variable}'): "
        f"{float(value) if flag in ('--rate', '--timeout', '--link-wait') else value} "
        f"is not in the range {allowed}."
    )


def test_an_unknown_rule_is_refused_with_the_nearest_one(invoke: Invoke) -> None:
    result = invoke("--only", "size.ordr")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        'stepfun-mock: there is no rule "size.ordr"; did you mean "size.order"? The rules are '
        f"{', '.join(rule.id for rule in RULES)}\n"
    )


def test_a_report_is_refused_where_no_folder_can_be(invoke: Invoke, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    result = invoke("--report", in_the_way / "report")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"stepfun-mock: --report {in_the_way}/report: Not a directory\n"
    result = invoke("--report", in_the_way)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].endswith(f"Directory '{in_the_way}' is a file.")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="it needs a folder of the system's")
def test_a_report_is_refused_where_nothing_can_be_written(invoke: Invoke) -> None:
    with counted() as (server, url):
        result = invoke(url, "--report", "/proc", step_api_key=KEY)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("stepfun-mock: --report /proc: ")
    assert server.came == []


def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(invoke: Invoke) -> None:
    result = invoke(LOCAL, step_api_key="sk-secret\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "stepfun-mock: the key (STEP_API_KEY) must be visible ASCII characters, without spaces "
        "and line ends, but character 10 of 10 is none; look at its ends first\n"
    )


# What cannot be told --------------------------------------------------------------------


def test_without_a_key_nothing_is_sent_to_another_machine() -> None:
    with door() as proxy:
        done = check(REMOTE, https_proxy=proxy.url)
        assert (done.code, done.err, proxy.visits) == (3, "", 0)
        assert done.out == (
            f"Nothing could be looked at: no key for {REMOTE}: set STEP_API_KEY, or name another "
            "variable with --api-key-env.\n"
        )
        named = check(REMOTE, "--api-key-env", "MY_KEY", https_proxy=proxy.url, step_api_key=KEY)
        assert (named.code, proxy.visits) == (3, 0)
        assert f"no key for {REMOTE}: set MY_KEY, or" in named.out
        asked = check(REMOTE, https_proxy=proxy.url, step_api_key=KEY)
        assert (asked.code, proxy.visits > 0) == (3, True)


def test_a_server_that_is_down_is_told_in_a_sentence() -> None:
    port = closed_port()
    done = check(f"http://127.0.0.1:{port}/v1")
    assert done.code == 3
    assert done.out == (
        f"Nothing could be looked at: 127.0.0.1:{port} refused the connection; is anybody "
        "listening there?\n"
    )
    assert done.seconds < 10


class Signing(Counting):
    """Shows a page to sign in, whatever it is asked."""

    def answer(self, request: Request) -> Reply:
        self.came.append(request)
        return Reply(200, {"Content-Type": "text/html"}, b"<html>sign in</html>")


def test_a_page_of_html_for_everything_is_no_image_api() -> None:
    server = Signing(Setting())
    with serve(server) as url:
        done = check(url, step_api_key=KEY)
    assert done.code == 3
    assert done.words == (
        f"Nothing could be looked at: there is no image API at {url}: it answers an empty request "
        "with a page of HTML."
    )
    assert len(server.came) < 4


def test_who_refuses_the_stand_in_for_a_key_is_told_which_one_to_set() -> None:
    with serving() as url:
        done = check(url)
    assert done.code == 3
    assert done.words.startswith("Nothing could be looked at: the server refused the key: 401")
    assert done.words.endswith("; no key is set, so a stand-in was sent: set STEP_API_KEY.")


# What is printed and not sent -----------------------------------------------------------


def test_the_list_names_rules_and_sends_nothing() -> None:
    with counted() as (server, url):
        done = check("--list", url, step_api_key=KEY)
    assert (done.code, done.err, server.came) == (0, "", [])
    lines = {line.split()[0]: line for line in done.out.splitlines()}
    assert list(lines) == [rule.id for rule in RULES if rule.id in lines]
    assert {rule.id for rule in RULES if rule.grade == "page"} <= lines.keys()
    for rule in RULES:
        if rule.id in lines:
            assert lines[rule.id].split(maxsplit=2) == [rule.id, rule.grade, rule.statement]


def test_the_list_of_one_rule_is_short() -> None:
    listed = [line.split()[0] for line in check("--list", "--only", RULE).out.splitlines()]
    assert RULE in listed
    assert len(listed) < 6


def test_the_plan_tells_what_a_run_costs_and_sends_nothing(tmp_path: Path) -> None:
    with door() as proxy:
        done = check("--plan", "live", "--report", tmp_path / "report", https_proxy=proxy.url)
    assert (done.code, done.err, proxy.visits) == (0, "", 0)
    assert list(tmp_path.iterdir()) == []
    sums = re.fullmatch(
        rf"(\d+) requests, (\d+) pictures, sent to {contract.BASE_URL}\n"
        r"cost: ([\d.]+) USD, at worst ([\d.]+) USD\n"
        r"time: ([\d.]+) minutes at 60 requests a minute, at worst ([\d.]+), and what the pictures "
        r"take",
        done.out.strip().rpartition("\n\n")[2],
    )
    assert sums is not None, done.out
    requests, pictures, cost, worst, minutes, longest = map(float, sums.groups())
    assert 100 < requests <= 150
    assert 20 < pictures <= 32
    assert cost == pytest.approx(pictures * 0.003)
    assert worst == pytest.approx(40 * 0.003)
    assert minutes == pytest.approx(requests / 60, abs=0.06)
    assert longest == pytest.approx(2.5)
    numbered = [line for line in done.out.splitlines() if re.match(r" *\d+  (picture|free) ", line)]
    assert sum(" picture " in line for line in numbered) <= pictures


def test_the_plan_is_of_the_caps_that_were_given() -> None:
    caps = ("--max-images", "50", "--max-requests", "600", "--rate", "30")
    told = check("--plan", "live", *caps).out.splitlines()[-2:]
    assert told[0].endswith("at worst 0.150 USD")
    assert "at 30 requests a minute, at worst 20.0, and" in told[1]


def test_the_plan_asks_a_server_nothing() -> None:
    with counted() as (server, url):
        done = check("--plan", url)
    assert (done.code, done.err, server.came) == (0, "", [])
    assert f"sent to {url}\n" in done.out


# Checking -------------------------------------------------------------------------------


def test_one_rule_costs_what_the_plan_of_it_says() -> None:
    with counted() as (server, url):
        planned = check("--plan", "--only", "size.order", url, step_api_key=KEY).out
        done = check("--only", "size.order", *QUICK, url, step_api_key=KEY)
    sums = re.search(r"^(\d+) requests, (\d+) pictures, sent to", planned, re.MULTILINE)
    assert sums is not None
    drawn = [request for request in server.came if request.method == "POST" and request.body]
    # The run begins with one that costs nothing, to see whether there is an API.
    assert len(drawn) <= int(sums[2])
    assert len(server.came) <= int(sums[1]) + 2
    assert done.code == 0, done.out
    assert "1 rule holds" in done.words
    assert "not asked for" in done.words


def test_the_mock_keeps_the_contract() -> None:
    done = check()
    assert (done.code, "Falsifying" in done.out + done.err) == (0, False), done.out
    assert re.search(r"The contract is kept: \d+ rules hold \(exit code 0\)\.$", done.words)
    assert "by the mock's clock" in done.out
    assert "waiting" not in done.err


def test_what_serve_serves_keeps_the_contract(tmp_path: Path) -> None:
    report = tmp_path / "new" / "report"
    server = subprocess.Popen(
        [*MODULE[:-1], "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=surroundings(),
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().rpartition(" ")[2].strip()
        done = check(url, *QUICK, "--report", report, github_actions="true")
    finally:
        server.terminate()
        server.communicate()
    assert done.code == 0, done.out
    assert ESCAPE not in done.out + done.err
    assert "::error" not in done.out
    # Where nobody sees a line move, a line stands for some requests.
    lines = done.err.splitlines()
    assert len(lines) < 15
    assert re.fullmatch(rf"1 of about \d+ requests to {url}", lines[0])
    assert all(re.fullmatch(rf"\d+( of about \d+)? requests to {url}", line) for line in lines)
    assert {path.name for path in report.iterdir()} == FILES
    told = json.loads((report / "report.json").read_text("utf-8"))
    assert (told["complete"], told["exit_code"], told["mishaps"]) == (True, 0, [])
    assert told["counts"]["requests"] == len(told["exchanges"]) <= 150
    assert told["counts"]["pictures"] <= 40
    assert ElementTree.parse(report / "junit.xml").getroot().get("failures") == "0"
    assert "<!doctype html>" in (report / "index.html").read_text("utf-8").lower()


def test_a_broken_rule_is_shown_with_what_was_asked_and_what_came(tmp_path: Path) -> None:
    summary = tmp_path / "summary"
    with serving(faulty("sizes-swapped")) as url:
        done = check(
            *("--only", "size.order", *QUICK, "--api-key-env", "MY_KEY", url),
            my_key=KEY,
            github_actions="true",
            github_step_summary=str(summary),
        )
    assert done.code == 1
    rule = next(rule for rule in RULES if rule.id == "size.order")
    assert f"broken size.order: {rule.statement}\n" in done.out
    assert re.search(r"\n    seen  size \d+x\d+ must be ", done.out)
    assert f"\n    due   {rule.statement} (page: " in done.out
    assert str(rule.source.url) in done.out
    assert f"curl -sS -i -X POST {url}/images/generations \\\n" in done.out
    assert '-H "Authorization: Bearer $MY_KEY"' in done.out
    assert re.search(r'\n    came  200 \{"created": ', done.out)
    assert re.search(
        r" The contract is broken: 1 of the \d+ rules that were seen is not kept "
        r"\(exit code 1\)\. ",
        done.words,
    )
    assert re.search(r"^::error title=[^\n]*size\.order", done.out, re.MULTILINE)
    assert summary.read_text("utf-8").startswith("## stepfun-mock check\n")
    assert KEY not in done.out + done.err + summary.read_text("utf-8")


def test_on_github_the_table_holds_no_commands(swapped: str) -> None:
    done = check(*ORDER, swapped, step_api_key=KEY, github_actions="true")
    lines = done.out.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    assert re.fullmatch(r"[0-9a-f]{32}", token)
    end = lines.index(f"::{token}::")
    assert any("size.order" in line for line in lines[1:end])
    assert all(line.startswith("::error ") for line in lines[end + 1 :])
    assert lines[end + 1 :]
    assert "stop-commands" not in check(*ORDER, swapped, step_api_key=KEY).out


def test_a_summary_that_cannot_be_written_changes_no_verdict(tmp_path: Path) -> None:
    nowhere = tmp_path / "missing" / "summary"
    with serving() as url:
        done = check(
            *("--only", RULE, url),
            step_api_key=KEY,
            github_actions="true",
            github_step_summary=str(nowhere),
        )
    assert done.code == 0, done.out
    assert done.err.splitlines()[-1] == (
        f"stepfun-mock: GITHUB_STEP_SUMMARY {nowhere}: No such file or directory"
    )


def test_variables_say_what_flags_say(tmp_path: Path) -> None:
    report = tmp_path / "report"
    with counted() as (server, url):
        done = check(
            *("--only", RULE),
            stepfun_mock_target=url,
            stepfun_mock_report=str(report),
            stepfun_mock_max_images="5",
            stepfun_mock_max_requests="4",
            stepfun_mock_rate="6000",
            stepfun_mock_timeout="5",
            stepfun_mock_link_wait="0",
            stepfun_mock_api_key_env="MY_KEY",
            my_key=KEY,
        )
    assert len(server.came) == 4
    assert {path.name for path in report.iterdir()} == FILES
    assert done.code in (0, 3)
    assert {request.headers["authorization"] for request in server.came} == {f"Bearer {KEY}"}


def test_a_budget_that_is_spent_is_named() -> None:
    with serving() as url:
        done = check(url, *QUICK, "--max-requests", "3", step_api_key=KEY)
    assert done.code == 3
    assert "the budget of 3 requests is spent (--max-requests)" in done.words


# On a terminal --------------------------------------------------------------------------


def on_a_terminal(*arguments: str, **variables: str) -> tuple[int, str]:
    """Run the command where it sees a terminal; its exit code, and all that was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*MODULE, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=surroundings(term="xterm-256color", **variables),
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while select.select([ours], [], [], 30)[0] and (piece := os.read(ours, 65536)):
            shown += piece
    os.close(ours)
    return process.wait(10), shown.decode()


def bars(shown: str) -> list[str]:
    return re.findall(r"\r\[([#.]{30})\] \d+ of about \d+ requests to [^\x1b\r]*\x1b\[K", shown)


@pytest.fixture(scope="module")
def swapped() -> Iterator[str]:
    with serving(faulty("sizes-swapped")) as url:
        yield url


ORDER = ("--only", "size.order", *QUICK)


def test_on_a_terminal_a_bar_grows_and_words_have_colours(swapped: str) -> None:
    code, shown = on_a_terminal(*ORDER, swapped, step_api_key=KEY)
    assert code == 1
    grown = [bar.count("#") for bar in bars(shown)]
    assert len(grown) > 10
    assert grown == sorted(grown)
    assert "\r\x1b[K" in shown  # gone, before anything else is told
    assert re.search(r"\x1b\[\d+(;\d+)*mbroken\x1b\[0m \x1b\[36msize\.order\x1b\[0m", shown)


def test_no_color_is_heeded(swapped: str) -> None:
    code, shown = on_a_terminal(*ORDER, swapped, step_api_key=KEY, no_color="1")
    assert code == 1
    assert bars(shown)
    assert set(re.findall(r"\x1b\[[^A-Za-z]*[A-Za-z]", shown)) == {"\x1b[K"}


# Where nobody listens -------------------------------------------------------------------


@pytest.mark.parametrize("closed", ["2>&-", ">&-", ">&- 2>&-"])
def test_an_output_that_was_closed_before_the_start_changes_no_verdict(
    swapped: str, tmp_path: Path, closed: str
) -> None:
    command = ("sh", "-c", f'exec "$@" {closed}', "sh", *MODULE)
    done = check(*ORDER, "--report", tmp_path, swapped, command=command, step_api_key=KEY)
    assert (done.code, done.err) == (1, "" if "2>" in closed else done.err)
    assert ("size.order" in done.out) is (closed == "2>&-")
    assert {path.name for path in tmp_path.iterdir()} == FILES


def unread(*arguments: str | Path, **variables: str) -> tuple[int, str]:
    """Run the command when its reader has gone; its exit code, and standard error."""
    theirs, ours = os.pipe()
    os.close(theirs)
    done = subprocess.run(
        [*MODULE, *map(str, arguments)],
        stdout=ours,
        stderr=subprocess.PIPE,
        text=True,
        env=surroundings(**variables),
        check=False,
        timeout=60,
    )
    os.close(ours)
    return done.returncode, done.stderr


def test_a_reader_who_has_gone_changes_no_verdict(swapped: str, tmp_path: Path) -> None:
    code, err = unread(*ORDER, "--report", tmp_path, swapped, step_api_key=KEY)
    assert code == 1
    assert all(
        re.fullmatch(r"\d+( of about \d+)? requests to \S+", one) for one in err.split("\n")[:-1]
    )
    assert {path.name for path in tmp_path.iterdir()} == FILES
    assert unread("--plan") == unread("--list") == (0, "")


# Ended before its time ------------------------------------------------------------------

SLOWLY = ("--rate", "600")


@contextlib.contextmanager
def midway(report: Path) -> Iterator[subprocess.Popen[str]]:
    """A run that has sent some requests, and has more to send."""
    with (
        counted() as (server, url),
        checking(url, *SLOWLY, "--report", report, step_api_key=KEY) as process,
    ):
        until(lambda: len(server.came) > 15 or process.poll() is not None)
        assert process.poll() is None
        yield process


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_a_run_with_what_was_found(tmp_path: Path, by: signal.Signals) -> None:
    with midway(tmp_path) as process:
        done = ended(process, by)
    assert (done.code, "Traceback" in done.err) == (3, False)
    assert done.seconds < 5
    assert done.words.endswith(
        "It cannot be told whether the contract is kept: interrupted before all was asked "
        "(exit code 3)."
    )
    assert {path.name for path in tmp_path.iterdir()} == FILES
    told = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (told["complete"], told["exit_code"]) == (False, 3)
    assert told["mishaps"] == ["interrupted before all was asked"]
    assert len(told["exchanges"]) > 5


def test_a_run_that_is_killed_leaves_a_report(tmp_path: Path) -> None:
    with midway(tmp_path) as process:
        done = ended(process, signal.SIGKILL)
    assert done.code == -signal.SIGKILL
    told = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (told["complete"], told["finished"], told["exit_code"]) == (False, None, 3)
    assert told["exchanges"]
    assert "</html>" in (tmp_path / "index.html").read_text("utf-8")


# Python and click end with 1 where nobody catches it, and 1 says that the contract is broken.
EARLY = """
from stepfun_mock import cli, suite

def interrupted(name):
    raise KeyboardInterrupt

suite.module = interrupted
cli.main()
"""


def test_an_interrupt_while_the_suite_loads_is_no_broken_contract() -> None:
    done = check(command=(sys.executable, "-c", EARLY, "check"))
    assert (done.code, done.out, done.err) == (3, "", "stepfun-mock: interrupted\n")


CRASHING = """
from stepfun_mock import cli, suite

def crash(*_):
    raise RuntimeError("out of order")

suite.module("command").terminal.table = crash
cli.main()
"""


def test_a_fault_of_the_command_is_no_broken_contract() -> None:
    command = (sys.executable, "-c", CRASHING, "check")
    done = check(f"http://127.0.0.1:{closed_port()}/v1", command=command)
    assert (done.code, done.out) == (3, "")
    assert done.err.splitlines()[-1] == (
        "stepfun-mock: the check itself failed: RuntimeError: out of order (<string>:5)"
    )
