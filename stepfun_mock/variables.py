"""The environment of a test: no real key in reach, no proxy in the way, the right base URL."""

from collections.abc import Mapping, MutableMapping
from urllib.parse import urlsplit

from stepfun_mock.contract import HOSTS
from stepfun_mock.settings import Settings
from stepfun_mock.transports.guard import proxy_exceptions

KEYS = ("STEP_API_KEY", "STEPFUN_API_KEY")
BASE_URLS = ("STEP_BASE_URL", "STEPFUN_BASE_URL")
OPENAI_KEY = "OPENAI_API_KEY"
OPENAI_BASE_URL = "OPENAI_BASE_URL"
SECRETS = (*KEYS, OPENAI_KEY)
PROXY_EXCEPTIONS = ("NO_PROXY", "no_proxy")
ALL = (*KEYS, *BASE_URLS, OPENAI_KEY, OPENAI_BASE_URL, *PROXY_EXCEPTIONS)
"""Every variable that may be set for a test."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Changes:
    """Changes of the environment that are undone in the end, whoever else changes it meanwhile."""

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        self._environ = environ
        self._before: dict[str, str | None] = {}
        self._ours: dict[str, str] = {}

    def make(self, named: Mapping[str, str]) -> None:
        """Set variables."""
        for name, value in named.items():
            self._before.setdefault(name, self._environ.get(name))
            self._environ[name] = self._ours[name] = value

    def undo(self) -> None:
        """Bring back what was there before, where it is not somebody else's by now.

        A test's own `monkeypatch` may have set a variable before us or after us, and has put back
        what it found.
        """
        for name, value in self._ours.items():
            if self._environ.get(name) != value:
                continue
            before = self._before[name]
            if before is None:
                del self._environ[name]
            else:
                self._environ[name] = before
        self._before, self._ours = {}, {}


def of_keys(settings: Settings, key: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What keeps real keys, and proxies, out of a test."""
    names = (*KEYS, OPENAI_KEY) if settings.openai_variables else KEYS
    return dict.fromkeys(names, key) | proxy_exceptions(environ)


def _leads_elsewhere(base_url: str | None) -> bool:
    return base_url is not None and urlsplit(base_url).hostname not in HOSTS


def of_base_url(
    settings: Settings, base_url: str, environ: Mapping[str, str], *, served: bool
) -> dict[str, str]:
    """What names the base URL.

    A server's is always named, and no proxy stands before it. In process, clients know StepFun's
    own address by themselves: only what the environment points elsewhere is pointed back.
    """
    names = [name for name in BASE_URLS if served or _leads_elsewhere(environ.get(name))]
    if settings.openai_variables:
        names.append(OPENAI_BASE_URL)
    way = proxy_exceptions(environ, LOOPBACK) if served else {}
    return dict.fromkeys(names, base_url) | way
