"""What a test asks of the journal, and what it reads when the answer is no."""

import pytest
from dirty_equals import IsStr

from conftest import MINIMAL, asked
from stepfun_mock import ForgottenError, Journal, MockServer, Request, StepfunMock, faults


def failure(mock: StepfunMock, times: int | None = None, **fields: object) -> str:
    with pytest.raises(AssertionError) as caught:
        mock.assert_requested(times, **fields)
    return str(caught.value)


def test_one_request_among_others_is_enough(mock: StepfunMock) -> None:
    asked(mock, {**MINIMAL, "seed": 1})
    asked(mock, {**MINIMAL, "seed": 2, "size": "768x1360"})
    mock.assert_requested()
    mock.assert_requested(seed=2, width=1360, height=768)
    mock.assert_requested(prompt=IsStr(regex="A red.*"), times=2)
    mock.assert_requested(0, seed=3)


def test_every_try_counts(mock: StepfunMock) -> None:
    mock.script(faults.overloaded(times=2))
    for _ in range(3):
        asked(mock, MINIMAL)
    mock.assert_requested(times=3, prompt=MINIMAL["prompt"])


def test_a_miss_shows_every_request_the_most_similar_first_and_the_remedy(
    mock: StepfunMock,
) -> None:
    asked(mock, {**MINIMAL, "prompt": "A wolf", "steps": 30})
    asked(mock, {**MINIMAL, "prompt": "A blue fox in the rain"})
    asked(mock, {**MINIMAL, "prompt": "A red fox in the rain"})
    asked(mock, {**MINIMAL, "steps": 51})
    assert failure(mock, prompt="A red fox in the snow", steps=8) == (
        "no request for a picture with prompt='A red fox in the snow' and steps=8 came, of 3\n"
        "  #3 (200): prompt was 'A red fox in the rain', not 'A red fox in the snow'\n"
        "  #2 (200): prompt was 'A blue fox in the rain', not 'A red fox in the snow'\n"
        "  #1 (200): prompt was 'A wolf', not 'A red fox in the snow'; steps was 30, not 8\n"
        "  refused: #4 POST /v1/images/generations 400, steps must be an integer from 1 to 50, "
        "but 51 came; leave it out for 8\n"
        "fields that a client left out have their documented defaults: name only the fields that "
        "matter, or give an object that decides by =="
    )


def test_requests_that_differ_alike_share_a_line(mock: StepfunMock) -> None:
    mock.script(faults.rate_limited())
    for _ in range(7):
        asked(mock, {**MINIMAL, "seed": 1})
    told = failure(mock, seed=2).splitlines()
    assert told[1] == (
        "  #1 (429), #2 (200), #3 (200), #4 (200), #5 (200) and 2 more: seed was 1, not 2"
    )
    assert len(told) == 3


def test_too_many_are_named_with_the_reason_that_it_often_has(mock: StepfunMock) -> None:
    for seed in (1, 1, 2):
        asked(mock, {**MINIMAL, "seed": seed})
    assert failure(mock, 1, seed=1) == (
        "1 request for a picture with seed=1 expected, 2 of 3 came: #1 (200), #2 (200)\n"
        "  #3 (200): seed was 2, not 1\n"
        "every try counts, a client's own retries too: OpenAI(max_retries=0) makes none"
    )


def test_too_few_are_told_with_those_that_differ(mock: StepfunMock) -> None:
    for seed in (1, 2):
        asked(mock, {**MINIMAL, "seed": seed})
    assert failure(mock, 2, seed=1) == (
        "2 requests for a picture with seed=1 expected, 1 of 2 came: #1 (200)\n"
        "  #2 (200): seed was 2, not 1\n"
        "the others above differ, or were never sent; .journal has every try in order"
    )


def test_where_nothing_came_the_address_is_told(mock: StepfunMock) -> None:
    assert failure(mock) == (
        "no request for a picture came, of 0\n"
        "nothing reached the mock, which answers https://api.stepfun.ai/v1 in this process: give "
        "the client that base URL; child processes, and clients that are not built on httpx or "
        "httpx2, need the fixture stepfun_server"
    )


