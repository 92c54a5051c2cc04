"""What only a door can see of a request: its Host, its Origin, and whether it may come in.

A web page can point a name of its own at 127.0.0.1 and so reach a server that listens on this
machine only; the Host header gives it away.
"""

import ipaddress
import re
from collections.abc import Collection, Mapping, Sequence

from stepfun_mock.errors import RefusedError
from stepfun_mock.refusals import HOST_REFUSED, HTTP_MALFORMED, ORIGIN_REFUSED

_REMEMBERED = 256
_LAST_PORT = 65535
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_HOST = re.compile(
    rf"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>{_NAME.pattern}))(?::(?P<port>[0-9]{{1,5}}))?"
)

_CLOSED = "control routes are closed to"
_WAY_OUT = ", on other ports of this machine too; ask from a program, or from the mock's own page"


class Door:
    """Lets in requests that name this machine.

    Args:
        allowed: Host names beside the loopback ones, without a port; any port passes, so that
            forwarded ports work.

    Raises:
        ValueError: an allowed name that no Host header could bear.
    """

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self._allowed = {_checked(name) for name in allowed}
        self._seen: set[str] = set()

    def check_host(self, headers: Mapping[str, str], given: Sequence[tuple[bytes, bytes]]) -> None:
        """Let a request that names this machine once pass.

        Args:
            headers: The values by lower-case name.
            given: The pairs as they came, doubles included.

        Raises:
            RefusedError: `http.malformed` unless there is one Host, `host.refused` for another's.
        """
        host = headers.get("host")
        if host is None or len(headers) < len(given):
            _check_single([name for name, _ in given].count(b"host"))
        if host not in self._seen:
            self._check(str(host))

    def _check(self, host: str) -> None:
        if not self._is_ours(host):
            raise RefusedError(HOST_REFUSED, _foreign(host))
        if len(self._seen) < _REMEMBERED:
            self._seen.add(host)

    def check_origin(self, headers: Mapping[str, str]) -> None:
        """Let a control request pass that no web page makes but the mock's own.

        Programs send no Origin. A page on another port of this machine may be anybody's: only an
        Origin that is the very address which was asked passes. A link on a foreign page may lead
        here; what such a page loads by itself may not.

        Raises:
            RefusedError: `origin.refused`.
        """
        foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site")
        if foreign and headers.get("sec-fetch-mode") != "navigate":
            raise RefusedError(ORIGIN_REFUSED, f"{_CLOSED} foreign web pages{_WAY_OUT}")
        origin = headers.get("origin")
        # Whether somebody speaks TLS in front of the mock cannot be seen here.
        asked = headers.get("host", "").lower()
        if origin is not None and origin not in (f"http://{asked}", f"https://{asked}"):
            message = f'{_CLOSED} web pages of "{origin[:64]}"{_WAY_OUT}'
            raise RefusedError(ORIGIN_REFUSED, message)

    def _is_ours(self, host: str) -> bool:
        name = _name_of(host)
        return name in self._allowed or is_loopback(name)


def _check_single(count: int) -> None:
    if count != 1:
        came = count or "none"
        raise RefusedError(HTTP_MALFORMED, f"one Host header is due, but {came} came")


def _checked(name: str) -> str:
    bare = name.strip("[]")
    if not (_NAME.fullmatch(bare) or _is_address(bare)):
        raise ValueError(
            f'"{name}" is no host name to allow: write it without scheme, port and path, as in mock'
        )
    return bare.lower()


def _name_of(host: str) -> str:
    """The name in a Host header; empty where the header is none."""
    parts = _HOST.fullmatch(host)
    if not parts or int(parts["port"] or 0) > _LAST_PORT:
        return ""
    # A dot at the end of a name says that the name is whole.
    return (parts["address"] or parts["name"]).lower().removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return "%" not in name


def is_loopback(name: str) -> bool:
    """Whether a host name or an address, without brackets and port, means this machine alone."""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _foreign(host: str) -> str:
    name = _name_of(host)[:64] or "NAME"
    return (
        f'the Host header names "{host[:64]}", which is not this machine; to answer to that name, '
        f"start the server with --allow-host {name}, or make it with allow_hosts"
    )
