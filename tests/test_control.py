"""The routes of our own: asking the mock without Python, over a real socket."""

import http.client
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import GENERATIONS, HEADERS, MINIMAL, Running, examples
from stepfun_mock import Choices, Request, StepfunMock, faults, magic
from stepfun_mock.choices import all_choices
from stepfun_mock.faults.catalogue import build
from stepfun_mock.journal import Entry
from stepfun_mock.transports import control
from stepfun_mock.transports.control import Control

PREFIX = "/__stepfun_mock/"
NOW = 1_780_000_000
KEY = "sk-0123456789-abcdefghij-0123456789"

# Every route, with a verb that it answers and a body that would change something.
CALLS: list[tuple[str, str, object]] = [
    ("GET", "health", None),
    ("GET", "openapi.json", None),
    ("GET", "catalogue", None),
    ("GET", "faults", None),
    ("POST", "faults", "overloaded"),
    ("DELETE", "faults", None),
    ("GET", "chaos", None),
    ("POST", "chaos", {"rate": 1, "seed": 2}),
    ("PUT", "chaos", {"rate": 1, "seed": 2}),
    ("DELETE", "chaos", None),
    ("GET", "clock", None),
    ("POST", "clock", {"advance": 90}),
    ("GET", "journal", None),
    ("DELETE", "journal", None),
    ("GET", "choices", None),
    ("PATCH", "choices", {"link_life": 5}),
    ("POST", "choices", {"link_life": 5}),
    ("POST", "reset", None),
]
POSTS = [(verb, name) for verb, name, _ in CALLS if verb in ("POST", "PUT", "PATCH")]


class Asking:
    """Asks a server, as any HTTP client would."""

    def __init__(self, running: Running) -> None:
        self.mock = running.mock
        self.port = running.port

    def __call__(
        self, verb: str, name: str, body: object = None, **headers: str
    ) -> tuple[int, Any]:
        """The status, and what the JSON says."""
        status, raw, _ = self.raw(verb, PREFIX + name, encoded(body), headers)
        return status, json.loads(raw) if raw else None

    def raw(
        self, verb: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            link.request(verb, path, body, headers)
            reply = link.getresponse()
            return reply.status, reply.read(), reply.headers
        finally:
            link.close()

    def refused(self, verb: str, name: str, body: object = None, **headers: str) -> tuple[int, str]:
        """The status and the sentence of a refusal that changed nothing."""
        before = state(self.mock)
        status, reply = self(verb, name, body, **headers)
        assert state(self.mock) == before
        return status, reply["error"]["message"]

    def picture(self, **fields: Any) -> int:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        return self.raw("POST", GENERATIONS, encoded({**MINIMAL, **fields}), headers)[0]


def encoded(body: object) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    return json.dumps(body).encode()


def state(mock: StepfunMock) -> tuple[object, ...]:
    """All that a control route could change; the clock of the mock stands still."""
    script = mock.waiting
    lines = [(one.fault, one.passing, one.times) for one in script.waiting()]
    return (
        *(lines, script.chaos, script.down_until(), mock.choices),
        *(mock.clock.now(), mock.clock.frozen, mock.journal.total, list(mock.journal)),
    )


def prepared(mock: StepfunMock) -> StepfunMock:
    """A mock in which everything is set to something."""
    mock.clock.freeze(at=NOW)
    mock.script(faults.slow(seconds=0, times=3, after=2, when={"prompt": "A wolf"}))
    mock.chaos(0.0001, 1)
    mock.choose(link_life=60)
    return mock


@pytest.fixture
def ask(running: Running) -> Asking:
    running.mock.clock.freeze(at=NOW)
    return Asking(running)


# Faults -------------------------------------------------------------------------


def test_a_fault_that_was_asked_for_is_met(ask: Asking) -> None:
    nothing: dict[str, object] = {"waiting": [], "chaos": None, "down_until": None}
    assert ask("GET", "faults") == (200, nothing)
    status, shown = ask("POST", "faults", {"fault": "rate_limited", "retry_after": 2, "times": 2})
    record = {"fault": "rate_limited", "retry_after": 2, "times": 2}
    assert (status, shown["waiting"]) == (200, [{**record, "met": 0, "left": 2}])
    assert ask.picture() == 429
    assert ask("GET", "faults")[1]["waiting"] == [{**record, "met": 1, "left": 1}]
    assert [ask.picture(), ask.picture()] == [429, 200]
    assert ask("GET", "faults") == (200, nothing)


def test_faults_are_written_as_texts_or_as_records_and_met_in_order(ask: Asking) -> None:
    status, shown = ask("POST", "faults", ["overloaded", {"fault": "bad_key"}])
    assert (status, [one["fault"] for one in shown["waiting"]]) == (200, ["overloaded", "bad_key"])
    assert ask("POST", "faults", 'server_error when.prompt="A wolf"')[0] == 200
    assert [ask.picture() for _ in range(3)] == [503, 401, 200]
    assert ask.picture(prompt="A wolf") == 500


def test_the_content_type_of_a_control_call_is_not_looked_at(ask: Asking) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "nonsense"):
        assert ask("POST", "faults", "overloaded", **{"Content-Type": kind})[0] == 200
    assert len(ask.mock.unmet_faults()) == 3


