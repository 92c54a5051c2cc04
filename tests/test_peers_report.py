"""What is published of us beside other projects: the page, the picture and the README agree."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import marks
from benchmarks.examples import Figures, Timed
from benchmarks.harness import BenchmarkError
from benchmarks.peers import bars, suite
from benchmarks.peers.bars import BARS
from benchmarks.peers.chart import chart
from benchmarks.peers.line import Line, lines, number
from benchmarks.peers.peer import Behaviour, Measured, Peer
from benchmarks.peers.report import Group, Occasion, report
from benchmarks.peers.summary import summary

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "benchmarks" / "PEERS.md"
SVG = "{http://www.w3.org/2000/svg}"

AIMOCK = Peer("aimock", "9.8 on Node 20", "One fixture, no log.")
FLOOR = Peer("<fixed> & fast", "", "A fixed reply.")
PRISM = Peer("Prism", "", "Our document.", missing="npm could not install it")
OCCASION = Occasion("2026-01-02", 3, 0.44, "2 cores", "CPython 3.11.7, uvicorn 0.54.0")
RATES = (
    Measured(bars.LINKS_32, "/s", AIMOCK, (20000, 21000, 19000), (10000, 10000, 10000)),
    Measured(bars.LINKS_32, "/s", FLOOR, (20000, 21000, 19000), (40000, 40000, 40000)),
    Measured(bars.LINKS_32, "/s", PRISM),
    Measured(bars.START, "ms", AIMOCK, (180.4, 190.0, 170.0), (150.0, 180.0, 160.0)),
)
ANSWERS = (
    Behaviour(AIMOCK, {"`n: 9`": "200, a | b", "an empty prompt": "200"}),
    Behaviour(PRISM),
)
WRITTEN = report(OCCASION, [Group("Replies", "As it comes.", RATES)], ANSWERS)


def test_the_page_says_when_who_how_and_by_how_much() -> None:
    assert (
        WRITTEN
        == """\
Measured on 2026-01-02, rounds: 3; load average 0.4.
2 cores;
CPython 3.11.7, uvicorn 0.54.0.

## Replies

Ours: As it comes.

| figure | beside | ours | theirs | ours to theirs (min..max) | bar | bar met |
|---|---|---|---|---|---|---|
| link replies, 32 connections | aimock | 20,000/s | 10,000/s | 2.00 (1.90..2.10) | ≥ 2 | yes |
| link replies, 32 connections | <fixed> & fast | 20,000/s | 40,000/s | 0.50 (0.47..0.53) |  |  |
| link replies, 32 connections | Prism | – | – | – | ≥ 5 | not measured |
| start to first 200 | aimock | 180 ms | 160 ms | 1.06 (1.06..1.20) | ≤ 1 | **no** |

## What each answers

Set up as below, and no further. Those that reply as they are told could be told to refuse \
each of these, and most of them to have a picture behind the link that they were given.

| asked | aimock | Prism |
| --- | --- | --- |
| `n: 9` | 200, a \\| b | – |
| an empty prompt | 200 | – |

## How each was set up

- **aimock 9.8 on Node 20**: One fixture, no log.
- **<fixed> & fast**: A fixed reply.
- **Prism** is missing (Replies, What each answers): npm could not install it."""
    )


def test_a_cost_that_cannot_be_told_from_nothing_has_no_ratio() -> None:
    line = Line.of(Measured(bars.KEPT_CLIENT, "ms", AIMOCK, (1.2, 1.1), (0.5, -0.1)))
    assert (line.ours, line.theirs, line.ratio, line.met) == ("1.15 ms", "0.20 ms", "–", "")


def test_what_was_written_is_read_back() -> None:
    assert lines(WRITTEN) == [Line.of(figure) for figure in RATES]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("20,360/s", 20360), ("0.05 ms", 0.05), ("-0.17 ms", -0.17), ("1 MiB", 1)],
)
def test_a_cell_has_one_number(cell: str, value: float) -> None:
    assert number(cell) == value


def test_the_readme_names_everybody_beside_a_figure_that_has_a_bar() -> None:
    assert (
        summary(WRITTEN)
        == """\
Measured on 2026-01-02, rounds: 3; load average 0.4.
2 cores;
CPython 3.11.7, uvicorn 0.54.0.

