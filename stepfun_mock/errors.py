"""A refusal on its way out: raised anywhere, caught once, turned into a response here."""

import json

from stepfun_mock.message import Delivery, Response
from stepfun_mock.terms import Refusal

BUG_MESSAGE = "stepfun-mock itself failed; please report it with the traceback that it logged"
JSON_HEADERS = (("content-type", "application/json"),)
_TEXT_HEADERS = (("content-type", "text/plain; charset=utf-8"),)


class RefusedError(Exception):
    """The request is refused.

    Args:
        refusal: The row of the contract that says how.
        message: One sentence for the caller: which parameter, what is allowed, what came, and
            the way out. It never holds a key.
        headers: Headers that this reply needs, such as `allow`.
        plain: What is sent where the refusal has no envelope; the message is written down then.
        parameter: The parameter at fault, where it is one.

    `delivery` says how the refusal travels, where it does not arrive whole and at once.
    """

    def __init__(
        self,
        refusal: Refusal,
        message: str,
        headers: tuple[tuple[str, str], ...] = (),
        plain: str = "",
        parameter: str | None = None,
    ) -> None:
        super().__init__(message)
        self.refusal = refusal
        self.message = message
        self.headers = headers
        self.plain = plain
        self.parameter = parameter
        self.delivery: Delivery | None = None


def to_response(refused: RefusedError, *, description: bool = False) -> Response:
    """Put a refusal into the error envelope, or into plain text where it has no `type`.

    Args:
        refused: The refusal.
        description: Repeat the message as `description`, as one live report has it.
    """
    refusal = refused.refusal
    if refusal.type is None:
        headers = _TEXT_HEADERS if refused.plain else ()
        body = _encoded(refused.plain)
        return Response(refusal.status, headers + refused.headers, body, refused.delivery)
    error = {"message": refused.message, "type": refusal.type}
    if description:
        error["description"] = refused.message
    body = _encoded(json.dumps({"error": error}, ensure_ascii=False, separators=(",", ":")))
    return Response(refusal.status, JSON_HEADERS + refused.headers, body, refused.delivery)


def _encoded(text: str) -> bytes:
    # A path can hold half a surrogate pair, which has no UTF-8.
    return text.encode("utf-8", "replace")
