"""The mock in this process: what each route answers, and what is written down of it."""

import base64
import io
import json
import logging
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from PIL import Image

from conftest import GENERATIONS, HEADERS, MINIMAL, answered, asked, decoded, item, opened
from stepfun_mock import Choices, Clock, Journal, Request, Response, StepfunMock, contract, refusals
from stepfun_mock.journal import Exchange
from stepfun_mock.requestlog import line

PLAN = "/step_plan"
Generate = Callable[..., Response]


def got(mock: StepfunMock, path: str, method: str = "GET", **headers: str) -> Response:
    path, _, query = path.partition("?")
    return mock.handle(Request(method, path, {**HEADERS, **headers}, query=query))


def fetched(mock: StepfunMock, url: str) -> Response:
    return got(mock, url.removeprefix("http://127.0.0.1:8793"))


def error_of(response: Response) -> Any:
    error = answered(response)["error"]
    assert set(error) == {"message", "type"}
    return error


# Drawing -----------------------------------------------------------------------


def test_watchers_see_every_exchange_and_one_that_fails_spoils_nothing(
    mock: StepfunMock, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(exchange: Exchange) -> None:
        raise ZeroDivisionError

    seen: list[Exchange] = []
    mock.watch(fail)
    mock.watch(seen.append)
    response = asked(mock, MINIMAL)
    mock.reset()
    assert asked(mock, {}).status == 400
    assert response.status == 200
    assert [one.entry.status for one in seen] == [200, 400]
    assert seen[0].response is response
    assert json.loads(seen[0].request.body) == MINIMAL
    assert "a watcher failed" in caplog.text


def test_a_reply_has_the_fields_of_the_page_and_no_others(generate: Generate) -> None:
    response = generate(seed=5)
    reply = answered(response)
    assert response.headers == (("content-type", "application/json"),)
    assert set(reply) == {"created", "data"}
    assert set(item(response)) == {"url", "seed", "finish_reason"}
    assert item(response)["finish_reason"] == "success"


def test_created_is_the_time_of_the_mock_in_whole_seconds(
    generate: Generate, mock: StepfunMock
) -> None:
    mock.clock.freeze(at=1_780_000_000.9)
    assert answered(generate())["created"] == 1_780_000_000
    mock.clock.advance(hours=1)
    assert answered(generate())["created"] == 1_780_003_600


@pytest.mark.parametrize(
    ("fields", "payload"),
    [
        ({}, "url"),
        ({"response_format": "url"}, "url"),
        ({"response_format": "b64_json"}, "b64_json"),
    ],
)
def test_the_picture_comes_as_asked_and_as_a_link_unasked(
    generate: Generate, fields: dict[str, Any], payload: str
) -> None:
    assert set(item(generate(**fields))) == {payload, "seed", "finish_reason"}


@pytest.mark.parametrize("size", contract.MODELS[0].parameters[1].values)
def test_the_picture_is_as_high_as_the_first_figure_of_size(generate: Generate, size: str) -> None:
    height, width = map(int, size.split("x"))
    picture = decoded(item(generate(size=size, response_format="b64_json"))["b64_json"])
    assert (picture.format, picture.height, picture.width) == ("PNG", height, width)


def test_base64_is_the_standard_alphabet_padded(generate: Generate) -> None:
    text = item(generate(response_format="b64_json", seed=3))["b64_json"]
    assert base64.b64encode(base64.b64decode(text, validate=True)).decode() == text


@pytest.mark.parametrize("seed", [0, 1, 2147483647])
def test_a_given_seed_is_echoed_and_0_is_a_seed(generate: Generate, seed: int) -> None:
    assert item(generate(seed=seed))["seed"] == seed


def test_a_drawn_seed_is_echoed_and_gives_the_same_picture_again(generate: Generate) -> None:
    drawn = item(generate(response_format="b64_json"))
    again = item(generate(response_format="b64_json", seed=drawn["seed"]))
    assert again["b64_json"] == drawn["b64_json"]


def test_drawn_seeds_spread_over_the_whole_range(generate: Generate) -> None:
    seeds = [item(generate())["seed"] for _ in range(400)]
    assert len(set(seeds)) > 395
    assert min(seeds) < 0.05 * 2**31
    assert max(seeds) > 0.95 * 2**31


def test_seeds_come_from_a_generator_of_the_mocks_own() -> None:
    first, second = (StepfunMock(random=Random(1)) for _ in range(2))
    assert item(asked(first, MINIMAL))["seed"] == item(asked(second, MINIMAL))["seed"]


def test_the_negative_prompt_changes_nothing_at_cfg_scale_1_and_something_above(
    generate: Generate,
) -> None:
    def pixels(**fields: Any) -> bytes:
        fields |= {"seed": 4, "response_format": "b64_json"}
        return decoded(item(generate(**fields))["b64_json"]).convert("RGB").tobytes()

    assert pixels(negative_prompt="fog") == pixels() == pixels(cfg_scale=1)
    assert pixels(negative_prompt="fog", cfg_scale=1.5) != pixels(cfg_scale=1.5)


def test_left_out_parameters_draw_what_the_documented_defaults_draw(generate: Generate) -> None:
    spelled = {
        "size": "1024x1024",
        "n": 1,
        "steps": 8,
        "cfg_scale": 1.0,
        "negative_prompt": "",
        "text_mode": False,
    }
    short = item(generate(seed=4, response_format="b64_json"))
    assert item(generate(seed=4, response_format="b64_json", **spelled)) == short


def test_the_step_plan_twin_answers_alike(mock: StepfunMock) -> None:
    body = json.dumps({**MINIMAL, "seed": 1, "response_format": "b64_json"}).encode()
    replies = [
        mock.handle(Request("POST", f"{start}{GENERATIONS}", HEADERS, body)) for start in ("", PLAN)
    ]
    assert replies[0] == replies[1]


# Links ---------------------------------------------------------------------------


def test_a_link_gives_the_picture_that_base64_gives(generate: Generate, mock: StepfunMock) -> None:
    fields = {"seed": 9, "size": "768x1360", "prompt": "雪 and a fox", "steps": 3, "cfg_scale": 2}
    response = fetched(mock, item(generate(**fields))["url"])
    assert (response.status, response.headers) == (200, (("content-type", "image/png"),))
    inline = item(generate(**fields, response_format="b64_json"))["b64_json"]
    assert response.body == base64.b64decode(inline)
    assert opened(response.body).text["prompt"] == "雪 and a fox"  # type: ignore[attr-defined]


def test_a_link_is_dead_after_two_hours_of_the_mocks_clock(
    generate: Generate, mock: StepfunMock
) -> None:
    url = item(generate())["url"]
    mock.clock.advance(seconds=7199)
    assert fetched(mock, url).status == 200
    mock.clock.advance(seconds=1)
    assert error_of(fetched(mock, url))["type"] == "link_dead"


def test_a_link_stands_on_the_address_that_the_client_used(mock: StepfunMock) -> None:
    assert item(asked(mock, MINIMAL, host="localhost:1234"))["url"].startswith(
        "http://localhost:1234/image_gen/"
    )
    body = json.dumps(MINIMAL).encode()
    headers = {**HEADERS, "host": "api.stepfun.ai"}
    secure = mock.handle(Request("POST", GENERATIONS, headers, body, scheme="https"))
    assert item(secure)["url"].startswith("https://api.stepfun.ai/image_gen/")


def test_a_host_that_no_socket_lets_in_leaves_the_reply_json(mock: StepfunMock) -> None:
    host = 'a"\\b\n狐'
    assert item(asked(mock, MINIMAL, host=host))["url"].startswith(f"http://{host}/image_gen/")


def test_mocks_of_one_secret_serve_each_others_links() -> None:
    first, second, other = (StepfunMock(secret=secret) for secret in (b"a", b"a", b"b"))
    url = item(asked(first, MINIMAL))["url"]
    assert [fetched(mock, url).status for mock in (second, other)] == [200, 404]


def test_head_of_a_link_is_answered_like_get(generate: Generate, mock: StepfunMock) -> None:
    path = item(generate())["url"].removeprefix("http://127.0.0.1:8793")
    assert got(mock, path, "HEAD") == got(mock, path)


# Keys, content types, routes ------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (None, 'no Authorization header came; send "Authorization: Bearer <key>"'),
        ("", "the Authorization header is not of the Bearer scheme; send"),
        ("Basic a2V5", "the Authorization header is not of the Bearer scheme; send"),
        ("a-key-alone", "the Authorization header is not of the Bearer scheme; send"),
        ("Bearer", "the key is empty; send"),
        ("Bearer   ", "the key is empty; send"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", GENERATIONS), ("GET", "/v1/models"), ("GET", "/v1/models/step-image-edit-2")],
)
def test_a_request_without_a_key_is_refused_before_its_body_is_read(
    mock: StepfunMock, header: str | None, why: str, method: str, path: str
) -> None:
    headers = {} if header is None else {"authorization": header}
    response = mock.handle(Request(method, path, headers, b"not json"))
    assert response.status == 401
    assert error_of(response)["type"] == "invalid_api_key"
    assert error_of(response)["message"].startswith(f"Incorrect API key provided: {why}")


def test_a_known_key_passes_as_text_and_as_the_bytes_of_a_socket() -> None:
    mock = StepfunMock(choices=Choices(api_keys=("zwei-ü",)))
    for key in (mock.api_key, mock.api_key.encode().decode("latin-1")):
        assert asked(mock, MINIMAL, authorization=f"Bearer {key}").status == 200


def test_any_key_will_do_unless_some_are_named() -> None:
    named = StepfunMock(choices=Choices(api_keys=("one", "zwei-ü")))
    statuses = {
        key: asked(named, MINIMAL, authorization=f"Bearer {key}").status
        for key in ("one", "One", "on", "one2", "zwei-ü".encode().decode("latin-1"))
    }
    assert list(statuses.values()) == [200, 401, 401, 401, 200]
    assert asked(StepfunMock(), MINIMAL, authorization="bearer x").status == 200


def test_the_mock_names_a_key_that_it_accepts() -> None:
    for mock in (StepfunMock(), StepfunMock(choices=Choices(api_keys=("one", "two")))):
        assert asked(mock, MINIMAL, authorization=f"Bearer {mock.api_key}").status == 200


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"content-type": ""}, "the content type must be application/json, but none came"),
        ({"content-type": "text/plain"}, 'application/json, but "text/plain" came'),
        ({"content-type": "application/jsonp"}, 'application/json, but "application/jsonp" came'),
        ({"content-encoding": "gzip"}, 'as it is, but content-encoding "gzip" came'),
        ({"transfer-encoding": "gzip, chunked"}, 'but transfer-encoding "gzip, chunked" came'),
    ],
)
def test_a_body_of_another_kind_is_refused(
    mock: StepfunMock, headers: dict[str, str], message: str
) -> None:
    response = asked(mock, MINIMAL, **headers)
    assert response.status == 415
    assert message in error_of(response)["message"]


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_name_its_charset(mock: StepfunMock, kind: str) -> None:
    assert asked(mock, MINIMAL, **{"content-type": kind}).status == 200


