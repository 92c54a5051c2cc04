"""What a server starts with: a TOML file, and flags over it."""

import re
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from conftest import examples
from stepfun_mock import Choices, StepfunMock, faults
from stepfun_mock.chaos import WEATHER
from stepfun_mock.cli import main
from stepfun_mock.startup import Startup
from stepfun_mock.startup.file import FileRefusedError, read
from stepfun_mock.startup.lines import line_of

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "control.md").read_text("utf-8")

WHOLE = """\
# What a server of ours starts with.
host = "127.0.0.2"
port = 0
allow_hosts = ["mock", "other"]
api_keys = ["a-key"]

[choices]
link_life = 60
filter_words = ["blood"]
cors = true

[chaos]
rate = 0.5
seed = 7
faults = ["overloaded", { fault = "slow", seconds = 1 }]

[[faults]]
fault = "rate_limited"
retry_after = 2
times = 3

[[faults]]
fault = "overloaded"
[faults.when]
prompt = "A wolf"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mock.toml"


def refused(file: Path, text: str | bytes) -> str:
    """What is said of a file with this text, without its folder."""
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(FileRefusedError) as caught:
        read(file)
    said = str(caught.value)
    assert "\n" not in said
    return said.replace(f"{file.parent}/", "")


# A file that can be -----------------------------------------------------------------


def test_a_file_says_all(file: Path) -> None:
    file.write_text(WHOLE)
    assert read(file) == Startup(
        host="127.0.0.2",
        port=0,
        allow_hosts=("mock", "other"),
        api_keys=("a-key",),
        choices={"link_life": 60, "filter_words": ["blood"], "cors": True},
        faults=(
            faults.rate_limited(retry_after=2, times=3),
            faults.overloaded(when={"prompt": "A wolf"}),
        ),
        rate=0.5,
        seed=7,
        among=(faults.overloaded(), faults.slow(seconds=1)),
    )


@pytest.mark.parametrize("text", ["", "\n# nothing\n", "faults = []\n[choices]\n"])
def test_an_empty_file_says_nothing(file: Path, text: str) -> None:
    file.write_text(text)
    startup = read(file)
    assert (startup.made_choices(), startup.faults) == (Choices(), ())
    assert (startup.host, startup.port, startup.made_chaos()) == (None, None, None)


@pytest.mark.parametrize("raw", [b"\xef\xbb\xbfport = 1\n", b"\r\nport = 1\r\n"])
def test_files_of_windows_are_read(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    assert read(file).port == 1


def test_the_file_of_the_page_can_be_read(file: Path) -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    file.write_text(example)
    startup = read(file)
    assert [fault.name for fault in startup.faults] == ["rate_limited", "content_filtered"]
    assert startup.made_choices().filter_words == ("blood", "gore")
    assert startup.made_chaos() is not None
    short = re.findall(r"`(faults = \[.*?\])`", PAGE)
    assert short
    for line in short:
        file.write_text(line)
        assert read(file).faults


# One that cannot ------------------------------------------------------------------------

UNKNOWN = 'there is no choice "link_lif"; did you mean "link_life"? The choices are n_above_one, '


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("port = 1\nprot = 1\n", 2, 'the file has no key "prot"; did you mean "port"? Its keys'),
        ("[choice]\n", 1, 'the file has no key "choice"; did you mean "choices"? Its keys are '),
        ("\n\n[[fault]]\n", 3, 'the file has no key "fault"; did you mean "faults"? Its keys are'),
        ('"a\\nb" = 1\n', 1, 'the file has no key "a b". Its keys are host, port, allow_hosts, '),
        ("host = 1\n", 1, 'host is a text, as in "127.0.0.1", but 1 came'),
        ('host = ""\n', 1, "host is a text, as in \"127.0.0.1\", but '' came"),
        ("\nport = 65536\n", 2, "port is a whole number from 0 to 65535, but 65536 came"),
        ("port = true\n", 1, "port is a whole number from 0 to 65535, but True came"),
        (
            'allow_hosts = "mock"\n',
            1,
            'allow_hosts is a list, as in allow_hosts = ["mock"], but a text came',
        ),
        ("allow_hosts = [1]\n", 1, 'a host name is a text, as in "mock", but 1 came'),
        (
            'allow_hosts = [\n  "mock",\n  "http://mock",\n]\n',
            3,
            '"http://mock" is no host name to allow: write it without scheme, port and path, as in',
        ),
        (
            'api_keys = "a-key"\n',
            1,
            'api_keys is a list, as in api_keys = ["a-key"], but a text came',
        ),
        ("api_keys = [1]\n", 1, 'api_keys must be a list of texts, as in ["one"]; none is empty'),
        ("choices = 1\n", 1, "choices is a table, [choices], but a number came"),
        ("port = 1\n\n[choices]\ncors = true\n# here\nlink_lif = 60\n", 6, UNKNOWN),
        ("choices.cors = true\nchoices.link_lif = 60\n", 2, UNKNOWN),
        ('["choices"]\n"link_lif" = 60\n', 2, UNKNOWN),
        ('[choices]\nmagic_keys = "on"\n', 2, "magic_keys is true or false, but a text came"),
        ("[choices]\nlink_life = 0\n", 2, "link_life must be a whole number from 1 to 3153600000"),
        ('[choices]\nlink_life = "60"\n', 2, "link_life must be a whole number from 1 to "),
        (
            '[choices]\napi_keys = ["a"]\n',
            2,
            "api_keys stand at the top of the file, before every [table]",
        ),
        (
            "faults = 1\n",
            1,
            'faults is a list, as in faults = ["overloaded"], or in tables [[faults]], but a ',
        ),
        (
            'faults = [\n  "overloaded",\n  # and\n  "slow secnds=1"\n]\n',
            4,
            'slow has no argument "secnds"; did you mean "seconds"? It has seconds, times, after, ',
        ),
        (
            '[[faults]]\nfault = "slow"\n\n[[faults]]\nfault = "slwo"\n',
            5,
            'there is no fault "slwo"; did you mean "slow"? The faults are ',
        ),
        (
            '[[faults]]\nfault = "slow"\ntimes = 2\n[[faults]]\nfault = "slow"\ntimes = -2\n',
            6,
            "slow: times is a whole number from 1, but -2 came",
        ),
        (
            '[[faults]]\nfault = "slow"\n[faults.when]\npromt = "A wolf"\n',
            3,
            'slow: a request has no field "promt"; did you mean "prompt"? Its fields are ',
        ),
        (
            "port = 1\n[[faults]]\ntimes = 2\n",
            2,
            'a fault is written { fault = "overloaded", times = 2 }, but a table without ',
        ),
        (
            "faults = [\n  2020-01-01,\n]\n",
            2,
            'a fault is written { fault = "overloaded", times = 2 }, but a date or a time came',
        ),
        (
            '\n[[faults]]\nfault = "rate_limited"\nform = "date"\n',
            4,
            "rate_limited: form=date says how retry_after is written, but no retry_after came",
        ),
        ("[[chaos]]\n", 1, "chaos is a table, [chaos], but a list came"),
        ("port = 1\n[chaos]\nseed = 7\n", 2, "chaos needs a rate, a number from 0 to 1"),
        ("[chaos]\nrat = 1\n", 2, 'chaos has no key "rat"; did you mean "rate"? Its keys are rate'),
        ("[chaos]\nseed = 1\nrate = 2\n", 3, "rate is a number from 0 to 1, but 2 came"),
        ("[chaos]\nrate = nan\n", 2, "rate is a number from 0 to 1, but nan came"),
        ("[chaos]\nrate = 1\nseed = 0.5\n", 3, "seed is a whole number, but 0.5 came"),
        (
            "[chaos]\nrate = 1\nfaults = []\n",
            3,
            "chaos needs some faults to bring, but none came",
        ),
        (
            '[chaos]\nrate = 1\nfaults = [\n  "slow",\n  "slow times=2",\n]\n',
            5,
            "slow in chaos takes no times, after or when: chance says which tries meet it",
        ),
        ("port = 1\nport = 2\n", 2, "it is no TOML there: "),
        ("port = 1\n\nhost 2\n", 3, "it is no TOML there: "),
        ('port = 1\nhost = "a\n', 2, "it is no TOML there: "),
        ("port = 1\nfaults = [\n", 2, "it is no TOML there: "),
        (b"port = 1\n# \xff\n", 2, "a byte there is not UTF-8"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(
    file: Path, text: str | bytes, line: int, said: str
) -> None:
    start = f"mock.toml line {line}: {said}"
    assert refused(file, text)[: len(start)] == start


@pytest.mark.parametrize(
    "text",
    [
        'api_keys = "sk-abc"',
        'api_keys = ["sk-abc", ""]',
        'api_keys = ["sk-abc"',
        'api_keys = { first = "sk-abc" }',
        'choices = "sk-abc"',
        'choices = ["sk-abc"]',
        'chaos = "sk-abc"',
        'faults = "sk-abc"',
        'faults = ["sk-abc"]',
        '[choices]\napi_keys = ["sk-abc"]',
        '[choices]\napi_keys = "sk-abc"',
        '[[choices]]\napi_keys = "sk-abc"',
        '[choices]\nmagic_keys = "sk-abc"',
        '[choices]\nmagic_keys = ["sk-abc"]',
        '[choices]\nfilter_words = "sk-abc"',
        '[chaos]\nrate = 1\napi_keys = ["sk-abc"]',
        '[[faults]]\napi_keys = ["sk-abc"]',
        '[[faults]]\nfault = "slow"\napi_keys = ["sk-abc"]',
        '[[faults]]\nfault = "slow"\n[faults.when]\napi_keys = ["sk-abc"]',
        'keys = ["sk-abc"]',
    ],
)
def test_a_key_is_not_repeated(file: Path, text: str) -> None:
    assert "sk-abc" not in refused(file, text)


def test_the_keys_are_not_shown() -> None:
    assert "sk-abc" not in repr(Startup(api_keys=("sk-abc",)))


DEEP = "tables and lists nest at most 100 deep, but this is deeper"
LARGE = "a whole number has at most 64 bits, but a larger one came"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (f"port = 1\nfaults = {'[' * 3000}{']' * 3000}\nport 2\n", 2, DEEP),
        (f"# {'[' * 3000}\nport = 1\n\nx = {'{a=' * 3000}1{'}' * 3000}\n", 4, DEEP),
        (f"faults = [\n  'slow',\n{'  [' * 3000}\n{']' * 3001}\n", 3, DEEP),
        (f"\nhost{'.a' * 3000} = 1\n", 2, DEEP),
        (f"\n[choices{'.a' * 3000}]\n", 2, DEEP),
        (f"faults = {'[' * 101}{']' * 101}\n", 1, DEEP),
        (f"port = {'1' * 5000}\n", 1, LARGE),
        (f"# {'1' * 5000}\nhost = '{'1' * 5000}'\n\nport = -{'1_1' * 2500}\n", 4, LARGE),
        (f"port = 8793\nx = 1_{'0' * 18}\ny = {'1' * 5000}\n", 3, LARGE),
        (f"host = 'a'\nport = 0x{'f' * 5000}\n", 2, LARGE),
        ("[chaos]\nrate = 1\nseed = 9223372036854775808\n", 3, LARGE),
        ('faults = [\n  "slow",\n  -9223372036854775809,\n]\n', 3, LARGE),
    ],
)
def test_what_no_sentence_could_show_is_refused_in_one(
    file: Path, text: str, line: int, said: str
) -> None:
    assert refused(file, text) == f"mock.toml line {line}: {said}"


def test_what_is_within_these_bounds_is_read(file: Path) -> None:
    file.write_text("[chaos]\nrate = 1\nseed = -9223372036854775808\n")
    assert read(file).seed == -(2**63)
    message = refused(file, f"faults = {'[' * 100}{']' * 100}\n")
    assert message.endswith('{ fault = "overloaded", times = 2 }, but a list came')


def test_a_file_that_is_refused_ends_the_command(file: Path) -> None:
    file.write_text(f"\nfaults = {'[' * 3000}{']' * 3000}\n")
    ended = CliRunner().invoke(main, ["serve", "--config", str(file)])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.endswith(f"{file} line 2: {DEEP}\n")
    assert ended.stderr.count("\n") == 1


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path) -> None:
    missing = tmp_path / "mock.toml"
    with pytest.raises(FileRefusedError) as caught:
        read(missing)
    assert str(caught.value) == (
        f"cannot read {missing}: No such file or directory; --config takes a TOML file"
    )
    with pytest.raises(FileRefusedError, match=r": Is a directory; --config takes a TOML file$"):
        read(tmp_path)


@examples(200)
@given(
    lines=st.lists(
        st.sampled_from([*WHOLE.splitlines(), "x = 1", "]", '"""', "seed = -1", "# x", "when = 1"])
        | st.text(max_size=10),
        max_size=12,
    )
)
def test_whatever_is_in_a_file_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    text = "\n".join(lines).encode("utf-8", "replace")
    file.write_bytes(text)
    try:
        read(file)
    except FileRefusedError as problem:
        (number,) = re.findall(r"any\.toml line ([0-9]+): ", str(problem))
        assert 1 <= int(number) <= text.count(b"\n") + 1


