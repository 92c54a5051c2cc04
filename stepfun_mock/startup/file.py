"""A TOML file that says what a server starts with; a refusal of it names the line."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from stepfun_mock.chaos import Chaos
from stepfun_mock.choices import Choices, domains
from stepfun_mock.faults import Fault
from stepfun_mock.faults.catalogue import NAME, from_record
from stepfun_mock.startup import Startup
from stepfun_mock.startup.lines import Place, line_of, line_of_number, line_where
from stepfun_mock.terms import unknown
from stepfun_mock.transports.door import Door

_KEYS = ("host", "port", "allow_hosts", "api_keys", "choices", "faults", "chaos")
_CHAOS_KEYS = ("rate", "seed", "faults")
_SWITCHES = {name for name, domain in domains().items() if domain.switch}
_PLACE = re.compile(r" \(at (?:line ([0-9]+), column [0-9]+|end of document)\)$")
_DEEPEST = 100  # tables and lists in one another; the parser itself fails at some hundreds
_LARGEST = 2**63  # whole numbers of TOML have 64 bits
_TOO_DEEP = f"tables and lists nest at most {_DEEPEST} deep, but this is deeper"
_TOO_LARGE = "a whole number has at most 64 bits, but a larger one came"


class FileRefusedError(ValueError):
    """The file cannot be read, or says what cannot be; the sentence names file and line."""


def read(path: Path) -> Startup:
    """Read a file.

    Raises:
        FileRefusedError: there is no such file, it is no TOML, or it has an unknown key or a
            value that cannot be.
    """
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise FileRefusedError(
            f"cannot read {path}: {problem.strerror}; --config takes a TOML file"
        ) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise FileRefusedError(f"{path} line {line}: a byte there is not UTF-8") from None
    return _File(path, text.replace("\r\n", "\n")).startup()


class _File:
    """The text of a file, on its way to a `Startup`."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text

    def startup(self) -> Startup:
        given = self._loaded()
        self._check_values(given)
        self._check_keys(given, (), _KEYS, "the file has no key", "Its keys are")
        return Startup(
            host=self._host(given),
            port=self._port(given),
            allow_hosts=self._allow_hosts(given),
            api_keys=self._api_keys(given),
            choices=self._choices(given),
            faults=self._faults(given, ("faults",)),
            **self._chaos(given),
        )

    def _loaded(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as problem:
            self._fail_at(*self._place_of(str(problem)))
        except RecursionError:
            line = line_where(self._text, lambda place: len(place) > _DEEPEST)
            self._fail_at(line, _TOO_DEEP)
        except ValueError:  # Python reads no more than some thousand digits
            self._fail_at(line_of_number(self._text), _TOO_LARGE)

    def _check_values(self, given: dict[str, Any]) -> None:
        """Refuse what no sentence could show."""
        rest: list[tuple[Place, Any]] = [((), given)]
        while rest:
            path, value = rest.pop()
            if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
                self._fail(path, _TOO_LARGE)
            if isinstance(value, dict | list):
                if len(path) > _DEEPEST:
                    self._fail(path, _TOO_DEEP)
                inner = value.items() if isinstance(value, dict) else enumerate(value)
                rest += [((*path, step), one) for step, one in inner]

    # Keys ------------------------------------------------------------------------

    def _host(self, given: dict[str, Any]) -> str | None:
        host = given.get("host")
        if host is not None and not (isinstance(host, str) and host):
            self._fail(("host",), f'host is a text, as in "127.0.0.1", but {host!r} came')
        return host

    def _port(self, given: dict[str, Any]) -> int | None:
        port = given.get("port")
        if port is not None and not (type(port) is int and 0 <= port <= 65535):
            self._fail(("port",), f"port is a whole number from 0 to 65535, but {port!r} came")
        return port

    def _allow_hosts(self, given: dict[str, Any]) -> tuple[str, ...]:
        names = self._list(given, ("allow_hosts",), 'allow_hosts = ["mock"]')
        for place, name in enumerate(names):
            path = ("allow_hosts", place)
            if not isinstance(name, str):
                self._fail(path, f'a host name is a text, as in "mock", but {name!r} came')
            self._try(path, Door, [name])
        return tuple(names)

    def _api_keys(self, given: dict[str, Any]) -> tuple[str, ...]:
        keys = tuple(self._list(given, ("api_keys",), 'api_keys = ["a-key"]'))
        self._try(("api_keys",), Choices, api_keys=keys)
        return keys

    def _choices(self, given: dict[str, Any]) -> dict[str, Any]:
        chosen = self._table(given, "choices")
        for name, value in chosen.items():
            path = ("choices", name)
            if name == "api_keys":
                self._fail(path, "api_keys stand at the top of the file, before every [table]")
            if name in _SWITCHES and not isinstance(value, bool):
                self._fail(path, f"{name} is true or false, but {_kind(value)} came")
            self._try(path, Choices().changed, **{name: value})
        return chosen

    def _chaos(self, given: dict[str, Any]) -> dict[str, Any]:
        if "chaos" not in given:
            return {}
        chaos = self._table(given, "chaos")
        self._check_keys(chaos, ("chaos",), _CHAOS_KEYS, "chaos has no key", "Its keys are")
        if "rate" not in chaos:
            self._fail(("chaos",), "chaos needs a rate, a number from 0 to 1")
        rate, seed = chaos["rate"], chaos.get("seed")
        self._try(("chaos", "rate"), Chaos, rate, 0)
        if seed is not None:
            self._try(("chaos", "seed"), Chaos, 0, seed)
        among = self._faults(chaos, ("chaos", "faults"))
        for place, fault in enumerate(among):
            self._try(("chaos", "faults", place), Chaos, 0, 0, (fault,))
        if not among and "faults" in chaos:
            self._fail(("chaos", "faults"), "chaos needs some faults to bring, but none came")
        return {"rate": rate, "seed": seed, "among": among}

    def _faults(self, given: dict[str, Any], path: Place) -> tuple[Fault, ...]:
        records = self._list(given, path, 'faults = ["overloaded"], or in tables [[faults]]')
        return tuple(self._fault(record, (*path, place)) for place, record in enumerate(records))

    def _fault(self, record: Any, path: Place) -> Fault:  # noqa: ANN401 (what TOML has)
        if not isinstance(record, str) and not _names_a_fault(record):
            without = f" without {NAME}" if isinstance(record, dict) else ""
            self._fail(
                path,
                f'a fault is written {{ {NAME} = "overloaded", times = 2 }}, but '
                f"{_kind(record)}{without} came",
            )
        try:
            return from_record(record)
        except ValueError as problem:
            self._fail((*path, *_culprit(record, str(problem))), str(problem))

    # Reading -----------------------------------------------------------------------

    def _table(self, given: dict[str, Any], name: str) -> dict[str, Any]:
        table = given.get(name, {})
        if not isinstance(table, dict):
            self._fail((name,), f"{name} is a table, [{name}], but {_kind(table)} came")
        return table

    def _list(self, given: dict[str, Any], path: Place, sample: str) -> list[Any]:
        name = str(path[-1])
        values = given.get(name, [])
        if not isinstance(values, list):
            self._fail(path, f"{name} is a list, as in {sample}, but {_kind(values)} came")
        return values

    def _check_keys(
        self, given: dict[str, Any], path: Place, known: tuple[str, ...], lead: str, follow: str
    ) -> None:
        for name in given:
            if name not in known:
                self._fail((*path, name), unknown(lead, name, follow, known))

    def _try(self, path: Place, check: Any, *values: Any, **named: Any) -> None:  # noqa: ANN401
        """Let values pass that `check` takes."""
        try:
            check(*values, **named)
        except ValueError as problem:
            self._fail(path, str(problem))

    # Refusing ------------------------------------------------------------------------

    def _fail(self, path: Place, message: str) -> NoReturn:
        self._fail_at(line_of(self._text, path), message)

    def _fail_at(self, line: int, message: str) -> NoReturn:
        # A name in the file may hold line breaks, and this is one sentence.
        raise FileRefusedError(f"{self._path} line {line}: {' '.join(message.split())}")

    def _place_of(self, problem: str) -> tuple[int, str]:
        """The line and the words of what the parser says."""
        place = _PLACE.search(problem)
        last = len(self._text.rstrip("\n").split("\n"))
        line = int(place[1]) if place and place[1] else last
        return line, f"it is no TOML there: {_PLACE.sub('', problem)}"


def _names_a_fault(record: object) -> bool:
    return isinstance(record, dict) and isinstance(record.get(NAME), str)


def _kind(value: object) -> str:
    """What came, where the value itself may be a key."""
    kinds: dict[type, str] = {str: "a text", bool: "true or false", list: "a list", dict: "a table"}
    number = "a number" if isinstance(value, int | float) else "a date or a time"
    return kinds.get(type(value), number)


def _culprit(record: Any, message: str) -> Iterable[str]:  # noqa: ANN401 (what TOML has)
    """The key of a record that is refused by itself, where there is one."""
    if not isinstance(record, dict):
        return
    for key, value in record.items():
        try:
            from_record({NAME: record.get(NAME), key: value})
        except ValueError as problem:
            if str(problem) == message:
                yield key
                return
