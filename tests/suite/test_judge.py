"""What is said of a reply that should be a refusal, and of what nobody could see."""

import pytest

from contracts.exchange import NotCarriedError, Reply, Trouble
from contracts.judge import Judge
from contracts.table import BODIES, CASES, Case
from contracts.verdict import CannotLookError, Verdict
from suite.labs import DOWN, LATE, PICTURE, Answer, Asking, drawn, error, picture_of, said
from suite.runs import JSON
from suite.runs import drawn as drawn_of

(STEPS,) = (case for case in CASES if case.probe.id == "steps.range/above the highest")
(SIZE,) = (case for case in CASES if case.probe.id == "size.values/'auto'")
(TEXT,) = (case for case in CASES if case.probe.id == "steps.type/numeric text")
EMPTY = BODIES[0]
ABOUT = "steps 51"
HTML = Reply(200, (("content-type", "text/html"),), b"<html>sign in</html>")

Said = list[tuple[str, str, str]]


def judged(case: Case, answer: Answer, *more: Answer, envelope: bool = True) -> Judge:
    asked = Asking(answer, *more)
    rules = {case.rule, case.refusal, *(["error.envelope"] if envelope else [])}
    judge = asked.judge(*rules, probes=(case.probe,))
    judge.refused(case)
    return judge


def test_a_refusal_as_documented_keeps_three_rules() -> None:
    judge = judged(STEPS, error(400))
    assert said(judge.findings) == [
        ("steps.range", "holds", ""),
        ("parameter.refused", "holds", ""),
        ("error.envelope", "holds", ""),
    ]
    assert {found.exchanges for found in judge.findings} == {(1,)}
    assert {found.test for found in judge.findings} == {"test_x.py::test_it"}


@pytest.mark.parametrize(
    ("case", "answer", "expected"),
    [
        # Accepted.
        (
            STEPS,
            drawn(),
            [("steps.range", "broken", f"the server must refuse {ABOUT}, but accepted it")],
        ),
        (
            STEPS,
            drawn(status=202),
            [("steps.range", "broken", f"the server must refuse {ABOUT}, but accepted it")],
        ),
        (
            TEXT,
            drawn(),
            [
                (
                    "steps.type",
                    "differs",
                    'the server must refuse steps "8", but accepted it',
                )
            ],
        ),
        # Refused with a status of success.
        (
            STEPS,
            error(200),
            [
                (
                    "parameter.refused",
                    "broken",
                    f"{ABOUT} must be refused with 400, but 200 came, and no picture",
                )
            ],
        ),
        (
            STEPS,
            HTML,
            [
                (
                    "parameter.refused",
                    "broken",
                    f"{ABOUT} must be refused with 400, but 200 came, and no picture",
                )
            ],
        ),
        (
            SIZE,
            Reply(204, (), b""),
            [
                (
                    "size.refused",
                    "differs",
                    'size "auto" must be refused with 400, but 204 came, and no picture',
                )
            ],
        ),
        # Sent elsewhere.
        (
            STEPS,
            Reply(302, (), b""),
            [("parameter.refused", "broken", f"{ABOUT} was answered 302")],
        ),
        # Refused otherwise.
        (
            STEPS,
            error(422),
            [
                ("steps.range", "holds", ""),
                ("parameter.refused", "broken", "the status must be 400, but 422 came"),
                ("error.envelope", "holds", ""),
            ],
        ),
        (
            STEPS,
            Reply(400, JSON, b'{"detail": "no"}'),
            [
                ("steps.range", "holds", ""),
                ("parameter.refused", "holds", ""),
                (
                    "error.envelope",
                    "differs",
                    'an error must stand under "error", but no object does',
                ),
            ],
        ),
        (
            EMPTY,
            error(404),
            [
                ("prompt.required", "holds", ""),
                ("body.refused", "differs", "the status must be 400, but 404 came"),
                ("error.envelope", "holds", ""),
            ],
        ),
        # A reply without an end is the server's own doing.
        (
            STEPS,
            NotCarriedError(Trouble.TOO_LARGE, "more than 32 MiB came"),
            [("steps.range", "broken", f"{ABOUT}: more than 32 MiB came")],
        ),
    ],
)
def test_another_answer_breaks_the_rule_that_it_offends(
    case: Case, answer: Answer, expected: Said
) -> None:
    judge = judged(case, answer)
    assert said(judge.findings) == expected
    assert {found.exchanges for found in judge.findings} == {(1,)}


@pytest.mark.parametrize(
    "answer", [LATE, DOWN, error(500), error(503), error(429), error(402), error(401)]
)
def test_what_says_nothing_is_no_finding(answer: Answer) -> None:
    asked = Asking(answer)
    judge = asked.judge(STEPS.rule, STEPS.refusal, probes=(STEPS.probe,))
    with pytest.raises(CannotLookError):
        judge.refused(STEPS)
    assert judge.findings == []


def test_an_envelope_is_judged_by_those_who_are_tied_to_it() -> None:
    judge = judged(STEPS, Reply(400, JSON, b"no"), envelope=False)
    assert said(judge.findings) == [
        ("steps.range", "holds", ""),
        ("parameter.refused", "holds", ""),
    ]


