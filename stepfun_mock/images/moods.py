"""The hand-picked colours of lights and seasons; every picture varies one of them a little."""

from typing import NamedTuple


class Mood(NamedTuple):
    """A name, and the anchor colours that all the others are mixed from, three bytes each."""

    name: str
    top: bytes
    high: bytes
    low: bytes
    sun: bytes
    far: bytes
    near: bytes
    land: bytes
    dark: bytes

    @property
    def night(self) -> bool:
        """Whether there are a moon and stars instead of a sun and birds."""
        return self.name.endswith("night")


MOODS = tuple(
    Mood(name, *map(bytes.fromhex, anchors.split()))
    for name, anchors in {
        "dawn": "5b7fb8 e8a9b0 ffe3c2 fff6dc b58bb0 5d5584 5b7f7a 2c3350",
        "noon": "3f8fd6 8cc5ee e4f4f7 fffbe0 9cc3d8 3f7f8c 8bb85c 2f5d3f",
        "sunset": "3b3a78 d8617a ffc46b fff0b3 b5546f 552a55 7a3a50 2a1838",
        "dusk": "1f2a58 6a5a9c f0a58f ffe0c0 7a6aa8 2f2f62 3f4a78 171b3c",
        "autumn": "7aa5b8 cfd6c0 f7e3b5 fff4d0 c79a6b 8c4a2f d08a35 4a2418",
        "winter": "4a86b5 a5d0e2 f1f6f5 fff9ea a9c8dc 5a86a8 e3edf1 32597a",
        "desert": "4aa3b5 f0cfa0 ffe8c4 fff5d8 d89a6a a4543a e8b06a 6a2f28",
        "spring": "7cc0e0 c5e5e5 fff0ea fffbe6 b9c6dd 7a9a9c a9cf7a 3f6a50",
        "heather": "6a6fc0 c09ad6 ffd6d9 fff2e0 a28ac6 5a4a94 8a70b8 33285f",
        "jade": "6fb0a8 bfdcc5 f5f0d5 fff7d8 8fbfa8 2f6f68 5d9a6a 143c40",
        "ember": "5a1f33 c2413d ffb25a ffe9a8 b04a3f 5f1f33 7f2a35 260d1f",
        "rain": "3c4f5f 8aa0a8 e8ddc5 fff3d0 8a9fa3 3f5660 6a7f6a 1f2f35",
        "blue night": "0b1030 1b2a5c 4a6a9c f4f1da 34507f 13224a 1c3350 070d22",
        "polar night": "0a1a33 12506a 5fd0a5 eafff2 2a7f86 0f3a55 1a5560 061626",
        "violet night": "140d33 3d2a6e a06aa5 fff0dc 5f4a8f 261b52 35295f 0d0824",
    }.items()
)
