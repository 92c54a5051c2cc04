"""Every rule of the contract has an entry, with its verdict and what was found of it."""

from contracts.report.entries import Entry, by_part, cited, entries, of, tally
from contracts.run import Run
from contracts.verdict import Verdict
from stepfun_mock.rules import RULES
from suite.runs import CANARY, REFUSED, a_run, broken, differs, holds, not_run, unsure


def entry_of(run: Run, rule: str) -> Entry:
    return next(entry for entry in entries(run) if entry.rule.id == rule)


def test_every_rule_is_there_in_the_order_of_the_contract() -> None:
    assert [entry.rule for entry in entries(a_run())] == list(RULES)


def test_the_worst_finding_gives_the_verdict() -> None:
    run = a_run(
        findings=[holds("n.type", 1), broken("n.type", "so", 2), differs("n.type", "or", 3)]
    )
    entry = entry_of(run, "n.type")
    assert entry.verdict is Verdict.BROKEN
    assert [finding.text for finding in entry.telling] == ["so"]
    assert entry.numbers == (1, 2, 3)
    assert entry.planned


def test_what_was_found_twice_stands_once_with_all_its_exchanges() -> None:
    found = [broken("n.type", "so", 4), broken("n.type", "so", 2, 4), broken("n.type", "else", 1)]
    telling = entry_of(a_run(findings=found), "n.type").telling
    assert [(finding.text, finding.exchanges) for finding in telling] == [
        ("so", (4, 2)),
        ("else", (1,)),
    ]


def test_why_nobody_looked_is_what_the_test_said() -> None:
    assert entry_of(a_run(findings=[not_run("price.usd")]), "price.usd").reason == (
        "no reply says what it cost"
    )
    assert entry_of(a_run(findings=[holds("n.type")]), "n.type").reason == ""


def test_why_nothing_at_all_is_known_of_a_rule() -> None:
    run = a_run(planned=["n.type"])
    assert entry_of(run, "n.type").reason == "the run ended before it was looked at"
    assert entry_of(run, "n.values").reason == "no test speaks of it"
    run = a_run(only=frozenset({"n.type"}))
    assert entry_of(run, "n.values").reason == "not asked for"
    run.reason = f"there is no image API at https://a.b?sig=1 for {CANARY}"
    assert (
        entry_of(run, "n.values").reason == "there is no image API at https://a.b?sig=*** for ***"
    )


def test_a_finding_holds_neither_key_nor_signature_and_has_an_end() -> None:
    run = a_run(findings=[broken("n.type", f"{CANARY} https://a.b?sig=1 " + "x" * 3000)])
    text = entry_of(run, "n.type").findings[0].text
    assert text.startswith("*** https://a.b?sig=*** xxx")
    assert len(text) < 2100


def test_exchanges_are_cited_by_what_does_not_hold() -> None:
    found = [holds("n.type", 1), unsure("n.type", "?", 2), differs("n.values", "!", 3, 4)]
    assert cited(entries(a_run(REFUSED, findings=found))) == {2, 3, 4}


def test_entries_are_counted_and_sorted() -> None:
    run = a_run(findings=[holds("n.type"), holds("reply.seed"), broken("n.values")])
    found = entries(run)
    assert tally(found) == {
        Verdict.BROKEN: 1,
        Verdict.DIFFERS: 0,
        Verdict.HOLDS: 2,
        Verdict.INCONCLUSIVE: 0,
        Verdict.NOT_RUN: len(RULES) - 3,
    }
    assert [entry.rule.id for entry in of(found, Verdict.HOLDS)] == ["n.type", "reply.seed"]
    assert list(by_part(found)) == list(dict.fromkeys(rule.part for rule in RULES))
