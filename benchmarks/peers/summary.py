"""The README's table, read from the page of all figures."""

from benchmarks.peers.bars import BARS, KEPT_CLIENT, LINKS_1
from benchmarks.peers.line import NOTHING, Line, lines

_SHOWN = {figure for figure, _ in BARS} | {LINKS_1, KEPT_CLIENT}
"""What has a bar, and what others are better at."""


def summary(page: str) -> str:
    """When and where it was measured, and a small table in Markdown.

    Args:
        page: The page; all that stand there beside one of its figures are named.
    """
    occasion = page.partition("\n\n")[0]
    rows = ["| medians | stepfun-mock | beside |", "|---|---|---|"]
    shown = [line for line in lines(page) if line.figure in _SHOWN]
    for figure in dict.fromkeys(line.figure for line in shown):
        same = [line for line in shown if line.figure == figure]
        # Environments differ in the client, and so do our figures in them.
        values = dict.fromkeys(line.ours for line in same if line.measured) or [NOTHING]
        for ours in values:
            beside = [line for line in same if line.ours == ours or not line.measured]
            rows.append(f"| {figure} | {ours} | {', '.join(map(_told, beside))} |")
    return "\n".join([occasion, "", *rows])


def _told(line: Line) -> str:
    return f"{line.peer} {line.theirs if line.measured else 'missing'}"