def test_why_a_fault_was_not_met_is_shown(ask: Asking) -> None:
    ask("POST", "faults", "turned_picture")
    assert ask.picture() == 200
    (waiting,) = ask("GET", "faults")[1]["waiting"]
    assert waiting["problem"] == "it takes a request with a size that is not square"


def test_conditions_of_python_are_shown_as_they_show_themselves(ask: Asking) -> None:
    ask.mock.script(faults.slow(when={"prompt": ["A wolf"], "width": float("inf")}))
    (waiting,) = ask("GET", "faults")[1]["waiting"]
    assert waiting["when"] == {"prompt": "['A wolf']", "width": "inf"}


def test_half_a_surrogate_pair_in_a_condition_can_be_shown(ask: Asking) -> None:
    status, shown = ask("POST", "faults", 'slow when.prompt="\\ud800"')
    assert (status, shown["waiting"][0]["when"]) == (200, {"prompt": "?"})


def test_what_waits_is_forgotten_and_chaos_goes_on(ask: Asking) -> None:
    ask.mock.chaos(0.5, 7)
    ask.mock.script(faults.overloaded(times=3))
    status, shown = ask("DELETE", "faults")
    assert (status, shown["waiting"], shown["chaos"]["seed"]) == (200, [], 7)


def test_an_outage_is_shown_to_who_asks_in_process() -> None:
    mock = StepfunMock()
    mock.clock.freeze(at=NOW)
    mock.script(faults.connection_refused(seconds=5))
    status, shown = asked(mock, "GET", "faults")
    assert (status, shown["down_until"]) == (200, NOW + 5)
    assert asked(mock, "DELETE", "faults")[1]["down_until"] is None


def test_who_asks_for_an_outage_is_answered_before_it(running: Running) -> None:
    ask = Asking(running)
    status, shown = ask("POST", "faults", "connection_refused seconds=600")
    assert status == 200
    assert 590 < shown["down_until"] - running.mock.clock.now() <= 600
    with pytest.raises(OSError):  # noqa: PT011 (each system has its own)
        ask("GET", "faults")
    running.mock.clock.advance(minutes=10)
    assert ask("GET", "faults")[1]["down_until"] is None


WRONG_FAULTS: list[tuple[object, str]] = [
    (
        "rate_limted",
        'there is no fault "rate_limted"; did you mean "rate_limited"? The faults are bad_key, ',
    ),
    (
        "slow secnds=1",
        'slow has no argument "secnds"; did you mean "seconds"? It has seconds, times, after, when',
    ),
    ("slow seconds=-1", "slow: seconds is a number of seconds from 0 to 86400, but -1 came"),
    ({"fault": "slow", "times": -1}, "slow: times is a whole number from 1, but -1 came"),
    ({"fault": "slow", "times": True}, "slow: times is a whole number from 1, but True came"),
    ({"fault": "slow", "after": -1}, "slow: after is a whole number from 0, but -1 came"),
    (
        {"fault": "slow", "when": {"promt": "A wolf"}},
        'slow: a request has no field "promt"; did you mean "prompt"? Its fields are model, ',
    ),
    ({"fault": "model_unknown", "status": []}, "model_unknown: status is 400 or 404, but [] came"),
    (
        {"fault": "connection_refused", "times": 2},
        "connection_refused takes no times and no when: nobody sees the requests that find no "
        "server; say seconds, and after",
    ),
    (
        {"fault": "data_uri", "when": {"response_format": "url"}},
        'data_uri needs response_format "b64_json", but when asks for "url"',
    ),
    ({"times": 2}, 'a fault is written {"fault": "overloaded", "times": 2}, but '),
    (7, 'a fault is written {"fault": "overloaded", "times": 2}, but 7 came'),
    (["overloaded", 7], "fault 2 of 2: a fault is written "),
    (["overloaded", "slow times=0"], "fault 2 of 2: slow: times is a whole number from 1, but 0"),
]


