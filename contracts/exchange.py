"""What is asked and what comes back: values that hold no key."""

import re
import shlex
from dataclasses import dataclass
from enum import StrEnum

from .key import KeyUse

# Linux takes no argument of more than 128 KiB; what a shell's own printf is given is none.
_LONGEST_ARGUMENT = 100_000
_PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b"%\\")  # what printf repeats


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, without the key: `key` says what the carrier puts into `Authorization`.

    `seconds` is how long the reply may take, where that is less than usual.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    key: KeyUse = KeyUse.RIGHT
    seconds: float | None = None

    def as_curl(self, variable: str = "STEP_API_KEY") -> str:
        """The curl command that sends it, for a POSIX shell.

        Args:
            variable: Where the shell finds the key; the command names it and not the key.
        """
        parts = [f"curl -sS -i {_method(self)} {shlex.quote(self.url)}", *_flags(self, variable)]
        if not _has_body(self):
            pass
        elif _is_text(self.body) and len(self.body) <= _LONGEST_ARGUMENT:
            parts.append(f"--data-raw {shlex.quote(self.body.decode())}")
        else:
            parts[0] = f"printf {_printed(self.body)} | {parts[0]}"
            parts.append("--data-binary @-")
        return " \\\n  ".join(parts)


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: header names in lower case and in the order in which they came.

    The body is as long as the server sent it, and decoded where it came compressed.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of the first header of a name, in whatever case; None where there is none."""
        wanted = name.lower()
        return next((value for known, value in self.headers if known == wanted), None)


class Trouble(StrEnum):
    """Why there is no reply."""

    TIMEOUT = "timeout"  # not done within the time for the whole exchange
    NETWORK = "network"  # no name, no connection, or one that ended too soon
    PROTOCOL = "protocol"  # what came, or was to be sent, is no HTTP/1.1
    TOO_LARGE = "too large"  # a body beyond the limit
    ADDRESS = "address"  # a link to where none may lead, so nothing was sent


class NotCarriedError(Exception):
    """A request without a reply.

    Attributes:
        kind: The kind of trouble.
        sentence: What happened, with host and port, and neither key nor query.
    """

    def __init__(self, kind: Trouble, sentence: str) -> None:
        super().__init__(kind, sentence)
        self.kind = kind
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class Exchange:
    """One try: what a probe asked, and the reply or the trouble.

    Attributes:
        number: The place in the run, from 1.
        name: The id of the probe.
        ask: The request.
        reply: The reply, or None where there was trouble.
        trouble: The trouble, or None where a reply came.
        sent_at: When it was sent, in Unix seconds.
        seconds: How long it took.
        try_: The try of the probe, from 1.
    """

    number: int
    name: str
    ask: Ask
    reply: Reply | None
    trouble: NotCarriedError | None
    sent_at: float
    seconds: float
    try_: int = 1

    def as_curl(self, variable: str = "STEP_API_KEY") -> str:
        """The curl command that repeats it; see `Ask.as_curl`."""
        return self.ask.as_curl(variable)


# As curl -------------------------------------------------------------------------------


def _method(ask: Ask) -> str:
    # With -X HEAD curl waits for a body that never comes.
    return "--head" if ask.method == "HEAD" else f"-X {shlex.quote(ask.method)}"


def _flags(ask: Ask, variable: str) -> list[str]:
    flags = []
    if re.search(r"[][{}]", ask.url):
        flags.append("--globoff")
    if re.search(r"/\.\.?(/|$)", ask.url.partition("?")[0]):
        flags.append("--path-as-is")
    # With a colon and no value curl would leave the header out.
    said = [f"{name}: {value}" if value else f"{name};" for name, value in ask.headers]
    flags += (f"-H {shlex.quote(header)}" for header in said)
    if _has_body(ask) and "content-type" not in {name.lower() for name, _ in ask.headers}:
        flags.append("-H 'Content-Type:'")  # or curl says that it is a form
    flags += (f"-H {header}" for header in _authorization(ask.key, variable))
    return flags


def _authorization(use: KeyUse, variable: str) -> list[str]:
    match use:
        case KeyUse.RIGHT:
            return [f'"Authorization: Bearer ${variable}"']
        case KeyUse.NONE:
            return []
        case KeyUse.EMPTY:
            return ["'Authorization: Bearer '"]
        case KeyUse.BASIC:
            encoded = f"""$(printf 'user:%s' "${variable}" | base64 | tr -d '\\n')"""
            return [f'"Authorization: Basic {encoded}"']
        case KeyUse.TOKEN:
            return [f'"Authorization: Token ${variable}"']
        case KeyUse.BARE:
            return [f'"Authorization: ${variable}"']
        case KeyUse.WRONG:
            return ["'Authorization: Bearer not-the-right-key'"]
        case KeyUse.LONGER:
            return [f'"Authorization: Bearer ${{{variable}}}x"']


def _has_body(ask: Ask) -> bool:
    return bool(ask.body) or ask.method in ("POST", "PUT", "PATCH")


def _is_text(body: bytes) -> bool:
    try:
        return "\0" not in body.decode()
    except UnicodeDecodeError:
        return False


def _printed(body: bytes) -> str:
    """The argument that makes printf print these bytes, in ASCII."""
    plain = _PLAIN.difference(b"-" if body.startswith(b"-") else b"")  # no option, either
    return shlex.quote("".join(chr(one) if one in plain else f"\\{one:03o}" for one in body))
