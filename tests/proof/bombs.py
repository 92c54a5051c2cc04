"""Little that unpacks to very much."""

import base64
import struct
import zlib
from functools import lru_cache

from .drawing import chunk

MEGABYTES_16 = 1 << 24
SIDE = 60000


@lru_cache
def picture_text() -> str:
    """A PNG of 60000x60000 pixels in Base64, as far as its first 64 MB."""
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(4 * MEGABYTES_16), 9)
    file = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + file).decode()


@lru_cache
def blanks_compressed() -> bytes:
    """An empty JSON object after a gigabyte of blanks, in gzip."""
    blanks = b" " * MEGABYTES_16
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush a block stands for itself, so that it can be repeated.
    block = packer.compress(blanks) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.compress(b"{}") + packer.flush()
    checksum = 0
    for _ in range(64):
        checksum = zlib.crc32(blanks, checksum)
    foot = struct.pack("<II", zlib.crc32(b"{}", checksum), 64 * MEGABYTES_16 + 2)
    return bytes.fromhex("1f8b08000000000000ff") + block * 64 + end + foot
