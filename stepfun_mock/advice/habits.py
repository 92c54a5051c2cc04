"""The habits that the mock can see, each with the rule of the contract on which its advice rests.

Data only. What is said of a habit stands beside the code that sees it.
"""

from typing import NamedTuple


class Advice(NamedTuple):
    """What was seen of one request, and what to do.

    `id` names the habit, `rule` the rule of the contract on which the advice rests. `message` is
    the same sentence wherever the same was seen. `number` is that of the journal's entry.
    """

    id: str
    rule: str
    message: str
    number: int | None


class Habit(NamedTuple):
    """One kind of advice: its id, the id of the rule on which it rests, and what is seen."""

    id: str
    rule: str
    about: str

    def advice(self, message: str, number: int) -> Advice:
        """The advice on the request of the entry of that number."""
        return Advice(self.id, self.rule, message, number)


FOREIGN_SIZE = Habit("size.foreign", "size.values", "a size that other models have")
SIZE_SPELLING = Habit("size.spelling", "size.values", "a size of this model, written otherwise")
SEED_MINUS_ONE = Habit("seed.minus_one", "seed.range", "seed -1, which is random elsewhere")
IDLE_NEGATIVE_PROMPT = Habit(
    "negative_prompt.idle",
    "negative_prompt.neutral",
    "a negative prompt at the cfg_scale at which it changes nothing",
)
UNKNOWN_FIELD = Habit("field.unknown", "fields.unknown", "a field that was passed over")
EXTRA_BODY = Habit("field.extra_body", "fields.unknown", "a field named extra_body")
CUT_PROMPT = Habit("prompt.cut", "prompt.length", "a prompt that was cut inside a character")
CUT_NEGATIVE_PROMPT = Habit(
    "negative_prompt.cut",
    "negative_prompt.length",
    "a negative prompt that was cut inside a character",
)
LONG_PROMPT = Habit("prompt.long", "prompt.length", "a prompt over the limit")
LONG_NEGATIVE_PROMPT = Habit(
    "negative_prompt.long", "negative_prompt.length", "a negative prompt over the limit"
)
LINK_UNFETCHED = Habit("link.unfetched", "url.lifetime", "a link that nobody fetched")
LINK_LATE = Habit("link.late", "url.lifetime", "a link that was fetched after its life")
RETRY_FILTERED = Habit(
    "retry.filtered", "reply.finish_reason", "a filtered picture, asked for again unchanged"
)
RETRY_INVALID = Habit("retry.invalid", "parameter.refused", "a 400, asked again unchanged")
RETRY_KEY = Habit("retry.key", "key.refused", "a 401, asked again unchanged, key and all")
RETRY_BALANCE = Habit("retry.balance", "balance.empty", "a 402, asked again unchanged")
RETRY_CENSORED = Habit("retry.censored", "prompt.censored", "a 451, asked again unchanged")
RETRY_HURRIED = Habit("retry.hurried", "rate.limited", "a 429, asked again without a pause")
KEY_IN_URL = Habit("key.in_url", "key.bearer", "a key in the path or the query of a URL")

ADVICE = (
    FOREIGN_SIZE,
    SIZE_SPELLING,
    SEED_MINUS_ONE,
    IDLE_NEGATIVE_PROMPT,
    UNKNOWN_FIELD,
    EXTRA_BODY,
    CUT_PROMPT,
    CUT_NEGATIVE_PROMPT,
    LONG_PROMPT,
    LONG_NEGATIVE_PROMPT,
    LINK_UNFETCHED,
    LINK_LATE,
    RETRY_FILTERED,
    RETRY_INVALID,
    RETRY_KEY,
    RETRY_BALANCE,
    RETRY_CENSORED,
    RETRY_HURRIED,
    KEY_IN_URL,
)
"""Every kind of advice, for those who print a table of them."""