@pytest.mark.parametrize("start", ["", PLAN])
def test_models_are_listed_and_shown(mock: StepfunMock, start: str) -> None:
    listed = answered(got(mock, f"{start}/v1/models"))
    assert listed["object"] == "list"
    (model,) = listed["data"]
    assert model == answered(got(mock, f"{start}/v1/models/step-image-edit-2"))
    assert (model["id"], model["object"], model["owned_by"]) == (
        "step-image-edit-2",
        "model",
        "stepai",
    )


def test_a_model_that_is_not_listed_is_refused_as_reported(mock: StepfunMock) -> None:
    response = got(mock, "/v1/models/step-1x-medium")
    assert response.status == 404
    assert error_of(response) == {
        "message": 'The model "step-1x-medium" does not exist or you do not have access to it. '
        "There is step-image-edit-2.",
        "type": "model_invalid",
    }


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/zzz", b""),
        ("/v1", b""),
        ("/v1/images/generations/", b""),
        ("/v1/models/", b""),
        ("/v1/models/a/b", b""),
        ("/step_plan/zzz", b"404 page not found"),
        ("/step_plan/v1/zzz", b"404 page not found"),
    ],
)
def test_unknown_paths_are_answered_as_reported_and_explained_in_the_journal(
    mock: StepfunMock, path: str, body: bytes
) -> None:
    response = got(mock, path)
    assert (response.status, response.body) == (404, body)
    (entry,) = mock.journal
    assert entry.message == "there is no such path; the image API is at /v1/images/generations"


