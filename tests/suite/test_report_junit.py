"""The run as JUnit: a test case for each rule."""

from xml.etree import ElementTree as ET

from contracts.report.junit import junit
from contracts.report.outcome import version
from contracts.run import Run
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


def suite_of(run: Run, *, complete: bool = True) -> ET.Element:
    suite = ET.fromstring(junit(run, complete=complete)).find("testsuite")
    assert suite is not None
    return suite


def case_of(suite: ET.Element, rule: str) -> ET.Element:
    return next(
        case for case in suite.iter("testcase") if case.attrib["name"].startswith(f"{rule}:")
    )


def test_every_rule_is_a_test_case() -> None:
    suite = suite_of(a_run(findings=all_hold()))
    cases = suite.findall("testcase")
    assert [case.attrib["name"] for case in cases] == [
        f"{rule.id}: {rule.statement}" for rule in RULES
    ]
    assert case_of(suite, "n.type").attrib["classname"] == "stepfun.request"
    assert all(len(case) == 0 for case in cases)
    counts = {name: suite.attrib[name] for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": str(len(RULES)), "failures": "0", "errors": "0", "skipped": "0"}
    assert suite.attrib["timestamp"] == "2026-09-21T14:13:20.250"


def test_it_says_what_was_checked_and_by_what() -> None:
    properties = suite_of(a_run()).iter("property")
    assert {one.attrib["name"]: one.attrib["value"] for one in properties} == {
        "target": "https://api.stepfun.ai/v1",
        "base_url": "https://api.stepfun.ai/v1",
        "stepfun-mock": version(),
    }


def test_a_broken_rule_is_a_failure_with_command_and_reply() -> None:
    run = a_run(REFUSED, findings=[broken("n.type", "so", 1), broken("n.type", "and so", 1)])
    failure = case_of(suite_of(run), "n.type").find("failure")
    assert failure is not None
    assert failure.attrib == {"message": "so; and so", "type": "broken"}
    assert failure.text == (
        "n is an integer\n(page: StepFun: Generate images)\n\n"
        "so\n(test_x.py::test_it, request 1)\n\n"
        "and so\n(test_x.py::test_it, request 1)\n\n"
        "request 1:\n"
        "curl -sS -i -X POST https://api.stepfun.ai/v1/images/generations \\\n"
        "  -H 'content-type: application/json' \\\n"
        '  -H "Authorization: Bearer $STEP_API_KEY" \\\n'
        '  --data-raw \'{"model": "step-image-edit-2", "prompt": "a lighthouse"}\'\n\n'
        f"reply:\n{REFUSED.body.decode()}"
    )


def test_what_cannot_be_told_is_an_error() -> None:
    suite = suite_of(a_run(LATE, findings=[unsure("n.type", "too late", 1)]))
    error = case_of(suite, "n.type").find("error")
    assert error is not None
    assert error.attrib == {"message": "too late", "type": "inconclusive"}
    assert str(error.text).endswith("reply:\nno reply")
    assert suite.attrib["errors"] == "1"


def test_what_was_not_run_is_skipped_with_the_reason() -> None:
    suite = suite_of(a_run(findings=[not_run("price.usd")]))
    skipped = case_of(suite, "price.usd").find("skipped")
    assert skipped is not None
    assert skipped.attrib == {"message": "no reply says what it cost"}
    assert suite.attrib["skipped"] == str(len(RULES))


def test_what_differs_passes_and_says_so() -> None:
    suite = suite_of(a_run(findings=[differs("n.default", "two pictures came")]))
    case = case_of(suite, "n.default")
    assert [child.tag for child in case] == ["system-out"]
    assert "two pictures came" in str(case[0].text)
    assert suite.attrib["failures"] == "0"


def test_the_time_of_a_rule_is_that_of_its_requests() -> None:
    suite = suite_of(a_run(REFUSED, findings=[holds("n.type", 1, 99)]))
    assert float(case_of(suite, "n.type").attrib["time"]) >= 0


def test_a_run_that_looked_at_nothing_is_not_green() -> None:
    run = a_run()
    run.reason = "there is no image API at https://api.stepfun.ai/v1"
    suite = suite_of(run)
    assert suite.attrib["errors"] == "1"
    case = suite.findall("testcase")[-1]
    assert case.attrib["name"] == "the run"
    assert case[0].attrib["message"] == "there is no image API at https://api.stepfun.ai/v1"


def test_a_run_that_was_ended_or_failed_itself_is_not_green() -> None:
    run = a_run(findings=all_hold())
    case = suite_of(run, complete=False).findall("testcase")[-1]
    assert case[0].attrib["message"] == "the run has not ended"
    run.mishaps.append("interrupted before all was asked")
    case = suite_of(run, complete=False).findall("testcase")[-1]
    assert case[0].attrib["message"] == "interrupted before all was asked"


def test_what_a_hostile_server_said_is_text() -> None:
    text = junit(hostile(), complete=True)
    assert secrets_in(text) == []
    root = ET.fromstring(text)
    tags = {element.tag for element in root.iter()}
    assert tags <= {
        "testsuites",
        "testsuite",
        "properties",
        "property",
        "testcase",
        "failure",
        "error",
        "skipped",
        "system-out",
    }
    failure = case_of(root, "n.type").find("failure")
    assert failure is not None
    assert "<script>alert(1)</script>" in str(failure.text)
    assert "]]>" in str(failure.text)
    assert "\\x1b[2J" in str(failure.text)
