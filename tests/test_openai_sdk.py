"""The openai SDK, sync and async, over the socket.

Runs in two environments, with openai 3 and with openai 2; what both get is pinned here, so
both get the same.
"""

import asyncio
import base64
import hashlib
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest

from conftest import MINIMAL, Running, decoded, opened
from stepfun_mock import Choices

MAJOR = int(openai.__version__.partition(".")[0])
EVERYTHING: dict[str, Any] = {
    "model": "step-image-edit-2",
    "prompt": "A serene alpine lake at sunset, mirror reflection, photorealistic",
    "size": "768x1360",
    "n": 1,
    "extra_body": {
        "seed": 42,
        "steps": 12,
        "cfg_scale": 4.5,
        "text_mode": True,
        "negative_prompt": "people",
    },
}
PIXELS_OF_EVERYTHING = "7452753588c4dd3ded614423b4d29d4679d6bd3a4b72be8b034949dc2fee80ae"

Work = Callable[[Any], Any]
Call = Callable[..., Any]


def settings(running: Running, given: dict[str, Any]) -> dict[str, Any]:
    usual = {"base_url": running.base_url, "api_key": "some-key", "max_retries": 0}
    return {**usual, **given}


def called(running: Running, work: Work, **given: Any) -> Any:
    """Do something with a client and give its result."""
    with openai.OpenAI(**settings(running, given)) as client:
        return work(client)


def awaited(running: Running, work: Work, **given: Any) -> Any:
    """Do something with an async client and give its result."""

    async def main() -> Any:
        async with openai.AsyncOpenAI(**settings(running, given)) as client:
            return await work(client)

    return asyncio.run(main())


