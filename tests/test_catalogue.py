"""Faults by their names: what can be written is read back, and what cannot be read is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import examples
from stepfun_mock import faults
from stepfun_mock.faults import Fault, catalogue

UNREADABLE = (
    'this is no fault: write its name, and ARGUMENT=VALUE after spaces, as in "slow seconds=2"; a '
    "value with spaces stands in double quotes"
)
LISTED = ", ".join(faults.__all__)

# Any fault ----------------------------------------------------------------------------

seconds = st.one_of(st.integers(0, 86400), st.floats(0, 86400))
sides = st.integers(256, 2048)
OWN: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "model_unknown": {"status": st.sampled_from([400, 404])},
    "rate_limited": {
        "by": st.sampled_from(["rpm", "concurrency"]),
        "retry_after": seconds,
        "form": st.sampled_from(["seconds", "milliseconds", "date"]),
    },
    "content_filtered": {"with_picture": st.booleans()},
    "retired": {"status": st.sampled_from([404, 410, 503])},
    "maintenance": {"status": st.sampled_from([200, 503])},
    "resized_picture": {"size": st.builds("{}x{}".format, sides, sides)},
    "dead_link": {"status": st.integers(400, 599)},
    "expired_link": {"life": st.integers(0, 86400)},
    "slow_link": {"seconds": seconds},
    "slow": {"seconds": seconds},
    "drip": {"pieces": st.integers(2, 1000), "pause": seconds},
    "stall": {"seconds": seconds},
    "connection_refused": {"seconds": seconds},
    "wrong_length": {"by": st.integers(-1_000_000, 1_000_000).filter(bool)},
}
values = st.one_of(
    st.text(max_size=20),
    st.integers(),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False),
)
conditions = st.fixed_dictionaries(
    {},
    optional={
        "prompt": st.text(max_size=20),
        "size": st.sampled_from(["768x1360", "1184x896"]),
        "seed": st.none() | st.integers(0, 2**31 - 1),
        "steps": st.integers(1, 50),
        "text_mode": st.booleans(),
        "cfg_scale": st.floats(1, 10),
        "width": st.integers(),
    },
).filter(bool)


@st.composite
def any_fault(draw: st.DrawFn) -> Fault:
    name = draw(st.sampled_from(faults.__all__))
    own = OWN.get(name, {})
    given = {key: draw(own[key]) for key in own if draw(st.booleans())}
    if "retry_after" not in given:
        given.pop("form", None)
    if draw(st.booleans()):
        given["after"] = draw(st.integers(0, 10**9))
    if name != "connection_refused":
        if draw(st.booleans()):
            given["times"] = draw(st.integers(1, 10**9))
        if draw(st.booleans()):
            given["when"] = draw(conditions)
    fault: Fault = getattr(faults, name)(**given)
    return fault


def test_every_argument_of_every_fault_is_tried() -> None:
    listed = {name: catalogue.arguments_of(name) for name in faults.__all__}
    assert {name: own for name, own in listed.items() if own} == {
        name: tuple(own) for name, own in OWN.items()
    }


@examples(400)
@given(any_fault())
def test_any_fault_survives_the_way_through_a_record(fault: Fault) -> None:
    record = json.loads(json.dumps(catalogue.record_of(fault)))
    assert catalogue.from_record(record) == fault


def as_text(fault: Fault) -> str:
    record = catalogue.record_of(fault)
    words = [str(record.pop(catalogue.NAME))]
    when: Any = record.pop("when", {})
    words += [f"{name}={json.dumps(value)}" for name, value in record.items()]
    words += [f"when.{name}={json.dumps(value)}" for name, value in when.items()]
    return " ".join(words)


@examples(400)
@given(any_fault())
def test_any_fault_survives_the_way_through_a_text(fault: Fault) -> None:
    assert catalogue.from_text(as_text(fault)) == fault
    assert catalogue.from_record(as_text(fault)) == fault


# Any text -------------------------------------------------------------------------------

pieces = st.sampled_from(
    [
        *faults.__all__,
        *(name for own in OWN.values() for name in own),
        *("times", "after", "when", "when.", "when.prompt", "when.seed", "when.promt", "fault"),
        *("=", " ", "\t", "\n", '"', '"a b"', '"\\', "[", "{", "]", ",", "null", "true", "NaN"),
        *("1", "-1", "0.5", "1e999", "9" * 5000, "rpm", "512x512", "\x00", "\ud800", "ü", "."),
    ]
)
texts = st.one_of(st.text(), st.lists(pieces, max_size=12).map("".join))


def read(reader: Callable[[Any], Fault], written: object) -> str:
    """The name of the fault that was read, or why it could not be."""
    try:
        return reader(written).name
    except ValueError as refused:
        return str(refused)


@examples(600)
@given(texts)
def test_any_text_is_a_fault_or_is_refused(text: str) -> None:
    assert read(catalogue.from_text, text)


json_values = st.recursive(
    values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
arguments = st.sampled_from([*(name for own in OWN.values() for name in own), "times", "when", "x"])


@examples(300)
@given(
    st.one_of(
        json_values,
        st.builds(
            lambda name, given: {"fault": name, **given},
            st.sampled_from(faults.__all__),
            st.dictionaries(arguments, json_values, max_size=3),
        ),
    )
)
def test_any_record_is_a_fault_or_is_refused(record: object) -> None:
    assert read(catalogue.from_record, record)


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"a":' * 100_000])
def test_a_value_of_any_depth_is_refused(deep: str) -> None:
    with pytest.raises(ValueError, match=r"seconds is a number|this is no fault"):
        catalogue.from_text(f"slow seconds={deep}")


# Texts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("overloaded", faults.overloaded()),
        ("  overloaded  ", faults.overloaded()),
        ("overloaded times=3 after=1", faults.overloaded(times=3, after=1)),
        ("overloaded times = 3", faults.overloaded(times=3)),
        ("rate_limited by=concurrency", faults.rate_limited(by="concurrency")),
        ('rate_limited by="concurrency"', faults.rate_limited(by="concurrency")),
        ("rate_limited retry_after=null", faults.rate_limited()),
        (
            "rate_limited\tretry_after=0.5\nform=date",
            faults.rate_limited(retry_after=0.5, form="date"),
        ),
        (
            'rate_limited retry_after=2 times=3 when.prompt="A wolf"',
            faults.rate_limited(retry_after=2, times=3, when={"prompt": "A wolf"}),
        ),
        (
            'slow when.prompt="say \\"a=b\\"" when.size=768x1360 when.text_mode=true when.seed=7',
            faults.slow(
                when={"prompt": 'say "a=b"', "size": "768x1360", "text_mode": True, "seed": 7}
            ),
        ),
        ('slow when.prompt=""', faults.slow(when={"prompt": ""})),
        ("slow when.prompt=雪", faults.slow(when={"prompt": "雪"})),
        ("resized_picture size=300x400", faults.resized_picture(size="300x400")),
        ("content_filtered with_picture=true", faults.content_filtered(with_picture=True)),
        ("wrong_length by=-3", faults.wrong_length(by=-3)),
    ],
)
def test_a_text_is_a_name_and_arguments(text: str, fault: Fault) -> None:
    assert catalogue.from_text(text) == fault


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        *((text, UNREADABLE) for text in ("", "  ", "seconds=2", "overloaded=1")),
        (
            "overload",
            f'there is no fault "overload"; did you mean "overloaded"? The faults are {LISTED}',
        ),
        ("Xyzzy", f'there is no fault "Xyzzy". The faults are {LISTED}'),
        ("__all__", f'there is no fault "__all__". The faults are {LISTED}'),
        ("slow seconds", 'slow: "seconds" has no value; write seconds=VALUE'),
        ("slow seconds=", UNREADABLE),
        ("slow seconds=1 seconds=2", "slow: seconds stands there twice"),
        ("slow when.seed=1 when.seed=1", "slow: when.seed stands there twice"),
        ('slow when.prompt="A wolf', UNREADABLE),
        ('slow when.prompt="A"wolf', UNREADABLE),
        ("2 slow", UNREADABLE),
        ("slow " + "!" * 60, UNREADABLE),
        (
            "slow second=2",
            'slow has no argument "second"; did you mean "seconds"? It has seconds, times, '
            "after, when",
        ),
        ("overloaded x=2", 'overloaded has no argument "x". It has times, after, when'),
        ("slow seconds=-1", "slow: seconds is a number of seconds from 0 to 86400, but -1 came"),
        ("slow seconds=NaN", "slow: seconds is a number of seconds from 0 to 86400, but nan came"),
        ("overloaded times=0", "overloaded: times is a whole number from 1, but 0 came"),
        ("overloaded times=2.0", "overloaded: times is a whole number from 1, but 2.0 came"),
        ("retired status=404.0", "retired: status is 404 or 410 or 503, but 404.0 came"),
        ("model_unknown status=[404]", "model_unknown: status is 400 or 404, but [404] came"),
        (
            "slow when.promt=x",
            'slow: a request has no field "promt"; did you mean "prompt"? Its fields are model, '
            "prompt, size, n, response_format, seed, steps, cfg_scale, negative_prompt, text_mode, "
            "unknown, height, width",
        ),
        ("slow when=x", 'slow: write when.FIELD=VALUE, as in when.prompt="A wolf"'),
        ("slow when={} when.seed=1", 'slow: write when.FIELD=VALUE, as in when.prompt="A wolf"'),
        (
            "connection_refused times=2",
            "connection_refused: connection_refused takes no times and no when: nobody sees the "
            "requests that find no server; say seconds, and after",
        ),
    ],
)
def test_a_text_that_is_no_fault_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole sentence is compared)
        catalogue.from_text(text)
    assert str(caught.value) == sentence


# Records ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "record"),
    [
        (faults.overloaded(), {"fault": "overloaded"}),
        (faults.rate_limited(), {"fault": "rate_limited"}),
        (
            faults.rate_limited(retry_after=2, times=3, when={"prompt": "A wolf"}),
            {"fault": "rate_limited", "retry_after": 2, "times": 3, "when": {"prompt": "A wolf"}},
        ),
        (faults.content_filtered(after=2), {"fault": "content_filtered", "after": 2}),
        (faults.drip(), {"fault": "drip", "pieces": 8, "pause": 0.25}),
    ],
)
def test_a_record_holds_what_is_not_as_by_default(fault: Fault, record: Any) -> None:
    assert catalogue.record_of(fault) == record
    assert catalogue.from_record(record) == fault


def test_a_record_shows_what_decides_for_itself_as_it_shows_itself() -> None:
    class Like:
        def __repr__(self) -> str:
            return "Like('wolf')"

    when = {"prompt": Like(), "seed": None, "cfg_scale": 1.5, "width": float("nan")}
    fault = faults.overloaded(when=when)
    assert catalogue.record_of(fault)["when"] == {
        "prompt": "Like('wolf')",
        "seed": None,
        "cfg_scale": 1.5,
        "width": "nan",  # JSON has no such number
    }


NO_RECORDS: tuple[object, ...] = (
    {},
    {"name": "slow"},
    {"fault": 5},
    {"fault": None},
    [],
    5,
    None,
    True,
)


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        *(
            (
                record,
                f'a fault is written {{"fault": "overloaded", "times": 2}}, but {record!r} came',
            )
            for record in NO_RECORDS
        ),
        (
            ["overloaded"] * 20,
            'a fault is written {"fault": "overloaded", "times": 2}, but '
            f"{repr(['overloaded'] * 20)[:80]} came",
        ),
        (
            {"fault": "overlod"},
            f'there is no fault "overlod"; did you mean "overloaded"? The faults are {LISTED}',
        ),
        (
            {"fault": "slow", "second": 2},
            'slow has no argument "second"; did you mean "seconds"? It has seconds, times, after, '
            "when",
        ),
        (
            {"fault": "slow", "fault_": 2},
            'slow has no argument "fault_". It has seconds, times, after, when',
        ),
        (
            {"fault": "slow", "when": "A wolf"},
            'slow: when is a dict of fields, as in when={"prompt": "A wolf"}, but \'A wolf\' came',
        ),
        (
            {"fault": "slow", "when": {"fox": 1}},
            'slow: a request has no field "fox". Its fields are model, prompt, size, n, '
            "response_format, seed, steps, cfg_scale, negative_prompt, text_mode, unknown, height, "
            "width",
        ),
        (
            {"fault": "rate_limited", "form": "date"},
            "rate_limited: form=date says how retry_after is written, but no retry_after came",
        ),
        ({"fault": "slow", "times": "2"}, "slow: times is a whole number from 1, but '2' came"),
        ("slow seconds", 'slow: "seconds" has no value; write seconds=VALUE'),
    ],
)
def test_a_record_that_is_no_fault_is_refused(record: object, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole sentence is compared)
        catalogue.from_record(record)
    assert str(caught.value) == sentence


def test_a_fault_is_built_by_its_name_from_what_is_given() -> None:
    assert catalogue.build("slow", {"seconds": 2, "times": 3}) == faults.slow(seconds=2, times=3)


@pytest.mark.parametrize("ask", [catalogue.arguments_of, lambda name: catalogue.build(name, {})])
def test_only_faults_have_arguments(ask: Callable[[str], object]) -> None:
    for name in ("Fault", "fault", "TYPE_CHECKING", ""):
        with pytest.raises(ValueError, match=f'there is no fault "{name}"'):
            ask(name)


def test_the_arguments_of_a_fault_are_those_of_its_own() -> None:
    assert catalogue.arguments_of("rate_limited") == ("by", "retry_after", "form")
    assert catalogue.arguments_of("overloaded") == ()