def test_a_server_tells_its_own_address() -> None:
    with MockServer() as server:
        with pytest.raises(AssertionError) as caught:
            server.assert_requested()
        assert str(caught.value) == (
            "no request for a picture came, of 0\n"
            f"nothing reached the server at {server.base_url}: give the client that base URL; a "
            "child process has it in STEP_BASE_URL, if it gets the environment of the test"
        )


def test_what_must_not_come_is_told_with_the_way_to_forget(mock: StepfunMock) -> None:
    asked(mock, {**MINIMAL, "seed": 1})
    assert failure(mock, 0, seed=1).endswith(
        "what came before the part under test is forgotten by .journal.clear() of the fixture"
    )


def test_a_size_read_the_other_way_round_is_told_so(mock: StepfunMock) -> None:
    asked(mock, {**MINIMAL, "size": "768x1360"})
    assert "size was '768x1360', not '1360x768': size has the height first" in failure(
        mock, size="1360x768"
    )


def test_where_every_try_was_refused_the_refusals_are_told(mock: StepfunMock) -> None:
    asked(mock, {**MINIMAL, "size": "1x1"})
    told = failure(mock, size="1024x1024").splitlines()
    assert told[0] == "no request for a picture with size='1024x1024' came, of 0"
    assert told[1].startswith("  refused: #1 POST /v1/images/generations 400, size must be")
    assert told[2] == "no try was valid: send what the refusals above ask for"


def test_thousands_of_requests_stay_readable(mock: StepfunMock) -> None:
    for seed in range(200):
        asked(mock, {**MINIMAL, "seed": seed, "response_format": "url"})
    told = failure(mock, seed=999).splitlines()
    assert len(told) == 53
    assert told[-2] == "  and 150 more that differ at least as much"


def test_the_most_similar_of_very_many_is_shown_first(mock: StepfunMock) -> None:
    for number in range(60):
        asked(mock, {**MINIMAL, "prompt": f"{number} lighthouses by night"})
    asked(mock, {**MINIMAL, "prompt": "A red fox in the snoww"})
    told = failure(mock, prompt="A red fox in the snow").splitlines()
    assert told[1].startswith("  #61 (200): ")


def test_many_refusals_stay_readable(mock: StepfunMock) -> None:
    for _ in range(30):
        asked(mock, {})
    told = failure(mock).splitlines()
    assert told[-2] == "  and 10 more; .journal has them"


@pytest.mark.parametrize("times", [-1, True, 1.0, "1"])
def test_a_count_that_is_none_is_refused(mock: StepfunMock, times: int) -> None:
    with pytest.raises(ValueError, match="times is a whole number from 0, or None, but"):
        mock.assert_requested(times)


def test_an_unknown_field_is_refused_even_where_nothing_came(mock: StepfunMock) -> None:
    with pytest.raises(TypeError, match='no field "promt"; did you mean "prompt"'):
        mock.assert_requested(promt="x")


def test_what_the_journal_forgot_is_not_answered(mock: StepfunMock) -> None:
    mock = StepfunMock(journal=Journal(kept=2))
    for seed in range(3):
        asked(mock, {**MINIMAL, "seed": seed})
    mock.assert_requested(seed=2)
    for question in ({"seed": 0}, {"times": 1, "seed": 2}, {"times": 3}):
        with pytest.raises(ForgottenError, match="3 valid requests came"):
            mock.assert_requested(**question)


def test_nothing_at_all_may_have_come(mock: StepfunMock) -> None:
    mock.assert_not_requested()
    asked(mock, {})
    mock.handle(Request("GET", "/v1/models", {"authorization": "Bearer k"}))
    with pytest.raises(AssertionError) as caught:
        mock.assert_not_requested()
    assert str(caught.value) == (
        "nothing was to ask the mock, but 2 requests came:\n"
        '  #1 POST /v1/images/generations 400, model must be "step-image-edit-2", but it is '
        'missing; send "step-image-edit-2"\n'
        "  #2 GET /v1/models 200\n"
        "what came before the part under test is forgotten by .journal.clear() of the fixture"
    )
    mock.journal.clear()
    mock.assert_not_requested()
