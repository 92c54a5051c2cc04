"""Advice: which habits are seen, which near misses are not, and what is said of each."""

import asyncio
import json
import pickle
import subprocess
import sys
import threading
from collections.abc import Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conftest import GENERATIONS, HEADERS, MINIMAL, asked, item
from stepfun_mock import (
    Choices,
    Clock,
    Entry,
    ImageRequest,
    Request,
    Response,
    StepfunMock,
    contract,
    faults,
    refusals,
)
from stepfun_mock.advice import ADVICE, Advice, Advisor, this_task
from stepfun_mock.errors import RefusedError
from stepfun_mock.journal import Exchange
from stepfun_mock.rules import RULES

CANARY = "canary-key-0123456789abcdef"
SIZES = '"1024x1024", "768x1360", "896x1184", "1360x768" or "1184x896", the height first'


class Watched:
    """A mock with an advisor, at a time that stands unless a test moves it."""

    def __init__(self, choices: Choices | None = None, **given: Any) -> None:
        self.now = 1_780_000_000.0
        self.mock = StepfunMock(choices=choices, clock=Clock(source=lambda: self.now))
        self.advisor = Advisor(**given)
        self.mock.watch(self.advisor)

    def ask(self, after: Any = 0, **fields: Any) -> Response:
        self.now += after
        return asked(self.mock, {**MINIMAL, **fields})

    def get(self, url: str, method: str = "GET") -> Response:
        path, _, query = url.removeprefix("http://127.0.0.1:8793").partition("?")
        return self.mock.handle(Request(method, path, HEADERS, query=query))

    @property
    def ids(self) -> list[str]:
        """The ids of the advice so far."""
        return [advice.id for advice in self.advisor.so_far()]

    @property
    def message(self) -> str:
        """The message of the one piece of advice."""
        (advice,) = self.advisor.so_far()
        return advice.message


@pytest.fixture
def watched() -> Watched:
    return Watched()


# The table -------------------------------------------------------------------------


def test_every_rule_that_advice_rests_on_is_in_the_contract() -> None:
    assert {habit.rule for habit in ADVICE} <= {rule.id for rule in RULES}


def test_every_kind_of_advice_has_an_id_of_its_own() -> None:
    assert len({habit.id for habit in ADVICE}) == len(ADVICE) == 19
    assert all(habit.about for habit in ADVICE)


def test_advice_names_its_rule_and_the_entry_that_it_is_about(watched: Watched) -> None:
    watched.ask()
    watched.ask(seed=-1)
    (advice,) = watched.advisor.so_far()
    assert (advice.id, advice.rule, advice.number) == ("seed.minus_one", "seed.range", 2)


def test_a_client_without_habits_gets_no_advice(watched: Watched) -> None:
    url = item(watched.ask(seed=0, negative_prompt="fog", cfg_scale=1.5))["url"]
    assert watched.get(url).status == 200
    watched.ask(response_format="b64_json", negative_prompt="", size="768x1360", n=1)
    assert watched.ask(steps=51).status == 400
    assert watched.advisor.at_end() == ()


