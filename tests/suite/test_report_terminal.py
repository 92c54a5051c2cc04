"""The terminal shows in full what needs eyes, and a line for the rest."""

import re

from contracts.report.terminal import table
from stepfun_mock.rules import RULES
from suite.hostile import hostile, secrets_in
from suite.runs import (
    LATE,
    REFUSED,
    a_run,
    all_hold,
    broken,
    differs,
    holds,
    not_run,
    painted,
    said,
    unpainted,
    unsure,
)

SOME = ("price.usd", "price.cny", "host.international", "host.china")


def test_a_contract_that_is_kept_takes_a_few_lines() -> None:
    run = a_run(
        REFUSED,
        base_url="http://127.0.0.1:8793/v1",
        findings=[
            *all_hold(but=SOME),
            *(not_run(rule) for rule in SOME[:2]),
            *(not_run(rule, "the target is another") for rule in SOME[2:]),
        ],
    )
    run.started -= 12
    assert table(run, 200, unpainted) == (
        "route 6 hold, 2 not run; request 34 hold; price 2 not run; reply 17 hold; link 1 hold; "
        "refusal 25 hold\n"
        "\n"
        "not run: price.usd, price.cny: no reply says what it cost\n"
        "not run: host.international, host.china: the target is another\n"
        "\n"
        "1 request, 0 pictures, no cost, 12 s\n"
        f"The contract is kept: {len(RULES) - 4} rules hold (exit code 0)."
    )


def test_a_broken_rule_is_shown_with_what_was_seen_what_is_due_and_the_command() -> None:
    run = a_run(
        REFUSED, findings=[broken("n.type", "n true must be refused", 1), holds("n.values")]
    )
    told = table(run, 100, unpainted)
    assert told.startswith(
        "broken n.type: n is an integer\n"
        "    seen  n true must be refused (request 1)\n"
        "    due   n is an integer (page: StepFun: Generate images)\n"
        "          https://platform.stepfun.ai/docs/en/api-reference/images/image\n"
        "    asked request 1:\n"
        "        curl -sS -i -X POST https://api.stepfun.ai/v1/images/generations \\\n"
        "          -H 'content-type: application/json' \\\n"
        '          -H "Authorization: Bearer $STEP_API_KEY" \\\n'
        '          --data-raw \'{"model": "step-image-edit-2", "prompt": "a lighthouse"}\'\n'
        '    came  400 {"error":{"message":"steps is out of range","type":"invalid"}}\n'
        "\n"
    )
    assert told.endswith(
        "The contract is broken: 1 of the 2 rules that were seen is not kept (exit code 1)."
    )


def test_what_needs_eyes_comes_worst_first_and_the_rest_in_a_line_each() -> None:
    run = a_run(
        said("", 429),
        REFUSED,
        LATE,
        findings=[
            unsure("seed.type", "the server answered 500", 3),
            differs("n.default", "two pictures came"),
            differs("n.default", "three pictures came"),
            differs("model.created", ""),
            broken("n.type", "so"),
        ],
    )
    told = table(run, 100, unpainted)
    blocks = told.split("\n\n")
    assert blocks[0] == (
        "broken n.type: n is an integer\n"
        "    seen  so\n"
        "    due   n is an integer (page: StepFun: Generate images)\n"
        "          https://platform.stepfun.ai/docs/en/api-reference/images/image"
    )
    assert blocks[1] == (
        "differs n.default: two pictures came, and 1 more\n"
        "differs model.created: the day on which the model was first seen"
    )
    assert blocks[2] == "inconclusive seed.type: the server answered 500"
    assert blocks[3].startswith("route 8 not run; request 1 broken, 1 differ, 1 inconclusive, 31")
    assert "3 requests, 1 picture, about 0.003 USD, " in blocks[5]
    assert "1 request sent twice, 2 exchanges that told nothing" in blocks[5]


def test_rules_that_cannot_be_told_of_for_one_reason_share_a_line() -> None:
    found = [unsure("n.type", "late"), unsure("n.values", "late"), unsure("seed.type", "gone")]
    blocks = table(a_run(findings=found), 100, painted).split("\n\n")
    assert blocks[0] == (
        "<inconclusive>inconclusive</> <name>n.type</>, n.values: late\n"
        "<inconclusive>inconclusive</> <name>seed.type</>: gone"
    )


def test_of_a_rule_that_is_broken_everywhere_three_ways_are_shown() -> None:
    run = a_run(findings=[broken("n.type", f"way {number}") for number in range(5)])
    told = table(run, 100, unpainted)
    assert "    seen  way 2\n          and 2 more of this rule\n" in told


def test_a_rule_without_a_page_has_no_address() -> None:
    told = table(a_run(findings=[broken("n.default", "so")]), 100, unpainted)
    assert "    due   n left out means 1 (ours: Nobody says; stepfun-mock chose)\n\n" in told


def test_rules_that_nobody_looked_at_are_counted_by_the_reason() -> None:
    run = a_run(findings=[*all_hold(but=["n.type"])], only=frozenset({"x"}))
    assert "\nnot run: n.type: not asked for\n" in table(run, 100, unpainted)
    told = table(a_run(), 100, unpainted)
    assert (
        "not run: route.generate, route.generate.plan, route.models and "
        f"{len(RULES) - 3} more: no test" in told
    )


def test_where_nothing_could_be_looked_at_one_sentence_is_told() -> None:
    run = a_run(LATE)
    run.reason = "there is no image API at https://api.stepfun.ai/v1: 404"
    assert table(run, 40, painted) == (
        "Nothing could be looked at: there is no image API at https://api.stepfun.ai/v1: 404."
    )


def test_a_run_that_failed_itself_says_how() -> None:
    run = a_run(findings=all_hold())
    run.mishaps.append("interrupted before all was asked")
    told = table(run, 200, unpainted)
    assert "\n\nthe run: interrupted before all was asked\n\n" in told
    assert told.endswith(
        "It cannot be told whether the contract is kept: interrupted before all was asked "
        "(exit code 3)."
    )


def test_colours_are_named_by_what_they_say_and_take_no_room() -> None:
    run = a_run(REFUSED, findings=[broken("n.type", "so", 1), not_run("price.usd")])
    told = table(run, 60, painted)
    assert told.startswith("<broken>broken</> <name>n.type</>: n is an integer\n")
    assert "    <heading>seen  </>so (request 1)\n" in told
    assert "<not run>not run</>: price.usd: no reply" in told
    assert told.splitlines()[-1].startswith("<broken>")
    bare = re.sub(r"<[a-z ]*>|</>", "", told)
    assert bare == table(run, 60, unpainted)


def test_lines_are_as_wide_as_the_terminal_but_for_what_is_to_be_copied() -> None:
    text = "words that say what was seen " * 10
    run = a_run(REFUSED, findings=[broken("n.type", text, 1), unsure("seed.type", text)])
    for line in table(run, 60, unpainted).splitlines():
        copied = line.startswith("        ") and "    seen" not in line
        assert len(line) <= 60 or copied
    assert table(run, 1, unpainted) == table(run, 40, unpainted)


def test_nothing_that_a_server_says_reaches_the_terminal_as_a_command() -> None:
    told = table(hostile(), 100, unpainted)
    assert not re.search("[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", told)
    assert "\\x1b[2J" in told
    assert secrets_in(told) == []
    assert len(told) < 30_000
    told.encode()
