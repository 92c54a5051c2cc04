"""The look of the pages can be read by everybody, in the light and in the dark."""

import re

import pytest

from contracts.report.page import look, slug
from contracts.verdict import Verdict


def palettes() -> dict[str, dict[str, str]]:
    """The colours by name, for the light and for the dark."""
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", look(), re.DOTALL)
    )
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour: str) -> float:
    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(colour[at : at + 2]) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("light", ["light", "dark"])
def test_every_text_can_be_read_on_its_ground(light: str) -> None:
    colours = palettes()[light]
    pairs = [
        (text, ground)
        for text in ("ink", "quiet", "link")
        for ground in ("ground", "raised", "sunken")
    ]
    pairs += [(f"{slug(verdict)}-ink", f"{slug(verdict)}-ground") for verdict in Verdict]
    for text, ground in pairs:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert contrast(colours["focus"], colours["ground"]) >= 3


def test_the_dark_has_a_colour_for_each_of_the_light() -> None:
    blocks = re.findall(r":root \{(.*?)\}", look(), re.DOTALL)
    light, dark = (set(re.findall(r"--([\w-]+): #", block)) for block in blocks)
    assert light == dark
