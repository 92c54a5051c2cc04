"""The envelope of an error reply, as live calls showed it."""

from .evidence import jsontext
from .exchange import Reply


def problem(reply: Reply) -> str | None:
    """What is wrong with the envelope of a refusal, in a sentence; None where nothing is."""
    try:
        body = jsontext.read(reply.body)
    except jsontext.NotJsonError as wrong:
        return f"an error must be JSON: {wrong}"
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return 'an error must stand under "error", but no object does'
    for name in ("message", "type"):
        if not isinstance(error.get(name), str):
            return f"error.{name} must be a text"
    return None


def is_error(body: bytes) -> bool:
    """Whether a body holds no picture: an error, a page of HTML, nothing at all."""
    try:
        found = jsontext.read(body)
    except jsontext.NotJsonError:
        # A picture may stand in JSON that is not quite JSON; that is judged elsewhere.
        return b'"data"' not in body
    return not (isinstance(found, dict) and found.get("data"))
