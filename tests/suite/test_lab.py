"""What the tests want to know is asked once, and what nobody can answer ends in a sentence."""

import json

import pytest

from contracts.exchange import Ask, NotCarriedError, Reply, Trouble
from contracts.key import KeyUse
from contracts.probe import Probe, asking
from contracts.run import OPENING
from contracts.verdict import CannotLookError, Verdict
from suite.labs import (
    DOWN,
    GARBLED,
    HOST,
    LATE,
    MINIMAL,
    PICTURE,
    Answer,
    Asking,
    drawn,
    error,
    fault,
    fields_of,
    list_of_models,
    picture_of,
    unkeyed,
)

EMPTY, FIRST = OPENING
URL = f"{HOST}/v1"
LINK = "https://pictures.example/1.png"
FILE = Reply(200, (("content-type", "image/png"),), PICTURE)


def moved(where: str, status: int = 302) -> Reply:
    return Reply(status, (("location", where),), b"")


# Asking once --------------------------------------------------------------------------------------


def test_what_was_asked_once_is_not_asked_again() -> None:
    asked = Asking(drawn())
    probe = picture_of()
    first = asked.lab.look(probe)
    assert asked.lab.look(probe) is first
    asked.lab.look_together([probe, picture_of(1)])
    assert asked.lab.shot(probe) == asked.lab.shot(probe)
    assert asked.tries == {"picture/1": 1}


def test_a_failure_is_remembered_as_well() -> None:
    asked = Asking(LATE, drawn())
    assert asked.cannot(picture_of()) == (Verdict.INCONCLUSIVE, LATE.sentence)
    assert asked.cannot(picture_of()) == (Verdict.INCONCLUSIVE, LATE.sentence)
    assert len(asked.asked) == 1


def test_a_probe_goes_where_it_says_as_it_was_written_down() -> None:
    asked = Asking(drawn(), base_url=f"{HOST}/api/v1")
    rooted = Probe(id="x", method="GET", path="/no-api", rooted=True, headers=(), key=KeyUse.NONE)
    probe = picture_of()
    asked.lab.look(probe)
    asked.lab.look(rooted)
    one, other = asked.asked
    assert (one.method, one.url) == ("POST", f"{HOST}/api/v1/images/generations")
    assert (one.headers, one.body, one.key) == (probe.headers, probe.body, KeyUse.RIGHT)
    assert (other.method, other.url, other.key) == ("GET", f"{HOST}/no-api", KeyUse.NONE)


def test_a_picture_has_time_and_a_refusal_has_less() -> None:
    asked = Asking(drawn())
    asked.lab.look(picture_of())
    asked.lab.look(list_of_models())
    assert [ask.seconds for ask in asked.asked] == [None, 10.0]


def test_what_is_to_be_asked_alone_is_asked_in_its_place() -> None:
    asked = Asking(drawn())
    places = [picture_of(number, alone=number != 4) for number in (1, 2, 3, 4, 5)]
    asked.lab.look_together(places)
    assert [one.name for one in asked.lab.exchanges] == [place.id for place in places]


def test_who_looks_at_several_meets_the_reason_again_where_one_failed() -> None:
    asked = Asking(drawn(), max_images=1)
    asked.lab.look_together([picture_of(1, alone=True), picture_of(2)])
    assert asked.lab.look(picture_of(1)).reply == drawn()
    assert asked.cannot(picture_of(2)) == (
        Verdict.NOT_RUN,
        "the budget of 1 picture is spent (--max-images)",
    )


def test_an_accepted_request_has_a_shot_and_a_refused_one_has_none() -> None:
    asked = Asking(lambda ask: drawn(3) if fields_of(ask).get("steps") is None else error(400))
    shot = asked.lab.shot(picture_of())
    assert shot is not None
    assert (shot.item["seed"], shot.asked["prompt"], shot.number) == (3, "a lighthouse", 1)
    assert asked.lab.shot(fault()) is None


# A drawn seed, repeated ---------------------------------------------------------------------------

AGAIN = asking("again", MINIMAL, draws=True, seed_of="picture/1")


def test_a_probe_repeats_the_seed_that_was_drawn_for_another() -> None:
    asked = Asking(drawn(123))
    asked.lab.look(picture_of())
    shot = asked.lab.shot(AGAIN)
    assert shot is not None
    assert json.loads(asked.asked[1].body) == {**MINIMAL, "seed": 123}
    assert shot.asked == {**MINIMAL, "seed": 123}


@pytest.mark.parametrize(
    "before",
    [
        None,
        drawn("7"),
        drawn(seed=True),
        drawn(None),
        error(400),
        error(500),
        LATE,
        Reply(200, (), b"<html>"),
    ],
    ids=["not asked", "text", "true", "null", "refused", "failed", "late", "HTML"],
)
def test_without_a_drawn_seed_nothing_is_sent(before: Answer | None) -> None:
    asked = Asking(before or drawn())
    if before is not None:
        asked.lab.look_together([picture_of()])
    sent = len(asked.asked)
    assert asked.cannot(AGAIN) == (
        Verdict.INCONCLUSIVE,
        "no drawn seed came to be repeated",
    )
    assert len(asked.asked) == sent