# Size --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "nearest"),
    [
        ("1792x1024", '1792 wide and 1024 high is "768x1360", which is 1360 wide and 768 high'),
        ("1024x1792", '1024 wide and 1792 high is "1360x768", which is 768 wide and 1360 high'),
        ("1536x1024", '1536 wide and 1024 high is "896x1184", which is 1184 wide and 896 high'),
        ("1024x1536", '1024 wide and 1536 high is "1184x896", which is 896 wide and 1184 high'),
        ("256x256", '256 wide and 256 high is "1024x1024", which is 1024 wide and 1024 high'),
        ("512x512", '512 wide and 512 high is "1024x1024", which is 1024 wide and 1024 high'),
        ("1920x1920", '1920 wide and 1920 high is "1024x1024", which is 1024 wide and 1024 high'),
        ("2048x2048", '2048 wide and 2048 high is "1024x1024", which is 1024 wide and 1024 high'),
        ("1280x800", '1280 wide and 800 high is "768x1360", which is 1360 wide and 768 high'),
        ("1536*1024", '1536 wide and 1024 high is "896x1184", which is 1184 wide and 896 high'),
        ("16:9", '16:9 is "768x1360", which is 1360 wide and 768 high'),
        ("3:4", '3:4 is "1184x896", which is 896 wide and 1184 high'),
    ],
)
def test_a_size_of_another_model_gets_the_nearest_in_shape(
    watched: Watched, size: str, nearest: str
) -> None:
    watched.ask(size=size)
    assert watched.ids == ["size.foreign"]
    shown = f'size "{size}" is not one of this model\'s, which are {SIZES}'
    assert watched.message == f"{shown}; nearest to {nearest}"


@pytest.mark.parametrize("size", ["auto", "1K", "2K", "4k", "0.5K"])
def test_a_word_for_a_size_gets_the_list_of_sizes(watched: Watched, size: str) -> None:
    watched.ask(size=size)
    assert watched.ids == ["size.foreign"]
    assert watched.message == (
        f'size "{size}" is not one of this model\'s, which are {SIZES}; '
        'send one of them, or leave size out for "1024x1024"'
    )


@pytest.mark.parametrize("size", ["768*1360", "768X1360", "768×1360", "768 x 1360", " 768x1360"])
def test_a_size_of_this_model_that_is_written_otherwise_gets_its_spelling(
    watched: Watched, size: str
) -> None:
    watched.ask(size=size)
    assert watched.ids == ["size.spelling"]
    assert watched.message == (
        f'size "{size}" is not written as this model has it; '
        'write "768x1360", which is 1360 wide and 768 high: the height comes first'
    )


@pytest.mark.parametrize(
    "size", ["large", "", "00x00", "0:9", "autox", "5K!", "1024x", f"512{' ' * 40}x512", [1], 1024]
)
def test_of_what_looks_like_no_size_of_others_nothing_is_said(
    watched: Watched, size: object
) -> None:
    assert watched.ask(size=size).status == 400
    assert watched.ids == []


def test_under_another_model_a_foreign_size_may_be_right(watched: Watched) -> None:
    assert watched.ask(model="dall-e-3", size="1792x1024", seed=-1).status == 400
    assert watched.ids == []


# Seed and negative prompt ---------------------------------------------------------------


@pytest.mark.parametrize("seed", [-1, -1.0, "-1"])
def test_seed_minus_one_is_seen(watched: Watched, seed: object) -> None:
    watched.ask(seed=seed)
    assert watched.ids == ["seed.minus_one"]
    assert watched.message == (
        "seed -1 asks for a random seed elsewhere and is refused here; "
        "leave seed out, and the reply names the one that was drawn"
    )


@pytest.mark.parametrize("seed", [-2, 2**31, "x", [-1], True])
def test_other_seeds_that_are_refused_mean_nothing(watched: Watched, seed: object) -> None:
    assert watched.ask(seed=seed).status == 400
    assert watched.ids == []


@pytest.mark.parametrize("fields", [{}, {"cfg_scale": 1.0}, {"cfg_scale": 1}])
def test_a_negative_prompt_without_effect_is_seen(watched: Watched, fields: dict[str, Any]) -> None:
    assert watched.ask(negative_prompt="fog", **fields).status == 200
    assert watched.ids == ["negative_prompt.idle"]
    assert watched.message == (
        "a negative prompt came at cfg_scale 1.0, given or by default, where it changes nothing; "
        "send a cfg_scale above 1.0 with it, or leave it out"
    )


@pytest.mark.parametrize("text", ["", "  ", None])
def test_an_empty_negative_prompt_asks_for_nothing(watched: Watched, text: object) -> None:
    assert watched.ask(negative_prompt=text).status == 200
    assert watched.ids == []


