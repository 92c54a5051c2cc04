"""The route that draws: the steps of a request for a picture, and where faults come in."""

import contextlib
import math
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from random import Random

from stepfun_mock import contract, magic, refusals
from stepfun_mock.choices import Choices
from stepfun_mock.content import check_content
from stepfun_mock.errors import RefusedError
from stepfun_mock.faults import Fault
from stepfun_mock.faults.effects import (
    Answered,
    Filtered,
    Pictured,
    Refused,
    Retry,
    Rewritten,
    ShortLived,
    Travelling,
)
from stepfun_mock.journal import Entry
from stepfun_mock.keys import Keys, blot
from stepfun_mock.limits import Meter, limits_of
from stepfun_mock.message import Delivery, ImageRequest, Request, Response
from stepfun_mock.moderation import CENSORED, Filter
from stepfun_mock.replies import Replies
from stepfun_mock.script import UNTOUCHED, Script
from stepfun_mock.validation import Validator

_LAST_SECOND = 253_402_300_799  # that a date can name, in the year 9999
_SEEDS = {
    model.id: (int(row.minimum or 0), int(row.maximum or 0))
    for model in contract.MODELS
    for row in model.parameters
    if row.name == "seed"
}


class Generation:
    """Answers requests for a picture under one set of choices.

    Args:
        choices: What the documentation leaves open.
        replies: Makes the replies that go well.
        random: Draws seeds.
        script: The faults that wait for requests.
        keys: The keys that are known.
        meter: Counts what is sent and spent.
    """

    def __init__(
        self,
        choices: Choices,
        replies: Replies,
        random: Random,
        script: Script,
        keys: Keys,
        meter: Meter,
    ) -> None:
        self._choices = choices
        self._replies = replies
        self._random = random
        self._script = script
        self._keys = keys
        self._meter = meter
        self.limits = limits_of(choices)
        self._validator = _validator(choices)
        self._filter = Filter(choices)

    def answer(self, request: Request, entry: Entry) -> Response:
        """Answer a request, and note in its entry what was asked.

        Raises:
            RefusedError: the request is refused.
        """
        response = self._answer(request, entry)
        if self.limits is None or not self.limits.latency or response.status != 200:
            return response
        delivery = response.delivery or Delivery()
        later = delivery._replace(delay=delivery.delay + self.limits.latency)
        return response._replace(delivery=later)

    def _answer(self, request: Request, entry: Entry) -> Response:
        tried = self._script.begin(timed=request.waits) if self._script.busy else UNTOUCHED
        fault = tried.early or self._by_key(request)
        if fault is None:
            return self._answer_read(request, entry, tried.late)
        if fault.reads:
            return self._answer_read(request, entry, partial(magic.fitting, fault))
        entry.fault = fault.name
        if isinstance(fault.effect, Travelling):
            with _travelling(fault.effect.delivery):
                response = self._answer_read(request, entry, lambda image: None)
            return response._replace(delivery=fault.effect.delivery)
        self._note(request, entry)
        return refusal(fault, entry)

    def _answer_read(
        self, request: Request, entry: Entry, late: Callable[[ImageRequest], Fault | None]
    ) -> Response:
        """Read a request and answer it; `late` names the fault that it meets then."""
        self._keys.check(request.headers)
        if self.limits is None:
            return self._answer_admitted(request, entry, late)
        try:
            end = self._meter.admit(self.limits, overlaps=request.waits)
        except RefusedError:
            self._note(request, entry)
            raise
        drawn = False
        try:
            response = self._answer_admitted(request, entry, late)
            drawn = response.status == 200
        finally:
            if not drawn:
                self._meter.release(end)
        return response

    def _answer_admitted(
        self, request: Request, entry: Entry, late: Callable[[ImageRequest], Fault | None]
    ) -> Response:
        check_content(request.headers)
        image = self._validator.read(request.body)
        seed = self._random.randint(*_SEEDS[image.model]) if image.seed is None else image.seed
        entry.image_request, entry.seed = self._without_keys(image, request), seed
        make = partial(self._replies.make, request, image, seed, entry.at)
        if self._filter.refuses(image.prompt):
            return self._answer_filtered(make, entry)
        self._charge(image)  # before a fault is taken from the line that nobody would see
        try:
            fault = late(image) or self._by_prompt(image)
        except RefusedError:
            self._refund(image)
            entry.image_request = entry.seed = None
            raise
        entry.finish_reason = contract.SUCCESS
        if fault is None:
            return make(contract.SUCCESS)
        entry.fault = fault.name
        if isinstance(fault.effect, Refused | Answered | Filtered):
            self._refund(image)
        return self._answer_met(fault, make, entry)

    def _answer_met(self, fault: Fault, make: Callable[..., Response], entry: Entry) -> Response:
        """What a valid request gets that meets a fault; `make` makes what it would have got."""
        match fault.effect:
            case Refused() | Answered():
                entry.finish_reason = None
                return refusal(fault, entry)
            case Filtered(with_picture):
                entry.finish_reason = contract.FILTERED
                return make(contract.FILTERED, with_picture=with_picture)
            case Rewritten(rewrite):
                return rewrite(make(contract.SUCCESS))
            case Pictured(code):
                entry.spoilt = code
                return make(contract.SUCCESS, code=code)
            case ShortLived(life):
                if not life:  # nobody can ever fetch it
                    entry.spoilt = f"dead {refusals.LINK_DEAD.status}"
                return make(contract.SUCCESS, life=life)
            case Travelling(delivery):
                return make(contract.SUCCESS)._replace(delivery=delivery)
        raise AssertionError(f"{fault.name} does nothing to a reply")

    def _answer_filtered(self, make: Callable[..., Response], entry: Entry) -> Response:
        """What a prompt gets that the filter refuses; it meets no fault that takes a valid one."""
        entry.finish_reason = contract.FILTERED
        reply = self._choices.filtered_reply
        if reply == "http_451":
            raise RefusedError(refusals.PROMPT_CENSORED, CENSORED)
        return make(contract.FILTERED, with_picture=reply == "with_picture")

    def _charge(self, image: ImageRequest) -> None:
        if self.limits is not None:
            self._meter.charge(self.limits, image.model)

    def _refund(self, image: ImageRequest) -> None:
        if self.limits is not None:
            self._meter.refund(self.limits, image.model)

    # Faults that nobody scripted ---------------------------------------------------

    def _by_key(self, request: Request) -> Fault | None:
        if not self._choices.magic_keys:
            return None
        return magic.by_key(request.headers.get("authorization", ""))

    def _by_prompt(self, image: ImageRequest) -> Fault | None:
        return magic.by_prompt(image) if self._choices.magic_prompts else None

    # What is written down -----------------------------------------------------------

    def _note(self, request: Request, entry: Entry) -> None:
        """Name in the journal what was asked, though nobody looks at it."""
        with contextlib.suppress(RefusedError):
            entry.image_request = self._without_keys(self._validator.read(request.body), request)

    def _without_keys(self, image: ImageRequest, request: Request) -> ImageRequest:
        """The request as it may be written down: no key, even where its prompt holds one."""
        for secret in self._keys.secrets(request.headers):
            # An escaped letter stands for another in JSON.
            if secret.encode("utf-8", "replace") in request.body or b"\\" in request.body:
                return image._replace(
                    prompt=blot(image.prompt, (secret,)),
                    negative_prompt=blot(image.negative_prompt, (secret,)),
                    unknown=tuple(blot(name, (secret,)) for name in image.unknown),
                )
        return image