# A 500 where a refusal is due ---------------------------------------------------------------------


@pytest.mark.parametrize("probe", [fault(), picture_of()])
def test_a_500_is_asked_once_until_somebody_wants_it_again(probe: Probe) -> None:
    asked = Asking(error(500, "oops"))
    assert asked.cannot(probe) == (Verdict.INCONCLUSIVE, 'the server answered 500 ("oops")')
    assert asked.tries == {probe.id: 1}
    assert asked.images == 0


def test_what_is_asked_again_does_not_change_what_came_first() -> None:
    asked = Asking(error(422), error(500))
    first = asked.lab.look(fault())
    assert asked.lab.again(fault()).reply == error(500)
    assert asked.lab.look(fault()) is first
    assert asked.tries == {"fault/1": 2}
    assert asked.images == 0


# Opening ------------------------------------------------------------------------------------------


def api(to_empty: Answer, to_picture: Answer) -> Asking:
    return Asking(lambda ask: to_picture if ask.body else to_empty)


def test_where_there_is_an_api_two_requests_show_it() -> None:
    asked = api(error(400), drawn())
    assert asked.run.open() is None
    assert asked.tries == {EMPTY.id: 1, FIRST.id: 1}
    assert asked.run.reason is None
    asked.lab.look(FIRST)
    asked.lab.look(EMPTY)
    assert len(asked.asked) == 2


@pytest.mark.parametrize(
    ("answer", "reason", "tries"),
    [
        (DOWN, "image.example:443 refused the connection", 1),
        (LATE, "image.example:443 did not answer within 60 s", 1),
        (GARBLED, "image.example:443 does not speak HTTP/1.1", 1),
        (
            error(410, "so long"),
            f'the image API at {URL} has been retired: 410 ("so long")',
            1,
        ),
        (
            error(404, "This API is no longer available"),
            f'the image API at {URL} has been retired: 404 ("This API is no longer available")',
            1,
        ),
        (
            error(403, "该接口已下线"),
            f'the image API at {URL} has been retired: 403 ("该接口已下线")',
            1,
        ),
        (
            Reply(404, (), b"<html>nothing here</html>"),
            f'there is no image API at {URL}: 404 ("a page of HTML"); the target is a base URL, '
            "which clients complete with /images/generations",
            1,
        ),
        (
            error(405, "GET, please"),
            f'there is no image API at {URL}: 405 ("GET, please"); the target is a base URL, '
            "which clients complete with /images/generations",
            1,
        ),
        (
            moved("https://image.example/v2", 301),
            f"{URL} answered 301 and points to https://image.example/v2: "
            "check that address instead",
            1,
        ),
        (
            Reply(300, (), b""),
            f"{URL} answered 300 and points to nowhere: check that address instead",
            1,
        ),
        (error(402, "top up"), 'the balance is used up: 402 ("top up")', 1),
        (error(401, "who?"), 'the server refused the key: 401 ("who?")', 1),
        (error(502, "upstream"), 'the server answered 502 ("upstream")', 3),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else "",
)
def test_where_there_is_none_a_sentence_says_why(answer: Answer, reason: str, tries: int) -> None:
    asked = Asking(answer)
    assert asked.run.open() == reason
    assert asked.tries == {EMPTY.id: tries}
    assert asked.run.exit_code() == 3
    assert asked.cannot(picture_of()) == (Verdict.INCONCLUSIVE, reason)
    assert len(asked.asked) == tries


@pytest.mark.parametrize(
    ("answer", "reason", "tries"),
    [
        (error(403, "not for you"), 'the server refused the key: 403 ("not for you")', 1),
        (error(402, "top up"), 'the balance is used up: 402 ("top up")', 1),
        (LATE, "image.example:443 did not answer within 60 s", 1),
        (error(500, "no GPU"), 'the server answered 500 ("no GPU")', 3),
    ],
    ids=["403", "402", "late", "500"],
)
def test_where_no_picture_comes_a_sentence_says_why(
    answer: Answer, reason: str, tries: int
) -> None:
    asked = api(error(400), answer)
    assert asked.run.open() == reason
    assert asked.tries == {EMPTY.id: 1, FIRST.id: tries}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (error(503, "too many"), 'the service is overloaded: 503 ("too many")'),
        (error(429, "slowly"), 'the server was sent too many requests: 429 ("slowly")'),
        (error(500, "oops"), 'the server answered 500 ("oops")'),
        (
            error(503, "taken offline"),
            f'the image API at {URL} has been retired: 503 ("taken offline")',
        ),
    ],
    ids=["503", "429", "500", "retired"],
)
@pytest.mark.parametrize("drawing", [False, True], ids=["refusing", "drawing"])
def test_no_reason_takes_more_than_three_tries_of_a_probe(
    answer: Reply, reason: str, drawing: bool
) -> None:
    asked = api(error(400), answer) if drawing else Asking(answer)
    assert asked.run.open() == reason
    assert max(asked.tries.values()) <= 3


