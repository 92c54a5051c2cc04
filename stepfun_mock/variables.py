"""The environment of a test: no real key in reach, no proxy in the way, the right base URL."""

from collections.abc import Mapping
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
