"""The outbox: replies leave together, in order, and nobody waits long for others."""

import asyncio
from collections.abc import Callable

from stepfun_mock.transports.outbox import Outbox


class Writes:
    """What was written, and in which turn of the loop."""

    def __init__(self) -> None:
        self.turn = 0
        self.written: list[tuple[int, bytes]] = []

    def __call__(self, data: bytes, keep: bool) -> None:
        self.written.append((self.turn, data))


def turns(step: Callable[[Outbox, Writes, int], None], count: int) -> list[tuple[int, bytes]]:
    """Run some turns of a loop, with a step at the start of each."""

    async def run() -> list[tuple[int, bytes]]:
        outbox, writes = Outbox(), Writes()
        for writes.turn in range(count):
            step(outbox, writes, writes.turn)
            await asyncio.sleep(0)
        return writes.written

    return asyncio.run(run())


def add(outbox: Outbox, writes: Writes, data: bytes) -> None:
    outbox.add(asyncio.get_running_loop(), writes, data, True)


def test_a_reply_alone_leaves_with_the_next_turn() -> None:
    def step(outbox: Outbox, writes: Writes, turn: int) -> None:
        if turn == 0:
            add(outbox, writes, b"one")

    assert turns(step, 3) == [(0, b"one")]


def test_replies_of_following_turns_leave_together_and_in_order() -> None:
    def step(outbox: Outbox, writes: Writes, turn: int) -> None:
        if turn < 3:
            add(outbox, writes, b"%d a" % turn)
            add(outbox, writes, b"%d b" % turn)

    written = turns(step, 8)
    assert [data for _, data in written] == [b"0 a", b"0 b", b"1 a", b"1 b", b"2 a", b"2 b"]
    assert len({turn for turn, _ in written}) == 1


def test_nobody_waits_for_more_than_so_many() -> None:
    def step(outbox: Outbox, writes: Writes, turn: int) -> None:
        add(outbox, writes, b"first half")
        add(outbox, writes, b"second half")

    written = turns(step, 40)
    assert written[0][0] <= 16
    assert len(written) >= 60


def test_a_flush_writes_at_once_and_the_next_reply_leaves_as_usual() -> None:
    def step(outbox: Outbox, writes: Writes, turn: int) -> None:
        if turn == 0:
            add(outbox, writes, b"one")
            outbox.flush()
            add(outbox, writes, b"two")

    assert turns(step, 4) == [(0, b"one"), (0, b"two")]