# Unknown fields -------------------------------------------------------------------------


def test_each_field_that_was_passed_over_is_named(watched: Watched) -> None:
    assert watched.ask(quality="hd", guidance=3, negativePrompt="fog").status == 200
    assert [advice.message for advice in watched.advisor.so_far()] == [
        'the field "quality" is none of this API\'s and was passed over; '
        "leave it out, since what it asks for does not happen",
        'the field "guidance" is none of this API\'s and was passed over; '
        "leave it out, since what it asks for does not happen",
        'the field "negativePrompt" is none of this API\'s and was passed over; '
        'did you mean "negative_prompt"?',
    ]
    assert set(watched.ids) == {"field.unknown"}


def test_a_field_that_was_refused_was_not_passed_over() -> None:
    watched = Watched(Choices(unknown_fields="refuse"))
    assert watched.ask(quality="hd").status == 400
    assert watched.ids == []


@pytest.mark.parametrize("unknown_fields", ["ignore", "refuse"])
def test_an_extra_body_that_nobody_unfolded_is_seen(unknown_fields: Any) -> None:
    watched = Watched(Choices(unknown_fields=unknown_fields))
    watched.ask(extra_body={"steps": 20})
    assert watched.ids == ["field.extra_body"]
    assert watched.message == (
        "a field named extra_body came, and nothing in it counted; only the Python SDK unfolds "
        "it, so with others put its fields beside prompt"
    )


# Prompts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [chr(0xD83D), "\ufffd", "👩\u200d"])
@pytest.mark.parametrize("name", ["prompt", "negative_prompt"])
def test_a_text_that_was_cut_inside_a_character_is_seen(
    watched: Watched, name: str, end: str
) -> None:
    watched.ask(**{"cfg_scale": 2, name: f"a fox {end}"})
    assert watched.ids == [f"{name}.cut"]
    assert watched.message == (
        f"a {name} ends in half a surrogate pair, U+FFFD or U+200D, as a cut inside a character "
        "leaves it; cut between whole characters, and never by bytes or UTF-16 units"
    )


@pytest.mark.parametrize("text", ["a \ufffd fox", "👩\u200d🚀", "a fox 🦊", "fox\ufe0f", "..."])
def test_a_text_that_ends_in_a_whole_character_is_not_cut(watched: Watched, text: str) -> None:
    assert watched.ask(prompt=text, negative_prompt=text, cfg_scale=2).status == 200
    assert watched.ids == []


@pytest.mark.parametrize("name", ["prompt", "negative_prompt"])
def test_a_text_over_the_limit_is_seen(watched: Watched, name: str) -> None:
    assert watched.ask(**{"cfg_scale": 2, name: "雪" * 513}).status == 400
    assert watched.ids == [f"{name}.long"]
    assert watched.message == (
        f"a {name} of more than 512 characters came, which is refused; "
        "ask for less where it is written, or cut it between words"
    )


def test_a_text_of_just_the_limit_is_not_too_long(watched: Watched) -> None:
    fields = {"prompt": "雪" * 512, "negative_prompt": "x" * 512, "cfg_scale": 2}
    watched.ask(**fields)
    watched.ask(**fields, steps=51)
    assert watched.ids == []