@pytest.mark.parametrize(("body", "said"), WRONG_FAULTS)
def test_what_is_no_fault_is_refused_and_none_is_added(
    ask: Asking, body: object, said: str
) -> None:
    status, message = ask.refused("POST", "faults", body)
    assert (status, said in message) == (400, True), message


def test_an_outage_that_would_never_end_is_refused(ask: Asking) -> None:
    assert ask.refused("POST", "faults", "connection_refused") == (
        400,
        "connection_refused ends by the clock, which stands still: nobody could reach the mock to "
        'let it run on; send {"unfreeze": true} to clock first',
    )


def test_the_clock_does_not_stop_before_an_outage_that_ends_by_it() -> None:
    mock = StepfunMock()
    mock.script(faults.connection_refused(seconds=600, after=1))
    status, reply = asked(mock, "POST", "clock", {"freeze": True})
    assert (status, reply["error"]["message"], mock.clock.frozen) == (
        400,
        "connection_refused waits in line, and ends by the clock: with that standing still nobody "
        "could reach the mock again; DELETE faults first",
        False,
    )


# Chaos ----------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_chaos_is_let_loose_and_ended(ask: Asking, verb: str) -> None:
    assert ask("GET", "chaos") == (200, None)
    asked = {"rate": 1, "seed": 7, "faults": [{"fault": "retired", "status": 410}, "overloaded"]}
    shown = {**asked, "faults": [{"fault": "retired", "status": 410}, {"fault": "overloaded"}]}
    assert ask(verb, "chaos", asked) == (200, shown)
    assert ask("GET", "faults")[1]["chaos"] == shown
    assert {ask.picture() for _ in range(20)} == {410, 503}
    assert ask("DELETE", "chaos") == (200, None)
    assert ask.picture() == 200


def test_chaos_brings_what_passes_unless_told_otherwise(ask: Asking) -> None:
    shown = ask("POST", "chaos", {"rate": 0.1, "seed": 7})[1]
    assert shown["faults"][0] == {"fault": "rate_limited"}
    assert len(shown["faults"]) == 8


def test_a_rate_of_0_ends_chaos(ask: Asking) -> None:
    ask.mock.chaos(0.5, 7)
    assert ask("POST", "chaos", {"rate": 0, "seed": 7}) == (200, None)


WRONG_CHAOS: list[tuple[object, str]] = [
    ({"seed": 7}, 'rate is missing; chaos is written {"rate": 0.1, "seed": 7}'),
    ({"rate": 0.1}, 'seed is missing; chaos is written {"rate": 0.1, "seed": 7}'),
    ({"rate": 1.1, "seed": 7}, "rate is a number from 0 to 1, but 1.1 came"),
    ({"rate": 10**400, "seed": 7}, "rate is a number from 0 to 1, but 1000"),
    ({"rate": True, "seed": 7}, "rate is a number from 0 to 1, but True came"),
    ({"rate": 0.1, "seed": "7"}, "seed is a whole number, but '7' came"),
    ({"rate": 0.1, "sede": 7}, 'chaos has no field "sede"; did you mean "seed"? It has rate, '),
    ({"rate": 0.1, "seed": 7, "faults": "slow"}, 'faults is a list, but "slow" came'),
    ({"rate": 0.1, "seed": 7, "faults": None}, "faults is a list, but null came"),
    (
        {"rate": 0.1, "seed": 7, "faults": []},
        "chaos needs some faults to bring, but none came",
    ),
    (
        {"rate": 0.1, "seed": 7, "faults": ["slow", "slow times=2"]},
        "slow in chaos takes no times, after or when: chance says which tries meet it",
    ),
    (
        {"rate": 0.1, "seed": 7, "faults": ["connection_refused"]},
        "chaos cannot bring connection_refused, which no single try meets",
    ),
    ([0.1, 7], 'chaos takes an object, as in {"rate": 0.1, "seed": 7}, but [0.1, 7] came'),
]


