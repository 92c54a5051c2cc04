"""The texts that the suite sends: harmless ones, written for it and read by people.

A service that is paid for, and that judges what it is sent, never gets text that a machine made
up.
"""

PLAIN = "A lighthouse on a rocky coast at dusk, painted in watercolour"

_ASCII = "A quiet mountain lake with pine trees, a wooden pier and a small red boat. "
_CJK = "山谷里的小村庄，清晨有薄雾，远处是雪山和松林。"
_EMOJI = "🌊🌲🌄🏔🌻🍂🌈🐚"

WORDS = (
    "apple",
    "bridge",
    "candle",
    "desert",
    "garden",
    "harbour",
    "island",
    "kettle",
    "lantern",
    "meadow",
    "orchard",
    "piano",
    "river",
    "sunrise",
    "teapot",
    "village",
    "茶壶",
    "灯塔",
    "🌻",
    "🍎",
)
"""Words from which the generated prompts of a paid run are put together."""


def ascii_text(length: int) -> str:
    """A text of so many characters, one byte each."""
    return _filled(_ASCII, length)


def cjk_text(length: int) -> str:
    """A text of so many characters, three bytes each in UTF-8."""
    return _filled(_CJK, length)


def emoji_text(length: int) -> str:
    """A text of so many characters, four bytes in UTF-8 and two units in UTF-16 each."""
    return _filled(_EMOJI, length)


def _filled(pattern: str, length: int) -> str:
    text = (pattern * (length // len(pattern) + 1))[:length]
    # A blank at the end may be trimmed by the server, and then the length would be another.
    return text if text[-1] != " " else f"{text[:-1]}."
