"""The run as JUnit has it, for the servers that build things: a test case for each rule."""

from xml.etree import ElementTree as ET

from stepfun_mock.terms import Rule

from ..run import Run
from ..verdict import Finding, Verdict
from .entries import Entry, cited, entries
from .evidence import Evidence, Line, clearest, evidence, lines
from .excerpt import cleaner, one_line, visible
from .outcome import figures, mishaps, moment, target, version


def junit(run: Run, *, complete: bool) -> str:
    """Tell of a run as XML.

    A broken rule is a failure, one that cannot be told of an error, one that nobody looked at
    skipped; one that differs passes, with what differs as its output.
    """
    found = entries(run)
    shown = {line.number: line for line in lines(run)}
    whole = evidence(run, cited(found))
    suite = ET.Element("testsuite", name="stepfun", timestamp=moment(run.started).rstrip("Z"))
    _properties(suite, run)
    for entry in found:
        _case(suite, entry, shown, whole)
    _add_run(suite, run, complete=complete)
    counts = {
        "tests": len(suite.findall("testcase")),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": len(suite.findall("testcase/skipped")),
    }
    root = ET.Element("testsuites", name="stepfun-mock check")
    for element in (root, suite):
        for name, count in counts.items():
            element.set(name, str(count))
        element.set("time", f"{figures(run).seconds:.3f}")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _properties(suite: ET.Element, run: Run) -> None:
    properties, (name, base_url) = ET.SubElement(suite, "properties"), target(run)
    said = {"target": name, "base_url": base_url, "stepfun-mock": version()}
    for name, value in said.items():
        ET.SubElement(properties, "property", name=name, value=one_line(value))


def _case(
    suite: ET.Element, entry: Entry, shown: dict[int, Line], whole: dict[int, Evidence]
) -> None:
    rule, verdict = entry.rule, entry.verdict
    spent = sum(shown[number].seconds for number in entry.numbers if number in shown)
    case = ET.SubElement(
        suite,
        "testcase",
        classname=f"stepfun.{rule.part}",
        name=f"{rule.id}: {rule.statement}",
        time=f"{spent:.3f}",
    )
    if verdict is Verdict.HOLDS:
        return
    if verdict is Verdict.NOT_RUN:
        ET.SubElement(case, "skipped", message=one_line(entry.reason))
        return
    message = "; ".join(finding.text for finding in entry.telling)
    details = _details(rule, entry.telling, whole)
    if verdict is Verdict.DIFFERS:
        ET.SubElement(case, "system-out").text = details
        return
    tag = "failure" if verdict is Verdict.BROKEN else "error"
    outcome = ET.SubElement(case, tag, message=one_line(message), type=str(verdict))
    outcome.text = details


def _details(rule: Rule, telling: tuple[Finding, ...], whole: dict[int, Evidence]) -> str:
    parts = [f"{rule.statement}\n({rule.source.grade}: {rule.source.title})"]
    for finding in telling:
        requests = ", ".join(f"request {number}" for number in finding.exchanges)
        parts.append(f"{finding.text}\n({', '.join(filter(None, [finding.test, requests]))})")
    number = clearest(telling, whole)
    if number is not None:
        parts.append(_told(number, whole[number]))
    return visible("\n\n".join(parts))


def _told(number: int, whole: Evidence) -> str:
    reply = whole.reply.text if whole.reply is not None else "no reply"
    return f"request {number}:\n{whole.curl}\n\nreply:\n{reply}"


def _add_run(suite: ET.Element, run: Run, *, complete: bool) -> None:
    """Let no run look green that looked at nothing, or that was ended too soon."""
    clean, problems = cleaner(run.order.key), mishaps(run)
    if run.reason is not None:
        problems.insert(0, clean(run.reason))
    if not complete and not problems:
        problems.append("the run has not ended")
    for problem in problems:
        case = ET.SubElement(suite, "testcase", classname="stepfun", name="the run", time="0.000")
        ET.SubElement(case, "error", message=one_line(problem), type="run")
