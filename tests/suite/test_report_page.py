"""The page of a run needs nothing but itself, and shows what was seen."""

import re
from html.parser import HTMLParser

import pytest

from contracts.probe import asking
from contracts.report.page import PARTS, SIGNS, bars, coded, look, page, policy, slug
from contracts.run import Run
from contracts.verdict import Verdict
from stepfun_mock.rules import RULES
from suite.hostile import hostile, secrets_in
from suite.runs import (
    LATE,
    REFUSED,
    a_run,
    all_hold,
    broken,
    differs,
    drawn,
    holds,
    not_run,
    png,
    said,
    unsure,
    with_pictures,
)

INLINE = {"code", "span", "strong", "a", "time"}
EMPTY = {"meta", "link", "img", "rect", "br"}
SOURCES = {rule.source.url for rule in RULES if rule.source.url}


class Reader(HTMLParser):
    """Reads a page: its tags with their attributes, and the text in each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.texts.append("" if tag in INLINE else " ")
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in EMPTY or self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())

    def values(self, name: str) -> list[str]:
        return [str(attributes[name]) for _, attributes in self.found if name in attributes]


def mixed() -> Run:
    run = with_pictures(drawn(png(1360, 768)), asks=[{"size": "768x1360", "seed": 7}])
    run.findings += [
        holds("route.generate", 1),
        holds("n.values", 1),
        holds("n.values", 1),
        broken("n.type", "n true must be refused, but was accepted", 1),
        differs("n.default", "two pictures came", 1),
        unsure("seed.type", "the server answered 500"),
        not_run("price.usd"),
    ]
    return run


def test_the_page_is_whole() -> None:
    for run in (a_run(), mixed(), hostile()):
        assert Reader(page(run, complete=True)).open == []


def test_the_page_says_the_verdict_the_target_when_and_the_cost() -> None:
    read = Reader(page(mixed(), complete=True))
    assert "The contract is broken: 1 of the 4 rules that were seen is not kept." in read.text
    assert "Exit code 1: something that the documentation promises is broken." in read.text
    assert "Target https://api.stepfun.ai/v1" in read.text
    assert "Begun 2026-09-21 14:13 UTC" in read.text
    assert "Cost about 0.003 USD" in read.text
    assert "1 ✗ broken 1 ≠ differs 2 ✓ holds 1 ? inconclusive" in read.text


def test_every_rule_is_there_with_verdict_statement_source_and_grade() -> None:
    read = Reader(page(mixed(), complete=True))
    for rule in RULES:
        assert " ".join(rule.statement.replace("`", "").split()) in read.text
        assert rule.source.title in read.text
    assert "✗ broken n is an integer n.type, what was seen page StepFun" in read.text
    assert "✓ holds n is 1 n.values, seen 2 times" in read.text
    assert "– not run a picture costs 0.003 USD at api.stepfun.ai price.usd, no reply" in read.text
    assert set(PARTS) == {rule.part for rule in RULES}


def test_a_finding_shows_what_is_due_what_was_seen_the_request_and_the_reply() -> None:
    run = a_run(REFUSED, findings=[broken("n.type", "n true must be refused", 1)])
    read = Reader(page(run, complete=True))
    assert "✗ broken n.type Due n is an integer page StepFun: Generate images Seen n" in read.text
    assert "Request 1, and what came: 400 Asked curl -sS -i -X POST https://api" in read.text
    assert f"Came 400 content-type: application/json {REFUSED.body.decode()}" in read.text


def test_what_did_not_come_is_said_in_its_place() -> None:
    found = [unsure("n.type", "late", 1), differs("n.values", "", 2), differs("n.default", "b", 3)]
    run = a_run(LATE, said(b""), said(b"\xff" * 100), findings=found)
    text = Reader(page(run, complete=True)).text
    assert "Came api.stepfun.ai:443 did not answer within 60 s" in text
    assert "Seen it is not kept Request 2, and what came: 200" in text
    assert "Came 200 an empty body" in text
    assert "100 bytes, as base64, not shown to its end" in text


def test_a_rule_that_is_broken_everywhere_is_shown_five_times() -> None:
    run = a_run(findings=[broken("n.type", f"way {number}") for number in range(8)])
    text = Reader(page(run, complete=True)).text
    assert "way 4" in text
    assert "way 5" not in text
    assert "And 3 findings more of this rule, in report.json." in text


def test_pictures_are_shown_with_height_and_width_in_words() -> None:
    read = Reader(page(mixed(), complete=True))
    (picture,) = [attributes for tag, attributes in read.found if tag == "img"]
    assert str(picture["src"]).startswith("data:image/webp;base64,")
    assert picture["alt"] == "Drawn for: a lighthouse"
    assert (picture["width"], picture["height"]) == ("256", "145")
    assert "768 high, 1360 wide, png size 768x1360: 768 high, 1360 wide seed 7" in read.text
    assert "request 1, status 200" in read.text


def test_where_no_picture_came_the_page_says_why() -> None:
    read = Reader(page(with_pictures(said('{"data":[{"b64_json":""}]}')), complete=True))
    assert "the base64 is empty series/1 nothing was drawn size left out" in read.text


def test_every_request_is_listed() -> None:
    run = a_run(said("", 429), REFUSED, LATE, asks=[asking("one", {})] * 2 + [asking("two", {})])
    text = Reader(page(run, complete=True)).text
    assert "3 requests, in the order in which they were sent" in text
    assert "2 one, try 2 POST https://api.stepfun.ai/v1/images/generations 400" in text
    assert "1 of them second tries" in text


def test_a_page_of_a_run_that_has_not_ended_says_so() -> None:
    text = Reader(page(a_run(findings=all_hold()), complete=False)).text
    assert f"The run has not ended: so far {len(RULES)} rules hold, none is broken." in text
    assert "This page was written while the run went on." in text
    assert "Exit code" not in text


def test_a_page_of_a_run_that_failed_itself_says_so() -> None:
    run = a_run(findings=all_hold())
    run.mishaps.append("interrupted before all was asked")
    text = Reader(page(run, complete=False)).text
    assert "Exit code 3: it cannot be told whether the contract is kept. interrupted" in text


def test_a_page_of_a_contract_that_is_kept_has_nothing_that_needs_eyes() -> None:
    read = Reader(page(a_run(findings=all_hold()), complete=True))
    assert "What needs eyes" not in read.text
    assert "top holds" in read.values("class")
    assert "Exit code 0" in read.text


@pytest.mark.parametrize("make", [mixed, hostile])
def test_the_page_loads_nothing_and_leads_to_the_sources_alone(make: object) -> None:
    assert callable(make)
    read = Reader(page(make(), complete=True))
    assert not {tag for tag, _ in read.found} & {"script", "iframe", "object", "form", "base"}
    assert not [name for _, attributes in read.found for name in attributes if name[:2] == "on"]
    assert not read.values("style")
    assert all(value.startswith("data:image/webp;base64,") for value in read.values("src"))
    links = {value for value in read.values("href") if value[0] != "#"}
    assert links == {"data:,", *SOURCES}
    assert "url(" not in look()
    assert "@import" not in look()


def test_links_within_the_page_lead_somewhere() -> None:
    read = Reader(page(mixed(), complete=True))
    places = read.values("id")
    assert len(places) == len(set(places))
    assert {value[1:] for value in read.values("href") if value[0] == "#"} <= set(places)
    assert set(read.values("aria-labelledby")) <= set(places)


def test_the_policy_lets_through_the_one_style_and_nothing_else() -> None:
    text = page(mixed(), complete=True)
    (policies,) = [
        str(attributes["content"])
        for _, attributes in Reader(text).found
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert policies == policy(style)
    assert policies.startswith("default-src 'none'; style-src 'sha256-")
    assert policies.endswith("'; img-src data:; base-uri 'none'; form-action 'none'")


def test_what_a_hostile_server_said_is_text() -> None:
    text = page(hostile(), complete=True)
    assert secrets_in(text) == []
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert "\\x1b[2J" in text
    assert "\\u202egnp.exe" in text
    assert "مرحبا بالعالم" in text
    assert len(text) < 300_000


def test_the_bar_is_as_long_as_all_rules_together() -> None:
    counts = dict.fromkeys(Verdict, 0) | {Verdict.BROKEN: 1, Verdict.HOLDS: 3}
    assert [(bar.verdict, bar.start, bar.length) for bar in bars(counts)] == [
        (Verdict.BROKEN, 0.0, 25.0),
        (Verdict.HOLDS, 25.0, 75.0),
    ]
    assert bars(dict.fromkeys(Verdict, 0)) == ()


def test_what_stands_between_backticks_is_code() -> None:
    assert coded("as `a<b`, or `c`") == "as <code>a&lt;b</code>, or <code>c</code>"


def test_every_verdict_has_a_sign_and_a_class() -> None:
    assert set(SIGNS) == set(Verdict)
    assert len(set(SIGNS.values())) == len(SIGNS)
    for verdict in Verdict:
        assert f".tag.{slug(verdict)} " in look()


def test_rules_that_cannot_be_told_of_for_one_reason_share_a_card() -> None:
    found = [unsure("n.type", "late"), unsure("n.values", "late"), unsure("seed.type", "gone")]
    read = Reader(page(a_run(findings=found), complete=True))
    told = "? inconclusive 2 rules Due n is an integer n.type page StepFun: Generate images Due n"
    assert told in read.text
    assert read.text.count("Seen late") == 1
    assert "Seen gone" in read.text
    assert {"rule-n.type", "rule-n.values", "rule-seed.type"} <= set(read.values("id"))


def test_where_nothing_could_be_looked_at_the_page_says_why_once() -> None:
    run = a_run(LATE, findings=[unsure("n.type", "there is no API")])
    run.reason = "there is no API"
    read = Reader(page(run, complete=True))
    assert "Nothing could be looked at: there is no API." in read.text
    assert read.text.count("there is no API") == 2  # in the title too
    assert "What needs eyes" not in read.text
    assert "? inconclusive n is an integer n.type page" in read.text