def test_a_body_that_was_refused_is_looked_at_as_a_whole(watched: Watched) -> None:
    watched.ask(size="auto", seed=-1, negative_prompt="x" * 600, extra_body={})
    ids = ["size.foreign", "seed.minus_one", "negative_prompt.long", "field.extra_body"]
    assert watched.ids == ids


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"seed": ' + b"1" * 5000 + b"}",
        b"[1]",
        b'{"model": {}, "seed": -1}',
        b'{"model": "step-image-edit-2", "seed": -1, "prompt": "' + b"x" * 2**20 + b'"}',
    ],
)
def test_a_body_that_nobody_can_read_gives_no_advice(
    watched: Watched, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    request = Request("POST", GENERATIONS, HEADERS, body)
    watched.mock.refuse(request, RefusedError(refusals.BODY_REFUSED, "unreadable"))
    assert watched.ids == []
    assert caplog.text == ""


# Links -----------------------------------------------------------------------------------


def test_links_that_were_never_fetched_are_told_of_once_and_at_the_end(watched: Watched) -> None:
    watched.get(item(watched.ask(seed=1))["url"])
    for seed in (2, 3):
        watched.ask(seed=seed)
    assert watched.advisor.so_far() == ()
    message = (
        "a link to a picture was never fetched, and is dead after 7200 seconds; "
        "fetch it as soon as the reply is there, or ask for b64_json"
    )
    assert watched.advisor.at_end() == (Advice("link.unfetched", "url.lifetime", message, 3),)


def test_a_head_request_fetches_no_picture(watched: Watched) -> None:
    watched.get(item(watched.ask())["url"], method="HEAD")
    assert [advice.id for advice in watched.advisor.at_end()] == ["link.unfetched"]


def test_a_link_that_was_given_twice_and_fetched_once_is_fetched(watched: Watched) -> None:
    url = item(watched.ask(seed=1))["url"]
    watched.get(url)
    assert item(watched.ask(seed=1))["url"] == url
    assert watched.advisor.at_end() == ()


def test_a_reply_without_a_link_leaves_none_unfetched(watched: Watched) -> None:
    watched.mock.script(faults.content_filtered(with_picture=True), faults.overloaded())
    for _ in range(2):
        watched.ask()
    watched.ask(response_format="b64_json")
    entry = Entry(4, 0, "POST", GENERATIONS, 200, finish_reason="success")
    entry.image_request = watched.mock.requests[0]
    watched.advisor(Exchange(entry, Request("POST", GENERATIONS), Response(200, (), b"{}")))
    assert watched.advisor.at_end() == ()


@pytest.mark.parametrize(
    "fault",
    [
        faults.truncated_json(),
        faults.cut_off(),
        faults.slow(seconds=2),
        faults.stall(seconds=2),
        faults.drip(),
        faults.wrong_length(),
        faults.connection_reset(),
        faults.dead_link(),
        faults.expired_link(life=5),
        faults.empty_data(),
    ],
    ids=str,
)
def test_of_links_whose_reply_met_a_fault_nothing_is_said(
    watched: Watched, caplog: pytest.LogCaptureFixture, fault: Any
) -> None:
    url = item(watched.ask(seed=1))["url"]
    watched.mock.script(fault)
    watched.ask(seed=1, size="768x1360")
    assert watched.mock.journal[-1].fault == fault.name
    assert watched.get(url).status == 200
    assert watched.advisor.at_end() == ()
    assert caplog.text == ""  # nor has a watcher failed


@pytest.mark.parametrize("fault", [faults.expired_link(life=5), faults.dead_link()], ids=str)
def test_a_link_that_a_fault_made_is_not_late(watched: Watched, fault: Any) -> None:
    watched.mock.script(fault)
    url = item(watched.ask())["url"]
    watched.now += 7200
    assert watched.get(url).status == 404
    assert watched.advisor.at_end() == ()


def test_a_link_that_was_fetched_after_its_life_is_seen() -> None:
    watched = Watched(Choices(link_life=60))
    url = item(watched.ask())["url"]
    watched.now += 59
    assert watched.get(url).status == 200
    watched.now += 1
    assert watched.get(url).status == 404
    assert watched.ids == ["link.late"]
    assert watched.message == (
        "a link was fetched after its life, when nothing was there; "
        "fetch it as soon as the reply is there, and keep the picture instead of the link"
    )
    assert watched.advisor.at_end() == watched.advisor.so_far()


def test_a_link_lives_as_long_as_was_chosen_when_it_was_given(watched: Watched) -> None:
    watched.mock.choose(link_life=60)
    url = item(watched.ask())["url"]
    watched.mock.choose(link_life=7200)
    watched.now += 60
    watched.get(url)
    assert watched.ids == ["link.late"]


def test_links_that_were_forged_or_never_given_are_not_late(watched: Watched) -> None:
    url = item(watched.ask())["url"]
    assert watched.get(f"{url[:-1]}x").status == 404
    watched.now += 7200
    assert watched.get(url.replace("/image_gen/2", "/image_gen/3")).status == 404
    assert watched.ids == []


# Asking again ----------------------------------------------------------------------------

AGAIN = {
    "retry.invalid": (
        "a request that was refused with 400 came again unchanged; "
        "do not repeat it: its message says what to send instead"
    ),
    "retry.key": (
        "a request that was refused with 401 came again with the same key; "
        "do not repeat it: ask for another key"
    ),
    "retry.balance": (
        "a request that was refused with 402 came again unchanged; "
        "do not repeat it: say that the account has to be topped up first"
    ),
    "retry.censored": (
        "a request that was refused with 451 came again unchanged; "
        "do not repeat it: the same words are refused again, so change the prompt"
    ),
    "retry.filtered": (
        "a picture that came back content_filtered was asked for again unchanged; "
        "look at finish_reason, and change the prompt before asking again"
    ),
    "retry.hurried": (
        "a request that was refused with 429 came again within 0.1 seconds; "
        "wait before asking again, longer each time, and as long as a Retry-After says"
    ),
}
FINAL = {
    "retry.key": faults.bad_key,
    "retry.balance": faults.out_of_balance,
    "retry.censored": faults.censored,
    "retry.filtered": faults.content_filtered,
}


@pytest.mark.parametrize(
    ("kind", "still"),
    [
        ("retry.key", False),
        ("retry.balance", False),
        ("retry.censored", True),
        ("retry.filtered", True),
    ],
)
def test_keys_and_balances_may_be_mended_within_a_minute(
    watched: Watched, kind: str, still: bool
) -> None:
    watched.mock.script(FINAL[kind]())
    watched.ask()
    watched.ask(after=61)
    assert (watched.ids == [kind]) is still


@pytest.mark.parametrize("kind", FINAL)
def test_what_cannot_help_is_seen_when_it_comes_again_unchanged_next_or_later(
    watched: Watched, kind: str
) -> None:
    watched.mock.script(FINAL[kind]())
    watched.ask()
    watched.ask(prompt="another", response_format="b64_json")
    assert watched.ids == []
    watched.ask(after=30)
    assert watched.ids == [kind]
    assert watched.message == AGAIN[kind]
    assert watched.advisor.so_far()[0].number == 3


@pytest.mark.parametrize("kind", FINAL)
def test_a_request_that_was_changed_is_not_the_same(watched: Watched, kind: str) -> None:
    watched.mock.script(FINAL[kind]())
    watched.ask()
    watched.ask(seed=1)
    assert watched.ids == []


def test_an_invalid_request_that_comes_again_is_seen(watched: Watched) -> None:
    for _ in range(3):
        assert watched.ask(steps=51).status == 400
    assert watched.ids == ["retry.invalid"]
    assert watched.message == AGAIN["retry.invalid"]


def test_requests_that_are_no_http_are_not_compared(watched: Watched) -> None:
    for _ in range(2):
        watched.mock.refuse(Request("", ""), RefusedError(refusals.HTTP_MALFORMED, "no HTTP"))
    assert watched.ids == []


def test_another_key_makes_another_request_of_it() -> None:
    watched = Watched(Choices(api_keys=("a-right-key",)))
    for key in ("wrong", "wrong again", "a-right-key"):
        asked(watched.mock, MINIMAL, authorization=f"Bearer {key}")
    assert watched.ids == []
    asked(watched.mock, MINIMAL, authorization="Bearer wrong")
    assert watched.ids == ["retry.key"]


def test_a_filtered_picture_that_came_all_the_same_may_be_asked_for_again(
    watched: Watched,
) -> None:
    watched.mock.script(faults.content_filtered(with_picture=True, times=2))
    watched.ask()
    watched.ask()
    assert watched.ids == []


def test_a_refusal_by_the_filter_is_seen_like_one_that_was_scripted() -> None:
    watched = Watched(Choices(filter_words=("fox",), filtered_reply="http_451"))
    for _ in range(2):
        assert watched.ask().status == 451
    assert watched.ids == ["retry.censored"]


@pytest.mark.parametrize("fault", [faults.overloaded, faults.server_error])
def test_what_may_help_can_be_asked_again(watched: Watched, fault: Any) -> None:
    watched.mock.script(fault(times=2))
    for _ in range(3):
        watched.ask()
    assert watched.ids == []


def test_asking_again_without_a_pause_is_seen(watched: Watched) -> None:
    watched.mock.script(faults.rate_limited())
    watched.ask()
    watched.ask(after=0.09)
    assert watched.ids == ["retry.hurried"]
    assert watched.message == AGAIN["retry.hurried"]


@pytest.mark.parametrize("pause", [0.11, 2])
def test_who_waits_after_a_429_is_not_in_a_hurry(watched: Watched, pause: float) -> None:
    watched.mock.script(faults.rate_limited(times=2))
    for _ in range(3):
        watched.ask(after=pause)
    assert watched.ids == []


@pytest.mark.parametrize(("said", "seen"), [(0.01, []), (0, []), (5, ["retry.hurried"])])
def test_who_waits_as_long_as_the_reply_says_is_not_in_a_hurry(
    watched: Watched, said: float, seen: list[str]
) -> None:
    watched.mock.script(faults.rate_limited(retry_after=said))
    watched.ask()
    watched.ask(after=0.02)
    assert watched.ids == seen


def test_while_the_clock_stands_nobody_is_in_a_hurry(watched: Watched) -> None:
    watched.mock.script(faults.rate_limited())
    watched.ask()
    watched.ask()
    assert watched.ids == []


@pytest.mark.parametrize("visible", [(False, False), (False, True), (True, False)])
def test_where_pauses_cannot_be_seen_nobody_is_in_a_hurry(visible: tuple[bool, bool]) -> None:
    answers = iter(visible)
    watched = Watched(pauses_visible=lambda: next(answers, False))
    watched.mock.script(faults.rate_limited())
    watched.ask()
    watched.ask(after=0.01)
    assert watched.ids == []


def test_what_comes_from_another_sender_is_no_retry() -> None:
    senders: Iterator[Hashable] = iter(["a", "b", "a"])
    watched = Watched(sender=lambda: next(senders))
    for _ in range(2):
        watched.ask(steps=51)
    assert watched.ids == []
    watched.ask(steps=51)
    assert watched.ids == ["retry.invalid"]


def test_tasks_and_threads_are_senders_of_their_own() -> None:
    async def both() -> set[tuple[int, int]]:
        async def one() -> tuple[int, int]:
            await asyncio.sleep(0)
            assert this_task() == this_task()
            return this_task()

        return set(await asyncio.gather(one(), one()))

    assert len(asyncio.run(both())) == 2
    assert this_task() == (threading.get_ident(), 0)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(this_task).result() != this_task()


def test_asking_who_sends_loads_no_asyncio() -> None:
    code = (
        "import sys; from stepfun_mock.advice import this_task;"
        "print(this_task()[1], 'asyncio' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0 False\n"


# Keys in URLs ------------------------------------------------------------------------------

IN_URL = (
    "a key stood in a URL, where logs and proxies write it down; "
    'send it as "Authorization: Bearer <key>" and nowhere else'
)


@pytest.mark.parametrize(
    "name", ["key", "api_key", "apikey", "api-key", "access_token", "token", "API_KEY"]
)
def test_a_key_in_a_query_is_seen_by_its_name(watched: Watched, name: str) -> None:
    query = f"stream=false&{name}={CANARY}"
    watched.mock.handle(Request("POST", GENERATIONS, {}, b"{}", query=query))
    assert watched.ids == ["key.in_url"]
    assert watched.message == IN_URL


@pytest.mark.parametrize("query", ["key=", "keys=1", "monkey=1", "p=key", "p=a%26key%3Db", ""])
def test_a_query_without_a_key_is_fine(watched: Watched, query: str) -> None:
    watched.mock.handle(Request("GET", "/v1/models", HEADERS, query=query))
    assert watched.ids == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"/v1/{CANARY}/images/generations", ""),
        (f"/v1/models/{CANARY}", ""),
        (GENERATIONS, f"auth={CANARY}"),
        (GENERATIONS, f"auth={CANARY.replace('-', '%2D')}"),
    ],
)
@pytest.mark.parametrize("how", ["borne", "borne before", "known"])
def test_a_key_itself_is_seen_wherever_it_stands_in_a_url(how: str, path: str, query: str) -> None:
    watched = Watched(keys=[CANARY] if how == "known" else [])
    bearing = {**HEADERS, "authorization": f"Bearer {CANARY}"}
    if how == "borne before":
        watched.mock.handle(Request("GET", "/v1/models", bearing))
    headers = bearing if how == "borne" else {}
    watched.mock.handle(Request("GET", path, headers, query=query))
    assert watched.ids == ["key.in_url"]
    assert watched.message == IN_URL


