"""The faulty servers of the proof: known rules, and each fault shows beside the reference."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from typing import Any
from urllib.parse import urlsplit

import pytest
from proof.conforming import CONFORMING, ODD, PICTURES
from proof.faulty import FAULTY, Faulty, one_a_rule
from proof.messages import Reply, Request, Setting
from proof.reference import Make, ReferenceServer
from proof.strange import STRANGE

from stepfun_mock.rules import RULES

NOON = 1_780_000_000.25
KEY = Setting().key
CROWDS = ("crowd-crossing", "crowd-sharing")
# No judge that stands outside sees which host is StepFun's.
UNSEEN = {"host.international"}
ORIGIN = "http://127.0.0.1:8000"
GENERATIONS = "/v1/images/generations"
MINIMAL: dict[str, Any] = {"model": "step-image-edit-2", "prompt": "A red fox in the snow"}
# One after the other: what each field is given, beside what is required.
VALUES: dict[str, tuple[Any, ...]] = {
    "model": (
        1, True, ["step-image-edit-2"], {}, "", "STEP-IMAGE-EDIT-2", "step-1x-medium",
        "gpt-image-1", "step-image-edit-2-mini", None,
    ),
    "prompt": (1, True, ["fox"], {}, None, "é" * 512, "x" * 511, "x" * 512, "x" * 513, "x" * 9999),
    "size": (
        1024, True, [1024, 1024], {}, "1024x1024", "768x1360", "896x1184", "1360x768", "1184x896",
        None, "512x512", "1024X1024", "1024*1024", "1280x720", "auto", "", "large", "1x1",
    ),
    "n": (1, 0, 2, 3, -1, True, "1", 1.0, 1.5, [1], {}, None),
    "response_format": ("b64_json", "url", None, "URL", "b64", "png", 1, True, ["url"], {}),
    "seed": (
        0, 1, 2, 65536, 123456789, 2147483647, None, -1, 2147483648, 2**40, True, "8", "x", 8.0,
        8.5, [1], {},
    ),
    "steps": (1, 8, 50, None, 0, 51, 100, -1, True, "8", "x", 8.0, 8.5, [1], {}),
    "cfg_scale": (
        1, 1.0, 1.5, 10, 10.0, None, 0.99, 0.5, 0, -1, 10.01, 11, 20, True, "1.0", "x", [1], {},
    ),
    "negative_prompt": (
        "", "ugly", None, "é" * 512, "x" * 512, "x" * 513, "x" * 9999, 1, True, ["fog"], {},
    ),
    "text_mode": (False, True, None, 1, 0, "true", [True], {}),
}  # fmt: skip
KEYS = (
    "", "Bearer", "Bearer ", "Bearer x", f"Bearer {KEY}r", f"Bearer {KEY[:-1]}", KEY,
    f"Bearer {KEY.upper()}", f"Basic {KEY}", f"Token {KEY}",
)  # fmt: skip


def post(body: object, key: str = f"Bearer {KEY}", path: str = GENERATIONS) -> Request:
    headers = {"content-type": "application/json", "authorization": key}
    return Request("POST", path, headers, json.dumps(body).encode(), ORIGIN)


def get(path: str, key: str = f"Bearer {KEY}") -> Request:
    headers = {"authorization": key} if key else {}
    return Request("GET", path, headers, b"", ORIGIN)


def requests() -> Iterator[Request]:
    """Everything that is asked of a server, in this order."""
    for _ in range(3):
        yield post(MINIMAL)
    for form in ("b64_json", "url"):
        for field, values in VALUES.items():
            # Above 1.0 a negative prompt counts; and what the request before had must not.
            rest = {"cfg_scale": 5.0} if field == "negative_prompt" else {}
            for value in values:
                yield post({**MINIMAL, "seed": 5, "response_format": form, **rest, field: value})
                yield post({**MINIMAL, "seed": 5, "response_format": form, **rest})
    yield post({"model": MINIMAL["model"]})
    yield post({"prompt": MINIMAL["prompt"]})
    yield from (post({**MINIMAL, "negative_prompt": text, "seed": 1}) for text in ("", "fog"))
    for key in KEYS:
        yield post(MINIMAL, key)
        yield get("/v1/models", key)
    for path in ("/v1/models", "/v1/models/step-image-edit-2", "/v1/models/other", "/v1/zzz"):
        yield get(path)
    yield post(MINIMAL, path="/step_plan" + GENERATIONS)


def transcript(make: Make) -> Iterator[Reply]:
    """What a server replies to all of that, and what is behind its links: at once, and at last."""
    now = [NOON]
    server = make(Setting(clock=lambda: now[0]))
    links = []
    for request in requests():
        reply = server.answer(request)
        yield reply
        if link := link_in(reply):
            links.append(link)
            yield server.answer(get(link, ""))
    now[0] += 60
    yield from (server.answer(get(link, "")) for link in links)


def link_in(reply: Reply) -> str:
    """The path of the link in a reply; empty if it has none like the reference's."""
    try:
        link = json.loads(reply.body)["data"][0]["url"]
        return str(urlsplit(link).path)
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def differ(one: Make, other: Make) -> bool:
    return any(mine != yours for mine, yours in zip_longest(transcript(one), transcript(other)))


