"""Exchanges are told in a line each, and those that matter whole."""

from contracts.key import Key, KeyUse
from contracts.probe import Probe, asking
from contracts.report.evidence import clearest, evidence, lines
from suite.runs import CANARY, LATE, REFUSED, a_run, broken, said


def test_a_line_tells_what_came() -> None:
    run = a_run(REFUSED, LATE)
    first, second = lines(run)
    assert (first.number, first.name, first.method) == (1, "probe/1", "POST")
    assert first.url == "https://api.stepfun.ai/v1/images/generations"
    assert (first.status, first.outcome, first.kind, first.trouble) == (400, "400", "", "")
    assert (second.status, second.kind) == (None, "timeout")
    assert second.outcome == "api.stepfun.ai:443 did not answer within 60 s"


def test_evidence_is_the_request_as_curl_and_the_reply() -> None:
    run = a_run(said('{"a":1}', 418, ("X-Tea", "pot")))
    shown = evidence(run, [1, 99])
    assert list(shown) == [1]
    assert shown[1].curl == (
        "curl -sS -i -X POST https://api.stepfun.ai/v1/images/generations \\\n"
        "  -H 'content-type: application/json' \\\n"
        '  -H "Authorization: Bearer $STEP_API_KEY" \\\n'
        '  --data-raw \'{"model": "step-image-edit-2", "prompt": "a lighthouse"}\''
    )
    assert shown[1].request.text == '{"model": "step-image-edit-2", "prompt": "a lighthouse"}'
    assert shown[1].headers == (("X-Tea", "pot"),)
    assert shown[1].reply is not None
    assert shown[1].reply.text == '{"a":1}'


def test_evidence_is_read_once() -> None:
    run = a_run(REFUSED)
    assert evidence(run, [1])[1] is evidence(run, [1])[1]


def test_where_nothing_came_there_is_no_reply() -> None:
    shown = evidence(a_run(LATE), [1])[1]
    assert (shown.headers, shown.reply) == ((), None)


def test_the_command_names_the_variable_that_the_key_came_from() -> None:
    run = a_run(REFUSED, key=Key(CANARY, "MY_KEY"))
    assert "Bearer $MY_KEY" in evidence(run, [1])[1].curl
    run = a_run(REFUSED, key=Key(CANARY, "a placeholder"))
    assert "Bearer $STEP_API_KEY" in evidence(run, [1])[1].curl


def test_of_a_body_of_a_megabyte_the_command_names_a_file() -> None:
    run = a_run(REFUSED, asks=[asking("body/long", {"prompt": "x" * 2**20})])
    assert evidence(run, [1])[1].curl == (
        "curl -sS -i -X POST https://api.stepfun.ai/v1/images/generations \\\n"
        "  -H 'content-type: application/json' \\\n"
        '  -H "Authorization: Bearer $STEP_API_KEY" \\\n'
        "  --data-binary @body  # 1,048,590 bytes, too many to show"
    )


def test_the_signature_of_a_link_is_in_neither_command_nor_line() -> None:
    link = Probe(id="link", method="GET", path="/i.png?sig=abc&n=1", key=KeyUse.NONE, headers=())
    run = a_run(said("gone", 404, ("location", "/other?token=abc")), asks=[link])
    shown = evidence(run, [1])[1]
    assert lines(run)[0].url == "https://api.stepfun.ai/v1/i.png?sig=***&n=1"
    assert "'https://api.stepfun.ai/v1/i.png?sig=***&n=1'" in shown.curl
    assert shown.headers == (("location", "/other?token=***"),)


def test_headers_are_bounded_and_cookies_blotted() -> None:
    headers = [("set-cookie", "session=1"), ("x-long", "y" * 600), *[("x", "1")] * 100]
    shown = evidence(a_run(said("", 200, *headers)), [1])[1].headers
    assert len(shown) == 50
    assert shown[0] == ("set-cookie", "***")
    assert shown[1] == ("x-long", "y" * 500 + "… (100 characters more)")


def test_the_clearest_of_several_exchanges_is_the_one_with_the_shortest_command() -> None:
    asks = [asking("long", {"prompt": "x" * 200}), asking("short", {"prompt": "x"})]
    run = a_run(REFUSED, REFUSED, asks=asks)
    findings = [broken("n.type", "one", 1), broken("n.type", "two", 2), broken("n.type", "none")]
    assert clearest(findings, evidence(run, [1, 2])) == 2
    assert clearest(findings, {}) is None
