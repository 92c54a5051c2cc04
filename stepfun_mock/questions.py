"""Questions that a test asks of the journal, answered with all that helps when the answer is no."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from stepfun_mock.journal import Entry, Journal
from stepfun_mock.matching import Difference, check_fields, described, differences

_GROUPS_SHOWN = 50
_TRIES_SHOWN = 20
_FORGET = "what came before the part under test is forgotten by .journal.clear() of the fixture"


class _Finding(NamedTuple):
    entry: Entry
    differences: tuple[Difference, ...]


def requested(
    journal: Journal, times: int | None, expected: Mapping[str, object], reach: str
) -> str | None:
    """Whether a picture was asked for as expected.

    Args:
        journal: What came.
        times: How many requests must be so; None for at least one.
        expected: Values, or objects that decide by `==`, by the names of `ImageRequest`.
        reach: How the mock is reached, for when nothing came.

    Returns:
        None for yes; otherwise every request as its differences, and the remedy.

    Raises:
        TypeError: a field that no request has.
        ValueError: `times` is no whole number from 0.
        ForgottenError: the answer lies in entries that the journal no longer keeps.
    """
    check_fields(expected)
    if times is not None and (type(times) is not int or times < 0):
        raise ValueError(f"times is a whole number from 0, or None, but {times!r} came")
    entries, forgotten = journal.kept_requests()
    findings = [
        _Finding(entry, differences(expected, entry.image_request))
        for entry in entries
        if entry.image_request is not None
    ]
    hits = [finding.entry for finding in findings if not finding.differences]
    if hits and times is None:
        return None
    journal.check_complete(forgotten)
    if len(hits) == times:
        return None
    lines = [_headline(times, hits, len(findings), expected)]
    lines += _differing([finding for finding in findings if finding.differences])
    lines += _indented(refused(journal))
    return "\n".join([*lines, _remedy(times, hits, findings, journal, reach)])


def refused(journal: Journal) -> list[str]:
    """Every try that was not valid, one line each."""
    return _tries(
        "refused: ", [one for one in journal if one.image_request is None and one.refusal]
    )


def not_requested(journal: Journal) -> str | None:
    """Whether nothing at all asked the mock: None for yes, otherwise what came."""
    if not journal.total:
        return None
    lines = [f"nothing was to ask the mock, but {_count(journal.total, 'request')} came:"]
    lines += _indented(_tries("", list(journal)))
    return "\n".join([*lines, _FORGET])


def _headline(
    times: int | None, hits: Sequence[Entry], asked: int, expected: Mapping[str, object]
) -> str:
    what = f"for a picture with {described(expected)}" if expected else "for a picture"
    which = f": {_numbers(hits)}" if hits else ""
    if times is None:
        return f"no request {what} came, of {asked}"
    return f"{_count(times, 'request')} {what} expected, {len(hits)} of {asked} came{which}"


def _differing(findings: Sequence[_Finding]) -> list[str]:
    """One line for each way in which requests differ, the most similar first."""
    groups: dict[str, list[_Finding]] = {}
    for finding in findings:
        groups.setdefault("; ".join(map(str, finding.differences)), []).append(finding)
    ranked = sorted(groups.items(), key=lambda group: _distance(group[1][0].differences))
    near, rest = ranked[:_GROUPS_SHOWN], ranked[_GROUPS_SHOWN:]
    lines = [f"  {_numbers(found.entry for found in group)}: {text}" for text, group in near]
    if rest:
        more = sum(len(group) for _, group in rest)
        lines.append(f"  and {more} more that differ at least as much")
    return lines


def _distance(found: Sequence[Difference]) -> tuple[int, float]:
    unlike = 0.0
    for one in found:
        if isinstance(one.expected, str) and isinstance(one.actual, str):
            unlike += 1 - SequenceMatcher(None, one.expected, one.actual).quick_ratio()
        else:
            unlike += 1
    return len(found), unlike


def _tries(what: str, entries: Sequence[Entry]) -> list[str]:
    shown = [
        f"{what}#{entry.number} {entry.method} {entry.path} {entry.status}"
        + (f", {entry.message}" if entry.message else "")
        for entry in entries[:_TRIES_SHOWN]
    ]
    if len(entries) > _TRIES_SHOWN:
        shown.append(f"and {len(entries) - _TRIES_SHOWN} more; .journal has them")
    return shown


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _remedy(
    times: int | None,
    hits: Sequence[Entry],
    findings: Sequence[_Finding],
    journal: Journal,
    reach: str,
) -> str:
    if not journal.total:
        return reach
    if times is not None and len(hits) > times:
        if not times:
            return _FORGET
        return "every try counts, a client's own retries too: OpenAI(max_retries=0) makes none"
    if not findings:
        return "no try was valid: send what the refusals above ask for"
    if hits:
        return "the others above differ, or were never sent; .journal has every try in order"
    return (
        "fields that a client left out have their documented defaults: name only the fields that "
        "matter, or give an object that decides by =="
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _numbers(entries: Iterable[Entry]) -> str:
    """Entries by number and status, the first few: `#1 (200), #3 (429)`."""
    all_of_them = list(entries)
    shown = ", ".join(f"#{entry.number} ({entry.status})" for entry in all_of_them[:5])
    more = len(all_of_them) - 5
    return f"{shown} and {more} more" if more > 0 else shown