def test_words_as_short_as_a_keys_beginning_are_no_keys() -> None:
    watched = Watched(keys=["models", "v1"])
    headers = {"authorization": "Bearer v1"}
    watched.mock.handle(Request("GET", "/v1/models/step-image-edit-2", headers, query="v1=1"))
    assert watched.ids == []


# The advisor itself --------------------------------------------------------------------------


def test_what_was_said_twice_stands_there_once_oldest_first(watched: Watched) -> None:
    watched.ask(seed=-1)
    watched.ask(size="auto")
    watched.ask(seed=-1, steps=3)
    assert watched.ids == ["seed.minus_one", "size.foreign"]
    assert [advice.number for advice in watched.advisor.so_far()] == [1, 2]


def test_each_exchange_gets_its_own_advice_whoever_had_it_before() -> None:
    mock, advisor = StepfunMock(), Advisor()
    found: list[tuple[Advice, ...]] = []
    mock.watch(lambda exchange: found.append(advisor.consider(exchange)))
    for seed in (-1, 1, -1):
        asked(mock, {**MINIMAL, "seed": seed})
    ids = [[(advice.id, advice.number) for advice in one] for one in found]
    assert ids == [[("seed.minus_one", 1)], [], [("seed.minus_one", 3), ("retry.invalid", 3)]]
    assert len(advisor.so_far()) == 2


