"""The figures of the README, read from the page of all figures: those that have a bar."""

from collections.abc import Sequence

from benchmarks.peers.line import Line


def summary(lines: Sequence[Line]) -> str:
    """A small table in Markdown.

    Args:
        lines: All lines of the page; who is missing, or has no bar, is passed over.
    """
    barred = [line for line in lines if line.bar and line.measured]
    rows = ["| medians | stepfun-mock | beside |", "|---|---|---|"]
    for figure in dict.fromkeys(line.figure for line in barred):
        same = [line for line in barred if line.figure == figure]
        beside = ", ".join(f"{line.peer} {line.theirs}" for line in same)
        rows.append(f"| {figure} | {same[0].ours} | {beside} |")
    return "\n".join(rows)
