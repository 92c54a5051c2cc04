"""GitHub shows what a run found: beside the log, and as the summary of the step."""

import re

from contracts.probe import asking
from contracts.report.github import annotations, markdown, summary
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
    unsure,
)


def test_a_contract_that_is_kept_is_annotated_with_nothing() -> None:
    assert annotations(a_run(findings=all_hold())) == []


def test_a_broken_rule_is_an_error_with_the_command() -> None:
    run = a_run(REFUSED, findings=[broken("n.type", "100% so, or:\nnot", 1)])
    assert annotations(run) == [
        "::error title=broken%3A n.type::100%25 so, or: not%0A"
        "due: n is an integer (StepFun: Generate images)%0A"
        "curl -sS -i -X POST https://api.stepfun.ai/v1/images/generations \\%0A"
        "  -H 'content-type: application/json' \\%0A"
        '  -H "Authorization: Bearer $STEP_API_KEY" \\%0A'
        '  --data-raw \'{"model": "step-image-edit-2", "prompt": "a lighthouse"}\''
    ]


def test_a_command_that_is_too_long_to_read_is_left_out() -> None:
    asks = [asking("long", {"prompt": "x" * 6000})]
    run = a_run(REFUSED, asks=asks, findings=[broken("n.type", "so", 1)])
    assert "curl" not in annotations(run)[0]


def test_rules_of_the_page_that_were_not_seen_are_a_warning_for_each_reason() -> None:
    run = a_run(
        findings=[
            unsure("n.type", "the server answered 500"),
            unsure("n.values", "the server answered 500"),
            not_run("seed.type", "the budget of 1 picture is spent (--max-images)", beyond=False),
            unsure("n.default", "of that the page says nothing"),
        ]
    )
    assert annotations(run) == [
        "::warning title=2 rules of the page were not seen::"
        "the server answered 500%0An.type, n.values",
        "::warning title=1 rule of the page was not seen::"
        "the budget of 1 picture is spent (--max-images)%0Aseed.type",
    ]


def test_what_differs_is_one_notice() -> None:
    run = a_run(findings=[differs("n.default", "two came"), differs("model.created", "1970")])
    assert annotations(run) == [
        "::notice title=2 rules differ where nobody promised::"
        "n.default: two came%0Amodel.created: 1970"
    ]


def test_a_run_that_looked_at_nothing_is_a_warning() -> None:
    run = a_run(LATE)
    run.reason = "there is no image API at https://api.stepfun.ai/v1: 404"
    assert annotations(run) == [
        "::warning title=could not look::Nothing could be looked at: "
        "there is no image API at https://api.stepfun.ai/v1: 404."
    ]
    assert summary(run) == (
        "## stepfun-mock check\n\n"
        "Nothing could be looked at\\: there is no image API at "
        "https\\:\\/\\/api\\.stepfun\\.ai\\/v1\\: 404\\.\n\n"
        "https\\:\\/\\/api\\.stepfun\\.ai\\/v1\\: 1 request, 1 picture, "
        "about 0\\.003 USD, 0 ms\n"
    )


def test_a_run_that_failed_itself_is_a_warning() -> None:
    run = a_run(findings=all_hold())
    run.mishaps.append("interrupted, before all was asked")
    assert annotations(run) == ["::warning title=the run itself::interrupted, before all was asked"]


def test_a_property_is_escaped_more_than_a_text() -> None:
    run = a_run()
    run.reason = "100% of a, b: c\r\nd"
    assert annotations(run) == [
        "::warning title=could not look::Nothing could be looked at: 100%25 of a, b: c%0Ad."
    ]


