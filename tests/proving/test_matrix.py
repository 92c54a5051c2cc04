"""A part of the proof: servers with a fault are caught, odd ones are not flagged, and the matrix
says so.
"""

from typing import Any

import pytest
from proof.conforming import CONFORMING
from proof.faulty import FAULTY, UNTOLD, Faulty
from proof.reference import ReferenceServer

from contracts import matrix
from contracts.command import Terminal
from contracts.matrix import Outcome, VirtualTimes, judged, prove

LINES = {
    # What must be refused: one value, one type, what is refused with success or a failure.
    "steps-51-taken": "caught by steps.range",
    "seed-text-taken": "caught by seed.type",
    "refusal-key-200": "caught by key.refused",
    "key-basic-taken": "caught by key.bearer",
    "refusal-detail": "caught by error.envelope",
    # What must be accepted.
    "prompt-bytes-counted": "caught by prompt.length",
    # Defaults, seeds and pictures.
    "steps-default-20": "caught by steps.default",
    "seed-counting": "caught by seed.random",
    "seed-0-unused": "caught by seed.zero",
    "picture-half": "caught by picture.whole",
    # The reply, its links, and other routes.
    "reply-comma": "caught by reply.json",
    "link-once": "caught by url.lifetime",
    "models-missing": "caught by route.models",
    "reference": "exit 0",
    "jpeg": "exit 0",
    "noisy": "exit 0",
    "link-closed-port": "exit 3",
}
GROUPS: dict[str, tuple[Any, ...]] = {
    "FAULTY": FAULTY,
    "CONFORMING": CONFORMING,
    "UNTOLD": UNTOLD,
}


def place(name: str) -> tuple[str, int]:
    """Where a server stands in the proof."""
    return next(
        (group, at)
        for group, servers in GROUPS.items()
        for at, server in enumerate(servers)
        if server.name == name
    )


class Screen:
    """What was printed."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.terminal = Terminal(
            echo=self.lines.append,
            fail=self.lines.append,
            paint=lambda text, role: f"<{role}>{text}</>",
            width=100,
            live=False,
        )


def proved(monkeypatch: pytest.MonkeyPatch, *found: Outcome) -> tuple[int, list[str]]:
    """The exit code and the matrix for these outcomes."""
    monkeypatch.setattr(matrix, "outcomes", lambda: iter(found))
    screen = Screen()
    return prove(screen.terminal), screen.lines


@pytest.mark.parametrize("name", LINES)
def test_each_server_is_judged_as_the_proof_expects(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    group, at = place(name)
    code, lines = proved(monkeypatch, judged(group, at))
    assert code == 0
    assert lines[0] == f"<page>ok   </>  {group.lower():10}  {name:32}  {LINES[name]}"


def test_a_fault_that_nobody_catches_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = Faulty("steps-51-sighed-at", "refuses as it should", "steps.range", ReferenceServer)
    monkeypatch.setattr(matrix, "_servers", lambda group: (silent,))
    outcome = judged("FAULTY", 0)
    assert outcome == Outcome("FAULTY", silent.name, "steps.range", (), (), 0, right=False)
    code, lines = proved(monkeypatch, outcome)
    assert code == 1
    assert lines == [
        f"<ours>WRONG</>  faulty      {silent.name:32}  not caught; breaks steps.range",
        "",
        "0 of 1 servers with a fault were caught, by a rule that they break and by no other",
        "0 of 0 servers that look like bad weather were taken for neither sound nor broken",
        "0 of 0 odd servers that keep the contract were not flagged",
        "0 of 0 runs in bad weather (503, 429, resets) ended without a false alarm",
        f"not proved: {silent.name}",
    ]


def test_a_fault_that_is_caught_by_another_rule_alone_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (server,) = (one for one in FAULTY if one.name == "steps-51-taken")
    blamed = Faulty(server.name, server.about, "seed.range", server.server)
    monkeypatch.setattr(matrix, "_servers", lambda group: (blamed,))
    outcome = judged("FAULTY", 0)
    assert outcome == Outcome(
        "FAULTY", server.name, "seed.range", (), ("steps.range",), 1, right=False
    )
    code, lines = proved(monkeypatch, outcome)
    assert code == 1
    assert lines[0].endswith("not caught; breaks seed.range; flagged for steps.range")


@pytest.mark.parametrize("group", ["CONFORMING", "UNTOLD", "STORMY"])
def test_a_server_that_is_flagged_for_nothing_is_wrong(
    monkeypatch: pytest.MonkeyPatch, group: str
) -> None:
    (server,) = (one for one in FAULTY if one.name == "steps-51-taken")
    monkeypatch.setattr(matrix, "_servers", lambda group: (server,))
    outcome = judged(group, 0)
    assert outcome == Outcome(group, server.name, "", (), ("steps.range",), 1, right=False)
    code, lines = proved(monkeypatch, outcome)
    assert code == 1
    assert lines[0].endswith("  exit 1; flagged for steps.range")


def test_what_looks_like_weather_must_not_be_taken_for_sound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (sound,) = (one for one in CONFORMING if one.name == "reference")
    monkeypatch.setattr(matrix, "_servers", lambda group: (sound,))
    assert judged("UNTOLD", 0) == Outcome("UNTOLD", "reference", "", (), (), 0, right=False)


def test_the_proof_sums_up_what_it_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    def outcome(group: str, name: str, *, right: bool) -> Outcome:
        return Outcome(group, name, "n.values", ("n.values",), (), 0, right)

    code, lines = proved(
        monkeypatch,
        outcome("FAULTY", "one", right=True),
        outcome("FAULTY", "two", right=False),
        outcome("UNTOLD", "three", right=True),
        outcome("CONFORMING", "four", right=False),
        outcome("STORMY", "five", right=True),
    )
    assert code == 1
    assert lines[5:] == [
        "",
        "1 of 2 servers with a fault were caught, by a rule that they break and by no other",
        "1 of 1 servers that look like bad weather were taken for neither sound nor broken",
        "0 of 1 odd servers that keep the contract were not flagged",
        "1 of 1 runs in bad weather (503, 429, resets) ended without a false alarm",
        "not proved: two, four",
    ]


def test_the_servers_are_proved_in_processes_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    first = {group: matrix._servers(group)[:1] for group in ("FAULTY", "CONFORMING")}
    monkeypatch.setattr(matrix, "_servers", lambda group: first.get(group, ()))
    found = list(matrix.outcomes(workers=1))
    assert [(one.group, one.name, one.right) for one in found] == [
        ("FAULTY", first["FAULTY"][0].name, True),
        ("CONFORMING", "reference", True),
    ]


def test_nobody_waits_while_virtual_time_passes() -> None:
    times = VirtualTimes()
    before = times.now()
    times.sleep(7200)
    assert 7200 <= times.now() - before < 7260