@pytest.mark.parametrize(("body", "said"), WRONG_CHAOS)
def test_what_is_no_chaos_is_refused(ask: Asking, body: object, said: str) -> None:
    ask.mock.chaos(0.5, 3)
    status, message = ask.refused("PUT", "chaos", body)
    assert (status, message[: len(said)]) == (400, said)


# The catalogue -----------------------------------------------------------------------


def test_the_catalogue_tells_of_every_fault(ask: Asking) -> None:
    listed = ask("GET", "catalogue")[1]["faults"]
    assert [one["fault"] for one in listed] == faults.__all__
    assert {one["group"] for one in listed} == {"service", "reply", "picture", "wire"}
    by_name = {one["fault"]: one for one in listed}
    assert by_name["drip"] == {
        "fault": "drip",
        "group": "wire",
        "arguments": {"pieces": 8, "pause": 0.25},
        "about": "The body comes in small pieces with pauses: no single wait is long, the whole "
        "is.",
    }
    assert all(one["about"].endswith((".", "`.")) for one in listed)


def test_every_fault_of_the_catalogue_can_be_asked_for_with_its_own_defaults(ask: Asking) -> None:
    for one in ask("GET", "catalogue")[1]["faults"]:
        build(one["fault"], one["arguments"])


# The clock ---------------------------------------------------------------------------


def test_the_clock_is_moved_stopped_and_set(ask: Asking) -> None:
    shown = {"now": NOW, "iso": "2026-05-28T20:26:40.000Z", "frozen": True}
    assert ask("GET", "clock") == (200, shown)
    later = {**shown, "now": NOW + 7200, "iso": "2026-05-28T22:26:40.000Z"}
    assert ask("POST", "clock", {"advance": {"hours": 1, "minutes": 60}}) == (200, later)
    assert ask("POST", "clock", {"advance": 90})[1]["now"] == NOW + 7290
    assert ask("POST", "clock", {"freeze": 0.5})[1]["iso"] == "1970-01-01T00:00:00.500Z"
    status, running = ask("POST", "clock", {"unfreeze": True})
    assert (status, running["frozen"]) == (200, False)
    assert 0.5 <= running["now"] < 60
    stopped = ask("POST", "clock", {"freeze": True})[1]
    assert (stopped["frozen"], ask("GET", "clock")[1]) == (True, stopped)
    status, real = ask("POST", "clock", {"reset": True})
    assert (real["frozen"], real["now"] > NOW - 10**8) == (False, True)


def test_a_clock_that_runs_beyond_the_last_year_can_be_read(ask: Asking) -> None:
    ask.mock.clock.freeze(at=253_402_300_799.9)
    assert ask("GET", "clock")[1]["iso"] == "9999-12-31T23:59:59.000Z"


WRONG_TIMES: list[tuple[object, str]] = [
    ({}, "one of advance, freeze, unfreeze, reset is due, but none came"),
    (
        {"advance": 1, "reset": True},
        "one of advance, freeze, unfreeze, reset is due, but advance and reset came",
    ),
    ({"advnce": 1}, 'clock has no field "advnce"; did you mean "advance"? It has advance, freeze'),
    ({"advance": -1}, "seconds of advance is a number from 0, but -1 came"),
    ({"advance": True}, "seconds of advance is a number from 0, but true came"),
    ({"advance": "90"}, 'seconds of advance is a number from 0, but "90" came'),
    ({"advance": 10**400}, "seconds of advance is a number from 0, but 1000"),
    ({"advance": b"1e999"}, "seconds of advance is a number from 0, but Infinity came"),
    ({"advance": {"hours": 1, "minutes": -30}}, "minutes of advance is a number from 0, but -30"),
    ({"advance": {"days": 1}}, 'advance has no "days". It has hours, minutes, seconds'),
    (
        {"advance": {}},
        'advance is written {"hours": 2}, or as a number of seconds, but {} came',
    ),
    (
        {"advance": {"hours": 10**9}},
        "the clock shows the years 1970 to 9999, but 3601780000000.0 Unix seconds ca",
    ),
    ({"freeze": False}, "freeze is true, or a number of Unix seconds from 0, but false came"),
    ({"freeze": -1}, "freeze is true, or a number of Unix seconds from 0, but -1 came"),
    ({"freeze": 10**12}, "the clock shows the years 1970 to 9999, but 1000000000000.0 Unix"),
    ({"unfreeze": 1}, "unfreeze is true, but 1 came"),
    ({"reset": None}, "reset is true, but null came"),
    (90, 'clock takes an object, as in {"advance": {"hours": 2}}, but 90 came'),
]


