"""The reply: one JSON object with the time, and one picture with its seed and its reason."""

import contextlib
from email.utils import parsedate_to_datetime

from stepfun_mock import contract

from .judge import Judge
from .rows import EVERY
from .series import FIRST, LATE
from .shot import Shot
from .table import PARAMETER
from .ties import asks, judges, late

# A server's clock may be off, and its Date header with it; a count of milliseconds or a time that
# never moves is off by more.
_CLOCK_TOLERANCE = 900.0
_MOVED = 5.0
_SEED = PARAMETER["seed"]
_PAYLOADS = ("b64_json", "url")


@judges("route.generate")
@asks(*EVERY)
def test_a_picture_comes_at_once_with_status_200(judge: Judge) -> None:
    for shot in judge.shots(EVERY):
        assert shot.exchange.reply is not None
        status = shot.exchange.reply.status
        if status != 200:
            judge.against(
                "route.generate", f"a picture must come with 200, but {status} came", shot.number
            )
        elif shot.item:
            judge.holds("route.generate", shot.number)
    judge.unsure_unless_judged("route.generate")


@judges("reply.json")
@asks(*EVERY)
def test_it_is_one_json_object(judge: Judge) -> None:
    for shot in judge.shots(EVERY):
        assert shot.exchange.reply is not None
        media_type = (shot.exchange.reply.header("content-type") or "").partition(";")[0].strip()
        if shot.problem is not None:
            judge.against("reply.json", f"the reply must be JSON: {shot.problem}", shot.number)
        elif not isinstance(shot.json, dict):
            text = f"the reply must be one JSON object: {_glimpse(shot)}"
            judge.against("reply.json", text, shot.number)
        elif media_type.lower() != "application/json":
            text = f'the reply must say application/json, but says "{media_type}"'
            lenient = media_type.lower() != "text/html"
            judge.against("reply.json", text, shot.number, lenient=lenient)
        else:
            judge.holds("reply.json", shot.number)


@judges("reply.created")
@asks(*EVERY)
def test_created_is_now_in_seconds(judge: Judge) -> None:
    for shot in _objects(judge):
        created = shot.top.get("created")
        if type(created) is not int:
            text = f"created must be an integer, but {created!r} came"
            judge.against("reply.created", text, shot.number)
        elif not any(abs(created - now) <= _CLOCK_TOLERANCE for now in _clocks(shot)):
            text = (
                f"created must be the time in Unix seconds, about {int(shot.exchange.sent_at)}, "
                f"but {created} came"
            )
            judge.against("reply.created", text, shot.number)
        else:
            judge.holds("reply.created", shot.number)


@judges("reply.created")
@asks(FIRST, LATE)
@late
def test_created_moves_with_the_time(judge: Judge) -> None:
    first, last = judge.shots([FIRST]), judge.shots([LATE])
    numbers = (first[0].number, last[0].number)
    before, after = (shot.top.get("created") for shot in (*first, *last))
    elapsed = last[0].exchange.sent_at - first[0].exchange.sent_at
    slowness = first[0].exchange.seconds + last[0].exchange.seconds
    if type(before) is not int or type(after) is not int or elapsed < _MOVED:
        judge.unsure("reply.created", "no two times far enough apart came", *numbers)
    elif abs(after - before - elapsed) <= _MOVED + slowness:
        judge.holds("reply.created", *numbers)
    else:
        text = (
            f"created must move with the time: {elapsed:.0f} s later it moved by {after - before}"
        )
        judge.against("reply.created", text, *numbers)


@judges("reply.data")
@asks(*EVERY)
def test_data_holds_one_picture(judge: Judge) -> None:
    for shot in _objects(judge):
        data = shot.top.get("data")
        if isinstance(data, list) and len(data) == 1 and isinstance(data[0], dict):
            judge.holds("reply.data", shot.number)
        else:
            count = f"a list of {len(data)}" if isinstance(data, list) else _kind(data)
            text = f"data must be a list of one object, but {count} came"
            judge.against("reply.data", text, shot.number)


@judges("reply.seed", "seed.range")
@asks(*EVERY)
def test_seed_is_an_integer_of_the_range(judge: Judge) -> None:
    assert _SEED.minimum is not None
    assert _SEED.maximum is not None
    for shot in judge.items(EVERY):
        seed = shot.item.get("seed")
        came = f"{seed!r} came" if "seed" in shot.item else "it is missing"
        text = f"seed must be {_SEED.allowed}, but {came}"
        if type(seed) is not int:
            judge.against("reply.seed", text, shot.number)
        elif not _SEED.minimum <= seed <= _SEED.maximum:
            judge.holds("reply.seed", shot.number)
            judge.against("seed.range", text, shot.number)
        else:
            judge.holds("reply.seed", shot.number)
            judge.holds("seed.range", shot.number)
    judge.unsure_unless_judged("seed.range", "no reply names an integer for its seed")


@judges("reply.finish_reason")
@asks(*EVERY)
def test_finish_reason_is_one_of_two_words(judge: Judge) -> None:
    for shot in judge.shots(EVERY):
        if not shot.item:
            continue
        reason = shot.item.get("finish_reason")
        if reason in (contract.SUCCESS, contract.FILTERED):
            judge.holds("reply.finish_reason", shot.number)
        else:
            words = f"{contract.SUCCESS} or {contract.FILTERED}"
            text = f"finish_reason must be {words}, but {reason!r} came"
            judge.against("reply.finish_reason", text, shot.number)
    judge.unsure_unless_judged("reply.finish_reason")


@judges("payload.one")
@asks(*EVERY)
def test_the_picture_comes_in_the_field_that_was_asked_for_and_in_no_other(judge: Judge) -> None:
    for shot in judge.shots(EVERY):
        if not shot.item:
            continue
        there = {name for name in _PAYLOADS if shot.item.get(name) is not None}
        null = {name for name in _PAYLOADS if name in shot.item} - there
        if shot.filtered and there != {shot.wants}:
            text = "a filtered picture came without a payload, of which the page says nothing"
            judge.against("payload.one", text, shot.number, lenient=True)
        elif len(there) == 1 and "response_format" not in shot.asked:
            judge.holds("payload.one", shot.number)  # which of them is judged as the default
        elif there != {shot.wants}:
            came = " and ".join(sorted(there)) or "none of both"
            text = f"the picture must come as {shot.wants} alone, but {came} came"
            judge.against("payload.one", text, shot.number)
        elif null:
            text = f"{', '.join(null)} came as null, where it can be left out"
            judge.against("payload.one", text, shot.number, lenient=True)
        else:
            judge.holds("payload.one", shot.number)
    judge.unsure_unless_judged("payload.one")


def _objects(judge: Judge) -> list[Shot]:
    """The replies that are JSON objects; what others are is judged above."""
    return judge.some(
        [shot for shot in judge.shots(EVERY) if isinstance(shot.json, dict)],
        "no reply is a JSON object",
    )


def _clocks(shot: Shot) -> list[float]:
    """What the time is: by the run's own clock, and by the server's."""
    assert shot.exchange.reply is not None
    clocks = [shot.exchange.sent_at]
    with contextlib.suppress(ValueError):
        clocks.append(parsedate_to_datetime(shot.exchange.reply.header("date") or "").timestamp())
    return clocks


def _glimpse(shot: Shot) -> str:
    assert shot.exchange.reply is not None
    return shot.exchange.reply.body[:80].decode("utf-8", "replace")


def _kind(value: object) -> str:
    return {type(None): "nothing", dict: "an object", str: "a text"}.get(type(value), "a number")