@pytest.fixture(params=[called, awaited], ids=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Call:
    """`call(running, work)` with the sync client, then with the async one."""
    return request.param  # type: ignore[no-any-return]


def generate(**fields: Any) -> Work:
    return lambda client: client.images.generate(**{**MINIMAL, **fields})


def downloaded(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as reply:
        assert reply.headers["content-type"] == "image/png"
        return bytes(reply.read())


def digest(png: bytes) -> str:
    return hashlib.sha256(opened(png).convert("RGB").tobytes()).hexdigest()


def test_each_environment_has_the_sdk_that_it_is_there_for() -> None:
    assert MAJOR in (2, 3)
    assert (Path(sys.prefix).name == ".venv-openai2") == (MAJOR == 2)


def test_a_picture_comes_as_a_link(running: Running, call: Call) -> None:
    reply = call(running, generate())
    (item,) = reply.data
    assert item.url.startswith(f"{running.root}/image_gen/")
    assert item.b64_json is None
    assert opened(downloaded(item.url)).size == (1024, 1024)
    assert reply.created == int(next(iter(running.mock.journal)).at)


def test_a_picture_comes_as_base64(running: Running, call: Call) -> None:
    (item,) = call(running, generate(response_format="b64_json", size="768x1360")).data
    assert item.url is None
    assert decoded(item.b64_json).size == (1360, 768)


def test_seed_and_finish_reason_survive_as_extra_attributes(running: Running, call: Call) -> None:
    (item,) = call(running, generate(extra_body={"seed": 0})).data
    assert (item.seed, item.finish_reason) == (0, "success")
    assert item.model_extra == {"seed": 0, "finish_reason": "success"}


def test_a_seed_is_drawn_where_none_is_given(running: Running, call: Call) -> None:
    seeds = {call(running, generate()).data[0].seed for _ in range(3)}
    assert len(seeds) == 3
    assert all(0 <= seed <= 2147483647 for seed in seeds)


def test_what_goes_in_extra_body_arrives(running: Running, call: Call) -> None:
    call(running, lambda client: client.images.generate(**EVERYTHING))
    (image,) = running.mock.requests
    assert (image.size, image.width, image.height) == ("768x1360", 1360, 768)
    assert (image.seed, image.steps, image.cfg_scale) == (42, 12, 4.5)
    assert (image.text_mode, image.negative_prompt, image.n) == (True, "people", 1)
    assert image.unknown == ()


def test_the_same_request_gives_the_same_bytes_and_another_seed_does_not(
    running: Running, call: Call
) -> None:
    def picture(seed: int) -> str:
        fields = generate(response_format="b64_json", extra_body={"seed": seed})
        return str(call(running, fields).data[0].b64_json)

    assert picture(7) == picture(7)
    assert picture(7) != picture(8)


def test_both_generations_of_the_sdk_get_the_same_picture(running: Running, call: Call) -> None:
    (linked,) = call(running, lambda client: client.images.generate(**EVERYTHING)).data
    (inline,) = call(
        running, lambda client: client.images.generate(**EVERYTHING, response_format="b64_json")
    ).data
    assert digest(downloaded(linked.url)) == PIXELS_OF_EVERYTHING
    assert digest(base64.b64decode(inline.b64_json)) == PIXELS_OF_EVERYTHING


def test_the_step_plan_is_a_base_url_like_any_other(running: Running, call: Call) -> None:
    base_url = f"{running.root}/step_plan/v1"
    (item,) = call(running, generate(), base_url=base_url).data
    assert opened(downloaded(item.url)).size == (1024, 1024)
    models = call(running, lambda client: client.models.list(), base_url=base_url)
    assert [model.id for model in models.data] == ["step-image-edit-2"]


def test_models_are_listed_and_shown(running: Running, call: Call) -> None:
    listed = call(running, lambda client: client.models.list())
    shown = call(running, lambda client: client.models.retrieve("step-image-edit-2"))
    assert listed.data == [shown]
    assert (shown.id, shown.object, shown.owned_by) == ("step-image-edit-2", "model", "stepai")
    assert isinstance(shown.created, int)


def refused(call: Call, running: Running, work: Work) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as caught:
        call(running, work)
    return caught.value


def test_a_wrong_size_is_a_bad_request(running: Running, call: Call) -> None:
    error = refused(call, running, generate(size="512x512"))
    assert isinstance(error, openai.BadRequestError)
    assert isinstance(error.body, dict)
    assert (error.status_code, error.body["type"], error.type) == (400,) + 2 * ("size_invalid",)
    assert error.body["message"].startswith('size must be "1024x1024", "768x1360"')
    assert error.body["message"] in str(error)


@pytest.mark.parametrize(
    ("fields", "kind", "said"),
    [
        ({"model": "dall-e-3"}, "request_params_invalid", "model must be"),
        ({"prompt": "x" * 513}, "request_params_invalid", "prompt must be"),
        ({"n": 2}, "request_params_invalid", "n must be 1, but 2 came"),
        ({"extra_body": {"seed": -1}}, "request_params_invalid", "seed must be"),
        ({"extra_body": {"steps": 51}}, "request_params_invalid", "steps must be"),
    ],
)
def test_other_wrong_values_are_bad_requests_too(
    running: Running, call: Call, fields: dict[str, Any], kind: str, said: str
) -> None:
    error = refused(call, running, generate(**fields))
    assert isinstance(error, openai.BadRequestError)
    assert isinstance(error.body, dict)
    assert error.body["type"] == kind
    assert error.body["message"].startswith(said)


def test_a_key_that_is_not_known_is_an_authentication_error(
    start: Callable[..., Running], call: Call
) -> None:
    running = start(Choices(api_keys=("the-known-key",)))
    error = refused(call, running, generate())
    assert isinstance(error, openai.AuthenticationError)
    assert (error.status_code, error.type) == (401, "invalid_api_key")
    assert "some-key" not in str(error)
    assert call(running, generate(), api_key="the-known-key").data[0].finish_reason == "success"


def test_a_model_that_is_not_listed_is_not_found(running: Running, call: Call) -> None:
    error = refused(call, running, lambda client: client.models.retrieve("step-2x-large"))
    assert isinstance(error, openai.NotFoundError)
    assert (error.status_code, error.type) == (404, "model_invalid")
    assert '"step-2x-large"' in str(error)


def test_an_endpoint_that_is_not_there_is_not_found(running: Running, call: Call) -> None:
    error = refused(
        call, running, lambda client: client.post("/images/edits", body={}, cast_to=object)
    )
    assert isinstance(error, openai.NotFoundError)


def test_a_filtered_prompt_gets_a_reason_and_no_picture(
    start: Callable[..., Running], call: Call
) -> None:
    running = start(Choices(filter_words=("forbidden",)))
    (item,) = call(running, generate(prompt="A Forbidden fruit")).data
    assert (item.finish_reason, item.url, item.b64_json) == ("content_filtered", None, None)
    assert call(running, generate()).data[0].finish_reason == "success"


def test_a_filtered_prompt_can_be_an_error_of_its_own(
    start: Callable[..., Running], call: Call
) -> None:
    running = start(Choices(filter_words=("forbidden",), filtered_reply="http_451"))
    error = refused(call, running, generate(prompt="forbidden"))
    assert (error.status_code, error.type) == (451, "censorship_blocked")


def test_a_refusal_is_not_tried_again(running: Running, call: Call) -> None:
    with pytest.raises(openai.BadRequestError):
        call(running, generate(size="1x1"), max_retries=2)
    assert len(running.mock.journal) == 1


def test_one_client_asks_many_times_at_once(running: Running) -> None:
    async def main() -> list[int]:
        async with openai.AsyncOpenAI(base_url=running.base_url, api_key="some-key") as client:
            replies = await asyncio.gather(
                *(generate(extra_body={"seed": seed})(client) for seed in range(40))
            )
        return [reply.data[0].seed for reply in replies]

    assert asyncio.run(main()) == list(range(40))
