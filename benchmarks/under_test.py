"""What `stepfun_mock` sets up around a test, without pytest."""

from collections.abc import Iterator
from contextlib import contextmanager

from stepfun_mock.settings import Settings
from stepfun_mock.trial import Session


@contextmanager
def a_test(session: Session) -> Iterator[None]:
    """A test of this session, from the begin of its fixture to the end."""
    trial = session.begin(Settings())
    try:
        session.intercept(trial)
        yield
    finally:
        session.end(trial)
