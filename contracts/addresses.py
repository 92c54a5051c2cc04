"""Where a request may go: a link in a reply must not lead into anybody's own network."""

import ipaddress
import re
import socket
import urllib.request
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from .exchange import NotCarriedError, Trouble

Resolve = Callable[[str, int, int, int], Sequence[tuple[Any, ...]]]
"""`socket.getaddrinfo`, or what does the same: host, port, family and type of the socket."""

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Origin(NamedTuple):
    """Scheme, host and port; the host in lower case, an IPv6 address without brackets."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self._name}:{self.port}"

    @property
    def authority(self) -> str:
        """Host and port as `Host` has them: a port that goes without saying is left out."""
        return self._name if self.port == _PORTS.get(self.scheme) else str(self)

    @property
    def _name(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def origin_of(url: str) -> Origin:
    """The origin of a URL.

    Raises:
        NotCarriedError: of the kind ADDRESS, where the URL is not http or https, holds a user
            name or a password, or cannot be read. The sentence does not repeat it.
    """
    parts, host, port = _split(url)
    if parts.scheme not in _PORTS:
        raise _refused(f"{parts.scheme[:20] or 'no'!r} is its scheme, not http or https")
    if "@" in parts.netloc:
        raise _refused("it holds a user name or a password")
    if not _HOST.fullmatch(host) or port == 0:
        raise _refused("it names no host and port that there can be")
    return Origin(parts.scheme, host, _PORTS[parts.scheme] if port is None else port)


def is_loopback(host: str) -> bool:
    """Whether a host, name or address, stands for this machine."""
    name = host.lower().removeprefix("[").removesuffix("]").removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return _plain(name).is_loopback
    except ValueError:
        return False


_PRIVATE = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
)


# What clouds tell their machines about themselves, keys included.
_METADATA = ipaddress.ip_network("fd00:ec2::/32")


def check_link(
    url: str,
    *,
    loopback_target: bool,
    inside_target: bool = False,
    resolve: Resolve | None = socket.getaddrinfo,
) -> tuple[str, ...]:
    """Look where a link leads before it is followed.

    Args:
        url: The link.
        loopback_target: Whether the server that gave it is on this machine; its links may lead
            to this machine too, to any port.
        inside_target: Whether that server is in a private network; its links may lead there too.
        resolve: Finds the addresses of a host; None to find none, where a proxy will do that.

    Returns:
        The addresses of its host, all of them looked at. To connect to any other would let a
        name through that leads elsewhere when it is looked up again.

    Raises:
        NotCarriedError: of the kind ADDRESS, where one of the addresses is not public, or the
            link is none; TIMEOUT or NETWORK, where the host has no address.
    """
    origin = origin_of(url)
    if is_loopback(origin.host) and not loopback_target:
        raise NotCarriedError(Trouble.ADDRESS, f"a link leads to {origin}, which is this machine")
    found = _written(origin) if resolve is None else addresses_of(origin, resolve)
    for address in found:
        if not _may_be_reached(address, loopback_target, inside_target or loopback_target):
            leads = f"a link leads to {origin}, and so to {address}"
            raise NotCarriedError(Trouble.ADDRESS, f"{leads}, which is no public address")
    return found


def addresses_of(origin: Origin, resolve: Resolve = socket.getaddrinfo) -> tuple[str, ...]:
    """The addresses of a host, each once, in the order in which to try them.

    Raises:
        NotCarriedError: of the kind TIMEOUT or NETWORK, where there are none.
    """
    try:
        rows = resolve(origin.host, origin.port, 0, socket.SOCK_STREAM)
    except TimeoutError:
        sentence = f"{origin}: the name could not be looked up in time"
        raise NotCarriedError(Trouble.TIMEOUT, sentence) from None
    except (OSError, UnicodeError):
        rows = []
    if not rows:
        sentence = f"{origin}: there is no host of this name, or it cannot be looked up"
        raise NotCarriedError(Trouble.NETWORK, sentence)
    return tuple(dict.fromkeys(str(row[4][0]) for row in rows))


def within(seconds: float, resolve: Resolve = socket.getaddrinfo) -> Resolve:
    """The same look-up, with a TimeoutError after so many seconds.

    Nothing can end a look-up of the system's; it is left behind in its thread.
    """

    def bounded(host: str, port: int, family: int, kind: int) -> Sequence[tuple[Any, ...]]:
        answers: SimpleQueue[Sequence[tuple[Any, ...]] | Exception] = SimpleQueue()

        def look_up() -> None:
            try:
                answers.put(resolve(host, port, family, kind))
            except Exception as problem:
                answers.put(problem)

        Thread(target=look_up, daemon=True).start()
        try:
            answer = answers.get(timeout=max(seconds, 0))
        except Empty:
            raise TimeoutError(f"no address within {seconds:.3g} s") from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    return bounded


def proxy_for(origin: Origin) -> str | None:
    """The URL of the proxy that the environment names for an origin, None for none."""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(origin.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(str(origin)):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


# Reading --------------------------------------------------------------------------------


def _split(url: str) -> tuple[SplitResult, str, int | None]:
    if any(character <= " " or character in "\\\x7f" for character in url):
        raise _refused("it holds a space, a backslash or a control character")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not host.isascii():
            host = host.encode("idna").decode()
        return parts, host, parts.port
    except ValueError:
        raise _refused("it cannot be read as a URL") from None


def _written(origin: Origin) -> tuple[str, ...]:
    """The address that stands in the place of a name; none where it is a name."""
    flags = socket.AI_NUMERICHOST
    try:
        rows = socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM, flags=flags)
    except OSError:
        return ()
    return (str(rows[0][4][0]),)


def _refused(reason: str) -> NotCarriedError:
    return NotCarriedError(Trouble.ADDRESS, f"a URL was not followed: {reason}")


def _may_be_reached(address: str, loopback_target: bool, inside: bool) -> bool:
    ip = _plain(address)
    if ip.is_loopback:
        return loopback_target
    if any(ip in network for network in _PRIVATE):
        return inside and ip not in _METADATA  # where a store of files may stand beside the server
    if isinstance(ip, IPv6Address) and (ip.sixtofour or ip.teredo):
        return False  # tunnels to IPv4, which nobody serves pictures through any more
    # Python counts groups of hosts among the public addresses.
    return ip.is_global and not ip.is_multicast


def _plain(address: str) -> IPv4Address | IPv6Address:
    """An address; where it is IPv4 in the clothes of IPv6, that IPv4 address."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip
