"""What Schemathesis and the contract suite ask alike."""

from stepfun_mock import Choices, StepfunMock


def mock_under_test(key: str) -> StepfunMock:
    """A mock that keeps its own OpenAPI document to the letter, as far as its settings reach.

    As it comes it refuses 8.0 where JSON Schema sees an integer, and takes null for a field that
    is left out; Schemathesis would report both.
    """
    return StepfunMock(
        choices=Choices(api_keys=(key,), loose_numbers="accept", null_fields="refuse")
    )
