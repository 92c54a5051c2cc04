"""A plain picture of link replies per second, drawn from the page of all figures.

It has a background of its own, light or dark as the reader's system is, so it can be read wherever
it stands. Neither scripts nor fonts from elsewhere.
"""

from collections.abc import Sequence
from html import escape

from benchmarks.peers.bars import LINKS_32
from benchmarks.peers.line import Line, number

_OURS, _MISSING = "stepfun-mock", "not measured"
_WIDTH, _ROW, _TOP, _MARGIN = 720, 30, 56, 20
_BARS_FROM, _BARS_WIDTH = 190, 420
_STYLE = """text { font: 14px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.ground { fill: #ffffff }
.theirs { fill: #8c959f }
.ours { fill: #0969da }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .ground { fill: #0d1117 }
  .theirs { fill: #6e7681 }
  .ours { fill: #4493f8 }
}"""


def chart(lines: Sequence[Line]) -> str:
    """An SVG with a bar for ours and for each peer, the longest first.

    A peer that was not measured has a row at the end that says so.

    Args:
        lines: All lines of the page.
    """
    shown = [line for line in lines if line.figure == LINKS_32]
    rates = _rates([line for line in shown if line.measured])
    missing = [line.peer for line in shown if not line.measured]
    title = f"{LINKS_32.capitalize()}, per second"
    told = [f"{name} {rate:,.0f}" for name, rate in rates]
    told += [f"{name} {_MISSING}" for name in missing]
    height = _TOP + _ROW * len(told) + _MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
            f'width="{_WIDTH}" height="{height}" role="img" aria-labelledby="title told">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="told">{escape("; ".join(told))}.</desc>',
            f"<style>\n{_STYLE}\n</style>",
            f'<rect class="ground" width="{_WIDTH}" height="{height}" rx="8"/>',
            f'<text class="title" x="{_MARGIN}" y="32">{escape(title)}</text>',
            *(_bar(row, name, rate, rates[0][1]) for row, (name, rate) in enumerate(rates)),
            *(_no_bar(row, name) for row, name in enumerate(missing, len(rates))),
            "</svg>\n",
        ]
    )


def _rates(measured: Sequence[Line]) -> list[tuple[str, float]]:
    ours = [(_OURS, number(line.ours)) for line in measured[:1]]
    theirs = [(line.peer, number(line.theirs)) for line in measured]
    return sorted(ours + theirs, key=lambda bar: -bar[1])


def _bar(row: int, name: str, rate: float, most: float) -> str:
    top = _TOP + _ROW * row
    width = round(rate / most * _BARS_WIDTH, 1)
    kind = "ours" if name == _OURS else "theirs"
    bar = f'<rect class="{kind}" x="{_BARS_FROM}" y="{top}" width="{width}" height="20" rx="2"/>'
    return _named(row, name) + bar + _text(row, _BARS_FROM + width + 8, f"{rate:,.0f}")


def _no_bar(row: int, name: str) -> str:
    return _named(row, name) + _text(row, _BARS_FROM, _MISSING)


def _named(row: int, name: str) -> str:
    return _text(row, _BARS_FROM - 10, name, ' text-anchor="end"')


def _text(row: int, x: float, text: str, more: str = "") -> str:
    return f'<text x="{x}" y="{_TOP + _ROW * row + 15}"{more}>{escape(text)}</text>'