def test_an_advisor_that_is_cleared_knows_nothing_of_before(watched: Watched) -> None:
    watched.ask()
    watched.ask(seed=-1)
    watched.advisor.clear()
    watched.mock.reset()
    watched.ask(seed=-1)
    assert [(advice.id, advice.number) for advice in watched.advisor.at_end()] == [
        ("seed.minus_one", 1)
    ]


def state_of(thing: object) -> Any:
    """All that an object keeps, locks aside, as plain values."""
    if hasattr(thing, "__dict__"):
        return {name: state_of(value) for name, value in vars(thing).items() if name != "_lock"}
    return repr(thing)


def test_no_key_no_body_and_no_picture_is_kept_or_said() -> None:
    advisor = Advisor(keys=[CANARY])
    mock = StepfunMock(choices=Choices(api_keys=(CANARY,)))
    mock.watch(advisor)
    bearing = {"authorization": f"Bearer {CANARY}"}
    for fields in (
        {CANARY: 1, f"{CANARY}-field": 2},
        {"prompt": f"secret words {CANARY}\ufffd", "seed": -1},
        {"prompt": CANARY * 40, "size": "auto"},
        {"response_format": "b64_json", "negative_prompt": f"secret words {CANARY}"},
    ):
        for _ in range(2):
            asked(mock, {**MINIMAL, **fields}, **bearing)
    mock.handle(Request("GET", f"/v1/{CANARY}", bearing, query=f"key={CANARY}"))
    kept = pickle.dumps((state_of(advisor), advisor.at_end()))
    assert len(advisor.at_end()) == 10
    for secret in (CANARY, CANARY[:16], "secret words", "red fox", "iVBOR", "signature"):
        assert secret.encode() not in kept


