"""The mock in this process as a target: its requests, its clock, its faults."""

from urllib.parse import unquote, urlsplit

from stepfun_mock import Choices, Request, StepfunMock

from .exchange import Ask, NotCarriedError, Reply, Trouble
from .key import Key
from .target import Target


class MockCarrier:
    """Hands requests to a mock in this process.

    Args:
        mock: The mock.
        target: Where it pretends to be; nothing else is reached.
        key: The key that it accepts.
    """

    def __init__(self, mock: StepfunMock, target: Target, key: Key) -> None:
        self._mock = mock
        self._target = target
        self._key = key

    def carry(self, ask: Ask) -> Reply:
        """Answer a request.

        Raises:
            NotCarriedError: it goes to another host than the mock's.
        """
        parts = urlsplit(ask.url)
        if f"{parts.scheme}://{parts.netloc}" != self._target.root:
            raise NotCarriedError(Trouble.ADDRESS, f"the mock is not at {parts.netloc}")
        headers = {"host": parts.netloc, **dict(ask.headers), **self._key.headers(ask.key)}
        request = Request(
            ask.method, unquote(parts.path), headers, ask.body, parts.query, parts.scheme
        )
        response = self._mock.handle(request)
        return Reply(response.status, response.headers, response.body)


class MockTimes:
    """The time of a mock: waiting moves its clock, and costs nothing."""

    def __init__(self, mock: StepfunMock) -> None:
        self._mock = mock

    def now(self) -> float:
        """Unix seconds, by the mock's clock."""
        return self._mock.clock.now()

    def sleep(self, seconds: float) -> None:
        """Move the mock's clock."""
        self._mock.clock.advance(seconds=seconds)


def mock_with(key: str) -> StepfunMock:
    """A mock that accepts one key and no other."""
    return StepfunMock(choices=Choices(api_keys=(key,)))
