"""What only a door can see of a request: its Host, its Origin, and whether it may come in.

A web page can point a name of its own at 127.0.0.1 and so reach a server that listens on this
machine only; the Host header gives it away.
"""

import ipaddress
from collections.abc import Collection, Mapping, Sequence

from stepfun_mock.contract import HOST_REFUSED, HTTP_MALFORMED, ORIGIN_REFUSED
from stepfun_mock.errors import RefusedError

_REMEMBERED = 256


class Door:
    """Lets in requests that name this machine.

    Args:
        allowed: Host names beside the loopback ones, without a port; any port passes, so that
            forwarded ports work.
    """

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self._allowed = {name.lower().strip("[]") for name in allowed}
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

    def check_origin(self, origin: str | None) -> None:
        """Let a control request from this origin pass; programs that are no browser send none.

        Raises:
            RefusedError: `origin.refused`.
        """
        if origin is not None and not self._is_ours(origin.partition("://")[2]):
            message = f'control routes are closed to web pages of "{origin[:64]}"'
            raise RefusedError(ORIGIN_REFUSED, message)

    def _is_ours(self, host: str) -> bool:
        name = _name_of(host)
        return name in self._allowed or name == "localhost" or _is_loopback(name)


def _check_single(count: int) -> None:
    if count != 1:
        came = count or "none"
        raise RefusedError(HTTP_MALFORMED, f"one Host header is due, but {came} came")


def _name_of(host: str) -> str:
    if host.startswith("["):
        name, bracket, port = host[1:].partition("]")
        return name.lower() if bracket and _is_port(port) else ""
    name, colon, port = host.partition(":")
    return name.lower() if _is_port(colon + port) else ""


def _is_port(text: str) -> bool:
    digits = text.removeprefix(":")
    return not text or (text != digits and digits.isascii() and digits.isdigit())


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _foreign(host: str) -> str:
    return (
        f'the Host header names "{host[:64]}", which is not this machine; '
        "start the server with --allow-host NAME to answer to another name"
    )