def test_who_fails_at_what_it_should_refuse_and_draws_is_looked_at() -> None:
    asked = api(error(500), drawn())
    assert asked.run.open() is None
    assert asked.tries[FIRST.id] == 1


@pytest.mark.parametrize("failures", [1, 2])
def test_a_failure_that_passes_is_none(failures: int) -> None:
    asked = Asking(*[error(502)] * failures, error(400), drawn())
    assert asked.run.open() is None
    assert asked.tries == {EMPTY.id: failures + 1, FIRST.id: 1}
    assert asked.passed >= 2**failures - 1


def test_a_403_to_an_empty_body_says_nothing_of_the_key() -> None:
    assert api(error(403), drawn()).run.open() is None


def test_a_reply_that_is_too_large_is_the_servers_own_doing() -> None:
    large = NotCarriedError(Trouble.TOO_LARGE, "image.example:443 sent more than 32 MiB")
    assert api(large, drawn()).run.open() is None


def test_without_leave_to_ask_the_sentence_says_which() -> None:
    asked = Asking(error(400), max_images=0)
    assert asked.run.open() == "the budget of 0 pictures is spent (--max-images)"
    assert asked.tries == {EMPTY.id: 1}  # without a prompt there is nothing to draw


# Links --------------------------------------------------------------------------------------------


def test_a_link_is_fetched_without_the_key_and_costs_no_picture() -> None:
    asked = Asking(FILE, max_images=0)
    assert asked.lab.fetch(LINK, "a link").reply == FILE
    (ask,) = asked.asked
    assert (ask.method, ask.url, ask.body, ask.headers) == ("GET", LINK, b"", ())
    assert unkeyed(ask)


def test_three_redirects_are_followed_without_the_key() -> None:
    asked = Asking(moved("/2"), moved("https://else.example/3"), moved("4"), FILE)
    assert asked.lab.fetch(LINK, "a link").reply == FILE
    assert [ask.url for ask in asked.asked] == [
        LINK,
        "https://pictures.example/2",
        "https://else.example/3",
        "https://else.example/4",
    ]
    assert all(map(unkeyed, asked.asked))


def test_a_fourth_redirect_is_what_came() -> None:
    asked = Asking(moved("/round"))
    exchange = asked.lab.fetch(LINK, "a link")
    assert exchange.reply == moved("/round")
    assert len(asked.asked) == 4


@pytest.mark.parametrize("where", ["http://[::1/2", "//[pictures]/2"])
def test_a_redirect_that_cannot_be_read_is_what_came(where: str) -> None:
    asked = Asking(moved(where))
    assert asked.lab.fetch(LINK, "a link").reply == moved(where)
    assert len(asked.asked) == 1


@pytest.mark.parametrize("reply", [FILE, error(404), Reply(304, (), b""), moved("/x", status=201)])
def test_what_does_not_lead_on_is_what_came(reply: Reply) -> None:
    asked = Asking(reply)
    assert asked.lab.fetch(LINK, "a link").reply == reply
    assert len(asked.asked) == 1


def test_after_three_links_in_vain_no_more_are_fetched() -> None:
    asked = Asking(DOWN)
    reasons = []
    for number in range(5):
        with pytest.raises(CannotLookError) as problem:
            asked.lab.fetch(LINK, f"link {number}")
        assert problem.value.verdict is Verdict.INCONCLUSIVE
        reasons.append(problem.value.reason)
    assert reasons[:3] == ["the link: image.example:443 refused the connection"] * 3
    assert reasons[3:] == ["the links before could not be fetched"] * 2
    assert len(asked.asked) == 3


def test_a_link_that_answers_lets_others_be_fetched() -> None:
    asked = Asking(DOWN, DOWN, FILE, DOWN, DOWN, FILE)
    for number in range(6):
        try:
            asked.lab.fetch(LINK, f"link {number}")
        except CannotLookError:
            continue
    assert len(asked.asked) == 6


def test_a_link_that_is_overloaded_is_tried_twice_and_one_that_is_dead_is_dead() -> None:
    asked = Asking(error(503), FILE)
    assert asked.lab.fetch(LINK, "a link").reply == FILE
    assert asked.tries == {"a link": 2}
    nowhere = NotCarriedError(Trouble.ADDRESS, "a link leads to 10.0.0.1")
    asked = Asking(nowhere)
    assert asked.lab.fetch(LINK, "a link").trouble is nowhere


def test_a_picture_that_comes_by_link_is_fetched_once() -> None:
    def answer(ask: Ask) -> Answer:
        return FILE if unkeyed(ask) else drawn(as_link=LINK)

    asked = Asking(answer)
    shot = asked.lab.shot(asking("p", MINIMAL, draws=True))
    assert shot is not None
    assert asked.lab.album.take(shot) is asked.lab.album.take(shot)
    assert asked.tries == {"p": 1, "link of p": 1}
