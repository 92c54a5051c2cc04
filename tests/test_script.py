"""The line of faults: who meets which, and what is left."""

import threading
from collections import Counter

import pytest

from conftest import MINIMAL, asked
from stepfun_mock import StepfunMock, faults
from stepfun_mock.script import Script, Verdict


def statuses(mock: StepfunMock, tries: int, **fields: object) -> list[int]:
    return [asked(mock, {**MINIMAL, **fields}).status for _ in range(tries)]


def test_faults_are_met_in_order_one_try_each(mock: StepfunMock) -> None:
    mock.script(faults.rate_limited(), faults.overloaded(times=2))
    mock.script(faults.out_of_balance())
    assert statuses(mock, 5) == [429, 503, 503, 402, 200]
    assert mock.unmet_faults() == []


def test_after_lets_tries_pass_first(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(after=2), faults.rate_limited(after=1))
    assert statuses(mock, 6) == [200, 200, 503, 200, 429, 200]


def test_a_fault_that_does_not_fit_is_passed_over(mock: StepfunMock) -> None:
    mock.script(faults.censored(when={"prompt": "A wolf"}), faults.overloaded())
    assert statuses(mock, 2) == [503, 200]
    assert statuses(mock, 1, prompt="A wolf") == [451]


def test_a_condition_needs_a_valid_request(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(when={"steps": 9}))
    assert statuses(mock, 1, steps=99) == [400]
    assert statuses(mock, 2, steps=9) == [503, 200]


def test_without_a_condition_nobody_reads_the_request(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(times=2))
    assert asked(mock, b"no json", authorization="").status == 503
    assert asked(mock, MINIMAL, authorization="").status == 503
    assert asked(mock, MINIMAL, authorization="").status == 401


def test_a_filtered_reply_needs_a_valid_request(mock: StepfunMock) -> None:
    mock.script(faults.content_filtered())
    assert asked(mock, MINIMAL, authorization="").status == 401
    assert statuses(mock, 1, steps=0) == [400]
    assert mock.unmet_faults() == ["content_filtered (met 0 of 1 times)"]
    asked(mock, MINIMAL)
    assert [entry.finish_reason for entry in mock.journal][-1] == "content_filtered"


def test_the_journal_names_the_fault_and_what_was_asked(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(times=2), faults.rate_limited(when={"seed": 4}))
    asked(mock, {**MINIMAL, "seed": 3})
    asked(mock, b"no json")
    asked(mock, {**MINIMAL, "seed": 4})
    first, second, third = mock.journal
    assert (first.fault, first.status, first.refusal) == ("overloaded", 503, "service.overloaded")
    assert (second.fault, second.image_request) == ("overloaded", None)
    assert (third.fault, third.status) == ("rate_limited", 429)
    assert [request.seed for request in mock.requests] == [3, 4]


def test_a_key_in_a_prompt_stays_out_of_the_journal_under_a_fault_too(mock: StepfunMock) -> None:
    mock.script(faults.overloaded())
    asked(mock, {**MINIMAL, "prompt": "draw a-key-of-the-test"})
    assert "a-key-of-the-test" not in repr(list(mock.journal))


def test_the_model_list_and_links_meet_no_fault(mock: StepfunMock) -> None:
    from stepfun_mock import Request

    mock.script(faults.overloaded())
    reply = mock.handle(Request("GET", "/v1/models", {"authorization": "Bearer k"}))
    assert reply.status == 200
    assert mock.unmet_faults() == ["overloaded (met 0 of 1 times)"]


def test_what_is_left_is_told_in_words(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(times=3), faults.censored(when={"prompt": "x", "seed": 1}))
    statuses(mock, 1)
    assert mock.unmet_faults() == [
        "overloaded (met 1 of 3 times)",
        "censored when prompt='x' and seed=1 (met 0 of 1 times)",
    ]


def test_reset_forgets_the_line(mock: StepfunMock) -> None:
    mock.script(faults.overloaded())
    mock.reset()
    assert mock.unmet_faults() == []
    assert statuses(mock, 1) == [200]


def test_threads_meet_a_fault_exactly_as_often_as_it_says(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(times=100), faults.rate_limited(times=50))
    met: Counter[int] = Counter()

    def work() -> None:
        mine = Counter(statuses(mock, 50))
        with lock:
            met.update(mine)

    lock = threading.Lock()
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert met == {503: 100, 429: 50, 200: 250}


def test_an_empty_line_lets_everything_pass() -> None:
    script = Script()
    assert not script
    assert script.take() is Verdict.PASS
    script.add(faults.content_filtered())
    assert script
    assert script.take() is Verdict.READ_FIRST
    script.clear()
    assert script.take() is Verdict.PASS


@pytest.mark.parametrize("when", [{"steps": 8}, {"size": "1024x1024", "seed": None}])
def test_conditions_see_defaults_filled_in(mock: StepfunMock, when: dict[str, object]) -> None:
    mock.script(faults.overloaded(when=when))
    assert statuses(mock, 1) == [503]