def test_the_summary_counts_and_shows_what_is_broken() -> None:
    run = a_run(
        REFUSED,
        findings=[
            *all_hold(but=["n.type", "n.default", "seed.type"]),
            broken("n.type", "so | so", 1),
            differs("n.default", "two came"),
            unsure("seed.type", "the server answered 500"),
        ],
    )
    run.started = run.lab.dispatch.times.now()
    assert summary(run) == (
        "## stepfun-mock check\n\n"
        f"The contract is broken\\: 1 of the {len(RULES) - 1} rules that were seen is not kept\\."
        "\n\n"
        "https\\:\\/\\/api\\.stepfun\\.ai\\/v1\\: 1 request, 0 pictures, about 0 USD, 0 ms\n\n"
        "| part | broken | differs | holds | inconclusive | not run |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |\n"
        "| route |  |  | 8 |  |  |\n"
        "| request | 1 | 1 | 31 | 1 |  |\n"
        "| price |  |  | 2 |  |  |\n"
        "| reply |  |  | 17 |  |  |\n"
        "| link |  |  | 1 |  |  |\n"
        "| refusal |  |  | 25 |  |  |\n"
        f"| **all** | 1 | 1 | {len(RULES) - 3} | 1 |  |\n\n"
        "### broken: n\\.type\n\n"
        "- so \\| so\n\n"
        "Due: n is an integer ([page\\: StepFun\\: Generate images]"
        "(https://platform.stepfun.ai/docs/en/api-reference/images/image))\n\n"
        "<details><summary>Request</summary>\n\n"
        "```sh\n"
        "curl -sS -i -X POST https://api.stepfun.ai/v1/images/generations \\\n"
        "  -H 'content-type: application/json' \\\n"
        '  -H "Authorization: Bearer $STEP_API_KEY" \\\n'
        '  --data-raw \'{"model": "step-image-edit-2", "prompt": "a lighthouse"}\'\n'
        "```\n\n"
        "</details>\n\n"
        "- differs **n\\.default**: two came\n"
        "- inconclusive **seed\\.type**: the server answered 500\n"
    )


def test_a_summary_of_a_server_that_is_wrong_everywhere_is_bounded() -> None:
    asks = [asking("long", {"prompt": "`" * 3000})]
    found = [broken(rule.id, "x" * 2000, 1) for rule in RULES]
    told = summary(a_run(REFUSED, asks=asks, findings=found))
    assert len(told) < 300_000
    assert told.count("### broken") == 20
    assert told.count("\n- broken **") == len(RULES) - 20
    fence = "`" * 3001
    assert told.count(f"\n{fence}sh\n") == told.count(f"\n{fence}\n") == 20


def test_a_rule_without_a_page_has_no_link() -> None:
    told = summary(a_run(findings=[broken("n.default", "so")]))
    assert "Due: n left out means 1 (ours\\: Nobody says; stepfun\\-mock chose)" in told


def test_the_mock_is_named_with_the_address_that_it_gives() -> None:
    run = a_run(findings=[holds("n.type")], base_url="http://127.0.0.1:9/v1")
    assert "\nhttp\\:\\/\\/127\\.0\\.0\\.1\\:9\\/v1\\: 0 requests" in summary(run)


def test_markdown_is_shown_as_it_is() -> None:
    assert markdown("a | b\n`c` <i> [d](e) *f*") == (r"a \| b \`c\` \<i\> \[d\]\(e\) \*f\*")
    assert markdown("@g #1 www.h :i: _j_ &k; ~l~ \\m") == (
        r"\@g \#1 www\.h \:i\: \_j\_ \&k; \~l\~ \\m"
    )


def test_what_a_hostile_server_said_is_text() -> None:
    told = [*annotations(hostile()), summary(hostile())]
    for text in told:
        assert secrets_in(text) == []
        assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", text)
    for line in told[:-1]:
        assert re.match(r"::(error|warning|notice) title=[^:,\n]*::[^\n\r]*\Z", line)
    outside = re.sub(r"(?ms)^(`{3,})sh$.*?^\1$", "", told[-1])
    assert "<script" not in outside.replace("\\<script", "")
    assert "](http://evil" not in outside
    assert not re.search(r"(?<!\\)@everyone", outside)
