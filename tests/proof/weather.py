"""Weather for any server: throttles, overloads and delays, of which no server may be judged.

    under(make, overloaded(0.03), throttled(every=10))

makes the same server as `make`, in that weather. Chance comes from the seed of the setting.
"""

import threading
import time
from collections.abc import Callable
from random import Random

from .messages import JSON, Reply, Request, Setting, Wire
from .reference import LINKS, Make, ReferenceServer

Turn = Callable[[Request], Reply | None]
Sky = Callable[[Setting], Turn]

THROTTLED = b'{"error": {"message": "request limited RPM reached", "type": "rate_limited"}}'
OVERLOADED = b'{"error": {"message": "try again later", "type": "engine_overloaded"}}'


def under(make: Make, *skies: Sky) -> Make:
    """The same server, in this weather."""

    def made(setting: Setting) -> ReferenceServer:
        server = make(setting)
        server.weather += [sky(setting) for sky in skies]
        return server

    return made


def storm(make: Make) -> Make:
    """The same server with a little of everything."""
    return under(make, overloaded(0.03), limited(0.03), dropping(0.01))


def is_call(request: Request) -> bool:
    """Whether it is the API that is asked, and no picture that is fetched."""
    return not request.path.startswith(LINKS)


def too_many(retry_after: str) -> Reply:
    headers = {"Content-Type": JSON}
    if retry_after:
        headers["Retry-After"] = retry_after
    return Reply(429, headers, THROTTLED)


def by_chance(share: float, reply: Reply, salt: str) -> Sky:
    """This reply to a share of the calls."""

    def sky(setting: Setting) -> Turn:
        random = Random(f"{salt} {setting.seed}")
        lock = threading.Lock()

        def turn(request: Request) -> Reply | None:
            with lock:
                return reply if is_call(request) and random.random() < share else None

        return turn

    return sky


def overloaded(share: float) -> Sky:
    """Says 503 to a share of the calls."""
    return by_chance(share, Reply(503, {"Content-Type": JSON}, OVERLOADED), "overloaded")


def limited(share: float, retry_after: str = "") -> Sky:
    """Says 429 to a share of the calls."""
    return by_chance(share, too_many(retry_after), "limited")


def dropping(share: float) -> Sky:
    """Resets the connection on a share of the calls."""
    return by_chance(share, Reply(wire=Wire(reset=True)), "dropping")


def failing(share: float) -> Sky:
    """Says 500 to a share of the calls."""
    return by_chance(share, Reply(500, {"Content-Type": JSON}, OVERLOADED), "failing")


def bursts(every: int, length: int) -> Sky:
    """Says 500 to so many calls in a row, again and again."""

    def sky(setting: Setting) -> Turn:
        counted = 0
        lock = threading.Lock()

        def turn(request: Request) -> Reply | None:
            nonlocal counted
            with lock:
                counted += is_call(request)
                due = is_call(request) and counted % every >= every - length
            return Reply(500, {"Content-Type": JSON}, OVERLOADED) if due else None

        return turn

    return sky


def throttled(every: int, retry_after: str = "") -> Sky:
    """Says 429 to every so-manyth call."""

    def sky(setting: Setting) -> Turn:
        counted = 0
        lock = threading.Lock()

        def turn(request: Request) -> Reply | None:
            nonlocal counted
            with lock:
                counted += is_call(request)
                due = is_call(request) and counted % every == 0
            return too_many(retry_after) if due else None

        return turn

    return sky


def bucket(rate: float, burst: int, retry_after: str = "") -> Sky:
    """Lets so many calls a second through, and a burst of some more."""

    def sky(setting: Setting) -> Turn:
        left, since = float(burst), setting.clock()
        lock = threading.Lock()

        def turn(request: Request) -> Reply | None:
            nonlocal left, since
            with lock:
                now = setting.clock()
                left, since = min(float(burst), left + rate * max(now - since, 0.0)), now
                if not is_call(request):
                    return None
                if left < 1:
                    return too_many(retry_after)
                left -= 1
                return None

        return turn

    return sky


def slow(seconds: float, *, pictures_only: bool = False) -> Sky:
    """Takes its time for every request, or for drawing alone."""

    def sky(setting: Setting) -> Turn:
        def turn(request: Request) -> Reply | None:
            if not pictures_only or request.method == "POST":
                time.sleep(seconds)
            return None

        return turn

    return sky
