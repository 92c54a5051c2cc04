"""The run as a terminal shows it: in full what needs eyes, and a line for the rest."""

import textwrap
from collections.abc import Callable

from ..run import Run
from ..verdict import Finding, Verdict
from .entries import Entry, by_part, by_words, cited, entries, of, tally
from .evidence import Evidence, Line, clearest, evidence, lines
from .excerpt import one_line, shortened, visible
from .outcome import counted, figures, headline, mishaps

Paint = Callable[[str, str], str]
"""Colours a text: `paint(text, role)`, where role is heading, name or a verdict."""

_MOST_FINDINGS = 3
_MOST_NAMES = 3
_LONGEST_REPLY = 400
_NARROWEST = 40
_MARGIN = " " * 4

_WORDS = {
    Verdict.HOLDS: "hold",
    Verdict.BROKEN: "broken",
    Verdict.DIFFERS: "differ",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.NOT_RUN: "not run",
}


def table(run: Run, width: int, paint: Paint) -> str:
    """Tell of a run by rule; in one sentence where nothing could be looked at.

    Args:
        run: The run.
        width: Columns of the terminal; commands are not wrapped, so that they can be copied.
        paint: Colours a text, or gives it back as it is.
    """
    if run.reason is not None:
        return one_line(headline(run, complete=True))
    found = entries(run)
    page = _Page(max(width, _NARROWEST), paint)
    shown = {line.number: line for line in lines(run)}
    whole = evidence(run, cited(found))
    blocks = [page.broken(entry, shown, whole) for entry in of(found, Verdict.BROKEN)]
    for verdict in (Verdict.DIFFERS, Verdict.INCONCLUSIVE):
        alike = by_words(of(found, verdict))
        blocks.append([line for group in alike for line in page.brief(group)])
    blocks.append(page.prefixed("", "", _parts(found), ""))
    blocks.append([line for text in _not_run(found) for line in page.not_run(text)])
    blocks.append([line for text in mishaps(run) for line in page.mishap(text)])
    blocks.append(page.prefixed("", "", _summary(run), "") + page.verdict(run))
    return "\n\n".join("\n".join(block) for block in blocks if block)


class _Page:
    """Lays texts out in the width of a terminal, and colours them."""

    def __init__(self, width: int, paint: Paint) -> None:
        self._width = width
        self._paint = paint

    def broken(self, entry: Entry, shown: dict[int, Line], whole: dict[int, Evidence]) -> list[str]:
        """A rule that is not kept: what is due, what came, and how to ask again."""
        source, telling = entry.rule.source, entry.telling
        found = self._headed([entry], entry.rule.statement)
        for finding in telling[:_MOST_FINDINGS]:
            found += self._labelled("seen", f"{finding.text}{_where(finding)}")
        if len(telling) > _MOST_FINDINGS:
            found += self._labelled("", f"and {len(telling) - _MOST_FINDINGS} more of this rule")
        found += self._labelled("due", f"{entry.rule.statement} ({source.grade}: {source.title})")
        if source.url:
            found += self._labelled("", source.url)
        number = clearest(telling, whole)
        if number is not None:
            found += self._exchange(shown[number], whole[number])
        return found

    def brief(self, group: list[Entry]) -> list[str]:
        """Rules that differ, or that cannot be told of, all for the same reason."""
        texts = [finding.text for finding in group[0].telling if finding.text]
        more = f", and {len(texts) - 1} more" if len(texts) > 1 else ""
        return self._headed(group, f"{texts[0] if texts else group[0].rule.statement}{more}")

    def not_run(self, text: str) -> list[str]:
        """Rules at which nobody looked."""
        word = str(Verdict.NOT_RUN)
        return self.prefixed(f"{word}: ", f"{self._paint(word, word)}: ", text, _MARGIN)

    def mishap(self, text: str) -> list[str]:
        """What went wrong with the run itself."""
        word = str(Verdict.INCONCLUSIVE)
        return self.prefixed("the run: ", f"{self._paint('the run', word)}: ", text, _MARGIN)

    def verdict(self, run: Run) -> list[str]:
        """The last line: the verdict, and the exit code that says so."""
        code = run.exit_code()
        role = {0: Verdict.HOLDS, 1: Verdict.BROKEN}.get(code, Verdict.INCONCLUSIVE)
        text = f"{headline(run, complete=True).rstrip('.')} (exit code {code})."
        return [self._paint(line, str(role)) for line in self.prefixed("", "", text, "")]

    def prefixed(self, plain: str, painted: str, text: str, indent: str) -> list[str]:
        """A text behind a prefix, in lines; to wrap it needs a prefix without colours."""
        first, *others = textwrap.wrap(
            one_line(text) or "-",
            self._width,
            initial_indent=" " * len(plain),
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [painted + first[len(plain) :], *others]

    def _headed(self, group: list[Entry], text: str) -> list[str]:
        word, name = str(group[0].verdict), group[0].rule.id
        others = "".join(f", {entry.rule.id}" for entry in group[1:])
        painted = f"{self._paint(word, word)} {self._paint(name, 'name')}"
        return self.prefixed(f"{word} {name}", painted, f"{others}: {text}", _MARGIN)

    def _labelled(self, label: str, text: str) -> list[str]:
        plain = f"{_MARGIN}{label:6}"
        painted = _MARGIN + self._paint(f"{label:6}", "heading")
        return self.prefixed(plain, painted, text, " " * len(plain))

    def _exchange(self, line: Line, whole: Evidence) -> list[str]:
        curl = textwrap.indent(visible(whole.curl), _MARGIN * 2).split("\n")
        found = [*self._labelled("asked", f"request {line.number}:"), *curl]
        reply = whole.reply.text if whole.reply is not None else ""
        return found + self._labelled(
            "came", f"{line.outcome} {shortened(one_line(reply), _LONGEST_REPLY)}"
        )


def _where(finding: Finding) -> str:
    return f" (request {finding.exchanges[0]})" if finding.exchanges else ""


def _parts(found: tuple[Entry, ...]) -> str:
    """How many rules of each part have which verdict."""
    parts = []
    for part, inside in by_part(found).items():
        counts = {verdict: count for verdict, count in tally(inside).items() if count}
        told = [f"{counts[verdict]} {_WORDS[verdict]}" for verdict in _WORDS if verdict in counts]
        parts.append(f"{part} {', '.join(told)}")
    return "; ".join(parts)


def _not_run(found: tuple[Entry, ...]) -> list[str]:
    """Why nobody looked, a text for each reason."""
    reasons: dict[str, list[str]] = {}
    for entry in of(found, Verdict.NOT_RUN):
        reasons.setdefault(entry.reason, []).append(entry.rule.id)
    return [f"{_named(names)}: {reason}" for reason, names in reasons.items()]


def _named(names: list[str]) -> str:
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMES])} and {len(names) - _MOST_NAMES} more"


def _summary(run: Run) -> str:
    taken = figures(run)
    told = [
        counted(taken.requests, "request"),
        counted(taken.pictures, "picture"),
        taken.cost,
        taken.time,
    ]
    if taken.retries:
        told.append(f"{counted(taken.retries, 'request')} sent twice")
    if taken.inconclusive:
        told.append(f"{counted(taken.inconclusive, 'exchange')} that told nothing")
    return ", ".join(told)