def exchange_of(number: int) -> Exchange:
    """An exchange that leaves all there is to remember: a link or a refusal, a key, a field."""
    image = ImageRequest("m", "p", "1024x1024", 1, "url", None, 8, 1.0, "", False)
    unknown = (f"f{number}",) if number < 600 else ()  # looking for names near it takes time
    image = image._replace(model="step-image-edit-2", unknown=unknown)
    entry = Entry(number, float(number), "POST", GENERATIONS, 200, image_request=image)
    entry.finish_reason = "success"
    if number % 2:
        entry.status, entry.refusal = 400, "parameter.refused"
    link = f'"url":"http://x{contract.LINK_PREFIX}20260101/{number:032x}.png?p=a&expires=9&s=1"'
    headers = {"authorization": f"Bearer key-number-{number}"}
    request = Request("POST", GENERATIONS, headers, str(number).encode())
    return Exchange(entry, request, Response(entry.status, (), link.encode()))


def test_what_is_kept_is_bounded_and_advice_is_of_the_first() -> None:
    advisor = Advisor()

    def size_after(first: int, last: int) -> int:
        for number in range(first, last):
            advisor(exchange_of(number))
        return len(pickle.dumps(state_of(advisor)))

    full = size_after(0, 6_000)
    assert size_after(6_000, 100_000) < full * 1.1 < 1_000_000
    assert len(advisor.so_far()) == 256
    assert advisor.so_far()[0].number == 0
    assert len(advisor.at_end()) == 257
    # The newest are remembered, the oldest are not.
    before = exchange_of(99_999), exchange_of(1)
    assert ["retry.invalid" in [one.id for one in advisor.consider(old)] for old in before] == [
        True,
        False,
    ]


