"""The run as data: what `report.json` holds, and `schema.json` describes."""

from pathlib import Path
from typing import Any

from stepfun_mock.terms import Rule

from ..run import Run
from ..verdict import Finding
from .entries import Entry, cited, entries, tally
from .evidence import Evidence, Line, evidence, lines
from .excerpt import Excerpt, cleaner
from .outcome import Figures, exit_code, figures, mishaps, moment, target, version

SCHEMA_VERSION = 1
"""Goes up where a reader of older reports would no longer understand the new ones."""

SCHEMA_FILE = Path(__file__).with_name("schema.json")
"""The JSON Schema of a record."""


def record(run: Run, *, complete: bool) -> dict[str, Any]:
    """Tell all that is known of a run, for programs.

    Args:
        run: The run.
        complete: Whether it came to its end; a report of a run that was killed says that it
            did not, and its exit code is no success.
    """
    found, taken = entries(run), figures(run)
    name, base_url = target(run)
    shown = evidence(run, cited(found))
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "stepfun-mock", "version": version()},
        "target": {"name": name, "base_url": base_url},
        "started": moment(run.started),
        "finished": moment(run.started + taken.seconds) if complete else None,
        "complete": complete,
        "exit_code": exit_code(run, complete=complete),
        "reason": None if run.reason is None else cleaner(run.order.key)(run.reason),
        "mishaps": mishaps(run),
        "counts": _counts(taken),
        "verdicts": {str(verdict): count for verdict, count in tally(found).items()},
        "rules": [_entry(entry) for entry in found],
        "exchanges": [_exchange(line, shown.get(line.number)) for line in lines(run)],
    }


def _counts(taken: Figures) -> dict[str, Any]:
    price = taken.price
    return {
        "requests": taken.requests,
        "pictures": taken.pictures,
        "retries": taken.retries,
        "inconclusive": taken.inconclusive,
        "seconds": round(taken.seconds, 3),
        "cost": {"amount": taken.amount, "currency": price.currency} if price else None,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    rule: Rule = entry.rule
    return {
        "id": rule.id,
        "part": rule.part,
        "statement": rule.statement,
        "grade": str(rule.source.grade),
        "source": {"title": rule.source.title, "url": rule.source.url},
        "verdict": str(entry.verdict),
        "planned": entry.planned,
        "reason": entry.reason or None,
        "findings": [_finding(finding) for finding in entry.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "verdict": str(finding.verdict),
        "text": finding.text,
        "test": finding.test,
        "exchanges": list(finding.exchanges),
    }


def _exchange(line: Line, whole: Evidence | None) -> dict[str, Any]:
    short = {
        "number": line.number,
        "name": line.name,
        "method": line.method,
        "url": line.url,
        "status": line.status,
        "trouble": {"kind": line.kind, "sentence": line.trouble} if line.kind else None,
        "seconds": round(line.seconds, 4),
        "try": line.try_,
        "sent_at": moment(line.sent_at),
    }
    return short if whole is None else short | {"shown": _shown(whole)}


def _shown(whole: Evidence) -> dict[str, Any]:
    reply = None
    if whole.reply is not None:
        headers = [{"name": name, "value": value} for name, value in whole.headers]
        reply = {"headers": headers, "body": _body(whole.reply)}
    return {"curl": whole.curl, "request": {"body": _body(whole.request)}, "reply": reply}


def _body(excerpt: Excerpt) -> dict[str, Any]:
    return {
        "text": excerpt.text,
        "encoding": excerpt.encoding,
        "bytes": excerpt.size,
        "cut": excerpt.cut,
    }