def test_registries_name_each_server_once() -> None:
    for registry in (FAULTY, CONFORMING, STRANGE):
        names = [entry.name for entry in registry]
        assert len(set(names)) == len(names)
        assert all(entry.about for entry in registry)
    assert len(FAULTY) >= 75
    assert len(CONFORMING) >= 22


def test_faults_break_rules_of_the_contract() -> None:
    known = {rule.id for rule in RULES}
    for faulty in FAULTY:
        assert {faulty.rule, *faulty.also} <= known, faulty.name
        assert faulty.rule not in faulty.also, faulty.name
        assert len(set(faulty.also)) == len(faulty.also), faulty.name


def test_every_rule_of_the_page_has_a_faulty_server() -> None:
    page = {rule.id for rule in RULES if rule.source.grade == "page"} - UNSEEN
    assert page <= {faulty.rule for faulty in FAULTY if faulty.verdict == "broken"}
    assert {faulty.rule for faulty in one_a_rule()} == {faulty.rule for faulty in FAULTY}


def test_reference_does_not_differ_from_itself() -> None:
    assert not differ(ReferenceServer, ReferenceServer)


@pytest.mark.parametrize(
    "faulty", [fault for fault in FAULTY if fault.name not in CROWDS], ids=lambda it: it.name
)
def test_fault_shows(faulty: Faulty) -> None:
    assert differ(faulty.server, ReferenceServer)


def seeds(server: ReferenceServer, *asked: int) -> list[int]:
    """The seeds that a server names to requests that overlap."""
    with ThreadPoolExecutor(len(asked)) as crowd:
        replies = crowd.map(lambda seed: server.answer(post({**MINIMAL, "seed": seed})), asked)
        return [json.loads(reply.body)["data"][0]["seed"] for reply in replies]


@pytest.mark.parametrize("name", CROWDS)
def test_fault_of_crowds_shows_in_crowds_alone(name: str) -> None:
    (faulty,) = (fault for fault in FAULTY if fault.name == name)
    server = faulty.server(Setting())
    assert seeds(server, 1, 2) in ([2, 1], [1, 1], [2, 2])
    assert seeds(server, 3) == [3]
    assert seeds(ReferenceServer(Setting()), 1, 2) == [1, 2]


def test_no_odd_server_crashes_whatever_it_is_asked() -> None:
    # The others are the reference but for a format, or for the weather.
    for odd in (odd for odd in [*PICTURES, *ODD] if odd.name != "crowded"):
        assert all(reply.status < 600 for reply in transcript(odd.server)), odd.name
