"""A bitmap font of 5x8 pixels for printable ASCII; every other character is a box."""

from functools import lru_cache

CELL = 6
"""Columns from one character to the next."""

ROWS = 8
"""Rows of a character, the last one for descenders."""

BOX = "\x7f"
"""The character that stands in for those that the font lacks."""

# Five columns per character from the space to the box, bit 0 at the top.
_COLUMNS = bytes.fromhex(
    "000000000000005f00000003000300147f147f14242a7f2a12231308646236495522500000030000"
    "001c2241000041221c0014083e081408083e08080080600000080808080800606000002010080402"
    "3e5149453e00427f400042615149462141494d331814127f1027454545393c4a4949300171090503"
    "3649494936064949291e003636000000807600000814224100141414141400412214080201510906"
    "3e415d551e7e1111117e7f494949363e414141227f4141221c7f494949417f090909013e4149497a"
    "7f0808087f00417f41002040413f017f081422417f404040407f020c027f7f0408107f3e4141413e"
    "7f090909063e4151215e7f09192946464949493101017f01013f4040403f1f2040201f3f4038403f"
    "631408146307087008076151494543007f41410002040810200041417f0004020102048080808080"
    "000102040020545454787f484444383844444428384444487f3854545458087e09010218a4a4a47c"
    "7f0804047800447d40004080847d007f1028440000417f40007c041804787c080404783844444438"
    "fc2424241818242424fc7c080404084854545424043f4440203c4040207c1c2040201c3c4030403c"
    "44281028441ca0a0a07c4464544c4400083641000000ff0000004136080008040810087f4141417f"
)


def printable(text: str) -> str:
    """Return ``text`` in the font's characters: control characters become spaces, others boxes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_nearest, text))


@lru_cache(maxsize=8)
def glyphs(scale: int, paper: int, ink: int) -> tuple[dict[str, bytes], ...]:
    """Return, for each of the ROWS, the pixels of each character, ``scale`` times as wide."""
    return tuple(
        {character: _row(character, y, scale, paper, ink) for character in map(chr, range(32, 128))}
        for y in range(ROWS)
    )


def _row(character: str, y: int, scale: int, paper: int, ink: int) -> bytes:
    start = (ord(character) - 32) * (CELL - 1)
    columns = (*_COLUMNS[start : start + CELL - 1], 0)
    return b"".join([bytes([ink if column >> y & 1 else paper]) * scale for column in columns])


def _nearest(character: str) -> str:
    if " " <= character <= "~":
        return character
    return " " if character.isspace() or character <= "\xa0" else BOX
