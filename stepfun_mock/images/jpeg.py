"""A JPEG of one colour: the smallest that is valid, for where a picture comes in another format."""

from struct import pack

_SIDE = 8  # pixels of a block
_DC_SYMBOLS = bytes(range(12))
_START, _END = b"\xff\xd8", b"\xff\xd9"
_JFIF = b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


def jpeg(width: int, height: int, grey: int) -> bytes:
    """Return a greyscale JPEG of `width` x `height` pixels, all of them `grey` (0 to 255)."""
    blocks = -(-width // _SIDE) * -(-height // _SIDE)
    return b"".join(
        (
            _START,
            _segment(0xE0, _JFIF),
            _segment(0xDB, b"\x00" + bytes([1] * 64)),
            # Eight bits a sample, one component, which is neither scaled nor interleaved.
            _segment(0xC0, pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"),
            _segment(0xC4, _codes(0x00, _DC_SYMBOLS)),
            _segment(0xC4, _codes(0x10, b"\x00")),
            _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            _scan(blocks, (grey - 128) * _SIDE),
            _END,
        )
    )


def _segment(marker: int, content: bytes) -> bytes:
    return pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _codes(table: int, symbols: bytes) -> bytes:
    """A Huffman table in which all symbols have codes of four bits, in order."""
    counts = [0, 0, 0, len(symbols)] + [0] * 12
    return bytes([table, *counts]) + symbols


def _scan(blocks: int, level: int) -> bytes:
    """The first block says how bright it is, each other that it is the same."""
    size = abs(level).bit_length()
    value = level if level >= 0 else level + (1 << size) - 1
    first = f"{size:04b}{value:0{size}b}" if size else "0000"
    same = "0000" + "0000"  # no difference, and the end of the block
    bits = f"{first}0000" + same * (blocks - 1)
    bits += "1" * (-len(bits) % 8)
    # No byte is 0xFF, which would need a zero behind it: the first code is too short for that.
    return int(bits, 2).to_bytes(len(bits) // 8, "big")
