"""The command: as a process where it serves, in this process where it only prints."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openapi_spec_validator import validate

from conftest import MINIMAL
from stepfun_mock import contract
from stepfun_mock.choices import all_choices
from stepfun_mock.cli import main
from stepfun_mock.transports.server import bind

KEY = "sk-0123456789-abcdefghij-0123456789"
COMMAND = (sys.executable, "-m", "stepfun_mock")
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if not name.startswith("STEPFUN_MOCK_")
}


@dataclass
class Serving:
    """`stepfun-mock serve` as a process."""

    process: subprocess.Popen[str]
    ready: str
    log: Path

    @property
    def base_url(self) -> str:
        return self.ready.removeprefix("stepfun-mock listening on ").rstrip("\n")

    @property
    def port(self) -> int:
        return int(self.base_url.rpartition(":")[2].removesuffix("/v1"))

    def ask(self, path: str, body: object = None, **headers: str) -> tuple[int, bytes]:
        """Ask under the base URL, or at a whole URL; gives the status and the body."""
        url = path if path.startswith("http") else self.base_url + path
        usual = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {**usual, **headers})
        try:
            with urllib.request.urlopen(request, timeout=5) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()

    def generate(self, **fields: Any) -> Any:
        status, text = self.ask("/images/generations", {**MINIMAL, **fields})
        assert status == 200, text
        return json.loads(text)["data"][0]

    def stop(self, by: signal.Signals = signal.SIGTERM) -> tuple[str, str]:
        """Stop it; gives the rest of what it printed, and the log."""
        started = time.monotonic()
        self.process.send_signal(by)
        rest, _ = self.process.communicate(timeout=10)
        assert time.monotonic() - started < 2
        assert self.process.returncode == 0
        return rest, self.log.read_text()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Serving]]:
    """Start the command with flags and variables; it is killed with the test."""
    started: list[Serving] = []

    def start(*flags: str, port: str | None = "0", **variables: str) -> Serving:
        log = tmp_path / f"log-{len(started)}"
        flags = flags if port is None else ("--port", port, *flags)
        with log.open("w") as stderr:
            process = subprocess.Popen(
                [*COMMAND, "serve", *flags],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env=ENVIRONMENT | variables,
            )
        started.append(Serving(process, "", log))
        assert process.stdout is not None
        started[-1].ready = process.stdout.readline()
        assert started[-1].ready, log.read_text()
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


def run(*arguments: str, **variables: str) -> Result:
    return CliRunner(env=variables).invoke(main, arguments)


# Ready, and the log ------------------------------------------------------------


def test_one_line_says_that_it_is_ready_and_where(serve: Callable[..., Serving]) -> None:
    one = serve()
    assert re.fullmatch(r"stepfun-mock listening on http://127\.0\.0\.1:[0-9]+/v1\n", one.ready)
    assert one.ask("/models")[0] == 200
    assert one.generate()["url"].startswith(f"http://127.0.0.1:{one.port}/image_gen/")
    rest, log = one.stop()
    assert rest == ""
    first, *_, last = log.splitlines()
    assert first == (
        f"what it is asked, with the pictures: http://127.0.0.1:{one.port}/__stepfun_mock/"
    )
    assert last == "stopped after 2 requests"


def test_the_port_is_8793_unless_told() -> None:
    assert "--port INTEGER RANGE" in run("serve", "--help").stdout
    assert "default: 8793" in " ".join(run("serve", "--help").stdout.split())


def test_each_request_is_one_line_of_the_log(serve: Callable[..., Serving]) -> None:
    one = serve()
    one.generate(seed=5, size="768x1360")
    one.ask("/models")
    one.ask("/images/generations", {"model": "step-image-edit-2"})
    one.ask("/nowhere")
    with socket.create_connection(("127.0.0.1", one.port)) as line:
        line.sendall(b"nonsense\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 400 ")
    _, log = one.stop()
    lines = [re.sub(r"^\d\d:\d\d:\d\d |\d+\.\dms", "", line) for line in log.splitlines()[1:-1]]
    assert lines == [
        "POST /v1/images/generations 200   1360 wide x 768 high  seed 5  url  "
        '"A red fox in the snow"',
        "GET /v1/models 200 ",
        "POST /v1/images/generations 400   prompt must be a text of at most 512 characters, but "
        "it is missing; send a text that describes the picture",
        "GET /v1/nowhere 404   there is no such path; the image API is at /v1/images/generations",
        "(no request) 400   what came is no HTTP/1.1 request",
    ]


def test_a_request_cannot_forge_lines_of_the_log(serve: Callable[..., Serving]) -> None:
    one = serve()
    one.generate(
        prompt="first\nGET /forged 200\r\x1b[2J\x1b]0;title\x07\x85\u2028\x9b31mlast\u202e"
    )
    one.ask("/%0aGET%20/forged%20200%1b[31m%c2%85")
    one.ask("/images/generations", {**MINIMAL, "size": "\nGET /forged 200"})
    one.ask("/models", Host="evil\x1b[31m")
    _, log = one.stop()
    assert len(log.splitlines()) == len(log.split("\n")) - 1 == 6
    assert all(letter.isprintable() or letter == "\n" for letter in log)


def test_a_key_is_never_printed(serve: Callable[..., Serving]) -> None:
    one = serve("--api-key", KEY, "--api-key", "another-known-key")
    one.generate()
    wrong = f"{KEY}-wrong"
    for path in (f"/{KEY}", f"/images/{KEY}/x", f"/models/{KEY}", f"/models?key={KEY}"):
        one.ask(path)
        one.ask(path.replace(KEY, wrong), Authorization=f"Bearer {wrong}")
        one.ask(path, Authorization=f"Basic {KEY}")
    one.ask("/images/generations", {**MINIMAL, "model": KEY})
    one.ask("/models", Authorization=KEY)
    status, text = one.ask("/models", Authorization=f"Bearer {wrong}")
    assert (status, wrong in text.decode()) == (401, False)
    rest, log = one.stop()
    printed = one.ready + rest + log
    assert KEY not in printed
    assert "another-known-key" not in printed
    assert log.count("\n") == 1 + 1 + 12 + 3 + 1


def test_a_log_that_nobody_reads_stops_no_request() -> None:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    one = Serving(process, process.stdout.readline(), Path(os.devnull))
    process.stderr.readline()
    process.stderr.close()
    for seed in range(5):
        assert one.generate(seed=seed)["seed"] == seed
    process.terminate()
    process.stdout.close()
    assert process.wait(5) == 0


# Stopping ----------------------------------------------------------------------

STUCK = {
    "no connection": None,
    "an idle connection": b"",
    "half a head": b"POST /v1/images",
    "half a body": b"POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Length: 100\r\n\r\nhalf",
}


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("stuck", STUCK.values(), ids=STUCK.keys())
def test_a_signal_stops_it_in_time_and_without_an_error(
    serve: Callable[..., Serving], by: signal.Signals, stuck: bytes | None
) -> None:
    one = serve()
    if stuck is None:
        rest, log = one.stop(by)
    else:
        with socket.create_connection(("127.0.0.1", one.port)) as line:
            line.sendall(stuck)
            one.ask("/models")
            rest, log = one.stop(by)
    assert rest == ""
    assert "Traceback" not in log
    assert re.fullmatch(r"stopped after (1 request|[02] requests)", log.splitlines()[-1])


# What cannot be ----------------------------------------------------------------


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == (
        f"stepfun-mock: cannot listen on 127.0.0.1 port {port}: Address already in use; stop the "
        "program that has it, or choose another port (0 picks a free one)\n"
    )


def test_a_taken_port_ends_the_process_with_2(serve: Callable[..., Serving]) -> None:
    port = str(serve().port)
    done = subprocess.run(
        [*COMMAND, "serve", "--port", port],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "choose another port" in done.stderr


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--choice", "link_lief=5"], 'there is no choice "link_lief"; did you mean "link_life"?'),
        (["--choice", "nothing=5"], 'there is no choice "nothing"'),
        (
            ["--choice", "link_life"],
            'a choice is written NAME=VALUE, as in link_life=60; no "=" came',
        ),
        (
            ["--choice", "link_life=1h"],
            'link_life must be a whole number from 1 to 3153600000, but "1h" came',
        ),
        (["--choice", "link_life=0"], "link_life must be a whole number from 1"),
        (["--choice", "cors=yes"], 'cors must be on or off, but "yes" came'),
        (["--choice", "n_above_one=two"], 'n_above_one must be "refuse" or "one_picture"'),
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1 port 0: "),
        (["--host", "no.such.host.invalid"], "cannot listen on no.such.host.invalid port 0: "),
        (["--api-key", ""], "api_keys must be a list of texts"),
        (
            ["--fault", "rate_limted"],
            '--fault: there is no fault "rate_limted"; did you mean "rate_limited"? The faults',
        ),
        (["--fault", "slow times=0"], "--fault: slow: times is a whole number from 1, but 0 came"),
        (
            ["--fault", ""],
            "--fault: this is no fault: write its name, and ",
        ),
        (["--chaos", "1.5"], "rate is a number from 0 to 1, but 1.5 came"),
        (["--chaos", "nan"], "rate is a number from 0 to 1, but nan came"),
        (
            ["--chaos-seed", "7"],
            "the seed 7 is there, but no chaos that it could start; say --chaos RATE too",
        ),
        (
            ["--config", "/no/such/file.toml"],
            "cannot read /no/such/file.toml: No such file or directory; --config takes a TOML file",
        ),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(flags: list[str], said: str) -> None:
    result = run("serve", "--port", "0", *flags)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"stepfun-mock: {said}")
    assert result.stderr.count("\n") == 1


def test_a_fault_in_a_variable_is_refused_by_the_name_of_its_flag() -> None:
    result = run("serve", "--port", "0", STEPFUN_MOCK_FAULT="overloaded; slow secnds=2")
    assert result.exit_code == 2
    assert result.stderr == (
        'stepfun-mock: --fault: slow has no argument "secnds"; did you mean "seconds"? It has '
        "seconds, times, after, when\n"
    )


def test_the_refusal_of_a_file_on_the_page_is_one_that_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parent.parent / "docs" / "control.md").read_text("utf-8")
    (sample,) = re.findall(r"^```text\n(stepfun-mock: mock\.toml .*\n)```", page, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    Path("mock.toml").write_text("\n" * 6 + 'faults = ["slow secnds=2"]\n')
    result = run("serve", "--port", "0", "--config", "mock.toml")
    assert (result.exit_code, result.stderr) == (2, sample)


@pytest.mark.parametrize("port", ["65536", "-1", "many", "1.5"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    result = run("serve", "--port", port)
    assert result.exit_code == 2
    assert "Invalid value for '--port'" in result.stderr


@pytest.mark.parametrize("arguments", [["sreve"], ["serve", "--prot", "1"], ["contract", "x"]])
def test_what_is_no_command_is_refused(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


# Flags and variables -----------------------------------------------------------


def test_choices_reach_the_wire(serve: Callable[..., Serving]) -> None:
    one = serve(
        *("--choice", "link_life=1", "--choice", "n_above_one=one_picture"),
        *("--choice", "filter_words=blood, gore", "--choice", "error_description=on"),
    )
    url = one.generate(n=3)["url"]
    assert one.ask(url)[0] == 200
    assert one.generate(prompt="Gore")["finish_reason"] == "content_filtered"
    status, text = one.ask("/images/generations", {})
    assert status == 400
    assert set(json.loads(text)["error"]) == {"message", "type", "description"}
    time.sleep(1.1)
    status, text = one.ask(url)
    assert (status, json.loads(text)["error"]["type"]) == (404, "link_dead")


def test_only_the_keys_named_are_accepted(serve: Callable[..., Serving]) -> None:
    one = serve("--api-key", "first-key", "--api-key", "second-key")
    answers = [
        one.ask("/models", Authorization=f"Bearer {key}")[0]
        for key in ("first-key", "second-key", "third-key", "first-key,second-key")
    ]
    assert answers == [200, 200, 401, 401]


def test_hosts_that_are_allowed_are_answered(serve: Callable[..., Serving]) -> None:
    one = serve("--allow-host", "mock.example", "--allow-host", "other.example")
    answers = [
        one.ask("/models", Host=host)[0]
        for host in ("mock.example", "other.example:80", "localhost", "evil.example")
    ]
    assert answers == [200, 200, 200, 421]
    status, text = one.ask("/images/generations", MINIMAL, Host="mock.example:99")
    assert status == 200
    assert json.loads(text)["data"][0]["url"].startswith("http://mock.example:99/image_gen/")


def free_port() -> int:
    with bind("127.0.0.2", 0) as bound:
        return int(bound.getsockname()[1])


OF_CHECK = ("STEPFUN_MOCK_TARGET", "STEPFUN_MOCK_REPORT", "STEPFUN_MOCK_MAX_IMAGES")


def test_every_flag_has_a_variable(serve: Callable[..., Serving]) -> None:
    port = free_port()
    one = serve(
        port=None,
        STEPFUN_MOCK_HOST="127.0.0.2",
        STEPFUN_MOCK_PORT=str(port),
        STEPFUN_MOCK_API_KEY="first-key second-key",
        STEPFUN_MOCK_CHOICE="n_above_one=one_picture empty_prompt=accept",
        STEPFUN_MOCK_ALLOW_HOST="mock.example other.example",
    )
    assert one.base_url == f"http://127.0.0.2:{port}/v1"
    key = {"Authorization": "Bearer second-key"}
    body = {**MINIMAL, "n": 4, "prompt": ""}
    assert one.ask("/images/generations", body, **key, Host="other.example")[0] == 200
    assert one.ask("/models")[0] == 401
    assert one.ask("/models", **key, Host="evil.example")[0] == 421


def test_flags_win_over_variables(serve: Callable[..., Serving]) -> None:
    taken = "127.0.0.2"
    one = serve(
        *("--host", "127.0.0.1", "--api-key", "of-the-flag", "--allow-host", "flag.example"),
        *("--choice", "n_above_one=refuse"),
        STEPFUN_MOCK_HOST=taken,
        STEPFUN_MOCK_PORT="1",
        STEPFUN_MOCK_API_KEY="of-the-variable",
        STEPFUN_MOCK_CHOICE="n_above_one=one_picture",
        STEPFUN_MOCK_ALLOW_HOST="variable.example",
    )
    assert one.base_url == f"http://127.0.0.1:{one.port}/v1"
    key = {"Authorization": "Bearer of-the-flag"}
    assert one.ask("/models", **key, Host="flag.example")[0] == 200
    assert one.ask("/models", **key, Host="variable.example")[0] == 421
    assert one.ask("/models", Authorization="Bearer of-the-variable")[0] == 401
    assert one.ask("/images/generations", {**MINIMAL, "n": 2}, **key)[0] == 400


def test_variables_that_nothing_reads_are_warned_of(serve: Callable[..., Serving]) -> None:
    one = serve(
        STEPFUN_MOCK_FAULTS=KEY,
        STEPFUN_MOCK_CHIOCE=KEY,
        STEPFUN_MOCK_XYZZY=KEY,
        STEPFUN_MOCK_PYTEST_PORT="0",
        STEPFUN_MOCK_CHROMIUM="/usr/bin/chromium",
        **dict.fromkeys(OF_CHECK, "1"),
    )
    _, log = one.stop()
    assert log.splitlines()[1:-1] == [
        "warning: nothing reads the variable STEPFUN_MOCK_CHIOCE; did you mean "
        "STEPFUN_MOCK_CHOICE?",
        "warning: nothing reads the variable STEPFUN_MOCK_FAULTS; did you mean STEPFUN_MOCK_FAULT?",
        "warning: nothing reads the variable STEPFUN_MOCK_XYZZY; --help names those that are read",
    ]
    assert KEY not in log


# Faults, chaos and the file ----------------------------------------------------


def test_faults_of_flags_are_met_in_order_and_told_of(serve: Callable[..., Serving]) -> None:
    one = serve("--fault", "rate_limited retry_after=2", "--fault", "overloaded times=2 after=1")
    answers = [one.ask("/images/generations", MINIMAL)[0] for _ in range(5)]
    assert answers == [429, 200, 503, 503, 200]
    _, log = one.stop()
    assert log.splitlines()[1] == (
        "scripted: rate_limited(retry_after=2), then overloaded 2 times after 1 more"
    )


def test_a_variable_holds_several_faults(serve: Callable[..., Serving]) -> None:
    one = serve(
        STEPFUN_MOCK_FAULT='server_error; overloaded when.prompt="one; \\"two\\"" ;; bad_key ;'
    )
    asked = [MINIMAL, {**MINIMAL, "prompt": 'one; "two"'}, MINIMAL]
    assert [one.ask("/images/generations", body)[0] for body in asked] == [500, 503, 401]
    assert "scripted: server_error, then overloaded when prompt=" in one.stop()[1]


def test_nothing_is_told_where_nothing_is_scripted(serve: Callable[..., Serving]) -> None:
    assert len(serve("--chaos", "0").stop()[1].splitlines()) == 2


def days(one: Serving) -> list[int]:
    return [one.ask("/images/generations", MINIMAL)[0] for _ in range(20)]


def test_chaos_of_one_seed_brings_the_same_days(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    file = tmp_path / "mock.toml"
    file.write_text('[chaos]\nrate = 0.5\nfaults = ["overloaded", "bad_key", "server_error"]\n')
    first = serve("--config", str(file))
    seen = days(first)
    assert {200, 401, 500, 503} >= set(seen) > {200}
    told = first.stop()[1].splitlines()[1]
    (seed,) = re.findall(r"^chaos at a rate of 0\.5 with the seed ([0-9]+)$", told)
    again = serve("--config", str(file), "--chaos-seed", seed)
    assert days(again) == seen
    assert again.ask(f"http://127.0.0.1:{again.port}/__stepfun_mock/reset", {})[0] == 200
    assert days(again) == seen


def test_chaos_has_variables(serve: Callable[..., Serving]) -> None:
    one = serve(STEPFUN_MOCK_CHAOS="0.25", STEPFUN_MOCK_CHAOS_SEED="7")
    assert one.stop()[1].splitlines()[1] == "chaos at a rate of 0.25 with the seed 7"


FILE = """
host = "127.0.0.2"
port = {port}
allow_hosts = ["mock.example"]
api_keys = ["of-the-file"]
faults = ["overloaded"]