@pytest.mark.parametrize(("body", "said"), WRONG_TIMES)
def test_what_no_clock_can_do_is_refused(ask: Asking, body: Any, said: str) -> None:
    if body == {"advance": b"1e999"}:
        body = b'{"advance": 1e999}'
    status, message = ask.refused("POST", "clock", body)
    assert (status, message[: len(said)]) == (400, said)


# The journal -------------------------------------------------------------------------


def test_the_journal_shows_every_try_newest_first(ask: Asking) -> None:
    ask("POST", "faults", "overloaded")
    ask.picture()
    ask.picture(seed=5, size="768x1360")
    status, shown = ask("GET", "journal")
    assert (status, shown["total"], shown["kept"]) == (200, 2, 2)
    assert shown["statuses"] == {"200": 1, "503": 1}
    newest, oldest = shown["entries"]
    assert (oldest["number"], oldest["fault"], oldest["status"]) == (1, "overloaded", 503)
    assert newest["image_request"] == {
        "model": "step-image-edit-2",
        "prompt": MINIMAL["prompt"],
        "size": "768x1360",
        "n": 1,
        "response_format": "url",
        "seed": 5,
        "steps": 8,
        "cfg_scale": 1.0,
        "negative_prompt": "",
        "text_mode": False,
        "unknown": [],
        "width": 1360,
        "height": 768,
    }
    expected = {"number": 2, "at": NOW, "method": "POST", "path": GENERATIONS, "status": 200}
    assert {**newest, **expected} == newest
    assert set(newest) == set(Entry.__slots__)


def test_the_journal_is_paged(ask: Asking) -> None:
    for _ in range(5):
        ask.raw("GET", "/nowhere", None, {})

    def numbers(**query: object) -> list[int]:
        status, shown = ask("GET", f"journal?{urlencode(query)}")
        assert (status, shown["total"]) == (200, 5)
        return [entry["number"] for entry in shown["entries"]]

    assert numbers(limit=2) == [5, 4]
    assert numbers(limit=2, before=4) == [3, 2]
    assert numbers(limit=2, before=2) == [1]
    assert numbers(before=1) == []
    assert numbers(before=10**17) == numbers(limit=1000) == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", 'limit is a whole number from 1 to 1000, but "0" came'),
        ("limit=1001", 'limit is a whole number from 1 to 1000, but "1001" came'),
        ("limit=", 'limit is a whole number from 1 to 1000, but "" came'),
        ("limit=-1", 'limit is a whole number from 1 to 1000, but "-1" came'),
        ("before=x", 'before is a whole number from 1, but "x" came'),
        ("limit=1&limit=2", "limit stands in the query twice"),
        ("limt=1", 'the journal takes no "limt"; did you mean "limit"? It takes limit, before'),
    ],
)
def test_what_is_no_page_of_the_journal_is_refused(ask: Asking, query: str, said: str) -> None:
    assert ask.refused("GET", f"journal?{query}") == (400, said)


def test_a_hundred_entries_are_shown_unless_more_are_asked_for(ask: Asking) -> None:
    for _ in range(120):
        ask.raw("GET", "/nowhere", None, {})
    assert len(ask("GET", "journal")[1]["entries"]) == 100
    assert len(ask("GET", "journal?limit=1000")[1]["entries"]) == 120


def test_the_journal_is_cleared(ask: Asking) -> None:
    ask.picture()
    empty = {"total": 0, "statuses": {}, "kept": 0, "entries": []}
    assert ask("DELETE", "journal") == (200, empty)
    assert ask("GET", "journal") == (200, empty)


def test_no_key_is_ever_shown(start: Callable[..., Running]) -> None:
    ask = Asking(start(Choices(api_keys=(KEY, "another-known-key"))))
    ask.picture()
    ask.picture(prompt=f"with {KEY}", model=KEY)
    ask.raw("GET", f"/v1/{KEY}?key={KEY}", None, {"Authorization": f"Bearer {KEY}"})
    for verb, name, body in CALLS:
        if name != "reset":
            _, raw, _ = ask.raw(verb, PREFIX + name, encoded(body), {})
            assert KEY.encode() not in raw
            assert b"another-known-key" not in raw
    assert ask("GET", "choices")[1]["api_keys"] == 2


