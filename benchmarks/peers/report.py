"""The page of all figures beside the peers, written from what was measured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.peers.line import HEAD, NOTHING, Line
from benchmarks.peers.peer import Behaviour, Measured, Peer

_BEHAVIOUR = "What each answers"
_SCRIPTED = (
    "Set up as below, and no further. Those that reply as they are told could be told to refuse "
    "each of these, and most of them to have a picture behind the link that they were given."
)


@dataclass(frozen=True)
class Occasion:
    """When and where it was measured.

    Args:
        day: In ISO form.
        rounds: How many.
        load: The load average of the last quarter of an hour.
        machine: Cores, processor, memory and system.
        versions: What both sides stand on.
    """

    day: str
    rounds: int
    load: float
    machine: str
    versions: str

    def __str__(self) -> str:
        return (
            f"Measured on {self.day}, rounds: {self.rounds}; load average {self.load:.1f}.\n"
            f"{self.machine};\n{self.versions}."
        )


@dataclass(frozen=True)
class Group:
    """Figures that were measured together.

    Args:
        title: What they are about.
        ours: How ours was set up, in a sentence.
        figures: Figure by figure, peer by peer.
    """

    title: str
    ours: str
    figures: Sequence[Measured]


def report(
    occasion: Occasion, groups: Sequence[Group], behaviours: Sequence[Behaviour] = ()
) -> str:
    """The page in Markdown, from the occasion to the table of behaviour."""
    parts = [str(occasion), *map(_group, groups)]
    if behaviours:
        parts.append(_answers(behaviours))
    named = [(group.title, figure.peer) for group in groups for figure in group.figures]
    named += [(_BEHAVIOUR, behaviour.peer) for behaviour in behaviours]
    return "\n\n".join([*parts, _setups(named)])


def _group(group: Group) -> str:
    table = "\n".join([HEAD, *(str(Line.of(figure)) for figure in group.figures)])
    return f"## {group.title}\n\nOurs: {group.ours}\n\n{table}"


def _answers(behaviours: Sequence[Behaviour]) -> str:
    asked = dict.fromkeys(question for one in behaviours for question in one.answers)
    head = ["asked", *(one.peer.name for one in behaviours)]
    rows = [[each, *(one.answers.get(each, NOTHING) for one in behaviours)] for each in asked]
    table = "\n".join(map(_row, [head, ["---"] * len(head), *rows]))
    return f"## {_BEHAVIOUR}\n\n{_SCRIPTED}\n\n{table}"


def _row(cells: Iterable[str]) -> str:
    escaped = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def _setups(named: Iterable[tuple[str, Peer]]) -> str:
    """How each was set up, once for each way, or where and why it is missing."""
    titles: dict[Peer, dict[str, None]] = {}
    for title, peer in named:
        titles.setdefault(peer, {})[title] = None
    listed = "\n".join(_setup(peer, ", ".join(where)) for peer, where in titles.items())
    return f"## How each was set up\n\n{listed}"


def _setup(peer: Peer, where: str) -> str:
    if peer.missing:
        return f"- **{peer.name}** is missing ({where}): {peer.missing}."
    return f"- **{f'{peer.name} {peer.version}'.strip()}**: {peer.setup}"