def test_any_number_of_threads_may_ask_at_once() -> None:
    mock, advisor = StepfunMock(), Advisor()
    mock.watch(advisor)

    def work(number: int) -> None:
        for turn in range(50):
            asked(mock, {**MINIMAL, "seed": number * 50 + turn, f"field{number}": 1})
            asked(mock, {**MINIMAL, "size": "auto"})
            assert advisor.at_end()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    ids = sorted(advice.id for advice in advisor.at_end())
    assert ids == [*["field.unknown"] * 8, "link.unfetched", "retry.invalid", "size.foreign"]
    assert len(mock.journal) == 800


def test_a_body_that_was_cut_by_bytes_inside_a_character_is_seen(watched: Watched) -> None:
    whole = json.dumps({**MINIMAL, "prompt": "caf\u00e9"}, ensure_ascii=False).encode()
    asked(watched.mock, whole.replace("\u00e9".encode(), b"\xc3"))
    assert watched.ids == ["prompt.cut"]
    assert watched.message == (
        "a body came in which a text ends inside a character of UTF-8, as a cut by bytes leaves "
        "it; cut texts before they are encoded"
    )


@pytest.mark.parametrize(
    "body", [b'{"prompt": "caf\xff oh"}', b'{"prompt"', b'{"prompt": "caf\xc3 ']
)
def test_other_broken_bodies_are_no_cut_prompts(watched: Watched, body: bytes) -> None:
    asked(watched.mock, body)
    assert watched.ids == []