[choices]
n_above_one = "one_picture"
empty_prompt = "accept"

[chaos]
rate = 1
seed = 7
faults = ["bad_key"]
"""


def test_a_file_says_all_that_flags_can(serve: Callable[..., Serving], tmp_path: Path) -> None:
    file, port = tmp_path / "mock.toml", free_port()
    file.write_text(FILE.format(port=port))
    one = serve("--config", str(file), port=None)
    assert one.base_url == f"http://127.0.0.2:{port}/v1"
    key = {"Authorization": "Bearer of-the-file"}
    body = {**MINIMAL, "n": 4, "prompt": ""}
    assert [one.ask("/images/generations", body, **key)[0] for _ in range(3)] == [503, 401, 401]
    root = f"http://127.0.0.2:{port}/__stepfun_mock"
    assert one.ask(f"{root}/chaos", {"rate": 0, "seed": 1})[0] == 200
    assert one.ask("/images/generations", body, **key, Host="mock.example")[0] == 200
    assert one.ask("/models")[0] == 401
    assert one.stop()[1].splitlines()[1] == (
        "scripted: overloaded; chaos at a rate of 1 with the seed 7"
    )


def test_flags_and_variables_win_over_a_file(serve: Callable[..., Serving], tmp_path: Path) -> None:
    file = tmp_path / "mock.toml"
    file.write_text(FILE.format(port=1))
    one = serve(
        *("--host", "127.0.0.1", "--api-key", "of-the-flag", "--choice", "n_above_one=refuse"),
        *("--fault", "server_error", "--chaos", "0"),
        STEPFUN_MOCK_CONFIG=str(file),
        STEPFUN_MOCK_ALLOW_HOST="variable.example",
    )
    assert one.base_url == f"http://127.0.0.1:{one.port}/v1"
    key = {"Authorization": "Bearer of-the-flag"}
    bodies = [MINIMAL, MINIMAL, {**MINIMAL, "n": 2}, {**MINIMAL, "prompt": ""}]
    answers = [one.ask("/images/generations", body, **key)[0] for body in bodies]
    assert answers == [503, 500, 400, 200]
    assert one.ask("/models", Authorization="Bearer of-the-file")[0] == 401
    assert one.ask("/models", **key, Host="mock.example")[0] == 421
    assert one.ask("/models", **key, Host="variable.example")[0] == 200


WARNING = (
    "warning: {} can be reached from the network, and the mock takes any key unless --api-key "
    "names some; the page and the control routes ask for none, and are closed by --choice "
    "control_routes=off; machines that use another name than the loopback ones need --allow-host "
    "NAME"
)


def test_a_host_that_the_network_reaches_is_warned_of(serve: Callable[..., Serving]) -> None:
    one = serve("--host", "0.0.0.0")
    assert one.base_url == f"http://127.0.0.1:{one.port}/v1"
    assert one.ask("/models")[0] == 200
    _, log = one.stop()
    assert log.splitlines()[1] == WARNING.format("0.0.0.0")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_a_loopback_host_needs_no_warning(serve: Callable[..., Serving], host: str) -> None:
    one = serve("--host", host)
    assert one.base_url == f"http://{host}:{one.port}/v1"
    assert one.ask("/models")[0] == 200
    assert "warning" not in one.stop()[1]


# The contract, and help --------------------------------------------------------

NAMES = [
    "model",
    *(parameter.name for model in contract.MODELS for parameter in model.parameters),
    *(choice.name for choice in all_choices()),
    *(route.path for route in contract.ROUTES),
    *(field.name for field in contract.REPLY_FIELDS),
]


@pytest.mark.parametrize("flags", [[], ["--format", "table"], ["--format", "markdown"]])
def test_the_contract_is_printed_for_people(flags: list[str]) -> None:
    result = run("contract", *flags, COLUMNS="200")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert [name for name in NAMES if name not in result.stdout] == []
    for grade in ("page", "vendor", "reported", "ours"):
        assert grade in result.stdout
    assert "\x1b" not in result.stdout


def test_the_contract_is_printed_as_markdown_tables() -> None:
    lines = run("contract", "--format", "markdown").stdout.splitlines()
    assert lines[0].startswith("# ")
    assert any(set(line) <= set("|- ") and "---" in line for line in lines)


@pytest.mark.parametrize("width", [120, 200])
def test_the_table_fits_the_terminal(width: int) -> None:
    lines = run("contract", COLUMNS=str(width)).stdout.splitlines()
    assert max(map(len, lines)) <= width


def test_the_contract_is_printed_as_json() -> None:
    printed = json.loads(run("contract", "--format", "json").stdout)
    (model,) = printed["models"]
    assert [row["name"] for row in model["parameters"]] == [
        parameter.name for parameter in contract.MODELS[0].parameters
    ]
    assert {choice["name"] for choice in printed["choices"]} == {
        choice.name for choice in all_choices()
    }
    assert printed["link"]["life_seconds"] == 7200


def test_the_contract_is_printed_as_valid_openapi() -> None:
    printed = json.loads(run("contract", "--format", "openapi").stdout)
    assert printed["openapi"].startswith("3.1.")
    validate(printed)
    assert set(printed["paths"]) >= {route.path for route in contract.ROUTES}


def test_the_format_of_the_contract_has_a_variable() -> None:
    by_variable = run("contract", STEPFUN_MOCK_FORMAT="json").stdout
    assert by_variable == run("contract", "--format", "json").stdout


def test_an_unknown_format_is_refused() -> None:
    result = run("contract", "--format", "yaml")
    assert result.exit_code == 2
    assert "'table', 'json', 'markdown', 'openapi'" in result.stderr


def test_the_module_prints_what_the_command_prints() -> None:
    done = subprocess.run(
        [*COMMAND, "contract", "--format", "json"],
        capture_output=True,
        encoding="utf-8",
        env=ENVIRONMENT,
        check=True,
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == json.loads(run("contract", "--format", "json").stdout)


def test_the_contract_can_be_piped_into_head() -> None:
    script = f"'{sys.executable}' -m stepfun_mock contract | head -1"
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, env=ENVIRONMENT, check=True
    )
    assert (done.stdout, done.stderr) == ("Routes\n", "")


def test_the_version_is_the_one_of_the_package() -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout == f"stepfun-mock, version {version('stepfun-mock')}\n"


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_names_the_commands_and_their_flags(flag: str) -> None:
    assert run(flag).exit_code == 0
    assert re.findall(r"^  (serve|contract) ", run(flag).stdout, re.MULTILINE) == [
        "contract",
        "serve",
    ]
    shown = run("serve", flag).stdout
    for name in ("--host", "--port", "--allow-host", "--api-key", "--choice", "--fault", "--chaos"):
        assert name in shown
    assert "--format" in run("contract", flag).stdout


def test_the_command_is_installed_under_its_name() -> None:
    command = Path(sys.executable).parent / "stepfun-mock"
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"stepfun-mock, version {version('stepfun-mock')}\n"


def test_check_tells_what_it_would_send() -> None:
    command = [*COMMAND, "check", "--plan"]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=True)
    assert "requests, 31 pictures, sent to http://127.0.0.1:8793/v1" in done.stdout
    assert done.stderr == ""
