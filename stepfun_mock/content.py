"""How a body is said to be sent: its content type and its codings; nothing of the body itself."""

from collections.abc import Mapping

from stepfun_mock.errors import RefusedError
from stepfun_mock.refusals import CONTENT_REFUSED

_PLAIN_CODINGS = (("content-encoding", "identity"), ("transfer-encoding", "chunked"))


def check_content(headers: Mapping[str, str]) -> None:
    """Let a body that is sent as plain JSON pass.

    Raises:
        RefusedError: `content.refused`.
    """
    content_type = headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        came = f'"{content_type[:64]}" came' if content_type else "none came"
        message = f"the content type must be application/json, but {came}"
        raise RefusedError(CONTENT_REFUSED, message)
    for name, plain in _PLAIN_CODINGS:
        coding = headers.get(name)
        if coding is not None and coding.strip().lower() != plain:
            message = f'the body must be sent as it is, but {name} "{coding[:64]}" came'
            raise RefusedError(CONTENT_REFUSED, message)
