"""Bodies that are no request, in great number."""

from hypothesis import given, settings
from hypothesis import strategies as st
from test_validation import bodies, refused


def test_ten_thousand_different_invalid_bodies_get_a_400_in_the_envelope() -> None:
    thrown: set[bytes] = set()

    @settings(max_examples=8_000, deadline=None, database=None)
    @given(body=bodies, spaces=st.integers(0, 3))
    def throw(body: bytes, spaces: int) -> None:
        # What is wrong stays wrong behind a blank, in front of more, and cut short.
        for one in (body, b" " * spaces + body + b"]", body[: len(body) // 2]):
            refused(one)
            thrown.add(one)

    throw()
    assert len(thrown) >= 10_000