# Choices -----------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["PATCH", "POST"])
def test_choices_are_shown_and_changed(ask: Asking, verb: str) -> None:
    shown = ask("GET", "choices")[1]
    assert [*shown["choices"], "api_keys"] == [choice.name for choice in all_choices()]
    link_life = shown["choices"]["link_life"]
    assert (link_life["value"], link_life["default"]) == (7200, 7200)
    assert link_life["about"] == "seconds that a picture link lives"
    assert shown["api_keys"] == 0
    status, changed = ask(verb, "choices", {"link_life": 60, "filter_words": ["wolf"]})
    assert (status, changed["choices"]["link_life"]["value"]) == (200, 60)
    assert changed["choices"]["filter_words"]["value"] == ["wolf"]
    assert ask.mock.choices == Choices(link_life=60, filter_words=("wolf",))


def test_keys_can_be_set_and_are_counted_alone(ask: Asking) -> None:
    status, shown = ask("PATCH", "choices", {"api_keys": [KEY]})
    assert (status, shown["api_keys"]) == (200, 1)
    assert (ask.picture(), KEY in json.dumps(shown)) == (200, False)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"link_lif": 5}, 'choices has no field "link_lif"; did you mean "link_life"? It has n_ab'),
        ({"self": 5}, 'choices has no field "self"'),
        ({"link_life": 0}, "link_life must be a whole number from 1 to 3153600000, but 0 came"),
        ({"link_life": 60, "cors": "yes"}, "cors must be "),
        ({"n_above_one": ["refuse"]}, 'n_above_one must be "refuse" or "one_picture"'),
        ({"api_keys": [KEY, ""]}, "api_keys must be a list of texts"),
        ("link_life=5", 'choices takes an object, as in {"link_life": 60}, but "link_life=5" came'),
    ],
)
def test_what_is_no_choice_is_refused(ask: Asking, body: object, said: str) -> None:
    status, message = ask.refused("PATCH", "choices", body)
    assert (status, message[: len(said)]) == (400, said)
    assert KEY not in message


# Reset, and all routes ----------------------------------------------------------------


def test_reset_makes_everything_as_at_the_start(ask: Asking) -> None:
    ask.picture()
    prepared(ask.mock)
    assert ask("POST", "reset") == (200, {"status": "ok"})
    assert not ask.mock.clock.frozen
    assert (ask.mock.journal.total, ask.mock.choices) == (0, Choices())
    assert ask("GET", "faults") == (200, {"waiting": [], "chaos": None, "down_until": None})


@pytest.mark.parametrize(("verb", "name"), POSTS[:-1])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "it is empty at line 1, column 1"),
        (b"overloaded", "Expecting value at line 1, column 1"),
        (b"{'rate': 1}", "Expecting property name enclosed in double quotes at line 1, column 2"),
        (b'{"rate": NaN}', "NaN is not JSON"),
        (b'{"rate": 1, "rate": 2}', 'the field "rate" stands in it twice'),
        (b'{"rate": "\xff"}', "byte 10 is not UTF-8"),
        (b'{"rate": "\\ud800"}', "half of a surrogate pair stands alone in it"),
        (b"[" * 99, "it is nested more than "),
    ],
)
def test_a_body_that_is_no_json_is_refused(
    ask: Asking, verb: str, name: str, body: bytes, said: str
) -> None:
    prepared(ask.mock)
    before = state(ask.mock)
    status, reply = ask(verb, name, body)
    assert (status, reply["error"]["type"]) == (400, "input_invalid")
    start = "the body is not the JSON that is due: "
    assert reply["error"]["message"].startswith(start + said)
    assert state(ask.mock) == before


@pytest.mark.parametrize("body", [b"overloaded", b" slow seconds=2", b"nul"])
def test_words_without_quotes_are_shown_where_a_text_would_do(ask: Asking, body: bytes) -> None:
    status, message = ask.refused("POST", "faults", body)
    assert (status, message.partition("; ")[2]) == (
        400,
        'a text stands in quotes, as in "overloaded"',
    )
    for name in ("chaos", "clock", "choices", "reset"):
        assert "quotes" not in ask.refused("POST", name, body)[1]
    assert "quotes" not in ask.refused("POST", "faults", b'["slow"')[1]


