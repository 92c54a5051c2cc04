"""A difference counts where it is larger than that between two pictures of one request."""

from io import BytesIO

import pytest
from PIL import Image

from contracts.evidence import pictures
from contracts.evidence.pictures import Picture
from contracts.noise import measured


def grey(level: int, width: int = 64) -> Picture:
    """A picture of one shade: two of them are as far apart as their levels, of 255."""
    file = BytesIO()
    Image.new("L", (width, 64), level).save(file, "PNG")
    return pictures.read(file.getvalue())


def test_of_pictures_that_are_all_the_same_any_other_pixel_is_a_difference() -> None:
    noise = measured([grey(100), grey(100), grey(100)])
    assert (noise.exact, noise.largest, noise.middle, noise.samples) == (True, 0.0, 0.0, 3)
    assert noise.alike(grey(100), grey(100))
    assert not noise.alike(grey(100), grey(101))
    assert not noise.alike(grey(100), grey(100, width=65))
    assert not noise.hides(grey(100), grey(101))
    assert not noise.hides(grey(100), grey(100))


@pytest.mark.parametrize(("level", "alike"), [(100, True), (120, True), (121, False), (79, False)])
def test_twice_the_largest_noise_is_no_difference_yet(level: int, alike: bool) -> None:
    noise = measured([grey(100), grey(104), grey(110)])
    assert not noise.exact
    assert (noise.largest * 255, noise.middle * 255) == pytest.approx((10, 6))
    assert noise.alike(grey(100), grey(level)) is alike
    assert noise.hides(grey(100), grey(level)) is alike


def test_two_pictures_are_enough_to_measure() -> None:
    noise = measured([grey(10), grey(20)])
    assert (noise.largest, noise.samples) == (noise.middle, 2)


def test_pictures_of_other_sizes_are_not_the_same_to_the_last_pixel() -> None:
    assert not measured([grey(100), grey(100, width=65)]).exact


def test_the_same_picture_in_another_file_is_the_same() -> None:
    lossless = BytesIO()
    Image.new("RGB", (64, 64), (100, 100, 100)).save(lossless, "WEBP", lossless=True)
    assert measured([grey(100), pictures.read(lossless.getvalue())]).exact
