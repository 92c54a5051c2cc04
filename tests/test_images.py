"""What the pictures promise: valid PNGs, the same pixels everywhere, small files."""

import hashlib
import os
import random
import shutil
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat
from PIL.PngImagePlugin import PngImageFile

from conftest import examples
from stepfun_mock.images import draw, jpeg
from stepfun_mock.images.caption import HEIGHT
from stepfun_mock.images.png import fragment, png
from stepfun_mock.message import ImageRequest

ROOT = Path(__file__).parent.parent
SIZES = ("1024x1024", "768x1360", "896x1184", "1360x768", "1184x896")
REQUEST = ImageRequest(
    model="step-image-edit-2",
    prompt="A red fox in the snow, morning light",
    size="1024x1024",
    n=1,
    response_format="b64_json",
    seed=None,
    steps=8,
    cfg_scale=4.5,
    negative_prompt="",
    text_mode=False,
)


def opened(data: bytes) -> PngImageFile:
    image = Image.open(BytesIO(data))
    assert isinstance(image, PngImageFile)
    image.load()
    return image


def pixels(request: ImageRequest, seed: int = 7) -> Image.Image:
    return opened(draw(request, seed)).convert("RGB")


def texts(request: ImageRequest, seed: int = 7) -> dict[str, str]:
    return {keyword: str(text) for keyword, text in opened(draw(request, seed)).text.items()}


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Walk through a PNG's chunks and check every CRC."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert data[at + 8 + length : at + 12 + length] == struct.pack(
            ">I", zlib.crc32(kind + content)
        )
        yield kind, content
        at += 12 + length


def differing_share(one: Image.Image, other: Image.Image) -> float:
    red, green, blue = ImageChops.difference(one, other).split()
    greatest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return 1 - greatest.histogram()[0] / (one.width * one.height)


