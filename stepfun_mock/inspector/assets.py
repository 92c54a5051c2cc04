"""The files of the page: HTML, CSS and JavaScript, as they lie in this package."""

from functools import cache
from pathlib import Path

from stepfun_mock.message import Response

_FOLDER = Path(__file__).parent / "assets"
_KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

# Nothing from elsewhere, nothing written into the page, and nobody else's frame around it.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SAFE = (
    ("content-security-policy", _POLICY),
    ("cross-origin-opener-policy", "same-origin"),  # who opened it cannot lead it elsewhere
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-store"),
)
"""Headers of all that the page is made of."""


def asset(name: str) -> Response | None:
    """A file of the page, or None where there is none of that name."""
    # Names are compared with those that lie there: none from outside is a path, or is remembered.
    return _file(name) if name in _names() else None


@cache
def _names() -> frozenset[str]:
    return frozenset(file.name for file in _FOLDER.iterdir() if file.suffix[1:] in _KINDS)


@cache
def _file(name: str) -> Response:
    file = _FOLDER / name
    return Response(200, (("content-type", _KINDS[file.suffix[1:]]), *SAFE), file.read_bytes())