| medians | stepfun-mock | beside |
|---|---|---|
| link replies, 32 connections | 20,000/s | aimock 10,000/s, <fixed> & fast 40,000/s, \
Prism missing |
| start to first 200 | 180 ms | aimock 160 ms |"""
    )


def test_a_figure_without_anybody_beside_it_stays_in_the_readme() -> None:
    measured = (Measured(bars.EXAMPLES, "/s", peer) for peer in (PRISM, FLOOR))
    written = report(OCCASION, [Group("The suite", "As it comes.", tuple(measured))])
    last = summary(written).splitlines()[-1]
    assert last == "| contract examples | – | Prism missing, <fixed> & fast missing |"


def test_schemathesis_stands_there_as_it_comes_and_at_its_fastest() -> None:
    runs = {
        ("ours", "valid"): [Timed(1, 300, 299)],
        ("peer", "as it comes"): [Timed(3, 300, 170)],
        ("peer", "valid"): [Timed(2, 300, 157)],
    }
    slow, fast = suite.beside(Figures(300, "4.32", runs))
    assert (slow.peer.name, slow.ours, slow.theirs) == ("Schemathesis", (300,), (100,))
    assert (fast.peer.name, fast.theirs) == ("Schemathesis at its fastest", (150,))
    assert (Line.of(slow).bar, Line.of(fast).bar) == ("≥ 5", "")
    assert slow.peer.setup.endswith(" Of 300 bodies 170 were different, of ours 299.")
    assert fast.peer.setup.endswith(" Of 300 bodies 157 were different, of ours 299.")


def test_without_schemathesis_it_is_missing_in_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(names: list[str]) -> None:
        raise BenchmarkError(f"pip did not install {names}")

    monkeypatch.setattr(suite, "environments", fail)
    assert [(each.peer.name, each.peer.missing) for each in suite.measure(1)] == [
        ("Schemathesis", "pip could not install it"),
        ("Schemathesis at its fastest", "pip could not install it"),
    ]


def test_the_picture_shows_the_fastest_first_and_names_who_is_missing() -> None:
    picture = ElementTree.fromstring(chart(lines(WRITTEN)))
    texts = [each.text for each in picture.iter(f"{SVG}text")]
    assert texts == [
        "Link replies, 32 connections, per second",
        *("<fixed> & fast", "40,000"),
        *("stepfun-mock", "20,000"),
        *("aimock", "10,000"),
        *("Prism", "not measured"),
    ]
    drawn = list(picture.iter(f"{SVG}rect"))[1:]
    assert [each.get("class") for each in drawn] == ["theirs", "ours", "theirs"]
    widths = [float(each.get("width", "0")) for each in drawn]
    assert [width / widths[0] for width in widths] == [1, 0.5, 0.25]


def test_the_picture_is_told_to_those_who_do_not_see_it() -> None:
    picture = ElementTree.fromstring(chart(lines(WRITTEN)))
    ids = {each.get("id"): each.text for each in picture if each.get("id")}
    assert picture.get("role") == "img"
    assert [ids[name] for name in picture.get("aria-labelledby", "").split()] == [
        "Link replies, 32 connections, per second",
        "<fixed> & fast 40,000; stepfun-mock 20,000; aimock 10,000; Prism not measured.",
    ]


def test_the_picture_loads_nothing_and_runs_nothing() -> None:
    drawn = chart(lines(WRITTEN))
    assert "<script" not in drawn
    assert not re.search(r"href|url\(|@import|@font-face", drawn)


def test_nothing_measured_makes_a_picture_without_bars() -> None:
    picture = ElementTree.fromstring(chart([]))
    assert len(list(picture.iter(f"{SVG}rect"))) == 1


@pytest.mark.parametrize(
    ("of", "shown"),
    [
        ((bars.LINKS_32, "Mockoon"), "≥ 15"),
        ((bars.START, "Prism"), "≤ 1/12"),
        ((bars.MEMORY, "aimock"), "≤ 1/2"),
        ((bars.OWN_CLIENT, "respx"), "≤ 1/5"),
        ((bars.EXAMPLES, "Schemathesis"), "≥ 5"),
    ],
)
def test_a_bar_is_shown_as_it_was_set(of: tuple[str, str], shown: str) -> None:
    assert str(BARS[of]) == shown


def test_a_page_without_its_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- peers: end -->\nafter\n")
    told = (
        "page.md has lost the marks <!-- peers: begin --> and <!-- peers: end -->; "
        "put them where the text is to go"
    )
    with pytest.raises(BenchmarkError) as raised:
        marks.put(page, "peers", "figures")
    assert str(raised.value) == told
    assert page.read_text() == "before\n<!-- peers: end -->\nafter\n"


def test_what_is_put_between_marks_replaces_what_stood_there(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- a: begin -->\nold\n<!-- a: end -->\nafter\n")
    marks.put(page, "a", "new\nlines")
    assert page.read_text() == "before\n<!-- a: begin -->\nnew\nlines\n<!-- a: end -->\nafter\n"
    assert marks.between(page, "a") == "new\nlines"


def test_every_bar_stands_on_the_page_met_or_not() -> None:
    told = {(line.figure, line.peer): line.bar for line in published() if line.bar}
    assert told == {of: str(bar) for of, bar in BARS.items()}


def test_the_figures_of_the_readme_are_those_of_the_page() -> None:
    assert marks.between(ROOT / "README.md", "peers") == summary(marks.between(PAGE, "peers"))


def test_the_picture_is_drawn_from_the_page() -> None:
    assert (ROOT / "docs" / "peers.svg").read_text("utf-8") == chart(published())


def published() -> list[Line]:
    return lines(marks.between(PAGE, "peers"))