def test_a_reset_takes_no_body_or_an_empty_one(ask: Asking) -> None:
    for body in (b"", b"{}", b" \n", b" { } "):
        ask.mock.script(faults.overloaded())
        assert ask("POST", "reset", body) == (200, {"status": "ok"})
        assert ask.mock.unmet_faults() == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"all", "the body is not the JSON that is due: Expecting value at line 1, column 1"),
        (b"[]", "reset takes an object, as in {}, but [] came"),
        (b"null", "reset takes an object, as in {}, but null came"),
        (b'{"faults": true}', 'reset has no field "faults"'),
    ],
)
def test_a_reset_that_asks_for_more_is_refused(ask: Asking, body: bytes, said: str) -> None:
    prepared(ask.mock)
    status, message = ask.refused("POST", "reset", body)
    assert status == 400
    assert message.startswith(said)


def test_a_refusal_is_in_the_envelope_and_in_no_journal(ask: Asking) -> None:
    ask.mock.choose(error_description=True)
    status, reply = ask("POST", "clock", {"unfreeze": 1})
    sentence = "unfreeze is true, but 1 came"
    error = {"message": sentence, "type": "request_params_invalid", "description": sentence}
    assert (status, reply) == (400, {"error": error})
    assert ask.mock.journal.total == 0


def test_a_refusal_is_short_whatever_came(ask: Asking) -> None:
    for body in ({"fault": "slow", "when": ["x" * 100_000]}, "x" * 100_000):
        assert len(ask.refused("POST", "faults", body)[1]) <= 512


@pytest.mark.parametrize(("verb", "name", "body"), CALLS)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost:5173"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_pages_and_names_of_others_are_kept_out_of_every_route(
    ask: Asking, verb: str, name: str, body: object, headers: dict[str, str], status: int
) -> None:
    prepared(ask.mock)
    before = state(ask.mock)
    assert ask(verb, name, body, **headers)[0] == status
    assert [entry.status for entry in ask.mock.journal] == [status]  # who was kept out, and no more
    ask.mock.journal.clear()
    assert state(ask.mock) == before


@pytest.mark.parametrize("name", sorted({name for verb, name, _ in CALLS if verb == "GET"}))
def test_head_is_get_without_the_body(ask: Asking, name: str) -> None:
    whole = ask.raw("GET", PREFIX + name, None, {})
    head = ask.raw("HEAD", PREFIX + name, None, {})
    assert (head[0], head[1], head[2].items()) == (200, b"", whole[2].items())


@pytest.mark.parametrize(
    ("verb", "name", "allowed"),
    [
        ("PUT", "faults", "DELETE, GET, HEAD, POST"),
        ("GET", "reset", "POST"),
        ("DELETE", "clock", "GET, HEAD, POST"),
        ("OPTIONS", "choices", "GET, HEAD, PATCH, POST"),
    ],
)
def test_other_verbs_are_refused(ask: Asking, verb: str, name: str, allowed: str) -> None:
    ask.mock.choose(cors=True)
    status, raw, headers = ask.raw(verb, PREFIX + name, None, {})
    assert (status, headers["allow"]) == (405, allowed)
    assert f"{name} answers {allowed}, but {verb} came" in raw.decode()
    assert ask.mock.journal.total == 0


def test_a_route_that_is_not_there_is_refused_with_the_nearest(ask: Asking) -> None:
    status, reply = ask("GET", "fautls")
    assert (status, reply["error"]["message"]) == (
        404,
        'the mock has no control route "fautls"; did you mean "faults"? Under /__stepfun_mock/ it '
        "has health, openapi.json, catalogue, faults, chaos, clock, journal, choices, reset",
    )
    assert ask.mock.journal.total == 0


def test_calls_are_not_written_down(ask: Asking) -> None:
    for verb, name, body in CALLS:
        assert ask(verb, name, body)[0] == 200
    assert ask.mock.journal.total == 0


# Anything at all ---------------------------------------------------------------------


