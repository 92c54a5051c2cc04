"""Who is measured beside us, one figure of both, and what one answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Peer:
    """Another project, as it was set up here.

    Args:
        name: As its users call it.
        version: What was installed; empty for what has no version of its own, or where
            nothing could be.
        setup: How it was set up, in a sentence.
        missing: Why it could not be measured, in a sentence; empty where it was.
    """

    name: str
    version: str
    setup: str
    missing: str = ""


@dataclass(frozen=True)
class Measured:
    """A figure of ours and of a peer's, taken in the same minutes.

    Args:
        figure: What was measured; `bars` lists them by this name.
        unit: Of all values, such as `/s`, `ms`, `MiB` or `µs`.
        peer: Beside whom; one that is missing has no values.
        ours: Our values, round by round.
        theirs: The peer's, of the same rounds.
    """

    figure: str
    unit: str
    peer: Peer
    ours: tuple[float, ...] = ()
    theirs: tuple[float, ...] = ()


@dataclass(frozen=True)
class Behaviour:
    """What a peer, or the mock itself, answered.

    Args:
        peer: Who was asked; one that is missing has no answers.
        answers: What came, in words, by what was asked; the same questions for everybody.
    """

    peer: Peer
    answers: Mapping[str, str] = field(default_factory=dict)