@pytest.mark.parametrize("path", ["/", "/images/generations", "/v2/images/generations"])
def test_a_path_without_the_prefix_is_told_where_a_base_url_ends(
    mock: StepfunMock, path: str
) -> None:
    response = got(mock, path)
    assert response.status == 404
    assert error_of(response) == {
        "message": "there is no such path; the image API is at /v1/images/generations, "
        "so a base URL ends in /v1",
        "type": "path_unknown",
    }


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", GENERATIONS, "POST"),
        ("PUT", GENERATIONS, "POST"),
        ("OPTIONS", GENERATIONS, "POST"),
        ("HEAD", GENERATIONS, "POST"),
        ("POST", "/v1/models", "GET, HEAD"),
        ("DELETE", "/v1/models/step-image-edit-2", "GET, HEAD"),
        ("POST", "/image_gen/20260528/x.png", "GET, HEAD"),
    ],
)
def test_a_known_path_with_another_verb_names_the_right_one(
    mock: StepfunMock, method: str, path: str, allow: str
) -> None:
    response = got(mock, path, method)
    assert response.status == 405
    assert ("allow", allow) in response.headers
    assert f"but {method} came" in error_of(response)["message"]


# Choices --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "filtered"),
    [
        ("a Blood moon", True),
        ("bloody", False),
        ("BLOOD", True),
        ("血の海", True),
        ("blood-red", True),
        ("a fox", False),
    ],
)
def test_words_of_the_filter_match_whole_and_in_any_case(prompt: str, filtered: bool) -> None:
    mock = StepfunMock(choices=Choices(filter_words=("blood", "血")))
    reason = item(asked(mock, {**MINIMAL, "prompt": prompt}))["finish_reason"]
    assert (reason == "content_filtered") is filtered


