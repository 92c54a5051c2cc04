"""The run as GitHub shows it: annotations in the log, and a summary of the step."""

import re

from stepfun_mock.terms import Rule

from ..run import Run
from ..verdict import Verdict
from .entries import Entry, by_part, cited, entries, of, tally
from .evidence import Evidence, clearest, evidence
from .excerpt import cleaner, one_line, shortened, visible
from .outcome import counted, figures, headline, mishaps, of_rules, target

_LONGEST_CURL = 4_000
_MOST_SHOWN = 20  # GitHub takes a mebibyte
_MOST_FINDINGS = 5
_PUNCTUATION = re.compile(r"""[!"#$%&'()*+,./:;<=>?@\[\\\]^_`{|}~-]""")
_HARMLESS = frozenset(",'\"=;!?%")


def annotations(run: Run) -> list[str]:
    """The workflow commands that show what a run found, a line each."""
    if run.reason is not None:
        return [_command("warning", "could not look", headline(run, complete=True))]
    found = entries(run)
    whole = evidence(run, cited(found))
    told = [
        _command("error", f"broken: {entry.rule.id}", _broken(entry, whole))
        for entry in of(found, Verdict.BROKEN)
    ]
    for reason, names in _untold(run, found).items():
        title = f"{of_rules(len(names), 'of the page was', 'of the page were')} not seen"
        told.append(_command("warning", title, f"{reason}\n{', '.join(names)}"))
    told += [_command("warning", "the run itself", mishap) for mishap in mishaps(run)]
    if differing := of(found, Verdict.DIFFERS):
        title = f"{of_rules(len(differing), 'differs', 'differ')} where nobody promised"
        texts = [f"{entry.rule.id}: {_texts(entry)[0]}" for entry in differing]
        told.append(_command("notice", title, "\n".join(texts)))
    return told


def _broken(entry: Entry, whole: dict[int, Evidence]) -> str:
    rule = entry.rule
    parts = [*_texts(entry)[:_MOST_FINDINGS], f"due: {rule.statement} ({rule.source.title})"]
    return "\n".join([*parts, *_curls(entry, whole)])


def _texts(entry: Entry) -> list[str]:
    return [one_line(finding.text) for finding in entry.telling]


def _curls(entry: Entry, whole: dict[int, Evidence]) -> list[str]:
    """The command that shows what was found; none where it is too long to be of use."""
    number = clearest(entry.telling, whole)
    curl = "" if number is None else visible(whole[number].curl)
    return [curl] if 0 < len(curl) <= _LONGEST_CURL else []


def _untold(run: Run, found: tuple[Entry, ...]) -> dict[str, list[str]]:
    """The rules of the page that were not seen, by the reason."""
    untold, reasons = set(run.untold()), dict[str, list[str]]()
    for entry in found:
        if entry.rule.id in untold:
            reason = entry.reason or _texts(entry)[0]
            reasons.setdefault(one_line(reason), []).append(entry.rule.id)
    return reasons


def _command(name: str, title: str, message: str) -> str:
    return f"::{name} title={_property(title)}::{_data(visible(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")


# The summary ------------------------------------------------------------------------------


def summary(run: Run) -> str:
    """The run as Markdown, for `$GITHUB_STEP_SUMMARY`."""
    parts = ["## stepfun-mock check", markdown(headline(run, complete=True)), _facts(run)]
    if run.reason is None:
        found = entries(run)
        whole = evidence(run, cited(found))
        parts.append(_table(found))
        broken = of(found, Verdict.BROKEN)
        parts += [_shown(entry, whole) for entry in broken[:_MOST_SHOWN]]
        rest = [*broken[_MOST_SHOWN:], *of(found, Verdict.DIFFERS)]
        rest += of(found, Verdict.INCONCLUSIVE)
        parts.append("\n".join(map(_item, rest)))
    return cleaner(run.order.key)("\n\n".join(filter(None, parts)) + "\n")


def _facts(run: Run) -> str:
    taken, (name, base_url) = figures(run), target(run)
    told = [counted(taken.requests, "request"), counted(taken.pictures, "picture")]
    told += [taken.cost, taken.time]
    where = name if name == base_url else f"{name}, {base_url}"
    return markdown(f"{where}: {', '.join(told)}")


def _table(found: tuple[Entry, ...]) -> str:
    heads = [str(verdict) for verdict in Verdict]
    rows = [["part", *heads], ["---", *("---:" for _ in heads)]]
    for part, inside in by_part(found).items():
        rows.append([part, *(str(count or "") for count in tally(inside).values())])
    rows.append(["**all**", *(str(count or "") for count in tally(found).values())])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _shown(entry: Entry, whole: dict[int, Evidence]) -> str:
    rule = entry.rule
    parts = [f"### {entry.verdict}: {markdown(rule.id)}"]
    parts.append("\n".join(f"- {markdown(text)}" for text in _texts(entry)[:_MOST_FINDINGS]))
    parts.append(f"Due: {markdown(rule.statement)} ({_source(rule)})")
    for curl in _curls(entry, whole):
        parts.append(f"<details><summary>Request</summary>\n\n{_fenced(curl)}\n\n</details>")
    return "\n\n".join(parts)


def _source(rule: Rule) -> str:
    title = markdown(f"{rule.source.grade}: {rule.source.title}")
    return f"[{title}]({rule.source.url})" if rule.source.url else title


def _item(entry: Entry) -> str:
    text = shortened(_texts(entry)[0] or entry.rule.statement, 300)
    return f"- {entry.verdict} **{markdown(entry.rule.id)}**: {markdown(text)}"


def _fenced(text: str) -> str:
    """Text in a fence that is longer than any within it."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(longest + 1, 3)
    return f"{fence}sh\n{text}\n{fence}"


def markdown(text: str) -> str:
    """A text on one line that Markdown shows as it is: no link, no table, no mention."""
    return _PUNCTUATION.sub(_escaped, one_line(text))


def _escaped(sign: re.Match[str]) -> str:
    return sign[0] if sign[0] in _HARMLESS else f"\\{sign[0]}"
