"""The run as one page that needs nothing but itself: `index.html`."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..run import Run
from ..verdict import Finding, Verdict
from .entries import Entry, by_part, by_words, cited, entries, of, tally
from .evidence import Evidence, evidence, lines
from .excerpt import cleaner, visible
from .gallery import gallery
from .outcome import (
    EXITS,
    counted,
    duration,
    exit_code,
    figures,
    headline,
    mishaps,
    moment,
    target,
    version,
)

_HERE = Path(__file__).parent
_MOST_FINDINGS = 5  # of a rule; a server that is wrong everywhere is wrong in one way mostly
_MOST_EXCHANGES = 2  # of a finding: the request, and its link

PARTS = {
    "route": "Routes",
    "request": "Fields of a request",
    "price": "Prices",
    "reply": "Replies",
    "link": "Links",
    "refusal": "Refusals",
}
"""The parts of the contract, as headings."""

SIGNS = {
    Verdict.BROKEN: "✗",
    Verdict.DIFFERS: "≠",
    Verdict.HOLDS: "✓",
    Verdict.INCONCLUSIVE: "?",
    Verdict.NOT_RUN: "–",
}
"""A sign beside the word, for those who see no colours."""


_EYES = (Verdict.BROKEN, Verdict.DIFFERS, Verdict.INCONCLUSIVE)
_MOODS = {0: Verdict.HOLDS, 1: Verdict.BROKEN, 3: Verdict.INCONCLUSIVE}


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An exchange under a finding."""

    number: int
    outcome: str
    whole: Evidence


@dataclass(frozen=True, slots=True)
class Card:
    """What needs eyes: a rule, or several of which the same is said."""

    verdict: Verdict
    entries: tuple[Entry, ...]
    telling: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of the bar that shows the verdicts, in hundredths of its length."""

    verdict: Verdict
    start: float
    length: float


def page(run: Run, *, complete: bool) -> str:
    """Show a run; it loads nothing from anywhere, and runs no script."""
    found = entries(run)
    counts, style, code = tally(found), look(), exit_code(run, complete=complete)
    template = _environment().get_template("page.html.jinja")
    return template.render(
        style=Markup(style),  # noqa: S704 (a file of ours)
        policy=policy(style),
        headline=headline(run, complete=complete),
        mood=slug(_MOODS[code]),
        meaning=EXITS[code],
        exit_code=code,
        complete=complete,
        mishaps=mishaps(run),
        target=target(run),
        reason=None if run.reason is None else cleaner(run.order.key)(run.reason),
        started=moment(run.started),
        figures=figures(run),
        version=version(),
        counts=counts,
        bars=bars(counts),
        cards=[] if run.reason is not None else _cards(found),
        parts={PARTS.get(part, part): inside for part, inside in by_part(found).items()},
        exhibits=_exhibits(run, found),
        most=_MOST_FINDINGS,
        gallery=gallery(run),
        lines=lines(run),
    )


def _cards(found: tuple[Entry, ...]) -> list[Card]:
    groups = [[entry] for verdict in _EYES[:-1] for entry in of(found, verdict)]
    groups += by_words(of(found, _EYES[-1]))
    return [Card(group[0].verdict, tuple(group), group[0].telling) for group in groups]


def look() -> str:
    """The style of the page, which other pages of the project share."""
    return (files("stepfun_mock") / "inspector" / "assets" / "look.css").read_text("utf-8")


def policy(style: str) -> str:
    """The Content Security Policy of a page that has this one style, and pictures in itself."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def bars(counts: dict[Verdict, int]) -> tuple[Bar, ...]:
    """The pieces of the bar of verdicts, without those that nothing has."""
    whole = sum(counts.values()) or 1
    found, start = [], 0.0
    for verdict, count in counts.items():
        if count:
            length = round(100 * count / whole, 3)
            found.append(Bar(verdict, round(start, 3), length))
            start += length
    return tuple(found)


def slug(verdict: Verdict) -> str:
    """A verdict as the name of a class."""
    return str(verdict).replace(" ", "-")


def _exhibits(run: Run, found: tuple[Entry, ...]) -> dict[int, Exhibit]:
    outcomes = {line.number: line.outcome for line in lines(run)}
    return {
        number: Exhibit(number, outcomes[number], whole)
        for number, whole in evidence(run, cited(found)).items()
    }


def _shown(finding: Finding, exhibits: dict[int, Exhibit]) -> list[Exhibit]:
    """The exchanges that are shown under a finding."""
    return [exhibits[one] for one in finding.exchanges if one in exhibits][:_MOST_EXCHANGES]


def coded(text: str) -> Markup:
    """A statement, with what stands between backticks as code."""
    pieces = visible(text).split("`")
    plain, code = Markup("{}"), Markup("<code>{}</code>")
    return Markup("").join(
        (code if place % 2 else plain).format(piece) for place, piece in enumerate(pieces)
    )


def _plain(value: object) -> object:
    """What came from a server cannot hide, nor turn a line round."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        finalize=_plain,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {
        "coded": coded,
        "counted": counted,
        "duration": duration,
        "moment": moment,
        "shown": _shown,
        "sign": SIGNS.__getitem__,
        "slug": slug,
    }
    environment.filters |= filters
    return environment