# What was not seen --------------------------------------------------------------------------------


def test_why_nothing_was_seen_is_said_of_what_nothing_was_said_of() -> None:
    judge = Asking(drawn()).judge("seed.echo", "steps.range", "size.order")
    judge.holds("seed.echo", 1)
    judge.cannot(CannotLookError(Verdict.INCONCLUSIVE, "the line is bad"))
    assert said(judge.findings) == [
        ("seed.echo", "holds", ""),
        ("size.order", "inconclusive", "the line is bad"),
        ("steps.range", "inconclusive", "the line is bad"),
    ]


def test_what_was_judged_is_not_unsure() -> None:
    judge = Asking(drawn()).judge("seed.echo", "seed.range")
    judge.against("seed.echo", "it names another", 1)
    judge.unsure_unless_judged("seed.echo")
    judge.unsure_unless_judged("seed.range")
    assert said(judge.findings)[1:] == [("seed.range", "inconclusive", "no reply holds an item")]


def test_what_nobody_sees_from_outside_is_marked() -> None:
    judge = Asking(drawn()).judge("price.usd", "seed.echo")
    judge.beyond("price.usd", "no reply says what it cost")
    judge.unsure("seed.echo", "too few came", 2)
    beyond, unsure = judge.findings
    assert (beyond.verdict, beyond.beyond) == (Verdict.NOT_RUN, True)
    assert (unsure.verdict, unsure.beyond, unsure.exchanges) == (Verdict.INCONCLUSIVE, False, (2,))


@pytest.mark.parametrize(
    ("given", "named", "word", "text"),
    [
        (0, 0, "holds", ""),
        (7, 8, "broken", "the reply to seed 7 must name it, but names 8"),
        (7, None, "broken", "the reply to seed 7 must name it, but names None"),
    ],
)
def test_a_reply_must_name_the_seed_that_was_given(
    given: int, named: object, word: str, text: str
) -> None:
    asked = Asking(drawn(named))
    probe = picture_of()
    judge = asked.judge("seed.echo", probes=(probe,))
    (shot,) = judge.shots([probe])
    asked_with = {**shot.asked, "seed": given}
    judge.seed_echoed(type(shot)(shot.probe, shot.exchange, asked_with, shot.json))
    assert said(judge.findings) == [("seed.echo", word, text)]


# Shots, items and pictures ------------------------------------------------------------------------

PROBES = tuple(picture_of(number) for number in range(4))


def looking(*answers: Answer, max_images: int = 40) -> Judge:
    """A judge over four probes, which were asked one by one."""
    asked = Asking(*answers, max_images=max_images)
    for probe in PROBES:
        asked.lab.look_together([probe])
    return asked.judge("seed.echo", probes=PROBES)


def test_the_shots_are_those_that_were_accepted() -> None:
    judge = looking(drawn(1), error(400), LATE, drawn(4))
    assert [shot.item["seed"] for shot in judge.shots(PROBES)] == [1, 4]


@pytest.mark.parametrize(
    ("answers", "verdict", "reason"),
    [
        ([error(400)], Verdict.INCONCLUSIVE, "no request for a picture was accepted"),
        ([error(400), error(402)], Verdict.INCONCLUSIVE, 'the balance is used up: 402 ("no")'),
        ([LATE, error(400)], Verdict.INCONCLUSIVE, LATE.sentence),
    ],
)
def test_where_no_shot_came_the_reason_is_told(
    answers: list[Answer], verdict: Verdict, reason: str
) -> None:
    judge = looking(*answers)
    with pytest.raises(CannotLookError) as problem:
        judge.shots(PROBES)
    assert (problem.value.verdict, problem.value.reason) == (verdict, reason)


def test_where_the_budget_is_spent_nothing_was_run() -> None:
    judge = looking(drawn(), max_images=0)
    with pytest.raises(CannotLookError) as problem:
        judge.shots(PROBES)
    assert problem.value.verdict is Verdict.NOT_RUN


def test_the_items_are_those_that_the_filter_let_through() -> None:
    judge = looking(
        drawn(1), drawn(2, finish_reason="content_filtered"), Reply(200, JSON, b"{}"), drawn(4)
    )
    assert [shot.item["seed"] for shot in judge.items(PROBES)] == [1, 4]
    nothing = looking(Reply(200, JSON, b"{}"))
    with pytest.raises(CannotLookError, match=r"^no reply holds an item of data that can be read$"):
        nothing.items(PROBES)


def test_the_pictures_are_those_that_can_be_read() -> None:
    judge = looking(drawn(1), drawn_of(PICTURE[:-8]), drawn(3, b64_json="?"), drawn(4))
    assert [shot.item["seed"] for shot, _ in judge.pictures(PROBES)] == [1, 4]
    assert judge.picture(PROBES[0]).data == PICTURE
    with pytest.raises(CannotLookError, match=r"^no picture can be read: the PNG breaks off"):
        judge.picture(PROBES[1])