def refusal(fault: Fault, entry: Entry) -> Response:
    """What a request gets that meets a fault by which it is refused unread.

    Raises:
        RefusedError: as the fault says, where it does not hold a whole reply.
    """
    entry.fault = fault.name
    if isinstance(fault.effect, Answered):
        entry.message = fault.effect.message
        return fault.effect.response
    assert isinstance(fault.effect, Refused)
    row, message, retry = fault.effect
    raise RefusedError(row, message, () if retry is None else (_header(retry, entry.at),))


@contextlib.contextmanager
def _travelling(delivery: Delivery) -> Iterator[None]:
    """Let refusals travel as the replies would."""
    try:
        yield
    except RefusedError as refused:
        refused.delivery = delivery
        raise


def _header(retry: Retry, now: float) -> tuple[str, str]:
    if retry.form == "milliseconds":
        return "retry-after-ms", _figure(retry.seconds * 1000)
    if retry.form == "date":
        from email.utils import formatdate  # few replies say a date, and all of `email` loads

        at = min(math.ceil(now + retry.seconds), _LAST_SECOND)
        return "retry-after", formatdate(at, usegmt=True)
    return "retry-after", _figure(retry.seconds)


def _figure(number: float) -> str:
    """A number without an exponent, which not everybody reads in a header."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


@lru_cache(maxsize=16)
def _validator(choices: Choices) -> Validator:
    # Shared by all mocks of the same choices: a test suite makes one for each test.
    return Validator(choices)
