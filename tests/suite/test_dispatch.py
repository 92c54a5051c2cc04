"""Requests are sent within the budget, at a pace, twice where that helps, and written down."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from contracts.exchange import Ask, Exchange, Reply
from contracts.verdict import CannotLookError, Verdict
from suite.labs import (
    DOWN,
    GARBLED,
    LATE,
    Answer,
    Asking,
    drawn,
    error,
    fault,
    list_of_models,
    picture_of,
)

SPENT = "the budget of {} is spent ({})"


def look_at(asking: Asking, many: int) -> list[str]:
    """Why each of many probes tells nothing; empty for those that tell something."""
    reasons = []
    for number in range(many):
        try:
            asking.lab.look(picture_of(number))
        except CannotLookError as cannot:
            reasons.append(cannot.reason)
        else:
            reasons.append("")
    return reasons


# What is spent ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("images", "requests"), [(5, 150), (40, 7), (0, 150), (40, 0)])
def test_no_cap_is_passed_by_threads_together(images: int, requests: int) -> None:
    asking = Asking(drawn(), max_images=images, max_requests=requests)
    many = [picture_of(number) for number in range(30)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda part: asking.lab.look_together(many[part::8]), range(8)))
    assert len(asking.asked) == len(asking.lab.exchanges) == min(images, requests)
    words = f"{images} pictures" if images < requests else f"{requests} requests"
    flag = "--max-images" if images < requests else "--max-requests"
    verdict, reason = asking.cannot(picture_of(99))
    assert (verdict, reason) == (Verdict.NOT_RUN, SPENT.format(words, flag))


def test_what_draws_nothing_is_asked_when_no_picture_may_be_drawn() -> None:
    asking = Asking(error(400), max_images=0)
    assert asking.lab.look(list_of_models()).reply == error(400)
    assert asking.cannot(fault()) == (
        Verdict.NOT_RUN,
        SPENT.format("0 pictures", "--max-images"),
    )


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (drawn(), 1),
        (error(400), 0),
        (Reply(302, (), b""), 0),
        (error(500), 0),
        (LATE, 1),  # it may have been drawn, and be billed
        (DOWN, 1),
    ],
    ids=["drawn", "refused", "redirected", "failed", "late", "down"],
)
def test_a_picture_is_given_back_where_none_was_drawn(answer: Answer, kept: int) -> None:
    asking = Asking(answer)
    look_at(asking, 1)
    assert asking.images == kept


def test_while_a_request_is_under_way_its_picture_is_reserved() -> None:
    reserved = []

    def answer(ask: Ask) -> Answer:
        reserved.append(asking.images)
        return error(400)

    asking = Asking(answer)
    asking.lab.look(fault())
    assert reserved == [1]
    assert asking.images == 0


# What is tried again ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
def test_after_429_and_503_a_request_is_tried_once_more_and_both_are_written_down(
    status: int,
) -> None:
    asking = Asking(error(status), drawn())
    exchange = asking.lab.look(picture_of())
    assert [(one.number, one.try_, one.reply) for one in asking.lab.exchanges] == [
        (1, 1, error(status)),
        (2, 2, drawn()),
    ]
    assert exchange == asking.lab.exchanges[1]
    assert asking.lab.dispatch.retries == 1
    assert asking.images == 1


@pytest.mark.parametrize("status", [429, 503])
def test_there_is_no_third_try(status: int) -> None:
    asking = Asking(error(status, "later"))
    words = {
        429: 'the server was sent too many requests: 429 ("later")',
        503: 'the server answered 503 ("later")',
    }
    assert asking.cannot(picture_of()) == (Verdict.INCONCLUSIVE, words[status])
    assert asking.tries == {"picture/1": 2}


@pytest.mark.parametrize("status", [400, 408, 500, 502, 504])
def test_what_a_second_try_does_not_help_is_not_tried_again(status: int) -> None:
    asking = Asking(error(status))
    look_at(asking, 1)
    assert asking.tries == {"picture/0": 1}


def test_what_never_came_is_not_tried_again() -> None:
    asking = Asking(LATE)
    look_at(asking, 1)
    assert len(asking.asked) == 1
    (exchange,) = asking.lab.exchanges
    assert (exchange.reply, exchange.trouble) == (None, LATE)


@pytest.mark.parametrize(("asked_for", "waited"), [("7", 7.0), ("0.5", 0.5), ("31", 2.0)])
def test_the_second_try_comes_when_the_server_wants_it(asked_for: str, waited: float) -> None:
    asking = Asking(
        error(429, "slowly", ("retry-after", asked_for)), drawn(), base_url="http://127.0.0.1:1/v1"
    )
    asking.lab.look(picture_of())
    first, second = asking.lab.exchanges
    assert second.sent_at - first.sent_at == waited


def test_after_a_429_requests_follow_each_other_half_as_fast() -> None:
    asking = Asking(drawn(), drawn(), error(429), drawn())
    look_at(asking, 5)
    at = [one.sent_at for one in asking.lab.exchanges]
    gaps = [after - before for before, after in pairwise(at)]
    assert gaps == [1.0, 1.0, 2.0, 2.0, 2.0]


def test_after_a_429_requests_go_one_at_a_time() -> None:
    asking = Asking(drawn())
    four = threading.Barrier(4)

    def together(ask: Ask) -> Answer:
        four.wait(10)
        return drawn()

    asking.carrier.answers = together
    asking.lab.look_together(picture_of(number) for number in range(4))
    assert asking.carrier.most_at_once == 4

    pauses = threading.Event()

    def busy(ask: Ask) -> Answer:
        pauses.wait(0.01)  # room for another to come at the same time
        return drawn()

    asking.carrier.answers, asking.carrier.most_at_once = busy, 0
    asking.lab.dispatch.retries = 1
    asking.lab.look_together(picture_of(number) for number in range(4, 10))
    assert asking.carrier.most_at_once == 1


# When it is enough --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "tries", "reason"),
    [
        (LATE, 2, "image.example:443 did not answer within 60 s"),
        (DOWN, 4, "image.example:443 refused the connection"),
        (GARBLED, 8, "image.example:443 does not speak HTTP/1.1"),
        (error(502), 8, 'the server answered 502 ("no")'),
    ],
    ids=["late", "down", "garbled", "failing"],
)
def test_who_says_nothing_for_a_while_is_asked_no_more(
    answer: Answer, tries: int, reason: str
) -> None:
    asking = Asking(answer)
    reasons = look_at(asking, 12)
    closed = f"after {tries} tries in vain nothing more was sent: {reason}"
    assert reasons == [reason] * tries + [closed] * (12 - tries)
    assert len(asking.asked) == tries


def test_one_word_between_failures_is_enough_to_go_on() -> None:
    asking = Asking(LATE, drawn(), LATE, drawn(), LATE, drawn(), LATE)
    assert look_at(asking, 7)[::2] == [LATE.sentence] * 4
    assert asking.lab.dispatch.closed is None


def test_who_fails_and_still_draws_is_asked_on_and_looked_after_less_and_less() -> None:
    def answer(ask: Ask) -> Answer:
        return drawn() if b'"b64_json"' in ask.body else error(502)

    asking = Asking(answer)
    assert asking.run.lab.open([picture_of()]) is None
    for number in range(40):
        asking.cannot(fault(number))
    assert asking.tries["is anybody there"] == 2  # after 8, and after 16 more
    assert asking.lab.dispatch.closed is None


def test_who_fails_and_no_longer_draws_is_asked_no_more() -> None:
    asking = Asking(drawn(), error(502))
    assert asking.run.lab.open([picture_of()]) is None
    for number in range(8):
        asking.cannot(fault(number))
    assert asking.tries["is anybody there"] == 1
    assert asking.cannot(fault(9)) == (
        Verdict.INCONCLUSIVE,
        'after 8 tries in vain nothing more was sent: the server answered 502 ("no")',
    )


def test_a_link_that_cannot_be_fetched_says_nothing_of_the_target() -> None:
    asking = Asking(DOWN)
    for number in range(5):
        with pytest.raises(CannotLookError):
            asking.lab.fetch(f"https://pictures.example/{number}", "a link")
    assert asking.lab.dispatch.closed is None


def test_each_try_is_told_as_it_ends() -> None:
    told: list[Exchange] = []
    asking = Asking(error(429), drawn())
    asking.lab.dispatch.on_exchange = told.append
    asking.lab.look(picture_of())
    assert told == asking.lab.exchanges