@pytest.mark.parametrize(
    ("reply", "fields"),
    [
        ("without_picture", {"seed", "finish_reason"}),
        ("with_picture", {"seed", "finish_reason", "url"}),
    ],
)
def test_a_filtered_reply_carries_what_the_choice_says(reply: Any, fields: set[str]) -> None:
    mock = StepfunMock(choices=Choices(filter_words=("fox",), filtered_reply=reply))
    assert set(item(asked(mock, MINIMAL))) == fields
    assert item(asked(mock, MINIMAL))["finish_reason"] == "content_filtered"


def test_a_filtered_prompt_gets_451_where_the_choice_says_so() -> None:
    mock = StepfunMock(choices=Choices(filter_words=("fox",), filtered_reply="http_451"))
    response = asked(mock, MINIMAL)
    assert response.status == 451
    assert error_of(response) == {
        "message": "The content you provided or machine outputted is blocked.",
        "type": "censorship_blocked",
    }
    assert next(iter(mock.journal)).finish_reason == "content_filtered"


def test_extras_that_were_reported_can_be_switched_on() -> None:
    mock = StepfunMock(choices=Choices(error_description=True, reply_id=True, cors=True))
    response = asked(mock, MINIMAL)
    first, dot, second = answered(response)["id"].partition(".")
    assert (len(first), dot, len(second)) == (32, ".", 32)
    assert ("access-control-allow-origin", "*") in response.headers
    error = answered(asked(mock, {}))["error"]
    assert error["description"] == error["message"]


def test_a_preflight_is_answered_only_with_cors() -> None:
    response = got(StepfunMock(choices=Choices(cors=True)), GENERATIONS, "OPTIONS")
    assert response.status == 204
    assert dict(response.headers)["access-control-allow-headers"] == "*, Authorization"


def test_link_life_is_a_choice() -> None:
    mock = StepfunMock(choices=Choices(link_life=5), clock=Clock(lambda: 1000.0))
    url = item(asked(mock, MINIMAL))["url"]
    mock.clock.advance(seconds=4)
    assert fetched(mock, url).status == 200
    mock.clock.advance(seconds=1)
    assert fetched(mock, url).status == 404


# The journal ------------------------------------------------------------------------


def test_what_was_asked_and_answered_is_written_down(generate: Generate, mock: StepfunMock) -> None:
    generate(seed=3)
    generate(steps=0)
    well, badly = mock.journal
    assert (well.method, well.path, well.status, well.seed) == ("POST", GENERATIONS, 200, 3)
    assert (well.finish_reason, well.refusal, well.at) == ("success", None, 1_780_000_000)
    assert well.image_request == mock.requests[0]
    assert (badly.status, badly.refusal, badly.image_request) == (400, "parameter.refused", None)
    assert badly.message == "steps must be an integer from 1 to 50, but 0 came; leave it out for 8"