def asked(
    mock: StepfunMock, verb: str, name: str, body: object = None, query: str = ""
) -> tuple[int, Any]:
    """Ask in this process; what the routes do not answer themselves is raised."""
    request = Request(verb, PREFIX + name, HEADERS, encoded(body) or b"", query)
    response = Control().answer(request, mock)
    return response.status, json.loads(response.body)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from([10**400, -(10**400), 1e308, 2**63])
    | st.text(max_size=8)
)
NAMES = st.sampled_from(
    [
        *("fault", "faults", "times", "after", "when", "rate", "seed", "advance", "freeze"),
        *("unfreeze", "reset", "hours", "minutes", "seconds", "prompt", "status", "retry_after"),
        *(choice.name for choice in all_choices()),
    ]
)
WORDS = st.sampled_from([*faults.__all__, "slow seconds=2", "drip pieces=1e9", "slow when.seed=1"])
JSON = st.recursive(
    SCALARS | WORDS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=4)
        | st.builds(
            lambda name, rest: {**rest, "fault": name}, WORDS, st.dictionaries(NAMES, inner)
        )
        | st.builds(lambda rate, seed: {"rate": rate, "seed": seed}, inner, inner)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(("verb", "name"), POSTS)
@examples(150)
@given(body=JSON | st.binary(max_size=20))
def test_nothing_sent_to_a_route_breaks_it_or_changes_anything_unless_it_is_200(
    verb: str, name: str, body: object
) -> None:
    mock = prepared(StepfunMock())
    before = state(mock)
    status, reply = asked(mock, verb, name, body)
    assert status in (200, 400)
    if status == 400:
        assert reply["error"]["message"]
        assert state(mock) == before
    for seen in ("faults", "chaos", "clock", "journal", "choices"):
        assert asked(mock, "GET", seen)[0] == 200


@examples(150)
@given(query=st.text(st.characters(max_codepoint=255), max_size=20))
def test_no_query_breaks_the_journal(query: str) -> None:
    assert asked(StepfunMock(), "GET", "journal", query=query)[0] in (200, 400)


# The page of the documentation -------------------------------------------------------

PAGE = (Path(__file__).parent.parent / "docs" / "control.md").read_text("utf-8")


def test_every_example_of_the_page_runs(running: Running) -> None:
    examples = re.findall(r"^```bash curl\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    lines = "".join(examples).replace("127.0.0.1:8793", f"127.0.0.1:{running.port}")
    script = f'set -eu\ncurl() {{ command curl --fail-with-body "$@"; echo; }}\n{lines}'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = [line for line in done.stdout.splitlines() if line]
    assert len(shown) == lines.count("curl ")
    for name, verbs in control._ROUTES.items():
        assert f"| `{name}` |" in PAGE
        assert f"{PREFIX}{name}" in "".join(examples)
        assert [verb for verb in verbs if f"`{verb}`" not in row(name)] == []


def test_the_refusal_on_the_page_is_one_that_comes(ask: Asking) -> None:
    (sample,) = re.findall(r"gets from `clock`:\n\n```json\n(.*)\n```", PAGE)
    (sent,) = re.findall(r"This is what `(.*)` gets from `clock`", PAGE)
    status, raw, _ = ask.raw("POST", f"{PREFIX}clock", sent.encode(), {})
    assert (status, raw.decode()) == (400, sample)


def test_the_page_names_the_fault_of_every_status_that_a_key_can_have() -> None:
    assert re.findall(r"^\| `mock-([0-9]{3})` \| `(\w+)` \|$", PAGE, re.MULTILINE) == [
        *magic.STATUSES.items()
    ]


def row(name: str) -> str:
    """The rows of the table of routes that speak of one."""
    return "".join(re.findall(rf"^\| `{re.escape(name)}` \|.*\n", PAGE, re.MULTILINE))


@pytest.mark.parametrize(
    ("verb", "name", "body"),
    [
        ("POST", "choices", KEY),
        ("POST", "choices", {KEY: 1}),
        ("POST", "choices", {"tier": KEY}),
        ("POST", "faults", {"fault": KEY}),
        ("POST", "faults", {"name": KEY}),
        ("POST", "chaos", {"rate": KEY, "seed": 1}),
        ("POST", "clock", {"freeze": KEY}),
        ("GET", KEY, None),
    ],
)
def test_a_refusal_shows_no_known_key(
    start: Callable[..., Running], verb: str, name: str, body: object
) -> None:
    ask = Asking(start(Choices(api_keys=(KEY,))))
    status, shown = ask(verb, name, body)
    assert status in (400, 404)
    assert KEY[:16] not in json.dumps(shown)
    assert "***" in json.dumps(shown)
