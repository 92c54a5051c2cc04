"""The content filter: whether a prompt holds a word of the list."""

import re

from stepfun_mock.choices import Choices

CENSORED = "The content you provided or machine outputted is blocked."
"""What was seen live where the filter refuses a request."""


class Filter:
    """Looks for the words that a choice names, whatever their case.

    Latin words match whole; others, such as Chinese ones, match anywhere, since their
    script does not part words.
    """

    def __init__(self, choices: Choices) -> None:
        words = "|".join(_pattern(word) for word in choices.filter_words)
        self._words = re.compile(words, re.IGNORECASE) if words else None

    def refuses(self, prompt: str) -> bool:
        """Whether the prompt holds a refused word."""
        return self._words is not None and self._words.search(prompt) is not None


def _pattern(word: str) -> str:
    before = r"(?<![0-9A-Za-z])" if word[0].isascii() and word[0].isalnum() else ""
    after = r"(?![0-9A-Za-z])" if word[-1].isascii() and word[-1].isalnum() else ""
    return before + re.escape(word) + after