def test_reset_forgets_what_was_asked_and_returns_to_real_time(
    generate: Generate, mock: StepfunMock
) -> None:
    generate()
    mock.reset()
    assert mock.requests == []
    assert mock.clock.now() > 1_780_000_000


def test_a_journal_can_be_handed_in() -> None:
    journal = Journal(kept=1)
    mock = StepfunMock(journal=journal)
    asked(mock, MINIMAL)
    assert len(journal) == 1


KEYS = {
    "short": "sk-CANARY-0123456789",
    "long": "sk-CANARY-" + "0123456789abcdef" * 6,
    "spaced": "sk-CANARY-0123 sk-CANARY-4567",
}
HEADER_FORMS = {"plain": "Bearer {}", "padded": "Bearer  {} ", "basic": "Basic {}", "bare": "{}"}
PLACES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "model": ("POST", GENERATIONS, {"model": "KEY"}),
    "size": ("POST", GENERATIONS, {"size": "KEY"}),
    "steps": ("POST", GENERATIONS, {"steps": "KEY"}),
    "prompt": ("POST", GENERATIONS, {"prompt": "a fox KEY"}),
    "negative": ("POST", GENERATIONS, {"negative_prompt": "KEY"}),
    "unknown": ("POST", GENERATIONS, {"KEY": 1}),
    "model path": ("GET", "/v1/models/KEY", {}),
    "path": ("GET", "/v1/KEY", {}),
    "link": ("GET", "/image_gen/KEY?key=KEY", {}),
}


@pytest.mark.parametrize("form", HEADER_FORMS.values(), ids=HEADER_FORMS)
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("place", PLACES)
def test_a_key_is_never_written_down_nor_sent_back_wherever_it_comes(
    mock: StepfunMock, caplog: pytest.LogCaptureFixture, place: str, key: str, form: str
) -> None:
    caplog.set_level(logging.DEBUG)
    method, path, fields = PLACES[place]
    path, _, query = path.replace("KEY", key).partition("?")
    body = json.dumps({**MINIMAL, **fields, "response_format": "b64_json"}).replace("KEY", key)
    headers = {**HEADERS, "authorization": form.format(key)}
    response = mock.handle(Request(method, path, headers, body.encode(), query))
    (entry,) = mock.journal
    assert "CANARY" not in repr(entry)
    assert "CANARY" not in line(entry)
    assert "CANARY" not in caplog.text
    assert b"CANARY" not in response.body


def test_a_known_key_is_not_written_down_where_no_key_came() -> None:
    mock = StepfunMock(choices=Choices(api_keys=("sk-CANARY-0123456789",)))
    mock.handle(Request("GET", "/v1/sk-CANARY-0123456789"))
    assert "CANARY" not in repr(list(mock.journal))


def test_very_short_keys_are_words_like_others(mock: StepfunMock) -> None:
    asked(mock, {**MINIMAL, "model": "fox"}, authorization="Bearer fox")
    assert 'the text "fox" came' in str(next(iter(mock.journal)).message)


def test_a_prompt_without_the_key_is_written_down_as_it_is(
    generate: Generate, mock: StepfunMock
) -> None:
    generate()
    assert mock.requests[0].prompt == MINIMAL["prompt"]


def test_a_key_that_was_refused_is_not_shown_to_anybody() -> None:
    mock = StepfunMock(choices=Choices(api_keys=("another-known-key",)))
    response = asked(mock, MINIMAL, authorization="Bearer sk-CANARY-0123456789")
    assert response.status == 401
    assert b"CANARY" not in response.body
    assert b"another" not in response.body


