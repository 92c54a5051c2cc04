"""Picture links: what they carry, how long they live, and who can make them."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import examples
from stepfun_mock import ImageRequest
from stepfun_mock.errors import RefusedError
from stepfun_mock.links import Links

NOW = 1_780_000_000.75
BASE = "http://127.0.0.1:8793"
REQUEST = ImageRequest(
    model="step-image-edit-2",
    prompt="A red fox",
    size="768x1360",
    n=1,
    response_format="url",
    seed=7,
    steps=8,
    cfg_scale=2.5,
    negative_prompt="blur",
    text_mode=True,
)


@pytest.fixture
def links() -> Links:
    return Links(b"secret", life=7200)


def parts(url: str) -> tuple[str, str]:
    path, _, query = url.removeprefix(BASE).partition("?")
    return path, query


def refused(links: Links, url: str, now: float = NOW) -> bool:
    try:
        links.read(*parts(url), now)
    except RefusedError as problem:
        return problem.refusal.id == "link.dead"
    return False


def test_a_link_carries_the_request_and_the_seed_it_was_made_of(links: Links) -> None:
    url = links.make(BASE, REQUEST, 99, NOW)
    assert links.read(*parts(url), NOW) == (REQUEST._replace(seed=99), 99, "")


def test_a_link_has_the_form_that_live_links_have(links: Links) -> None:
    path, query = parts(links.make(BASE, REQUEST, 99, NOW))
    day, name = path.removeprefix("/image_gen/").split("/")
    assert day == "20260528"
    assert len(name) == 36
    assert name.endswith(".png")
    assert set(name[:32]) <= set("0123456789abcdef")
    assert [field.partition("=")[0] for field in query.split("&")] == ["p", "expires", "signature"]


def test_a_link_without_a_fault_is_the_same_from_release_to_release(links: Links) -> None:
    """A server of an older release may have given it, under the same secret."""
    assert links.make(BASE, REQUEST, 99, NOW) == (
        f"{BASE}/image_gen/20260528/d8872fc4601fdc113f1272fd590d3ba5.png"
        "?p=MFsic3RlcC1pbWFnZS1lZGl0LTIiLCJBIHJlZCBmb3giLCJibHVyIiwiNzY4eDEzNjAiLDgsMi41LHRydWUsOTld"
        "&expires=1780007200&signature=d4cd5156292fc413e0802e0f9b325465"
    )


@pytest.mark.parametrize("code", ["dead 404", "resized 300x400", "redirected", "slow 0.25"])
@pytest.mark.parametrize("prompt", ["A red fox", "A long prompt, that is compressed. " * 10])
def test_a_link_carries_what_its_picture_is_not_to_be(links: Links, code: str, prompt: str) -> None:
    request = REQUEST._replace(prompt=prompt)
    url = links.make(BASE, request, 7, NOW, code=code)
    assert links.read(*parts(url), NOW) == (request, 7, code)
    assert url != links.make(BASE, request, 7, NOW)


@pytest.mark.parametrize("life", [0, 1, 60, 86400])
def test_a_link_may_live_shorter_or_longer_than_the_others(links: Links, life: int) -> None:
    url = links.make(BASE, REQUEST, 1, NOW, life=life)
    if life:
        assert not refused(links, url, int(NOW) + life - 0.25)
    assert refused(links, url, int(NOW) + life)


def test_a_link_lives_to_the_last_of_its_seconds(links: Links) -> None:
    url = links.make(BASE, REQUEST, 1, NOW)
    assert not refused(links, url, NOW + 7199)
    assert refused(links, url, NOW + 7200)


def test_expired_forged_and_unknown_links_look_alike(links: Links) -> None:
    url = links.make(BASE, REQUEST, 1, NOW)
    forged = url[:-1] + ("0" if url[-1] != "0" else "1")
    messages = set()
    for path, query, now in (
        (*parts(url), NOW + 9000),
        (*parts(forged), NOW),
        ("/image_gen/x.png", "", NOW),
    ):
        with pytest.raises(RefusedError) as caught:
            links.read(path, query, now)
        messages.add((caught.value.refusal.id, caught.value.message))
    assert messages == {
        (
            "link.dead",
            "this picture link has expired or was never given; ask for the picture again",
        )
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("20260528", "20260529"),
        (".png?", ".jpg?"),
        ("expires=1780007200", "expires=1980007200"),
        ("expires=1780007200", "expires=-1"),
        ("&expires", "A&expires"),
        ("?p=", "?q="),
        ("&signature=", "&x=1&signature="),
        ("&signature=", "&signature=" + "٣"),
    ],
)
def test_a_link_that_was_changed_is_dead(links: Links, old: str, new: str) -> None:
    url = links.make(BASE, REQUEST, 1, NOW)
    assert old in url
    assert refused(links, url.replace(old, new))


def test_every_letter_of_a_link_counts(links: Links) -> None:
    path, query = parts(links.make(BASE, REQUEST, 1, NOW))
    target = f"{path}?{query}"
    for place, letter in enumerate(target):
        other = "b" if letter == "a" else "a"
        changed = BASE + target[:place] + other + target[place + 1 :]
        assert refused(links, changed), f"letter {place} of {target}"


def test_processes_with_one_secret_serve_each_others_links_and_no_others() -> None:
    url = Links(b"one", 7200).make(BASE, REQUEST, 1, NOW)
    assert not refused(Links(b"one", 60), url)
    assert refused(Links(b"two", 7200), url)


@pytest.mark.parametrize("secret", [b"x", b"x" * 64, b"x" * 1000])
def test_a_secret_of_any_length_will_do(secret: bytes) -> None:
    url = Links(secret, 7200).make(BASE, REQUEST, 1, NOW)
    assert not refused(Links(secret, 7200), url)


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="the secret that signs links is empty"):
        Links(b"", 7200)


def test_the_address_is_not_signed_so_that_forwarded_ports_work(links: Links) -> None:
    url = links.make("http://localhost:1234", REQUEST, 1, NOW)
    assert not refused(links, url.replace("http://localhost:1234", BASE))


def test_the_longest_prompts_make_links_below_8_kilobytes(links: Links) -> None:
    letters = [chr(0x10000 + 7919 * place % 0xFFFFF) for place in range(1024)]
    hard = REQUEST._replace(prompt="".join(letters[:512]), negative_prompt="".join(letters[512:]))
    assert len(links.make(BASE, hard, 2147483647, NOW)) < 8192


def test_links_of_plain_prompts_stay_short(links: Links) -> None:
    sentence = "A wide photograph of a quiet village at a frozen lake, warm lamps in the windows. "
    long = REQUEST._replace(prompt=(sentence * 2).strip(), negative_prompt="blurry, watermark")
    assert len(links.make(BASE, long, 1, NOW)) < 450


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=512)


@examples(200)
@given(prompt=text, negative=text, seed=st.integers(0, 2**31 - 1), cfg=st.floats(1, 10))
def test_any_prompts_survive_the_way_through_a_link(
    prompt: str, negative: str, seed: int, cfg: float
) -> None:
    links = Links(b"secret", life=7200)
    request = REQUEST._replace(prompt=prompt, negative_prompt=negative, seed=seed, cfg_scale=cfg)
    url = links.make(BASE, request, seed, NOW)
    assert links.read(*parts(url), NOW) == (request, seed, "")
    assert set(url) <= set(string.ascii_letters + string.digits + ":/.?&=-_")
