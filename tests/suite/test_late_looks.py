"""What is looked at last: failures that come again, links of two seeds, and how time moves."""

import base64
import json
from contextlib import suppress
from io import BytesIO
from types import SimpleNamespace

import pytest
from PIL import Image

from contracts import dispatch, test_errors, test_pictures, test_reply
from contracts.exchange import Ask, Reply
from contracts.judge import Judge
from contracts.run import OPENING
from contracts.series import BASE, FIRST, LATE, REPLAY
from contracts.table import CASES
from contracts.verdict import CannotLookError
from suite.labs import HOST, Answer, Answers, Asking, drawn, error, fields_of, said, unkeyed
from suite.runs import JSON

URL = "http://127.0.0.1:9/v1"
CONTROL = OPENING[0]
PROBES = (CONTROL, *(case.probe for case in CASES))

# Failures that come again ---------------------------------------------------------------------


def asked_again(answers: Answers) -> Judge:
    """What is said at the end of a run in which every faulty request was sent."""
    asked = Asking(answers, base_url=URL, max_requests=None)
    for probe in PROBES:
        with suppress(CannotLookError):
            asked.lab.look(probe)
    judge = asked.judge("parameter.refused", probes=PROBES)
    test_errors.test_what_must_be_refused_is_no_failure_of_the_server(judge)
    test_errors.test_nothing_makes_the_server_fail_each_time(judge)
    return judge


@pytest.mark.parametrize("start", [1, 30, *range(len(PROBES) - 4, len(PROBES) + 2)])
def test_a_burst_of_four_failures_is_no_verdict(start: int) -> None:
    replies = iter(range(1000))

    def answer(ask: Ask) -> Answer:
        return error(500 if start <= next(replies) < start + 4 else 400)

    assert {word for _, word, _ in said(asked_again(answer).findings)} == {"holds"}


def test_a_failure_each_time_breaks_a_rule_and_says_where() -> None:
    def answer(ask: Ask) -> Answer:
        return error(500 if ask.body and fields_of(ask).get("steps") == 51 else 400)

    (found,) = (found for found in asked_again(safely(answer)).findings if found.text)
    assert (found.rule, str(found.verdict), found.text) == (
        "parameter.refused",
        "broken",
        "the server must refuse steps 51, but answered 500 each of the 4 times that it was asked",
    )
    sent = len(PROBES)
    assert found.exchanges == (sent + 2, sent + 4, sent + 6)


def test_where_no_faulty_request_was_answered_nothing_holds() -> None:
    judge = Asking(error(400)).judge("parameter.refused", probes=PROBES)
    with suppress(CannotLookError):
        test_errors.test_what_must_be_refused_is_no_failure_of_the_server(judge)
    with suppress(CannotLookError):
        test_errors.test_nothing_makes_the_server_fail_each_time(judge)
    assert "holds" not in {word for _, word, _ in said(judge.findings)}


def safely(answers: Answers) -> Answers:
    """The same answers, and 400 to a body that is no object."""

    def answer(ask: Ask) -> Answer:
        try:
            return answers(ask)
        except (ValueError, AttributeError):
            return error(400)

    return answer


# Links of two seeds ---------------------------------------------------------------------------


def picture_for(seed: int) -> bytes:
    file = BytesIO()
    Image.new("RGB", (48, 32), (seed * 50 % 256, 90, 10)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("stuck", "blind", "expected"),
    [
        (False, False, ("holds", "")),
        (
            True,
            False,
            ("broken", "the links of two requests with different seeds bring the same picture"),
        ),
        (True, True, ("inconclusive", "every seed gives one picture")),
    ],
    ids=["two pictures", "one for ever", "one for every seed"],
)
def test_the_links_of_two_seeds_bring_two_pictures(
    stuck: bool, blind: bool, expected: tuple[str, str]
) -> None:
    seeds = iter((1, 3))

    def answer(ask: Ask) -> Answer:
        if unkeyed(ask):
            number = 1 if stuck else int(ask.url[-1])
            return Reply(200, (("content-type", "image/png"),), picture_for(number))
        fields = fields_of(ask)
        if fields.get("response_format") == "b64_json":
            picture = picture_for(1 if blind else fields["seed"])
            return drawn(fields["seed"], b64_json=base64.b64encode(picture).decode())
        seed = next(seeds)
        return drawn(seed, as_link=f"{HOST}/{seed}")

    probes = (FIRST, LATE, REPLAY, BASE)
    judge = Asking(answer).judge("reply.url", probes=probes)
    test_pictures.test_links_of_two_seeds_bring_two_pictures(judge)
    assert [one[1:] for one in said(judge.findings)] == [expected]


# How time moves -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cold", "stuck", "word"), [(0, False, "holds"), (9, False, "holds"), (0, True, "broken")]
)
def test_a_cold_start_does_not_stop_the_time(
    cold: float, stuck: bool, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(ask: Ask) -> Answer:
        asked.times.sleep(cold if len(asked.asked) == 1 else 0)
        created = int(began if stuck else asked.times.now())
        return Reply(200, JSON, json.dumps({"created": created, "data": [{}]}).encode())

    asked = Asking(answer)
    began = asked.times.now()
    monkeypatch.setattr(dispatch, "time", SimpleNamespace(perf_counter=asked.times.now))
    judge = asked.judge("reply.created", probes=(FIRST, LATE))
    asked.lab.look(FIRST)
    asked.times.sleep(20)
    test_reply.test_created_moves_with_the_time(judge)
    assert [found[1] for found in said(judge.findings)] == [word]