def test_a_fault_of_the_mock_itself_is_a_500_in_the_envelope_and_leaves_an_entry(
    mock: StepfunMock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*given: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr("stepfun_mock.replies.draw", broken)
    response = asked(mock, {**MINIMAL, "response_format": "b64_json"})
    assert response.status == 500
    assert error_of(response) == {
        "message": "stepfun-mock itself failed; please report it with the traceback that it logged",
        "type": "mock_error",
    }
    assert [one.refusal for one in mock.journal] == ["mock.bug"]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/v1/models/\ud800", HEADERS),
        Request("GET", "/step_plan/\ud800", HEADERS),
        Request("\ud800", "/v1/models", HEADERS),
        Request("POST", GENERATIONS, {**HEADERS, "content-type": "\ud800"}),
        Request("POST", GENERATIONS, {"authorization": "Bearer \ud800\ud800\ud800\ud800\ud800"}),
    ],
)
def test_nothing_that_a_client_sends_is_a_fault_of_the_mock(
    mock: StepfunMock, request_: Request
) -> None:
    assert 400 <= mock.handle(request_).status < 500


def test_the_journal_stays_small_whatever_comes() -> None:
    mock = StepfunMock(journal=Journal(kept=100))
    names = {f"{number:05}" * 1000: 1 for number in range(100)}
    for _ in range(100):
        asked(mock, {**MINIMAL, **names})
        got(mock, "/v1/" + "x" * 60_000)
        got(mock, "/image_gen/" + "x" * 60_000, "POST")
    assert len(repr(list(mock.journal))) < 100 * 4000


def test_a_request_that_a_door_refuses_is_answered_and_written_down_alike(
    mock: StepfunMock,
) -> None:
    from stepfun_mock.errors import RefusedError

    refused = RefusedError(refusals.HOST_REFUSED, "another host")
    response = mock.refuse(Request("GET", "/v1/models"), refused)
    assert (response.status, error_of(response)["message"]) == (421, "another host")
    assert [one.refusal for one in mock.journal] == ["host.refused"]


def test_header_names_of_any_case_will_do_in_process(mock: StepfunMock) -> None:
    headers = {"Authorization": "Bearer key", "Content-Type": "application/json"}
    body = json.dumps(MINIMAL).encode()
    assert mock.handle(Request("POST", GENERATIONS, headers, body)).status == 200


@pytest.mark.parametrize("body", [MINIMAL, "text"])
def test_a_body_that_is_no_bytes_is_the_callers_slip(mock: StepfunMock, body: Any) -> None:
    with pytest.raises(TypeError) as caught:
        mock.handle(Request("POST", GENERATIONS, HEADERS, body))
    came = type(body).__name__
    assert (
        str(caught.value) == f"a body is bytes, as from json.dumps(...).encode(), but {came} came"
    )


def test_pictures_hold_what_was_asked(generate: Generate) -> None:
    inline = item(generate(seed=8, response_format="b64_json", steps=3))["b64_json"]
    text = Image.open(io.BytesIO(base64.b64decode(inline))).text  # type: ignore[attr-defined]
    assert (text["seed"], text["steps"], text["prompt"]) == ("8", "3", MINIMAL["prompt"])


# The handle -----------------------------------------------------------------------


def test_choices_change_from_the_next_request_on_and_reset_brings_them_back(
    mock: StepfunMock,
) -> None:
    assert asked(mock, {**MINIMAL, "n": 2}).status == 400
    mock.choose(n_above_one="one_picture")
    assert asked(mock, {**MINIMAL, "n": 2}).status == 200
    assert mock.choices.n_above_one == "one_picture"
    mock.reset()
    assert mock.choices == Choices()
    assert asked(mock, {**MINIMAL, "n": 2}).status == 400


def test_choices_that_there_are_not_change_nothing(mock: StepfunMock) -> None:
    with pytest.raises(ValueError, match='there is no choice "n_over_one"; did you mean'):
        mock.choose(n_over_one="one_picture")
    with pytest.raises(ValueError, match="link_life must be a whole number"):
        mock.choose(link_life=0, cors=True)
    assert mock.choices == Choices()


def test_links_given_before_a_choice_live_as_they_were_given(mock: StepfunMock) -> None:
    url = item(asked(mock, MINIMAL))["url"]
    mock.choose(link_life=1)
    mock.clock.advance(minutes=30)
    assert fetched(mock, url).status == 200


def test_it_shows_its_counts_and_no_key() -> None:
    mock = StepfunMock(choices=Choices(api_keys=("a-key-that-is-known",)))
    asked(mock, MINIMAL)
    assert repr(mock) == "<StepfunMock: 1 tried, 0 valid>"