def distance(one: Image.Image, other: Image.Image) -> float:
    """The mean absolute difference of the channels, 0..255."""
    return mean(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize("size", SIZES)
def test_every_size_is_a_png_of_exactly_these_pixels(size: str) -> None:
    data = draw(REQUEST._replace(size=size), 1)
    height, width = map(int, size.split("x"))
    image = opened(data)
    assert image.format == "PNG"
    assert image.size == (width, height)
    Image.open(BytesIO(data)).verify()


def test_768x1360_is_1360_pixels_wide() -> None:
    assert pixels(REQUEST._replace(size="768x1360")).size == (1360, 768)


@pytest.mark.parametrize("size", ["256x256", "300x2000", "2000x300"])
def test_a_size_that_no_model_offers_is_drawn_all_the_same(size: str) -> None:
    height, width = map(int, size.split("x"))
    for seed in range(12):
        assert pixels(REQUEST._replace(size=size), seed).size == (width, height)


@pytest.mark.parametrize("size", SIZES)
def test_chunks_have_valid_crcs_and_stand_in_order(size: str) -> None:
    kinds = [kind for kind, _ in chunks(draw(REQUEST._replace(size=size), 1))]
    assert kinds == [b"IHDR", b"PLTE", *[b"tEXt"] * 9, b"IDAT", b"IEND"]


@pytest.mark.parametrize("size", SIZES)
def test_the_image_stream_holds_exactly_the_scanlines(size: str) -> None:
    height, width = map(int, size.split("x"))
    for seed in range(10):
        found = dict(chunks(draw(REQUEST._replace(size=size), seed)))
        scanlines = zlib.decompress(found[b"IDAT"])
        assert len(scanlines) == height * (width + 1)
        assert len(found[b"PLTE"]) == 256 * 3


def test_stitched_fragments_read_as_one_stream_with_a_right_checksum() -> None:
    rows = [bytes([0, *range(value, value + 16)]) for value in (0, 90, 200)]
    data = png(16, bytes(768), {}, [fragment(row, 6) for row in rows])
    assert zlib.decompress(dict(chunks(data))[b"IDAT"]) == b"".join(rows)


def test_the_parameters_are_in_the_text_chunks() -> None:
    request = REQUEST._replace(negative_prompt="blurry", text_mode=True, cfg_scale=1.0)
    assert texts(request, 42) == {
        "Software": "stepfun-mock",
        "model": "step-image-edit-2",
        "prompt": "A red fox in the snow, morning light",
        "size": "1024x1024",
        "seed": "42",
        "steps": "8",
        "cfg_scale": "1.0",
        "negative_prompt": "blurry",
        "text_mode": "true",
    }


def test_an_empty_negative_prompt_has_an_empty_text_chunk() -> None:
    assert texts(REQUEST)["negative_prompt"] == ""
    assert texts(REQUEST)["text_mode"] == "false"


@pytest.mark.parametrize(
    "prompt", ["雪中的红狐狸", "fox 🦊 in the snow", "café", "two\nlines\r\nand\ta tab", "~" * 512]
)
def test_any_prompt_reads_back_as_it_was(prompt: str) -> None:
    read = texts(REQUEST._replace(prompt=prompt, negative_prompt=prompt))
    assert read["prompt"] == prompt
    assert read["negative_prompt"] == prompt


def test_nul_which_png_forbids_reads_back_as_its_symbol() -> None:
    assert texts(REQUEST._replace(prompt="a\x00b"))["prompt"] == "a␀b"


def test_a_lone_surrogate_is_drawn_and_reads_back_as_a_question_mark() -> None:
    lone = REQUEST._replace(prompt="a\ud800b", negative_prompt="\udfff")
    assert texts(lone)["prompt"] == "a?b"


def test_the_same_request_and_seed_give_the_same_bytes() -> None:
    assert draw(REQUEST, 7) == draw(REQUEST._replace(), 7)


def test_another_seed_changes_most_of_the_picture() -> None:
    first = pixels(REQUEST, 0)
    shares = [differing_share(first, pixels(REQUEST, seed)) for seed in range(1, 40)]
    assert min(shares) > 0.5


def test_another_prompt_changes_most_of_the_picture() -> None:
    first = pixels(REQUEST)
    others = [pixels(REQUEST._replace(prompt=f"{REQUEST.prompt} {i}")) for i in range(40)]
    assert min(differing_share(first, other) for other in others) > 0.5


@pytest.mark.parametrize(
    "change",
    [{"steps": 1}, {"steps": 50}, {"cfg_scale": 1.0}, {"cfg_scale": 10.0}, {"text_mode": True}],
)
def test_a_parameter_changes_the_picture_less_than_another_seed_does(
    change: dict[str, int | float | bool],
) -> None:
    seeds = range(8)
    plain = [pixels(REQUEST, seed) for seed in seeds]
    changed = [pixels(REQUEST._replace(**change), seed) for seed in seeds]  # type: ignore[arg-type]
    by_seed = mean(map(distance, plain, plain[1:]))
    by_change = [distance(*pair) for pair in zip(plain, changed, strict=True)]
    assert min(by_change) > 0
    assert max(by_change) < by_seed / 2


def test_every_number_of_steps_has_its_own_picture() -> None:
    drawn = {pixels(REQUEST._replace(steps=steps)).tobytes() for steps in range(1, 51)}
    assert len(drawn) == 50


def test_a_hundredth_of_cfg_scale_makes_another_picture() -> None:
    scales = [1.0, 1.01, 1.02, 7.5, 7.51, 9.99, 10.0]
    drawn = {pixels(REQUEST._replace(cfg_scale=scale)).tobytes() for scale in scales}
    assert len(drawn) == len(scales)


def test_text_mode_changes_nothing_above_the_caption() -> None:
    box = (0, 0, 1024, 1024 - HEIGHT)
    plain, large = pixels(REQUEST), pixels(REQUEST._replace(text_mode=True))
    assert plain.crop(box).tobytes() == large.crop(box).tobytes()
    assert plain.tobytes() != large.tobytes()


def test_a_negative_prompt_changes_no_pixel_at_cfg_scale_1() -> None:
    plain = REQUEST._replace(cfg_scale=1.0)
    assert pixels(plain).tobytes() == pixels(plain._replace(negative_prompt="blurry")).tobytes()


@pytest.mark.parametrize("negative_prompt", ["blurry", "text, watermark", "模糊", " "])
def test_a_negative_prompt_changes_the_picture_above_cfg_scale_1(negative_prompt: str) -> None:
    for scale in (1.01, 5.0):
        plain = REQUEST._replace(cfg_scale=scale)
        share = differing_share(
            pixels(plain), pixels(plain._replace(negative_prompt=negative_prompt))
        )
        assert share > 0.5


def test_model_count_and_format_change_no_pixel() -> None:
    other = REQUEST._replace(model="x", n=2, response_format="url", seed=3, unknown=("a",))
    assert pixels(REQUEST).tobytes() == pixels(other).tobytes()


def test_the_longest_label_fits_768_pixels() -> None:
    long = REQUEST._replace(size="1360x768", steps=50, cfg_scale=10.0, prompt="")
    label = pixels(long, 2147483647).crop((0, 1360 - HEIGHT, 768, 1360))
    paper = Image.new("RGB", label.size, label.getpixel((0, 0)))
    box = ImageChops.difference(label, paper).getbbox()
    assert box is not None
    assert box[0] >= 16
    # 54 characters of twelve pixels: nothing is cut and no ellipsis is needed.
    assert 638 < box[2] - box[0] <= 648


def test_a_long_prompt_is_cut_with_an_ellipsis_inside_the_margin() -> None:
    for text_mode in (False, True):
        long = pixels(REQUEST._replace(prompt="W" * 512, text_mode=text_mode))
        right = long.crop((1024 - 16, 1024 - HEIGHT, 1024, 1024))
        assert len(right.getcolors() or []) == 1


def test_files_of_1024x1024_stay_within_16_kilobytes() -> None:
    dice = random.Random(5)
    scripts = (range(32, 127), range(0x4E00, 0x9FFF), range(0x1F300, 0x1F650))

    def words() -> str:
        return "".join(map(chr, dice.choices(dice.choice(scripts), k=dice.choice((0, 80, 512)))))

    for _ in range(400):
        request = REQUEST._replace(
            prompt=words(),
            negative_prompt=words(),
            text_mode=dice.random() < 0.5,
            steps=dice.randint(1, 50),
            cfg_scale=dice.randint(10, 100) / 10,
        )
        assert len(draw(request, dice.randrange(2**31))) <= 16 * 1024


@examples(60)
@given(
    prompt=st.text(max_size=120),
    negative_prompt=st.text(max_size=40),
    size=st.sampled_from(SIZES),
    seed=st.integers(0, 2**31 - 1),
    steps=st.integers(1, 50),
    cfg_scale=st.floats(1, 10),
    text_mode=st.booleans(),
)
def test_any_text_seed_steps_and_scale_give_a_picture_that_pillow_loads(
    prompt: str,
    negative_prompt: str,
    size: str,
    seed: int,
    steps: int,
    cfg_scale: float,
    text_mode: bool,
) -> None:
    request = REQUEST._replace(
        prompt=prompt,
        negative_prompt=negative_prompt,
        size=size,
        steps=steps,
        cfg_scale=cfg_scale,
        text_mode=text_mode,
    )
    image = opened(draw(request, seed))
    assert image.size == (request.width, request.height)
    assert image.text["prompt"] == prompt.replace("\x00", "␀")


# Deliberate changes of the drawing change these; anything else that does is a bug.
GOLDEN = {
    ("1024x1024", "A red fox in the snow, morning light", 7): (
        "23033b94f7c43044aa3bcd5d039c5bfc2a41355e0dc96cb03254b19eb47a7a11"
    ),
    ("768x1360", "A red fox in the snow, morning light", 0): (
        "285e4a91fea90f1e67d088a2734f1f1da61212b3d1ef90c3bc95038840dae734"
    ),
    ("896x1184", "雪中的红狐狸", 2147483647): (
        "a37e473d18ed8b9d705c8ce7258798d90e68ec8626aaee197b1e7f73ffd95a65"
    ),
    ("1360x768", "fox 🦊", 12): (
        "de218b3ac687b90580e9bf1b1442b82f71b777b5a80f2caa6df80ffb92ceeb7d"
    ),
    ("1184x896", "", 3): ("a9e549c14c13cbcf90e375d837d879ce230558bdcda83b07907207c47b6d3619"),
    ("1024x1024", "a town by night", 5): (
        "e67c73b24c90577ea725b8a3678dfe97043a3c3262576439ab030e15b4830dee"
    ),
    ("256x256", "A red fox in the snow, morning light", 1): (
        "2a40421ecc0bd83a9ad711c30622a1b86e4eac7449514eace778233a3b1b4fdc"
    ),
}


@pytest.mark.parametrize(("size", "prompt", "seed"), GOLDEN)
def test_pixels_are_the_ones_that_were_pinned(size: str, prompt: str, seed: int) -> None:
    drawn = pixels(REQUEST._replace(size=size, prompt=prompt), seed).tobytes()
    assert hashlib.sha256(drawn).hexdigest() == GOLDEN[size, prompt, seed]


# Runs in interpreters that have nothing but their standard library.
BARE = """
import hashlib, struct, zlib
from stepfun_mock.images import draw, jpeg
from stepfun_mock.message import ImageRequest

digest = hashlib.sha256()
for seed, size in enumerate(("1024x1024", "768x1360", "1360x768") * 6):
    prompt, cfg = ("fox", "\\u96ea \\U0001f98a")[seed % 2], 1 + seed * 0.37
    data = draw(ImageRequest("m", prompt, size, 1, "url", None, 1 + seed, cfg, "dark", False), seed)
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if kind in (b"PLTE", b"IDAT"):
            digest.update(content if kind == b"PLTE" else zlib.decompress(content))
        at += 12 + length
print(digest.hexdigest())
"""


def output(python: str, code: str) -> str | None:
    """What ``code`` prints in another interpreter, or None where that fails."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [python, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip() if done.returncode == 0 else None


def interpreters() -> dict[str, str]:
    """One interpreter for each version from 3.11 on that this machine has."""
    candidates = [sys.executable]
    candidates += filter(None, map(shutil.which, ("python3.11", "python3.12", "python3.13")))
    for entry in map(Path, os.environ.get("PATH", "").split(os.pathsep)):
        if entry.name == "shims":
            candidates += map(str, sorted(entry.parent.glob("versions/*/bin/python")))
    probe = (
        "import hashlib, sys, zlib; assert sys.version_info >= (3, 11);"
        "print(*sys.version_info[:2], sep='.')"
    )
    versions: dict[str, str] = {}
    for python in candidates:
        version = output(python, probe)
        if version is not None:
            versions.setdefault(version, python)
    return versions


def test_every_interpreter_on_this_machine_draws_the_same_pixels() -> None:
    digests = {version: output(python, BARE) for version, python in interpreters().items()}
    assert digests, "not even the current interpreter ran"
    if os.environ.get("CI"):
        assert {"3.11", "3.12", "3.13"} <= set(digests)
    assert None not in digests.values(), digests
    assert len(set(digests.values())) == 1, digests


# The JPEG of one colour ---------------------------------------------------------------


def jpeg_opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("grey", range(256))
def test_a_jpeg_shows_each_grey_exactly(grey: int) -> None:
    data = jpeg(17, 9, grey)
    scan = data[data.index(b"\xff\xda") + 2 : -2]
    assert b"\xff" not in scan
    image = jpeg_opened(data)
    assert (image.format, image.mode, image.size) == ("JPEG", "L", (17, 9))
    assert image.getextrema() == (grey, grey)


@pytest.mark.parametrize(
    "size", [(1, 1), (8, 8), (9, 8), (1360, 768), (768, 1360), (2048, 256), (257, 2047), (65500, 1)]
)
def test_a_jpeg_is_whole_at_any_size(size: tuple[int, int]) -> None:
    data = jpeg(*size, 77)
    image = jpeg_opened(data)
    assert image.size == size
    assert image.getextrema() == (77, 77)
    assert data[-2:] == b"\xff\xd9"


def test_a_jpeg_is_refused_by_pillow_where_its_end_is_missing() -> None:
    """So that the tests above say something: what is not whole does not load."""
    data = jpeg(1360, 768, 77)
    with pytest.raises(OSError, match="truncated"):
        jpeg_opened(data[: len(data) // 2])
