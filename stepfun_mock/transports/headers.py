"""The headers of replies as the wire has them."""

from functools import lru_cache


@lru_cache(maxsize=64)
def encoded(headers: tuple[tuple[str, str], ...]) -> list[tuple[bytes, bytes]]:
    """Names and values as bytes. One list serves all callers, who must not change it."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
