"""Times a fresh picture beside the same job done with Pillow; it judges no looks."""

import argparse
import random
import string
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from statistics import median
from time import perf_counter
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageOps

from benchmarks.table import Goal, Ratio, Row
from stepfun_mock.images import draw
from stepfun_mock.message import ImageRequest

_SIDE = 1024
_WARM_UP = 200
_DRAWN_PER_ROUND = 50
_PILLOW_PER_ROUND = 5
_PROCESSES = 7
_TIME = Goal(1, 0.4, " ms")
_SIZE = Goal(16, unit=" KiB")
_FASTER = Goal(25, unit=" times", at_least=True)

_FIRST = """
from time import perf_counter
from stepfun_mock.images import draw
from stepfun_mock.message import ImageRequest
request = ImageRequest("m", "fox {0}", "1024x1024", 1, "url", None, 8, 1.0, "", False)
start = perf_counter()
draw(request, {0})
print((perf_counter() - start) * 1000)
"""


class Figures(NamedTuple):
    """What was measured: medians of milliseconds and of bytes per file.

    Args:
        draw_ms: A fresh 1024x1024 picture of ours, caches warm.
        draw_bytes: Its file.
        pillow_ms: A gradient with the same text, drawn and saved by Pillow.
        pillow_bytes: Its file.
        ratio: How often ours fits into Pillow's time, round by round.
        first_ms: Our first picture in a fresh process, after the import.
        first_worst_ms: The slowest of these.
    """

    draw_ms: float
    draw_bytes: float
    pillow_ms: float
    pillow_bytes: float
    ratio: Ratio
    first_ms: float
    first_worst_ms: float

    def rows(self) -> list[Row]:
        """The rows of the table."""
        pillow = f"{self.pillow_ms:.0f} ms (Pillow: gradient, text, PNG)"
        size, theirs = self.draw_bytes / 1024, self.pillow_bytes / 1024
        ours, ratio = f"{self.draw_ms:.2f} ms", f"{self.ratio} times"
        first = f"{self.first_ms:.1f} ms, at worst {self.first_worst_ms:.1f}"
        return [
            _TIME.row("a fresh 1024x1024 picture", self.draw_ms, ours),
            _FASTER.row("the same, faster than Pillow", self.ratio.median, ours, pillow, ratio),
            _SIZE.row("its file", size, f"{size:.1f} KiB", f"{theirs:.0f} KiB"),
            Row(f"the first picture of a process, {_PROCESSES} processes", first),
        ]


def measure(rounds: int) -> Figures:
    """Measure in ``rounds`` rounds, one or more, in which ours and Pillow's take turns."""
    dice = random.Random(1)
    for _ in range(_WARM_UP):
        draw(_request(dice), dice.randrange(2**31))
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_timed(lambda: _ours(dice), _DRAWN_PER_ROUND))
        theirs.append(_timed(lambda: _pillow(dice), _PILLOW_PER_ROUND))
    first = [_first(seed) for seed in range(_PROCESSES)]
    return Figures(
        draw_ms=median(ms for ms, _ in ours),
        draw_bytes=median(size for _, size in ours),
        pillow_ms=median(ms for ms, _ in theirs),
        pillow_bytes=median(size for _, size in theirs),
        ratio=Ratio.of([ms for ms, _ in theirs], [ms for ms, _ in ours]),
        first_ms=median(first),
        first_worst_ms=max(first),
    )


def _timed(job: Callable[[], tuple[float, int]], times: int) -> tuple[float, float]:
    done = [job() for _ in range(times)]
    return median(ms for ms, _ in done), median(size for _, size in done)


def _ours(dice: random.Random) -> tuple[float, int]:
    request, seed = _request(dice), dice.randrange(2**31)
    start = perf_counter()
    data = draw(request, seed)
    return (perf_counter() - start) * 1000, len(data)


def _pillow(dice: random.Random) -> tuple[float, int]:
    request, seed = _request(dice), dice.randrange(2**31)
    start = perf_counter()
    ramp = Image.linear_gradient("L").resize((_SIDE, _SIDE))
    picture = ImageOps.colorize(ramp, f"#{seed % 2**24:06x}", "#ffe3c2")
    label = f"MOCK {request.size}  seed {seed}  steps {request.steps}  cfg {request.cfg_scale}"
    ImageDraw.Draw(picture).text((16, 978), f"{label}\n{request.prompt}", fill="#000000")
    file = BytesIO()
    picture.save(file, "PNG")
    return (perf_counter() - start) * 1000, len(file.getvalue())


def _request(dice: random.Random) -> ImageRequest:
    prompt = "".join(dice.choices(string.ascii_lowercase + "   ", k=60))
    steps, cfg_scale = dice.randint(1, 50), dice.randint(10, 100) / 10
    return ImageRequest(
        "m", prompt, f"{_SIDE}x{_SIDE}", 1, "url", None, steps, cfg_scale, "", False
    )


def _first(seed: int) -> float:
    code = _FIRST.format(seed)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


def main() -> None:
    """Print the figures as a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    figures = measure(parser.parse_args().rounds)
    print(f"{'1024x1024 picture':<24}{'median ms':>10}{'bytes':>10}")
    print(f"{'stepfun-mock':<24}{figures.draw_ms:>10.3f}{figures.draw_bytes:>10.0f}")
    print(f"{'Pillow':<24}{figures.pillow_ms:>10.3f}{figures.pillow_bytes:>10.0f}")
    print(f"Pillow takes {figures.ratio} times as long.")
    print(
        f"First picture of a process: {figures.first_ms:.1f} ms,"
        f" at worst {figures.first_worst_ms:.1f} ms of {_PROCESSES}."
    )


if __name__ == "__main__":
    main()
