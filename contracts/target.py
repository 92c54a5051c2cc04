"""What is being checked: the mock in this process, StepFun's own API, or a server by its URL."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from stepfun_mock import contract
from stepfun_mock.terms import Price

from .addresses import is_loopback

MOCK = "mock"
LIVE = "live"

# What the mock gives as its address, so that the curl lines of a report work beside `serve`.
_MOCK_URL = "http://127.0.0.1:8793/v1"

# Requests a minute that the entry tier of each host allows, with room to spare.
_PACES = {"api.stepfun.ai": 60.0, "api.stepfun.com": 8.0}
_OTHER_PACE = 60.0
# What no request line can carry as it is; Python's own parser passes some of it over.
_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True, slots=True)
class Target:
    """A server to check.

    Args:
        name: As the user gave it.
        base_url: What clients take as their base URL; without a slash at its end.
        in_process: Whether it is the mock in this process, on which nothing costs and the clock
            can be moved.
    """

    name: str
    base_url: str
    in_process: bool = False

    @property
    def root(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def host(self) -> str:
        """The host name alone."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def loopback(self) -> bool:
        """Whether it is a server on this machine, which nobody pays for."""
        return is_loopback(self.host)

    @property
    def inside(self) -> bool:
        """Whether it is in a network of one's own, whose links may lead anywhere in there."""
        try:
            return self.loopback or ipaddress.ip_address(self.host).is_private
        except ValueError:
            return "." not in self.host  # a name that no public server has

    @property
    def pace(self) -> float | None:
        """Requests a minute that are sent unless told otherwise; None for no limit."""
        return None if self.loopback else _PACES.get(self.host, _OTHER_PACE)

    @property
    def price(self) -> Price | None:
        """What a picture costs there, where the contract knows."""
        prices = [price for model in contract.MODELS for price in model.prices]
        return next((price for price in prices if price.host == self.host), None)


def parse(text: str) -> Target:
    """Read a target: `mock`, `live` or a base URL.

    Raises:
        ValueError: anything else, with what is allowed.
    """
    if text == MOCK:
        return Target(text, _MOCK_URL, in_process=True)
    if text == LIVE:
        return Target(text, contract.BASE_URL)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or _UNFIT.search(text):
        raise ValueError(
            f'TARGET must be mock, live or a base URL such as {_MOCK_URL}, but "{_shown(text)}" '
            "came"
        )
    if "@" in parts.netloc:
        raise ValueError("TARGET must not hold a key or a password; the environment does")
    if "?" in text or "#" in text:
        raise ValueError(f'TARGET must end with its path, but "{_shown(text)}" came')
    return Target(text, text.rstrip("/"))


def _shown(text: str) -> str:
    return text if "@" not in text else "***"