# Lines ---------------------------------------------------------------------------------

SPREAD = '''\
a = """
b = 1
"""

c = [
  "one", "two",
  # three
  """
  three""",
  ["four",
   "five"],
]
# d
[d.e]
f = { g = 1, h = 2 }
[[d.i]]
[[d.i]]
j = 1
[[d.i.k]]
[[d.i.k]]
l.m = 1.5
l."n\\u0061.b" = 2020-01-01 00:00:00
[d.i.o]
'p q' . r = [ { s = [], t = {} }, [1,
  2.0 ], # ]
]
u = """
v = 1 """""
w = """ \\""" " ""
  x = 1 """""
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a",), 1),
        (("c",), 5),
        (("c", 0), 6),
        (("c", 1), 6),
        (("c", 2), 8),
        (("d",), 14),
        (("d", "e", "f"), 15),
        (("d", "e", "f", "h"), 15),
        (("d", "i", 0), 16),
        (("d", "i", 1), 17),
        (("d", "i", 1, "j"), 18),
        (("d", "i", 1, "k"), 19),
        (("d", "i", 1, "k", 1), 20),
        (("d", "i", 1, "k", 1, "l", "m"), 21),
        (("d", "i", 1, "k", 1, "l", "na.b"), 22),
        (("d", "i", 1, "o"), 23),
        (("d", "i", 1, "o", "p q", "r", 0, "t"), 24),
        (("d", "i", 1, "o", "p q", "r", 1), 24),
        (("d", "i", 1, "o", "p q", "r", 1, 1), 25),
        (("d", "i", 1, "o", "u"), 27),
        (("d", "i", 1, "o", "w"), 29),
    ],
)
def test_lines_are_found(path: tuple[Any, ...], line: int) -> None:
    assert line_of(SPREAD, path) == line


def test_these_lines_are_of_what_the_parser_finds() -> None:
    found = tomllib.loads(SPREAD)
    places = list(places_in(found))
    assert ("d", "i", 1, "o", "w") in places
    assert all(line_of(SPREAD, place) <= SPREAD.count("\n") for place in places)


@examples(300)
@given(
    st.lists(
        st.sampled_from(
            [
                *SPREAD.splitlines()[:3],
                *("[a]", "[[a]]", "[a.b]", "[[a.b]]", "['a'.\"b\"]", "[[ a . c ]] # ]", "[c]"),
                *("d = 1", "d.e = 1.5", "d.f = [1, [2, {g = 3}]]", "'h' = '#'", '"\\u0069" = ""'),
                *("j = [", "1, # [", "'''", "k = '''", '2, """', "], ]", "]", "# j = 1", ""),
                *(
                    "l = [{m.n = [], o = 1}, {}]",
                    "p = 1979-05-27 07:32:00",
                    "q = '''''' # '''",
                    "[1],",
                ),
            ]
        ),
        max_size=14,
    )
)
def test_lines_are_those_where_the_parser_first_finds_it(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    for place in places_in(found):
        line = line_of(text, place)
        with_it, before = cut(text, line, place), cut(text, line - 1, place)
        assert (with_it, before) == (True, False), place


def places_in(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for step, one in inner:
        yield (*place, step)
        yield from places_in(one, (*place, step))


def cut(text: str, line: int, place: tuple[Any, ...]) -> bool:
    """Whether the lines up to one have a place, in a text that ends as soon as it can."""
    start = "\n".join(text.split("\n")[:line])
    for end in ("", "]", "\n]", "\n]]", "'''", "'''\n]", '"""', '"""\n]'):
        try:
            found = tomllib.loads(start + end)
        except tomllib.TOMLDecodeError:
            continue
        return place in places_in(found)
    raise AssertionError(start)


@pytest.mark.parametrize(
    ("start", "line"),
    [("", '[[faults]]\nfault = "slow"\n'), ("faults = [", '\n"slow",\n'), ("", "# port = 1\n\n")],
)
def test_a_long_file_is_refused_as_fast_as_it_is_read(file: Path, start: str, line: str) -> None:
    text = start + 5000 * line + ("]\n" if start else "") + "prt = 1\n"
    place = ("faults", 4999, "prt") if "[[" in line else ("prt",)
    assert tomllib.loads(text)
    started = time.perf_counter()
    assert line_of(text, place) == text.count("\n")
    assert time.perf_counter() - started < 5  # a tenth of a second; minutes where it is quadratic


@pytest.mark.parametrize(
    "text", ["[]\n[[", "]", "a = 1 }", "a = ,\n,", '"\\x" = 1', "= 1", "a.= {}}"]
)
def test_what_the_parser_would_refuse_has_lines_too(text: str) -> None:
    assert line_of(text, ("b",)) == text.count("\n") + 1


@pytest.mark.parametrize("path", [("b",), ("d", "i", 2), ("a", "b"), ("c", "one"), ("d", 0)])
def test_what_is_not_there_is_at_the_end(path: tuple[Any, ...]) -> None:
    assert line_of(SPREAD, path) == SPREAD.count("\n") + 1


# Flags over a file -----------------------------------------------------------------------


def test_flags_win_and_faults_add_up() -> None:
    file = Startup(
        host="a",
        port=1,
        allow_hosts=("of-the-file",),
        choices={"link_life": 60, "cors": True},
        faults=(faults.overloaded(),),
        rate=0.5,
        seed=7,
        among=(faults.slow(),),
    )
    flags = Startup(port=0, choices={"link_life": 5}, faults=(faults.bad_key(),), rate=0)
    assert flags.over(file) == Startup(
        host="a",
        port=0,
        allow_hosts=("of-the-file",),
        choices={"link_life": 5, "cors": True},
        faults=(faults.overloaded(), faults.bad_key()),
        rate=0,
        seed=7,
        among=(faults.slow(),),
    )
    assert Startup().over(file) == file


def test_chaos_is_made_anew_each_time() -> None:
    make = Startup(rate=1, seed=7).made_chaos()
    assert make is not None
    first, second = make(), make()
    assert first.among == WEATHER
    assert [first.draw() for _ in range(50)] == [second.draw() for _ in range(50)]


@pytest.mark.parametrize(
    ("startup", "line"),
    [
        (Startup(), ""),
        (Startup(rate=0, seed=7), ""),
        (Startup(rate=0.25, seed=7), "chaos at a rate of 0.25 with the seed 7"),
        (
            Startup(faults=(faults.overloaded(times=2), faults.slow(seconds=1, after=3))),
            "scripted: overloaded 2 times, then slow(seconds=1) after 3 more",
        ),
        (
            Startup(faults=(faults.overloaded(),) * 7, rate=1, seed=3),
            f"scripted: {'overloaded, then ' * 5}2 more; chaos at a rate of 1 with the seed 3",
        ),
    ],
)
def test_what_waits_is_told_in_a_line(startup: Startup, line: str) -> None:
    assert startup.scripted() == line


def test_a_mock_starts_so_and_returns_to_it() -> None:
    startup = Startup(choices={"link_life": 60}, faults=(faults.overloaded(),), rate=0.5, seed=7)
    mock = StepfunMock(
        choices=startup.made_choices(), faults=startup.faults, chaos=startup.made_chaos()
    )
    for _ in range(2):
        assert (mock.unmet_faults(), mock.choices.link_life) == (
            ["overloaded (met 0 of 1 times)"],
            60,
        )
        mock.choose(link_life=5)
        mock.waiting.clear()
        mock.reset()
    assert mock.waiting.chaos is not None
