"""Reply bodies as they were before somebody packed them, and never more than they may be."""

import zlib
from collections.abc import Iterable, Iterator

from .exchange import NotCarriedError, Trouble

_PIECE = 64 * 1024


def unpacked(chunks: Iterable[bytes], coding: str, limit: int, place: str) -> bytes:
    """A whole body.

    Args:
        chunks: What came.
        coding: The value of `Content-Encoding`, maybe empty.
        limit: Bytes of the body, unpacked, that it may have. Not much more is ever in memory.
        place: Who sent it, for sentences.

    Raises:
        NotCarriedError: of the kind TOO_LARGE beyond the limit; PROTOCOL where it is packed in a
            way that we cannot read, since we ask that it be not, or not as it is said to be.
    """
    body = bytearray()
    try:
        for piece in _pieces(chunks, coding.strip().lower(), place):
            body += piece
            if len(body) > limit:
                sentence = f"{place} sent a body of more than {limit} bytes"
                raise NotCarriedError(Trouble.TOO_LARGE, sentence)
    except zlib.error:
        sentence = f"{place} sent a body that is not packed as its header says"
        raise NotCarriedError(Trouble.PROTOCOL, sentence) from None
    return bytes(body)


def _pieces(chunks: Iterable[bytes], coding: str, place: str) -> Iterator[bytes]:
    if coding in ("", "identity"):
        yield from chunks
        return
    unpacker = None
    for chunk in chunks:
        if coding not in ("gzip", "x-gzip", "deflate"):
            sentence = f"{place} packed its reply, and neither as gzip nor as deflate"
            raise NotCarriedError(Trouble.PROTOCOL, sentence)
        data = chunk
        while data:
            unpacker = unpacker or zlib.decompressobj(_name(coding, data[0]))
            yield unpacker.decompress(data, _PIECE)
            data = unpacker.unconsumed_tail or unpacker.unused_data
            if unpacker.eof:
                unpacker = None  # what follows is packed for itself, as gzip allows
    if unpacker is not None:
        raise zlib.error("it ends too soon")


def _name(coding: str, first: int) -> int:
    """What zlib calls it; by "deflate" some mean it without the frame, and begin otherwise."""
    if coding != "deflate":
        return zlib.MAX_WBITS | 16
    return zlib.MAX_WBITS if first & 0x0F == zlib.DEFLATED else -zlib.MAX_WBITS
