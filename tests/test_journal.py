"""The journal: what it keeps, what it counts, and what it can no longer answer."""

import threading

import pytest

from stepfun_mock import Entry, ForgottenError, ImageRequest, Journal

REQUEST = ImageRequest("m", "p", "1024x1024", 1, "url", None, 8, 1.0, "", False)


def entry(status: int = 200, request: ImageRequest | None = None) -> Entry:
    return Entry(0, 0.0, "POST", "/v1/images/generations", status, image_request=request)


def test_entries_are_numbered_in_the_order_in_which_they_came() -> None:
    journal = Journal()
    for _ in range(3):
        journal.add(entry())
    assert [one.number for one in journal] == [1, 2, 3]
    assert len(journal) == 3


def test_the_newest_are_kept_and_all_are_counted() -> None:
    journal = Journal(kept=2)
    for status in (200, 400, 400):
        journal.add(entry(status))
    assert [one.number for one in journal] == [2, 3]
    assert (journal.total, dict(journal.statuses)) == (3, {200: 1, 400: 2})


def test_requests_are_the_valid_ones_oldest_first() -> None:
    journal = Journal()
    first, second = REQUEST._replace(prompt="first"), REQUEST._replace(prompt="second")
    for one in (entry(request=first), entry(400), entry(request=second)):
        journal.add(one)
    assert journal.requests() == [first, second]


def test_a_question_about_forgotten_requests_says_so() -> None:
    journal = Journal(kept=1)
    journal.add(entry(request=REQUEST))
    journal.add(entry())
    with pytest.raises(ForgottenError) as caught:
        journal.requests()
    assert str(caught.value) == (
        "1 valid requests came, but the journal keeps the newest 1 entries; "
        "ask its counts, reset it between tests, or make it with Journal(kept=...)"
    )


def test_clearing_forgets_entries_and_counts() -> None:
    journal = Journal()
    journal.add(entry(request=REQUEST))
    journal.clear()
    assert (len(journal), journal.total, journal.requests()) == (0, 0, [])
    journal.add(entry())
    assert [one.number for one in journal] == [1]


def test_a_journal_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="a journal keeps at least 1 entry, but 0 came"):
        Journal(kept=0)


def test_counts_are_exact_under_threads() -> None:
    journal = Journal(kept=10)

    def add_many() -> None:
        for _ in range(2000):
            journal.add(entry(request=REQUEST))

    threads = [threading.Thread(target=add_many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (journal.total, journal.image_requests, journal.statuses[200]) == (16000,) * 3


def test_requests_are_whole_while_others_come_in() -> None:
    journal = Journal()
    writing = threading.Event()

    def write() -> None:
        writing.set()
        for _ in range(5000):
            journal.add(entry(request=REQUEST))

    writer = threading.Thread(target=write)
    writer.start()
    writing.wait()
    while writer.is_alive():
        assert len(journal.requests()) <= 5000
    writer.join()


def test_entries_are_there_by_place() -> None:
    journal = Journal(kept=2)
    for _ in range(3):
        journal.add(entry())
    assert (journal[0].number, journal[-1].number) == (2, 3)


def test_it_shows_its_counts_and_nothing_that_came() -> None:
    journal = Journal()
    journal.add(entry(request=REQUEST))
    journal.add(entry())
    assert repr(journal) == "<Journal: 2 tried, 1 valid>"
